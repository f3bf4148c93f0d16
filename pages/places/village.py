"""村社画像: one village over twelve months against the others of its township, its cases, registers and staff."""

import streamlit as st

from ui import messages, scoreboard
from ui.figure_block import figure_block
from ui.measures import view_of
from ui.page_head import page_head, place_crumbs
from ui.payloads.village_months import village_months
from ui.payloads.village_open import village_open_cases
from ui.payloads.village_payload import mounted_village, village_page
from ui.payloads.village_peers import village_peers
from ui.payloads.village_small import small_numbers
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.survey_facts import captions
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("places/village")
filters, version = current_filters(), current_version()
lang, code, tone = filters.lang, filters.village, st.context.theme.type or "light"
took = {"version": version, "lang": lang}


def draw_small_and_peers() -> None:
    """What small numbers allow, and the village among those of its type."""
    left, right = st.columns(2, gap="large")
    with left:
        section_head(text("village.section.small", lang), note=text("village.section.small_note", lang))
        small = small_numbers(view, code)
        captions(small.sentences)
        named = f"{board.name} {small.table['caption']}"
        table_block(small.ready, small.table, key="village_small", title=named, period=board.months, **took)
    with right:
        name = text("village.section.peers", lang)
        section_head(name)
        peers = village_peers(view, code, tone=tone)
        if peers.figure:
            figure_block(
                peers.figure, key="village_peers", alt=peers.alt, title=f"{board.name} {name}", period=board.months,
                **took,
            )  # fmt: skip
            captions([peers.note])
        else:
            messages.empty(peers.note)


def draw_months() -> None:
    """The cases month by month."""
    name = text("village.section.months", lang)
    section_head(name, note=text("village.section.months_note", lang))
    months = village_months(view, code, board.name, tone=tone, last_month=version.last_month)
    if months.figure:
        figure_block(
            months.figure, key="village_months", alt=months.alt, title=f"{board.name} {name}", period=board.months,
            **took,
        )  # fmt: skip
    else:
        messages.empty(text("village.months.nothing", lang))
    captions(months.notes)


def draw_open() -> None:
    """What is still open, the most overdue first."""
    cases = village_open_cases(view, code, version.as_of, version.demonstration)
    section_head(text("village.section.open", lang), note=cases.sentence if cases.table else "")
    if cases.table and cases.ready:
        table_block(
            cases.ready, cases.table, key="village_open", title=cases.table["caption"], period=board.months, **took
        )
    else:
        messages.empty(cases.sentence)


def draw_register(part: str, ready: bytes | None) -> None:
    """The gate, estates and buildings ("sites") or the firms, those that wait for an inspection first."""
    section_head(text(f"village.section.{part}", lang), note=board.register_note)
    table = getattr(board, part)
    captions(board.waiting[part])
    if table and ready:
        title = table["caption"]
        table_block(ready, table, key=f"village_{part}", title=title, period=board.register_note, **took)
    else:
        messages.empty(text(f"village.register.no_{part}", lang))


def draw_strength() -> None:
    """Staff and base data as reported village by village."""
    name = text("village.section.strength", lang)
    section_head(name, note=text("village.section.strength_note", lang))
    if board.strength and ready.strength:
        title = f"{board.name} {name}"
        table_block(ready.strength, board.strength, key="village_strength", title=title, period=board.months, **took)
    else:
        messages.empty(text("village.strength.nothing", lang))


if code is None:
    page_head(text("navigation.pages.places.village", lang), filters=filters, version=version)
    messages.empty(text("village.missing", lang))
else:
    view = view_of(viewer, filters, version)
    asked = (view, code, version.as_of, version.demonstration)
    board, ready = village_page(*asked), mounted_village(*asked)
    crumbs = place_crumbs(filters, district=board.district, township=board.township, village=board.name)
    page_head(board.title, filters=filters, version=version, note=board.facts, crumbs=crumbs)
    st.caption(board.period)
    scoreboard.mount(ready.scoreboard, key="village_scoreboard")
    draw_small_and_peers()
    draw_open()
    draw_months()
    left, right = st.columns(2, gap="large")
    with left:
        draw_register("sites", ready.sites)
        draw_strength()
    with right:
        draw_register("firms", ready.firms)
