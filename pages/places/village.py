"""村社画像: one village over twelve months against the others of its township, its registers and its staff."""

import streamlit as st

from ui import messages, place_table, scoreboard
from ui.charts.canvas import CONFIG
from ui.measures import view_of
from ui.page_head import page_head, place_crumbs
from ui.payloads.village_months import village_months
from ui.payloads.village_payload import mounted_village, village_page
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text

viewer = open_page("places/village")
filters, version = current_filters(), current_version()
lang, code, tone = filters.lang, filters.village, st.context.theme.type or "light"

if code is None:
    page_head(text("navigation.pages.places.village", lang), filters=filters, version=version)
    messages.empty(text("village.missing", lang))
else:
    asked = (view_of(viewer, filters, version), code, version.as_of, version.demonstration)
    board, ready = village_page(*asked), mounted_village(*asked)
    crumbs = place_crumbs(filters, district=board.district, township=board.township, village=board.name)
    page_head(board.title, filters=filters, version=version, note=board.facts, crumbs=crumbs)
    st.caption(board.period)
    scoreboard.mount(ready.scoreboard, key="village_scoreboard")

    section_head(text("village.section.months", lang), note=text("village.section.months_note", lang))
    months = village_months(asked[0], code, board.name, tone=tone, last_month=version.last_month)
    if months.figure:
        st.plotly_chart(months.figure, key="village_months", theme=None, config=CONFIG, alt=months.alt)
    else:
        messages.empty(text("village.months.nothing", lang))
    for sentence in months.notes:
        st.caption(sentence)

    left, right = st.columns(2, gap="large")
    with left:
        section_head(text("village.section.sites", lang), note=board.register_note)
        if ready.sites:
            place_table.mount(ready.sites, key="village_sites")
        else:
            messages.empty(text("village.register.no_sites", lang))
        section_head(text("village.section.strength", lang), note=text("village.section.strength_note", lang))
        if ready.strength:
            place_table.mount(ready.strength, key="village_strength")
        else:
            messages.empty(text("village.strength.nothing", lang))
    with right:
        section_head(text("village.section.firms", lang), note=board.register_note)
        if ready.firms:
            place_table.mount(ready.firms, key="village_firms")
        else:
            messages.empty(text("village.register.no_firms", lang))
