"""Everything the overview mounts, for one set of choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.printed_figures import target_text
from ui import cached_reads, choropleth, findings_list, gap_strips, measures, place_table, scoreboard
from ui.address import MAP_COLOURS, add_months
from ui.component_base import Point, packed
from ui.findings_list import FindingText
from ui.gap_strips import Strip
from ui.measures import View
from ui.payloads.circular_table import circular_table
from ui.payloads.finding_words import finding_text
from ui.payloads.gap_payload import gap_strip
from ui.payloads.map_payload import verdict_map
from ui.payloads.overview_figures import CIRCULAR, SCOREBOARD, IndicatorFigures, board_figures, figures, total_rate
from ui.payloads.value_map import value_map
from ui.scoreboard import Tile
from ui.texts import month_span, month_text, number, text
from ui.wording import (
    change_state,
    change_text,
    evidence_text,
    figure_text,
    has_figure,
    interval_text,
    target_words,
)

TREND_MONTHS: Final = 24
MAP_HEIGHT: Final = 560


@dataclass(frozen=True)
class Overview:
    """What the page mounts, ready: the title as a sentence, and the arguments of each component; ``map_titles`` by what
    the colours of the map show."""

    title: str
    places_with_data: tuple[int, int]
    note: str
    tiles: tuple[Tile, ...]
    strips: tuple[Strip, ...]
    map_titles: Mapping[str, str]
    map_period: str
    map: Mapping[str, Any]
    table: Mapping[str, Any]
    findings: tuple[FindingText, ...]


@dataclass(frozen=True)
class Mounted:
    """The overview as its components are sent it: each one's data packed, for one lit place."""

    scoreboard: bytes
    strips: bytes
    table: bytes
    findings: bytes | None


@dataclass(frozen=True)
class Board:
    """The part of the overview that is the same whatever indicator the map shows."""

    note: str
    tiles: tuple[Tile, ...]
    strips: tuple[Strip, ...]
    findings: tuple[FindingText, ...]
    packed_tiles: bytes
    packed_strips: bytes
    packed_findings: bytes | None


@st.cache_resource(show_spinner=False, max_entries=300)
def mounted(view: View, indicator_code: str, demonstration: bool, selected: str | None) -> Mounted:
    """The packed data of the overview's components but the map, with the place ``selected`` lit."""
    shown = overview(view, indicator_code, demonstration)
    fixed = board(view)
    return Mounted(
        scoreboard=fixed.packed_tiles,
        strips=fixed.packed_strips,
        table=packed(place_table.payload(**shown.table, selected=selected, lang=view.lang)),
        findings=fixed.packed_findings,
    )


@st.cache_resource(show_spinner=False, max_entries=600)
def mounted_map(
    view: View, indicator_code: str, demonstration: bool, selected: str | None, colours: str = MAP_COLOURS[0]
) -> bytes:
    """The packed data of the overview's map, with the place ``selected`` outlined; ``colours`` one of `MAP_COLOURS`."""
    return packed(choropleth.map_data(**drawn_map(view, indicator_code, demonstration, colours), selected=selected))


def drawn_map(view: View, indicator_code: str, demonstration: bool, colours: str) -> Mapping[str, Any]:
    """The arguments of `choropleth` for the overview's map but key, selection and callbacks."""
    drawn = overview(view, indicator_code, demonstration).map
    if colours == MAP_COLOURS[0]:
        return drawn
    indicator, register = cached_reads.catalogue()[indicator_code], measures.townships(view)
    names = dict(zip(register["code"], register["name"], strict=True))
    months = month_span(*view.months(indicator), view.lang)
    judged = figures(view, indicator_code).judged
    return value_map(view, drawn, judged, indicator, names=names, colours=colours, months=months)


