"""镇街画像: one township against the rest, what it would take, its gaps and its villages."""

import streamlit as st

from ui import choropleth, findings_list, gap_strips, messages, scoreboard, selections
from ui.distance_block import draw_parts, draw_peers, draw_spines
from ui.map_colours import map_colours
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head, place_crumbs
from ui.payloads.place_notes import township_remarks
from ui.payloads.township_payload import mounted_township, mounted_village_map, township_page
from ui.payloads.township_sections import township_sections
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.standing_block import standing_block
from ui.table_block import table_block
from ui.texts import text
from ui.township_picks import open_village_of_case

viewer = open_page("places/township")
filters, version = current_filters(), current_version()
lang, code, tone = filters.lang, filters.township, st.context.theme.type or "light"
taken = {"version": version, "lang": lang}


def draw_villages() -> None:
    """The villages as map and table; a sentence where the viewer may not see them."""
    villages = board.villages
    if villages is None or ready.table is None:
        section_head(text("township.section.villages", lang))
        messages.empty(text("township.villages.not_permitted", lang, township=board.name))
        return
    section_head(villages.title, note=text("township.section.villages_note", lang))
    st.markdown(f"**{villages.note}**")
    st.caption(villages.period)
    if remarks := township_remarks(view, code):
        st.caption(remarks)
    left, right = st.columns([0.32, 0.68], gap="medium")
    with left:
        colours = map_colours(filters)
        drawn = mounted_village_map(*asked, colours)
        if drawn is not None:
            choropleth.mount(drawn, key="village_map", on_pick=selections.open_village("village_map", township=code))
            map_downloads(
                lambda: villages.drawn(colours), view=view, version=version, title=villages.map_title,
                period=villages.map_period, key="village_map",
            )  # fmt: skip
    with right:
        opens = selections.open_village("villages", township=code)
        table_block(ready.table, villages.table, key="villages", title=villages.map_title, period=villages.map_period,
                    on_pick=opens, **taken)  # fmt: skip


def draw_cases() -> None:
    """The open issues to chase; a sentence where there are none or the viewer may not see them."""
    cases = more.cases
    section_head(text("open_cases.section", lang), note=cases.said if cases.ready else "")
    if cases.ready is None:
        messages.empty(cases.said)
        return
    table_block(cases.ready, cases.table, key="open_cases", title=cases.heading, period=cases.as_of,
                on_pick=open_village_of_case("open_cases"), **taken)  # fmt: skip


if code is None:
    page_head(text("navigation.pages.places.township", lang), filters=filters, version=version)
    messages.empty(text("township.missing", lang))
else:
    view = view_of(viewer, filters, version)
    asked = (view, code, filters.indicator or "resolution_rate", version.demonstration)
    board, ready = township_page(*asked), mounted_township(*asked)
    more = township_sections(*asked, version.as_of, version.last_month, tone)
    crumbs = place_crumbs(filters, district=board.district, township=board.name)
    page_head(board.title, filters=filters, version=version, note=board.note, crumbs=crumbs)
    scoreboard.mount(ready.scoreboard, key="scoreboard", on_pick=selections.open_indicator)
    standing_block(more.standing, lang=lang)
    section_head(text("township.section.matters", lang), note=board.matters_note)
    if ready.highlights:
        findings_list.mount(ready.highlights, key="highlights", on_pick=selections.open_highlight)
    draw_cases()
    draw_villages()
    draw_parts(more.parts, **taken)
    section_head(text("township.section.gaps", lang), note=text("township.section.gaps_note", lang))
    gap_strips.mount(ready.strips, key="gaps", on_pick=selections.open_pairing)
    draw_peers(more.peers, more.spines, **taken)
    draw_spines(more.spines, **taken)
