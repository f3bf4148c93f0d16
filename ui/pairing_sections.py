"""The parts of the gaps page below its first screen: items, like conditions, what it would take, months, services.

Each draws its heading and either its figure, sentences and table, or the sentence that says why there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from data_access.releases import DataVersion
from ui import messages, place_table, selections
from ui.address_choice import address_choice
from ui.annotation_desk import annotation_desk
from ui.component_base import packed
from ui.figure_block import figure_block
from ui.measures import View
from ui.payloads.annotation_marks import annotation_marks, notes_on
from ui.payloads.pairing_adjusted import adjusted_board, within_choices
from ui.payloads.pairing_closing import closing_board, goal_choices
from ui.payloads.pairing_items import items_board
from ui.payloads.pairings_payload import PairingBoard, marked_months
from ui.section_head import section_head
from ui.session import Viewer
from ui.table_block import table_block
from ui.texts import text


@dataclass(frozen=True)
class Gap:
    """What all parts of the page need: one pairing in one indicator, as one reader looks at it."""

    view: View
    pairing: str
    indicator: str
    tone: str
    version: DataVersion
    role: str

    @property
    def key(self) -> tuple[View, str, str]:
        """The view, pairing and indicator."""
        return self.view, self.pairing, self.indicator


def draw_figure(
    gap: Gap, figure: Any, *, key: str, title: str, period: str, alt: str, on_select: Callable[[], None] | None = None
) -> None:
    """A figure with its menu."""
    figure_block(
        figure, key=key, alt=alt, title=title, period=period, version=gap.version, lang=gap.view.lang,
        on_select=on_select,
    )  # fmt: skip


def draw_table(
    gap: Gap,
    table: Mapping[str, Any],
    *,
    key: str,
    title: str,
    period: str,
    ready: bytes | None = None,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """A table with its workbook; ``ready`` where it was packed before."""
    lang = gap.view.lang
    table_block(
        ready or packed(place_table.payload(**table, lang=lang)), table, key=key, title=title, period=period,
        version=gap.version, lang=lang, on_pick=on_pick,
    )  # fmt: skip


def draw_answer(answer: str, remarks: tuple[str, ...], *, method: str = "") -> None:
    """The answer large, remarks under it, and small the line for researchers."""
    listed = "".join(f'<p class="remark">{escape(remark)}</p>' for remark in remarks)
    small = f'<p class="method">{escape(method)}</p>' if method else ""
    st.html(f'<div class="gb-makeup"><p class="answer">{escape(answer)}</p>{listed}{small}</div>')


def draw_adjusted(gap: Gap) -> None:
    """Is the gap still there in like conditions, where does it come from, is it the same everywhere."""
    lang = gap.view.lang
    title = text("pairings.adjusted.title", lang)
    section_head(title, note=text("pairings.adjusted.note", lang))
    within = address_choice(
        "within", within_choices(*gap.key), label=text("pairings.within.label", lang), notes={}
    )  # fmt: skip
    board = adjusted_board(*gap.key, within, tone=gap.tone, as_of=gap.version.as_of)
    if board.figure is None:
        messages.empty(board.answer)
        return
    left, right = st.columns([0.62, 0.38], gap="medium")
    with right:
        draw_answer(board.answer, board.remarks, method=board.method if gap.role == "researcher" else "")
    with left:
        draw_figure(gap, board.figure, key="gap_adjusted", title=title, period=board.period, alt=board.answer)
        if board.table is not None:
            with st.expander(text("pairings.adjusted.table", lang)):
                draw_table(gap, board.table, key="gap_strata", title=title, period=board.period)


def draw_items(gap: Gap) -> None:
    """Which checklist items or kinds of issue make the gap."""
    board = items_board(*gap.key, tone=gap.tone, as_of=gap.version.as_of)
    section_head(board.title, note=board.note)
    if board.figure is None or board.table is None:
        messages.empty(board.answer)
        return
    left, right = st.columns([0.7, 0.3], gap="medium")
    with left:
        draw_figure(gap, board.figure, key="gap_items", title=board.title, period=board.period, alt=board.answer)
    with right:
        draw_answer(board.answer, board.remarks)
        draw_table(gap, board.table, key="gap_item_table", title=board.title, period=board.period)


def draw_closing(gap: Gap) -> None:
    """How many cases, on how many estates, firms or villages, would close the gap, township by township."""
    lang = gap.view.lang
    title = text("pairings.closing.title", lang)
    section_head(title, note=text("pairings.closing.note", lang))
    choices = goal_choices(*gap.key)
    goal = (
        address_choice("reach", choices, label=text("pairings.closing.goal.label", lang), notes={})
        if len(choices) > 1
        else "level"
    )
    board = closing_board(*gap.key, goal, as_of=gap.version.as_of)
    if board.table is None:
        messages.empty(board.answer)
        return
    left, right = st.columns([0.38, 0.62], gap="medium")
    with left:
        draw_answer(board.answer, board.remarks)
    with right:
        draw_table(gap, board.table, key="gap_closing", title=title, period=board.period,
                   on_pick=selections.open_township("gap_closing"))  # fmt: skip


def draw_months(gap: Gap, board: PairingBoard, viewer: Viewer) -> None:
    """The gap month by month, with the notes on it."""
    lang, root = gap.view.lang, gap.view.root
    notes = notes_on(gap.view.scope, places=(root,), indicator=gap.indicator)
    marks = annotation_marks(notes, lang)
    section_head(board.months_title, note=text("pairings.section.months_note", lang) if board.months else "")
    if board.months:
        drawn = board.months
        if marks:
            drawn = marked_months(*gap.key, marks, tone=gap.tone, last_month=gap.version.last_month or 0) or drawn
        draw_figure(gap, drawn, key="gap_months", title=board.months_title, period=board.months_period,
                    alt=board.months_title)  # fmt: skip
        annotation_desk(
            notes, place=root, place_name=text("annotations.district", lang), indicator=gap.indicator, viewer=viewer,
            version=gap.version, lang=lang,
        )  # fmt: skip
    else:
        messages.empty(text("pairings.empty.months", lang))


def draw_quadrant(gap: Gap, board: PairingBoard) -> None:
    """Level against gap."""
    lang = gap.view.lang
    title = text("pairings.section.quadrant", lang)
    section_head(title, note=board.quadrant_note if board.quadrant else "")
    if board.quadrant:
        draw_figure(gap, board.quadrant, key="gap_levels", title=title, period=board.map_period,
                    alt=board.quadrant_note, on_select=selections.open_township_of_figure("gap_levels"))  # fmt: skip
    else:
        messages.empty(text("pairings.empty.quadrant", lang))
