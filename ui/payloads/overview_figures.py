"""The statistics behind the overview, without words: kept once for both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.catalogue import Indicator
from indicators.changes import change_table
from indicators.findings import Finding, GapEvidence, IndicatorEvidence, overview_findings
from indicators.verdicts import verdict_table
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.gap_payload import paper_gaps

SCOREBOARD: Final = ("resolution_rate", "satisfaction_rate", "on_time_rate", "prevention_compliance")
CIRCULAR: Final = ("on_time_rate", "resolution_rate", "satisfaction_rate", "callback_reach_rate", "repeat_rate")
GAP_INDICATOR: Final = "prevention_compliance"


@dataclass(frozen=True)
class IndicatorFigures:
    """One indicator over the chosen townships.

    ``judged`` the verdict table by township, ``total`` the one row of all of them together, ``change`` the one row of
    its change table (None without an earlier period), ``moves`` the change of each township by code.
    """

    judged: pd.DataFrame
    total: pd.DataFrame
    change: pd.DataFrame | None
    moves: Mapping[str, Any]


@dataclass(frozen=True)
class BoardFigures:
    """What does not depend on the indicator shown on the map."""

    gaps: tuple[GapEvidence, ...]
    findings: tuple[Finding, ...]


def figures(view: View, code: str) -> IndicatorFigures:
    """The figures of one indicator; the same object for everybody and both languages: never change it."""
    return _figures(replace(view, lang=""), code)


def board_figures(view: View) -> BoardFigures:
    """Gaps and findings of the view; the same object for everybody and both languages: never change it."""
    return _board_figures(replace(view, lang=""))


@st.cache_resource(show_spinner=False, max_entries=1_000)
def _figures(view: View, code: str) -> IndicatorFigures:
    indicator = cached_reads.catalogue()[code]
    rates = measures.rates(view, indicator, places=tuple(measures.townships(view)["code"]))
    total = total_rate(view, indicator)
    before = view.before(indicator)
    if before is None:
        return IndicatorFigures(verdict_table(rates, indicator), total, None, {})
    moved = change_table(rates, measures.rates(view, indicator, months=before), indicator)
    return IndicatorFigures(
        judged=verdict_table(rates, indicator),
        total=total,
        change=change_table(total, total_rate(view, indicator, before), indicator, by=()),
        moves={str(row["place"]): row for row in moved.to_dict("records")},
    )


def total_rate(view: View, indicator: Indicator, months: tuple[int, int] | None = None) -> pd.DataFrame:
    """The one row of the rate of all chosen townships together."""
    return measures.rates(view, indicator, by=(), months=months)


@st.cache_resource(show_spinner=False, max_entries=200)
def _board_figures(view: View) -> BoardFigures:
    catalogue = cached_reads.catalogue()
    gaps = paper_gaps(view, catalogue, indicator=GAP_INDICATOR)
    evidence = [
        IndicatorEvidence(catalogue[code], district=one.total, places=one.judged, change=one.change)
        for code, one in ((code, _figures(view, code)) for code in SCOREBOARD)
    ]
    return BoardFigures(tuple(gaps), tuple(overview_findings(evidence, gaps, limit=3)))
