"""The parts of a township's page below its scoreboard: where it stands, what is open, what makes its distance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from ui import cached_reads, measures, place_table
from ui.component_base import packed
from ui.measures import View
from ui.payloads.open_case_rows import open_case_table
from ui.payloads.part_figures import PartLists, part_lists
from ui.payloads.peer_bars import PeerBars, peer_bars
from ui.payloads.spine_figure import Spines, spines
from ui.payloads.township_standing import Answer, township_standing
from ui.place_names import place_name
from ui.texts import date_text, text

CASES_HEIGHT: Final = 437


@dataclass(frozen=True)
class OpenCases:
    """The open issues: the sentence that counts them, the table (None: the sentence says why) and its packed data."""

    said: str
    heading: str
    as_of: str
    table: Mapping[str, Any] | None
    ready: bytes | None


@dataclass(frozen=True)
class Sections:
    """What the page draws, ready."""

    standing: tuple[Answer, ...]
    cases: OpenCases
    parts: PartLists
    peers: PeerBars
    spines: Spines | None


@st.cache_resource(show_spinner=False, max_entries=200)
def township_sections(
    view: View, code: str, indicator_code: str, demonstration: bool, as_of: dt.date | None, last_month: int | None,
    tone: str,
) -> Sections:  # fmt: skip
    """The sections of the township ``code`` for one view, one indicator and one ground ("light" or "dark").

    The same object for everybody: never change it. Raises KeyError for a township that is not on the register.
    """
    register = cached_reads.places(view.scope, level="township", version=view.version)
    name = place_name(dict(zip(register["code"], register["name"], strict=True))[code], view.lang)
    peers_of = last_month or view.last
    return Sections(
        standing=township_standing(view, code, indicator_code),
        cases=_cases(view, code, name, as_of, demonstration),
        parts=part_lists(view, code, indicator_code, name=name, tone=tone),
        peers=peer_bars(view, code, indicator_code, last_month=peers_of, tone=tone),
        spines=spines(view, code, tone=tone, last_month=peers_of, demonstration=demonstration),
    )


def _cases(view: View, code: str, name: str, as_of: dt.date | None, demonstration: bool) -> OpenCases:
    lang = view.lang
    said, table = open_case_table(view, code, as_of, demonstration)
    day = measures.register_day(view, as_of)
    return OpenCases(
        said=said,
        heading=text("open_cases.heading", lang, place=name, said=said),
        as_of=text("open_cases.as_of", lang, date=date_text(day, lang)) if day else "",
        table=table,
        ready=packed(place_table.payload(**table, max_height=CASES_HEIGHT, lang=lang)) if table else None,
    )
