"""The head of every page: what it says in one sentence, and which data say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st

from data_access.releases import DataVersion
from ui import cached_reads
from ui.address import Filters, add_months
from ui.copy_link import copy_link
from ui.filters import go_to
from ui.navigation import DEFAULT_PAGE, page_entry
from ui.payloads.revised_figures import chosen_revisions, in_words, place_names, revisions_html
from ui.session import current_visit
from ui.texts import date_text, month_span, month_text, text

LISTED: Final = 40
"""Revised figures listed in the head of a page; the page of releases lists all."""
_RANGE: Final = re.compile(r"[\d.,%]+–[\d.,%]+")


def page_head(
    title: str,
    *,
    filters: Filters,
    version: DataVersion,
    places_with_data: tuple[int, int] | None = None,
    note: str = "",
    crumbs: Sequence[tuple[str, str, dict[str, str | None]]] = (),
    months: bool = True,
) -> None:
    """Draw the head of a page.

    Parameters
    ----------
    title
        A whole sentence with its finding ("21个镇街中19个达到98%"), already in the reader's language.
    places_with_data
        How many of how many places have data for what is shown; left out where it means nothing.
    note
        One more fact for the line under the title (the indicator, the comparison).
    crumbs
        The way back: (label, page key, choices to change), outermost first; the last one is where we are.
    months
        Whether the page depends on the chosen months.
    """
    lang = filters.lang
    with st.container(key="page_head"):
        if crumbs:
            _draw_crumbs(crumbs)
        st.html(f'<h1 class="gb-title">{_ranges_whole(title)}</h1>{_questions(lang)}')
        with st.container(key="page_facts", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(_facts(filters, version, places_with_data, note, months))
            copy_link(
                label=text("page_head.copy_link", lang),
                copied=text("page_head.copied", lang),
                failed=text("page_head.copy_failed", lang),
            )
            if months:
                _draw_revisions(filters, version)


def _draw_revisions(filters: Filters, version: DataVersion) -> None:
    """Behind one word: the released figures of the chosen months that were corrected since, old and new."""
    visit = current_visit()
    scope, choices = visit.viewer.scope(), page_entry(visit.page).choices
    known = cached_reads.revisions(scope, version=version.number)
    if known.empty or "village" in choices or visit.page.startswith("about/"):
        return
    places = (scope.root, filters.township or "") if "township" in choices else None
    rows = chosen_revisions(known, root=scope.root, first=filters.first, last=filters.last, places=places)
    if rows.empty:
        return
    names = place_names(scope, version=version.number, lang=filters.lang)
    shown = in_words(rows.head(LISTED), catalogue=cached_reads.catalogue(), names=names, lang=filters.lang)
    label = text("releases.revised.open", filters.lang, count=len(rows))
    with st.popover(label, key="revised_figures", type="tertiary", icon=":material/history:"):
        st.html(revisions_html(shown, left_out=len(rows) - len(shown), lang=filters.lang))


def place_crumbs(
    filters: Filters, *, district: str, township: str = "", village: str = ""
) -> list[tuple[str, str, dict[str, str | None]]]:
    """全区 › 姜山镇 › 翻石渡村, for :func:`page_head`; names in, links to the pages of those places out."""
    crumbs: list[tuple[str, str, dict[str, str | None]]] = [
        (district, DEFAULT_PAGE, {"township": None, "village": None})
    ]
    if township:
        crumbs.append((township, "places/township", {"township": filters.township, "village": None}))
    if village:
        crumbs.append((village, "places/village", {"township": filters.township, "village": filters.village}))
    return crumbs


def _questions(lang: str) -> str:
    """What the page answers, in the reader's words, as HTML."""
    label, asked = text("questions.label", lang), text(f"questions.{current_visit().page.replace('/', '.')}", lang)
    return f'<p class="gb-questions"><b>{escape(label)}</b>{escape(asked)}</p>'


def is_provisional(month: int, version: DataVersion) -> bool:
    """Whether issues of this month were not all due at the as-of date."""
    return version.provisional_from is not None and month >= version.provisional_from


def _facts(
    filters: Filters, version: DataVersion, places_with_data: tuple[int, int] | None, note: str, months: bool
) -> str:
    lang = filters.lang
    facts: list[tuple[str, str]] = []
    if note:
        facts.append(("note", note))
    if months:
        facts.append(("", text("page_head.months", lang, months=month_span(filters.first, filters.last, lang))))
        provisional = version.provisional_from
        if provisional is not None and filters.last >= provisional:
            start = max(filters.first, provisional)
            facts.append(("provisional", text("page_head.provisional", lang, month=month_text(start, lang))))
        public = version.released_until
        if public is not None and filters.last > public:
            facts.append(("provisional", _unreleased(filters, public)))
    if places_with_data is not None:
        have, all_places = places_with_data
        facts.append(("", text("page_head.places_with_data", lang, have=have, all=all_places)))
    if version.as_of is not None:
        facts.append(("", text("page_head.as_of", lang, date=date_text(version.as_of, lang))))
    facts.append(("", text("page_head.version", lang, number=version.number)))
    if version.demonstration:
        facts.append(("made-up", text("frame.demonstration.band", lang)))
    spans = "".join(f'<span class="{kind}">{escape(words)}</span>' for kind, words in facts)
    return f'<div class="gb-facts">{spans}</div>'


def _unreleased(filters: Filters, public: int) -> str:
    """Which of the chosen months are not public, of which the newest is ``public`` (0: none is)."""
    if filters.first > public:
        return text("page_head.unreleased_all", filters.lang)
    return text("page_head.unreleased", filters.lang, month=month_text(add_months(public, 1), filters.lang))


def _ranges_whole(title: str) -> str:
    """The title as HTML in which no line ends inside a range of figures such as 1–24."""
    return _RANGE.sub(r'<span class="gb-range">\g<0></span>', escape(title))


def _draw_crumbs(crumbs: Sequence[tuple[str, str, dict[str, str | None]]]) -> None:
    with st.container(key="crumbs", horizontal=True, vertical_alignment="center", gap="xsmall"):
        for index, (label, page, changes) in enumerate(crumbs):
            if index == len(crumbs) - 1:
                st.html(f'<span class="gb-here" aria-current="page">{escape(label)}</span>', width="content")
            else:
                st.button(label, key=f"crumb_{index}", type="tertiary", on_click=go_to, args=(page,), kwargs=changes)
                st.html('<span class="gb-step" aria-hidden="true">›</span>', width="content")
