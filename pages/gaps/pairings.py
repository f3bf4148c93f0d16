"""防控落差: two groups compared, township by township, on the map, month by month, and in what the gap is made of."""

import streamlit as st

from ui import choropleth, gap_strips, messages, place_table, selections
from ui.address_choice import address_choice
from ui.charts.canvas import CONFIG
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
gap = (view_of(viewer, filters, version), filters.pairing, filters.indicator)
known = {"tone": tone, "last_month": version.last_month, "demonstration": version.demonstration}
board, ready = pairing_board(*gap, **known), mounted(*gap, **known, selected=filters.township)


def draw_table() -> None:
    place_table.mount(ready.table, key="gap_table", on_pick=selections.open_township("gap_table"))


page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
left, right = st.columns([0.62, 0.38], gap="medium")
with left:
    section_head(board.rows_title, note=board.rows_note if board.drawable else "")
    if board.drawable:
        order = address_choice("sort", board.orders, notes=board.order_notes, label=text("pairings.order.label", lang))
        st.plotly_chart(
            pairing_dumbbell(*gap, tone=tone, order=order),
            key="gap_rows",
            theme=None,
            config=CONFIG,
            alt=board.title,
            on_select=selections.open_township_of_figure("gap_rows"),
            selection_mode="points",
        )
    else:
        messages.empty(board.empty_rows)
        if board.has_data:
            draw_table()
with right:
    section_head(text("pairings.section.map", lang), note=text("pairings.section.map_note", lang))
    choropleth.mount(ready.map, key="gap_map", on_pick=selections.open_township("gap_map"))
    map_downloads(
        lambda: board.map, view=gap[0], version=version, title=board.title, period=board.map_period, key="gap"
    )
    if board.drawable:
        section_head(text("pairings.section.makeup", lang))
        makeup_list(board.makeup)

if board.drawable:
    section_head(board.months_title, note=text("pairings.section.months_note", lang) if board.months else "")
    if board.months:
        st.plotly_chart(board.months, key="gap_months", theme=None, config=CONFIG, alt=board.months_title)
    else:
        messages.empty(text("pairings.empty.months", lang))

section_head(text("pairings.section.services", lang), note=text("pairings.section.services_note", lang))
if ready.strips:
    gap_strips.mount(ready.strips, key="services", on_pick=selections.open_measure)
else:
    messages.empty(text("pairings.empty.services", lang))

if board.drawable:
    section_head(text("pairings.section.quadrant", lang), note=board.quadrant_note if board.quadrant else "")
    if board.quadrant:
        st.plotly_chart(
            board.quadrant,
            key="gap_levels",
            theme=None,
            config=CONFIG,
            alt=board.quadrant_note,
            on_select=selections.open_township_of_figure("gap_levels"),
            selection_mode="points",
        )
    else:
        messages.empty(text("pairings.empty.quadrant", lang))
    section_head(text("pairings.section.table", lang))
    draw_table()
