"""Short answers side by side under a scoreboard: question, answer, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import messages
from ui.payloads.township_standing import Answer
from ui.texts import text


def standing_block(answers: Sequence[Answer], *, lang: str) -> None:
    """Draw the answers in one row; a sentence where there are none."""
    if not answers:
        messages.empty(text("standing.none", lang))
        return
    label = text("standing.label", lang)
    cards = "".join(_card(one) for one in answers)
    st.html(f'<section class="gb-standing" aria-label="{escape(label)}">{cards}</section>')


def _card(one: Answer) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in one.lines)
    return (
        f'<div class="answer" data-answer="{escape(one.code)}"><h3>{escape(one.question)}</h3>'
        f"<strong>{escape(one.answer)}</strong>{lines}</div>"
    )
