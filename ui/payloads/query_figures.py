"""The figures of one question: two groups place by place or month by month, or places against the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator, Pairing
from indicators.exact_tests import fdr
from indicators.gaps import pairing_gaps
from indicators.strata import AdjustedGap, adjusted_gap
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.pairing_strata import STRATUM, TOWNSHIP, strata_sides
from ui.payloads.query_choices import NO_GROUPS, Query, pairing_of
from ui.payloads.village_table import by_evidence

CLEAR = ("a", "b")


@dataclass(frozen=True)
class Compared:
    """One comparison as computed. Frames are shared between everybody: never change them.

    rows    by place, month or group. Two groups: a ``gap_table`` with ``stands`` (the p holds among all rows, false
            discovery rate 5 %). Without groups: a ``verdict_table`` (places) or a ``rate_table`` (months, the total)
    total   one row: the gap, or the rate, of all places together
    names   code of a row to its registered name (places), else empty
    """

    indicator: Indicator
    pairing: Pairing | None
    rows: pd.DataFrame
    total: pd.DataFrame
    names: Mapping[str, str]

    @property
    def has_data(self) -> bool:
        """Whether any row has cases."""
        columns = ["a_n", "b_n"] if self.pairing else ["n"]
        return bool(self.rows[columns].fillna(0).gt(0).any(axis=None))

    @property
    def drawable(self) -> bool:
        """Whether there are shares to draw."""
        return self.has_data and self.indicator.counts_share


@st.cache_resource(show_spinner=False, max_entries=300)
def compared(view: View, query: Query) -> Compared:
    """The figures of a question of the form "compare". Raises NotPermitted for villages out of reach."""
    catalogue = cached_reads.catalogue()
    indicator = catalogue[query.indicator]
    if query.a == NO_GROUPS:
        return _against_rest(view, query, indicator)
    pairing = pairing_of(catalogue, indicator, query.a, query.b)
    names = _names(view, query)
    level, within = ("village", query.township) if query.by == "village" else ("township", None)
    total = measures.gaps(view, pairing, indicator, level=level, within=within, by=())
    if query.by in ("township", "village"):
        counts = measures.read_counts(view, indicator, level=level, within=within, dimension=pairing.dimension)
        rows = _ordered(pairing_gaps(counts, indicator, pairing, places=tuple(names)), total["difference"].iloc[0])
    elif query.by == "month":
        rows = measures.gaps(view, pairing, indicator, by=("month",), months=(view.first, view.last))
        rows = rows.sort_values("month", ignore_index=True)
    else:
        return Compared(indicator, pairing, total.assign(place=view.root, stands=_clear(total)), total, {})
    tested = rows["p"].where(~rows["month"].map(view.is_provisional)) if "month" in rows else rows["p"]
    return Compared(indicator, pairing, rows.assign(stands=fdr(tested.to_numpy(dtype=float))), total, names)


@st.cache_resource(show_spinner=False, max_entries=300)
def group_rates(view: View, indicator_code: str, dimension: str) -> pd.DataFrame:
    """The rates of every value of one dimension over all chosen townships: what else there is beside two groups."""
    return measures.rates(view, cached_reads.catalogue()[indicator_code], by=("value",), dimension=dimension)


@st.cache_resource(show_spinner=False, max_entries=300)
def adjusted(view: View, query: Query, adjust: str, *, as_of: dt.date | None) -> AdjustedGap | None:
    """The gap of both groups like for like within townships (``adjust`` "township"), ages of estates or values of a
    dimension.

    None where nothing is to be held alike, or the events needed for it are not there.
    """
    if adjust == "none" or query.a == NO_GROUPS:
        return None
    catalogue = cached_reads.catalogue()
    indicator = catalogue[query.indicator]
    pairing = pairing_of(catalogue, indicator, query.a, query.b)
    if adjust != TOWNSHIP and as_of is None:
        return None
    return adjusted_gap(*strata_sides(view, pairing, indicator, adjust, as_of=as_of), by=STRATUM)


def _against_rest(view: View, query: Query, indicator: Indicator) -> Compared:
    names = _names(view, query)
    if query.by == "month":
        rows = measures.rates(view, indicator, by=("month",), months=(view.first, view.last))
        rows = rows.sort_values("month", ignore_index=True)
        return Compared(indicator, None, rows, measures.rates(view, indicator, by=()), {})
    if query.by == "district":
        total = measures.rates(view, indicator, by=())
        return Compared(indicator, None, total.assign(place=view.root), total, {})
    level, within = ("village", query.township) if query.by == "village" else ("township", None)
    rates = measures.rates(view, indicator, level=level, within=within, places=tuple(names))
    total = measures.rates(view, indicator, level=level, within=within, by=())
    return Compared(
        indicator, None, by_evidence(verdict_table(rates, indicator), indicator).reset_index(drop=True), total, names
    )  # fmt: skip


def _names(view: View, query: Query) -> dict[str, str]:
    if query.by == "township":
        register = measures.townships(view)
    elif query.by == "village":
        register = cached_reads.places(view.scope, level="village", within=query.township, version=view.version)
    else:
        return {}
    return dict(zip(register["code"], register["name"], strict=True))


def _ordered(rows: pd.DataFrame, total: float) -> pd.DataFrame:
    """Widest gap in the direction of all places together first; without a gap last, one group only before none."""
    groups = rows[["a_n", "b_n"]].fillna(0).gt(0).sum(axis=1)
    by = -rows["difference"] if total > 0 else rows["difference"]
    ranked = rows.assign(_by=by, _groups=-groups).sort_values(["_by", "_groups"], kind="stable", na_position="last")
    return ranked.drop(columns=["_by", "_groups"]).reset_index(drop=True)


def _clear(total: pd.DataFrame) -> pd.Series:
    return total["ahead"].isin(CLEAR)
