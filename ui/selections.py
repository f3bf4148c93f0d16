"""What a click on a component means: show this place, this gap, this definition. Callbacks only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from geo.place_codes import level_of
from ui.filters import choose, go_to
from ui.navigation import HEADLINE
from ui.payloads.circular_table import DISTRICT


def picked(key: str) -> str | None:
    """The code that the component `key` handed over in this run."""
    code = st.session_state[key].pick
    return None if code is None else str(code)


def open_township(key: str) -> Callable[[], None]:
    """A callback for the component `key`: the picked township's own page; the district's row opens nothing."""

    def opened() -> None:
        code = picked(key)
        if code and code != DISTRICT:
            go_to("places/township", township=code, village=None)

    return opened


def choose_township(key: str) -> Callable[[], None]:
    """A callback for the component `key`: the picked township is chosen and the page stays."""

    def chosen() -> None:
        code = picked(key)
        if code and code != DISTRICT:
            choose(township=code, village=None)

    return chosen


def open_village(key: str, *, township: str) -> Callable[[], None]:
    """A callback for the component `key`: the picked village's own page."""

    def opened() -> None:
        code = picked(key)
        if code and code.startswith(township) and code != township:
            go_to("places/village", township=township, village=code)

    return opened


def open_indicator() -> None:
    """The scoreboard was picked: the map and the ranks show that indicator."""
    code = picked("scoreboard")
    if code:
        choose(indicator=None if code == "resolution_rate" else code)


def open_pairing() -> None:
    """A gap strip was picked: the page of that pairing."""
    code = picked("gaps")
    if code:
        go_to("gaps/pairings", pairing=code, indicator=None)


def open_finding() -> None:
    """A finding was picked: where its evidence is."""
    code = picked("findings")
    if not code:
        return
    page, indicator, pairing = code.split("|")
    if pairing:
        go_to(page, pairing=pairing, indicator=indicator or None)
    else:
        choose(indicator=indicator or None)


def open_highlight() -> None:
    """A sentence about one place was picked ("page|indicator|pairing"): the page that shows its evidence."""
    code = picked("highlights")
    if not code:
        return
    page, indicator, pairing = code.split("|")
    chosen = None if indicator == "resolution_rate" else indicator
    if pairing:
        go_to(page, pairing=pairing, indicator=indicator)
    elif indicator not in HEADLINE:
        go_to("about/definitions", indicator=indicator)
    elif page == "places/township":
        choose(indicator=chosen)
    else:
        go_to(page, indicator=chosen)


def open_measure() -> None:
    """A strip of the same pairing in another indicator was picked: the page shows that indicator."""
    code = picked("services")
    if code:
        choose(indicator=code)


def open_township_of_figure(key: str) -> Callable[[], None]:
    """A callback for the figure `key`: the township whose mark was clicked; the district's mark opens nothing."""

    def opened() -> None:
        points = st.session_state[key].selection.points
        code = points[0].get("customdata") if points else None
        code = code[0] if isinstance(code, list) else code
        if code and level_of(str(code)) == "township":
            go_to("places/township", township=str(code), village=None)

    return opened


def open_village_of_point(key: str) -> Callable[[], None]:
    """A callback for the WebGL map `key`: the village of the point that was clicked."""

    def opened() -> None:
        objects = st.session_state[key].selection.objects
        point = next((one for found in objects.values() for one in found), None)
        code = str(point.get("c") or "") if point else ""
        if len(code) == 12 and code.isascii() and code.isdigit():
            go_to("places/village", township=code[:9], village=code)

    return opened


def open_village_of_row(key: str, *, villages: Sequence[str]) -> Callable[[], None]:
    """A callback for the table `key`, whose rows lie in `villages`: the village of the chosen row."""

    def opened() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(villages):
            code = villages[rows[0]]
            go_to("places/village", township=code[:9], village=code)

    return opened


def open_place(key: str) -> Callable[[], None]:
    """A callback for the component `key`: the own page of the picked place, be it a village or a township."""

    def opened() -> None:
        code = picked(key)
        level = level_of(code) if code else None
        if code and level == "village":
            go_to("places/village", township=code[:9], village=code)
        elif code and level == "township":
            go_to("places/township", township=code, village=None)

    return opened
