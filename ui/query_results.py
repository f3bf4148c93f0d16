"""The answer on the page: figure, what the tests say, table and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import streamlit as st

from data_access.releases import DataVersion
from geo.place_codes import level_of
from indicators.catalogue import Indicator
from ui import cached_reads, messages, selections
from ui.address_choice import address_select
from ui.figure_block import figure_block
from ui.filters import go_to
from ui.map_downloads import file_name
from ui.measures import View
from ui.payloads.query_alike import adjustment_options
from ui.payloads.query_board import QueryBoard
from ui.payloads.query_choices import NO_GROUPS, Query, pairing_of
from ui.payloads.query_compare import alike_lines, compare_board, compare_file
from ui.payloads.query_cross import cross_board, cross_file
from ui.payloads.query_scatter import scatter_board, scatter_file
from ui.section_head import section_head
from ui.table_block import table_block
from ui.texts import text

FIGURE = "query_figure"


def answer(view: View, query: Query, version: DataVersion, *, tone: str) -> QueryBoard:
    """The board of a question of any form."""
    if query.form == "cross":
        return cross_board(view, query, as_of=version.as_of)
    if query.form == "scatter":
        return scatter_board(view, query, tone=tone)
    return compare_board(view, query, tone=tone)


def draw_answer(board: QueryBoard, query: Query, view: View, version: DataVersion) -> None:
    """Figure and tests side by side, the table below; a sentence where there is nothing."""
    if board.table is None:
        section_head(board.question)
        messages.empty(board.empty)
        return
    if query.form == "cross":
        draw_table(board, view, version, title=board.question)
        draw_file(board, query, view, version, adjust="none")
        section_head(text("query.test.title", view.lang))
        draw_lines(board.lines)
        return
    left, right = st.columns([0.62, 0.38], gap="large")
    with left:
        section_head(board.question, note=board.figure_note if board.figure else "")
        if board.figure is None:
            messages.empty(board.empty)
        else:
            figure_block(
                board.figure, key=FIGURE, alt=board.title, title=board.question, period=board.months, version=version,
                lang=view.lang, on_select=open_place_of_figure if board.picks else None,
            )  # fmt: skip
    with right:
        section_head(text("query.scatter.test_title" if query.form == "scatter" else "query.test.title", view.lang))
        draw_lines(board.lines)
        adjust = draw_adjusted(query, view, as_of=version.as_of)
    draw_table(board, view, version, title=text("query.table.title", view.lang))
    draw_file(board, query, view, version, adjust=adjust)


def draw_lines(lines: Sequence[tuple[str, str]]) -> None:
    """Headings with their sentences."""
    rows = "".join(f"<dt>{escape(heading)}</dt><dd>{escape(sentence)}</dd>" for heading, sentence in lines)
    st.html(f'<dl class="gb-query-tests">{rows}</dl>')


def draw_adjusted(query: Query, view: View, *, as_of: dt.date | None) -> str:
    """The choice of what is held alike between two groups, and what is left of the gap then; the chosen code."""
    indicator = cached_reads.catalogue()[query.indicator]
    if query.form != "compare" or query.a == NO_GROUPS or query.by == "village" or not indicator.counts_share:
        return "none"
    options = adjustments(query, indicator, view.lang)
    if len(options) < 2:
        return "none"
    section_head(text("query.adjust.heading", view.lang))
    adjust = address_select("adjust", options, label=text("query.label.adjust", view.lang))
    draw_lines(alike_lines(view, query, adjust, as_of=as_of))
    return adjust


def adjustments(query: Query, indicator: Indicator, lang: str) -> dict[str, str]:
    """What can be held alike between the two groups of a question."""
    catalogue = cached_reads.catalogue()
    return adjustment_options(indicator, pairing_of(catalogue, indicator, query.a, query.b), lang)


def draw_table(board: QueryBoard, view: View, version: DataVersion, *, title: str) -> None:
    """The table, with the workbook in which small counts are hidden."""
    section_head(title, note=board.table_note)
    table_block(
        board.packed_table, board.exported or {}, key="query_table", title=board.question, period=board.months,
        version=version, lang=view.lang, on_pick=selections.open_place("query_table") if board.picks else None,
    )  # fmt: skip


def draw_file(board: QueryBoard, query: Query, view: View, version: DataVersion, *, adjust: str) -> None:
    """The frame with its definitions, made when it is asked for."""

    def made() -> bytes:
        common = {"as_of": version.as_of, "demonstration": version.demonstration}
        if query.form == "cross":
            return cross_file(view, query, **common)
        if query.form == "scatter":
            return scatter_file(view, query, **common)
        return compare_file(view, query, adjust, **common)

    st.download_button(
        text("query.file.download", view.lang), data=made,
        file_name=file_name(board.question, board.months, version, kind="csv", lang=view.lang), mime="text/csv",
        key="query_file", on_click="ignore", type="tertiary", icon=":material/download:",
    )  # fmt: skip


def open_place_of_figure() -> None:
    """A mark of the figure was clicked: the page of its township or village; the mark of all together opens nothing."""
    points = st.session_state[FIGURE].selection.points
    code = points[0].get("customdata") if points else None
    code = str(code[0] if isinstance(code, list) else code or "")
    level = level_of(code) if code.isdigit() else None
    if level == "village":
        go_to("places/village", township=code[:9], village=code)
    elif level == "township":
        go_to("places/township", township=code, village=None)
