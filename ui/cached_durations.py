"""Reads of the course of issues, kept in memory: the same rules as in `cached_reads`."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

import data_access.issue_durations as issue_durations
from data_access.permissions import Scope
from ui.cached_reads import engine
from ui.measures import View

Limits = tuple[str, tuple[str, ...] | None, int | None]
"""Root, townships whose villages may be read, last month that may be read."""


def paths(view: View, *, within: str, first: int, last: int, as_of: dt.date) -> pd.DataFrame:
    """As :func:`data_access.issue_durations.read_paths` gives them. Raises NotPermitted."""
    return _paths(_limits(view), within, first, last, as_of, view.version)


def durations(view: View, *, within: str, as_of: dt.date, dimension: str) -> pd.DataFrame:
    """Of the issues of all chosen months, as :func:`data_access.issue_durations.read_durations` gives them."""
    return _durations(_limits(view), within, view.first, view.last, as_of, dimension, view.version)


def backlog(view: View, *, level: str, within: str, as_of: dt.date) -> pd.DataFrame:
    """As :func:`data_access.issue_durations.read_backlog` gives it. Raises NotPermitted."""
    return _backlog(_limits(view), level, within, as_of, view.version)


def margins(view: View, *, within: str, first: int, last: int) -> pd.DataFrame:
    """As :func:`data_access.issue_durations.read_margins` gives them. Raises NotPermitted."""
    return _margins(_limits(view), within, first, last, view.version)


def unheard(view: View, *, first: int, last: int) -> pd.DataFrame:
    """As :func:`data_access.issue_durations.read_unheard` gives them."""
    return _unheard(_limits(view), first, last, view.version)


def _limits(view: View) -> Limits:
    return view.root, view.villages_of, view.until


def _scope(limits: Limits) -> Scope:
    root, villages_of, until = limits
    return Scope(root=root, villages_of=villages_of, until=until)


@st.cache_resource(show_spinner=False, max_entries=200)
def _paths(limits: Limits, within: str, first: int, last: int, as_of: dt.date, version: int) -> pd.DataFrame:
    return issue_durations.read_paths(
        engine(), scope=_scope(limits), within=within, first=first, last=last, as_of=as_of
    )


@st.cache_resource(show_spinner=False, max_entries=200)
def _durations(
    limits: Limits, within: str, first: int, last: int, as_of: dt.date, dimension: str, version: int
) -> pd.DataFrame:
    return issue_durations.read_durations(
        engine(), scope=_scope(limits), within=within, first=first, last=last, as_of=as_of, dimension=dimension
    )


@st.cache_resource(show_spinner=False, max_entries=200)
def _backlog(limits: Limits, level: str, within: str, as_of: dt.date, version: int) -> pd.DataFrame:
    return issue_durations.read_backlog(engine(), scope=_scope(limits), level=level, within=within, as_of=as_of)


@st.cache_resource(show_spinner=False, max_entries=60)
def _margins(limits: Limits, within: str, first: int, last: int, version: int) -> pd.DataFrame:
    return issue_durations.read_margins(engine(), scope=_scope(limits), within=within, first=first, last=last)


@st.cache_resource(show_spinner=False, max_entries=60)
def _unheard(limits: Limits, first: int, last: int, version: int) -> pd.DataFrame:
    return issue_durations.read_unheard(engine(), scope=_scope(limits), first=first, last=last)
