"""The pages as data: where each stands in the menu, who may open it, and what can be chosen on it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import streamlit as st

from indicators.catalogue import Catalogue
from ui.texts import text

PROJECT: Final = Path(__file__).resolve().parent.parent
ROLES: Final = ("leader", "researcher", "head", "steward")
SECTIONS: Final = ("briefing", "gaps", "places", "service", "grassroots", "research", "about", "manage")
FLAT_MENU: Final = 7
"""Up to this many pages the menu is one row; beyond it the sections open downward."""

Choice = Literal["period", "township_set", "indicator", "pairing", "township", "village"]

HEADLINE: Final = (
    "resolution_rate",
    "satisfaction_rate",
    "on_time_rate",
    "prevention_compliance",
    "callback_reach_rate",
    "overdue_open_rate",
    "repeat_rate",
    "reopen_rate",
    "issues_per_1000",
)
"""Indicators offered for maps and tables of places, in reading order."""


@dataclass(frozen=True)
class PageEntry:
    """One page.

    ``key`` is section/name and names the script ``pages/<key>.py`` and the title ``navigation.pages.<section>.<name>``.
    ``choices`` are the filters its row offers, in that order. ``indicators`` are the codes offered, or "pairing" for
    those of the chosen pairing, or "every" for all that are computed. A page with ``in_menu`` False is reached from
    other pages only. ``whole_district``: the choice of a township begins with all of them together, and offers only
    those whose villages the viewer may read.
    ``optional_township``: it begins with all together and offers every township, whose own figures everybody may read.
    """

    key: str
    url_path: str
    roles: tuple[str, ...] = ROLES
    in_menu: bool = True
    choices: tuple[Choice, ...] = ()
    indicators: tuple[str, ...] | Literal["pairing", "every"] = ()
    whole_district: bool = False
    optional_township: bool = False

    @property
    def section(self) -> str:
        """The section the page stands in."""
        return self.key.split("/")[0]

    @property
    def script(self) -> str:
        """The page's file, relative to the project."""
        return f"pages/{self.key}.py"

    def title(self, lang: str) -> str:
        """The name in the menu and on the browser's tab."""
        return text(f"navigation.pages.{self.key.replace('/', '.')}", lang)

    def offered_indicators(self, catalogue: Catalogue, *, pairing: str | None) -> tuple[str, ...]:
        """Codes that can be chosen here, without those nothing computes yet."""
        wanted: Sequence[str]
        if self.indicators == "every":
            wanted = tuple(catalogue)
        elif self.indicators == "pairing":
            wanted = catalogue.pairings[pairing].indicators if pairing in catalogue.pairings else ()
        else:
            wanted = self.indicators
        return tuple(code for code in wanted if code in catalogue and catalogue[code].available)


PAGES: Final = (
    PageEntry(
        "briefing/overview",
        url_path="overview",
        choices=("period", "township_set", "indicator"),
        indicators=HEADLINE,
    ),
    PageEntry(
        "gaps/pairings",
        url_path="pairings",
        choices=("period", "township_set", "pairing", "indicator"),
        indicators="pairing",
    ),
    PageEntry("gaps/finder", url_path="finder", choices=("period", "township_set")),
    PageEntry(
        "places/rankings", url_path="rankings", choices=("period", "township_set", "indicator"), indicators=HEADLINE
    ),
    PageEntry("places/all_indicators", url_path="all_indicators", choices=("period", "township_set")),
    PageEntry(
        "places/township",
        url_path="township",
        choices=("period", "township", "township_set", "indicator"),
        indicators=HEADLINE,
    ),
    PageEntry("places/village", url_path="village", choices=("period", "township", "village")),
    PageEntry("places/points", url_path="points", choices=("period", "township"), whole_district=True),
    PageEntry("service/issues", url_path="issues", choices=("period", "township"), optional_township=True),
    PageEntry("service/satisfaction", url_path="satisfaction", choices=("period", "township"), optional_township=True),
    PageEntry("service/campaigns", url_path="campaigns"),
    PageEntry("grassroots/staffing", url_path="staffing", choices=("period", "township_set")),
    PageEntry("grassroots/readiness", url_path="readiness", choices=("period", "township_set")),
    PageEntry("grassroots/co_governance", url_path="co_governance", choices=("period", "township_set")),
    PageEntry("grassroots/base_data", url_path="base_data", choices=("period", "township_set")),
    PageEntry("research/query", url_path="query", choices=("period", "township_set")),
    PageEntry(
        "research/clusters",
        url_path="clusters",
        roles=("leader", "researcher", "steward"),
        choices=("period", "indicator"),
        indicators=HEADLINE,
    ),
    PageEntry("about/definitions", url_path="definitions"),
    PageEntry("about/methods", url_path="methods"),
    PageEntry("about/data_quality", url_path="data_quality", choices=("period",)),
    PageEntry("manage/upload", url_path="upload", roles=("steward",)),
    PageEntry("manage/releases", url_path="releases", roles=("steward",)),
    PageEntry("manage/place_changes", url_path="place_changes", roles=("steward",)),
    PageEntry("manage/boundaries", url_path="boundaries", roles=("steward",)),
)
DEFAULT_PAGE: Final = PAGES[0].key
START: Final = {"head": "places/township", "researcher": "research/query"}
"""Where a role stands who asked for no page: heads at their township, researchers at the sentence, others at the
overview. The root of the address belongs to nobody's page, so that a copied link means one page for everybody."""
FIRST_PAGE: Final = "manage/upload"
"""Where a data steward stands while nothing has been loaded; the only page there is then."""


