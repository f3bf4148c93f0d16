"""Where a township stands, in four short answers: its rank, the next one, its villages, and its target in cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from indicators.gaps import gap_table
from indicators.printed_figures import target_text
from indicators.sentences import needed_sentence, rank_needed_sentence, unit_text
from indicators.targets import cases_short, cases_to_rank, new_successes_needed
from ui import cached_reads, measures
from ui.measures import View
from ui.payloads.place_tiles import rest_name
from ui.payloads.township_circle import Compared, compared
from ui.payloads.township_parts import Parts, township_parts
from ui.place_names import place_name
from ui.texts import number, number_interval, ordinal, points, points_interval, text
from ui.wording import figure_text, target_words

VILLAGES_NAMED: Final = 3
CAN_STILL_TURN: Final = ("resolution_rate", "overdue_open_rate")
"""Indicators whose cases of the past can still be put right; of the others only new cases help."""


@dataclass(frozen=True)
class Answer:
    """One of the answers: the question, the short answer, and what it rests on, line by line."""

    code: str
    question: str
    answer: str
    lines: tuple[str, ...]


@st.cache_resource(show_spinner=False, max_entries=300)
def township_standing(view: View, code: str, indicator_code: str) -> tuple[Answer, ...]:
    """The answers for the township ``code`` in one indicator; none where it has too few cases to be ranked.

    The same object for everybody: never change it. Raises KeyError for a township that is not on the register.
    """
    found = compared(view, code, indicator_code)
    if pd.isna(found.row["rank"]):
        return ()
    beside = _next_one(found)
    answers = [_rank(found), _next(found, beside)]
    if found.indicator.better != "neutral":
        parts = township_parts(view, code, indicator_code)
        answers += [_villages(found, code, parts), _needed(found, code, beside)]
    return tuple(answers)


def _rank(found: Compared) -> Answer:
    row, lang = found.row, found.view.lang
    neutral = "neutral" if found.indicator.better == "neutral" else "ranked"
    count = int(found.ranks["rank"].notna().sum())
    rank = int(row["rank"])
    key = f"{'tied' if row['tied'] else 'alone'}_{neutral}"
    answer = text(f"standing.rank.{key}", lang, rank=rank if lang == "zh" else ordinal(rank))
    lines = [text("standing.rank.among", lang, indicator=found.indicator.name[lang], count=number(count))]
    if not pd.isna(row["rank_low"]):
        low, high = int(row["rank_low"]), int(row["rank_high"])
        key = "all" if (low, high) == (1, count) and count > 1 else "one" if low == high else "range"
        lines.insert(0, text(f"standing.rank.{key}", lang, low=low, high=high))
    return Answer("rank", text("standing.rank.question", lang), answer, tuple(lines))


def _next_one(found: Compared) -> Mapping[str, Any] | None:
    """The place right ahead (the one with most cases where several share that rank); right behind for the first.

    None where nobody else has another rank.
    """
    ranks, own = found.ranks, int(found.row["rank"])
    others = ranks[ranks["rank"].notna() & (ranks["place"] != found.row["place"])]
    ahead, behind = others[others["rank"] < own], others[others["rank"] > own]
    near = ahead[ahead["rank"] == ahead["rank"].max()] if len(ahead) else behind[behind["rank"] == behind["rank"].min()]
    if near.empty:
        return None
    return {str(name): value for name, value in near.sort_values("n", ascending=False, kind="stable").iloc[0].items()}


def _next(found: Compared, beside: Mapping[str, Any] | None) -> Answer:
    """Whether the next one really differs: the difference (this one minus the other) with its interval."""
    lang, one = found.view.lang, found.indicator
    if beside is None:
        return Answer("next", text("standing.next.question_ahead", lang), text("standing.next.nobody", lang), ())
    ahead = int(beside["rank"]) < int(found.row["rank"])
    question = text(f"standing.next.question_{'ahead' if ahead else 'behind'}", lang)
    gap = gap_table(_single(found.row), _single(beside), indicator=one).iloc[0]
    known = pd.isna(gap["ahead"]) or gap["ahead"] is None
    key = "few" if known else "alike" if gap["ahead"] == "none" else "apart"
    named = text(
        f"standing.next.{'ahead' if ahead else 'behind'}", lang,
        place=place_name(_names(found)[str(beside["place"])], lang), value=figure_text(beside, one, lang),
    )  # fmt: skip
    lines = [named]
    if not pd.isna(gap["difference"]):
        lines.append(_difference(gap, found))
    return Answer("next", question, text(f"standing.next.{key}", lang), tuple(lines))


def _difference(gap: Mapping[str, Any], found: Compared) -> str:
    lang, one = found.view.lang, found.indicator
    if one.kind == "proportion":
        fewest = min(gap["a_n"], gap["b_n"])
        size = points(gap["difference"], lang, n=fewest)
        interval = "" if pd.isna(gap["low"]) else points_interval(gap["low"], gap["high"], lang, n=fewest)
    else:
        size = number(gap["difference"], decimals=1)
        ends = number_interval(gap["low"], gap["high"]) if not pd.isna(gap["low"]) else ""
        interval = ends.replace("–", text("standing.next.to", lang))
    key = "difference" if interval else "difference_plain"
    return text(f"standing.next.{key}", lang, size=size, interval=interval)


def _single(row: Mapping[str, Any]) -> pd.DataFrame:
    """One row of a rate table under a name of its own, so that two places can be set side by side."""
    return pd.DataFrame([{**{name: row[name] for name in ("x", "n", "value", "state")}, "place": "both"}])


def _names(found: Compared) -> Mapping[str, str]:
    register = cached_reads.places(found.view.scope, level="township", version=found.view.version)
    return dict(zip(register["code"], register["name"], strict=True))


def _villages(found: Compared, code: str, parts: Parts | None) -> Answer:
    """The villages that pull down most against the rate of the others."""
    lang = found.view.lang
    question = text("standing.villages.question", lang)
    if not found.view.scope.may_read(level="village", within=code):
        return Answer("villages", question, "—", (text("standing.villages.not_permitted", lang),))
    if parts is None or parts.villages is None:
        return Answer("villages", question, "—", (text("standing.villages.unknown", lang),))
    down = parts.pulling_down(parts.villages)
    against = text("standing.villages.against", lang, rest=rest_name(found.row, found.indicator, found.circle, lang))
    if down.empty:
        return Answer("villages", question, text("standing.villages.none", lang), (against,))
    named = down.head(VILLAGES_NAMED)
    answer = text("standing.villages.joined", lang).join(named["name"])
    unit, key = unit_text(found.indicator, lang), "more" if parts.lower else "fewer"
    if round(_size(named["cases"].iloc[0]), 1) < 1:
        answer = text(f"standing.villages.none_{key}", lang, unit=unit_text(found.indicator, lang, count=1))
        most = {"village": named["name"].iloc[0], "count": cases_text(named["cases"].iloc[0])}
        return Answer(
            "villages", question, answer, (text(f"standing.villages.most_{key}", lang, **most, unit=unit), against)
        )
    sizes = text("standing.villages.sizes_joined", lang).join(cases_text(cases) for cases in named["cases"])
    said = text(f"standing.villages.{key}", lang, count=sizes, unit=unit)
    others = len(down) - len(named)
    tail = text("standing.villages.others", lang, count=number(others)) if others else ""
    return Answer("villages", question, answer, (said + tail, against))


def cases_text(cases: float) -> str:
    """The size of a number of cases, one decimal, without its sign: the sentence says fewer or more."""
    return number(_size(cases), decimals=1)


def _size(cases: float) -> float:
    return cases if cases >= 0 else -cases


def _needed(found: Compared, code: str, beside: Mapping[str, Any] | None) -> Answer:
    """How many cases are missing to the target and to the next rank: arithmetic, beside the interval."""
    lang, one, row = found.view.lang, found.indicator, found.row
    x, n, question = int(row["x"]), int(row["n"]), text("standing.needed.question", lang)
    still_open = _still_open(found, code)
    lines = []
    if one.target is None or one.better == "lower":
        answer = text("standing.needed.no_target", lang)
    else:
        shown, short = target_text(one.target), cases_short(x, n, target=one.target)
        unit = unit_text(one, lang, count=short)
        key = "short" if short else "reached"
        answer = text(f"standing.needed.{key}", lang, count=number(short), unit=unit, target=shown)
        if short:
            lines.append(_way(found, one.target, x, n, still_open))
        if target_words(row, one, lang)[1] == "unclear":
            lines.append(text(f"standing.needed.unclear_{key}", lang, target=shown))
    if beside is None or int(beside["rank"]) > int(row["rank"]):
        lines.append(text("standing.needed.first", lang))
    else:
        lines.append(_rank_way(found, x, n, int(beside["rank"]), still_open))
    return Answer("needed", question, answer, tuple(lines))


def _still_open(found: Compared, code: str) -> int | None:
    """Cases past their deadline that are still open; None where that is not what the indicator waits for."""
    if found.indicator.code != "resolution_rate":
        return None
    counts = measures.read_counts(found.view, found.indicator, level="township", within=code)
    return int(counts["overdue_open"].sum())


def _way(found: Compared, target: float, x: int, n: int, still_open: int | None) -> str:
    """What would lead to the target."""
    lang, one = found.view.lang, found.indicator
    if one.code in CAN_STILL_TURN:
        unit = unit_text(one, lang)
        return needed_sentence(x, n, target=target, better=one.better, unit=unit, lang=lang, still_open=still_open)
    new = new_successes_needed(x, n, target=target)
    if new is None:
        return text("standing.needed.never", lang, target=target_text(target))
    unit = unit_text(one, lang, count=new)
    return text("standing.needed.new", lang, count=number(new), unit=unit, target=target_text(target))


def _rank_way(found: Compared, x: int, n: int, rank: int, still_open: int | None) -> str:
    """How many cases part the township from the next rank."""
    lang, one = found.view.lang, found.indicator
    known = found.ranks[found.ranks["rank"].notna() & (found.ranks["place"] != found.row["place"])]
    others = [(int(a), int(b)) for a, b in zip(known["x"], known["n"], strict=True)]
    count = cases_to_rank(x, n, others, rank=rank, better=one.better, still_open=still_open)
    unit = unit_text(one, lang, count=2 if count is None else count)
    if one.code in CAN_STILL_TURN or count is None:
        return rank_needed_sentence(count, rank, unit=unit, lang=lang)
    return text(
        "standing.needed.rank", lang,
        count=number(count), unit=unit, rank=rank if lang == "zh" else ordinal(rank),
    )  # fmt: skip
