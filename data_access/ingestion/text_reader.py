"""A text file as rows of text: encoding and separator recognised."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from data_access.errors import UserError
from data_access.ingestion.column_mapping import SEARCHED_ROWS, headings_known
from data_access.ingestion.source_form import SourceForm

_SEPARATORS = (",", "\t", ";", "，", "|")


def read_text_table(path: Path, form: SourceForm) -> list[list[str]]:
    """Rows of stripped cells; a cell with line breaks is one cell, so a row's position is the spreadsheet's row.

    Raises
    ------
    UserError
        When the encoding is not known or the quotes do not pair.
    """
    text = _decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text, form), strict=True)
    try:
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error as problem:
        raise UserError(
            zh=f"“{path.name}”第 {reader.line_num} 行无法按表格读取（引号不成对或字段过长）；请改正后再载入。",
            en=f"'{path.name}', line {reader.line_num} cannot be read as a table (an unpaired quote or an overlong "
            "field); mend it and load again.",
        ) from problem


def _separator(text: str, form: SourceForm) -> str:
    """The mark by which one of the first lines falls into most known headings; titles above it do not mislead."""
    lines = text[:20_000].splitlines()[:SEARCHED_ROWS]

    def known(mark: str) -> int:
        return max((headings_known([cell.strip('" ') for cell in line.split(mark)], form) for line in lines), default=0)

    return max(_SEPARATORS, key=known)


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
