"""The headline figures as cards that say how each follows, and the sentences above a figure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui.payloads.issue_chain import Headline


def headline_cards(label: str, headlines: Sequence[Headline]) -> None:
    """Draw the figures side by side: name and value, the target, and from which counts of the chain it comes.

    Nothing is drawn without figures.
    """
    if not headlines:
        return
    cards = "".join(
        f'<li><p class="name">{escape(one.name)}</p>'
        f'<p class="value"><b>{escape(one.value)}</b><span>{escape(one.target)}</span></p>'
        f'<p class="how">{escape(one.how)}</p></li>'
        for one in headlines
    )
    st.html(f'<h3 class="gb-issue-label">{escape(label)}</h3><ul class="gb-issue-cards">{cards}</ul>')


def sentence_list(sentences: Sequence[str]) -> None:
    """Draw the sentences, the first of them the heavier one."""
    lines = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
    if lines:
        st.html(f'<div class="gb-issue-said">{lines}</div>')
