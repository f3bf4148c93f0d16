"""底数底情: how complete the registers are, what is missing where, sources connected and how fresh everything is."""

import streamlit as st

from ui import choropleth, messages, selections
from ui.address_choice import address_choice, address_select
from ui.figure_block import figure_block
from ui.map_colours import map_colours
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.base_data_page import base_data_page, base_data_table
from ui.payloads.measured_board import indicator_map
from ui.peace_switch import peace_switch
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("grassroots/base_data")
filters, version = current_filters(), current_version()
lang, tone, as_of = filters.lang, st.context.theme.type or "light", version.as_of
view = view_of(viewer, filters, version)
head = st.container()
mode = peace_switch(lang)
board = base_data_page(view, mode, as_of=as_of, tone=tone)
taken = {"period": board.period, "version": version, "lang": lang}

with head:
    page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
if not board.has_data:
    messages.empty(text("base_data.empty", lang))
else:
    left, right = st.columns([0.63, 0.37], gap="medium")
    with left:
        title = text("base_data.section.grid", lang)
        section_head(title, note=text("measured.grid_note", lang))
        opens = selections.open_township_of_figure("base_grid")
        figure_block(board.grid, key="base_grid", alt=board.title, title=title, on_select=opens, **taken)
    with right:
        title = text("base_data.section.bars", lang)
        section_head(title, note=text("base_data.bars.note", lang))
        figure_block(board.bars, key="base_bars", alt=board.bars_finding, title=title, **taken)
        section_head(text("base_data.section.map", lang))
        code = address_select("base_map", board.map_items, label=text("measured.map.choose", lang), width=300)
        drawn = indicator_map(view, code, mode, as_of=as_of, colours=map_colours(filters))
        choropleth.mount(drawn.ready, key="base_where", on_pick=selections.open_township("base_where"))
        map_downloads(
            lambda: drawn.drawn, view=view, version=version, title=drawn.title, period=drawn.period, key="base_where"
        )
    section_head(text("base_data.section.table", lang))
    which = address_choice("base_table", board.table_options, label=text("base_data.section.table", lang), notes={})
    chosen = base_data_table(view, mode, which, as_of=as_of, demonstration=version.demonstration)
    table_block(chosen.ready, chosen.table, key="base_rows", title=chosen.table["caption"],
                on_pick=selections.open_township("base_rows"), **taken)  # fmt: skip
