"""A department's file as rows of text under known headings: sheet and heading row recognised.

Everything comes out as stripped text, exactly as it stands in the file, with the sheet and the row number a person
sees in the spreadsheet program; types are the business of `row_checks`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data_access.errors import UserError
from data_access.ingestion.column_mapping import HeadingMatch, heading_row, match_headings
from data_access.ingestion.source_form import SourceForm
from data_access.ingestion.text_reader import read_text_table
from data_access.ingestion.workbook_reader import Sheets, read_workbook

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
    b"<": ("网页或 XML 文件", "a web page or XML"),
}


@dataclass(frozen=True)
class FileRows:
    """What was read.

    Attributes
    ----------
    frame
        One row a data row; columns are the form's fields that the file has, checklist items under their code, plus
        `_sheet`, `_row` (1-based, as the spreadsheet program shows it), `_surplus` (what stands in a text file's
        row behind the last heading) and `_cut` (a text file's row ends before its last known column). Cells are str;
        empty cells are "".
    headings
        Field → heading as it stands in the file.
    ignored
        Headings that the form does not know.
    unused_sheets
        Sheets that were not taken although they hold something.
    """

    frame: pd.DataFrame
    headings: dict[str, str]
    ignored: tuple[str, ...]
    unused_sheets: tuple[str, ...]


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
    sheets = read_workbook(path) if path.suffix.lower() in _SPREADSHEETS else [("", read_text_table(path, form))]
    found: list[tuple[str, list[list[str]], int, HeadingMatch]] = []
    missing_everywhere = None
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
    frames = [frame for frame in frames if not frame.empty]
    if not frames:
        raise UserError(
            zh=f"“{path.name}”只有表头，没有数据行；请确认导出时选中了记录。",
            en=f"'{path.name}' has a heading but no rows; check that records were selected for the export.",
        )
    frame = pd.concat(frames, ignore_index=True).fillna("") if len(frames) > 1 else frames[0]
    headings = {field: heading for *_, mapping in found for field, heading in mapping.headings.items()}
    ignored = tuple(sorted({heading for *_, mapping in found for heading in mapping.ignored}))
    taken = {sheet for sheet, *_ in found}
    unused = tuple(sheet for sheet, rows in sheets if sheet not in taken and any(any(row) for row in rows))
    return FileRows(frame=frame, headings=headings, ignored=ignored, unused_sheets=unused)


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
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as problem:
        raise UserError(
            zh=f"“{name}”无法读取；请检查文件权限，或是否正被其他程序占用。",
            en=f"'{name}' cannot be read; check its permissions and whether another program holds it.",
        ) from problem
    for magic, (zh, en) in _FOREIGN.items():
        spreadsheet = suffix in _SPREADSHEETS and magic in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
        if head.startswith(magic) and not spreadsheet:
            raise UserError(
                zh=f"“{name}”的扩展名是 {suffix}，内容却是{zh}；请从业务系统重新导出为 CSV 或 XLSX。",
                en=f"'{name}' is named {suffix} but is {en}; export it again as CSV or XLSX.",
            )


def _frame(sheet: str, rows: list[list[str]], start: int, columns: dict[str, int]) -> pd.DataFrame:
    body = [(number, row) for number, row in enumerate(rows[start + 1 :], start + 2) if any(row)]
    data: dict[str, list[object]] = {
        field: [row[index] if index < len(row) else "" for _, row in body] for field, index in columns.items()
    }
    width = len(rows[start])
    data["_sheet"] = [sheet] * len(body)
    data["_row"] = [number for number, _ in body]
    # Beside the table of a sheet stand remarks; in a text file more cells than headings mean that they have shifted.
    data["_surplus"] = ["" if sheet else "，".join(filter(None, row[width:])) for _, row in body]
    # A row of a text file that ends before its last known column was cut off; its empty cells would pass for empty.
    last = max(columns.values())
    data["_cut"] = [not sheet and len(row) <= last for _, row in body]
    return pd.DataFrame(data).astype({field: object for field in (*columns, "_surplus")})


def _no_table(path: Path, form: SourceForm, sheets: Sheets, mapping: HeadingMatch | None) -> UserError:
    if mapping is not None:
        lacking = "、".join(mapping.missing)
        seen = "、".join(heading for heading in mapping.seen if heading)[:200]
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
