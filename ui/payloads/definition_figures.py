"""The district's present figure beside each definition, and the pages that show the indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

from indicators.catalogue import Catalogue, Indicator
from ui import cached_reads
from ui.exports.definitions_book import Present
from ui.glossary import Today
from ui.measures import View
from ui.navigation import DEFAULT_PAGE, HEADLINE, page_entry, pages_for
from ui.payloads.rug_figures import rug_figures
from ui.texts import LANGUAGES, month_span, number, text
from ui.wording import figure_text, has_figure, interval_text, target_words

DOMAIN_PAGES: Final[Mapping[str, str]] = {
    "issues": "service/issues",
    "satisfaction": "service/satisfaction",
    "strength": "grassroots/staffing",
    "readiness": "grassroots/readiness",
    "base_data": "grassroots/base_data",
    "co_governance": "grassroots/co_governance",
}
"""Domain to the page that shows all of it."""


@st.cache_resource(show_spinner=False, max_entries=60)
def district_figures(view: View) -> Mapping[str, Today]:
    """Code to the district's figure, for every indicator that is computed; empty where nothing was counted."""
    found = rug_figures(_whole(view))
    catalogue = cached_reads.catalogue()
    if found is None:
        return {}
    return {str(row["indicator"]): _today(view, row, catalogue) for row in found.totals.to_dict("records")}


def present_figures(view: View) -> Mapping[str, Present]:
    """The same as numbers, for the files: value, interval and counts, None where there are none."""
    found = rug_figures(_whole(view))
    if found is None:
        return {}
    names = ("value", "low", "high", "x", "n")
    return {
        str(row["indicator"]): Present(
            *(None if row[name] != row[name] else float(row[name]) for name in names),
            state=text(f"frame.states.{row['state']}", view.lang),
        )
        for row in found.totals.to_dict("records")
    }


@st.cache_resource(show_spinner=False, max_entries=60)
def links_of(view: View, *, role: str, township: str | None) -> Mapping[str, list[tuple[str, str]]]:
    """Code to the links of :func:`links`, for every indicator. The chosen township is kept in them."""
    catalogue, asked = cached_reads.catalogue(), {"tn": township} if township else {}
    return {code: links(one, catalogue, view, role=role, asked=asked) for code, one in catalogue.items()}


def links(
    indicator: Indicator, catalogue: Catalogue, view: View, *, role: str, asked: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Where the indicator is shown: the name of the page and its relative address, those the role may open.

    ``asked`` are further parts of the address to keep, such as the township. Nothing for one that is not computed.
    """
    if not indicator.available:
        return []
    open_to = {entry.key for entry in pages_for(role)}
    wanted: list[tuple[str, dict[str, str]]] = []
    if indicator.code in HEADLINE:
        wanted += [(page, {"ind": indicator.code}) for page in (DEFAULT_PAGE, "places/rankings", "places/township")]
    wanted += [("gaps/pairings", {"pair": one.code, "ind": indicator.code})
               for one in catalogue.pairings_of(indicator.code)[:1]]  # fmt: skip
    if indicator.domain in DOMAIN_PAGES:
        wanted.append((DOMAIN_PAGES[indicator.domain], {}))
    wanted.append(("places/all_indicators", {}))
    keep = {"from": str(view.first), "to": str(view.last), **asked}
    if view.lang != LANGUAGES[0]:
        keep = {"lang": view.lang, **keep}
    return [
        (page_entry(page).title(view.lang), f"./{_path(page)}?{urlencode({**keep, **own})}")
        for page, own in wanted
        if page in open_to
    ]


def _path(page: str) -> str:
    """The default page stands at the root."""
    return "" if page == DEFAULT_PAGE else page_entry(page).url_path


def _whole(view: View) -> View:
    """The same view of the whole district."""
    return replace(view, township_set="all", members=())


def _today(view: View, row: Mapping[str, Any], catalogue: Catalogue) -> Today:
    lang, indicator = view.lang, catalogue[str(row["indicator"])]
    months = month_span(*view.months(indicator), lang)
    shown = figure_text(row, indicator, lang)
    if not has_figure(row):
        return Today(shown, None, "", "", months)
    if indicator.kind != "proportion" and indicator.per != 1:
        shown = f"{shown} {indicator.unit[lang]}"
    interval = interval_text(row, indicator)
    target, state = target_words(row, indicator, lang)
    if state:
        target = text(
            "definitions.today.target", lang, target=target, state=text(f"components.scoreboard.{state}", lang)
        )
    return Today(
        value=shown,
        counts=(_count(row["x"]), _count(row["n"])),
        interval=text("definitions.today.interval", lang, interval=interval) if interval else "",
        target=target,
        months=months,
    )


def _count(value: float) -> str:
    """A count as printed; measured amounts may have decimals."""
    return number(value) if float(value).is_integer() else number(value, decimals=1)
