"""Rows that cannot be taken: why, row by row, and the way to mend them."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from data_access import jobs
from data_access.jobs import JobState
from ui.texts import number, text
from ui.upload import tables
from ui.upload.desk import Desk
from ui.upload.first_steps import drop_field
from ui.upload.words import loadable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw_mending(desk: Desk, job: JobState, result: dict[str, Any], *, lang: str) -> None:
    """The rows with their reasons; download them, mend them, drop them again."""
    count = number(result["rows_rejected"])
    st.html(
        f'<h3>{escape(text("upload.check.rows_wrong", lang, count=count))}<span class="gb-section-note">'
        f"{escape(text('upload.check.rows_wrong_note', lang))}</span></h3>"
        f"{tables.problems_html(result['groups'], lang)}"
    )
    path = jobs.job_file(job.id, f"rejected-{lang}.xlsx", by=desk.by)
    if path is None:
        return
    with st.container(key="upload_mend", border=True):
        st.html(f"<h3>{escape(text('upload.check.mend', lang))}</h3>{_way_html(1, count, lang)}")
        _draw_download(path, job.order.file_name, count, lang)
        st.html(_way_html(2, count, lang))
        st.html(_way_html(3, count, lang))
        drop_field("mended", text("upload.check.drop_mended", lang), desk=desk, lang=lang)
        if result["dry_run"] and loadable(result):
            said = text("upload.check.mend_first", lang, count=number(loadable(result)))
            st.html(f'<p class="gb-quiet">{escape(said)}</p>')


def _way_html(place: int, count: str, lang: str) -> str:
    return f'<p class="gb-way"><b>{place}</b>{escape(text(f"upload.check.mend_{place}", lang, count=count))}</p>'


def _draw_download(path: Path, file_name: str, count: str, lang: str) -> None:
    stem = Path(file_name).stem[:60]
    st.download_button(
        text("upload.check.download", lang, count=count),
        data=path.read_bytes,
        file_name=text("upload.check.download_name", lang, file=stem, count=count.replace(",", "")),
        mime=XLSX,
        key="upload_download",
        on_click="ignore",
        icon=":material/download:",
    )
