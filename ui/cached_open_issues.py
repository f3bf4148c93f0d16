"""Reads of open issues, kept in memory: the same rules as in `cached_reads`."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

import data_access.open_issues
from data_access.open_issues import OpenTotals
from data_access.permissions import Scope
from ui.cached_reads import engine


def open_issues(scope: Scope, *, within: str, as_of: dt.date, limit: int, version: int) -> pd.DataFrame:
    """Open issues as :func:`data_access.open_issues.read_open_issues` gives them. Raises NotPermitted."""
    return _open_issues(scope.root, scope.villages_of, scope.until, within, as_of, limit, version)


def open_totals(scope: Scope, *, within: str, as_of: dt.date, version: int) -> OpenTotals:
    """Their number as :func:`data_access.open_issues.count_open_issues` gives it. Raises NotPermitted."""
    return _open_totals(scope.root, scope.villages_of, scope.until, within, as_of, version)


@st.cache_resource(show_spinner=False, max_entries=200)
def _open_issues(
    root: str, villages_of: tuple[str, ...] | None, until: int | None, within: str, as_of: dt.date, limit: int,
    version: int,
) -> pd.DataFrame:  # fmt: skip
    scope = Scope(root=root, villages_of=villages_of, until=until)
    return data_access.open_issues.read_open_issues(engine(), scope=scope, within=within, as_of=as_of, limit=limit)


@st.cache_resource(show_spinner=False, max_entries=400)
def _open_totals(
    root: str, villages_of: tuple[str, ...] | None, until: int | None, within: str, as_of: dt.date, version: int
) -> OpenTotals:
    scope = Scope(root=root, villages_of=villages_of, until=until)
    return data_access.open_issues.count_open_issues(engine(), scope=scope, within=within, as_of=as_of)
