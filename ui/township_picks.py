"""What a click means on the parts of a township's page: the village of a case, an indicator of the spine."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from indicators.values import VILLAGE_DIGITS
from ui.filters import choose, go_to
from ui.navigation import HEADLINE
from ui.payloads.open_case_rows import village_of_case
from ui.selections import picked


def open_village_of_case(key: str) -> Callable[[], None]:
    """A callback for the table `key` of open issues: the village of the picked one."""

    def opened() -> None:
        code = picked(key)
        village = village_of_case(code) if code else ""
        if len(village) == VILLAGE_DIGITS and village.isascii() and village.isdigit():
            go_to("places/village", township=village[:9], village=village)

    return opened


def choose_indicator(code: str | None) -> None:
    """The page shows that indicator where it offers it; others open their definition."""
    if code in HEADLINE:
        choose(indicator=None if code == "resolution_rate" else code)
    elif code:
        go_to("about/definitions", indicator=code)


def choose_indicator_of_row(key: str) -> Callable[[], None]:
    """A callback for the table `key` whose rows are indicators."""
    return lambda: choose_indicator(picked(key))


def choose_indicator_of_mark(key: str) -> Callable[[], None]:
    """A callback for the figure `key` whose marks are indicators."""
    return lambda: choose_indicator(marked(key))


def open_village_of_mark(key: str) -> Callable[[], None]:
    """A callback for the figure `key` whose bars are villages; the rows that add up open nothing."""

    def opened() -> None:
        village = marked(key) or ""
        if len(village) == VILLAGE_DIGITS and village.isascii() and village.isdigit():
            go_to("places/village", township=village[:9], village=village)

    return opened


def marked(key: str) -> str | None:
    """The code that the clicked mark of the figure `key` carries; None where nothing was clicked."""
    points = st.session_state[key].selection.points
    code = points[0].get("customdata") if points else None
    code = code[0] if isinstance(code, list) and code else code
    return str(code) if code else None
