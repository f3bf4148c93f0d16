"""点位图: estates and firms by their last inspection, and issues as columns or heat, on the map and as a table."""

from html import escape

import streamlit as st

from ui import messages
from ui.address_choice import address_choice
from ui.measures import view_of
from ui.page_head import page_head, place_crumbs
from ui.payloads.issue_points import issue_points_page
from ui.payloads.map_ground import shows_tiles
from ui.payloads.points_ground import HEIGHT, ground_notes
from ui.payloads.points_page import SHOWN, PointsPage, area_name
from ui.payloads.site_points import KINDS, site_points_page
from ui.section_head import section_head
from ui.selections import open_village_of_point, open_village_of_row
from ui.session import current_filters, current_version, open_page
from ui.table_block import frame_workbook
from ui.texts import text
from ui.webgl_check import webgl_works

viewer = open_page("places/points")
filters, version = current_filters(), current_version()
lang = filters.lang


def draw_map(page: PointsPage, layer: int, *, clickable: bool) -> None:
    """The map with its legend; a sentence where it cannot or may not be drawn. The table stands below either way."""
    if page.spec is None:
        messages.empty(text("points.none", lang))
        return
    if shows_tiles(layer):
        messages.empty(text("points.hidden_from_public", lang))
        return
    st.html(page.legend)
    works = webgl_works()
    if works is None:
        st.container(height=HEIGHT, border=False, key="points_waiting")
        return
    if not works:
        messages.problem(text("points.no_webgl", lang), hint=text("points.no_webgl_hint", lang))
        return
    key = "points_map" if clickable else "cells_map"
    chosen = {"on_select": open_village_of_point(key)} if clickable else {}
    st.pydeck_chart(page.spec, height=HEIGHT, key=key, alt=page.alt, **chosen)
    lines = "".join(f'<p class="gb-points-note">{escape(line)}</p>' for line in (page.hint, *ground_notes(layer, lang)))
    st.html(lines)


def draw_table(page: PointsPage) -> None:
    """The same rows, worst first; a row opens its village."""
    if page.table.empty:
        return
    section_head(text("points.table.title", lang), note=text("points.table.note", lang))
    st.dataframe(
        page.table, hide_index=True, height=min(36 * (len(page.table) + 1) + 3, 540), key="points_table",
        on_select=open_village_of_row("points_table", villages=page.villages), selection_mode="single-row",
        column_config=dict.fromkeys(page.dates, st.column_config.DateColumn(format=text("points.table.day", lang))),
    )  # fmt: skip
    if page.more:
        st.caption(page.more)
    st.download_button(
        text("points.table.download", lang), data=page.csv, file_name=page.file_name, mime="text/csv",
        key="points_download", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    frame_workbook(page.table, key="points", title=page.title, period=page.note, version=version, lang=lang)


view = view_of(viewer, filters, version)
within = filters.township or view.root
if not view.scope.may_read(level="village", within=within):
    page_head(text("navigation.pages.places.points", lang), filters=filters, version=version)
    messages.empty(text("points.not_permitted", lang))
else:
    head = st.container()
    shown = address_choice(
        "points",
        {code: text(f"points.shown.{code}", lang) for code in SHOWN},
        label=text("points.shown.label", lang),
        notes={code: text(f"points.shown_notes.{code}", lang) for code in SHOWN},
    )
    make = site_points_page if shown in KINDS else issue_points_page
    page = make(view, within, shown, version.demonstration)
    with head:
        district = area_name(view, view.root)
        crumbs = place_crumbs(filters, district=district, township=area_name(view, within) if filters.township else "")
        page_head(page.title, filters=filters, version=version, note=page.note, crumbs=crumbs)
    draw_map(page, view.layer, clickable=shown in KINDS)
    if page.left_out:
        st.html(f'<p class="gb-points-note"><strong>{escape(page.left_out)}</strong></p>')
    draw_table(page)
