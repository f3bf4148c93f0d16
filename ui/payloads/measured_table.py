"""The table of measured figures: one row a township, each figure judged against the rest and held against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from indicators.catalogue import Indicator
from ui import measures
from ui.charts.state_grid import MARKS
from ui.measures import View
from ui.payloads.circular_table import rate_cell
from ui.payloads.measured_figures import Measured, Part
from ui.payloads.measured_words import (
    Row,
    dated_words,
    mode_name,
    plain_figure,
    rule_words,
    state_line,
    township_names,
)
from ui.place_names import place_name
from ui.place_table import Cell as TableCell
from ui.place_table import Column as TableColumn
from ui.place_table import Download
from ui.place_table import Row as TableRow
from ui.texts import text
from ui.wording import evidence_text, has_figure, verdict_text

DISTRICT: Final = "district"


def measured_columns(known: Mapping[str, Measured], lang: str) -> list[TableColumn]:
    """The columns of the table: number, name, one a indicator with its definition and what is asked."""
    return [
        TableColumn("index", text("measured.columns.index", lang), kind="index"),
        TableColumn("name", text("measured.columns.name", lang), kind="name"),
        *(
            TableColumn(
                code,
                column_label(one.indicator, lang),
                kind="rate",
                hint=text("measured.columns.hint", lang, definition=one.indicator.description[lang],
                          rule=rule_words(one.rule, one.indicator, lang)),
            )
            for code, one in known.items()
        ),
    ]  # fmt: skip


def column_label(indicator: Indicator, lang: str) -> str:
    """The indicator's name in two lines: its unit below it, or broken about the middle where it is long.

    A unit whose words are all in the name (per 1,000 households) is not said twice.
    """
    name = indicator.name[lang]
    if not indicator.counts_share and not set(indicator.unit[lang].split()) <= set(name.split()):
        return f"{name}\n{text('measured.columns.unit', lang, unit=indicator.unit[lang]).strip()}"
    return two_lines(name)


def two_lines(name: str) -> str:
    """A name broken about its middle: between words, in Chinese anywhere; short ones stay whole."""
    middle = len(name) / 2
    spaces = [at for at, letter in enumerate(name) if letter == " "]
    if spaces:
        at = min(spaces, key=lambda space: abs(space - middle))
        return f"{name[:at]}\n{name[at + 1 :]}" if len(name) > 12 else name
    return f"{name[: round(middle)]}\n{name[round(middle) :]}" if len(name) > 5 and not name.isascii() else name


def figure_cell(row: Row, one: Measured, lang: str) -> TableCell:
    """A figure with its verdict against the rest, the mark of its state beside it, and all that is known on hover."""
    cell = rate_cell(row, one.indicator, lang)
    state = str(row["readiness"])
    title = " · ".join(
        part
        for part in (
            evidence_text(row, one.indicator, lang),
            verdict_text(row, one.indicator, lang) if row["verdict"] != "not_applicable" else "",
            state_line(row, one, lang),
            dated_words(row, one, lang),
        )
        if part
    )
    verdict = None if cell.verdict == "not_applicable" else cell.verdict
    return TableCell(
        plain_figure(row, one.indicator, lang),
        sort=cell.sort,
        verdict=verdict,
        title=title,
        note=MARKS[state] if cell.sort is not None else "",
    )


def part_cell(row: Row, part: Part, lang: str) -> TableCell:
    """The figure of one value of a dimension, as x/n where there are few, with its verdict where there is one."""
    cell = rate_cell(row, part.indicator, lang)
    if cell.verdict == "not_applicable":
        return TableCell(cell.text, sort=cell.sort, title=evidence_text(row, part.indicator, lang))
    return cell


def place_rows(
    view: View, cells: Mapping[str, Mapping[str, TableCell]], total: Mapping[str, TableCell]
) -> list[TableRow]:
    """The rows of a table by township, grouped by kind, under the row of all together. Cells by place and column."""
    lang, register = view.lang, measures.townships(view)
    district = TableRow(
        code=DISTRICT,
        total=True,
        cells={"name": TableCell(text(f"overview.area_short.{view.township_set}", lang)), **total},
    )
    return [
        district,
        *(
            TableRow(
                code=place["code"],
                group=text(f"overview.kinds.{place['kind']}", lang) if place["kind"] else "",
                cells={
                    "name": TableCell(
                        place_name(place["name"], lang, short=True),
                        sort=place["name"],
                        title=place_name(place["name"], lang),
                    ),
                    **cells[place["code"]],
                },
            )
            for place in register.to_dict("records")
        ),
    ]


def total_cell(row: Row, indicator: Indicator, lang: str) -> TableCell:
    """All townships together, without a verdict: there is no rest."""
    if not has_figure(row):
        return TableCell(plain_figure(row, indicator, lang))
    return TableCell(
        plain_figure(row, indicator, lang), sort=float(row["value"]), title=evidence_text(row, indicator, lang)
    )


def measured_table(
    view: View,
    known: Mapping[str, Measured],
    *,
    mode: str,
    caption: str,
    demonstration: bool,
    columns: Sequence[TableColumn] = (),
    cells: Mapping[str, Mapping[str, TableCell]] | None = None,
    total: Mapping[str, TableCell] | None = None,
) -> dict[str, Any]:
    """Arguments of `place_table` without key, selection and callback: one column an indicator, then ``columns`` with
    their ``cells`` by township and their ``total``."""
    lang = view.lang
    beside = cells or {}
    own = {
        place: {
            **{code: figure_cell(one.rows[place], one, lang) for code, one in known.items()},
            **beside.get(place, {}),
        }
        for place in township_names(view)
    }
    totals = {code: total_cell(one.total, one.indicator, lang) for code, one in known.items()}
    return {
        "columns": [*measured_columns(known, lang), *columns],
        "rows": place_rows(view, own, {**totals, **(total or {})}),
        **table_ground(view, caption=caption, demonstration=demonstration, footnotes=[
            text("measured.table.marks", lang, mode=mode_name(mode, lang)), *late_notes(known, lang)]),
        "comparison": text("overview.comparison", lang),
    }  # fmt: skip


def table_ground(view: View, *, caption: str, demonstration: bool, footnotes: Sequence[str]) -> dict[str, Any]:
    """What every table of these pages has: its name, footnotes and the file it offers."""
    lang = view.lang
    mark = text("frame.demonstration.band", lang) if demonstration else ""
    name = text("measured.table.file_name", lang, mark=f"{mark}_" if mark else "", name=caption, first=view.first,
                last=view.last)  # fmt: skip
    return {
        "caption": caption,
        "footnotes": list(footnotes),
        "download": Download(
            file_name="".join(letter for letter in name if letter not in '/\\:*?"<>|'),
            mark=mark,
            notes=(*footnotes, text("overview.details.version_value", lang, number=view.version)),
        ),
    }


def late_notes(known: Mapping[str, Measured], lang: str) -> list[str]:
    """Which figures are older than the newest of their kind, as a footnote; none where all are of one month."""
    late = [
        text("measured.table.late_part", lang, indicator=one.indicator.name[lang], count=one.late)
        for one in known.values()
        if one.late
    ]
    return [text("measured.table.late", lang, parts=text("measured.join", lang).join(late))] if late else []
