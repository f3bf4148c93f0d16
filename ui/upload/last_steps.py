"""The last two steps of a file: checked, with everything that was found, and loaded."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from data_access import jobs
from ui import cached_reads, messages
from ui.filters import go_to
from ui.navigation import DEFAULT_PAGE
from ui.texts import number, text
from ui.upload import tables
from ui.upload.check_button import draw_check_button
from ui.upload.choices import Choices, draw_places
from ui.upload.desk import Desk, take_off_desk
from ui.upload.mending import draw_mending
from ui.upload.progress_line import progress_line
from ui.upload.step_frame import Standing, step
from ui.upload.words import loadable


def draw_check(desk: Desk, choices: Choices | None, *, origin: str, lang: str) -> bool:
    """Step 3: the check and what it found; whether the file may be loaded as it was checked."""
    stage = desk.stage
    if stage in ("drop", "looking", "unreadable", "confirm"):
        with step(3, "upload.check.title", standing="later", note=text("upload.check.later", lang), lang=lang):
            return False
    checked = stage in ("checked", "loading", "load_stopped", "loaded")
    standing: Standing = "done" if checked else "stopped" if stage == "check_stopped" else "now"
    note = _checked_note(desk, lang) if stage in ("loading", "load_stopped", "loaded") else ""
    with step(3, "upload.check.title", standing=standing, note=note, lang=lang):
        if stage == "checking" and desk.check is not None:
            _draw_running(desk.check.id, desk, lang)
            return False
        if stage == "check_stopped" and desk.check is not None:
            messages.problem(desk.check.in_language(lang))
        places: dict[tuple[str, str], str] = {}
        if stage == "checked":
            places = _draw_found(desk, lang)
        if stage in ("loading", "loaded"):
            return False
        return draw_check_button(desk, choices, places, origin=origin, lang=lang)


def _checked_note(desk: Desk, lang: str) -> str:
    result = (desk.check.result or {}) if desk.check else {}
    facts = {"rows": number(result["rows_read"]), "rejected": number(result["rows_rejected"])}
    return text(f"upload.check.{'note_dirty' if result['rows_rejected'] else 'note'}", lang, **facts)


def _draw_found(desk: Desk, lang: str) -> dict[tuple[str, str], str]:
    """Everything a check found; the answers about places."""
    result = desk.result
    if result["already_loaded"]:
        st.html(f'<p class="gb-said">{escape(text("upload.check.known", lang, batch=result["batch_id"]))}</p>')
        return draw_places(desk, [], lang)
    st.html(tables.counts_html(result, lang))
    places = draw_places(desk, [ask for ask in result["asks"] if ask["candidates"]], lang)
    if result["groups"] and desk.check is not None:
        draw_mending(desk, desk.check, result, lang=lang)
    else:
        st.html(f'<p class="gb-said">{escape(text("upload.check.clean", lang))}</p>')
    _draw_flags(result, lang)
    if loadable(result):
        _draw_headline(result, lang, done=False)
    return places


def _draw_flags(result: dict[str, Any], lang: str) -> None:
    if result["flags"]:
        count = number(result["flags_count"])
        st.html(
            f'<h3>{escape(text("upload.flags.title", lang, count=count))}<span class="gb-section-note">'
            f"{escape(text('upload.flags.note', lang))}</span></h3>"
            f"{tables.flags_html(result['flags'], count=result['flags_count'], lang=lang)}"
        )


def _draw_headline(result: dict[str, Any], lang: str, *, done: bool) -> None:
    title = text("upload.headline.title_done" if done else "upload.headline.title", lang)
    note = tables.headline_note(result, lang)
    st.html(
        f'<h3>{escape(title)}<span class="gb-section-note">{escape(note)}</span></h3>'
        f"{tables.headline_html(result, catalogue=cached_reads.catalogue(), lang=lang)}"
    )


def _draw_running(job: str, desk: Desk, lang: str) -> None:
    progress_line(job, by=desk.by, lang=lang)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(text("upload.progress.cancel", lang), key="upload_cancel", icon=":material/stop_circle:"):
            jobs.cancel_job(job, by=desk.by)
            st.rerun()
        st.html(f'<p class="gb-quiet">{escape(text("upload.progress.reload_safe", lang))}</p>')


def draw_load(desk: Desk, *, may_load: bool, origin: str, lang: str) -> None:
    """Step 4: loading what was checked, and what came of it."""
    stage = desk.stage
    if stage not in ("checked", "loading", "load_stopped", "loaded") or desk.check is None:
        with step(4, "upload.load.title", standing="later", note=text("upload.load.later", lang), lang=lang):
            return
    standing: Standing = "done" if stage == "loaded" else "stopped" if stage == "load_stopped" else "now"
    with step(4, "upload.load.title", standing=standing, lang=lang):
        if stage == "loading" and desk.load is not None:
            _draw_running(desk.load.id, desk, lang)
        elif stage == "loaded" and desk.load is not None:
            _draw_loaded(desk, lang)
        else:
            if stage == "load_stopped" and desk.load is not None:
                messages.problem(desk.load.in_language(lang))
            _draw_load_button(desk, may_load=may_load, origin=origin, lang=lang)


def _draw_load_button(desk: Desk, *, may_load: bool, origin: str, lang: str) -> None:
    result = (desk.check.result or {}) if desk.check else {}
    rows = loadable(result)
    if not result["already_loaded"]:
        key = "blocked" if not rows else "ready_dirty" if result["rows_rejected"] else "ready"
        facts = {"rows": number(rows), "rejected": number(result["rows_rejected"])}
        st.html(f'<p class="gb-said">{escape(text(f"upload.load.{key}", lang, **facts))}</p>')
    with st.container(horizontal=True, vertical_alignment="center"):
        if rows and st.button(
            text("upload.load.button", lang, rows=number(rows)),
            key="upload_load",
            type="primary",
            disabled=not may_load,
        ):
            jobs.start_load(desk.check.id, by=desk.by, origin=origin)
            st.rerun()
        if st.button(text("upload.load.give_up", lang), key="upload_give_up", type="tertiary"):
            take_off_desk(desk, session=st.session_state)
            st.rerun()


def _draw_loaded(desk: Desk, lang: str) -> None:
    result = desk.result
    if result["already_loaded"]:
        st.html(f'<p class="gb-said">{escape(text("upload.check.known", lang, batch=result["batch_id"]))}</p>')
    else:
        st.html(f'<p class="gb-said">{escape(text("upload.load.done", lang, batch=result["batch_id"]))}</p>')
        st.html(tables.counts_html(result, lang))
        _draw_headline(result, lang, done=True)
        if result["groups"] and desk.load is not None:
            draw_mending(desk, desk.load, result, lang=lang)
        st.caption(text("upload.load.undo_hint", lang))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(text("upload.load.next", lang), key="upload_next", type="primary"):
            take_off_desk(desk, session=st.session_state)
            st.rerun()
        for name, page in (("see_overview", DEFAULT_PAGE), ("see_quality", "about/data_quality")):
            st.button(
                text(f"upload.load.{name}", lang), key=f"upload_{name}", type="tertiary", on_click=go_to, args=(page,)
            )
