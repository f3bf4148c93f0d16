"""Everything the pairings page mounts: the gap of one pairing in one indicator, place by place and month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from indicators.findings import GapEvidence
from indicators.verdicts import LOOK
from ui import cached_reads, choropleth, gap_strips, place_table
from ui.charts.frozen import Frozen
from ui.charts.month_lines import Campaign
from ui.charts.tone import tone_named
from ui.choropleth import legend_entries
from ui.component_base import packed
from ui.gap_strips import Strip
from ui.measures import View
from ui.payloads.gap_payload import gap_evidence, gap_strip
from ui.payloads.map_ground import map_ground
from ui.payloads.map_payload import map_labels
from ui.payloads.overview_payload import than_words
from ui.payloads.pairing_charts import month_figure, quadrant
from ui.payloads.pairing_figures import ORDERS, PairingFigures, gap_class, pairing_figures
from ui.payloads.pairing_table import pairing_table
from ui.payloads.pairing_words import (
    Makeup,
    change_words,
    gap_words,
    group_names,
    interval_words,
    makeup_words,
    sides_words,
    title_text,
)
from ui.place_names import place_name
from ui.texts import month_span, month_text, number, text

SERVICES: Final = ("prevention_compliance", "resolution_rate", "satisfaction_rate")
MAP_HEIGHT: Final = 540


@dataclass(frozen=True)
class PairingBoard:
    """What the page mounts, ready. A figure or sentence that cannot be given is None, and ``empty_*`` says why."""

    title: str
    note: str
    places_with_data: tuple[int, int]
    rows_title: str
    rows_note: str
    orders: Mapping[str, str]
    order_notes: Mapping[str, str]
    empty_rows: str
    has_data: bool
    drawable: bool
    map: Mapping[str, Any]
    map_period: str
    months_title: str
    months_period: str
    months: Frozen | None
    makeup: Makeup
    strips: tuple[Strip, ...]
    quadrant: Frozen | None
    quadrant_note: str
    table: Mapping[str, Any]


@dataclass(frozen=True)
class Mounted:
    """The components' data, packed, for one lit place; ``strips`` None where the pairing has no service indicators."""

    map: bytes
    strips: bytes | None
    table: bytes