@st.cache_resource(show_spinner=False, max_entries=200)
def board(view: View) -> Board:
    """Scoreboard, gaps and findings of a view. The same object for everybody: never change it."""
    catalogue, lang = cached_reads.catalogue(), view.lang
    register = measures.townships(view)
    names = dict(zip(register["code"], register["name"], strict=True))
    known = {code: figures(view, code) for code in SCOREBOARD}
    found = board_figures(view)
    tiles = (
        _reported_tile(view, catalogue),
        *(_tile(view, catalogue[code], one.total, one.change) for code, one in known.items()),
    )
    strips = tuple(gap_strip(view, gap) for gap in found.gaps)
    findings = tuple(finding_text(finding, catalogue, names, view) for finding in found.findings)
    return Board(
        note=_settled_note(view),
        tiles=tiles,
        strips=strips,
        findings=findings,
        packed_tiles=packed(scoreboard.payload(tiles=tiles, lang=lang)),
        packed_strips=packed(gap_strips.payload(strips=strips, lang=lang)),
        packed_findings=packed(findings_list.payload(findings=findings, lang=lang)) if findings else None,
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def overview(view: View, indicator_code: str, demonstration: bool) -> Overview:
    """The overview for one view and one indicator on the map. The same object for everybody: never change it."""
    catalogue, lang = cached_reads.catalogue(), view.lang
    register = measures.townships(view)
    names = dict(zip(register["code"], register["name"], strict=True))
    indicator = catalogue[indicator_code]
    shown = figures(view, indicator_code)
    fixed = board(view)
    return Overview(
        title=_title(view, shown, indicator),
        places_with_data=(int((shown.judged["state"] != "no_data").sum()), len(register)),
        note=fixed.note,
        tiles=fixed.tiles,
        strips=fixed.strips,
        findings=fixed.findings,
        map_titles={
            colours: text(f"overview.section.map_{colours}", lang, indicator=indicator.name[lang])
            for colours in MAP_COLOURS
        },
        map_period=month_span(*view.months(indicator), lang),
        map=verdict_map(
            view,
            shown.judged,
            indicator,
            level="township",
            names=names,
            height=MAP_HEIGHT,
            changes=shown.moves,
            months=month_span(*view.months(indicator), lang),
            than=than_words(view, indicator),
            comparison=text("overview.comparison", lang),
        ),
        table=circular_table(
            view,
            catalogue,
            indicator,
            register,
            {code: figures(view, code) for code in dict.fromkeys((*CIRCULAR, indicator_code))},
            demonstration=demonstration,
        ),
    )


def than_words(view: View, indicator: Indicator) -> str:
    """What a change is measured against: 较去年同期, 较上一时段; empty where there is nothing to compare with."""
    before = view.before(indicator)
    if before is None:
        return ""
    first, _ = view.months(indicator)
    months_back = (first // 100 - before[0] // 100) * 12 + first % 100 - before[0] % 100
    kind = "year" if months_back % 12 == 0 else "stretch"
    return text(f"overview.than.{kind}", view.lang, months=month_span(*before, view.lang))


def _settled_note(view: View) -> str:
    first, last = view.months("issues")
    if (first, last) == (view.first, view.last):
        return ""
    return text("overview.settled_note", view.lang, month=month_text(last, view.lang))


def _title(view: View, figures: IndicatorFigures, indicator: Indicator) -> str:
    """The district in one sentence, for the indicator that map and table show."""
    lang, row, judged = view.lang, figures.total.iloc[0], figures.judged["verdict"]
    name = indicator.name[lang]
    if not has_figure(row):
        return text("overview.title.none", lang, indicator=name)
    where = text(f"overview.area.{view.township_set}", lang, count=len(judged))
    facts = {"where": where, "indicator": name, "value": figure_text(row, indicator, lang)}
    if indicator.better == "neutral":
        high, low = int(judged.eq("much_higher").sum()), int(judged.eq("much_lower").sum())
        return text("overview.title.neutral", lang, **facts, high=high, low=low)
    worse = int(judged.eq("much_worse").sum())
    facts["ending"] = text(f"overview.title.{'some' if worse else 'nobody'}_worse", lang, count=worse)
    _, state = target_words(row, indicator, lang)
    if indicator.target is None:
        return text("overview.title.plain", lang, **facts)
    return text(f"overview.title.{state or 'unclear'}", lang, **facts, target=target_text(indicator.target))


def trend_points(
    view: View, indicator: Indicator, *, within: str | None = None, level: str = "township"
) -> list[Point]:
    """Month by month over two years up to the last month chosen; provisional months are marked."""
    first = max(view.first_month, min(view.first, add_months(view.last, 1 - TREND_MONTHS)))
    table = measures.rates(view, indicator, by=("month",), months=(first, view.last), within=within, level=level)
    points = []
    for row in table.sort_values("month").to_dict("records"):
        known = row["state"] == "value"
        points.append(
            Point(
                month=month_text(int(row["month"]), view.lang),
                value=row["value"] if known else None,
                low=row["low"] if known else None,
                high=row["high"] if known else None,
                provisional=indicator.source == "issues" and view.is_provisional(int(row["month"])),
            )
        )
    return points


def _tile(view: View, indicator: Indicator, total: pd.DataFrame, change: pd.DataFrame | None) -> Tile:
    lang, row = view.lang, total.iloc[0]
    moved = change.iloc[0] if change is not None else None
    shown = figure_text(row, indicator, lang)
    target, target_state = target_words(row, indicator, lang)
    changed = change_text(moved, indicator, lang, than=than_words(view, indicator))
    value, unit = (shown.removesuffix("%"), "%") if shown.endswith("%") else (shown, "")
    return Tile(
        code=indicator.code,
        name=indicator.name[lang],
        value_text=value,
        unit_text=unit,
        state=str(row["state"]),
        target_text=target,
        target_state=target_state if target else None,
        interval_text=text("overview.interval", lang, interval=interval_text(row, indicator))
        if interval_text(row, indicator)
        else "",
        change_text=changed,
        change_state=change_state(moved),
        points=trend_points(view, indicator),
        target=indicator.target,
        details=number_details(view, indicator, row),
        alt=f"{indicator.name[lang]} {evidence_text(row, indicator, lang)} {target} {changed}".strip(),
    )


def number_details(view: View, indicator: Indicator, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What opens under a number: numerator, denominator, interval, definition, owner, months, data version."""
    lang = view.lang

    def label(name: str) -> str:
        return text(f"overview.details.{name}", lang)

    details = []
    if has_figure(row):
        details += [
            (label("numerator"), f"{indicator.numerator_text[lang]} {number(row['x'])}"),
            (label("denominator"), f"{indicator.denominator_text[lang]} {number(row['n'])}"),
        ]
        if interval_text(row, indicator):
            details.append((label("interval"), interval_text(row, indicator)))
    first, last = view.months(indicator)
    return [
        *details,
        (label("definition"), indicator.description[lang]),
        (label("caveats"), indicator.caveats[lang]),
        (label("owner"), indicator.owner[lang]),
        (label("months"), month_span(first, last, lang)),
        (label("version"), text("overview.details.version_value", lang, number=view.version)),
    ]


def _reported_tile(view: View, catalogue: Catalogue) -> Tile:
    """Issues found: a count, neither good nor bad; its change is judged as a rate per resident."""
    lang, indicator = view.lang, catalogue["issues_per_1000"]
    row = total_rate(view, indicator).iloc[0]
    count = row["x"]
    moved = figures(view, indicator.code).change
    moved_row = moved.iloc[0] if moved is not None else None
    first = max(view.first_month, min(view.first, add_months(view.last, 1 - TREND_MONTHS)))
    monthly = measures.rates(view, indicator, by=("month",), months=(first, view.last)).sort_values("month")
    points = [
        Point(month=month_text(int(one["month"]), lang), value=one["x"],
              provisional=view.is_provisional(int(one["month"])))
        for one in monthly.to_dict("records")
    ]  # fmt: skip
    known = not pd.isna(count)
    shown = number(count) if known else text("frame.states.no_data", lang)
    per_1000 = text("overview.per_1000", lang, value=number(row["value"], decimals=1)) if has_figure(row) else ""
    name = text("overview.reported", lang)
    changed = change_text(moved_row, indicator, lang, than=than_words(view, indicator))
    return Tile(
        code=indicator.code,
        name=name,
        value_text=shown,
        unit_text=text("overview.cases", lang) if known else "",
        state="value" if known else "no_data",
        interval_text=per_1000,
        change_text=changed,
        change_state=change_state(moved_row),
        points=points,
        details=number_details(view, indicator, row),
        scale="count",
        alt=f"{name} {shown} {changed}",
    )
