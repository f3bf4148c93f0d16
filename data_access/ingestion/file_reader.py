"""A department's file as rows of text: encoding, separator, sheet and heading row recognised.

Everything comes out as stripped text, exactly as it stands in the file, with the sheet and the row number a person
sees in the spreadsheet program; types are the business of `row_checks`.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import python_calamine

from data_access.errors import UserError
from data_access.ingestion.column_mapping import heading_row, match_headings
from data_access.ingestion.source_form import SourceForm

MAX_UNPACKED_BYTES = 2_000_000_000
_SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".ods"}
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
}


@dataclass(frozen=True)
class FileRows:
    """What was read.

    Attributes
    ----------
    frame
        One row a data row; columns are the form's fields that the file has, checklist items under their code, plus
        `_sheet` and `_row` (1-based, as the spreadsheet program shows it). Cells are str; empty cells are "".
    headings
        Field → heading as it stands in the file.
    ignored
        Headings that the form does not know.
    """

    frame: pd.DataFrame
    headings: dict[str, str]
    ignored: tuple[str, ...]


def file_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_rows(path: Path, form: SourceForm, *, max_megabytes: int) -> FileRows:
    """Read `path` as the source `form` describes.

    Raises
    ------
    UserError
        When the file is missing, empty, too large, not a table, in an unknown encoding, or lacks a required column.
    """
    _refuse_unreadable(path, max_megabytes)
    sheets = _spreadsheet(path) if path.suffix.lower() in _SPREADSHEETS else [("", _text_table(path))]
    found, missing_everywhere = [], None
    for sheet, rows in sheets:
        start = heading_row(rows, form)
        if start is None:
            continue
        mapping = match_headings(rows[start], form)
        if mapping.missing:
            missing_everywhere = missing_everywhere or mapping
            continue
        found.append((sheet, rows, start, mapping))
    if not found:
        raise _no_table(path, form, sheets, missing_everywhere)
    frames = [_frame(sheet, rows, start, mapping.columns) for sheet, rows, start, mapping in found]
    frame = pd.concat(frames, ignore_index=True).fillna("") if len(frames) > 1 else frames[0]
    if frame.empty:
        raise UserError(
            zh=f"“{path.name}”只有表头，没有数据行；请确认导出时选中了记录。",
            en=f"'{path.name}' has a heading but no rows; check that records were selected for the export.",
        )
    headings = {field: heading for *_, mapping in found for field, heading in mapping.headings.items()}
    ignored = tuple(sorted({heading for *_, mapping in found for heading in mapping.ignored}))
    return FileRows(frame=frame, headings=headings, ignored=ignored)


def _refuse_unreadable(path: Path, max_megabytes: int) -> None:
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
    with path.open("rb") as file:
        head = file.read(8)
    for magic, (zh, en) in _FOREIGN.items():
        spreadsheet = suffix in _SPREADSHEETS and magic in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
        if head.startswith(magic) and not spreadsheet:
            raise UserError(
                zh=f"“{name}”的扩展名是 {suffix}，内容却是{zh}；请从业务系统重新导出为 CSV 或 XLSX。",
                en=f"'{name}' is named {suffix} but is {en}; export it again as CSV or XLSX.",
            )


# ---- spreadsheets --------------------------------------------------------------------------------------------------


def _spreadsheet(path: Path) -> list[tuple[str, list[list[str]]]]:
    damaged = UserError(
        zh=f"“{path.name}”无法作为电子表格打开；文件可能已损坏，请重新导出。",
        en=f"'{path.name}' cannot be opened as a spreadsheet; it may be damaged, export it again.",
    )
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm", ".ods"}:
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                    raise UserError(
                        zh=f"“{path.name}”解压后过大；请按月份拆分后再载入。",
                        en=f"'{path.name}' unpacks to too much data; split it by month and load the parts.",
                    )
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        with workbook:
            return [
                (name, [[_cell_text(cell) for cell in row] for row in workbook.get_sheet_by_name(name).iter_rows()])
                for name in workbook.sheet_names
            ]
    except (python_calamine.CalamineError, zipfile.BadZipFile) as problem:
        raise damaged from problem


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
        return cell.strftime("%Y-%m-%d %H:%M") if cell.time() != dt.time() else cell.strftime("%Y-%m-%d")
    return str(cell)


# ---- text ----------------------------------------------------------------------------------------------------------


def _text_table(path: Path) -> list[list[str]]:
    text = _decoded(path)
    head = text[:20_000].split("\n", 1)[0]
    separator = max((",", "\t", ";", "，"), key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error as problem:
        raise UserError(
            zh=f"“{path.name}”第 {reader.line_num} 行无法按表格读取（引号不成对或字段过长）；请改正后再载入。",
            en=f"'{path.name}', line {reader.line_num} cannot be read as a table (an unpaired quote or an overlong "
            "field); mend it and load again.",
        ) from problem


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    elif content.startswith(b"\xef\xbb\xbf"):
        encodings = ("utf-8-sig",)
    else:
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _looks_like_writing(text[:200_000]):
            return unicodedata.normalize("NFC", text)
    raise UserError(
        zh=f"“{path.name}”的文字编码无法识别；请另存为 UTF-8 或 GB18030（“ANSI”）编码的 CSV。",
        en=f"The text encoding of '{path.name}' is not known; save it as CSV in UTF-8 or GB18030.",
    )


def _looks_like_writing(text: str) -> bool:
    """False for text that is full of control or private-use characters, as bytes of another encoding come out."""
    if "\x00" in text:
        return False
    odd = sum(
        1 for letter in text if letter not in "\r\n\t" and unicodedata.category(letter) in ("Cc", "Co", "Cn", "Cs")
    )
    return odd <= len(text) / 200


# ---- rows ----------------------------------------------------------------------------------------------------------


def _frame(sheet: str, rows: list[list[str]], start: int, columns: dict[str, int]) -> pd.DataFrame:
    body = [(number, row) for number, row in enumerate(rows[start + 1 :], start + 2) if any(row)]
    data: dict[str, list[object]] = {
        field: [row[index] if index < len(row) else "" for _, row in body] for field, index in columns.items()
    }
    data["_sheet"] = [sheet] * len(body)
    data["_row"] = [number for number, _ in body]
    return pd.DataFrame(data).astype({field: object for field in columns})


def _no_table(path: Path, form: SourceForm, sheets: list, mapping: object) -> UserError:
    if mapping is not None:
        lacking = "、".join(mapping.missing)  # type: ignore[attr-defined]
        seen = "、".join(heading for heading in mapping.seen if heading)[:200]  # type: ignore[attr-defined]
        return UserError(
            zh=f"“{path.name}”缺少必需的列：{lacking}。文件中的列是：{seen}。请补上缺少的列后再载入。",
            en=f"'{path.name}' lacks the required column(s) {lacking}. It has: {seen}. Add what is missing and load "
            "again.",
        )
    wanted = "、".join(column.heading for column in form.columns.values() if column.required)
    names = "、".join(name for name, _ in sheets if name)
    zh_where, en_where = (f"（工作表：{names}）", f" (sheets: {names})") if names else ("", "")
    return UserError(
        zh=f"在“{path.name}”{zh_where}中找不到“{form.name['zh']}”的表头；应有这些列：{wanted}。",
        en=f"No heading of '{form.name['en']}' was found in '{path.name}'{en_where}; these columns are needed: "
        f"{wanted}.",
    )
