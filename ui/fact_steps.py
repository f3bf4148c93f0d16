"""A few figures in a row, each the step after the one before: looked at, flagged, standing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st


def fact_steps(facts: Sequence[tuple[str, str]]) -> None:
    """Draw (figure, what it is) from left to right."""
    steps = "".join(f"<li><b>{escape(figure)}</b><span>{escape(words)}</span></li>" for figure, words in facts)
    st.html(f'<ol class="gb-steps">{steps}</ol>')
