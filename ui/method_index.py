"""The index of the methods: a list whose choice stands in the address, so that a link opens the same method."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.method_register import CODES
from ui.method_sheets import method_name
from ui.texts import text

PARAMETER: Final = "method"
_FIELD: Final = "method_index"


def method_index(lang: str) -> str:
    """Draw the list and give the chosen code; a code in the address that is not listed counts as the first."""
    with st.container(key=f"gb_choice_{PARAMETER}"):
        given = st.text_input(PARAMETER, key=PARAMETER, bind="query-params", label_visibility="collapsed")
    chosen = given if given in CODES else CODES[0]
    st.session_state[_FIELD] = chosen
    st.radio(
        text("methods.index", lang),
        CODES,
        key=_FIELD,
        format_func=lambda code: method_name(code, lang),
        on_change=_chosen,
        label_visibility="collapsed",
        width="stretch",
    )
    return chosen


def _chosen() -> None:
    code = st.session_state[_FIELD]
    st.session_state[PARAMETER] = "" if code == CODES[0] else code
