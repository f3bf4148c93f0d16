"""Notes on trends, at most two seconds old."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import data_access.annotations
from data_access.permissions import Scope
from ui.cached_reads import engine
from ui.last_good import kept


def annotations(scope: Scope, *, places: tuple[str, ...]) -> pd.DataFrame:
    """Notes on ``places`` as :func:`data_access.annotations.read_annotations` gives them."""
    asked = (scope.root, scope.villages_of, scope.until, places)
    return kept(f"annotations {asked}", lambda: _annotations(*asked))


def forget_annotations() -> None:
    """After a note was written or withdrawn: the next read sees it at once, in this process."""
    _annotations.clear()


@st.cache_resource(show_spinner=False, ttl=2, max_entries=200)
def _annotations(
    root: str, villages_of: tuple[str, ...] | None, until: int | None, places: tuple[str, ...]
) -> pd.DataFrame:
    scope = Scope(root=root, villages_of=villages_of, until=until)
    return data_access.annotations.read_annotations(engine(), scope=scope, places=places)
