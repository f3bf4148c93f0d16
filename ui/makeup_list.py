"""Where a gap comes from: an opening, the parts with their figures, and remarks."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui.payloads.pairing_words import Makeup


def makeup_list(makeup: Makeup) -> None:
    """Draw the parts of a gap as a list of figures and the remarks under it."""
    parts = "".join(f"<dt>{escape(figure)}</dt><dd>{escape(words)}</dd>" for figure, words in makeup.parts)
    remarks = "".join(f'<p class="remark">{escape(remark)}</p>' for remark in makeup.remarks)
    listed = f"<dl>{parts}</dl>" if parts else ""
    st.html(f'<div class="gb-makeup"><p>{escape(makeup.opening)}</p>{listed}{remarks}</div>')
