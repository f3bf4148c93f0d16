"""应急准备: the checklist with the day of every answer, what runs out next, and the map, in peacetime or emergency."""

import streamlit as st

from ui import choropleth, messages, selections
from ui.address_choice import address_select
from ui.figure_block import figure_block
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.readiness_page import readiness_map, readiness_page
from ui.peace_switch import peace_switch
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("grassroots/readiness")
filters, version = current_filters(), current_version()
lang, tone, as_of = filters.lang, st.context.theme.type or "light", version.as_of
view = view_of(viewer, filters, version)
head = st.container()
mode = peace_switch(lang)
board = readiness_page(view, mode, as_of=as_of, tone=tone, demonstration=version.demonstration)
taken = {"period": board.period, "version": version, "lang": lang}

with head:
    page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
if not board.has_data:
    messages.empty(text("readiness.empty", lang))
else:
    left, right = st.columns([0.63, 0.37], gap="medium")
    with left:
        title = text("readiness.section.grid", lang)
        section_head(title, note=text("measured.grid_note", lang))
        opens = selections.open_township_of_figure("ready_grid")
        figure_block(board.grid, key="ready_grid", alt=board.title, title=title, on_select=opens, **taken)
    with right:
        section_head(text("readiness.section.map", lang))
        item = address_select("ready_map", board.map_items, label=text("measured.map.choose", lang), width=300)
        drawn = readiness_map(view, item, mode, as_of=as_of)
        choropleth.mount(drawn.ready, key="ready_where", on_pick=selections.open_township("ready_where"))
        map_downloads(
            lambda: drawn.drawn, view=view, version=version, title=drawn.title, period=drawn.period, key="ready_where"
        )
    section_head(text("readiness.section.soon", lang), note=board.soon_title)
    if board.soon and board.soon_ready:
        table_block(board.soon_ready, board.soon, key="ready_soon", title=board.soon["caption"],
                    on_pick=selections.open_township("ready_soon"), **taken)  # fmt: skip
    else:
        messages.empty(board.soon_title)
    section_head(text("readiness.section.rules", lang))
    table_block(board.rules_ready, board.rules, key="ready_rules", title=board.rules["caption"], **taken)
    section_head(text("readiness.section.table", lang), note=text("readiness.table.note", lang))
    table_block(board.table_ready, board.table, key="ready_table", title=board.table["caption"],
                on_pick=selections.open_township("ready_table"), **taken)  # fmt: skip
