"""Workbooks as departments send them: a title row, a heading row, then rows of text and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter

# A fixed moment, so that the same cells always give the same bytes.
CREATED = datetime(2023, 1, 6, 9, 0)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the title above the heading, the heading and the rows (str, int, float or None)."""

    name: str
    title: str
    heading: Sequence[str]
    rows: Iterable[Sequence[str | int | float | None]]


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> Path:
    """Write ``sheets`` to ``path`` and return it.

    Rows are streamed (one row in memory at a time). ``None`` and ``""`` leave the cell empty; text stays text even when
    it looks like a number. The file's dates are fixed: equal sheets give equal bytes.
    """
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False})
    book.set_properties({"created": CREATED, "title": path.stem, "author": "演示数据"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(2, 0)
        page.write_string(0, 0, sheet.title)
        for column, text in enumerate(sheet.heading):
            page.write_string(1, column, text)
        write_string, write_number = page.write_string, page.write_number
        for number, row in enumerate(sheet.rows, start=2):
            for column, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, str):
                    write_string(number, column, cell)
                else:
                    write_number(number, column, cell)
    book.close()
    return path
