"""The first two steps of a file: put in and recognised."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from data_access.errors import UserError
from data_access.ingestion.file_look import field_heading
from data_access.ingestion.source_form import source_form
from data_access.job_folders import KEPT_HOURS
from data_access.settings import read_settings
from ui import messages
from ui.texts import text
from ui.upload import tables
from ui.upload.check_button import draw_check_button
from ui.upload.choices import Choices, draw_headings, draw_received_on, draw_source, tables_of, with_answers
from ui.upload.desk import Desk, choose_upload, drop_key, put_on_desk, take_off_desk
from ui.upload.progress_line import progress_line
from ui.upload.step_frame import Standing, step
from ui.upload.templates import draw_templates
from ui.upload.words import clock_text, size_text, source_name, title

_MOST_TABLES = 6


def draw_drop(desk: Desk, *, lang: str) -> None:
    """Step 1: the field for a file, or the file that lies on the desk."""
    if desk.upload is None:
        st.html(f'<p class="gb-lead">{escape(text("upload.lead", lang))}</p>')
    with step(1, "upload.drop.title", standing="done" if desk.upload else "now", lang=lang):
        if desk.upload is None:
            drop_field("drop", text("upload.drop.label", lang), desk=desk, lang=lang)
            kept = text("upload.drop.kept", lang, hours=KEPT_HOURS)
            said = f"{text('upload.drop.hint', lang)}{'' if lang == 'zh' else ' '}{kept}"
            st.html(f'<p class="gb-quiet">{escape(said)}</p>')
            draw_templates(lang)
        else:
            at = text("upload.drop.at", lang, time=clock_text(desk.upload.at))
            with st.container(horizontal=True, vertical_alignment="center", key="upload_file"):
                st.html(
                    f'<p class="gb-file"><b>{escape(desk.upload.name)}</b>'
                    f"<span>{escape(size_text(desk.upload.size, lang))} · {escape(at)}</span></p>"
                )
                if (
                    desk.running is None
                    and desk.stage != "loaded"
                    and st.button(text("upload.drop.another", lang), key="upload_another", type="tertiary")
                ):
                    if desk.recognised:
                        choose_upload("", session=st.session_state)
                    else:
                        take_off_desk(desk, session=st.session_state)
                    st.rerun()
        if desk.waiting and desk.stage in ("drop", "loaded"):
            _draw_waiting(desk, lang)


def drop_field(name: str, label: str, *, desk: Desk, lang: str) -> None:
    """A field for a file; a dropped file goes on the desk and the page begins anew with it."""
    most = min(read_settings().max_file_megabytes, int(st.get_option("server.maxUploadSize")))
    words = {"browse": text("upload.drop.browse", lang), "limit": text("upload.drop.limit", lang, megabytes=most)}
    spoken = "".join(f"--gb-{name}:{json.dumps(said, ensure_ascii=False)};" for name, said in words.items())
    st.html(f"<style>.st-key-upload_steps{{{spoken}}}</style>")
    # Any kind of file is taken: what is no table gets a sentence of ours.
    file = st.file_uploader(label, key=drop_key(st.session_state, name), max_upload_size=most)
    if file is not None:
        try:
            put_on_desk(desk, file.name, file, session=st.session_state)
        except UserError as problem:
            st.session_state["upload_refused"] = (problem.zh, problem.en)
        st.rerun()
    refused = st.session_state.pop("upload_refused", None)
    if refused:
        messages.problem(text("upload.drop.refused", lang), hint=refused[1] if lang == "en" else refused[0])


def _draw_waiting(desk: Desk, lang: str) -> None:
    with st.container(key="upload_waiting"):
        st.html(f"<h3>{escape(text('upload.drop.waiting', lang))}</h3>")
        for one in desk.waiting[:5]:
            upload = one.upload
            if upload is None:
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                said = f"{text('upload.drop.at', lang, time=clock_text(upload.at))} · {title(one, lang)}"
                st.html(f'<p class="gb-file small"><b>{escape(upload.name)}</b><span>{escape(said)}</span></p>')
                if st.button(text("upload.drop.resume", lang), key=f"resume_{upload.id}", type="tertiary"):
                    choose_upload(upload.id, session=st.session_state)
                    st.rerun()


def draw_look(desk: Desk, *, origin: str, lang: str) -> Choices | None:
    """Step 2: what the file is; what a check needs, None while that is not known."""
    stage = desk.stage
    standing: Standing = "later" if stage == "drop" else "now" if stage in ("looking", "confirm") else "done"
    if stage == "unreadable":
        standing = "stopped"
    note = ""
    if standing == "done" and desk.check and desk.check.order.source:
        note = source_name(desk.check.order.source, lang)
    with step(2, "upload.look.title", standing=standing, note=note, lang=lang):
        if stage == "looking" and desk.look is not None:
            progress_line(desk.look.id, by=desk.by, lang=lang)
        if stage == "unreadable" and desk.look is not None:
            messages.problem(desk.look.in_language(lang))
            drop_field("other", text("upload.drop.label", lang), desk=desk, lang=lang)
        if stage in ("drop", "looking", "unreadable", "loaded") or desk.running is not None:
            return None
        if stage == "confirm":
            choices = _draw_confirm(desk, lang)
            draw_check_button(desk, choices, {}, origin=origin, lang=lang)
            return choices
        with st.expander(text("upload.look.review", lang)):
            return _draw_confirm(desk, lang)


def _draw_confirm(desk: Desk, lang: str) -> Choices | None:
    recognitions = (desk.look.result or {}).get("recognitions", []) if desk.look else []
    if not recognitions:
        messages.problem(text("upload.look.unrecognised", lang))
        draw_templates(lang)
    with st.container(horizontal=True, vertical_alignment="bottom", key="upload_source_row"):
        source = draw_source(desk, lang)
        received_on = draw_received_on(desk, lang)
    if source is None:
        return None
    found = tables_of(desk, source)
    if not found:
        messages.problem(text("upload.look.fits_none", lang))
        return None
    columns = st.container()
    headings, unanswered = draw_headings(desk, source, found, lang)
    read = [with_answers(table, headings) for table in found]
    with columns:
        _draw_columns(read, source, lang)
    for table in read[:_MOST_TABLES]:
        _draw_preview(table, source, lang, several=len(found) > 1)
    sheets = [sheet for sheet in (desk.look.result or {})["sheets"] if desk.look and sheet] if desk.look else []
    unused = [sheet for sheet in sheets if sheet not in {table["sheet"] for table in found}]
    if unused:
        st.caption(text("upload.look.unused_sheets", lang, sheets="、".join(unused)))
    return Choices(source, headings, received_on, unanswered, _missing(found, headings, source))


def _missing(found: list[dict[str, Any]], headings: Mapping[str, str | None], source: str) -> tuple[str, ...]:
    """Required headings that neither the file nor an answer names, in any table that could be read."""
    form = source_form(source)
    answered = {field_heading(form, field) for field in headings.values() if field}
    lists = [[name for name in table["missing"] if name not in answered] for table in found]
    return tuple(min(lists, key=len))


def _draw_columns(found: list[dict[str, Any]], source: str, lang: str) -> None:
    known = {field for table in found for field in table["columns"]}
    unknown = {heading for table in found for heading in table["unknown"].values()}
    parts = [text("upload.look.columns_found", lang, count=len(known))]
    if unknown:
        parts.append(text("upload.look.columns_unused", lang, count=len(unknown)))
    said = " · ".join(parts)
    st.html(f'<p class="gb-quiet">{escape(text("upload.look.likely", lang, source=source_name(source, lang)))} '
            f"· {escape(said)}</p>")  # fmt: skip


def _draw_preview(table: dict[str, Any], source: str, lang: str, *, several: bool) -> None:
    name = text("upload.look.sheet", lang, sheet=table["sheet"]) if several else ""
    title = text("upload.look.preview", lang, rows=len(table["preview"]))
    st.html(
        f'<h3>{escape(f"{name} {title}".strip())}<span class="gb-section-note">'
        f"{escape(text('upload.look.preview_note', lang))}</span></h3>"
        f"{tables.preview_html(table, source=source, lang=lang)}"
    )
