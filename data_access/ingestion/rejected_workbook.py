"""The steward's own rows that were set aside, as a workbook to mend and load again.

One sheet for each sheet of the file, the steward's columns under their own headings, before them why the row was set
aside and where it stood. `match_table` knows those three columns, so the mended workbook loads as it is. Everything is
text: nothing that a file says ever becomes a formula, a link or a number of the spreadsheet program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data_access.ingestion.cell_values import UNWRITABLE
from data_access.ingestion.column_mapping import REASON_COLUMNS, normal_heading
from data_access.ingestion.problems import MAX_PROBLEMS, Problem
from data_access.ingestion.source_form import SourceForm

MOST_COLUMNS = 500
LONGEST_CELL = 32_767  # letters a cell of a workbook can hold
_LONGEST_SHEET_NAME = 31
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS = (60, 8, 12)
_SHEET_NAME = {"zh": "退回的行", "en": "Rows set aside"}
_JOINT = {"zh": "；", "en": " "}
_OWN = {normal_heading(name) for names in REASON_COLUMNS.values() for name in names}

Rows = dict[int, list[Problem]]


def write_rejected_workbook(
    path: Path, *, problems: Sequence[Problem], form: SourceForm, headings: Mapping[str, str], lang: str = "zh"
) -> Path:
    """Write the rows of `problems` to `path` (XLSX) and return it; a row with several problems stands there once.

    Parameters
    ----------
    problems
        At most `MAX_PROBLEMS` are written; each with the cells of its row.
    headings
        Field → heading as it stands in the file, for rows that came without their cells.
    lang
        "zh" or "en": the language of the reasons.
    """
    sheets: dict[str, Rows] = {}
    for one in problems[:MAX_PROBLEMS]:
        sheets.setdefault(one.sheet, {}).setdefault(one.row, []).append(one)
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(path, options) as book:
        looks = {
            "head": book.add_format({"bold": True, "num_format": "@", "bg_color": "#EEF1F4", "text_wrap": True}),
            "reason": book.add_format({"num_format": "@", "text_wrap": True, "font_color": "#A02020", "valign": "top"}),
            "cell": book.add_format({"num_format": "@", "valign": "top"}),
            "mark": book.add_format({"num_format": "@", "quote_prefix": True, "valign": "top"}),
            "wrong": book.add_format({"num_format": "@", "quote_prefix": True, "valign": "top", "bg_color": "#FBE3E0"}),
        }
        taken: set[str] = set()
        for sheet, rows in (sheets or {"": {}}).items():
            page = book.add_worksheet(_sheet_name(sheet or _SHEET_NAME[lang], taken))
            _write_sheet(page, rows, _columns(rows, form, headings), sheet=sheet, lang=lang, looks=looks)
    return path


def _columns(rows: Rows, form: SourceForm, headings: Mapping[str, str]) -> list[str]:
    """The headings of the rows in the order of the file, without the columns that we write ourselves."""
    found: dict[str, None] = {}
    for problems in rows.values():
        for one in problems:
            found |= dict.fromkeys(one.cells)
    if not found:
        found = dict.fromkeys(headings.values()) or dict.fromkeys(column.heading for column in form.columns.values())
    return [heading for heading in found if heading and normal_heading(heading) not in _OWN][:MOST_COLUMNS]


def _write_sheet(
    page: Worksheet, rows: Rows, columns: Sequence[str], *, sheet: str, lang: str, looks: Mapping[str, Format]
) -> None:
    page.freeze_panes(1, len(_WIDTHS))
    for position, width in enumerate(_WIDTHS):
        page.set_column(position, position, width)
    page.set_column(len(_WIDTHS), len(_WIDTHS) + max(len(columns) - 1, 0), 16)
    _write_cells(page, 0, [*REASON_COLUMNS[lang], *columns], [looks["head"]] * (len(_WIDTHS) + len(columns)))
    for line, (row, problems) in enumerate(sorted(rows.items()), 1):
        reasons = _JOINT[lang].join(dict.fromkeys(one.en if lang == "en" else one.zh for one in problems))
        cells = {heading: cell for one in problems for heading, cell in one.cells.items()}
        wrong = {one.column for one in problems}
        texts = [reasons, str(row), sheet, *(cells.get(heading, "") for heading in columns)]
        shown = [
            looks["wrong"] if heading in wrong else
            looks["mark"] if cells.get(heading, "").startswith(_FORMULA_MARKS) else looks["cell"]
            for heading in columns
        ]  # fmt: skip
        _write_cells(page, line, texts, [looks["reason"], looks["cell"], looks["cell"], *shown])


def _write_cells(page: Worksheet, line: int, texts: Iterable[str], looks: Iterable[Format]) -> None:
    for position, (text, look) in enumerate(zip(texts, looks, strict=True)):
        safe = UNWRITABLE.sub("�", text)[:LONGEST_CELL]
        if safe:
            page.write_string(line, position, safe, look)
        else:
            page.write_blank(line, position, None, look)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a workbook may have: no marks of its own, at most 31 letters, unlike the others in any case."""
    plain = re.sub(r"[\[\]:*?/\\]", "_", UNWRITABLE.sub("", wanted)).strip().strip("'")[:_LONGEST_SHEET_NAME]
    name, number = plain or "_", 2
    while name.lower() in taken or name.lower() == "history":
        ending = f" ({number})"
        name, number = (plain or "_")[: _LONGEST_SHEET_NAME - len(ending)] + ending, number + 1
    taken.add(name.lower())
    return name
