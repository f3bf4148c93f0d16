"""A table as a workbook: the figures on the first sheet, what they mean on the second, their evidence on the third.

Names and words are written as text, figures as numbers; nothing that stands in the data becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from indicators.catalogue import Catalogue, Indicator
from ui.definition_facts import definition_facts
from ui.exports.sheet_columns import SheetColumn, Written, one_line, ordered_rows, sheet_columns
from ui.exports.sheet_paper import RULE, SheetPaper, room, safe, written_book
from ui.exports.table_figures import Figure
from ui.texts import text

if TYPE_CHECKING:
    from ui.place_table import Column, Row

NARROWEST, WIDEST, HEADING_WIDTH = 7.0, 42.0, 16.0
TOLD: Final = (
    "name", "description", "numerator", "denominator", "unit", "target", "better", "minimum", "interval", "source",
    "owner", "caveats", "code",
)  # fmt: skip
"""Fields of a definition on the second sheet, after the heading it stands under."""
STATES: Final = ("empty", "no_data", "too_few", "hidden", "not_applicable", "interval")


def workbook(
    table: Mapping[str, Any], *, title: str, period: str, source: str, catalogue: Catalogue, lang: str
) -> bytes:
    """The workbook (XLSX) of a ``place_table``.

    table      its arguments: ``columns``, ``rows``, and where given ``comparison``, ``footnotes``, ``sort`` and
               ``download`` (whose mark, such as 演示数据, is written over the table and printed on every sheet)
    title      heading of the sheet; ``period`` the months in words; ``source`` system, data version and as-of date;
               a source that says 演示数据 marks the workbook as well
    catalogue  says what a column or a row means whose code is that of an indicator

    Percentages are shares with a percentage format. A figure that carries an interval, a range or a verdict has it in
    columns beside it. States (no data, too few, hidden, not applicable) stand as words, so that none reads as zero.
    """
    rows = ordered_rows(table["rows"], table.get("sort"))
    band = text("frame.demonstration.band", lang)
    given = table["download"].mark if table.get("download") else ""
    mark = given or (band if band in source else "")
    head = (title, period, source)

    def fill(paper: SheetPaper) -> None:
        _write_figures(paper, table["columns"], rows, head)
        _write_meaning(paper, table, rows, head, catalogue)
        _write_evidence(paper, table["columns"], rows, head)

    return written_book(fill, title=title, source=source, mark=mark, lang=lang)


def _write_figures(paper: SheetPaper, columns: Sequence[Column], rows: Sequence[Row], head: Sequence[str]) -> None:
    drawn = sheet_columns(columns, rows, paper.lang)
    page, top = paper.sheet("figures", head)
    running, lines = 0, []
    for row in rows:
        running += not row.total
        lines.append([column.read(row, running) for column in drawn])
    widths = [_width(column, (line[place] for line in lines)) for place, column in enumerate(drawn)]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    paper.heading_row(page, top, [column.heading for column in drawn], widths)
    for offset, (row, values) in enumerate(zip(rows, lines, strict=True), 1):
        look: dict[str, Any] = {"bold": True, "bg_color": "#F4F5F6"} if row.total else {}
        for place, value in enumerate(values):
            side = {} if drawn[place].words else {"align": "right"}
            paper.write(page, top + offset, place, value, bottom=4, bottom_color=RULE, **look, **side)
    names = next((place for place, one in enumerate(columns) if one.kind == "name"), 0)
    frozen = next((place for place, one in enumerate(drawn) if one.code == columns[names].code), 0)
    page.freeze_panes(top + 1, frozen + 1 if frozen < 3 else 1)
    page.autofilter(top, 0, top + max(len(rows), 1), len(drawn) - 1)
    page.repeat_rows(top)


def _write_meaning(
    paper: SheetPaper, table: Mapping[str, Any], rows: Sequence[Row], head: Sequence[str], catalogue: Catalogue
) -> None:
    lang = paper.lang
    page, line = paper.sheet("meaning", head)
    told = definitions_of(table["columns"], rows, catalogue, lang)
    widths = [20.0, 22.0, 46.0, 34.0, 34.0, 9.0, 14.0, 13.0, 20.0, 30.0, 22.0, 20.0, 46.0, 24.0]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)

    def section(name: str, sentences: Iterable[str], line: int) -> int:
        sentences = [one for one in sentences if one]
        if not sentences:
            return line
        page.write_string(line, 0, text(f"workbook.meaning.{name}", lang), paper.look(bold=True, font_size=12))
        for sentence in sentences:
            line += 1
            page.write_string(line, 0, safe(sentence), paper.look())
        return line + 2

    line = section("method", (table.get("comparison", ""), *table.get("footnotes", ())), line)
    if told:
        page.write_string(line, 0, text("workbook.meaning.definitions", lang), paper.look(bold=True, font_size=12))
        headings = [text("workbook.column", lang), *(text(f"definitions.fields.{name}", lang) for name in TOLD)]
        rows_told = [
            [heading, *(facts[name] for name in TOLD)]
            for heading, facts in ((heading, definition_facts(one, catalogue, lang)) for heading, one in told)
        ]
        line = paper.text_table(page, line + 1, headings, widths, rows_told) + 1
    known = {indicator.code for _, indicator in told}
    hints = [
        text("workbook.meaning.hint", lang, heading=one_line(column.label, lang), hint=column.hint)
        for column in table["columns"] if column.hint and column.code not in known
    ]  # fmt: skip
    line = section("columns", hints, line)
    section("states", [text(f"workbook.states.{name}", lang) for name in STATES], line)


def definitions_of(
    columns: Sequence[Column], rows: Sequence[Row], catalogue: Catalogue, lang: str
) -> list[tuple[str, Indicator]]:
    """The columns, then the rows, that show an indicator: its heading and the indicator, each once."""
    headed = [(column.code, one_line(column.label, lang)) for column in columns]
    names = next((column.code for column in columns if column.kind == "name"), None)
    headed += [(row.code, row.cells[names].text) for row in rows if names in row.cells] if names else []
    return [(heading, catalogue[code]) for code, heading in dict(headed).items() if code in catalogue]


def _write_evidence(paper: SheetPaper, columns: Sequence[Column], rows: Sequence[Row], head: Sequence[str]) -> None:
    """What opens on the page when a reader points at a figure: one line a figure."""
    lang = paper.lang
    named = next((column.code for column in columns if column.kind == "name"), None)
    found = [
        (_name_of(row, named), one_line(column.label, lang), row.cells[column.code])
        for row in rows for column in columns
        if column.code != named and column.code in row.cells and row.cells[column.code].title
    ]  # fmt: skip
    if not found:
        return
    page, top = paper.sheet("evidence", head, landscape=False)
    widths = [22.0, 24.0, 16.0, 90.0]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    headings = [text(f"workbook.evidence.{one}", lang) for one in ("place", "column", "shown", "words")]
    paper.heading_row(page, top, headings, widths)
    for line, (name, heading, cell) in enumerate(found, top + 1):
        for place, words in enumerate((name, heading, cell.text, " ".join(cell.title.split()))):
            paper.write(page, line, place, words)
    page.freeze_panes(top + 1, 0)
    page.autofilter(top, 0, top + len(found), len(widths) - 1)
    page.repeat_rows(top)


def _name_of(row: Row, named: str | None) -> str:
    return row.cells[named].text if named is not None and named in row.cells else row.code


def _width(column: SheetColumn, values: Iterable[Written]) -> float:
    widest = max(
        (room(f"{one.value:,.2f}") if isinstance(one, Figure) else room(one or "") for one in values), default=0
    )
    return min(max(widest + 2, min(room(column.heading) + 4, HEADING_WIDTH), NARROWEST), WIDEST)
