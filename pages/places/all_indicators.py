"""指标总表: every indicator of every township at a glance, by verdict, by trend, or both."""

import streamlit as st

from ui import messages, tartan_rug
from ui.address_choice import address_choice
from ui.map_downloads import file_name
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads import rug_picks
from ui.payloads.rug_payload import MODES, ORDERS, rug
from ui.session import current_filters, current_version, open_page
from ui.table_block import WORKBOOK, table_file
from ui.texts import text

viewer = open_page("places/all_indicators")
filters, version = current_filters(), current_version()
lang = filters.lang
view = view_of(viewer, filters, version)

head, chance = st.container(), st.container()
left, right = st.columns([0.3, 0.7])
with left:
    modes = {code: text(f"rug.modes.{code}", lang) for code in MODES}
    mode = address_choice("rugshow", modes, label=text("rug.show", lang), notes={})
with right:
    orders = {code: text(f"rug.orders.{code}", lang) for code in ORDERS}
    order = address_choice("rugsort", orders, label=text("rug.order", lang), notes={})
board = rug(view, mode, order, filters.township, version.demonstration)

if board is None:
    with head:
        page_head(text("rug.title.none", lang), filters=filters, version=version)
    messages.empty(text("rug.nothing", lang))
else:
    with head:
        page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data)
    chance.markdown(f"**{board.chance}**")
    tartan_rug.mount(board.packed, key=rug_picks.KEY, on_pick=rug_picks.open_cell)
    for note in board.notes:
        st.caption(note)
    name = text("rug.file", lang)
    st.download_button(
        text("take_away.workbook", lang),
        data=lambda: table_file(board.table, title=board.title, period=board.period, version=version, lang=lang),
        file_name=file_name(name, board.period, version, kind="xlsx", lang=lang),
        mime=WORKBOOK,
        key="rug_workbook",
        on_click="ignore",
        type="tertiary",
        icon=":material/table_view:",
    )
