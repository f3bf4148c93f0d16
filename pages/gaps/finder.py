"""落差发现: every gap there is, tested together; what stands, what touches most, and the way to each."""

import streamlit as st

from ui import messages, place_table
from ui.address_choice import address_choice, address_select
from ui.component_base import packed
from ui.fact_steps import fact_steps
from ui.figure_block import figure_block
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.finder_page import domain_choices, finder_board, open_gap, pairing_choices, where_choices
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("gaps/finder")
filters, version = current_filters(), current_version()
lang, tone = filters.lang, st.context.theme.type or "light"
view = view_of(viewer, filters, version)
head = st.container()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="finder_choices"):
    where = address_choice("find_in", where_choices(lang), label=text("finder.where.label", lang), notes={})
    pairing = address_select("find_gap", pairing_choices(lang), label=text("finder.choice.pairing", lang))
    domain = address_select("find_topic", domain_choices(lang), label=text("finder.choice.domain", lang))
board = finder_board(view, where, pairing, domain, tone=tone, demonstration=version.demonstration)
with head:
    page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
    fact_steps(board.facts)
taken = {"period": board.period, "version": version, "lang": lang}

if board.figure is not None:
    name = text("finder.figure.title", lang)
    section_head(name, note=text("finder.figure.note", lang))
    figure_block(
        board.figure,
        key="found_dots",
        alt=board.figure_alt,
        title=name,
        on_select=lambda: open_gap("found_dots", figure=True),
        **taken,
    )
section_head(board.table_title, note=text("finder.table.note", lang) if board.table else "")
if board.table is None:
    messages.empty(board.empty)
else:
    table_block(
        packed(place_table.payload(**board.table, lang=lang)),
        board.table,
        key="found_gaps",
        title=board.table_title,
        on_pick=lambda: open_gap("found_gaps"),
        **taken,
    )
