"""What the colours of a map show: a row of choices above it, kept in the address and the same on every page."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from ui.address import MAP_COLOURS, Filters
from ui.filters import choose
from ui.texts import text

_FIELD: Final = "map_colours"


def map_colours(filters: Filters) -> str:
    """Draw the choices and give the chosen one, one of `MAP_COLOURS`, with a note of what it means."""
    lang, chosen = filters.lang, filters.colours
    st.session_state[_FIELD] = chosen
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="map_colours_row"):
        st.segmented_control(
            text("choropleth.colours.label", lang),
            MAP_COLOURS,
            key=_FIELD,
            format_func=lambda code: text(f"choropleth.colours.{code}", lang),
            on_change=_chosen,
            label_visibility="collapsed",
            required=True,
        )
        st.html(
            f'<span class="gb-section-note">{escape(text(f"choropleth.colours.{chosen}_note", lang))}</span>',
            width="content",
        )
    return chosen


def _chosen() -> None:
    code = st.session_state[_FIELD]
    choose(colours=None if code == MAP_COLOURS[0] else code)
