"""A rate of issues month by month: ordinary variation, or a sign that something has changed."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from indicators.control_charts import control_chart
from indicators.run_rules import chart_signals, expected_signals
from ui import cached_reads, measures
from ui.address import months_between
from ui.charts.control_lines import control_lines
from ui.charts.frozen import Frozen
from ui.charts.tone import tone_named
from ui.measures import View
from ui.payloads.issue_chain import section_words
from ui.payloads.issue_parts import FigurePart
from ui.texts import month_span, month_text, number, text

RATES: Final = ("on_time_rate", "resolution_rate", "satisfaction_rate")


def signal_rows(view: View, township: str | None, code: str) -> pd.DataFrame:
    """The control chart of one area with its signs: all months from the first with data to the last chosen one.

    Months that are not wholly due are in it, marked ``provisional`` and not judged.
    """
    indicator = cached_reads.catalogue()[code]
    table = measures.rates(view, indicator, within=township, by=("month",), months=(view.first_month, view.last))
    table = table.assign(provisional=[view.is_provisional(int(month)) for month in table["month"]])
    return chart_signals(control_chart(table, indicator, trial=True))


@st.cache_resource(show_spinner=False, max_entries=200)
def months_part(view: View, township: str | None, code: str, *, tone: str) -> FigurePart:
    """The chart of one of ``RATES`` for the district or one township."""
    lang, indicator = view.lang, cached_reads.catalogue()[code]
    rows = signal_rows(view, township, code)
    period, title = month_span(view.first_month, view.last, lang), text("issues.section.months", lang)
    if rows.empty or not rows["value"].notna().any():
        return FigurePart(None, "", title, period, empty=text("issues.months.empty", lang, months=period))
    drawn = control_lines(
        rows,
        months={month: month_text(month, lang) for month in months_between(view.first_month, view.last)},
        words=section_words("issues.months.chart.", lang),
        shared=section_words("charts.", lang),
        tone=tone_named(tone),
        target=indicator.target,
        provisional_from=view.provisional_from,
    )
    signs = _signs(rows, code, lang)
    return FigurePart(Frozen(drawn), signs, title, period, (signs, _elsewhere(view, code)))


def _signs(rows: pd.DataFrame, code: str, lang: str) -> str:
    """Which months show a sign in this area."""
    name = cached_reads.catalogue()[code].name[lang]
    if rows["reason"].notna().any():
        return text("issues.months.no_limits", lang, indicator=name)
    judged = rows[rows["signal"].notna()]
    signs = judged[judged["signal"] != "none"]
    trial = text("issues.months.trial", lang) if rows["trial"].any() else ""
    if signs.empty:
        return text("issues.months.ordinary", lang, indicator=name, months=number(len(judged))) + trial
    good = int(signs["good"].eq(True).sum())
    return (
        text("issues.months.signs", lang, indicator=name, months=number(len(judged)), good=number(good),
             bad=number(len(signs) - good), last=month_text(int(signs["month"].max()), lang))
        + trial
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=60)
def _elsewhere(view: View, code: str) -> str:
    """How many townships show a sign under the leading rules, beside how many would though nothing had changed."""
    indicator, lang = cached_reads.catalogue()[code], view.lang
    table = measures.rates(view, indicator, by=("place", "month"), months=(view.first_month, view.last))
    table = table.assign(provisional=[view.is_provisional(int(month)) for month in table["month"]])
    found = expected_signals(control_chart(table, indicator, within=("place",)), within=("place",))
    if not found.series:
        return text("issues.months.no_townships", lang)
    return text(
        "issues.months.townships", lang, series=number(found.series), observed=number(found.observed_series),
        expected=number(found.expected_series, decimals=1),
    )  # fmt: skip
