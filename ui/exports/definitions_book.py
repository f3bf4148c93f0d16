"""All definitions as a file: a workbook with pairings, dimensions and marks, or one CSV table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indicators.catalogue import Catalogue
from indicators.definition import Indicator
from ui.charts import palette
from ui.definition_facts import FACTS, definition_facts, group_words, joined, paper_words
from ui.exports.sheet_paper import SheetPaper, written_book
from ui.exports.table_figures import Figure
from ui.texts import text

FIGURES: Final = ("value", "low", "high", "x", "n", "state")
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS: Final[Mapping[str, float]] = {
    "name": 20, "code": 22, "description": 46, "numerator": 30, "denominator": 30, "formula": 30, "dimensions": 30,
    "caveats": 46, "interval": 20, "source": 20, "owner": 20, "available": 26,
}  # fmt: skip


@dataclass(frozen=True)
class Present:
    """The district's figure as numbers (a share, or in the indicator's unit) and its state in words."""

    value: float | None
    low: float | None
    high: float | None
    x: float | None
    n: float | None
    state: str


def definitions_book(
    indicators: Sequence[Indicator],
    catalogue: Catalogue,
    figures: Mapping[str, Present],
    *,
    period: str,
    source: str,
    mark: str,
    lang: str,
) -> bytes:
    """The workbook of ``indicators``: every field and the district's figure, then pairings, dimensions and marks.

    figures  code to the present figure; one that is absent leaves its cells empty
    period   the months of the figures; ``source`` system and data version; ``mark`` 演示数据, or empty
    """
    title = text("definitions.file.title", lang, count=len(indicators))

    def fill(paper: SheetPaper) -> None:
        head = (title, period, source)
        widths = [_WIDTHS.get(name, 13.0) for name in FACTS] + [13.0] * len(FIGURES)
        rows: list[list[Figure | str | None]] = [
            [*definition_facts(one, catalogue, lang).values(), *_figures(one, figures.get(one.code))]
            for one in indicators
        ]
        page, top = paper.sheet("definitions", head)
        _table(paper, page, top, headings(lang), widths, rows)
        page.autofilter(top, 0, top + max(len(rows), 1), len(widths) - 1)
        page.freeze_panes(top + 1, 1)
        for name, made in (("pairings", pairing_rows), ("dimensions", dimension_rows)):
            page, top = paper.sheet(name, head)
            names, found = made(catalogue, lang)
            _table(paper, page, top, names, [24.0] * (len(names) - 1) + [60.0], found)
        page, top = paper.sheet("marks", head)
        names = [text(f"definitions.file.{one}", lang) for one in ("mark", "name", "meaning")]
        marks: list[list[Figure | str | None]] = [
            [sign, *(text(f"definitions.marks.{verdict}.{part}", lang) for part in ("name", "meaning"))]
            for verdict, sign in palette.MARKS.items()
        ]
        _table(paper, page, top, names, [8.0, 20.0, 70.0], marks)

    return written_book(fill, title=title, source=source, mark=mark, lang=lang)


def definitions_csv(
    indicators: Sequence[Indicator], catalogue: Catalogue, figures: Mapping[str, Present], *, source: str, mark: str,
    period: str, lang: str,
) -> bytes:  # fmt: skip
    """The same fields as one table (UTF-8 with a byte order mark), one line an indicator; figures in full precision."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    if mark:
        writer.writerow([mark])
    writer.writerow(headings(lang))
    for one in indicators:
        facts = [_harmless(words) for words in definition_facts(one, catalogue, lang).values()]
        figure = figures.get(one.code)
        numbers = ["", "", "", "", "", ""] if figure is None else [
            *("" if number is None else f"{number:.10g}" for number in
              (figure.value, figure.low, figure.high, figure.x, figure.n)),
            figure.state,
        ]  # fmt: skip
        writer.writerow([*facts, *numbers])
    for note in (period, source):
        writer.writerow([_harmless(note)])
    return b"\xef\xbb\xbf" + lines.getvalue().encode("utf-8")


def headings(lang: str) -> list[str]:
    """The fields of a definition, then those of the district's figure."""
    return [text(f"definitions.fields.{name}", lang) for name in FACTS] + [
        text(f"definitions.file.{name}", lang) for name in FIGURES
    ]


def pairing_rows(catalogue: Catalogue, lang: str) -> tuple[list[str], list[list[Figure | str | None]]]:
    """The pairings with their groups, the values of each, what the paper found and the indicators offered."""
    names = ("name", "code", "dimension", "group_a", "group_b", "paper", "description", "indicators")
    rows: list[list[Figure | str | None]] = []
    for one in catalogue.pairings.values():
        groups = [group_words(one, group, catalogue, lang) for group in (one.a, one.b)]
        rows.append([
            one.name[lang], one.code, catalogue.dimensions[one.dimension].name[lang], *groups, paper_words(one, lang),
            one.description[lang], joined([catalogue[code].name[lang] for code in one.indicators], lang),
        ])  # fmt: skip
    return [text(f"definitions.file.{name}", lang) for name in names], rows


def dimension_rows(catalogue: Catalogue, lang: str) -> tuple[list[str], list[list[Figure | str | None]]]:
    """One row a value of a dimension."""
    names = ("dimension", "code", "value_code", "value_name", "sources")
    rows: list[list[Figure | str | None]] = [
        [one.name[lang], one.code, value, name[lang],
         joined([text(f"definitions.sources.{source}", lang) for source in one.sources], lang)]
        for one in catalogue.dimensions.values() for value, name in one.values.items()
    ]  # fmt: skip
    return [text(f"definitions.file.{name}", lang) for name in names], rows


def _table(
    paper: SheetPaper, page: Any, top: int, names: Sequence[str], widths: Sequence[float],
    rows: Sequence[Sequence[Figure | str | None]],
) -> None:  # fmt: skip
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    paper.text_table(page, top, names, widths, rows)


def _figures(indicator: Indicator, figure: Present | None) -> list[Figure | str | None]:
    if figure is None:
        return [None] * len(FIGURES)
    shape = "0.00%" if indicator.kind == "proportion" else "#,##0.00"
    values = [None if one is None else Figure(one, shape) for one in (figure.value, figure.low, figure.high)]
    counts = [None if one is None else Figure(one, "#,##0") for one in (figure.x, figure.n)]
    return [*values, *counts, figure.state]


def _harmless(words: str) -> str:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words
