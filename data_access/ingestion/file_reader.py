"""A department's file as rows of text, streamed in chunks of bounded size.

Everything comes out as stripped text, exactly as it stands in the file, with the sheet and the row number a person
sees in the spreadsheet program. Which row is the heading and what its columns mean is the business of
`column_mapping`; types are the business of `row_checks`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_access.errors import UserError
from data_access.ingestion.row_block import RowBlock
from data_access.ingestion.text_reader import TextTable
from data_access.ingestion.workbook_reader import Workbook, is_spreadsheet

_SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".et", ".ods"}
_TEXTS = {".csv", ".tsv", ".txt"}
_FOREIGN = {
    b"MZ": ("Windows 程序", "a Windows program"),
    b"\x7fELF": ("程序文件", "a program"),
    b"%PDF": ("PDF 文件", "a PDF"),
    b"\x89PNG": ("图片", "a picture"),
    b"\xff\xd8\xff": ("图片", "a picture"),
    b"PK\x03\x04": ("压缩包或电子表格", "an archive or a spreadsheet"),
    b"\xd0\xcf\x11\xe0": ("旧版 Office 文件", "an old Office file"),
    b"Rar!": ("压缩包", "an archive"),
    b"7z\xbc\xaf": ("压缩包", "an archive"),
    b"\x1f\x8b": ("压缩包", "an archive"),
    b"<": ("网页或 XML 文件", "a web page or XML"),
}
_TOTAL = re.compile(r"^[^\d,.]*(合计|总计|小计|共计|累计|subtotal|total|sum)[:为共]?[\d,.]*[件条家个户人次行]*$")
_MAYBE_TOTAL = "计|total|sum"
_FIGURE = re.compile(r"^[-+/—]*[\d,.]*[%件条家个户人次行]*$")
_LONGEST_TOTAL = 30


class Columns(Protocol):
    """What a reader needs of a `TableMatch`: where the data begin, which field is which column, and how many."""

    @property
    def data_from(self) -> int: ...
    @property
    def columns(self) -> dict[str, int]: ...
    @property
    def width(self) -> int: ...


class TableFile:
    """An opened file.

    Attributes
    ----------
    name
        The file's name.
    sheets
        Names of its sheets in their order; ("",) for a text file.
    totals_skipped
        Rows that `chunks` has left out so far because they are totals or repeat the heading.
    """

    def __init__(self, path: Path, reader: TextTable | Workbook) -> None:
        self.name = path.name
        self.sheets = reader.sheets
        self.totals_skipped = 0
        self._reader = reader

    def head(self, sheet: str) -> list[list[str]]:
        """The first thirty rows of a sheet as stripped text; merged cells as they are (the later ones empty)."""
        return self._reader.head(sheet)

    def position(self) -> float | None:
        """Which share of the file has been read, from 0 to 1; None when that cannot be told."""
        return self._reader.position()

    def chunks(self, sheet: str, *, match: Columns, rows: int = 50_000) -> Iterator[pd.DataFrame]:
        """The rows below the heading of a sheet, at most `rows` at a time.

        Empty rows, rows of totals and repetitions of the heading are left out; the latter two are counted in
        `totals_skipped`.

        Yields
        ------
        DataFrame
            One column a column of the file in the file's order, dtype "str", "" for empty: the fields of
            `match.columns` under their name, every other column as "?<position>". Beside them `_sheet` (str), `_row`
            (int64, 1-based as the spreadsheet program shows it; in a text file a row with line breaks inside quotes
            counts as one), `_surplus` (str; what stands in a text file's row behind the last heading) and `_cut`
            (bool; a text file's row ends where rows of this file do not end, see
            :meth:`TextTable.shortest_whole_row`).

        Raises
        ------
        UserError
            When the file cannot be read on: a wrong byte, an unpaired quote. The sentence names the row.
        """
        head = self._reader.head(sheet)
        above = [row for row in head[: match.data_from] if any(row)]
        needed = self._reader.shortest_whole_row(match.data_from, max(match.columns.values(), default=0))
        fields = {position: field for field, position in match.columns.items()}
        names = [fields.get(position, f"?{position}") for position in range(match.width)]
        pieces: list[pa.Table] = []
        waiting = 0
        for block in self._reader.blocks(sheet, match.width):
            kept, left_out = _wanted(block, above, match.data_from)
            self.totals_skipped += left_out
            piece = _table(block, kept, names=names, sheet=sheet, needed=needed)
            pieces.append(piece)
            waiting += piece.num_rows
            if waiting >= rows:
                together = pa.concat_tables(pieces)
                start = 0
                while waiting - start >= rows:
                    yield _frame(together.slice(start, rows))
                    start += rows
                pieces, waiting = [together.slice(start)], waiting - start
        if waiting:
            yield _frame(pa.concat_tables(pieces))


@contextmanager
def open_table_file(path: Path, *, max_megabytes: int) -> Iterator[TableFile]:
    """Open a department's file for reading.

    Raises
    ------
    UserError
        When it is missing, empty, too large, not a table, protected, damaged, in an unknown encoding, or holds more
        than can be opened safely.
    """
    if _kind(path, max_megabytes) == "text":
        yield TableFile(path, TextTable(path))
        return
    workbook = Workbook(path)
    try:
        yield TableFile(path, workbook)
    finally:
        workbook.close()


def file_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kind(path: Path, max_megabytes: int) -> str:
    """ "text" or "workbook", by what the file holds; its name only says what it was meant to be."""
    name = path.name
    if not path.is_file():
        raise UserError(zh=f"找不到文件“{path}”；请检查路径。", en=f"There is no file '{path}'; check the path.")
    size = path.stat().st_size
    if size == 0:
        raise UserError(zh=f"“{name}”是空文件；请重新导出。", en=f"'{name}' is empty; export it again.")
    if size > max_megabytes * 1_000_000:
        raise UserError(
            zh=f"“{name}”有 {size / 1e6:.0f} MB，超过上限 {max_megabytes} MB；请按月份拆分后再载入。",
            en=f"'{name}' is {size / 1e6:.0f} MB, above the limit of {max_megabytes} MB; split it by month and load "
            "the parts.",
        )
    suffix = path.suffix.lower()
    if suffix not in _SPREADSHEETS | _TEXTS:
        raise UserError(
            zh=f"“{name}”不是可载入的表格；请另存为 CSV 或 XLSX。",
            en=f"'{name}' is not a table that can be loaded; save it as CSV or XLSX.",
        )
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as problem:
        raise UserError(
            zh=f"“{name}”无法读取；请检查文件权限，或是否正被其他程序占用。",
            en=f"'{name}' cannot be read; check its permissions and whether another program holds it.",
        ) from problem
    if suffix in _SPREADSHEETS and is_spreadsheet(head):
        return "workbook"
    for magic, (zh, en) in _FOREIGN.items():
        if head.startswith(magic):
            raise UserError(
                zh=f"“{name}”的扩展名是 {suffix}，内容却是{zh}；请从业务系统重新导出为 CSV 或 XLSX。",
                en=f"'{name}' is named {suffix} but is {en}; export it again as CSV or XLSX.",
            )
    return "text"  # also text under the name of a workbook, as some systems export it


def _wanted(block: RowBlock, above: Sequence[Sequence[str]], data_from: int) -> tuple[np.ndarray, int]:
    """Which rows of the block are data (positions), and how many totals and repeated headings are among the others."""
    count = len(block.lengths)
    below = np.arange(block.first - 1, block.first - 1 + count) >= data_from
    empty = below.copy()  # narrowed down, column by column, to the rows without any cell
    suspects = np.zeros(count, dtype=bool)
    for column in block.columns:
        suspects |= empty & _truth(pc.match_substring_regex(column, _MAYBE_TOTAL, ignore_case=True))
        empty &= _truth(pc.equal(column, ""))
        if not empty.any():
            break
    for position in block.further:
        if any(block.further[position]):
            empty[position] = False
    for row in above:
        at = next(position for position, cell in enumerate(row) if cell)
        if at < len(block.columns):
            suspects |= below & _truth(pc.equal(block.columns[at], row[at]))
    wanted = below & ~empty
    left_out = 0
    width = len(block.columns)
    headings = [[*row[:width], *[""] * (width - len(row))] for row in above]
    for position in np.flatnonzero(suspects & wanted).tolist():
        cells = [column[position].as_py() for column in block.columns]
        if cells in headings or _is_total(cells):
            wanted[position] = False
            left_out += 1
    return np.flatnonzero(wanted), left_out


def _is_total(cells: Sequence[str]) -> bool:
    """Whether a row is a sum of others: it begins with a word for that, and all its other cells are figures."""
    filled = [cell for cell in cells if cell]
    if len(filled[0]) > _LONGEST_TOTAL:
        return False
    first, *others = ("".join(unicodedata.normalize("NFKC", cell).split()).lower() for cell in filled)
    return bool(_TOTAL.match(first)) and all(_FIGURE.match(cell) for cell in others)


def _truth(mask: pa.BooleanArray) -> np.ndarray:
    return mask.to_numpy(zero_copy_only=False)


def _table(block: RowBlock, kept: np.ndarray, *, names: Sequence[str], sheet: str, needed: int) -> pa.Table:
    every = len(kept) == len(block.lengths)
    columns = [column if every else column.take(pa.array(kept)) for column in block.columns]
    text = pa.large_string()
    surplus = pa.repeat(pa.scalar("", text), len(kept))
    if block.further and not sheet:  # beside the table of a sheet stand remarks
        further = {at: "，".join(filter(None, cells)) for at, cells in block.further.items()}
        surplus = pa.array([further.get(at, "") for at in kept.tolist()], text)
    arrays = [
        *columns,
        pa.repeat(pa.scalar(sheet, text), len(kept)),
        pa.array(kept + block.first, pa.int64()),
        surplus,
        pa.array(block.lengths[kept] < needed),
    ]
    return pa.table(arrays, names=[*names, "_sheet", "_row", "_surplus", "_cut"])


def _frame(table: pa.Table) -> pd.DataFrame:
    return table.combine_chunks().to_pandas()
