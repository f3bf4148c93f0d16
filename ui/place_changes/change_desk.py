"""From the form to the deed: preview, question, entering. The form keeps what was typed until a change is entered."""

from __future__ import annotations

from typing import Final

import streamlit as st

import data_access.place_changes
from data_access.permissions import Scope
from data_access.place_change_plans import PlaceChangeError
from data_access.place_history import Preview
from ui import cached_reads
from ui.place_changes.change_form import Filled, Form, Wrong, clear_form
from ui.place_changes.outcome import keep_outcome
from ui.place_changes.words import heading, preview_sentences
from ui.session import origin
from ui.texts import text

_ASKED: Final = "place_change_asked"
_WRONG: Final = "place_change_wrong"


def draw_desk(*, scope: Scope, version: int, by: str, lang: str) -> None:
    """Draw the form, and below it what the change would do once somebody asked to see it."""
    filled_then, wrong = st.session_state.get(_WRONG, (None, None))
    form = Form(scope=scope, version=version, wrong=wrong, lang=lang)
    filled = form.draw()
    if wrong is not None and filled_then != filled:  # something was mended: the sentence has had its say
        del st.session_state[_WRONG]
        st.rerun()
    form.draw_rest()
    if st.button(text("place_changes.form.preview", lang), key="place_change_preview", type="primary"):
        st.session_state[_ASKED] = filled
    if st.session_state.get(_ASKED) != filled:
        return
    preview = _preview(filled)
    if preview is None:
        st.rerun()
    elif _confirmed(preview, scope=scope, version=version, lang=lang):
        _enter(filled, by=by)


def _preview(filled: Filled) -> Preview | None:
    """What the change would do; None where it cannot be, and why is kept for the form."""
    try:
        if filled.change is None:
            raise _missing("before", "choose_place")
        if filled.on is None:
            raise _missing("on", "choose_day")
        return data_access.place_changes.preview_change(cached_reads.engine(), filled.change, on=filled.on)
    except PlaceChangeError as error:
        _refuse(filled, error)
        return None


def _missing(field: str, key: str) -> PlaceChangeError:
    zh, en = (text(f"place_changes.errors.{key}", lang) for lang in ("zh", "en"))
    return PlaceChangeError(field, zh=zh, en=en)


def _refuse(filled: Filled, error: PlaceChangeError) -> None:
    sentences = {lang: error.in_language(lang) for lang in ("zh", "en")}
    st.session_state[_WRONG] = (filled, Wrong(error.field, sentences))
    st.session_state.pop(_ASKED, None)


def _confirmed(preview: Preview, *, scope: Scope, version: int, lang: str) -> bool:
    register = cached_reads.places(scope, level="township", version=version)
    names = dict(zip(register["code"], register["name"], strict=True))
    with st.container(border=True, key="place_change_question"):
        st.markdown(f"**{text('place_changes.preview.title', lang)}** — {heading(preview.kind, preview.parts, lang)}")
        st.markdown("\n".join(f"- {sentence}" for sentence in preview_sentences(preview, names, lang)))
        with st.container(horizontal=True, gap="small"):
            yes = st.button(text("place_changes.preview.confirm", lang), key="place_change_yes", type="primary")
            st.button(text("place_changes.preview.back", lang), key="place_change_no", on_click=_forget)
    return yes


def _enter(filled: Filled, *, by: str) -> None:
    assert filled.change is not None and filled.on is not None
    try:
        summary = data_access.place_changes.enter_change(
            cached_reads.engine(), filled.change, on=filled.on, document=filled.document, by=by, at=origin()
        )
    except PlaceChangeError as error:  # somebody else was faster
        _refuse(filled, error)
        st.rerun()
    said = {
        lang: text("place_changes.preview.done", lang, change=heading(summary.kind, summary.parts, lang))
        for lang in ("zh", "en")
    }
    keep_outcome(done=True, sentences=said)
    clear_form()
    _forget()
    cached_reads.forget_data_version()
    st.rerun()


def _forget() -> None:
    st.session_state.pop(_ASKED, None)
