"""底数底情: how complete the registers are, what is missing where, which sources are connected, how fresh it all is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from ui import place_table
from ui.charts.frozen import Frozen
from ui.charts.part_bars import Part as Bar
from ui.charts.part_bars import part_bars
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.co_governance_page import ChosenTable
from ui.payloads.measured_board import checklist
from ui.payloads.measured_figures import Measured, have_data, judging_day, measured_all, most_wanting_first
from ui.payloads.measured_table import measured_table, place_rows, table_ground, two_lines
from ui.payloads.measured_words import (
    area_words,
    hover_lines,
    item_options,
    judged_on,
    mode_name,
    period_words,
    plain_figure,
    rule_words,
    threshold_text,
    township_names,
)
from ui.payloads.report_figures import report_figures
from ui.place_table import Cell, Column
from ui.texts import month_text, number, text
from ui.wording import evidence_text, has_figure

CODES: Final = (
    "residents_registered", "migrants_registered", "rentals_registered", "building_firms_registered",
    "employees_registered", "sources_connected", "reports_on_time", "records_valid",
)  # fmt: skip
TABLES: Final = ("rates", "missing", "months")
DOMAIN: Final = "base_data"
GRID_ROOM: Final = 860.0


@dataclass(frozen=True)
class BaseData:
    """What the page shows; ``bars`` None without data."""

    title: str
    note: str
    period: str
    places_with_data: tuple[int, int]
    has_data: bool
    bars: Frozen | None
    bars_finding: str
    grid: Frozen
    map_items: Mapping[str, str]
    table_options: Mapping[str, str]


@st.cache_resource(show_spinner=False, max_entries=200)
def base_data_page(view: View, mode: str, *, as_of: dt.date | None, tone: str) -> BaseData:
    """The page for one view and mode, but its table."""
    lang, known = view.lang, measured_all(view, CODES, mode, as_of)
    have = have_data(known)
    return BaseData(
        title=_title(view, known, mode, have[0] > 0),
        note=judged_on(judging_day(view, as_of), lang),
        period=period_words(known, view),
        places_with_data=have,
        has_data=have[0] > 0,
        bars=_bars(known, lang, tone=tone) if have[0] else None,
        bars_finding=_finding(known, lang),
        grid=checklist(view, known, most_wanting_first(known), tone=tone, room=GRID_ROOM),
        map_items=item_options(known, lang),
        table_options={one: text(f"base_data.tables.{one}", lang) for one in TABLES},
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def base_data_table(view: View, mode: str, which: str, *, as_of: dt.date | None, demonstration: bool) -> ChosenTable:
    """The table of rates, of what is missing from each register ("missing"), or of newest months and reports."""
    lang, known = view.lang, measured_all(view, CODES, mode, as_of)
    caption = text(f"base_data.captions.{which}", lang)
    if which == "rates":
        table = measured_table(view, known, mode=mode, caption=caption, demonstration=demonstration)
    elif which == "missing":
        table = _missing_table(view, known, caption=caption, demonstration=demonstration)
    else:
        table = _months_table(view, known, caption=caption, demonstration=demonstration)
    return ChosenTable(table, packed(place_table.payload(**table, lang=lang, max_height=900)))


def missing(row: Mapping[str, Any]) -> float | None:
    """How many of the whole are not there: what should be registered and is not. None without data."""
    return float(row["n"] - row["x"]) if has_figure(row) else None


def _missing_table(view: View, known: Mapping[str, Measured], *, caption: str, demonstration: bool) -> dict[str, Any]:
    lang, names = view.lang, township_names(view)
    cells = {
        place: {code: _missing_cell(one.rows[place], one, name, lang) for code, one in known.items()}
        for place, name in names.items()
    }
    total = {code: _missing_cell(one.total, one, "", lang) for code, one in known.items()}
    columns = [
        Column(code, two_lines(text(f"base_data.missing.{code}", lang)), kind="number",
               hint=text("base_data.missing.hint", lang, whole=one.indicator.denominator_text[lang],
                         part=one.indicator.numerator_text[lang]))
        for code, one in known.items()
    ]  # fmt: skip
    footnotes = [text("base_data.missing.note", lang)]
    return {
        "columns": [*_first_columns(lang), *columns],
        "rows": place_rows(view, cells, total),
        "sort": (CODES[0], "desc"),
        **table_ground(view, caption=caption, demonstration=demonstration, footnotes=footnotes),
    }


def _first_columns(lang: str) -> list[Column]:
    return [
        Column("index", text("measured.columns.index", lang), kind="index"),
        Column("name", text("measured.columns.name", lang), kind="name"),
    ]


def _missing_cell(row: Mapping[str, Any], one: Measured, name: str, lang: str) -> Cell:
    gone = missing(row)
    if gone is None:
        return Cell(text("frame.states.no_data", lang))
    lines = hover_lines(row, one, name, lang)[1:] if "readiness" in row else (evidence_text(row, one.indicator, lang),)
    return Cell(number(gone), sort=gone, title="\n".join(lines))


def _months_table(view: View, known: Mapping[str, Measured], *, caption: str, demonstration: bool) -> dict[str, Any]:
    """The newest month of each register in each township, and the reports of base data that were late or never came."""
    lang, names = view.lang, township_names(view)
    reports = {str(row["place"]): row for row in report_figures(view, DOMAIN).places.to_dict("records")}
    cells = {}
    for place, name in names.items():
        report = reports.get(place)
        cells[place] = {
            **{kind: _report_cell(report, kind, lang) for kind in ("late", "missing")},
            **{code: _month_cell(one.rows[place], one, name, lang) for code, one in known.items()},
        }
    columns = [
        *(Column(kind, text(f"base_data.months.{kind}", lang), hint=text(f"base_data.months.{kind}_hint", lang))
          for kind in ("late", "missing")),
        *(Column(code, two_lines(one.indicator.name[lang]), kind="text", hint=rule_words(one.rule, one.indicator, lang))
          for code, one in known.items()),
    ]  # fmt: skip
    return {
        "columns": [*_first_columns(lang), *columns],
        "rows": place_rows(view, cells, {}),
        "sort": ("missing", "desc"),
        **table_ground(view, caption=caption, demonstration=demonstration,
                       footnotes=[text("base_data.months.note", lang)]),
    }  # fmt: skip


def _report_cell(report: Mapping[Any, Any] | None, kind: str, lang: str) -> Cell:
    if report is None:
        return Cell("", title=text("frame.states.no_data", lang))
    count = int(report[kind])
    title = text("base_data.months.of", lang, count=count, due=int(report["n"])) if report["n"] == report["n"] else ""
    return Cell(number(count), sort=count, title=title)


def _month_cell(row: Mapping[str, Any], one: Measured, name: str, lang: str) -> Cell:
    if not has_figure(row):
        return Cell(text(f"measured.short.{row['readiness']}", lang), title=hover_lines(row, one, name, lang)[-1])
    mark = text("base_data.months.stale", lang) if row["readiness"] == "stale" else ""
    month = int(row["month"])
    title = "\n".join(hover_lines(row, one, name, lang)[1:])
    return Cell(month_text(month, lang), sort=str(month), note=mark, title=title)


def _bars(known: Mapping[str, Measured], lang: str, *, tone: str) -> Frozen:
    """All townships together: how full each register is, and how many are missing from it."""
    return Frozen(
        part_bars(
            [_bar(code, one, lang) for code, one in known.items()],
            target=None,
            target_text="",
            heads=(text("measured.bars.share", lang), text("base_data.bars.missing", lang)),
            tone=tone_named(tone),
        )
    )


def _bar(code: str, one: Measured, lang: str) -> Bar:
    row, name = one.total, one.indicator.name[lang]
    gone = missing(row)
    if gone is None:
        return Bar(code, name, None, text("frame.states.no_data", lang), "")
    hover = "<br>".join(
        (f"<b>{name}</b>", evidence_text(row, one.indicator, lang), rule_words(one.rule, one.indicator, lang))
    )
    return Bar(code, name, float(row["value"]), plain_figure(row, one.indicator, lang), number(gone),
               one.total_reaches, hover)  # fmt: skip


def _below(known: Mapping[str, Measured]) -> list[Measured]:
    """The registers and sources that are, all townships together, below what is asked, the furthest below first."""
    short = [one for one in known.values() if one.total_reaches is False]
    return sorted(short, key=lambda one: float(one.total["value"]) - float(one.rule.ready or 0))


def _finding(known: Mapping[str, Measured], lang: str) -> str:
    short = _below(known)
    if not any(has_figure(one.total) for one in known.values()):
        return text("base_data.bars.nothing", lang)
    if not short:
        return text("base_data.bars.reached", lang)
    names = text("measured.join", lang).join(one.indicator.name[lang] for one in short)
    return text("base_data.bars.finding", lang, count=len(short), items=names)


def _title(view: View, known: Mapping[str, Measured], mode: str, has_data: bool) -> str:
    lang, area = view.lang, area_words(view)
    if not has_data:
        return text("base_data.title_none", lang, area=area)
    asked = [one for one in known.values() if one.total_reaches is not None]
    short = _below(known)
    facts = {"area": area, "mode": mode_name(mode, lang), "all": len(asked), "reached": len(asked) - len(short)}
    if not short:
        return text("base_data.title_all", lang, **facts)
    worst = short[0]
    return text(
        "base_data.title",
        lang,
        **facts,
        item=worst.indicator.name[lang],
        value=plain_figure(worst.total, worst.indicator, lang),
        asked=threshold_text(float(worst.rule.ready or 0), worst.indicator, lang),
    )
