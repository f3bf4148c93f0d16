"""应急准备: the checklist of what must stand ready, since when each answer stands, and what runs out next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from indicators.readiness import MODES, SOON
from ui import choropleth, place_table
from ui.charts.frozen import Frozen
from ui.charts.state_grid import MARKS
from ui.component_base import packed
from ui.measures import View
from ui.payloads.measured_board import MeasuredMap, checklist, state_map
from ui.payloads.measured_figures import (
    NOT_READY,
    Measured,
    all_together,
    furthest_from_ready,
    have_data,
    judging_day,
    measured_all,
    most_wanting_first,
    readiness_modes,
)
from ui.payloads.measured_table import late_notes, place_rows, table_ground, two_lines
from ui.payloads.measured_words import (
    Row,
    area_words,
    hover_lines,
    item_options,
    judged_on,
    mode_name,
    period_words,
    rule_words,
    threshold_text,
    township_names,
)
from ui.place_table import Cell, Column
from ui.place_table import Row as TableRow
from ui.texts import number, text
from ui.wording import has_figure

CODES: Final = (
    "plans_current", "graded_response_assigned", "classified_control_assigned", "supplies_standard", "supply_days",
    "drills_done", "order_relayed_in_time",
)  # fmt: skip
"""The paper's systems: plans, graded response, classified control, supplies (standard, days), drills, command."""
GRID_ROOM: Final = 860.0


@dataclass(frozen=True)
class ReadinessBoard:
    """What the page shows; ``soon`` None where nothing runs out within the next days."""

    title: str
    note: str
    period: str
    places_with_data: tuple[int, int]
    has_data: bool
    grid: Frozen
    map_items: Mapping[str, str]
    soon_title: str
    soon: Mapping[str, Any] | None
    soon_ready: bytes | None
    table: Mapping[str, Any]
    table_ready: bytes
    rules: Mapping[str, Any]
    rules_ready: bytes


@st.cache_resource(show_spinner=False, max_entries=200)
def readiness_page(view: View, mode: str, *, as_of: dt.date | None, tone: str, demonstration: bool) -> ReadinessBoard:
    """The page for one view and mode."""
    lang, known = view.lang, measured_all(view, CODES, mode, as_of)
    have, period, day = have_data(known), period_words(known, view), judging_day(view, as_of)
    running = running_out(known)
    soon = _soon_table(view, known, running, demonstration=demonstration) if running else None
    rules = rules_table(view, as_of=as_of, demonstration=demonstration)
    table = _dates_table(view, known, mode=mode, demonstration=demonstration)
    return ReadinessBoard(
        title=_title(view, known, mode, have[0] > 0),
        note=judged_on(day, lang),
        period=period,
        places_with_data=have,
        has_data=have[0] > 0,
        grid=checklist(view, known, most_wanting_first(known), tone=tone, room=GRID_ROOM, values=False),
        map_items=item_options(known, lang, everything=True),
        soon_title=_soon_title(running, lang),
        soon=soon,
        soon_ready=packed(place_table.payload(**soon, lang=lang, max_height=420)) if soon else None,
        table=table,
        table_ready=packed(place_table.payload(**table, lang=lang, max_height=900)),
        rules=rules,
        rules_ready=packed(place_table.payload(**rules, lang=lang)),
    )


@st.cache_resource(show_spinner=False, max_entries=200)
def readiness_map(view: View, item: str, mode: str, *, as_of: dt.date | None) -> MeasuredMap:
    """The map of the state of one item, or of all together ("all")."""
    lang, known = view.lang, measured_all(view, CODES, mode, as_of)
    drawn = state_map(view, known, item, mode=mode)
    name = item_options(known, lang, everything=True)[item]
    title = text("readiness.map_title", lang, item=name, mode=mode_name(mode, lang))
    return MeasuredMap(drawn, packed(choropleth.map_data(**drawn, selected=None)), title, period_words(known, view))


