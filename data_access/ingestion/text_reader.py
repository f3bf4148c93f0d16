"""A text file as blocks of rows, streamed: separator recognised, quotes respected, memory independent of its length.

Most blocks are read by Arrow. A block in which quotes do anything but enclose whole cells is read by Python's `csv`,
which knows more and is strict; both ways give the same rows (a test holds them to it).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from pyarrow.compute import binary_length
from pyarrow.compute import max as largest

from data_access.errors import UserError
from data_access.ingestion.row_block import RowBlock, block_of_rows, stripped
from data_access.ingestion.text_decoding import WrongByte, line_blocks, text_encoding

SEPARATORS = (",", "\t", ";", "，", "|")
HEAD_ROWS = 30
MAX_ROWS = 12_000_000
_SAMPLE_BYTES, _SAMPLE_ROWS = 1 << 20, 5_000
_LONGEST_CELL = 131_072  # the limit of Python's csv
_LONGEST_ROW = 8_000_000
_TRIED_LINES = 60
_MANY_SHORT, _MANY_UNEVEN = 3, 2_000
_UNFINISHED = "unexpected end of data"


class TextTable:
    """One text file; rows are numbered from 1, a row with line breaks inside quotes counts as one.

    Parameters
    ----------
    block
        About how many bytes of the file are taken at a time.
    fast
        False to read everything with `csv`.

    Raises
    ------
    UserError
        Here and while reading: when the encoding is not known, a byte does not belong to it, or quotes do not pair.
    """

    sheets = ("",)

    def __init__(self, path: Path, *, block: int = 1 << 20, fast: bool = True) -> None:
        self.path = path
        self.read = 0
        self._block, self._fast = block, fast
        self._codec, self._skip = text_encoding(path)
        self._separator = ","
        self._separator = self._best_separator()
        self.sample = self._sample()
        lengths = Counter(len(row) for row in self.sample if any(row))
        self._usual = lengths.most_common(1)[0][0] if lengths else 1

    def head(self, sheet: str = "") -> list[list[str]]:
        """The first thirty rows, stripped; an empty line is an empty list."""
        return self.sample[:HEAD_ROWS]

    def shortest_whole_row(self, data_from: int, last: int) -> int:
        """How many cells a row needs so as not to count as cut off; 0 when every row may end early.

        `last` is the position of the last known column. Some programs leave out the empty cells at the end of a row:
        in their files many rows are short and hardly any ends in an empty cell. Everywhere else a row that is shorter
        than the longest was cut off, and its missing cells must not pass for empty ones.
        """
        rows = [row for row in self.sample[data_from:] if any(row)]
        short = sum(len(row) <= last for row in rows)
        ends_empty = sum(not row[-1] for row in rows)
        if short >= max(_MANY_SHORT, len(rows) // 20) and ends_empty <= short // 20:
            return 0
        return min(max(map(len, rows), default=0), last + 1)

    def blocks(self, sheet: str, width: int) -> Iterator[RowBlock]:
        """All rows, in `width` columns."""
        first, rest = 1, b""
        try:
            for lines in line_blocks(self.path, self._codec, self._skip, size=self._block, seen=self._seen):
                block, rest = self._parsed(rest + lines, first, width, final=False)
                if len(block.lengths):
                    yield block
                    first += len(block.lengths)
                if len(rest) > _LONGEST_ROW:
                    raise self._broken(first)
                if first > MAX_ROWS:
                    raise UserError(
                        zh=f"“{self.path.name}”超过 {MAX_ROWS:,} 行；请按月份拆分后再载入。",
                        en=f"'{self.path.name}' has more than {MAX_ROWS:,} rows; split it by month and load the parts.",
                    )
        except WrongByte as problem:
            raise self._wrong_byte(first) from problem
        if rest:
            yield self._parsed(rest, first, width, final=True)[0]

    def position(self) -> float | None:
        """Share of the file's bytes that has been read."""
        return self.read / max(self.path.stat().st_size, 1)

    def _seen(self, count: int) -> None:
        self.read = count

    def _parsed(self, data: bytes, first: int, width: int, *, final: bool) -> tuple[RowBlock, bytes]:
        """The whole rows at the beginning of `data`, and what follows them."""
        if self._fast and self._usual > 1 and self._separator.isascii():
            end = _end_of_plain_rows(data, ord(self._separator), final=final)
            block = None if end is None else self._arrow_block(data[:end], first, width)
            if block is not None:
                return block, data[end:]
        rows, rest = self._csv_rows(data, first, final=final)
        return block_of_rows(rows, first=first, width=width), rest

    def _csv_rows(self, data: bytes, first: int, *, final: bool) -> tuple[list[list[str]], bytes]:
        lines = list(io.StringIO(data.decode(), newline=""))
        tail = "" if final or not lines or lines[-1].endswith(("\n", "\r")) else lines.pop()
        reader = csv.reader(lines, delimiter=self._separator, strict=True)
        rows, whole = [], 0
        try:
            for row in reader:
                rows.append(row)
                whole = reader.line_num
        except csv.Error as problem:
            if final or str(problem) != _UNFINISHED:
                raise self._broken(first + len(rows)) from problem
        return rows, ("".join(lines[whole:]) + tail).encode()

    def _arrow_block(self, data: bytes, first: int, width: int) -> RowBlock | None:
        """`data`, in which quotes at most enclose whole cells, by Arrow; None when it is better read by csv."""
        uneven: dict[int, str] = {}

        def keep(row: pyarrow.csv.InvalidRow) -> str:
            uneven[row.number - 1] = row.text
            return "skip" if len(uneven) <= _MANY_UNEVEN else "error"

        names = [str(number) for number in range(self._usual)]
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(data),
                read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=names, block_size=len(data) + 1),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=self._separator, newlines_in_values=True, ignore_empty_lines=False,
                    invalid_row_handler=keep,
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    check_utf8=False, column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False,
                ),
            )  # fmt: skip
        except pa.ArrowInvalid:
            return None
        columns = [column.combine_chunks() for column in table.columns]
        if any((largest(binary_length(column)).as_py() or 0) > _LONGEST_CELL for column in columns):
            return None
        columns = [stripped(column) for column in columns]
        count = table.num_rows + len(uneven)
        lengths = np.full(count, self._usual)
        further: dict[int, tuple[str, ...]] = {}
        if self._usual > width:
            spread = [column.to_pylist() for column in columns[width:]]
            further = {at: cells for at, cells in enumerate(zip(*spread, strict=True)) if any(cells)}
        else:
            nothing = pa.repeat(pa.scalar("", pa.large_string()), table.num_rows)
            columns += [nothing] * (width - self._usual)
        level = RowBlock(first, tuple(columns[:width]), lengths, further)
        if not uneven:
            return level
        rows = [next(csv.reader(io.StringIO(text, newline=""), delimiter=self._separator)) for text in uneven.values()]
        return _merged(level, block_of_rows(rows, first=first, width=width), np.array(list(uneven)))

    def _sample(self) -> list[list[str]]:
        data, final = self._beginning(_SAMPLE_BYTES)
        rows, _ = self._csv_rows(data, 1, final=final)
        return [[cell.strip() for cell in row] for row in rows[:_SAMPLE_ROWS]]

    def _best_separator(self) -> str:
        """The mark that parts most rows, from the widest one on downwards, into two cells or more.

        Titles above the heading and marks inside the text of some rows do not mislead; of equals the one that gives
        more columns is taken.
        """
        lines = list(io.StringIO(self._beginning(_SAMPLE_BYTES >> 4)[0].decode(), newline=""))[:_TRIED_LINES]

        def parted(mark: str) -> tuple[int, int]:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
            widest = max(widths, default=1)
            below = widths[widths.index(widest) :] if widths else []
            return sum(width > 1 for width in below), widest

        return max(SEPARATORS, key=parted)

    def _beginning(self, size: int) -> tuple[bytes, bool]:
        """Whole lines from the beginning of the file, about `size` bytes of them, and whether that is all there is."""
        found = []
        try:
            for lines in line_blocks(self.path, self._codec, self._skip, size=size):
                found.append(lines)
                if sum(map(len, found)) >= size:
                    return b"".join(found), False
        except WrongByte as problem:
            rows, _ = self._csv_rows(b"".join(found), 1, final=False)
            raise self._wrong_byte(len(rows) + 1) from problem
        return b"".join(found), True

    def _broken(self, row: int) -> UserError:
        return UserError(
            zh=f"“{self.path.name}”第 {row} 行无法按表格读取（引号不成对或字段过长）；请改正后再载入。",
            en=f"'{self.path.name}', row {row} cannot be read as a table (an unpaired quote or an overlong field); "
            "mend it and load again.",
        )

    def _wrong_byte(self, row: int) -> UserError:
        name = {"utf-8": "UTF-8", "gb18030": "GB18030"}.get(self._codec, "UTF-16")
        return UserError(
            zh=f"“{self.path.name}”第 {row} 行有不属于 {name} 编码的字节；文件可能已损坏，或由不同编码的文件拼成，"
            "请重新导出。",
            en=f"'{self.path.name}', row {row} has bytes that are not {name}; the file may be damaged or put together "
            "from files in different encodings, export it again.",
        )


