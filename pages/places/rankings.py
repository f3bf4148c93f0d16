"""镇街排名: ranks with what they may be, whether a move is real, the funnel, and villages in bands."""

import streamlit as st

from ui import messages, selections
from ui.address_choice import address_choice, address_select
from ui.figure_block import figure_block
from ui.figure_links import figure_links
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.rankings_charts import funnel_chart, rank_chart, rate_chart
from ui.payloads.rankings_page import ranking_board, ranking_table
from ui.payloads.rankings_villages import band_chart, open_township_of_bar, village_bands
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("places/rankings")
filters, version = current_filters(), current_version()
lang, tone = filters.lang, st.context.theme.type or "light"
asked = (view_of(viewer, filters, version), filters.indicator or "resolution_rate")
newest = {"last_month": version.last_month or filters.last}
board = ranking_board(*asked, **newest)
taken = {"period": board.period, "version": version, "lang": lang}


def draw_ranks() -> None:
    """The caterpillar and, on the same rows, the rates."""
    order = address_choice("rk_order", board.orders, label=text("rankings.order.label", lang), notes=board.order_notes)
    left, right = st.columns(2, gap="medium")
    with left:
        title = text("rankings.section.ranks", lang)
        section_head(title)
        st.caption(text("rankings.section.ranks_note", lang))
        figure_block(
            rank_chart(*asked, **newest, tone=tone, order=order), key="rank_rows", alt=board.title, title=board.title,
            on_select=selections.open_township_of_figure("rank_rows"), **taken,
        )  # fmt: skip
    with right:
        section_head(board.rates_title)
        st.caption(board.rates)
        alt = text("rankings.section.rates_alt", lang, title=board.rates_title, sentence=board.rates)
        figure_block(
            rate_chart(*asked, **newest, tone=tone, order=order), key="rate_rows", alt=alt, title=board.rates_title,
            on_select=selections.open_township_of_figure("rate_rows"), **taken,
        )  # fmt: skip


def draw_funnel() -> None:
    """The funnel in the chosen form, or why there is none."""
    section_head(text("rankings.section.funnel", lang), note=board.funnel_note)
    if not board.forms:
        messages.empty(board.funnel)
        return
    st.markdown(f"**{board.funnel}**")
    form = address_choice("rk_form", board.forms, label=text("rankings.form.label", lang), notes=board.form_notes)
    figure_block(
        funnel_chart(*asked, **newest, tone=tone, form=form), key="funnel", alt=board.funnel_alt,
        title=board.funnel_alt, on_select=selections.open_township_of_figure("funnel"), **taken,
    )  # fmt: skip


def draw_table() -> None:
    """Ranks, moves and ranks among peers."""
    title = text("rankings.section.table", lang)
    section_head(title)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        span = None
        if board.spans:
            span = address_select("rk_than", board.spans, label=text("rankings.span.label", lang), width=300)
        peers = address_select("rk_peers", board.peers, label=text("rankings.peers.label", lang), width=240)
    shown = ranking_table(*asked, **newest, span=span, peers=peers, demonstration=version.demonstration)
    st.markdown(f"**{shown.sentence}**")
    table_block(shown.ready, shown.table, key="ranks", title=title, on_pick=selections.open_township("ranks"), **taken)


def draw_villages() -> None:
    """Villages in bands: counts by township and the list; a sentence where there are none for this reader."""
    villages = village_bands(*asked, version.demonstration)
    section_head(text("rankings.section.villages", lang), note=villages.period)
    if villages.own:
        st.caption(villages.own)
    if villages.refusal:
        messages.empty(villages.refusal)
        return
    st.markdown(f"**{villages.sentence}**")
    left, right = st.columns([0.42, 0.58], gap="medium")
    taken = {"period": villages.months, "version": version, "lang": lang}
    with left:
        bars, alt = (text(f"rankings.villages.{one}", lang, sentence=villages.sentence) for one in ("head_bars", "alt"))
        section_head(bars)
        figure_block(
            band_chart(*asked, tone=tone), key="bands", alt=alt, title=bars,
            on_select=open_township_of_bar("bands", *asked), **taken,
        )  # fmt: skip
    with right:
        section_head(villages.list_title)
        if villages.table["rows"]:
            opens = selections.open_place("village_bands")
            table_block(
                villages.ready, villages.table, key="village_bands", title=villages.list_title, on_pick=opens, **taken
            )
        else:
            messages.empty(text("rankings.villages.nothing_listed", lang))


page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
if board.empty:
    messages.empty(board.empty)
else:
    if board.pairs:
        st.markdown(f"**{board.pairs}**")
    draw_ranks()
    draw_funnel()
    draw_table()
draw_villages()
figure_links()
