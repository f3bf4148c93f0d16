"""空间聚集: do failures gather in neighbouring places, and where? Refused on boundaries that nobody surveyed."""

from html import escape

import streamlit as st

from ui import choropleth, messages, selections
from ui.address_choice import address_choice
from ui.filters import go_to
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.cluster_figures import LEVELS
from ui.payloads.clusters_page import clusters_page, refusal, results_file
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("research/clusters")
filters, version = current_filters(), current_version()
lang = filters.lang
view = view_of(viewer, filters, version)


def draw_refusal(reason: str) -> None:
    """Why there is no map and no figure, what to do about it, and what would stand here."""
    steward = viewer.role == "steward"
    page_head(text(f"clusters.refused.title_{reason}", lang), filters=filters, version=version, months=False)
    hint = text(f"clusters.refused.do_{'steward' if steward else 'others'}", lang)
    messages.problem(text(f"clusters.refused.{reason}", lang), hint=hint)
    if steward:
        st.button(
            text("clusters.refused.open_boundaries", lang), key="open_boundaries", on_click=go_to,
            args=("manage/boundaries",), icon=":material/arrow_forward:",
        )  # fmt: skip
    section_head(text("clusters.refused.promise", lang))
    draw_lines([text(f"clusters.refused.promise_{part}", lang) for part in ("whole", "local", "table")])


def draw_lines(lines: list[str]) -> None:
    """Sentences one below the other."""
    st.html(f'<ul class="gb-clusters">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>')


def draw_results() -> None:
    """Title, map, the result for the whole map, how it was computed, and the table."""
    head = st.container()
    level = address_choice(
        "level",
        {code: text(f"clusters.level.{code}", lang) for code in LEVELS},
        label=text("clusters.level.label", lang),
        notes={code: text(f"clusters.level_notes.{code}", lang) for code in LEVELS},
    )
    asked = (view, filters.indicator or "resolution_rate", level, version.demonstration)
    page = clusters_page(*asked)
    with head:
        page_head(page.title, filters=filters, version=version, places_with_data=page.places_with_data, note=page.note)
    if page.empty:
        messages.empty(page.empty)
        return
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        section_head(page.map_title, note=page.map_note)
        choropleth.mount(page.packed_map, key="clusters_map", on_pick=selections.open_place("clusters_map"))
        map_downloads(
            lambda: page.map or {}, view=view, version=version, title=page.title, period=page.period, key="clusters_map"
        )
    with right:
        section_head(text("clusters.section.whole", lang))
        figures = f"<p>{escape(page.figures)}</p>" if page.figures else ""
        st.html(f'<div class="gb-clusters-whole"><strong>{escape(page.whole)}</strong>{figures}</div>')
        section_head(text("clusters.section.how", lang))
        draw_lines(list(page.how))
    section_head(page.table_title, note=text("clusters.section.table_note", lang) if page.table else "")
    if page.table and page.table_arguments:
        table_block(
            page.table, page.table_arguments, key="clusters", title=page.table_title, period=page.period,
            version=version, lang=lang, on_pick=selections.open_place("clusters"),
        )  # fmt: skip
    else:
        messages.empty(page.no_table)
    st.download_button(
        text("clusters.table.download_all", lang, where=text(f"clusters.where.{level}", lang)),
        data=lambda: results_file(*asked),
        file_name=page.file_name,
        mime="text/csv",
        key="clusters_download",
        on_click="ignore",
        icon=":material/download:",
    )


if reason := refusal(view.layer):
    draw_refusal(reason)
else:
    draw_results()
