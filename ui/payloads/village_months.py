"""A village's cases month by month, over all months known: one series, whatever the village was called before."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui import cached_changes, cached_reads
from ui.address import months_between
from ui.charts.frozen import Frozen
from ui.charts.month_counts import counts_over_time
from ui.charts.month_lines import Campaign
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.pairing_charts import chart_words
from ui.payloads.place_notes import captions, note_sentence
from ui.texts import month_text, text


@dataclass(frozen=True)
class VillageMonths:
    """The figure (None: never any case), what it shows in a sentence, and what became of the village, in sentences."""

    figure: Frozen | None
    alt: str
    notes: tuple[str, ...]


@st.cache_resource(show_spinner=False, max_entries=400)
def village_months(view: View, code: str, name: str, *, tone: str, last_month: int) -> VillageMonths:
    """The months of the village ``code``, called ``name``. Raises NotPermitted where the scope does not reach it."""
    lang = view.lang
    months = months_between(view.first_month, view.scope.last_month(max(last_month, view.last)))
    rows = cached_reads.counts(
        view.scope, source="issues", level="village", within=code, first=months[0], last=months[-1], by_month=True,
        version=view.version,
    )  # fmt: skip
    changed = cached_changes.place_notes(view.scope, within=code, version=view.version)
    own = changed.loc[changed["place"] == code]
    said = captions(own, lang)
    if rows.empty:
        return VillageMonths(None, "", said)
    counts = dict(zip(rows["month"].astype(int), rows["reported"].astype(int), strict=True))
    marks = [
        Campaign(note["on"].year * 100 + note["on"].month, note_sentence(note, lang)) for note in own.to_dict("records")
    ]
    drawn = counts_over_time(
        counts, months={month: month_text(month, lang) for month in months}, words=chart_words(lang),
        tone=tone_named(tone), marks=marks,
    )  # fmt: skip
    alt = text("village.months.alt", lang, place=name, first=month_text(months[0], lang),
               last=month_text(months[-1], lang), count=sum(counts.values()))  # fmt: skip
    return VillageMonths(Frozen(drawn), ". ".join([alt, *said]) if lang == "en" else "。".join([alt, *said]), said)
