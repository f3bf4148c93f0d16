"""Sentences a reader can act on, drawn the same everywhere. No traceback ever reaches a page."""

from __future__ import annotations

from html import escape

import streamlit as st

from data_access.errors import UserError
from ui.texts import text


def notice(sentences: list[str]) -> None:
    """A quiet line or two above the page: something of the address could not be followed. Nothing for no sentences."""
    if sentences:
        with st.container(key="notice"):
            lines = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
            st.html(f'<div class="gb-notice" role="status">{lines}</div>')


def problem(sentence: str, *, hint: str = "") -> None:
    """Something the reader or the steward has to mend before there is anything to see."""
    st.warning(f"{sentence}  \n{hint}" if hint else sentence, icon=":material/front_hand:")


def user_error(error: UserError, *, lang: str) -> None:
    """The plain sentence an error of the lower rooms carries."""
    problem(error.in_language(lang))


def fault(reference: str) -> None:
    """An error of ours, in both languages: the number under which the log holds what happened."""
    sentences = [text("frame.messages.fault", lang, reference=reference) for lang in ("zh", "en")]
    st.error("  \n".join(sentences), icon=":material/error:")


def empty(sentence: str) -> None:
    """Nothing to draw for this choice, said where the drawing would stand."""
    st.html(f'<p class="gb-empty">{escape(sentence)}</p>')
