"""The parts of a township's page that take its figures apart: by village and type, against its peers, all of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from data_access.releases import DataVersion
from ui import messages, selections
from ui.address_choice import address_choice
from ui.figure_block import figure_block
from ui.payloads.part_figures import PartLists
from ui.payloads.peer_bars import PeerBars
from ui.payloads.spine_figure import Spines
from ui.section_head import section_head
from ui.table_block import table_block
from ui.texts import text
from ui.township_picks import choose_indicator_of_mark, choose_indicator_of_row, open_village_of_mark

BESIDE: Final = (0.74, 0.26)
"""Widths of a figure and of what is said beside it; style/96_township.css fits the figure to paper by them."""


def draw_parts(parts: PartLists, *, version: DataVersion, lang: str) -> None:
    """What makes the distance from the others, village by village and type by type."""
    section_head(text("parts.section", lang), note=parts.title)
    if parts.empty:
        messages.empty(parts.empty)
        return
    st.caption(parts.note)
    taken = {"title": parts.title, "period": parts.period, "version": version, "lang": lang}
    left, right = st.columns(2, gap="large")
    with left:
        section_head(text("parts.villages", lang), note=text("parts.villages_note", lang) if parts.villages else "")
        if parts.villages:
            picks = open_village_of_mark("part_villages")
            figure_block(parts.villages, key="part_villages", alt=parts.villages_alt, on_select=picks, **taken)
        else:
            messages.empty(parts.villages_empty)
    with right:
        section_head(parts.groups_title)
        if parts.groups:
            figure_block(parts.groups, key="part_groups", alt=parts.groups_alt, **taken)
        else:
            messages.empty(text("parts.empty.groups", lang))


def draw_peers(peers: PeerBars, spines: Spines | None, *, version: DataVersion, lang: str) -> None:
    """The township among those most like it, with who they are beside it."""
    section_head(text("peers.section", lang), note=peers.title)
    if peers.figure is None:
        messages.empty(peers.empty)
        return
    left, right = st.columns(BESIDE, gap="large")
    with left:
        figure_block(
            peers.figure, key="peers", alt=peers.title, title=peers.title, period=peers.period, version=version,
            lang=lang, on_select=selections.open_township_of_figure("peers"),
        )  # fmt: skip
    with right:
        for sentence in spines.peers if spines else ():
            st.caption(sentence)


def draw_spines(spines: Spines | None, *, version: DataVersion, lang: str) -> None:
    """Every indicator on its own scale, as a figure or as a table; which of them stands in the address."""
    section_head(text("spine.section", lang), note=spines.title if spines else "")
    if spines is None:
        messages.empty(text("spine.none", lang))
        return
    taken = {"title": spines.title, "period": spines.period, "version": version, "lang": lang}
    left, right = st.columns(BESIDE, gap="large")
    with right:
        kinds = {name: text(f"spine.choices.{name}", lang) for name in ("chart", "table")}
        kind = address_choice("spine", kinds, label=text("spine.label", lang), notes={})
        for note in spines.notes if kind == "chart" else ():
            st.caption(note)
    with left:
        if kind == "chart":
            picks = choose_indicator_of_mark("spines")
            figure_block(spines.figure, key="spines", alt=spines.alt, on_select=picks, **taken)
        else:
            picks = choose_indicator_of_row("spine_table")
            table_block(spines.packed_table, spines.table, key="spine_table", on_pick=picks, **taken)
