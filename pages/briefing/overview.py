"""区情总览: the district in five minutes. Scoreboard, findings, three gaps, map and circular."""

import streamlit as st

from ui import choropleth, findings_list, gap_strips, scoreboard, selections
from ui.map_colours import map_colours
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.overview_payload import drawn_map, mounted, mounted_map, overview
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("briefing/overview")
filters, version = current_filters(), current_version()
lang = filters.lang
asked = (view_of(viewer, filters, version), filters.indicator or "resolution_rate", version.demonstration)
board, ready = overview(*asked), mounted(*asked, filters.township)

page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
scoreboard.mount(ready.scoreboard, key="scoreboard", on_pick=selections.open_indicator)

beside, told = st.columns([0.62, 0.38], gap="large") if ready.findings else (st.container(), None)
with beside:
    section_head(text("overview.section.gaps", lang), note=text("overview.section.gaps_note", lang))
    gap_strips.mount(ready.strips, key="gaps", on_pick=selections.open_pairing)
if told is not None and ready.findings:
    with told:
        section_head(text("overview.section.findings", lang))
        findings_list.mount(ready.findings, key="findings", on_pick=selections.open_finding)

left, right = st.columns([0.41, 0.59], gap="medium")
with left:
    section_head(board.map_titles[filters.colours], note=text("overview.section.map_note", lang))
    colours = map_colours(filters)
    choropleth.mount(mounted_map(*asked, filters.township, colours), key="map", on_pick=selections.open_township("map"))
    map_downloads(
        lambda: drawn_map(*asked, colours), view=asked[0], version=version, title=board.title, period=board.map_period,
        key="map",
    )  # fmt: skip
with right:
    section_head(text("overview.section.table", lang))
    table_block(
        ready.table, board.table, key="circular", title=board.title, period=board.map_period, version=version,
        lang=lang, on_pick=selections.open_township("circular"),
    )  # fmt: skip
