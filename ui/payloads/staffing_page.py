"""基层力量: hands against work, kinds of staff, posts vacant, equipment, and where townships are short of hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from ui import place_table
from ui.charts.frozen import Frozen
from ui.charts.tone import tone_named
from ui.charts.workload_fields import Load, workload_fields
from ui.component_base import packed
from ui.measures import View
from ui.payloads.measured_board import checklist
from ui.payloads.measured_figures import (
    Measured,
    have_data,
    judging_day,
    measured_all,
    most_wanting_first,
)
from ui.payloads.measured_table import measured_table
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
from ui.texts import text
from ui.wording import evidence_text, has_figure, verdict_text

HANDS: Final = "grid_workers_per_1000_households"
LOAD: Final = "caseload_per_grid_worker"
VACANCY: Final = "post_vacancy"
CODES: Final = (
    HANDS, LOAD, VACANCY, "officials_per_1000", "volunteers_per_1000", "coordinators_filled", "specialists_filled",
    "party_members_on_duty", "service_centre_standard", "monitoring_equipment", "it_account_active",
)  # fmt: skip
"""Hands and work first, then the other kinds of staff, then hardware and software."""
PAIRINGS: Final = ("settlement_age", "urban_rural")
GRID_ROOM: Final = 1250.0
_FEW: Final = ("worse", "much_worse")
_MANY: Final = ("better", "much_better")
_HEAVY: Final = ("higher", "much_higher")
_LIGHT: Final = ("lower", "much_lower")


@dataclass(frozen=True)
class Staffing:
    """The page's parts; ``fields`` None where no township has both figures, ``has_data`` False where none has any."""

    title: str
    note: str
    period: str
    places_with_data: tuple[int, int]
    has_data: bool
    fields: Frozen | None
    fields_finding: str
    grid: Frozen
    map_items: Mapping[str, str]
    vacancy_asked: float | None
    table: Mapping[str, Any]
    table_ready: bytes


@st.cache_resource(show_spinner=False, max_entries=200)
def staffing_page(view: View, mode: str, *, as_of: dt.date | None, tone: str, demonstration: bool) -> Staffing:
    """The page for one view and mode."""
    lang, known = view.lang, measured_all(view, CODES, mode, as_of)
    have = have_data(known)
    loads = workloads(view, known)
    finding = _finding(loads, township_names(view, short=True), lang)
    period = period_words(known, view)
    table = measured_table(
        view, known, mode=mode, caption=text("staffing.table", lang, period=period), demonstration=demonstration
    )
    return Staffing(
        title=_title(view, known, loads, mode, have[0] > 0),
        note=judged_on(judging_day(view, as_of), lang),
        period=period,
        places_with_data=have,
        has_data=have[0] > 0,
        fields=_fields(view, known, loads, tone=tone) if loads else None,
        fields_finding=finding,
        grid=checklist(view, known, most_wanting_first(known), tone=tone, room=GRID_ROOM),
        map_items=item_options(known, lang),
        vacancy_asked=known[VACANCY].rule.ready,
        table=table,
        table_ready=packed(place_table.payload(**table, lang=lang, max_height=900)),
    )


def workloads(view: View, known: Mapping[str, Measured]) -> tuple[Load, ...]:
    """The townships that have both figures, with the field they lie in.

    Strained: fewer hands and more issues a hand than the other townships together, and clearly so in at least one of
    the two; easy: the opposite. The rest of a township never contains it.
    """
    lang, names = view.lang, township_names(view)
    hands, load = known[HANDS], known[LOAD]
    found = []
    for place, row in hands.rows.items():
        work = load.rows[place]
        if not (has_figure(row) and has_figure(work)):
            continue
        hover = (
            f"<b>{names[place]}</b>",
            *(
                f"{one.indicator.name[lang]} {evidence_text(own, one.indicator, lang)} · "
                f"{verdict_text(own, one.indicator, lang)}"
                for one, own in ((hands, row), (load, work))
            ),
        )
        found.append(Load(place, float(row["value"]), float(work["value"]), _field(row, work), "<br>".join(hover)))
    return tuple(found)


def _field(hands: Mapping[str, Any], load: Mapping[str, Any]) -> str:
    if pd.isna(hands["difference"]) or pd.isna(load["difference"]):
        return ""
    short, heavy = hands["difference"] < 0, load["difference"] > 0
    if short and heavy and (hands["verdict"] in _FEW or load["verdict"] in _HEAVY):
        return "strained"
    if not short and not heavy and (hands["verdict"] in _MANY or load["verdict"] in _LIGHT):
        return "easy"
    return ""


def _fields(view: View, known: Mapping[str, Measured], loads: tuple[Load, ...], *, tone: str) -> Frozen:
    lang = view.lang
    hands, load = known[HANDS], known[LOAD]
    area = text(f"overview.area_short.{view.township_set}", lang)
    return Frozen(
        workload_fields(
            loads,
            names=township_names(view, short=True),
            middle=(float(hands.total["value"]), float(load.total["value"])),
            axes=(text("staffing.fields.hands", lang), text("staffing.fields.load", lang)),
            corners={one: text(f"staffing.fields.corner_{one}", lang) for one in ("strained", "easy")},
            keys={one: text(f"staffing.fields.key_{one}", lang) for one in ("strained", "easy", "other")},
            district=text("staffing.fields.middle", lang, area=area,
                          hands=plain_figure(hands.total, hands.indicator, lang),
                          load=plain_figure(load.total, load.indicator, lang)),
            tone=tone_named(tone),
        )
    )  # fmt: skip


def _finding(loads: tuple[Load, ...], names: Mapping[str, str], lang: str) -> str:
    strained = [names[one.place] for one in loads if one.field == "strained"]
    if not loads:
        return text("staffing.fields.nothing", lang)
    if not strained:
        return text("staffing.fields.nobody", lang)
    return text("staffing.fields.finding", lang, count=len(strained), places=text("measured.join", lang).join(strained))


def _title(view: View, known: Mapping[str, Measured], loads: tuple[Load, ...], mode: str, has_data: bool) -> str:
    lang = view.lang
    if not has_data:
        return text("staffing.title_none", lang, area=area_words(view))
    strained = sum(one.field == "strained" for one in loads)
    hands, vacancy = known[HANDS], known[VACANCY]
    said = [
        text("staffing.title_hands", lang, value=plain_figure(hands.total, hands.indicator, lang)),
        text("staffing.title_strained" if strained else "staffing.title_nobody", lang, count=strained),
        _vacancy(vacancy, mode, lang),
    ]
    return text("staffing.title", lang, area=area_words(view), parts=text("staffing.title_join", lang).join(said))


def _vacancy(vacancy: Measured, mode: str, lang: str) -> str:
    value = plain_figure(vacancy.total, vacancy.indicator, lang)
    if vacancy.rule.ready is None or vacancy.total_reaches is None:
        return text("staffing.title_vacancy", lang, value=value)
    asked = threshold_text(vacancy.rule.ready, vacancy.indicator, lang)
    key = "staffing.title_vacancy_met" if vacancy.total_reaches else "staffing.title_vacancy_missed"
    return text(key, lang, value=value, asked=asked, mode=mode_name(mode, lang))
