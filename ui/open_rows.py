"""The downloads of rows that wait to be mended: one workbook a source, made when asked for."""

from __future__ import annotations

import streamlit as st

from data_access.open_rows_file import open_rows_file
from data_access.rejected_rows import DUPLICATE
from ui import cached_quality, cached_reads
from ui.measures import View
from ui.texts import text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def open_sources(view: View) -> dict[str, int]:
    """The sources with rows to mend, and how many."""
    found = cached_quality.set_aside(view)
    waiting = found.loc[(found["reason"] != DUPLICATE) & (found["open"] > 0)]
    return {str(source): int(rows) for source, rows in waiting.groupby("source", sort=False)["open"].sum().items()}


def draw_downloads(view: View) -> None:
    """A button a source; for stewards only, the workbooks hold what departments wrote."""
    lang, sources = view.lang, open_sources(view)
    if not sources:
        return
    with st.container(horizontal=True, key="open_rows"):
        for source, count in sources.items():
            name = text(f"data_quality.sources.{source}", lang)

            def made(source: str = source) -> bytes:
                return open_rows_file(
                    cached_reads.engine(), scope=view.scope, first=view.first, last=view.last, source=source, lang=lang
                )

            st.download_button(
                text("data_quality.download", lang, source=name, count=count),
                made,
                file_name=text("data_quality.download_file", lang, source=name),
                mime=XLSX,
                key=f"open_rows_{source}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption(text("data_quality.download_note", lang))