def _end_of_plain_rows(data: bytes, separator: int, *, final: bool) -> int | None:
    """Where the last whole row of `data` ends; None when a quote before that does not simply open or close a cell.

    Quotes that open a cell stand behind a separator or line end, those that close one before it; when they take turns
    so from the beginning, every line end after an even number of them ends a row.
    """
    if b'"' not in data:
        return len(data) if final else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    letters = np.frombuffer(data, dtype=np.uint8)
    bounds = np.zeros(256, dtype=bool)
    bounds[[separator, 10, 13]] = True
    quotes = np.flatnonzero(letters == ord('"'))
    if final:
        end, before = len(data), len(quotes)
    else:
        ends = np.flatnonzero((letters == 10) | (letters == 13))
        counts = np.searchsorted(quotes, ends)
        outside = np.flatnonzero(counts % 2 == 0)
        if not len(outside):
            return 0
        end, before = int(ends[outside[-1]]) + 1, int(counts[outside[-1]])
    opening, closing = quotes[:before:2], quotes[1:before:2]
    if len(opening) != len(closing):
        return None
    if len(opening) and opening[0] == 0:
        opening = opening[1:]
    if len(closing) and closing[-1] == len(data) - 1:
        closing = closing[:-1]
    return end if bounds[letters[opening - 1]].all() and bounds[letters[closing + 1]].all() else None


def _merged(level: RowBlock, others: RowBlock, places: np.ndarray) -> RowBlock:
    """`level` with the rows of `others` put in at `places`."""
    count = len(level.lengths)
    at_home = np.ones(count, dtype=bool)
    at_home[places] = False
    order = np.empty(count, dtype=np.int64)
    homes = np.flatnonzero(at_home)
    order[homes] = np.arange(len(homes))
    order[places] = len(homes) + np.arange(len(places))
    columns = tuple(
        pa.concat_arrays([one, other]).take(pa.array(order))
        for one, other in zip(level.columns, others.columns, strict=True)
    )
    lengths = level.lengths.copy()
    lengths[places] = others.lengths
    further = {int(homes[at]): cells for at, cells in level.further.items()}
    further |= {int(places[at]): cells for at, cells in others.further.items()}
    return RowBlock(level.first, columns, lengths, further)
