"""A schematic layer drawn from the register: the button that starts it, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from data_access import jobs
from data_access.job_folders import UnknownJob
from ui.texts import text
from ui.upload.progress_line import progress_line

_JOB: Final = "boundary_drawing"


@dataclass(frozen=True)
class Running:
    """``job``: the drawing that is on; "" for none. ``said``: what one came to that has just ended."""

    job: str = ""
    said: tuple[bool, tuple[str, str]] | None = None


def drawing(by: str) -> str | None:
    """The drawing of this person that has not ended; None for none."""
    for job in jobs.jobs_of(by, upload=""):
        if job.order.kind == "draw_boundaries" and not job.ended:
            return job.id
    return None


def draw_offer(name: str, *, within: int | None, by: str, origin: str, lang: str) -> None:
    """The button: villages inside the townships of layer ``within``, or everything; ``name`` tells the two apart."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"boundary_offer_{name}"):
        if st.button(text(f"boundaries.draw.{name}", lang), key=f"boundary_draw_{name}"):
            choices = "" if within is None else str(within)
            st.session_state[_JOB] = jobs.start_job("draw_boundaries", by=by, origin=origin, choices=choices)
            st.rerun()
        st.caption(text("boundaries.draw.note", lang))


def draw_running(*, by: str, lang: str) -> Running:
    """The line of a drawing that is on; what it came to once it has ended."""
    job = st.session_state.get(_JOB) or drawing(by)
    if not job:
        return Running()
    try:
        state = jobs.job_state(job, by=by)
    except UnknownJob:
        st.session_state.pop(_JOB, None)
        return Running()
    if not state.ended:
        st.caption(text("boundaries.draw.running", lang))
        progress_line(job, by=by, lang=lang)
        return Running(job)
    st.session_state.pop(_JOB, None)
    if state.state == "done":
        zh, en = (text("boundaries.draw.done", one) for one in ("zh", "en"))
        return Running(said=(True, (zh, en)))
    return Running(said=(False, (state.zh, state.en)))
