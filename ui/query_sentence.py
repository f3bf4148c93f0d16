"""The question as a sentence: its bold parts are pick-lists, and every one of them stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

import streamlit as st

from data_access.releases import DataVersion
from ui import cached_reads
from ui.address import default_months
from ui.address_choice import address_select
from ui.charts.canvas import text_width
from ui.filters import choose
from ui.measures import View
from ui.payloads.query_choices import (
    BY,
    NO_GROUPS,
    Query,
    crossing_options,
    group_options,
    indicator_options,
    other_options,
    quarter_options,
    scattered_options,
    span_words,
)
from ui.payloads.query_words import township_names
from ui.place_names import place_name
from ui.texts import text

_DROP: Final = "query_to_drop"
_WORD_SIZE: Final = 17.0
_ROOM: Final = 58


@dataclass
class _Sentence:
    """A sentence while it is drawn: the language, and what the address asked for that is not offered."""

    lang: str
    notices: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def words(self, key: str) -> None:
        """A piece of the sentence between the pick-lists."""
        st.html(f'<span class="gb-query-word">{escape(text(f"query.sentence.{key}", self.lang))}</span>',
                width="content")  # fmt: skip

    def pick(self, parameter: str, options: Mapping[str, str], *, why: str = "general", **facts: str) -> str:
        """A pick-list as wide as its words; a code that is not offered is said (``why``) and dropped."""
        given = asked(parameter)
        chosen = given if given in options else next(iter(options))
        width = min(round(text_width(options[chosen], size=_WORD_SIZE)) + _ROOM, 460)
        label = text(f"query.label.{parameter}", self.lang)
        code = address_select(parameter, options, label=label, width=width)
        if given and given not in options:
            self.notices.append(text(f"query.notice.{why}", self.lang, what=label, now=options[code], **facts))
            self.dropped.append(parameter)
        return code


def ask(form: str, view: View, version: DataVersion) -> tuple[Query, list[str]]:
    """Draw the sentence of one form; the question it asks, and what of the address could not be followed."""
    for parameter in st.session_state.pop(_DROP, ()):
        st.session_state[parameter] = ""
    sentence = _Sentence(view.lang)
    with st.container(key="query_sentence", horizontal=True, vertical_alignment="center", gap="xsmall"):
        query = {"cross": _cross, "scatter": _scatter}.get(form, _compare)(sentence, view)
        _months(view, version)
    if sentence.dropped:
        st.session_state[_DROP] = tuple(sentence.dropped)
    return query, sentence.notices


def draw_notices(sentences: list[str]) -> None:
    """What of the address could not be followed, under the sentence."""
    if sentences:
        lines = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
        st.html(f'<div class="gb-notice" role="status">{lines}</div>')


def asked(parameter: str) -> str:
    """What the address says, before its field is drawn."""
    if parameter in st.session_state:
        return str(st.session_state[parameter] or "")
    return st.query_params.get(parameter, "")


def _compare(sentence: _Sentence, view: View) -> Query:
    catalogue, lang = cached_reads.catalogue(), view.lang
    sentence.words("compare")
    code = sentence.pick("qi", indicator_options(catalogue, lang))
    indicator = catalogue[code]
    groups = group_options(catalogue, indicator, lang)
    grouped = _will_group(groups)
    sentence.words("in" if grouped else "ungrouped")
    foreign = catalogue.dimensions.get(asked("qa").split(".")[0])
    if foreign is None or foreign.code in indicator.dimensions:
        a = sentence.pick("qa", groups)
    else:
        facts = {"indicator": indicator.name[lang], "dimension": foreign.name[lang]}
        a = sentence.pick("qa", groups, why="no_dimension", **facts)
    b = ""
    if a != NO_GROUPS:
        sentence.words("and")
        own = set(a.split(".")[1:])
        why = "same_group" if own & set(asked("qb").split(".")) else "general"
        b = sentence.pick("qb", other_options(catalogue, a, lang), why=why)
    sentence.words("between" if grouped else "ungrouped_by")
    by, township = _where(sentence, view, BY)
    sentence.words("comma")
    return Query("compare", code, a=a, b=b, by=by, township=township)


def _will_group(groups: Mapping[str, str]) -> bool:
    given = asked("qa")
    return (given if given in groups else next(iter(groups))) != NO_GROUPS


def _cross(sentence: _Sentence, view: View) -> Query:
    catalogue, lang = cached_reads.catalogue(), view.lang
    sentence.words("cross")
    code = sentence.pick("qi", indicator_options(catalogue, lang, crossed=True))
    sentence.words("cross_by")
    rows = sentence.pick("qx", crossing_options(catalogue, catalogue[code], lang))
    sentence.words("cross_and")
    columns = sentence.pick("qy", crossing_options(catalogue, catalogue[code], lang, besides=rows))
    sentence.words("cross_end")
    return Query("cross", code, dimensions=(rows, columns))


def _scatter(sentence: _Sentence, view: View) -> Query:
    catalogue, lang = cached_reads.catalogue(), view.lang
    sentence.words("scatter")
    code = sentence.pick("qi", indicator_options(catalogue, lang))
    sentence.words("scatter_and")
    other = sentence.pick("qi2", scattered_options(catalogue, catalogue[code], lang))
    sentence.words("scatter_by")
    by, township = _where(sentence, view, BY[:2])
    sentence.words("comma")
    return Query("scatter", code, by=by, township=township, other=other)


def _where(sentence: _Sentence, view: View, offered: tuple[str, ...]) -> tuple[str, str | None]:
    """By what is listed, and the township whose villages are; villages only as far as the viewer may read them."""
    lang, names = view.lang, township_names(view)
    readable = [code for code in names if view.villages_of is None or code in view.villages_of]
    by = sentence.pick(
        "qby",
        {code: text(f"query.by.{code}", lang) for code in offered if code != "village" or readable},
        why="no_villages" if asked("qby") == "village" else "general",
    )
    if by != "village":
        return by, None
    sentence.words("of")
    forbidden = names.get(asked("qin"))
    facts = {"township": place_name(forbidden, lang)} if forbidden else {}
    options = {code: place_name(names[code], lang) for code in readable}
    return by, sentence.pick("qin", options, why="rights" if forbidden else "general", **facts)


def _months(view: View, version: DataVersion) -> None:
    """Quarters and years at hand; what stands in the row of filters is among them, whatever it is."""
    first, last = version.first_month or view.first, version.last_month or view.last
    offered = quarter_options(first, last, view.lang)
    chosen = (view.first, view.last)
    options = {chosen: span_words(*chosen, view.lang)} | offered
    st.session_state["query_months"] = chosen
    st.selectbox(
        text("query.label.months", view.lang),
        list(options),
        key="query_months",
        format_func=options.__getitem__,
        on_change=_months_chosen,
        args=(default_months(first, last),),
        width=round(text_width(options[chosen], size=_WORD_SIZE)) + _ROOM,
    )


def _months_chosen(default: tuple[int, int]) -> None:
    first, last = st.session_state["query_months"]
    if (first, last) == default:
        choose(first=None, last=None)
    else:
        choose(first=first, last=last)
