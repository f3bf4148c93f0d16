"""The definitions taken away: those found, as a workbook or as one CSV table; made only when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from data_access.releases import DataVersion
from indicators.catalogue import Catalogue, Indicator
from ui.map_downloads import file_name, source_text
from ui.measures import View
from ui.payloads.definition_figures import present_figures
from ui.table_block import WORKBOOK
from ui.texts import month_span, text


def draw(found: Sequence[Indicator], catalogue: Catalogue, view: View, version: DataVersion) -> None:
    """Draw the two buttons; the files hold the indicators ``found`` with the district's figures of the view."""
    lang = view.lang
    period = month_span(view.first, view.last, lang)
    mark = text("frame.demonstration.band", lang) if version.demonstration else ""

    def book() -> bytes:
        from ui.exports.definitions_book import definitions_book  # loaded when first wanted

        return definitions_book(
            found,
            catalogue,
            present_figures(view),
            period=told(),
            source=source_text(version, lang),
            mark=mark,
            lang=lang,
        )

    def table() -> bytes:
        from ui.exports.definitions_book import definitions_csv

        return definitions_csv(
            found,
            catalogue,
            present_figures(view),
            period=told(),
            source=source_text(version, lang),
            mark=mark,
            lang=lang,
        )

    def told() -> str:
        return text("definitions.file.period", lang, months=period)

    files: dict[str, tuple[Callable[[], bytes], str]] = {"xlsx": (book, WORKBOOK), "csv": (table, "text/csv")}
    with st.container(horizontal=True, gap="medium", key="definition_files"):
        for kind, (made, mime) in files.items():
            st.download_button(
                text(f"definitions.file.{kind}", lang, count=len(found)),
                data=made,
                file_name=file_name(text("definitions.file.file_name", lang), period, version, kind=kind, lang=lang),
                mime=mime,
                key=f"definitions_{kind}",
                on_click="ignore",
                type="tertiary",
                icon=":material/table_view:",
            )
