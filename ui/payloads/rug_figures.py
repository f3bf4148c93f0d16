"""The figures behind the table of all indicators: every township on each, against the others, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from indicators.counts import PLACE_ATTRIBUTES
from indicators.exact_tests import fdr
from indicators.scorecard import count_matrix, scorecard
from indicators.trends import trend_of
from indicators.values import rate_table
from indicators.verdicts import expected_flags
from ui import cached_reads, measures
from ui.measures import View

WORSE = ("worse", "much_worse")
BETTER = ("better", "much_better")
AREA = "area"


@dataclass(frozen=True)
class RugFigures:
    """Every indicator that is computed (in reading order) for every township of the view.

    card            the `scorecard` without ranks, row for row indicator × place
    totals          the townships together, one row an indicator (place "area"); judged against nothing
    expected_worse  how many ▼ chance alone would make if no township differed from the others, over all indicators
    """

    indicators: tuple[Indicator, ...]
    places: tuple[str, ...]
    card: pd.DataFrame
    totals: pd.DataFrame
    expected_worse: float

    def count(self, verdicts: Sequence[str]) -> dict[str, int]:
        """How many indicators of each place carry one of these verdicts; zero where none does."""
        found = self.card.loc[self.card["verdict"].isin(list(verdicts)), "place"].value_counts()
        return {place: int(found.get(place, 0)) for place in self.places}


def computed(catalogue: Catalogue) -> tuple[Indicator, ...]:
    """The indicators that something computes, in reading order."""
    return tuple(one for one in catalogue.values() if one.available)


def rug_figures(view: View) -> RugFigures | None:
    """The figures of a view; None where it has no township or nothing was counted. Kept: never change it."""
    return _rug_figures(replace(view, lang=""))


@st.cache_resource(show_spinner=False, max_entries=60)
def _rug_figures(view: View) -> RugFigures | None:
    indicators, places = computed(cached_reads.catalogue()), tuple(measures.townships(view)["code"])
    if not places:
        return None
    x, n = _counts(view, indicators, places)
    if np.isnan(n).all():
        return None
    card = scorecard(x, n, indicators, places, ranks=False)
    counted = ~(np.isnan(x) & np.isnan(n))
    sums = [np.where(counted.any(axis=1), np.where(counted, part, 0.0).sum(axis=1), np.nan)[:, None] for part in (x, n)]
    totals = scorecard(*sums, indicators, (AREA,), ranks=False)
    return RugFigures(indicators, places, card, totals, _expected_worse(card, indicators))


def _counts(view: View, indicators: Sequence[Indicator], places: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators; an indicator per resident uses its own months, and residents are read beside it."""
    per_head = [one.denominator in PLACE_ATTRIBUTES for one in indicators]
    own = [one for one, heads in zip(indicators, per_head, strict=True) if not heads]
    x, n = np.full((2, len(indicators), len(places)), np.nan)
    here = ~np.array(per_head)
    x[here], n[here] = count_matrix(measures.source_counts(view, own), own, places)
    for row in np.flatnonzero(per_head):
        one = indicators[row]
        counts = {one.source: measures.read_counts(view, one, level="township")}
        (x[row],), (n[row],) = count_matrix(counts, [one], places)
    return x, n


def _expected_worse(card: pd.DataFrame, indicators: Sequence[Indicator]) -> float:
    """Summed over the indicators that have a better direction."""
    rows = dict(tuple(card.groupby("indicator", sort=False)))
    total = 0.0
    for one in indicators:
        if one.better == "neutral":
            continue
        flags = expected_flags(rows[one.code], one)
        total += flags.expected_low if one.better == "higher" else flags.expected_high
    return total


def rug_trends(view: View) -> pd.DataFrame:
    """The trend of every cell over all months there are, up to the last chosen one. Kept: never change it.

    One row an indicator and place with the columns of ``trend_of``. A trend is stated (column ``trend`` up or down)
    only where it also stands among all townships of its indicator (false discovery rate 5 %), as verdicts do; else it
    is "none". Provisional months are left out.
    """
    return _rug_trends(replace(view, lang=""))


@st.cache_resource(show_spinner=False, max_entries=60)
def _rug_trends(view: View) -> pd.DataFrame:
    whole = measures.whole_period(view)
    indicators, places = computed(cached_reads.catalogue()), set(measures.townships(view)["code"])
    measured = _measured(whole, [one for one in indicators if one.source == "measurements"], places)
    parts = []
    for one in indicators:
        if one.source == "measurements":
            table = rate_table(measured, one, by=("place", "month"))
        else:
            table = measures.rates(whole, one, by=("place", "month"), months=whole.months(one))
        if table.empty:
            continue
        if measures.needs_deadline(one):
            held = [whole.is_provisional(int(month)) for month in table["month"]]
            table = table.assign(provisional=pd.array(held, dtype=bool))
        parts.append(_standing(trend_of(table, one, within=("place",))).assign(indicator=one.code))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["indicator", "place"])


def _measured(view: View, indicators: Sequence[Indicator], places: set[str]) -> pd.DataFrame:
    """The monthly counts of all measured indicators in one read."""
    counts = cached_reads.measurements(
        view.scope, indicators=tuple(one.code for one in indicators), level="township", first=view.first,
        last=view.last, by_month=True, version=view.version,
    )  # fmt: skip
    return counts[counts["place"].isin(places)]


def _standing(trends: pd.DataFrame) -> pd.DataFrame:
    """Trends that do not stand among all the places of their indicator are none."""
    stands = fdr(trends["p"].to_numpy(dtype=float))
    lost = ~stands & trends["trend"].isin(["up", "down"]).to_numpy(dtype=bool)
    trend, good = trends["trend"].copy(), trends["good"].copy()
    trend[lost], good[lost] = "none", None
    return trends.assign(trend=trend, good=good)
