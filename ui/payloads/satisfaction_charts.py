"""The figures of the page on satisfaction, finished and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from ui import cached_reads
from ui.address import months_between
from ui.charts.bounds import bound_rows
from ui.charts.frozen import Frozen
from ui.charts.month_lines import Campaign
from ui.charts.over_time import TimeLine, rate_over_time
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.pairing_charts import chart_words
from ui.payloads.satisfaction_figures import (
    SATISFACTION,
    group_rows,
    month_rows,
    rest_months,
    survey_of,
)
from ui.payloads.satisfaction_words import sure_text
from ui.texts import load_language, month_span, month_text, percent, text
from ui.wording import evidence_text

WHOLE: Final = "whole"
_WORDS: Final = "satisfaction.chart."


@dataclass(frozen=True)
class Drawn:
    """A figure (None: nothing to draw), what it shows in a sentence, and the months it is of."""

    figure: Frozen | None
    alt: str
    period: str = ""


@st.cache_resource(show_spinner=False, max_entries=600)
def bounds_figure(view: View, township: str | None, dimension: str, *, place: str, tone: str) -> Drawn:
    """The area and its groups: who answered, and what all who were called may think. ``place`` names the area."""
    catalogue, lang = cached_reads.catalogue(), view.lang
    survey, indicator = survey_of(view, township), catalogue[SATISFACTION]
    if not survey["invited"]:
        return Drawn(None, "")
    state = "value" if survey["answered"] >= indicator.hide_below else "too_few"
    whole = {**survey, "group": WHOLE, "state": state, "verdict": None}
    rows = group_rows(view, township, dimension)
    # The rates of a group stand as value in a verdict table and as rate in a survey; the intervals are the same.
    rows = pd.concat([pd.DataFrame([whole]), rows], ignore_index=True)
    known = catalogue.dimensions[dimension].values
    figure = bound_rows(
        rows[_COLUMNS],
        names={WHOLE: f"<b>{place}</b>", **{code: name[lang] for code, name in known.items()}},
        words=_words(lang),
        tone=tone_named(tone),
        target=indicator.target,
        verdict_names={code: text(f"components.verdicts.{code}", lang) for code in rows["verdict"].dropna()},
    )
    alt = text("satisfaction.chart.alt", lang, place=place, sure=sure_text(survey),
               dimension=catalogue.dimensions[dimension].name[lang]) if survey["answered"] else text(
        "satisfaction.chart.alt_silent", lang, place=place)  # fmt: skip
    return Drawn(Frozen(figure), alt)


_COLUMNS: Final = [
    "group", "rate", "low", "high", "sure_low", "sure_high", "middle", "reach", "invited", "answered", "satisfied",
    "state", "verdict",
]  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=600)
def months_figure(
    view: View,
    township: str | None,
    indicator_code: str,
    *,
    place: str,
    tone: str,
    last_month: int,
    marks: tuple[Campaign, ...] = (),
) -> Drawn:
    """One rate month by month over all months known, a township beside all others together; ``marks`` are its notes."""
    lang, indicator = view.lang, cached_reads.catalogue()[indicator_code]
    rows = month_rows(view, township, indicator_code, last_month=last_month)
    if not rows["value"].notna().any():
        return Drawn(None, "")
    months = months_between(view.first_month, view.scope.last_month(max(last_month, view.last)))
    lines = [TimeLine(place, rows)]
    if township is not None:
        others = rest_months(view, township, indicator_code, last_month=last_month)
        lines.append(TimeLine(text("township.rest.all", lang), others, role="rest"))
    figure = rate_over_time(
        lines,
        months={month: month_text(month, lang) for month in months},
        words=chart_words(lang),
        tone=tone_named(tone),
        target=indicator.target,
        provisional_from=view.provisional_from,
        campaigns=marks,
    )
    span = month_span(months[0], months[-1], lang)
    settled = rows[rows["value"].notna() & ~rows["month"].map(view.is_provisional)].sort_values("month")
    facts = {"place": place, "indicator": indicator.name[lang]}
    if settled.empty:
        return Drawn(Frozen(figure), text("satisfaction.chart.months_alt_open", lang, **facts), span)
    last = settled.iloc[-1]
    worst = settled.loc[settled["value"].idxmin()]
    return Drawn(Frozen(figure), text(
        "satisfaction.chart.months_alt", lang, **facts, month=month_text(int(last["month"]), lang),
        value=evidence_text(last, indicator, lang), low_month=month_text(int(worst["month"]), lang),
        lowest=percent(worst["x"], worst["n"]),
    ), span)  # fmt: skip


def _words(lang: str) -> dict[str, str]:
    own = {key.removeprefix(_WORDS): words for key, words in load_language(lang).items() if key.startswith(_WORDS)}
    return {**chart_words(lang), **own}
