"""Reads about changes of places, kept in memory by data version like those of :mod:`ui.cached_reads`."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import data_access.place_changes
from data_access.permissions import Scope
from ui.cached_reads import engine


def place_notes(scope: Scope, *, within: str, version: int) -> pd.DataFrame:
    """Notes on a village, or on a township's villages, as :func:`data_access.place_changes.read_place_notes` gives
    them. Raises NotPermitted."""
    return _place_notes(scope.root, scope.villages_of, within, version)


@st.cache_resource(show_spinner=False, max_entries=200)
def _place_notes(root: str, villages_of: tuple[str, ...] | None, within: str, version: int) -> pd.DataFrame:
    scope = Scope(root=root, villages_of=villages_of)
    return data_access.place_changes.read_place_notes(engine(), scope=scope, within=within)
