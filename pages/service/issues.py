"""问题化解: where issues are lost, how long they take, what is still open, and which figures look too good."""

import datetime as dt

import streamlit as st

from ui import messages, selections
from ui.address_choice import address_choice, address_select
from ui.figure_block import figure_block
from ui.issue_cards import headline_cards, sentence_list
from ui.measures import view_of
from ui.page_head import page_head, place_crumbs
from ui.payloads.issue_backlog import backlog_part
from ui.payloads.issue_chain import chain_part
from ui.payloads.issue_choices import choices
from ui.payloads.issue_durations import duration_part
from ui.payloads.issue_matrix import matrix_part
from ui.payloads.issue_months import months_part
from ui.payloads.issue_parts import FigurePart, TablePart
from ui.payloads.issue_perfection import ROLES, perfection_part
from ui.payloads.issue_repeats import repeats_part
from ui.payloads.issues_page import issue_view, issues_head
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("service/issues")
filters, version = current_filters(), current_version()
lang, tone, township = filters.lang, st.context.theme.type or "light", filters.township
view, expert = issue_view(view_of(viewer, filters, version)), viewer.role in ROLES
within, made_up, known = township or view.root, version.demonstration, {"version": version, "lang": lang}


def begin(section: str) -> None:
    """Draw the heading of a section."""
    section_head(text(f"issues.section.{section}", lang), note=text(f"issues.section.{section}_note", lang))


def choose(parameter: str, name: str) -> str:
    """Draw a row of choices of the page; give the chosen code."""
    label = text(f"issues.choice.{name}", lang)
    return address_choice(parameter, choices(name, lang), label=label, notes={})


def draw_figure(key: str, part: FigurePart) -> None:
    """A figure under its sentences, beside its table where it has one; or why there is none."""
    if part.figure is None:
        messages.empty(part.empty)
        return
    sentence_list(part.sentences)
    left, right = st.columns([0.42, 0.58], gap="medium") if part.table else (st.container(), None)
    with left:
        figure_block(part.figure, key=key, alt=part.alt, title=part.title, period=part.period, **known)
    if right and part.table:
        with right:
            draw_table(f"{key}_table", part.table)


def draw_table(key: str, part: TablePart) -> None:
    """A table under its sentence; or why there is none."""
    if part.empty:
        messages.empty(part.empty)
        return
    sentence_list((part.sentence,))
    opened = selections.open_place(key) if part.opens else None
    table_block(part.ready, part.table, key=key, title=part.title, period=part.period, on_pick=opened, **known)


def draw_page(as_of: dt.date) -> None:
    """All sections, in the order of the questions."""
    head = issues_head(view, township, as_of=as_of, tone=tone)
    crumbs = place_crumbs(filters, district=head.district, township=head.name) if township else ()
    have = head.places_with_data
    page_head(head.title, filters=filters, version=version, note=head.note, crumbs=crumbs, places_with_data=have)
    chain = chain_part(view, within, as_of=as_of, tone=tone)
    begin("chain")
    draw_figure("issue_chain", chain.part)
    headline_cards(text("issues.headline.label", lang), chain.headlines)
    begin("durations")
    by = choose("iss_by", "by")
    draw_figure("issue_days", duration_part(view, within, by, as_of=as_of, tone=tone, expert=expert))
    begin("backlog")
    draw_figure("issue_open", backlog_part(view, township, as_of=as_of, tone=tone, demonstration=made_up).part)
    begin("matrix")
    rate = address_select("iss_rate", choices("rate", lang), label=text("issues.choice.rate", lang))
    draw_table("issue_matrix", matrix_part(view, rate, selected=township, demonstration=made_up))
    begin("repeats")
    back = choose("iss_back", "back")
    draw_table("issue_back", repeats_part(view, township, back, demonstration=made_up))
    begin("months")
    draw_figure("issue_months", months_part(view, township, choose("iss_month", "month"), tone=tone))
    begin("perfection")
    draw_perfection(as_of)


def draw_perfection(as_of: dt.date) -> None:
    """Figures too good to be taken unseen, for researchers and stewards."""
    if not expert:
        messages.empty(text("issues.perfection.not_permitted", lang))
        return
    part = perfection_part(view, selected=township, as_of=as_of, tone=tone)
    sentence_list(part.sentences)
    draw_table("issue_perfect", part.perfect)
    draw_figure("issue_margins", part.margins)
    draw_table("issue_hints", part.hints)


if version.as_of is None:
    page_head(text("navigation.pages.service.issues", lang), filters=filters, version=version)
    messages.empty(text("issues.no_day", lang))
else:
    draw_page(version.as_of)
