"""Counts by two dimensions for the chosen townships, kept in memory like the other reads."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

import data_access.crossed_counts
from data_access.permissions import Scope
from indicators.catalogue import Indicator
from ui import cached_reads, measures
from ui.measures import View


def crossed_counts(view: View, indicator: Indicator, dimensions: tuple[str, str], *, as_of: dt.date) -> pd.DataFrame:
    """Counts of the indicator's source by two dimensions over the settled months, as
    :func:`data_access.crossed_counts.read_crossed_counts` gives them. One frame for everybody: never change it."""
    chosen = tuple(measures.townships(view)["code"]) if view.township_set != "all" else None
    limits = (view.root, view.villages_of, view.until)
    return _crossed(*limits, indicator.source, dimensions, chosen, *view.months(indicator), as_of, view.version)


@st.cache_resource(show_spinner=False, max_entries=100)
def _crossed(
    root: str,
    villages_of: tuple[str, ...] | None,
    until: int | None,
    source: str,
    dimensions: tuple[str, str],
    townships: tuple[str, ...] | None,
    first: int,
    last: int,
    as_of: dt.date,
    version: int,
) -> pd.DataFrame:
    return data_access.crossed_counts.read_crossed_counts(
        cached_reads.engine(),
        scope=Scope(root=root, villages_of=villages_of, until=until),
        source=source,
        dimensions=dimensions,
        townships=townships,
        first=first,
        last=last,
        as_of=as_of,
    )
