"""社会共治: the five kinds of bodies, the fund by use, mediation, petition agents and links, township by township."""

import streamlit as st

from ui import choropleth, messages, selections
from ui.address_choice import address_choice, address_select
from ui.figure_block import figure_block
from ui.map_colours import map_colours
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.co_governance_page import co_governance_page, co_governance_table
from ui.payloads.measured_board import indicator_map
from ui.peace_switch import peace_switch
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("grassroots/co_governance")
filters, version = current_filters(), current_version()
lang, tone, as_of = filters.lang, st.context.theme.type or "light", version.as_of
view = view_of(viewer, filters, version)
head = st.container()
mode = peace_switch(lang)
board = co_governance_page(view, mode, as_of=as_of, tone=tone)
taken = {"period": board.period, "version": version, "lang": lang}

with head:
    page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
if not board.has_data:
    messages.empty(text("co_governance.empty", lang))
else:
    for column, which, figure, finding in zip(
        st.columns(2, gap="medium"), ("bodies", "fund"), (board.bodies, board.fund),
        (board.bodies_finding, board.fund_finding), strict=True,
    ):  # fmt: skip
        with column:
            title = text(f"co_governance.section.{which}", lang)
            section_head(title, note=finding if figure else "")
            if figure:
                figure_block(figure, key=f"body_{which}", alt=finding, title=title, **taken)
            else:
                messages.empty(finding)
    left, right = st.columns([0.63, 0.37], gap="medium")
    with left:
        title = text("co_governance.section.grid", lang)
        section_head(title, note=text("measured.grid_note", lang))
        opens = selections.open_township_of_figure("body_grid")
        figure_block(board.grid, key="body_grid", alt=board.title, title=title, on_select=opens, **taken)
    with right:
        section_head(text("co_governance.section.map", lang))
        code = address_select("body_map", board.map_items, label=text("measured.map.choose", lang), width=300)
        drawn = indicator_map(view, code, mode, as_of=as_of, colours=map_colours(filters))
        choropleth.mount(drawn.ready, key="body_where", on_pick=selections.open_township("body_where"))
        map_downloads(
            lambda: drawn.drawn, view=view, version=version, title=drawn.title, period=drawn.period, key="body_where"
        )
    section_head(text("co_governance.section.table", lang))
    which = address_choice("body_table", board.table_options, label=text("co_governance.section.table", lang), notes={})
    chosen = co_governance_table(view, mode, which, as_of=as_of, demonstration=version.demonstration)
    table_block(chosen.ready, chosen.table, key="body_rows", title=chosen.table["caption"],
                on_pick=selections.open_township("body_rows"), **taken)  # fmt: skip
