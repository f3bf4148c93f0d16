"""村社画像: one village over twelve months against the others of its township, its registers and its staff."""

import streamlit as st

from ui import messages
from ui.measures import view_of
from ui.page_head import page_head, place_crumbs
from ui.payloads.village_payload import village_page
from ui.place_table import place_table
from ui.scoreboard import scoreboard
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text

viewer = open_page("places/village")
filters, version = current_filters(), current_version()
lang, code = filters.lang, filters.village

if code is None:
    page_head(text("navigation.pages.places.village", lang), filters=filters, version=version)
    messages.empty(text("village.missing", lang))
else:
    board = village_page(view_of(viewer, filters, version), code, version.as_of, version.demonstration)
    crumbs = place_crumbs(filters, district=board.district, township=board.township, village=board.name)
    page_head(board.title, filters=filters, version=version, note=board.facts, crumbs=crumbs)
    st.caption(board.period)
    scoreboard(tiles=board.tiles, key="village_scoreboard", lang=lang)

    left, right = st.columns(2, gap="large")
    with left:
        section_head(text("village.section.sites", lang), note=board.register_note)
        if board.sites:
            place_table(**board.sites, key="village_sites", max_height=420, lang=lang)
        else:
            messages.empty(text("village.register.no_sites", lang))
        section_head(text("village.section.strength", lang), note=text("village.section.strength_note", lang))
        if board.strength:
            place_table(**board.strength, key="village_strength", max_height=None, lang=lang)
        else:
            messages.empty(text("village.strength.nothing", lang))
    with right:
        section_head(text("village.section.firms", lang), note=board.register_note)
        if board.firms:
            place_table(**board.firms, key="village_firms", max_height=900, lang=lang)
        else:
            messages.empty(text("village.register.no_firms", lang))
