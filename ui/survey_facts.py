"""What a survey says, sentence by sentence, the leading one large."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st


def survey_facts(sentences: Sequence[str]) -> None:
    """Draw the sentences as a list; nothing for none."""
    if sentences:
        st.html(f'<ul class="gb-survey">{"".join(f"<li>{escape(one)}</li>" for one in sentences)}</ul>')


def figure_name(name: str) -> None:
    """Draw the name of one of two figures that stand side by side."""
    st.html(f'<h3 class="gb-figure-name">{escape(name)}</h3>')


def captions(sentences: Sequence[str]) -> None:
    """Draw sentences small, one a line; nothing for none."""
    if sentences:
        st.caption("  \n".join(sentences))
