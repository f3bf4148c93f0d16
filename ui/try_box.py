"""The box "try it": two counts and something to compare them with; the answer comes while one types.

What is typed stands in the address (x, n, rest, x2, n2) as it was typed, also where it is a mistake, so that a link
shows the same and nothing is lost by choosing another method or language.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from html import escape
from typing import Final

import streamlit as st

from indicators.counts import LARGEST_COUNT
from indicators.errors import CountError
from indicators.sentences import unit_text
from indicators.trial import try_counts
from ui import cached_reads
from ui.address import shorten
from ui.measures import View, rates
from ui.navigation import HEADLINE
from ui.page_choice import page_choice
from ui.texts import month_span, number, percent, text
from ui.trial_words import Named, answer_html, details_html, mistake_html

COUNTS: Final = "counts"
"""The choice of a typed pair instead of an indicator."""
MINIMUM: Final = 10
STARTS: Final = {"x": "20", "n": "20", "x2": "985", "n2": "1000"}
"""What stands in the fields before anybody types: the spotless record of twenty that everybody wonders about."""


@dataclass(frozen=True)
class Rest:
    """What is compared with: its counts, what they are called, and the target of the indicator."""

    x: int
    n: int
    named: Named
    target: float | None = None
    note: str = ""


class Mistake(ValueError):
    """Something typed cannot be used; the message says what to do, in the reader's language."""


def try_box(view: View) -> None:
    """Draw the box. ``view`` says whose months are compared with; the whole district is taken, whatever is chosen."""
    lang = view.lang
    beside = str(st.session_state.get("rest") or st.query_params.get("rest", ""))
    first = "events" if _low_is_good(beside) else "x"
    with st.container(key="try_box"):
        title, lead = (escape(text(f"methods.box.{part}", lang)) for part in ("title", "lead"))
        st.html(f'<h2>{title}</h2><p class="lead">{lead}</p>')
        with st.container(key="try_counts", horizontal=True, gap="small"):
            typed = [_field("x", lang, label=first), _field("n", lang)]
        chosen = page_choice(
            "rest", choices(), label=text("methods.box.rest", lang), name=lambda code: _name(code, lang), width=520
        )
        if chosen == COUNTS:
            with st.container(key="try_second", horizontal=True, gap="small"):
                typed += [_field(name, lang) for name in ("x2", "n2")]
        try:
            x, n = read_pair(typed[0], typed[1], names=(first, "n"), lang=lang)
            rest = typed_rest(typed[2], typed[3], lang=lang) if chosen == COUNTS else district_rest(view, chosen)
            trial = try_counts(
                x, n, rest.x, rest.n, better=rest.named.better, target=rest.target, minimum=rest.named.minimum
            )  # fmt: skip
        except Mistake as mistake:
            st.html(mistake_html(str(mistake)))
            return
        except CountError as error:
            st.html(mistake_html(error.in_language(lang)))
            return
        if rest.note:
            st.html(f'<p class="against">{escape(rest.note)}</p>')
        st.html(answer_html(trial, rest.named, lang))
        with st.expander(text("methods.details.title", lang), key="try_details"):
            st.html(details_html(trial, lang))


def choices() -> tuple[str, ...]:
    """Headline indicators whose cases either succeed or not, then the typed pair."""
    catalogue = cached_reads.catalogue()
    return (*(code for code in HEADLINE if catalogue[code].available and catalogue[code].counts_share), COUNTS)


def district_rest(view: View, code: str) -> Rest:
    """The whole district in this indicator and the months of the view. Raises Mistake where there are no data."""
    lang, indicator = view.lang, cached_reads.catalogue()[code]
    row = rates(replace(view, township_set="all"), indicator, by=()).iloc[0]
    if row["state"] not in ("value", "too_few"):
        raise Mistake(text("methods.box.no_rest", lang, name=indicator.name[lang]))
    x, n = int(row["x"]), int(row["n"])
    months = month_span(*view.months(indicator), lang)
    shown = text(
        "methods.box.against", lang, name=indicator.name[lang], months=months, rate=percent(x, n), x=number(x),
        n=number(n),
    )  # fmt: skip
    named = Named(
        rest=text("methods.box.district", lang), unit=unit_text(indicator, lang), better=indicator.better,
        minimum=max(MINIMUM, indicator.hide_below),
    )  # fmt: skip
    return Rest(x, n, named, target=indicator.target, note=shown)


def typed_rest(x: str, n: str, *, lang: str) -> Rest:
    """A typed pair to compare with; more successes are taken as better. Raises Mistake."""
    unit = text("sentences.units.issues_many", lang)
    named = Named(rest=text("methods.box.second", lang), unit=unit, minimum=MINIMUM)
    return Rest(*read_pair(x, n, names=("x2", "n2"), lang=lang), named)


def read_pair(x: str, n: str, *, names: tuple[str, str], lang: str) -> tuple[int, int]:
    """Two typed counts. Raises Mistake with what is wrong, for the first thing that is."""
    first, second = (read_count(given, name=name, lang=lang) for given, name in zip((x, n), names, strict=True))
    if first > second:
        fields = {"field": text(f"methods.box.{names[0]}", lang), "whole": text(f"methods.box.{names[1]}", lang)}
        raise Mistake(text("methods.box.mistakes.more_than_all", lang, **fields, x=number(first), n=number(second)))
    if second == 0:
        raise Mistake(text("methods.box.mistakes.no_cases", lang))
    return first, second


def read_count(given: str, *, name: str, lang: str) -> int:
    """One typed count; spaces, thousands separators and full-width digits are understood. Raises Mistake."""

    def wrong(key: str, **facts: object) -> Mistake:
        return Mistake(text(f"methods.box.mistakes.{key}", lang, field=text(f"methods.box.{name}", lang), **facts))

    plain = "".join(unicodedata.normalize("NFKC", given).split()).replace(",", "")
    if not plain:
        raise wrong("empty")
    digits = plain[1:] if plain[0] in "+-−" else plain
    if not (digits.isascii() and digits.isdigit()):
        raise wrong("not_whole", given=shorten(given))
    if plain[0] in "-−" and digits.strip("0"):
        raise wrong("negative")
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(LARGEST_COUNT)) or int(digits) > LARGEST_COUNT:
        raise wrong("too_large", largest=number(LARGEST_COUNT))
    return int(digits)


def _low_is_good(code: str) -> bool:
    catalogue = cached_reads.catalogue()
    return code in catalogue and catalogue[code].better == "lower"


def _field(name: str, lang: str, *, label: str = "") -> str:
    words = text(f"methods.box.{label or name}", lang)
    return st.text_input(words, value=STARTS[name], key=name, max_chars=24, live=True, bind="query-params") or ""


def _name(code: str, lang: str) -> str:
    if code == COUNTS:
        return text("methods.box.rest_counts", lang)
    return text("methods.box.rest_name", lang, name=cached_reads.catalogue()[code].name[lang])
