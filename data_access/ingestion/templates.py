"""Workbooks to fill in, one for each source, made from its form.

The first sheet has a title, two example rows, the heading and room to fill in; what stands above a heading is never
loaded, so the examples may stay. The second sheet explains every column in both languages.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data_access.ingestion.column_tables import ColumnEntry, column_entries, notes_sheet, words
from data_access.ingestion.source_form import SourceForm, source_form

FILLED_ROWS = 10_000  # rows below the heading that get the drop-downs
_HEADING_ROW = 3
_MOST_LETTERS_OF_LIST = 255
_FORMATS = {"time": "yyyy-mm-dd hh:mm", "date": "yyyy-mm-dd", "count": "0", "amount": "General"}
_MADE = dt.datetime(2020, 1, 1)  # equal forms give equal bytes


def write_template(source: str, path: Path) -> Path:
    """Write the template of `source` to `path` (XLSX) and return it. Raises UserError for an unknown source."""
    form = source_form(source)
    entries = column_entries(form)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _MADE, "title": form.name["zh"]})
        looks = {
            "title": book.add_format({"font_color": "#3A4652", "italic": True}),
            "example": book.add_format({"font_color": "#8A929A", "italic": True, "num_format": "@"}),
            "head": book.add_format({"bold": True, "bg_color": "#EEF1F4", "bottom": 1}),
            "needed": book.add_format({"bold": True, "bg_color": "#F7E3C3", "bottom": 1}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
            **{kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()},
            "text": book.add_format({"num_format": "@"}),
        }
        _write_table(book.add_worksheet(form.name["zh"]), form, entries, looks)
        _write_notes(book.add_worksheet(notes_sheet()), entries, looks)
    return path


def template_name(source: str) -> str:
    """What the template of a source is called when it is downloaded: 模板_问题工单.xlsx."""
    return f"模板_{source_form(source).name['zh']}.xlsx"


def _write_table(page: Worksheet, form: SourceForm, entries: list[ColumnEntry], looks: dict[str, Format]) -> None:
    said = words()["template"]
    title = [said["title"][lang].format(name=form.name[lang], notes=notes_sheet()) for lang in ("zh", "en")]
    page.write_string(0, 0, "  ".join(title), looks["title"])
    page.freeze_panes(_HEADING_ROW + 1, 0)
    for position, entry in enumerate(entries):
        page.set_column(position, position, max(12, 2 * len(entry.heading) + 3), looks.get(entry.type, looks["text"]))
        for row, example in enumerate(entry.examples, 1):
            page.write_string(row, position, example, looks["example"])
        heading = ("*" if entry.required else "") + entry.heading
        page.write_string(_HEADING_ROW, position, heading, looks["needed" if entry.required else "head"])
        page.write_comment(_HEADING_ROW, position, f"{entry.note['zh']}\n{entry.note['en']}", {"x_scale": 2})
        if entry.words and len(",".join(entry.words)) <= _MOST_LETTERS_OF_LIST:
            page.data_validation(
                _HEADING_ROW + 1, position, _HEADING_ROW + FILLED_ROWS, position,
                {"validate": "list", "source": list(entry.words), "error_type": "warning",
                 "error_message": said["odd_word"]["zh"]},
            )  # fmt: skip


def _write_notes(page: Worksheet, entries: list[ColumnEntry], looks: dict[str, Format]) -> None:
    """One row a column; headings stand in 「」, so that no row of the explanations passes for a heading."""
    said = words()["table"]
    names = ("heading", "required", "type", "words", "synonyms")
    heading = [f"{said[name]['zh']} {said[name]['en']}" for name in names]
    heading += [said["note"]["zh"], said["note"]["en"], *(f"{said['examples']['zh']} {number}" for number in (1, 2))]
    for position, (text, width) in enumerate(zip(heading, (20, 14, 26, 30, 26, 46, 46, 20, 20), strict=True)):
        page.set_column(position, position, width)
        page.write_string(0, position, text, looks["head"])
    for row, entry in enumerate(entries, 1):
        kind = words()["types"][entry.type]
        cells = [
            f"「{entry.heading}」", entry.needed("zh"), f"{kind['zh']}\n{kind['en']}",
            "、".join(entry.words), "".join(f"「{one}」" for one in entry.synonyms), entry.note["zh"], entry.note["en"],
            *entry.examples,
        ]  # fmt: skip
        for position, cell in enumerate(cells):
            page.write_string(row, position, cell, looks["wrapped"])
    page.freeze_panes(1, 1)
