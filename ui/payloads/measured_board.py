"""What the pages of measured figures draw alike: the checklist of townships and indicators, and the map."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from indicators.catalogue import Indicator
from ui import choropleth, measures
from ui.address import MAP_COLOURS
from ui.charts.frozen import Frozen
from ui.charts.state_grid import MARKS, Cell, Column, state_grid
from ui.charts.tone import tone_named
from ui.choropleth import LegendEntry
from ui.choropleth.palettes import class_styles
from ui.component_base import packed
from ui.measures import View
from ui.payloads.map_ground import map_ground
from ui.payloads.map_payload import map_labels, verdict_map
from ui.payloads.measured_figures import Measured, all_together, measured
from ui.payloads.measured_words import (
    ALL_ITEMS,
    Row,
    hover_lines,
    period_words,
    plain_figure,
    state_words,
    township_names,
)
from ui.payloads.value_map import value_map
from ui.texts import text
from ui.wording import has_figure

MAP_HEIGHT: Final = 470
LISTED: Final = ("yes", "partly", "no", "stale", "no_data")
"""States of which the key of a checklist always speaks; the others only where they occur."""
_AS_CLASS: Final = {
    "yes": "much_better", "partly": "worse", "no": "much_worse", "stale": "too_few", "not_set": "similar",
}  # fmt: skip
"""State to the class of the map that has its colour: blue, light vermillion, vermillion, hatched, grey."""


@dataclass(frozen=True)
class MeasuredMap:
    """A map as arguments, packed, and its heading and period."""

    drawn: Mapping[str, Any]
    ready: bytes
    title: str
    period: str


def checklist(
    view: View, known: Mapping[str, Measured], order: Sequence[str], *, tone: str, room: float, values: bool = True
) -> Frozen:
    """The grid of townships and indicators; heads say the value of all together (with ``values``) and how many are
    ready."""
    lang, names = view.lang, township_names(view)
    shown = township_names(view, short=True)
    cells = {
        (place, code): Cell(
            str(row["readiness"]),
            _printed(row, one.indicator, lang),
            _bold_first(hover_lines(row, one, names[place], lang)),
        )
        for code, one in known.items()
        for place, row in one.rows.items()
    }
    occurring = Counter(cell.state for cell in cells.values())
    listed = [*LISTED, *(state for state in MARKS if state not in LISTED and occurring[state])]
    return Frozen(
        state_grid(
            cells,
            places=order,
            names=shown,
            columns=[
                Column(code, one.indicator.name[lang], _below(one, lang, values=values)) for code, one in known.items()
            ],
            states={state: text(f"measured.key.{state}", lang, count=occurring[state]) for state in listed},
            tone=tone_named(tone),
            room=room,
        )
    )


def _bold_first(lines: Sequence[str]) -> list[str]:
    return [f"<b>{lines[0]}</b>", *lines[1:]]


def _printed(row: Row, indicator: Indicator, lang: str) -> str:
    if row["readiness"] == "stale":
        return text("measured.stale_short", lang)
    if has_figure(row):
        return plain_figure(row, indicator, lang)
    return text(f"measured.short.{row['readiness']}", lang)


def _below(one: Measured, lang: str, *, values: bool) -> tuple[str, ...]:
    """Below the head of a column: the value of all together, and how many of the townships are ready."""
    value = _printed({**one.total, "readiness": "value"}, one.indicator, lang) if has_figure(one.total) else ""
    ready = "" if one.rule.ready is None else f"{one.tally['yes']}/{len(one.rows)}"
    return tuple(part for part in (value if values else "", ready) if part)


def _as_class(state: str) -> str:
    return _AS_CLASS.get(state, state)


def _map_mark(state: str) -> str:
    return class_styles("verdict")[_as_class(state)].mark


def state_map(view: View, known: Mapping[str, Measured], item: str, *, mode: str) -> dict[str, Any]:
    """Arguments of `choropleth`: the state of one indicator (its code), or of all together ("all"), by township."""
    lang, names = view.lang, township_names(view)
    states = all_together(known) if item == ALL_ITEMS else {
        place: str(row["readiness"]) for place, row in known[item].rows.items()
    }  # fmt: skip
    hover = {
        place: _all_lines(known, place, names[place], lang)
        if item == ALL_ITEMS
        else list(hover_lines(known[item].rows[place], known[item], names[place], lang))
        for place in states
    }
    name = text("measured.map.all", lang) if item == ALL_ITEMS else known[item].indicator.name[lang]
    tally = Counter(states.values())
    legend = [
        LegendEntry(
            _as_class(state), class_styles("verdict")[_as_class(state)].mark, state_words(state, lang), tally[state]
        )
        for state in (*LISTED, "too_few", "hidden", "not_applicable", "not_set")
        if tally[state] or state in ("yes", "no")
    ]
    registered = dict(zip(*(measures.townships(view)[column] for column in ("code", "name")), strict=True))
    return {
        **map_ground(view, level="township"),
        "within": None,
        "classes": {place: _as_class(state) for place, state in states.items()},
        "hover": hover,
        "palette": "verdict",
        "legend": legend,
        "legend_title": text(f"measured.map.{mode}", lang),
        "labels": map_labels(view, registered),
        "alt": text("measured.map.alt", lang, item=name, ready=tally["yes"], all=len(states)),
        "height": MAP_HEIGHT,
    }


def _all_lines(known: Mapping[str, Measured], place: str, name: str, lang: str) -> list[str]:
    """The place, and of which items it is short: the map shows four lines at most."""
    lines = [name]
    joint = text("measured.join", lang)
    for state in ("no", "partly", "stale"):
        short = [one.indicator.name[lang] for one in known.values() if one.rows[place]["readiness"] == state]
        if short:
            lines.append(text("measured.map.short_of", lang, state=state_words(state, lang), items=joint.join(short)))
    return lines if len(lines) > 1 else [name, state_words(all_together(known)[place], lang)]


def measured_map(view: View, one: Measured, *, colours: str) -> dict[str, Any]:
    """Arguments of `choropleth` for one indicator: verdicts, or values in groups or shades, as ``colours`` says."""
    register = measures.townships(view)
    names = dict(zip(register["code"], register["name"], strict=True))
    months = period_words({one.indicator.code: one}, view)
    judged = one.judged
    drawn = verdict_map(
        view, judged, one.indicator, level="township", names=names, height=MAP_HEIGHT, months=months,
        comparison=text("overview.comparison", view.lang),
    )  # fmt: skip
    if colours == MAP_COLOURS[0]:
        return drawn
    return value_map(view, drawn, judged, one.indicator, names=names, colours=colours, months=months)


@st.cache_resource(show_spinner=False, max_entries=300)
def indicator_map(view: View, code: str, mode: str, *, as_of: dt.date | None, colours: str) -> MeasuredMap:
    """The map of one measured indicator, in the colours chosen."""
    one = measured(view, code, mode, as_of)
    drawn = measured_map(view, one, colours=colours)
    title = text("measured.map.title", view.lang, indicator=one.indicator.name[view.lang])
    return MeasuredMap(
        drawn, packed(choropleth.map_data(**drawn, selected=None)), title, period_words({code: one}, view)
    )
