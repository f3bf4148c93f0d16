"""A row of choices whose code stands in the address, so that a link keeps it: the order of rows, a map's colours."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st


def address_choice(parameter: str, options: Mapping[str, str], *, label: str, notes: Mapping[str, str]) -> str:
    """Draw the choices (code to label, the first is the default) and give the chosen code.

    ``notes`` say beside the choices what the chosen one means. The code stands in the address as ``parameter``, left
    out for the default; one that is not offered counts as the default.
    """
    codes, field = list(options), f"{parameter}_choice"
    given = _address_field(parameter)
    chosen = given if given in options else codes[0]
    st.session_state[field] = chosen
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{parameter}_row"):
        st.segmented_control(
            label,
            codes,
            key=field,
            format_func=options.__getitem__,
            on_change=_chosen,
            args=(parameter, codes[0]),
            label_visibility="collapsed",
            required=True,
        )
        if notes.get(chosen):
            st.html(f'<span class="gb-section-note">{escape(notes[chosen])}</span>', width="content")
    return chosen


def address_select(parameter: str, options: Mapping[str, str], *, label: str, width: int = 220) -> str:
    """Draw a pick-list (code to words, the first is the default) and give the chosen code, kept in the address.

    One that is not offered counts as the default. Not for more than one list of the same parameter on a page.
    """
    codes, field = list(options), f"{parameter}_choice"
    given = _address_field(parameter)
    chosen = given if given in options else codes[0]
    st.session_state[field] = chosen
    st.selectbox(
        label, codes, key=field, format_func=options.__getitem__, on_change=_chosen, args=(parameter, codes[0]),
        width=width,
    )  # fmt: skip
    return chosen


def _address_field(parameter: str) -> str:
    """What the address says, through a field out of sight (style/1_frame.css hides the containers address_…)."""
    with st.container(key=f"address_{parameter}"):
        return st.text_input(parameter, key=parameter, bind="query-params", label_visibility="collapsed") or ""


def _chosen(parameter: str, default: str) -> None:
    code = st.session_state[f"{parameter}_choice"]
    st.session_state[parameter] = "" if code in (None, default) else code
