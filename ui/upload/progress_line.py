"""How far a job is: drawn anew every second by itself, until the job has ended and the page follows."""

from __future__ import annotations

from html import escape

import streamlit as st

from data_access import jobs
from data_access.job_folders import UnknownJob
from data_access.jobs import JobState
from ui.texts import number, text
from ui.upload.words import elapsed_text, remaining_text


@st.fragment(run_every=1.0)
def progress_line(job: str, *, by: str, lang: str) -> None:
    """The line of one job. `by` is the person whose job it is: nobody else's is read."""
    try:
        state = jobs.job_state(job, by=by)
    except UnknownJob:
        st.rerun()
    if state.ended:
        st.rerun()
    st.html(progress_html(state, lang))


def progress_html(state: JobState, lang: str) -> str:
    """Bar and words of a job that is queued or running."""
    width = 0.0 if state.share is None else min(1.0, state.share)
    kind = "unknown" if state.share is None or state.stage in ("", "read") else "known"
    words = [_stage_text(state, lang)]
    if state.rows:
        words.append(text("upload.progress.rows_read", lang, rows=number(state.rows)))
    aside = []
    if state.elapsed_seconds >= 3:
        aside = [elapsed_text(state.elapsed_seconds, lang), remaining_text(state, lang)]
    said = f'aria-valuenow="{width * 100:.0f}"' if kind == "known" else ""
    return (
        f'<div class="gb-progress"><p><b>{escape(words[0])}</b>'
        f"{''.join(f'<span>{escape(word)}</span>' for word in words[1:])}"
        f'<span class="aside">{escape(" · ".join(word for word in aside if word))}</span></p>'
        f'<div class="bar {kind}" role="progressbar" aria-valuemin="0" aria-valuemax="100" {said} '
        f'aria-label="{escape(words[0])}"><i style="width:{width * 100:.1f}%"></i></div></div>'
    )


def _stage_text(state: JobState, lang: str) -> str:
    if state.stopping:
        return text("upload.progress.stopping", lang)
    if state.state == "queued" and state.ahead:
        return text("upload.progress.queued", lang, count=state.ahead)
    if state.stage == "commit":
        return text("upload.progress.commit", lang)
    if state.stage in ("count", "checks"):
        return text("upload.progress.count", lang)
    return text("upload.progress.rows" if state.stage == "rows" else "upload.progress.starting", lang)
