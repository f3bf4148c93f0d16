"""社会共治: the five kinds of bodies, mediation, petition agents, the fund by use, and who is linked with whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from ui import cached_reads, place_table
from ui.charts.frozen import Frozen
from ui.charts.part_bars import Part as Bar
from ui.charts.part_bars import part_bars
from ui.charts.tone import tone_named
from ui.component_base import packed
from ui.measures import View
from ui.payloads.measured_board import checklist
from ui.payloads.measured_figures import (
    Measured,
    Part,
    have_data,
    judging_day,
    measured_all,
    measured_parts,
    most_wanting_first,
    readiness_modes,
)
from ui.payloads.measured_table import measured_table, part_cell, place_rows, table_ground, total_cell
from ui.payloads.measured_words import (
    area_words,
    item_options,
    judged_on,
    mode_name,
    period_words,
    plain_figure,
    threshold_text,
    township_names,
)
from ui.place_table import Column
from ui.texts import number, text
from ui.wording import evidence_text, has_figure

BODIES: Final = "cogovernance_bodies"
FUND: Final = "fund_paid"
MEDIATION: Final = "mediation_success"
CODES: Final = (
    BODIES, MEDIATION, "petition_agents", FUND, "firms_paired", "departments_paired", "firm_requests_answered",
)  # fmt: skip
TABLES: Final = ("items", "bodies", "fund")
GRID_ROOM: Final = 860.0


@dataclass(frozen=True)
class CoGovernance:
    """What the page shows; ``bodies`` and ``fund`` None without data."""

    title: str
    note: str
    period: str
    places_with_data: tuple[int, int]
    has_data: bool
    bodies: Frozen | None
    bodies_finding: str
    fund: Frozen | None
    fund_finding: str
    grid: Frozen
    map_items: Mapping[str, str]
    table_options: Mapping[str, str]


@dataclass(frozen=True)
class ChosenTable:
    """One table as arguments and packed."""

    table: Mapping[str, Any]
    ready: bytes


@st.cache_resource(show_spinner=False, max_entries=200)
def co_governance_page(view: View, mode: str, *, as_of: dt.date | None, tone: str) -> CoGovernance:
    """The page for one view and mode, but its table."""
    lang, known = view.lang, measured_all(view, CODES, mode, as_of)
    have = have_data(known)
    bodies, fund = measured_parts(view, BODIES), measured_parts(view, FUND)
    return CoGovernance(
        title=_title(view, known, bodies, mode, have[0] > 0),
        note=judged_on(judging_day(view, as_of), lang),
        period=period_words(known, view),
        places_with_data=have,
        has_data=have[0] > 0,
        bodies=bars(bodies, mode, lang, tone=tone),
        bodies_finding=_finding("bodies", bodies, lang),
        fund=bars(fund, mode, lang, tone=tone),
        fund_finding=_finding("fund", fund, lang),
        grid=checklist(view, known, most_wanting_first(known), tone=tone, room=GRID_ROOM),
        map_items=item_options(known, lang),
        table_options={one: text(f"co_governance.tables.{one}", lang) for one in TABLES},
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def co_governance_table(
    view: View, mode: str, which: str, *, as_of: dt.date | None, demonstration: bool
) -> ChosenTable:
    """The table of all indicators ("items"), of the kinds of bodies ("bodies") or of the uses of the fund ("fund")."""
    lang = view.lang
    caption = text(f"co_governance.captions.{which}", lang)
    if which == "items":
        known = measured_all(view, CODES, mode, as_of)
        table = measured_table(view, known, mode=mode, caption=caption, demonstration=demonstration)
    else:
        parts = measured_parts(view, BODIES if which == "bodies" else FUND)
        table = _parts_table(view, parts, caption=caption, demonstration=demonstration)
    return ChosenTable(table, packed(place_table.payload(**table, lang=lang, max_height=900)))


def _parts_table(view: View, parts: tuple[Part, ...], *, caption: str, demonstration: bool) -> dict[str, Any]:
    lang = view.lang
    cells = {
        place: {part.value: part_cell(part.rows[place], part, lang) for part in parts} for place in township_names(view)
    }
    total = {part.value: total_cell(part.total, part.indicator, lang) for part in parts}
    judged = any(one.indicator.interval == "chance" for one in parts)
    return {
        "columns": [
            Column("index", text("measured.columns.index", lang), kind="index"),
            Column("name", text("measured.columns.name", lang), kind="name"),
            *(Column(part.value, value_name(part, lang), kind="rate", hint=part.indicator.description[lang])
              for part in parts),
        ],
        "rows": place_rows(view, cells, total),
        "comparison": text("overview.comparison", lang) if judged else "",
        **table_ground(view, caption=caption, demonstration=demonstration,
                       footnotes=[parts[0].indicator.caveats[lang]]),
    }  # fmt: skip


def value_name(part: Part, lang: str) -> str:
    """The name of a kind of body or a use of the fund."""
    dimension = cached_reads.catalogue().dimensions[part.indicator.dimensions[0]]
    return dimension.values[part.value][lang]


def bars(parts: tuple[Part, ...], mode: str, lang: str, *, tone: str) -> Frozen | None:
    """The parts as bars, the fullest first, with the threshold of the mode; None where there are no data at all."""
    if not any(has_figure(part.total) for part in parts):
        return None
    indicator = parts[0].indicator
    rule = readiness_modes().rule(indicator.code, mode)
    ordered = sorted(parts, key=lambda part: -float(part.total["value"]) if has_figure(part.total) else 1.0)
    drawn = [_bar(part, rule.ready, lang) for part in ordered]
    asked = threshold_text(rule.ready, indicator, lang) if rule.ready is not None else ""
    return Frozen(
        part_bars(
            drawn,
            target=rule.ready,
            target_text=text("measured.bars.asked", lang, mode=mode_name(mode, lang), asked=asked) if asked else "",
            heads=(
                text("measured.bars.share", lang),
                text("co_governance.fund.counts" if indicator.code == FUND else "measured.bars.counts", lang),
            ),
            tone=tone_named(tone),
        )
    )


def _bar(part: Part, asked: float | None, lang: str) -> Bar:
    row, name = part.total, value_name(part, lang)
    if not has_figure(row):
        return Bar(part.value, name, None, text("frame.states.no_data", lang), "")
    hover = f"<b>{name}</b><br>{part.indicator.name[lang]} {evidence_text(row, part.indicator, lang)}"
    reached = None if asked is None else bool(row["value"] >= asked)
    counts = f"{number(row['x'])}/{number(row['n'])}"
    return Bar(part.value, name, float(row["value"]), plain_figure(row, part.indicator, lang), counts, reached, hover)


def _finding(which: str, parts: tuple[Part, ...], lang: str) -> str:
    known = [part for part in parts if has_figure(part.total)]
    if not known:
        return text(f"co_governance.{which}.nothing", lang)
    low, high = (choose(known, key=lambda part: float(part.total["value"])) for choose in (min, max))
    facts = {
        "low": value_name(low, lang), "low_value": plain_figure(low.total, low.indicator, lang),
        "high": value_name(high, lang), "high_value": plain_figure(high.total, high.indicator, lang),
    }  # fmt: skip
    return text(f"co_governance.{which}.finding", lang, **facts)


def _title(view: View, known: Mapping[str, Measured], bodies: tuple[Part, ...], mode: str, has_data: bool) -> str:
    lang, area = view.lang, area_words(view)
    if not has_data:
        return text("co_governance.title_none", lang, area=area)
    said = [
        text(f"co_governance.title_{name}", lang, value=plain_figure(known[code].total, known[code].indicator, lang))
        for name, code in (("bodies", BODIES), ("mediation", MEDIATION), ("fund", FUND))
        if has_figure(known[code].total)
    ]
    with_rule = [one for one in known.values() if one.total_reaches is not None]
    said.append(text("co_governance.title_reached", lang, mode=mode_name(mode, lang), all=len(with_rule),
                     reached=sum(bool(one.total_reaches) for one in with_rule)))  # fmt: skip
    return text("co_governance.title", lang, area=area, parts=text("co_governance.title_join", lang).join(said))