def running_out(known: Mapping[str, Measured]) -> list[tuple[str, str, Row]]:
    """What is good today and runs out within the next days: (township, indicator, row), the soonest first."""
    found = [(place, code, row) for code, one in known.items() for place, row in one.rows.items() if row["soon"]]
    return sorted(found, key=lambda item: (item[2]["days_left"], item[0]))


def _title(view: View, known: Mapping[str, Measured], mode: str, has_data: bool) -> str:
    lang, states = view.lang, all_together(known)
    facts = {"mode": mode_name(mode, lang), "area": area_words(view)}
    if not has_data:
        return text("readiness.title_none", lang, area=facts["area"])
    ready = sum(state == "yes" for state in states.values())
    facts["ready"] = text(f"readiness.ready_{'some' if ready else 'none'}", lang, count=ready, items=len(known))
    worst = furthest_from_ready(known)
    if worst is None:
        return text("readiness.title_all", lang, **facts)
    one = known[worst]
    short, stale = sum(one.tally[state] for state in NOT_READY), one.tally["stale"]
    kind = "none" if not stale else "all" if stale == short else "some"
    said = text(f"readiness.stale_{kind}", lang, count=stale)
    return text("readiness.title", lang, **facts, item=one.indicator.name[lang], short=short, stale=said)


def _soon_title(running: list[tuple[str, str, Row]], lang: str) -> str:
    if not running:
        return text("readiness.soon.nothing", lang, days=SOON)
    places = len({place for place, _, _ in running})
    return text("readiness.soon.title", lang, days=SOON, count=len(running), places=places)


def _soon_table(
    view: View, known: Mapping[str, Measured], running: list[tuple[str, str, Row]], *, demonstration: bool
) -> dict[str, Any]:
    """One row a township with something that runs out: how many, the first of them, all of them with their days."""
    lang, names = view.lang, township_names(view)
    cells: dict[str, dict[str, Cell]] = {}
    for place in dict.fromkeys(place for place, _, _ in running):
        own = [(code, row) for at, code, row in running if at == place]
        first = own[0][1]["expires_on"]
        items = [text("readiness.soon.item", lang, day=f"{row['expires_on']:%m-%d}",
                      item=known[code].indicator.name[lang]) for code, row in own]  # fmt: skip
        title = "\n".join(line for code, row in own for line in hover_lines(row, known[code], names[place], lang)[1:])
        cells[place] = {
            "first": Cell(first.isoformat(), sort=first.isoformat(), title=title),
            "count": Cell(str(len(own)), sort=len(own), title=title),
            "items": Cell(text("measured.join", lang).join(items), sort=first.isoformat(), title=title),
        }
    rows = [row for row in place_rows(view, {p: cells.get(p, {}) for p in names}, {}) if row.code in cells]
    columns = [
        Column("name", text("measured.columns.name", lang), kind="name"),
        Column("first", text("readiness.soon.first", lang), kind="text", hint=text("readiness.soon.first_hint", lang)),
        Column("count", text("readiness.soon.count", lang), hint=text("readiness.soon.count_hint", lang)),
        Column("items", text("readiness.soon.items", lang), kind="text"),
    ]
    caption = text("readiness.soon.caption", lang, days=SOON)
    ground = table_ground(view, caption=caption, demonstration=demonstration, footnotes=[])
    return {"columns": columns, "rows": rows, "sort": ("first", "asc"), **ground}


