"""The figures of the rankings page, finished and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui import cached_reads
from ui.charts.caterpillars import rank_caterpillar
from ui.charts.frozen import Frozen
from ui.charts.funnels import funnel_plot
from ui.charts.interval_rows import interval_bars
from ui.charts.ratio_rows import ratio_bars
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.rankings_figures import RankingFigures, in_order, ranking_figures
from ui.payloads.rankings_words import area_word, chart_words, funnel_hovers, hover_words, ratio_hovers, short_names
from ui.texts import text

FORMS: Final = ("rate", "misses")
HALF_PLOT_END: Final = 0.6
FLAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "higher": {"very_low": "much_worse", "low": "worse", "high": "better", "very_high": "much_better"},
    "lower": {"very_low": "much_better", "low": "better", "high": "worse", "very_high": "much_worse"},
    "neutral": {"very_low": "much_lower", "low": "lower", "high": "higher", "very_high": "much_higher"},
}
"""By what is better: the verdict of each flag of the funnel."""


@st.cache_resource(show_spinner=False, max_entries=600)
def rank_chart(view: View, indicator_code: str, *, last_month: int, tone: str, order: str) -> Frozen | None:
    """The caterpillar of ranks in one order; None where fewer than two places have a rank."""
    figures = ranking_figures(view, indicator_code, last_month=last_month)
    if len(figures.ranked) < 2:
        return None
    lang = view.lang
    return Frozen(
        rank_caterpillar(
            in_order(figures, order),
            names=short_names(figures, lang),
            hovers=hover_words(figures, lang),
            words=_words(view, figures),
            tone=tone_named(tone),
            neutral=figures.indicator.better == "neutral",
        )
    )


@st.cache_resource(show_spinner=False, max_entries=600)
def rate_chart(view: View, indicator_code: str, *, last_month: int, tone: str, order: str) -> Frozen | None:
    """The rates with their intervals on the rows of the caterpillar; None as there."""
    figures = ranking_figures(view, indicator_code, last_month=last_month)
    indicator, lang = figures.indicator, view.lang
    if len(figures.ranked) < 2:
        return None
    words = _words(view, figures)
    if not indicator.counts_share:
        return _beside(
            ratio_bars(
                in_order(figures, order),
                names=short_names(figures, lang),
                hovers=ratio_hovers(figures, lang),
                words=words,
                tone=tone_named(tone),
                all_together=float(figures.total.iloc[0]["value"]),
            )
        )
    words["district"] = f"{area_word(view)} {{value}}"
    verdicts = {one: text(f"components.verdicts.{one}", lang) for one in set(figures.places["verdict"])}
    return _beside(
        interval_bars(
            in_order(figures, order),
            names=short_names(figures, lang),
            words=words,
            tone=tone_named(tone),
            district=float(figures.total.iloc[0]["value"]),
            target=indicator.target,
            verdict_names=verdicts,
        )
    )


def _beside(drawn: go.Figure) -> Frozen:
    """A figure of rows in half the width of the page: its printed columns need a larger share of it."""
    drawn.update_layout(xaxis={"domain": [0, HALF_PLOT_END]}, xaxis2={"domain": [HALF_PLOT_END, 1]})
    return Frozen(drawn)


@st.cache_resource(show_spinner=False, max_entries=600)
def funnel_chart(view: View, indicator_code: str, *, last_month: int, tone: str, form: str) -> Frozen | None:
    """The funnel in one of `FORMS`; None where there is none."""
    figures = ranking_figures(view, indicator_code, last_month=last_month)
    funnel, indicator = figures.funnel, figures.indicator
    if funnel is None or funnel.reason is not None or funnel.overdispersion is None:
        return None
    rows = funnel.rows.assign(verdict=funnel_verdicts(figures))
    flags = dict(zip(rows["place"].astype(str), rows["verdict"], strict=True))
    return Frozen(
        funnel_plot(
            rows,
            funnel.limits,
            names=short_names(figures, view.lang),
            hovers=funnel_hovers(figures, flags, view.lang),
            words=_words(view, figures),
            tone=tone_named(tone),
            rate=funnel.rate,
            target=indicator.target,
            misses=form == "misses",
            turned=indicator.better != "lower",
            adjusted=funnel.overdispersion.adjusted,
        )
    )


def funnel_verdicts(figures: RankingFigures) -> pd.Series:
    """Where each place lies in the funnel, in the words of verdicts; too_few where it was not tested."""
    assert figures.funnel is not None
    words = FLAGS[figures.indicator.better] | {"inside": "similar"}
    flags = figures.funnel.rows["adjusted_flag"]
    return flags.map(words).astype(object).where(flags.notna(), "too_few")


def form_options(view: View, indicator_code: str) -> dict[str, str]:
    """What the upward axis of the funnel may show: code to words."""
    indicator, lang = cached_reads.catalogue()[indicator_code], view.lang
    suffix = "_inspections" if indicator.source == "inspections" else ""
    misses = text(f"rankings.misses.{indicator_code}", lang)
    return {
        "rate": text("rankings.form.rate", lang),
        "misses": text(f"rankings.form.misses{suffix}", lang, misses=misses),
    }


def _words(view: View, figures: RankingFigures) -> dict[str, str]:
    lang, indicator = view.lang, figures.indicator
    cases = text(f"rankings.cases.{'inspections' if indicator.source == 'inspections' else 'issues'}", lang)
    words = chart_words(lang)
    if indicator.better == "neutral":
        words |= {one: words[f"neutral_{one}"] for one in ("standing_front", "standing_rear", "standing_unclear")}
    words |= {
        "unit_axis": indicator.unit[lang],
        "cases_axis": text("rankings.chart.cases_axis", lang, cases=cases),
        "value_axis": indicator.name[lang],
        "all_together": f"{area_word(view)} {{value}}",
    }
    if indicator.counts_share:
        suffix = "_inspections" if indicator.source == "inspections" else ""
        misses = text(f"rankings.misses.{indicator.code}", lang)
        words["misses_axis"] = text(f"rankings.chart.misses_axis{suffix}", lang, misses=misses)
    return words
