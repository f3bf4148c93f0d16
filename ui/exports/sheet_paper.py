"""A workbook under way: its looks, its sheets with their heading lines, and cells in which nothing is a formula."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from ui.exports.sheet_columns import Written
from ui.exports.table_figures import Figure
from ui.texts import text

LONGEST_CELL: Final = 32_767
LINE: Final = 15.0
INK, MUTED, RULE, MARKED = "#1F2933", "#5B6770", "#8D959C", "#B4490F"
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def written_book(fill: Callable[[SheetPaper], None], *, title: str, source: str, mark: str, lang: str) -> bytes:
    """The bytes of a workbook (XLSX) that ``fill`` writes.

    title, source  go into the file's properties; ``mark`` (演示数据, or empty) stands on and above every sheet
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": safe(title), "comments": safe(source)})
        fill(SheetPaper(book, mark=mark, lang=lang))
    return made.getvalue()


class SheetPaper:
    """The workbook under way, with its looks."""

    def __init__(self, book: Any, *, mark: str, lang: str) -> None:
        self.book, self.mark, self.lang = book, mark, lang
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, **wanted: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(wanted.items()))
        if key not in self._looks:
            self._looks[key] = self.book.add_format({"font_color": INK, "valign": "vcenter", **wanted})
        return self._looks[key]

    def sheet(self, name: str, head: Sequence[str], *, landscape: bool = True) -> tuple[Any, int]:
        """A new sheet with its heading lines; the sheet and the first free line."""
        page = self.book.add_worksheet(text(f"workbook.sheets.{name}", self.lang))
        page.hide_gridlines(2)
        title, *lines = head
        page.write_string(0, 0, safe(title), self.look(bold=True, font_size=15))
        page.set_row(0, 24)
        line = 1
        if self.mark:
            told = text("workbook.demonstration", self.lang, mark=self.mark)
            page.write_string(line, 0, safe(told), self.look(bold=True, font_color=MARKED))
            line += 1
        for words in lines:
            page.write_string(line, 0, safe(words), self.look(font_color=MUTED))
            line += 1
        if landscape:
            page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_header(f"&L{printed(title)}&R&B{printed(self.mark)}")
        page.set_footer(f"&L{printed(lines[-1])}&R&P / &N")
        return page, line + 1

    def heading_row(self, page: Any, line: int, headings: Sequence[str], widths: Sequence[float]) -> None:
        """A row of headings, high enough for the longest."""
        look = self.look(bold=True, bg_color="#E9EDF0", bottom=1, bottom_color=INK, text_wrap=True, valign="bottom")
        for place, heading in enumerate(headings):
            page.write_string(line, place, safe(heading), look)
        page.set_row(
            line, LINE * max(lines_in(heading, width) for heading, width in zip(headings, widths, strict=True))
        )

    def text_table(
        self, page: Any, line: int, headings: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[Written]]
    ) -> int:
        """A table of wrapped texts (and figures) under its headings; the first free line below it."""
        self.heading_row(page, line, headings, widths)
        for row in rows:
            line += 1
            for place, value in enumerate(row):
                self.write(page, line, place, value, text_wrap=True, valign="top", bottom=4, bottom_color=RULE)
            texts = [
                ("" if isinstance(one, Figure) else one or "", width) for one, width in zip(row, widths, strict=True)
            ]
            page.set_row(line, LINE * max(lines_in(words, width) for words, width in texts))
        return line + 1

    def write(self, page: Any, line: int, place: int, value: Written, **look: Any) -> None:
        """One cell: a number with its format, a text as text, or nothing."""
        if isinstance(value, Figure):
            page.write_number(line, place, value.value, self.look(num_format=value.number_format, **look))
        elif value:
            page.write_string(line, place, safe(value), self.look(num_format="@", **look))
        else:
            page.write_blank(line, place, None, self.look(**look))


def room(words: str) -> float:
    """Width in letters: a Chinese character takes two."""
    return float(sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words))


def lines_in(words: str, width: float) -> int:
    """Lines that ``words`` take in a column of that width; its filter button takes some of the last."""
    return max(1, -int(-(room(words) + 2) // max(width - 1, 1)))


def printed(words: str) -> str:
    """Text of a printed header or footer, where & begins a command and 255 letters are all there is."""
    return safe(words)[:60].replace("&", "&&")


def safe(words: str) -> str:
    """Text that a workbook can hold: a forbidden control character becomes U+FFFD, what is too long is cut."""
    return _UNWRITABLE.sub("\ufffd", words)[:LONGEST_CELL]