def _dates_table(view: View, known: Mapping[str, Measured], *, mode: str, demonstration: bool) -> dict[str, Any]:
    """One row a township: how many items are ready, and for each item its state, when it was verified, until when."""
    lang, names = view.lang, township_names(view)
    cells = {place: _dates_row(known, place, names[place], lang) for place in names}
    columns = [
        Column("name", text("measured.columns.name", lang), kind="name"),
        Column("ready", text("readiness.table.ready", lang), hint=text("readiness.table.ready_hint", lang)),
        *(
            Column(
                code,
                two_lines(one.indicator.name[lang]),
                kind="text",
                hint=text("measured.columns.hint", lang, definition=one.indicator.description[lang],
                          rule=rule_words(one.rule, one.indicator, lang)),
            )
            for code, one in known.items()
        ),
    ]  # fmt: skip
    total = {code: Cell(f"{one.tally['yes']}/{len(one.rows)}") for code, one in known.items()}
    states = all_together(known)
    total["ready"] = Cell(f"{sum(state == 'yes' for state in states.values())}/{len(states)}",
                          title=text("readiness.table.wholly", lang))  # fmt: skip
    caption = text("readiness.table.caption", lang, mode=mode_name(mode, lang))
    footnotes = [text("readiness.table.note", lang), *late_notes(known, lang)]
    ground = table_ground(view, caption=caption, demonstration=demonstration, footnotes=footnotes)
    return {"columns": columns, "rows": place_rows(view, cells, total), "sort": ("ready", "asc"), **ground}


def rules_table(view: View, *, as_of: dt.date | None, demonstration: bool) -> dict[str, Any]:
    """One row an item: what peacetime and an emergency ask, for how many days an answer is good, and how many townships
    are ready by either rule."""
    lang = view.lang
    both = {mode: measured_all(view, CODES, mode, as_of) for mode in MODES}
    rows = [
        TableRow(
            code=code,
            cells={
                "name": Cell(one.indicator.name[lang], title=one.indicator.description[lang]),
                **{name: cell for mode in MODES for name, cell in _rule_cells(both[mode][code], mode, lang).items()},
            },
        )
        for code, one in both[MODES[0]].items()
    ]
    columns = [
        Column("name", text("readiness.rules.item", lang), kind="name"),
        *(
            Column(
                f"{mode}_{part}",
                text(f"readiness.rules.{part}", lang, mode=readiness_modes().names[mode][lang]),
                kind="number",
                hint=text(f"readiness.rules.{part}_hint", lang),
            )
            for mode in MODES
            for part in ("asked", "days", "ready")
        ),
    ]
    caption = text("readiness.rules.caption", lang)
    footnotes = [readiness_modes().basis[lang]]
    return {"columns": columns, "rows": rows,
            **table_ground(view, caption=caption, demonstration=demonstration, footnotes=footnotes)}  # fmt: skip


def _rule_cells(one: Measured, mode: str, lang: str) -> dict[str, Cell]:
    rule, whole = one.rule, rule_words(one.rule, one.indicator, lang)
    sign = "≤" if one.indicator.better == "lower" else "≥"
    asked = "" if rule.ready is None else f"{sign}{threshold_text(rule.ready, one.indicator, lang)}"
    days = "" if rule.valid_days is None else number(rule.valid_days)
    return {
        f"{mode}_asked": Cell(asked, sort=rule.ready, title=whole),
        f"{mode}_days": Cell(days, sort=rule.valid_days, title=whole),
        f"{mode}_ready": Cell(f"{one.tally['yes']}/{len(one.rows)}", sort=one.tally["yes"], title=whole),
    }


def _dates_row(known: Mapping[str, Measured], place: str, name: str, lang: str) -> dict[str, Cell]:
    ready = sum(one.rows[place]["readiness"] == "yes" for one in known.values())
    cells = {"ready": Cell(f"{ready}/{len(known)}", sort=ready)}
    for code, one in known.items():
        row = one.rows[place]
        title = "\n".join(hover_lines(row, one, name, lang)[1:])
        if not has_figure(row):
            cells[code] = Cell(text(f"measured.short.{row['readiness']}", lang), title=title)
            continue
        verified, expires = row["verified_on"], row["expires_on"]
        day = f"{verified:%y-%m-%d}" if verified else text("readiness.table.undated", lang)
        cells[code] = Cell(
            f"{MARKS[row['readiness']]} {day}".strip(),
            sort=verified.isoformat() if verified else None,
            note=text("readiness.table.until", lang, day=f"{expires:%y-%m-%d}") if expires else "",
            title=title,
        )
    return cells
