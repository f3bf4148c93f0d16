"""The button that has a file checked, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from data_access import jobs
from ui import messages
from ui.texts import text
from ui.upload.choices import Choices
from ui.upload.desk import Desk


def draw_check_button(
    desk: Desk, choices: Choices | None, places: Mapping[tuple[str, str], str], *, origin: str, lang: str
) -> bool:
    """Draw the button unless the file was checked with just these choices; whether it was, and may be loaded."""
    if choices is None or desk.upload is None:
        return False
    if desk.check is not None and desk.check.state == "done" and choices.same_as(desk.check, places):
        return True
    if choices.unanswered:
        _say(text("upload.look.unanswered", lang, count=choices.unanswered))
    elif choices.missing:
        messages.problem(text("upload.look.missing", lang, columns="、".join(choices.missing)))
        return False
    elif desk.check is not None and desk.check.state == "done":
        _say(text("upload.check.stale", lang))
    label = "upload.look.check" if desk.check is None else "upload.look.check_again"
    if desk.check is not None and desk.check.state != "done":
        label = "upload.check.again"
    if st.button(text(label, lang), key="upload_check", type="primary", disabled=bool(choices.unanswered)):
        jobs.start_job(
            "check", by=desk.by, origin=origin, path=desk.upload.path, file_name=desk.upload.name,
            upload=desk.upload.id, source=choices.source, answers=choices.answers(places),
            received_on=choices.received_on,
        )  # fmt: skip
        st.rerun()
    return False


def _say(sentence: str) -> None:
    st.html(f'<p class="gb-quiet">{escape(sentence)}</p>')
