"""Whom to compare with: a fixed group, the peers of one township with the reason, or a hand-picked few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from data_access.releases import DataVersion
from data_access.settings import read_settings
from ui.address import FEWEST_PICKED, FIXED_SETS, RELATED_SETS, TOWNSHIP_SETS, Filters, reference_township
from ui.payloads.peer_groups import peers_sentence, similar_townships
from ui.place_names import place_name
from ui.session import Viewer
from ui.texts import text
from ui.township_sets import in_township_set, related_members


def set_members(
    township_set: str, filters: Filters, *, viewer: Viewer, version: DataVersion, places: pd.DataFrame
) -> tuple[str, ...]:
    """The townships of a set that depends on one township or on picking; empty for the fixed sets."""
    return related_members(
        places, township_set, reference=reference_township(filters.township, viewer.township),
        peers=_peers(township_set, viewer, version, places), picked=filters.picked,
    )  # fmt: skip


def set_sentence(filters: Filters, *, viewer: Viewer, version: DataVersion, places: pd.DataFrame) -> str:
    """Who is compared, and why they are alike; what to do where too few are picked."""
    if len(filters.members) < FEWEST_PICKED and filters.township_set == "picked":
        return text("filters.peers.pick_hint", filters.lang)
    return peers_sentence(
        filters.members, filters.township_set, reference=reference_township(filters.township, viewer.township) or "",
        peers=_peers(filters.township_set, viewer, version, places), places=places, lang=filters.lang,
    )  # fmt: skip


def set_names(
    filters: Filters, *, own_page: bool, viewer: Viewer, version: DataVersion, places: pd.DataFrame
) -> dict[str, str]:
    """The sets that can be chosen, in words with their size.

    A page of one township (``own_page``) offers its peers instead of the fixed groups; without any township there are
    no peers to offer.
    """
    fixed = FIXED_SETS[:1] if own_page else FIXED_SETS
    reference = reference_township(filters.township, viewer.township)
    related = RELATED_SETS if reference else ("picked",)
    names = {}
    for code in TOWNSHIP_SETS:
        if code not in (*fixed, *related, filters.township_set):
            continue
        members = set_members(code, filters, viewer=viewer, version=version, places=places)
        count = len(in_township_set(places, code, members))
        names[code] = text(f"filters.township_sets.{code}", filters.lang, count=count)
    return names


def draw_picking(filters: Filters, *, names: Mapping[str, str], choose: Callable[..., Any]) -> None:
    """The list to pick townships from. ``choose`` writes to the address."""
    lang = filters.lang
    st.session_state["filter_picked"] = list(filters.picked)
    st.multiselect(
        text("filters.peers.pick", lang),
        list(names),
        key="filter_picked",
        format_func=lambda code: place_name(names[code], lang),
        placeholder=text("filters.peers.pick", lang),
        on_change=lambda: choose(picked=",".join(st.session_state["filter_picked"]) or None),
        width=420,
    )


def _peers(township_set: str, viewer: Viewer, version: DataVersion, places: pd.DataFrame) -> pd.DataFrame:
    """The nearest peers, only where they are asked for."""
    if township_set != "similar":
        return places
    return similar_townships(read_settings().root_place, viewer.until, version.last_month or 0, version.number)
