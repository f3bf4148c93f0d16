"""What the reader chooses, kept in the address and shared by all pages.

The address is the truth. One hidden text field a parameter is bound to it (so Streamlit carries the parameters across
pages, restores them on Back and leaves defaults out); the visible fields show what the address says and write back to
it when changed. Codes stand in the address, never labels, so a link means the same in either language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from data_access.releases import DataVersion
from indicators.catalogue import Catalogue
from ui import cached_reads
from ui.address import (
    PARAMETERS,
    RELATED_SETS,
    Filters,
    Offer,
    Problem,
    default_months,
    months_between,
    periods,
    read_address,
    written,
)
from ui.navigation import DEFAULT_PAGE, PAGES, PROJECT, PageEntry, page_entry
from ui.peer_filter import draw_picking, set_members, set_names, set_sentence
from ui.place_names import place_name
from ui.session import Viewer
from ui.texts import month_text, text

CUSTOM: Final = "custom"
_CUSTOM_KEY: Final = "filter_period_is_custom"
_DROP_KEY: Final = "address_to_drop"
_GO_TO_KEY: Final = "page_to_open"
_SENT_ON_KEY: Final = "sent_on_from_the_root"


def draw_address() -> dict[str, str]:
    """Bind the hidden fields to the address and give what it says: parameter to text, empty for the default."""
    for name in st.session_state.pop(_DROP_KEY, ()):
        st.session_state[name] = ""
    if _asks_for_no_page():
        return {name: st.query_params.get(name, "") for name in PARAMETERS}
    with st.container(key="address"):
        return {
            name: st.text_input(name, key=name, bind="query-params", label_visibility="collapsed") or ""
            for name in PARAMETERS
        }


@dataclass(frozen=True)
class Register:
    """Names of what can be chosen, by code; ``places`` are the townships as the register lists them."""

    townships: Mapping[str, str]
    places: pd.DataFrame
    villages: Callable[[str], Mapping[str, str]]
    catalogue: Catalogue


def read_register(viewer_scope: Any, *, version: int) -> Register:
    """Townships now, villages when asked. ``viewer_scope`` is the viewer's Scope."""

    def villages(township: str) -> Mapping[str, str]:
        frame = cached_reads.places(viewer_scope, level="village", within=township, version=version)
        return dict(zip(frame["code"], frame["name"], strict=True))

    frame = cached_reads.places(viewer_scope, level="township", version=version)
    townships = dict(zip(frame["code"], frame["name"], strict=True))
    return Register(
        townships=townships,
        places=frame,
        villages=villages,
        catalogue=cached_reads.catalogue(),
    )


def read_filters(
    raw: Mapping[str, str], *, entry: PageEntry, viewer: Viewer, version: DataVersion, register: Register
) -> tuple[Filters, list[str]]:
    """The filters of this run and a sentence for each part of the address that was no use; those parts are dropped."""
    filters, problems = read_address(raw, offer=_offer(raw, entry, viewer, version, register))
    if problems:
        st.session_state[_DROP_KEY] = tuple(name for problem in problems for name in problem.dropped)
    if filters.township_set in RELATED_SETS:
        members = set_members(filters.township_set, filters, viewer=viewer, version=version, places=register.places)
        filters = replace(filters, members=members)
    return filters, problem_sentences(problems, lang=filters.lang)


def problem_sentences(problems: Sequence[Problem], *, lang: str) -> list[str]:
    """A sentence for each problem, or one for all where there are more than two."""
    if len(problems) <= 2:
        return [text(problem.key, lang, **problem.facts) for problem in problems]
    joiner = "、" if lang == "zh" else ", "
    names = [text(f"filters.parameters.{problem.parameter}", lang) for problem in problems]
    return [text("filters.problems.many", lang, count=len(problems), names=joiner.join(names))]


