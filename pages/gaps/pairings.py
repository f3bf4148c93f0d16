"""防控落差: two groups compared, place by place, in like conditions, item by item; what would close it."""

import streamlit as st

from ui import choropleth, gap_strips, messages, selections
from ui import pairing_sections as sections
from ui.address_choice import address_choice
from ui.makeup_list import makeup_list
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.pairing_charts import pairing_dumbbell
from ui.payloads.pairings_payload import mounted, pairing_board
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text

viewer = open_page("gaps/pairings")
filters, version = current_filters(), current_version()
lang, tone = filters.lang, st.context.theme.type or "light"
gap = sections.Gap(
    view_of(viewer, filters, version), filters.pairing, filters.indicator, tone=tone, version=version, role=viewer.role
)
known = {"tone": tone, "last_month": version.last_month, "demonstration": version.demonstration}
board, ready = pairing_board(*gap.key, **known), mounted(*gap.key, **known, selected=filters.township)


def draw_townships() -> None:
    sections.draw_table(
        gap,
        board.table,
        ready=ready.table,
        key="gap_table",
        title=board.rows_title,
        period=board.map_period,
        on_pick=selections.open_township("gap_table"),
    )


page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
left, right = st.columns([0.62, 0.38], gap="medium")
with left:
    section_head(board.rows_title, note=board.rows_note if board.drawable else "")
    if board.drawable:
        order = address_choice("sort", board.orders, notes=board.order_notes, label=text("pairings.order.label", lang))
        sections.draw_figure(
            gap,
            pairing_dumbbell(*gap.key, tone=tone, order=order),
            key="gap_rows",
            title=board.rows_title,
            period=board.map_period,
            alt=board.title,
            on_select=selections.open_township_of_figure("gap_rows"),
        )
    else:
        messages.empty(board.empty_rows)
        if board.has_data:
            draw_townships()
with right:
    section_head(text("pairings.section.map", lang), note=text("pairings.section.map_note", lang))
    choropleth.mount(ready.map, key="gap_map", on_pick=selections.open_township("gap_map"))
    map_downloads(
        lambda: board.map, view=gap.view, version=version, title=board.title, period=board.map_period, key="gap"
    )
    if board.drawable:
        section_head(text("pairings.section.makeup", lang))
        makeup_list(board.makeup)

if board.drawable:
    sections.draw_adjusted(gap)
    sections.draw_items(gap)
    sections.draw_closing(gap)
    sections.draw_months(gap, board, viewer)

section_head(text("pairings.section.services", lang), note=text("pairings.section.services_note", lang))
if ready.strips:
    gap_strips.mount(ready.strips, key="services", on_pick=selections.open_measure)
else:
    messages.empty(text("pairings.empty.services", lang))

if board.drawable:
    sections.draw_quadrant(gap, board)
    section_head(text("pairings.section.table", lang))
    draw_townships()
