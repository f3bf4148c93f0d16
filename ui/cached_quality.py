"""Reads of the record of loads that pages share, kept in memory: the same rules as in `cached_reads`."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd
import streamlit as st

import data_access.data_quality as quality
import data_access.rejected_rows as rejected
from data_access.permissions import Scope
from ui.cached_reads import engine
from ui.measures import View

LEVELS: Final = ("township", "village")
Limits = tuple[str, tuple[str, ...] | None, int | None]
"""Root, townships whose villages may be read, last month that may be read."""


def reports(view: View) -> pd.DataFrame:
    """Every report expected in the view's months, as :func:`data_access.data_quality.read_reports` gives them."""
    return _reports(_limits(view), view.first, view.last, view.version)


def freshness(view: View) -> pd.DataFrame:
    """One row a source, as :func:`data_access.data_quality.read_freshness` gives it."""
    return _freshness(view.version)


def stream_freshness(view: View) -> pd.DataFrame:
    """One row a stream, as :func:`data_access.data_quality.read_stream_freshness` gives it."""
    return _stream_freshness(view.version)


def newest_receipt(view: View) -> dt.date | None:
    """The newest day on which anything was received."""
    return _newest_receipt(view.version)


def set_aside(view: View) -> pd.DataFrame:
    """Rows set aside, counted, as :func:`data_access.rejected_rows.read_set_aside` gives them."""
    return _set_aside(_limits(view), view.first, view.last, view.version)


def repeats(view: View) -> pd.DataFrame:
    """Records that came more than once, as :func:`data_access.rejected_rows.read_repeats` gives them."""
    return _repeats(_limits(view), view.first, view.last, view.version)


def flags(view: View) -> pd.DataFrame:
    """What looks odd, as :func:`data_access.rejected_rows.read_flags` gives it."""
    return _flags(_limits(view), view.first, view.last, view.version)


def coverage(view: View) -> pd.DataFrame:
    """Places with data, as :func:`data_access.data_quality.read_coverage` gives them for townships and villages."""
    return _coverage(_limits(view), view.first, view.last, view.version)


def village_reports(view: View, *, township: str) -> pd.DataFrame:
    """Villages of one township, as :func:`data_access.data_quality.read_village_reports` gives them.

    Raises NotPermitted.
    """
    return _village_reports(_limits(view), township, view.first, view.last, view.version)


def _limits(view: View) -> Limits:
    return view.root, view.villages_of, view.until


def _scope(limits: Limits) -> Scope:
    root, villages_of, until = limits
    return Scope(root=root, villages_of=villages_of, until=until)


@st.cache_resource(show_spinner=False, max_entries=60)
def _reports(limits: Limits, first: int, last: int, version: int) -> pd.DataFrame:
    return quality.read_reports(engine(), scope=_scope(limits), first=first, last=last)


@st.cache_resource(show_spinner=False, max_entries=4)
def _freshness(version: int) -> pd.DataFrame:
    return quality.read_freshness(engine())


@st.cache_resource(show_spinner=False, max_entries=4)
def _stream_freshness(version: int) -> pd.DataFrame:
    return quality.read_stream_freshness(engine())


@st.cache_resource(show_spinner=False, max_entries=4)
def _newest_receipt(version: int) -> dt.date | None:
    return quality.read_newest_receipt(engine())


@st.cache_resource(show_spinner=False, max_entries=60)
def _set_aside(limits: Limits, first: int, last: int, version: int) -> pd.DataFrame:
    return rejected.read_set_aside(engine(), scope=_scope(limits), first=first, last=last)


@st.cache_resource(show_spinner=False, max_entries=60)
def _repeats(limits: Limits, first: int, last: int, version: int) -> pd.DataFrame:
    return rejected.read_repeats(engine(), scope=_scope(limits), first=first, last=last)


@st.cache_resource(show_spinner=False, max_entries=60)
def _flags(limits: Limits, first: int, last: int, version: int) -> pd.DataFrame:
    return rejected.read_flags(engine(), scope=_scope(limits), first=first, last=last)


@st.cache_resource(show_spinner=False, max_entries=60)
def _coverage(limits: Limits, first: int, last: int, version: int) -> pd.DataFrame:
    return quality.read_coverage(engine(), scope=_scope(limits), first=first, last=last, levels=LEVELS)


@st.cache_resource(show_spinner=False, max_entries=100)
def _village_reports(limits: Limits, township: str, first: int, last: int, version: int) -> pd.DataFrame:
    return quality.read_village_reports(engine(), scope=_scope(limits), township=township, first=first, last=last)
