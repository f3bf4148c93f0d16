"""基层力量: hands against work, kinds of staff, posts vacant, equipment, and two kinds of villages compared."""

import streamlit as st

from ui import choropleth, messages, selections
from ui.address_choice import address_choice, address_select
from ui.figure_block import figure_block
from ui.map_colours import map_colours
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.measured_board import indicator_map
from ui.payloads.measured_groups import groups, pairing_options
from ui.payloads.staffing_page import CODES, PAIRINGS, staffing_page
from ui.payloads.vacancy_funnel import vacancy_funnel
from ui.peace_switch import peace_switch
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("grassroots/staffing")
filters, version = current_filters(), current_version()
lang, tone, as_of = filters.lang, st.context.theme.type or "light", version.as_of
view = view_of(viewer, filters, version)
head = st.container()
mode = peace_switch(lang)
board = staffing_page(view, mode, as_of=as_of, tone=tone, demonstration=version.demonstration)
taken = {"period": board.period, "version": version, "lang": lang}

with head:
    page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
if not board.has_data:
    messages.empty(text("staffing.empty", lang))
else:
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        section_head(text("staffing.section.fields", lang), note=board.fields_finding)
        st.caption(text("staffing.fields.note", lang))
        if board.fields:
            opens = selections.open_township_of_figure("staff_fields")
            title = text("staffing.section.fields", lang)
            figure_block(
                board.fields, key="staff_fields", alt=board.fields_finding, title=title, on_select=opens, **taken
            )
        else:
            messages.empty(text("staffing.fields.nothing", lang))
    with right:
        section_head(text("staffing.section.map", lang))
        code = address_select("staff_map", board.map_items, label=text("measured.map.choose", lang), width=300)
        colours = map_colours(filters)
        drawn = indicator_map(view, code, mode, as_of=as_of, colours=colours)
        choropleth.mount(drawn.ready, key="staff_where", on_pick=selections.open_township("staff_where"))
        map_downloads(
            lambda: drawn.drawn, view=view, version=version, title=drawn.title, period=drawn.period, key="staff_where"
        )
    section_head(text("staffing.section.grid", lang), note=text("measured.grid_note", lang))
    opens = selections.open_township_of_figure("staff_grid")
    title = text("staffing.section.grid", lang)
    figure_block(board.grid, key="staff_grid", alt=board.title, title=title, on_select=opens, **taken)

    funnel = vacancy_funnel(view, target=board.vacancy_asked, tone=tone)
    title = text("staffing.section.funnel", lang)
    section_head(title, note=funnel.finding if funnel.figure else "")
    if funnel.figure:
        opens = selections.open_township_of_figure("staff_funnel")
        figure_block(funnel.figure, key="staff_funnel", alt=funnel.finding, title=title, on_select=opens, **taken)
    else:
        messages.empty(funnel.finding)

    section_head(text("staffing.section.groups", lang))
    pairing = address_choice("staff_gap", pairing_options(PAIRINGS, lang), label=text("staffing.section.groups", lang),
                             notes={})  # fmt: skip
    compared = groups(view, CODES, pairing, tone=tone)
    st.caption(compared.finding)
    if compared.figure:
        title = text("staffing.section.groups", lang)
        figure_block(compared.figure, key="staff_groups", alt=compared.finding, title=title, **taken)

    section_head(text("staffing.section.table", lang))
    table_block(board.table_ready, board.table, key="staff_table", title=board.table["caption"],
                on_pick=selections.open_township("staff_table"), **taken)  # fmt: skip
