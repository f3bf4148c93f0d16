"""Everything the rankings page mounts but its figures, for one set of choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui import place_table
from ui.component_base import packed
from ui.measures import View
from ui.payloads.rankings_charts import FORMS, form_options
from ui.payloads.rankings_figures import ORDERS, ranking_figures
from ui.payloads.rankings_table import rankings_table
from ui.payloads.rankings_words import (
    empty_sentence,
    funnel_note,
    funnel_sentence,
    head_note,
    moves_sentence,
    pairs_sentence,
    rates_sentence,
    span_options,
    title_text,
)
from ui.texts import month_span, text


@dataclass(frozen=True)
class RankingBoard:
    """Sentences and choices, ready. ``empty`` is why there is no ranking; the choices are code to words."""

    title: str
    note: str
    places_with_data: tuple[int, int]
    period: str
    empty: str
    pairs: str
    orders: Mapping[str, str]
    order_notes: Mapping[str, str]
    rates_title: str
    rates: str
    forms: Mapping[str, str]
    form_notes: Mapping[str, str]
    funnel: str
    funnel_note: str
    funnel_alt: str
    spans: Mapping[str, str]
    peers: Mapping[str, str]


@dataclass(frozen=True)
class RankingTable:
    """The table for one choice of earlier months and peers: its arguments, packed, and what its moves say."""

    sentence: str
    table: Mapping[str, Any]
    ready: bytes


@st.cache_resource(show_spinner=False, max_entries=300)
def ranking_board(view: View, indicator_code: str, *, last_month: int) -> RankingBoard:
    """The page for one view and indicator. ``last_month`` is the newest month known."""
    figures = ranking_figures(view, indicator_code, last_month=last_month)
    lang, indicator = view.lang, figures.indicator
    name = {"indicator": indicator.name[lang]}
    empty = empty_sentence(figures, lang)
    sentence = funnel_sentence(figures, view)
    drawn = figures.funnel is not None and figures.funnel.reason is None
    notes = "order_note_neutral" if indicator.better == "neutral" else "order_note"
    return RankingBoard(
        title=title_text(view, figures),
        note=head_note(view, figures),
        places_with_data=(int((figures.places["state"] != "no_data").sum()), len(figures.places)),
        period=month_span(*view.months(indicator), lang),
        empty=empty,
        pairs=pairs_sentence(figures, lang),
        orders={order: text(f"rankings.order.{order}", lang) for order in ORDERS},
        order_notes={order: text(f"rankings.{notes}.{order}", lang) for order in ORDERS},
        rates_title=text("rankings.section.rates", lang, **name),
        rates=rates_sentence(figures, lang),
        forms=form_options(view, indicator_code) if drawn else {},
        form_notes={form: text(f"rankings.form_note.{form}", lang) for form in FORMS},
        funnel=sentence,
        funnel_note=funnel_note(figures, view) if drawn else "",
        funnel_alt=text("rankings.funnel.alt", lang, **name, sentence=sentence),
        spans=span_options(figures, lang),
        peers={one: text(f"rankings.peers.{one}", lang) for one in figures.peers},
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def ranking_table(
    view: View, indicator_code: str, *, last_month: int, span: str | None, peers: str, demonstration: bool
) -> RankingTable:
    """The table of the page for one view and indicator; ``span`` None where there is nothing to compare with."""
    figures = ranking_figures(view, indicator_code, last_month=last_month)
    table = rankings_table(view, figures, span=span, peers=peers, demonstration=demonstration)
    return RankingTable(
        sentence=moves_sentence(figures, span, view.lang),
        table=table,
        ready=packed(place_table.payload(**table, lang=view.lang)),
    )
