"""The open cases of one village, as its page mounts them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from ui.component_base import packed
from ui.measures import View
from ui.payloads.open_case_rows import open_case_table
from ui.place_table import payload

HEIGHT: Final = 420


@dataclass(frozen=True)
class OpenCases:
    """How many are open, in a sentence; the table's arguments and the same packed (None: there is nothing to list)."""

    sentence: str
    table: Mapping[str, Any] | None
    ready: bytes | None


@st.cache_resource(show_spinner=False, max_entries=300)
def village_open_cases(view: View, code: str, as_of: dt.date | None, demonstration: bool) -> OpenCases:
    """The open cases of the village ``code`` on the day ``as_of``, the most overdue first."""
    sentence, table = open_case_table(view, code, as_of, demonstration)
    ready = packed(payload(**table, max_height=HEIGHT, lang=view.lang)) if table else None
    return OpenCases(sentence, table, ready)
