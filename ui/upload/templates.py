"""Empty templates, one workbook a source, written when somebody asks for one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from data_access.ingestion.source_form import LOAD_ORDER
from data_access.ingestion.templates import template_name, write_template
from ui.texts import text
from ui.upload.words import source_name

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw_templates(lang: str) -> None:
    """A small panel with a download for each source."""
    with st.popover(text("upload.drop.templates", lang), type="tertiary", icon=":material/table_view:"):
        st.caption(text("upload.drop.templates_note", lang))
        for source in LOAD_ORDER:
            st.download_button(
                source_name(source, lang),
                data=lambda source=source: template_bytes(source),
                file_name=template_name(source),
                mime=_XLSX,
                key=f"template_{source}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


@st.cache_data(show_spinner=False, max_entries=len(LOAD_ORDER))
def template_bytes(source: str) -> bytes:
    """The template of a source as XLSX."""
    with tempfile.TemporaryDirectory(prefix="template-") as folder:
        path = Path(folder) / "template.xlsx"
        write_template(source, path)
        return path.read_bytes()