def draw_filters(
    filters: Filters, *, entry: PageEntry, viewer: Viewer, version: DataVersion, register: Register
) -> None:
    """The one row of choices this page offers."""
    if not entry.choices:
        return
    with st.container(key="filter_row", horizontal=True, vertical_alignment="bottom", gap="small"):
        for choice in entry.choices:
            if choice == "period":
                _draw_period(filters, version)
            else:
                _draw_choice(choice, filters, entry, viewer, version, register)
            if choice == "township_set" and filters.township_set == "picked":
                draw_picking(filters, names=register.townships, choose=choose)
    if "township_set" in entry.choices and filters.township_set in RELATED_SETS:
        sentence = set_sentence(filters, viewer=viewer, version=version, places=register.places)
        st.html(f'<p class="gb-peers">{escape(sentence)}</p>')


def choose(**changes: str | int | None) -> None:
    """Change choices from a callback: choose(township="330212110", village=None). The address follows.

    Names are those of :class:`Filters` (first and last together). Only inside callbacks, or before the page is drawn.
    """
    for name, value in changes.items():
        st.session_state[_PARAMETER_OF[name]] = "" if value is None else str(value)


def go_to(page: str = DEFAULT_PAGE, **changes: str | int | None) -> None:
    """Open another page with choices changed: go_to("places/township", township="330212110"). Only inside callbacks."""
    choose(**changes)
    st.session_state[_GO_TO_KEY] = page


def follow_go_to() -> None:
    """Front door only, after the address is bound and the menu drawn: open the page that a callback asked for."""
    page = st.session_state.pop(_GO_TO_KEY, None)
    if page:
        # An empty mapping, not None: the bound parameters are put back by the new page (None would be refused).
        st.switch_page(PROJECT / page_entry(page).script, query_params={})


def send_on(page: str, address: Mapping[str, str]) -> NoReturn:
    """Front door only: from the root of the address to a page, with what the address says."""
    # Bound parameters may not be handed over (in tests the root is not told apart, and they are bound).
    asked = {name: value for name, value in address.items() if value} if _asks_for_no_page() else {}
    st.session_state[_SENT_ON_KEY] = True
    st.switch_page(PROJECT / page_entry(page).script, query_params=asked)


def came_through_the_root() -> bool:
    """Whether this reader began without naming a page: then the first page of the role is new to them."""
    return bool(st.session_state.get(_SENT_ON_KEY))


def _asks_for_no_page() -> bool:
    """Whether this run is the first of a reader who named no page.

    Its fields are not bound to the address: Streamlit would neither put them back after the switch nor let them be
    handed over.
    """
    path = urlsplit(st.context.url or "/-").path.rstrip("/").rpartition("/")[2]
    return not st.session_state.get(_SENT_ON_KEY) and path not in {"-", *(entry.url_path for entry in PAGES)}


_PARAMETER_OF: Final = {
    "lang": "lang",
    "first": "from",
    "last": "to",
    "township_set": "set",
    "indicator": "ind",
    "township": "tn",
    "village": "vl",
    "pairing": "pair",
    "colours": "colours",
    "picked": "with",
}


def _offer(raw: Mapping[str, str], entry: PageEntry, viewer: Viewer, version: DataVersion, register: Register) -> Offer:
    catalogue = register.catalogue
    pairing = raw.get("pair") if raw.get("pair") in catalogue.pairings else next(iter(catalogue.pairings), None)
    everywhere = entry.optional_township or (entry.whole_district and viewer.scope().villages_of is None)
    return Offer(
        first_month=version.first_month or 0,
        last_month=version.last_month or 0,
        townships=tuple(register.townships),
        villages=lambda township: tuple(register.villages(township)),
        indicators=tuple(catalogue),
        page_indicators=entry.offered_indicators(catalogue, pairing=pairing),
        pairings=tuple(catalogue.pairings),
        own_township=viewer.township,
        township_required="township" in entry.choices and not everywhere,
        village_required="village" in entry.choices,
        village_townships=viewer.scope().villages_of,
        villages_only=entry.whole_district,
    )


