"""A stretch of rows as columns of text: what the readers hand to `file_reader`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# What str.strip takes off, so that both ways of reading agree.
SPACES = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
_TEXT = pa.large_string()


@dataclass(frozen=True)
class RowBlock:
    """Rows that follow one another in the file; empty rows are still there.

    Attributes
    ----------
    first
        Number of the first row, 1-based as a spreadsheet program shows it.
    columns
        Equally many stripped texts for each column; "" where a row is shorter.
    lengths
        Cells that each row has in the file, which may be more or fewer than there are columns.
    further
        Position in the block → stripped cells behind the last column, for the rows that have any.
    """

    first: int
    columns: tuple[pa.LargeStringArray, ...]
    lengths: np.ndarray
    further: dict[int, tuple[str, ...]]


def block_of_rows(rows: Sequence[Sequence[str]], *, first: int, width: int) -> RowBlock:
    """Rows of unequal length as a block of `width` columns."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    further = {}
    if len(rows) and (lengths != width).any():
        level = list(rows)
        for position in np.flatnonzero(lengths != width).tolist():
            row = rows[position]
            level[position] = [*row[:width], *[""] * (width - len(row))]
            if len(row) > width:
                further[position] = tuple(cell.strip() for cell in row[width:])
        rows = level
    columns = tuple(stripped(pa.array(cells, _TEXT)) for cells in zip(*rows, strict=True)) if rows else ()
    return RowBlock(first, columns or empty_columns(width), lengths, further)


def empty_columns(width: int) -> tuple[pa.LargeStringArray, ...]:
    """Columns without rows."""
    return tuple(pa.array([], _TEXT) for _ in range(width))


def stripped(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """`cells` as `str.strip` leaves them."""
    return pc.utf8_trim(cells, SPACES)
