"""Sheets of a spreadsheet file as rows of text; a workbook that would fill the memory is refused unopened."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from pathlib import Path

import python_calamine

from data_access.errors import UserError

MAX_UNPACKED_BYTES = 1_000_000_000
MAX_CELLS = 20_000_000
_CHUNK, _OVERLAP = 1 << 20, 64
_COLUMN = re.compile(rb"""\sr=["']([A-Z]{1,3})\d""")
_ROW = re.compile(rb"""\sr=["'][A-Z]{0,3}(\d+)["']""")

Sheets = list[tuple[str, list[list[str]]]]


def read_workbook(path: Path) -> Sheets:
    """(sheet name, rows of stripped text) of every sheet; row 1 of the sheet is the first row, be it empty or not.

    Raises
    ------
    UserError
        When the file is damaged, protected by a password, or holds more than can be opened safely.
    """
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm", ".ods"}:
            _refuse_protected(path)
            _refuse_oversized(path)
        with python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
            return [
                (name, [[_cell_text(cell) for cell in row] for row in workbook.get_sheet_by_name(name).iter_rows()])
                for name in workbook.sheet_names
            ]
    except python_calamine.PasswordError as problem:
        raise _protected(path) from problem
    except (python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as problem:
        raise UserError(
            zh=f"“{path.name}”无法作为电子表格打开；文件可能已损坏，请重新导出。",
            en=f"'{path.name}' cannot be opened as a spreadsheet; it may be damaged, export it again.",
        ) from problem


def _protected(path: Path) -> UserError:
    return UserError(
        zh=f"“{path.name}”设有打开密码，或是改了扩展名的旧版文件；请去掉密码，另存为 XLSX 后再载入。",
        en=f"'{path.name}' is protected by a password, or an old file under a new name; remove the password, save it "
        "as XLSX and load again.",
    )


def _refuse_protected(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":  # a workbook with a password is wrapped in the old container
            raise _protected(path)
    with zipfile.ZipFile(path) as archive:
        if any(member.flag_bits & 1 for member in archive.infolist()):
            raise _protected(path)


def _refuse_oversized(path: Path) -> None:
    """The reader sets aside memory for the whole rectangle up to the last filled cell: one stray cell in the last
    corner of an empty sheet would ask for half a terabyte and end the process."""
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise UserError(
                zh=f"“{path.name}”解压后过大；请按月份拆分后再载入。",
                en=f"'{path.name}' unpacks to too much data; split it by month and load the parts.",
            )
        if path.suffix.lower() == ".ods":  # there the reader itself counts the cells first
            return
        for member in archive.infolist():
            if member.filename.endswith(".xml"):
                rows, columns, values = _extent(archive, member)
                if max(rows * columns, values) > MAX_CELLS:
                    raise UserError(
                        zh=f"“{path.name}”的一张工作表占到第 {rows:,} 行、第 {columns:,} 列；请删去表格之外的行列，"
                        "或按月份拆分后再载入。",
                        en=f"A sheet of '{path.name}' reaches to row {rows:,} and column {columns:,}; delete the rows "
                        "and columns outside the table, or split it by month, and load again.",
                    )


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int, int]:
    """Last row, last column and number of values that a part of the workbook names."""
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    values, tail = 0, b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            values += (chunk.count(b"v>") + chunk.count(b"is>")) // 2
            text = tail + chunk
            columns.update(_COLUMN.findall(text))
            rows.update(_ROW.findall(text))
            tail = text[-_OVERLAP:]
    return max(map(int, rows), default=0), max(map(_column_number, columns), default=0), values


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cell_text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return str((cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0)).removesuffix(" 00:00:00")
    return str(cell)
