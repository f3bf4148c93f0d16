"""A choice of one page whose code stands in the address, so that a link keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st


def page_choice(
    parameter: str, codes: Sequence[str], *, label: str, name: Callable[[str], str], width: int = 260, note: str = ""
) -> str:
    """Draw the choice and give the chosen code; ``name`` gives the words of a code, ``note`` stands beside it.

    The code stands in the address as ``parameter``, left out for the first of ``codes``, which also stands in for one
    that is not offered. The hidden field of the address is kept out of sight by the style of ``gb_choice_``.
    """
    with st.container(key=f"gb_choice_{parameter}"):
        given = st.text_input(parameter, key=parameter, bind="query-params", label_visibility="collapsed")
    chosen = given if given in codes else codes[0]
    field = f"choice_of_{parameter}"
    st.session_state[field] = chosen
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            label,
            list(codes),
            key=field,
            format_func=name,
            on_change=_chosen,
            args=(parameter, field, codes[0]),
            label_visibility="collapsed",
            width=width,
        )
        if note:
            st.html(f'<span class="gb-section-note">{escape(note)}</span>', width="content")
    return chosen


def _chosen(parameter: str, field: str, default: str) -> None:
    code = st.session_state[field]
    st.session_state[parameter] = "" if code in (None, default) else code
