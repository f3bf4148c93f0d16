"""The heading of one part of a page: a short name and, beside it, what to do with the part."""

from __future__ import annotations

from html import escape

import streamlit as st


def section_head(name: str, *, note: str = "") -> None:
    """Draw the heading; `note` stands small beside it."""
    beside = f'<span class="gb-section-note">{escape(note)}</span>' if note else ""
    st.html(f'<div class="gb-section"><h2>{escape(name)}</h2>{beside}</div>')