@st.cache_resource(show_spinner=False, max_entries=300)
def mounted(
    view: View,
    pairing_code: str,
    indicator_code: str,
    *,
    tone: str,
    last_month: int,
    demonstration: bool,
    selected: str | None,
) -> Mounted:
    """The packed data of the page's components, with the place ``selected`` lit."""
    board = pairing_board(
        view, pairing_code, indicator_code, tone=tone, last_month=last_month, demonstration=demonstration
    )
    return Mounted(
        map=packed(choropleth.map_data(**board.map, selected=selected)),
        strips=packed(gap_strips.payload(strips=board.strips, lang=view.lang)) if board.strips else None,
        table=packed(place_table.payload(**board.table, selected=selected, lang=view.lang)),
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def pairing_board(
    view: View, pairing_code: str, indicator_code: str, *, tone: str, last_month: int, demonstration: bool
) -> PairingBoard:
    """The page for one view, pairing and indicator, but the dumbbell. ``last_month`` is the newest month known."""
    figures = pairing_figures(view, pairing_code, indicator_code)
    evidence, rows, lang = figures.evidence, figures.rows, view.lang
    pairing, indicator = evidence.pairing, evidence.indicator
    names = group_names(pairing, lang)
    have_data = int(rows[["a_n", "b_n"]].fillna(0).gt(0).any(axis=1).sum())
    orders = {order: text(f"pairings.order.{order}", lang, group=names.get(order, "")) for order in ORDERS}
    if not any(moved["change"] for moved in figures.changes.values()):
        del orders["change"]
    empty = "rows" if not figures.has_data else "" if indicator.counts_share else "ratio"
    area = text(f"overview.area_short.{view.township_set}", lang)
    lower = "_lower" if indicator.better == "lower" else ""
    return PairingBoard(
        title=title_text(evidence, rows, lang),
        note=_note(view, evidence, names),
        places_with_data=(have_data, len(rows)),
        rows_title=text("pairings.section.rows", lang, **names),
        rows_note=_rows_note(figures, lang),
        orders=orders,
        empty_rows=text(f"pairings.empty.{empty}", lang, indicator=indicator.name[lang]) if empty else "",
        order_notes={order: text(f"pairings.order_note.{order}", lang) for order in orders},
        has_data=figures.has_data,
        drawable=figures.drawable,
        map=_gap_map(view, figures, names),
        map_period=month_span(*view.months(indicator), lang),
        months_title=text("pairings.section.months", lang, area=area, **names),
        months_period=month_span(view.first_month, max(last_month, view.last), lang),
        months=month_figure(view, pairing, indicator, tone=tone_named(tone), last_month=last_month),
        makeup=makeup_words(evidence, figures.parts, figures.names, area=area, lang=lang),
        strips=_service_strips(view, pairing_code),
        quadrant=quadrant(view, figures, names, tone=tone_named(tone)),
        quadrant_note=text(f"pairings.section.quadrant_note{lower}", lang),
        table=pairing_table(
            view,
            evidence,
            rows,
            figures.changes,
            figures.parts,
            figures.names,
            demonstration=demonstration,
            than=than_words(view, indicator),
        ),
    )


@st.cache_resource(show_spinner=False, max_entries=100)
def marked_months(
    view: View, pairing_code: str, indicator_code: str, marks: tuple[Campaign, ...], *, tone: str, last_month: int
) -> Frozen | None:
    """The gap month by month with the notes on it."""
    catalogue = cached_reads.catalogue()
    return month_figure(
        view, catalogue.pairings[pairing_code], catalogue[indicator_code], tone=tone_named(tone), last_month=last_month,
        marks=marks,
    )  # fmt: skip


def _rows_note(figures: PairingFigures, lang: str) -> str:
    if not figures.comparable:
        return text("pairings.section.rows_note_alone", lang)
    return text("pairings.section.rows_note", lang, chance=number(LOOK * figures.comparable, decimals=1))


def _note(view: View, evidence: GapEvidence, names: Mapping[str, str]) -> str:
    row, indicator, lang = evidence.district.iloc[0], evidence.indicator, view.lang
    parts = [text("pairings.head.comparison", lang, **names)]
    if row["ahead"] is not None:
        interval = interval_words(row["low"], row["high"], indicator, lang)
        parts.append(text("pairings.head.interval", lang, interval=interval))
    first, last = view.months(indicator)
    if (first, last) != (view.first, view.last):
        parts.append(text("overview.settled_note", lang, month=month_text(last, lang)))
    return " · ".join(parts)


def _gap_map(view: View, figures: PairingFigures, names: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of `choropleth` but key, selection and callback: which group is behind in each township."""
    lang, indicator = view.lang, figures.evidence.indicator
    months = month_span(*view.months(indicator), lang)
    than = than_words(view, indicator)
    classes, hover = {}, {}
    for row in figures.rows.to_dict("records"):
        code = str(row["place"])
        classes[code] = gap_class(row)
        hover[code] = [
            text("pairings.map.place", lang, place=place_name(figures.names[code], lang), months=months),
            gap_words(row, indicator, names, lang),
            sides_words(row, indicator, names, lang),
            change_words(figures.changes.get(code), figures.before.get(code), indicator, names, lang=lang, than=than),
        ]

    def words(key: str) -> str:
        if key.endswith(".not_applicable"):
            return text("pairings.map.only_one", lang)
        return text(key, lang, **names)

    return {
        **map_ground(view, level="township"),
        "within": None,
        "classes": classes,
        "hover": hover,
        "palette": "gap",
        "legend": legend_entries("gap", Counter(classes.values()), words),
        "legend_title": text("pairings.map.comparison", lang, **names),
        "labels": map_labels(view, figures.names),
        "alt": text("pairings.map.alt", lang, months=months, indicator=indicator.name[lang], **names),
        "height": MAP_HEIGHT,
    }


@st.cache_resource(show_spinner=False, max_entries=200)
def _service_strips(view: View, pairing_code: str) -> tuple[Strip, ...]:
    """The pairing in prevention, resolution and satisfaction, named and picked by indicator."""
    catalogue = cached_reads.catalogue()
    pairing = catalogue.pairings[pairing_code]
    offered = [catalogue[code] for code in SERVICES if code in pairing.indicators and catalogue[code].available]
    strips = []
    for indicator in offered:
        strip = gap_strip(view, gap_evidence(view, indicator, pairing))
        name, lang = indicator.name[view.lang], view.lang
        alt = f"{name}：{strip.sentence}" if lang == "zh" else f"{name}: {strip.sentence}"
        strips.append(replace(strip, code=indicator.code, name=name, measure="", alt=alt))
    return tuple(strips)
