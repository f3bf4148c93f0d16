"""专项治理: the five campaigns, their reach and progress, and what changed there against the places outside."""

import streamlit as st

from ui import cached_reads, messages, selections
from ui.address_choice import address_select
from ui.annotation_desk import annotation_desk
from ui.figure_block import figure_block
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.annotation_marks import annotation_marks, notes_on
from ui.payloads.campaigns_page import OUTCOMES, campaign_closer, campaigns_page, whole_view
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import month_span, text

viewer = open_page("service/campaigns")
filters, version = current_filters(), current_version()
lang, tone = filters.lang, st.context.theme.type or "light"
view = whole_view(view_of(viewer, filters, version), version.last_month or 0)
board = campaigns_page(view, version.demonstration)
period = month_span(view.first, view.last, lang)
shared = {"version": version, "lang": lang, "period": period}


def choose_campaign() -> None:
    """A row of the table was picked: the campaign closer."""
    code = selections.picked("campaign_table")
    if code in board.names:
        st.session_state["campaign"] = code


page_head(board.title, filters=filters, version=version, note=text("campaigns.note", lang, months=period), months=False)
section_head(text("campaigns.section.table", lang), note=text("campaigns.section.table_note", lang))
table_block(
    board.ready, board.table, key="campaign_table", title=text("campaigns.section.table", lang),
    on_pick=choose_campaign, **shared,
)  # fmt: skip

if not board.names:
    messages.empty(text("campaigns.nothing", lang))
    st.stop()

with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="campaign_choices"):
    code = address_select("campaign", board.names, label=text("campaigns.choose", lang), width=280)
    catalogue = cached_reads.catalogue()
    outcomes = {one: catalogue[one].name[lang] for one in OUTCOMES}
    outcome = address_select("outcome", outcomes, label=text("campaigns.outcome_choice", lang), width=240)
notes = notes_on(view.scope, places=(view.root,), indicator=outcome)
notes = notes[notes["campaign"].isna() | (notes["campaign"] == code)]
marks = annotation_marks(notes, lang)
closer = campaign_closer(view, code, outcome, marks, tone=tone, demonstration=version.demonstration)

section_head(board.names[code], note=text("campaigns.section.closer_note", lang))
st.markdown(closer.reach)
st.caption(text("campaigns.counts_head", lang))
figure_block(closer.counts, key="campaign_counts", alt=closer.counts_alt, title=closer.counts_alt, **shared)
section_head(text("campaigns.section.outcome", lang), note=text("campaigns.section.outcome_note", lang))
st.markdown(f"**{closer.finding}**")
figure_block(closer.lines, key="campaign_outcome", alt=closer.finding, title=closer.finding, **shared)
if closer.table is not None and closer.ready is not None:
    table_block(closer.ready, closer.table, key="campaign_change", title=closer.finding, **shared)
if closer.caveat:
    st.caption(closer.caveat)
annotation_desk(
    notes, place=view.root, place_name=text("annotations.district", lang), indicator=outcome, viewer=viewer,
    version=version, lang=lang,
)  # fmt: skip
