"""The notes on a trend: read by all, entered and withdrawn by those allowed to, signed and dated."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from data_access.annotations import LONGEST, Author, add_annotation, withdraw_annotation
from data_access.errors import UserError
from data_access.releases import DataVersion
from data_access.words import CAMPAIGNS
from ui import cached_reads, messages
from ui.address import months_between
from ui.cached_annotations import forget_annotations
from ui.payloads.annotation_marks import annotation_line
from ui.session import Viewer, origin
from ui.texts import month_text, text

_PROBLEM = "annotation_problem"


def annotation_desk(
    notes: pd.DataFrame, *, place: str, place_name: str, indicator: str | None, viewer: Viewer, version: DataVersion,
    lang: str,
) -> None:  # fmt: skip
    """List the notes under their trend and, for those who may, the form for another one.

    ``notes`` as :func:`ui.payloads.annotation_marks.notes_on` gives them; ``place`` is where a new one would lie.
    """
    author = Author(viewer.name, viewer.role, viewer.township)
    for note in notes.to_dict("records"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"note_{note['id']}"):
            st.html(f'<p class="gb-note">{escape(annotation_line(note, lang))}</p>')
            if author.may_write(str(note["place"])):
                st.button(
                    text("annotations.withdraw", lang), key=f"withdraw_note_{note['id']}", type="tertiary",
                    on_click=_withdraw, args=(author, int(note["id"])),
                )  # fmt: skip
    if sentence := st.session_state.pop(_PROBLEM, None):
        messages.problem(sentence[lang])
    if author.may_write(place):
        _draw_form(author, place=place, place_name=place_name, indicator=indicator, version=version, lang=lang)


def _draw_form(
    author: Author, *, place: str, place_name: str, indicator: str | None, version: DataVersion, lang: str
) -> None:
    known = months_between(version.first_month or 0, version.last_month or 0)[::-1]
    with (
        st.popover(text("annotations.add", lang), key="annotation_form", icon=":material/edit_note:", type="tertiary"),
        st.form("annotation", border=False, clear_on_submit=False),
    ):
        st.markdown(f"**{text('annotations.where', lang, place=place_name)}**")
        month = st.selectbox(text("annotations.month", lang), known, format_func=lambda one: month_text(one, lang),
                             key="annotation_month")  # fmt: skip
        until = st.selectbox(
            text("annotations.until", lang), known, format_func=lambda one: month_text(one, lang), index=None,
            placeholder=text("annotations.one_month", lang), key="annotation_until",
        )  # fmt: skip
        campaign = st.selectbox(
            text("annotations.kind", lang), [one for one in CAMPAIGNS if one != "none"], index=None,
            placeholder=text("annotations.plain", lang), key="annotation_campaign",
            format_func=lambda one: text(f"annotations.campaigns.{one}", lang),
        )  # fmt: skip
        words = st.text_input(text("annotations.text", lang), key="annotation_text", max_chars=LONGEST)
        st.caption(text("annotations.signed", lang, who=author.name))
        if st.form_submit_button(text("annotations.save", lang), key="annotation_save", type="primary"):
            try:
                add_annotation(
                    cached_reads.engine(), author=author, place_code=place, month=month, until=until, text=words,
                    indicator=None if campaign else indicator, campaign=campaign, origin=origin(),
                )  # fmt: skip
            except UserError as problem:
                messages.problem(problem.in_language(lang))
            else:
                forget_annotations()
                st.rerun()


def _withdraw(author: Author, number: int) -> None:
    try:
        withdraw_annotation(cached_reads.engine(), author=author, number=number, origin=origin())
    except UserError as problem:
        st.session_state[_PROBLEM] = {"zh": problem.zh, "en": problem.en}
    forget_annotations()
