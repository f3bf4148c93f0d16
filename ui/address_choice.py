"""The order of a figure's rows: a row of choices whose code stands in the address, so that a link keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

import streamlit as st

PARAMETER: Final = "sort"
_FIELD: Final = "row_order"


def row_order(orders: Mapping[str, str], *, notes: Mapping[str, str], label: str) -> str:
    """Draw the choices (code to label, the first is the default) and give the chosen code.

    ``notes`` say beside the choices what comes first in each order. The code stands in the address as ``sort``, left
    out for the default; one that is not offered counts as the default.
    """
    codes = list(orders)
    given = st.text_input(PARAMETER, key=PARAMETER, bind="query-params", label_visibility="collapsed")
    chosen = given if given in orders else codes[0]
    st.session_state[_FIELD] = chosen
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            label,
            codes,
            key=_FIELD,
            format_func=orders.__getitem__,
            on_change=_chosen,
            args=(codes[0],),
            label_visibility="collapsed",
            required=True,
        )
        st.html(f'<span class="gb-section-note">{escape(notes[chosen])}</span>', width="content")
    return chosen


def _chosen(default: str) -> None:
    code = st.session_state[_FIELD]
    st.session_state[PARAMETER] = "" if code in (None, default) else code