def page_entry(key: str) -> PageEntry:
    """The page with this key. Raises KeyError for a page that is not listed."""
    for entry in PAGES:
        if entry.key == key:
            return entry
    raise KeyError(f"No page {key!r} in ui/navigation.py.")


def pages_for(role: str) -> tuple[PageEntry, ...]:
    """The pages a role may open whose script exists."""
    return tuple(entry for entry in PAGES if role in entry.roles and (PROJECT / entry.script).is_file())


def switch_off_old_rules() -> None:
    """Server start only: make Streamlit ignore the folder pages/ from the first reader on.

    Until some session has called st.navigation, Streamlit treats the folder by its old rules and greets the first
    deep link after a start with "Page not found". Calling it once outside any session settles that.
    """
    complaints = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    before = complaints.level
    complaints.setLevel(logging.ERROR)  # it warns that there is no session, which is meant
    try:
        st.navigation([st.Page(switch_off_old_rules, title="-")])
    finally:
        complaints.setLevel(before)


def start_page(role: str) -> str:
    """The page that a reader of this role begins with."""
    return START.get(role, DEFAULT_PAGE)


def _nothing() -> None:
    """The page at the root of the address shows nothing: its visitor is sent on."""


def draw_menu(role: str, *, lang: str, empty: bool = False) -> tuple[PageEntry | None, Callable[[], Any]]:
    """Draw the menu; give the page that was asked for and the function that runs it.

    No page where the address names none: the caller opens :func:`start_page`.

    ``empty``: nothing has been loaded yet, and the only page is the one for loading.
    """
    entries = tuple(entry for entry in pages_for(role) if not empty or entry.key == FIRST_PAGE)
    made = {
        entry.key: st.Page(
            PROJECT / entry.script,
            title=entry.title(lang),
            url_path=entry.url_path,
            default=empty,
            visibility="visible" if entry.in_menu else "hidden",
        )
        for entry in entries
    }
    in_menu = sum(entry.in_menu for entry in entries)
    menu: Any = list(made.values())
    if in_menu > FLAT_MENU:
        menu = {
            text(f"navigation.sections.{section}", lang): [made[e.key] for e in entries if e.section == section]
            for section in SECTIONS
            if any(entry.section == section for entry in entries)
        }
    if not empty:
        root = st.Page(_nothing, title=text("frame.product", lang), url_path="start", default=True, visibility="hidden")
        menu = {**menu, "": [root]} if isinstance(menu, dict) else [*menu, root]
    chosen = st.navigation(menu, position="top")
    if not empty and chosen.url_path == root.url_path:
        return None, chosen.run
    for entry in entries:
        if made[entry.key].url_path == chosen.url_path:
            return entry, chosen.run
    raise LookupError(f"The menu opened {chosen.url_path!r}, which ui/navigation.py does not list.")
