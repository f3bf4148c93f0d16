"""Reads of where sites and issues stand, kept in memory: the same rules as in `cached_reads`."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import data_access.positions as positions
from data_access.permissions import Scope
from ui.cached_reads import engine
from ui.measures import View

Limits = tuple[str, tuple[str, ...] | None, int | None]
"""Root, townships whose villages may be read, last month that may be read."""


def site_points(view: View, *, within: str, kinds: tuple[str, ...], month: int) -> pd.DataFrame:
    """Sites as :func:`data_access.positions.read_site_points` gives them. Raises NotPermitted."""
    return _site_points(_limits(view), within, kinds, month, view.layer, view.version)


def sites_without_position(view: View, *, within: str, kinds: tuple[str, ...], month: int) -> int:
    """As :func:`data_access.positions.count_without_position` counts them. Raises NotPermitted."""
    return _sites_without_position(_limits(view), within, kinds, month, view.layer, view.version)


def issue_points(view: View, *, within: str) -> pd.DataFrame:
    """Issues of the months as :func:`data_access.positions.read_issue_points` gives them. Raises NotPermitted."""
    return _issue_points(_limits(view), within, view.first, view.last, view.layer, view.version)


def issues_without_position(view: View, *, within: str) -> int:
    """As :func:`data_access.positions.count_issues_without_position` counts them. Raises NotPermitted."""
    return _issues_without_position(_limits(view), within, view.first, view.last, view.layer, view.version)


def _limits(view: View) -> Limits:
    return view.root, view.villages_of, view.until


def _scope(limits: Limits) -> Scope:
    root, villages_of, until = limits
    return Scope(root=root, villages_of=villages_of, until=until)


# The boundary layer is part of every key: with another layer, points may belong to other villages.


@st.cache_resource(show_spinner=False, max_entries=60)
def _site_points(
    limits: Limits, within: str, kinds: tuple[str, ...], month: int, layer: int, version: int
) -> pd.DataFrame:
    return positions.read_site_points(engine(), scope=_scope(limits), within=within, kind=kinds, month=month)


@st.cache_resource(show_spinner=False, max_entries=200)
def _sites_without_position(
    limits: Limits, within: str, kinds: tuple[str, ...], month: int, layer: int, version: int
) -> int:
    return positions.count_without_position(engine(), scope=_scope(limits), within=within, kind=kinds, month=month)


@st.cache_resource(show_spinner=False, max_entries=12)
def _issue_points(limits: Limits, within: str, first: int, last: int, layer: int, version: int) -> pd.DataFrame:
    return positions.read_issue_points(engine(), scope=_scope(limits), within=within, first=first, last=last)


@st.cache_resource(show_spinner=False, max_entries=200)
def _issues_without_position(limits: Limits, within: str, first: int, last: int, layer: int, version: int) -> int:
    return positions.count_issues_without_position(
        engine(), scope=_scope(limits), within=within, first=first, last=last
    )