def _draw_period(filters: Filters, version: DataVersion) -> None:
    lang, first_month, last_month = filters.lang, version.first_month or 0, version.last_month or 0
    offered = periods(first_month, last_month)
    months = (filters.first, filters.last)
    ready_made = next((code for code, span in offered.items() if span == months), CUSTOM)
    chosen = CUSTOM if st.session_state.get(_CUSTOM_KEY) else ready_made
    st.session_state["filter_period"] = chosen
    st.selectbox(
        text("filters.period", lang),
        [*offered, CUSTOM],
        key="filter_period",
        format_func=lambda code: _period_name(code, lang),
        on_change=_period_chosen,
        args=(offered, months),
        width=190,
    )
    if chosen != CUSTOM:
        return
    known = months_between(first_month, last_month)
    for name, value, options in (("first", months[0], known), ("last", months[1], known)):
        st.session_state[f"filter_{name}"] = value
        st.selectbox(
            text(f"filters.{name}", lang),
            options,
            key=f"filter_{name}",
            format_func=lambda month: month_text(month, lang),
            on_change=_month_chosen,
            args=(name, default_months(first_month, last_month)),
            width=140,
        )


def _period_name(code: str, lang: str) -> str:
    if code.startswith("year_"):
        return text("filters.periods.year", lang, year=code.removeprefix("year_"))
    return text(f"filters.periods.{code}", lang)


def _period_chosen(offered: Mapping[str, tuple[int, int]], months: tuple[int, int]) -> None:
    code = st.session_state["filter_period"]
    st.session_state[_CUSTOM_KEY] = code == CUSTOM
    first, last = months if code == CUSTOM else offered[code]
    if (first, last) == offered["last12"]:
        choose(first=None, last=None)
    else:
        choose(first=first, last=last)


def _month_chosen(name: str, default: tuple[int, int]) -> None:
    first, last = st.session_state["filter_first"], st.session_state["filter_last"]
    if first > last:
        first, last = (first, first) if name == "first" else (last, last)
    if (first, last) == default:
        choose(first=None, last=None)
    else:
        choose(first=first, last=last)


def _draw_choice(
    choice: str, filters: Filters, entry: PageEntry, viewer: Viewer, version: DataVersion, register: Register
) -> None:
    lang = filters.lang
    if choice == "township_set":
        own_page = "township" in entry.choices
        names = set_names(filters, own_page=own_page, viewer=viewer, version=version, places=register.places)
    else:
        names = _names(choice, filters, entry, viewer, register)
    value = getattr(filters, choice) or ""
    if not names or value not in names:
        return
    key = f"filter_{choice}"
    st.session_state[key] = value
    st.selectbox(
        text(f"filters.{choice}", lang),
        list(names),
        key=key,
        format_func=names.__getitem__,
        on_change=_code_chosen,
        args=(choice, key, _default(choice, names, viewer)),
        width=_WIDTHS[choice],
    )


_WIDTHS: Final = {"township_set": 190, "indicator": 230, "pairing": 210, "township": 190, "village": 200}


def _names(choice: str, filters: Filters, entry: PageEntry, viewer: Viewer, register: Register) -> Mapping[str, str]:
    """Words of each code that can be chosen; the empty code is "all of them" where that is offered."""
    lang, catalogue = filters.lang, register.catalogue
    if choice == "indicator":
        codes: Sequence[str] = entry.offered_indicators(catalogue, pairing=filters.pairing)
        return {code: catalogue[code].name[lang] for code in codes}
    if choice == "pairing":
        return {code: pairing.name[lang] for code, pairing in catalogue.pairings.items()}
    if choice == "village":
        listed = register.villages(filters.township) if filters.township else {}
        return {code: place_name(name, lang) for code, name in listed.items()}
    allowed = viewer.scope().villages_of if "village" in entry.choices or entry.whole_district else None
    offered = {code: name for code, name in register.townships.items() if allowed is None or code in allowed}
    everywhere = entry.optional_township or (entry.whole_district and allowed is None)
    together = {"": text("filters.whole_district", lang)} if everywhere else {}
    return together | {code: place_name(name, lang) for code, name in offered.items()}


def _default(choice: str, names: Mapping[str, str], viewer: Viewer) -> str | None:
    """The value that may stay out of the address. Places always stand in it: a link means one place for everybody."""
    return None if choice in ("township", "village") else next(iter(names))


def _code_chosen(choice: str, key: str, default: str | None) -> None:
    choose(**{choice: written(st.session_state[key], default=default)})
    if choice == "township":
        choose(village=None)
    if choice == "pairing":
        choose(indicator=None)
