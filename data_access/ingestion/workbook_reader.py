"""Sheets of a spreadsheet file as blocks of rows; a workbook that would fill the memory is refused unopened."""

from __future__ import annotations

import datetime as dt
import itertools
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import python_calamine

from data_access.errors import UserError
from data_access.ingestion.compound_file import DamagedContainer, compound_streams
from data_access.ingestion.old_workbook_extent import LockedWorkbook, refuse_oversized_old
from data_access.ingestion.row_block import RowBlock, block_of_rows
from data_access.ingestion.workbook_extent import refuse_oversized_archive

_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_BYTES, MAX_OLD_BYTES = 200_000_000, 100_000_000  # an old workbook is held in memory while it is looked at
_HEAD_ROWS, _BLOCK_ROWS = 30, 10_000
_NEW_SUFFIXES = {".xlsx", ".xlsm", ".ods"}
_OWN_SUFFIXES = {"document": {".ods"}, "workbook": {".xlsx", ".xlsm"}, "old": {".xls"}}


def is_spreadsheet(head: bytes) -> bool:
    """Whether a file that begins with `head` may be a workbook."""
    return head.startswith((_ZIP, _COMPOUND))


class Workbook:
    """One spreadsheet file; row 1 of a sheet is its first row, be it empty or not.

    What the file holds decides how it is read, not its name. Formulas give the value that was last computed; a formula
    without one is an empty cell. Nothing is ever computed.

    Raises
    ------
    UserError
        Here and while reading: when the file is damaged, protected by a password, no workbook, or holds more than can
        be opened safely.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loaded: tuple[str, list[RowBlock]] | None = None
        self._heads: dict[str, list[list[str]]] = {}
        self._done = 0.0
        with _explained(path):
            kind = _kind(path)
            if path.suffix in _OWN_SUFFIXES[kind]:  # the reader goes by the name; it then need not copy the file
                self._workbook = python_calamine.CalamineWorkbook.from_path(str(path))
            else:
                with path.open("rb") as file:
                    self._workbook = python_calamine.CalamineWorkbook.from_filelike(file)
            self.sheets = tuple(self._workbook.sheet_names)

    def close(self) -> None:
        """Give the file free."""
        self._loaded = None
        self._workbook.close()

    def head(self, sheet: str) -> list[list[str]]:
        """The first thirty rows of a sheet, stripped."""
        if sheet not in self._heads:
            columns = [column[:_HEAD_ROWS].to_pylist() for block in self._sheet(sheet)[:1] for column in block.columns]
            self._heads[sheet] = [list(row) for row in zip(*columns, strict=True)]
        return self._heads[sheet]

    def shortest_whole_row(self, data_from: int, last: int) -> int:
        """0: rows of a sheet do not break off."""
        return 0

    def position(self) -> float | None:
        """Share of the sheets' rows that has been given out, each sheet counting the same."""
        return self._done

    def blocks(self, sheet: str, width: int) -> Iterator[RowBlock]:
        """All rows of a sheet, in `width` columns."""
        loaded = self._sheet(sheet)
        for number, block in enumerate(loaded, 1):
            self._done = (self.sheets.index(sheet) + number / len(loaded)) / len(self.sheets)
            nothing = pa.repeat(pa.scalar("", pa.large_string()), len(block.lengths))
            columns = (*block.columns[:width], *[nothing] * (width - len(block.columns)))
            yield RowBlock(block.first, columns, block.lengths, {})

    def _sheet(self, name: str) -> list[RowBlock]:
        """A sheet's rows in all columns. One sheet is kept at a time, as text, which takes less than its cells."""
        if self._loaded is None or self._loaded[0] != name:
            self._loaded = None
            blocks, first = [], 1
            with _explained(self.path):
                rows = self._workbook.get_sheet_by_name(name).iter_rows()
                while batch := list(itertools.islice(rows, _BLOCK_ROWS)):
                    texts = [[_cell_text(cell) for cell in row] for row in batch]
                    blocks.append(block_of_rows(texts, first=first, width=len(texts[0])))
                    first += len(batch)
            self._loaded = (name, blocks)
        return self._loaded[1]


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the reader says about a file it cannot open, as a sentence."""
    try:
        yield
    except python_calamine.PasswordError as problem:
        raise _protected(path) from problem
    except (
        python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError,
    ) as problem:  # fmt: skip
        raise _damaged(path) from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how the reader's own faults arrive; the class has no door
            raise
        raise _damaged(path) from problem


def _kind(path: Path) -> str:
    try:
        return _refuse_unsafe(path)
    except LockedWorkbook as problem:
        raise _protected(path) from problem
    except (ValueError, LookupError, struct.error) as problem:  # what `zipfile` says about tables that make no sense
        raise _damaged(path) from problem


def _refuse_unsafe(path: Path) -> str:
    """Refuse what cannot be opened, or not safely; otherwise what the file is: "document", "workbook" or "old"."""
    with path.open("rb") as file:
        old = file.read(4) == _COMPOUND
        if path.stat().st_size > (MAX_OLD_BYTES if old else MAX_BYTES):
            raise UserError(
                zh=f"“{path.name}”作为电子表格太大；请另存为 CSV（不受此限），或按月份拆分后再载入。",
                en=f"'{path.name}' is too large for a spreadsheet; save it as CSV (which has no such limit), or "
                "split it by month, and load again.",
            )
        if old:
            return _refuse_unsafe_old(path)
    with zipfile.ZipFile(path) as archive:
        if any(member.flag_bits & 1 for member in archive.infolist()):
            raise _protected(path)
        names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    if "content.xml" in names:
        kind = "document"
    elif "xl/workbook.xml" in names or ("[content_types].xml" in names and "xl/workbook.bin" not in names):
        kind = "workbook"
    else:
        raise _no_workbook(path)
    refuse_oversized_archive(path, document=kind == "document")
    return kind


def _refuse_unsafe_old(path: Path) -> str:
    try:
        streams = compound_streams(path)
    except DamagedContainer as problem:
        if path.suffix.lower() in _NEW_SUFFIXES:
            raise _protected(path) from problem
        raise
    if "EncryptedPackage" in streams:  # a new workbook with a password is wrapped in the old container
        raise _protected(path)
    stream = next((streams[name] for name in ("Workbook", "WORKBOOK", "Book", "BOOK") if name in streams), None)
    if stream is None:
        raise _no_workbook(path)
    refuse_oversized_old(path, stream)
    return "old"


def _damaged(path: Path) -> UserError:
    return UserError(
        zh=f"“{path.name}”无法作为电子表格打开；文件可能已损坏，请重新导出。",
        en=f"'{path.name}' cannot be opened as a spreadsheet; it may be damaged, export it again.",
    )


def _protected(path: Path) -> UserError:
    return UserError(
        zh=f"“{path.name}”设有打开密码，或是改了扩展名的旧版文件；请去掉密码，另存为 XLSX 后再载入。",
        en=f"'{path.name}' is protected by a password, or an old file under a new name; remove the password, save it "
        "as XLSX and load again.",
    )


def _no_workbook(path: Path) -> UserError:
    return UserError(
        zh=f"“{path.name}”不是可读取的电子表格（可能是压缩包、文稿或二进制工作簿）；请另存为 XLSX 或 CSV 后再载入。",
        en=f"'{path.name}' is no spreadsheet that can be read (it may be an archive, a text document or a binary "
        "workbook); save it as XLSX or CSV and load again.",
    )


def _cell_text(cell: object) -> str:
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell).strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return str((cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0)).removesuffix(" 00:00:00")
    return str(cell)
