"""The changes that were entered, newest first, each with its way back; undoing asks before it acts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st

import data_access.place_changes
from data_access.errors import UserError
from data_access.place_history import PlaceChange
from ui import cached_reads, messages
from ui.place_changes.outcome import keep_outcome
from ui.place_changes.words import heading
from ui.release_months import local_time, moment_text
from ui.session import origin
from ui.texts import date_text, text
from ui.upload.batches import person

_ASKED: Final = "place_change_undo_asked"


def draw_changes(changes: Sequence[PlaceChange], *, by: str, lang: str) -> None:
    """Draw all changes; the button of the newest of its places undoes it."""
    if not changes:
        messages.empty(text("place_changes.list.none", lang))
        return
    for number, one in enumerate(changes):
        with st.container(key=f"place_change_row_{number}", horizontal=True, vertical_alignment="center", gap="medium"):
            st.html(_row_html(one, lang))
            if one.undoable:
                st.button(text("place_changes.list.undo", lang), key=f"undo_{one.id}", on_click=_ask, args=(one.id,))
        if one.undoable and st.session_state.get(_ASKED) == one.id:
            _question(one, by=by, lang=lang)


def _row_html(one: PlaceChange, lang: str) -> str:
    notes = []
    if one.document:
        notes.append(text("place_changes.list.document", lang, document=one.document))
    if one.entered_at is None:
        notes.append(text("place_changes.list.register_only", lang))
    else:
        at = moment_text(local_time(one.entered_at), lang)
        notes.append(text("place_changes.list.entered", lang, by=person(one.entered_by, lang), at=at))
    if one.undone_at is not None:
        at = moment_text(local_time(one.undone_at), lang)
        notes.append(text("place_changes.list.undone", lang, by=person(one.undone_by or "", lang), at=at))
    elif one.id is not None and not one.undoable:
        notes.append(text("place_changes.list.later", lang))
    said = escape(heading(one.kind, one.parts, lang))
    gone = " undone" if one.undone_at is not None else ""
    return (
        f'<div class="gb-place-change{gone}"><span class="day">{escape(date_text(one.on, lang))}</span>'
        f'<div><p class="what">{said}</p><p class="note">{escape(" · ".join(notes))}</p></div></div>'
    )


def _question(one: PlaceChange, *, by: str, lang: str) -> None:
    said = heading(one.kind, one.parts, lang)
    with st.container(border=True, key="place_change_question"):
        st.markdown(f"**{text('place_changes.list.ask_undo', lang, change=said)}**")
        st.caption(text("place_changes.list.undo_effect", lang))
        with st.container(horizontal=True, gap="small"):
            yes = st.button(text("place_changes.list.undo_yes", lang), key="undo_yes", type="primary")
            st.button(text("place_changes.list.no", lang), key="undo_no", on_click=_forget)
    if not yes:
        return
    try:
        data_access.place_changes.undo_change(cached_reads.engine(), one.id or 0, by, at=origin())
        keep_outcome(
            done=True,
            sentences={
                each: text("place_changes.list.undone_now", each, change=heading(one.kind, one.parts, each))
                for each in ("zh", "en")
            },
        )
    except UserError as error:
        keep_outcome(done=False, sentences={each: error.in_language(each) for each in ("zh", "en")})
    _forget()
    cached_reads.forget_data_version()
    st.rerun()


def _ask(number: int) -> None:
    st.session_state[_ASKED] = number


def _forget() -> None:
    st.session_state.pop(_ASKED, None)
