"""Gaps in words: the title of the page, the lines beside the pointer, and where a gap comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from indicators.catalogue import Indicator, Pairing
from indicators.decomposition import Decomposition, Part, cases_to_match
from indicators.findings import GapEvidence
from ui.charts.numbers import point_ends
from ui.payloads.gap_payload import trend_words
from ui.place_names import place_name
from ui.texts import decimals_for, number, number_interval, percent, points, points_interval, state_text, text

MOST_NAMED: Final = 3
MOST_OF: Final = 2 / 3
"""From this part of a gap on it is said to be most of it."""
Row = Mapping[str, Any]


def group_names(pairing: Pairing, lang: str) -> dict[str, str]:
    """The names of both groups by side."""
    return {"a": pairing.a.name[lang], "b": pairing.b.name[lang]}


def other(side: str) -> str:
    """The other side of a pairing."""
    return "b" if side == "a" else "a"


def size_text(difference: float, indicator: Indicator, lang: str, *, n: float = 0, signed: bool = False) -> str:
    """A difference in the indicator's own unit: 3.5个百分点, 2.6 人/千人."""
    if indicator.kind == "proportion":
        return points(difference, lang, n=n, signed=signed)
    sign = "+" if signed and difference > 0 else ""
    shown = number(difference if signed else abs(difference), decimals=1)
    return f"{sign}{shown} {indicator.unit[lang]}".strip()


def interval_words(low: float, high: float, indicator: Indicator, lang: str, *, n: float = 0) -> str:
    """Both ends of the interval of a difference, without its sign where both have the same."""
    if (low < 0) == (high < 0):
        low, high = sorted((abs(low), abs(high)))
    if indicator.kind == "proportion":
        return points_interval(low, high, lang, n=n)
    return f"{number_interval(low, high)} {indicator.unit[lang]}".strip()


def title_text(evidence: GapEvidence, rows: pd.DataFrame, lang: str) -> str:
    """Who is ahead, by how much, whether it moves, and in how many townships it is so."""
    row, indicator, names = evidence.district.iloc[0], evidence.indicator, group_names(evidence.pairing, lang)
    facts: dict[str, Any] = {"indicator": indicator.name[lang], **names}
    if row["ahead"] is None:
        return text("pairings.title.unknown", lang, **facts, reason=_reason(row, lang))
    counts = rows["ahead"].value_counts()
    said = {side: int(counts.get(side, 0)) for side in ("a", "b", "none")}
    if row["ahead"] == "none":
        return text("pairings.title.none", lang, **facts, places=_places_apart(said, names, lang))
    facts |= {
        "ahead": names[row["ahead"]],
        "behind": names[other(row["ahead"])],
        "size": size_text(row["difference"], indicator, lang),
        "trend": trend_words(evidence, lang),
        "places": _places_alike(said, str(row["ahead"]), lang),
    }
    return text(f"pairings.title.{indicator.better}", lang, **facts)


def _reason(row: Row, lang: str) -> str:
    sides = [_absent(row[f"{side}_n"]) for side in "ab"]
    if any(sides) and not all(sides):
        return text("pairings.reason.one_sided", lang)
    return text(f"pairings.reason.{row['state'] if row['state'] != 'value' else 'too_few'}", lang)


def _places_alike(said: Mapping[str, int], ahead: str, lang: str) -> str:
    tested, same, opposite = sum(said.values()), said[ahead], said[other(ahead)]
    if tested <= 1:
        key = "untested" if not tested else "one" if same else "one_unclear"
    elif same == tested:
        key = "all"
    elif same:
        key = "same_and_opposite" if opposite else "same"
    else:
        key = "opposite" if opposite else "nowhere"
    return text(f"pairings.places.{key}", lang, tested=tested, same=same, opposite=opposite)


def _places_apart(said: Mapping[str, int], names: Mapping[str, str], lang: str) -> str:
    tested = sum(said.values())
    if not tested:
        return text("pairings.places.untested", lang)
    parts = [text("pairings.places.part", lang, group=names[side], count=said[side]) for side in "ab" if said[side]]
    if not parts:
        return text("pairings.places.none_apart", lang, tested=tested)
    joined = ("、" if lang == "zh" else ", ").join(parts)
    return text("pairings.places.some_apart", lang, tested=tested, parts=joined)


def gap_words(row: Row, indicator: Indicator, names: Mapping[str, str], lang: str) -> str:
    """One gap with its interval, or why it is not judged."""
    if row["ahead"] is None or pd.isna(row["difference"]):
        return _state_words(row, lang)
    n = min(row["a_n"], row["b_n"])
    facts = {"size": size_text(row["difference"], indicator, lang, n=n),
             "interval": interval_words(row["low"], row["high"], indicator, lang, n=n)}  # fmt: skip
    if row["ahead"] == "none":
        return text("pairings.map.unclear", lang, **facts)
    return text(f"pairings.map.lead{_ending(indicator)}", lang, group=names[row["ahead"]], **facts)


def _state_words(row: Row, lang: str) -> str:
    if one_sided(row):
        return text("pairings.map.only_one", lang)
    return state_text(str(row["state"]) if row["state"] != "value" else "too_few", lang)


def one_sided(row: Row) -> bool:
    """Whether exactly one of the groups has cases."""
    return _absent(row["a_n"]) != _absent(row["b_n"])


def sides_words(row: Row, indicator: Indicator, names: Mapping[str, str], lang: str) -> str:
    """Both groups with value and n; the state in words for a group without a value."""
    parts = []
    for side in "ab":
        if _absent(row[f"{side}_n"]) or pd.isna(row[f"{side}_value"]):
            state = "no_data" if _absent(row[f"{side}_n"]) else str(row["state"])
            parts.append(text("pairings.map.side_missing", lang, group=names[side], state=state_text(state, lang)))
        else:
            value = side_value(row, side, indicator)
            parts.append(text("pairings.map.side", lang, group=names[side], value=value, n=number(row[f"{side}_n"])))
    return text("pairings.map.join", lang).join(parts)


def side_value(row: Row, side: str, indicator: Indicator) -> str:
    """One group's value as printed."""
    if indicator.kind == "proportion":
        return percent(row[f"{side}_x"], row[f"{side}_n"])
    return number(row[f"{side}_value"], decimals=1)


def change_words(change: Row | None, before: Row | None, indicator: Indicator, names: Mapping[str, str], *,
                 lang: str, than: str) -> str:  # fmt: skip
    """Whether a place's gap grows or shrinks against the earlier period, and what it was then."""
    if change is None or before is None or change["change"] is None or pd.isna(before["difference"]):
        return text("pairings.change.unknown", lang)
    if before["difference"] == 0:
        lead = text("pairings.change.before_even", lang)
        return text(f"pairings.change.{change['change']}", lang, than=than, before=lead)
    leader = "a" if (before["difference"] > 0) == (indicator.better != "lower") else "b"
    lead = text(f"pairings.change.before_lead{_ending(indicator)}", lang, group=names[leader],
                size=size_text(before["difference"], indicator, lang))  # fmt: skip
    return text(f"pairings.change.{change['change']}", lang, than=than, before=lead)


def _ending(indicator: Indicator) -> str:
    return {"lower": "_lower", "neutral": "_neutral"}.get(indicator.better, "")


@dataclass(frozen=True)
class Makeup:
    """Where a gap comes from, in words: an opening, its two parts (figure, what it is) and remarks."""

    opening: str
    parts: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


def makeup_words(
    evidence: GapEvidence, parts: Decomposition | None, places: Mapping[str, str], *, area: str, lang: str
) -> Makeup:
    """The district's gap as two parts, the townships that make most of it, and what would close it."""
    row, indicator = evidence.district.iloc[0], evidence.indicator
    if parts is None or row["ahead"] is None:
        return Makeup(text("pairings.makeup.nothing", lang))
    # Told from the side that is ahead (or higher), so that the parts add up to a positive gap.
    sign = -1.0 if row["difference"] < 0 else 1.0

    def said(key: str, part: Part) -> tuple[str, str]:
        low, high = sorted((sign * part.low, sign * part.high))
        interval = points_interval(low, high, lang)
        return points(sign * part.value, lang), text(f"pairings.makeup.{key}", lang, interval=interval)

    names = group_names(evidence.pairing, lang)
    remarks = []
    if parts.offsetting:
        remarks.append(text("pairings.makeup.offsetting", lang))
    if row["ahead"] in ("a", "b"):
        ahead, behind = str(row["ahead"]), other(str(row["ahead"]))
        for key, part in (("level", parts.level), ("composition", parts.composition)):
            if not parts.offsetting and part.clear and part.value / row["difference"] >= MOST_OF:
                remarks.append(text(f"pairings.makeup.mostly_{key}", lang, behind=names[behind]))
        named = _main_places(parts, sign, places, lang)
        if named and parts.level.clear and sign * parts.level.value > 0:
            remarks.append(text("pairings.makeup.places", lang, places=named))
        remarks.append(_to_match(row, ahead, behind, indicator, names, lang))
    if parts.one_sided:
        remarks.append(text("pairings.makeup.one_sided", lang, count=parts.one_sided))
    return Makeup(
        text("pairings.makeup.all", lang, area=area, size=points(row["difference"], lang, signed=False)),
        (said("level", parts.level), said("composition", parts.composition)),
        tuple(remarks),
    )


def _main_places(parts: Decomposition, sign: float, places: Mapping[str, str], lang: str) -> str:
    """The townships that make most of the difference within townships, biggest first."""
    share = (parts.strata.set_index("place")["level"] * sign).sort_values(ascending=False, kind="stable")
    main = [(str(code), size) for code, size in share.head(MOST_NAMED).items() if size >= 0.0005]
    named = [
        text("pairings.makeup.place", lang, place=place_name(places[code], lang), size=points(size, lang, signed=False))
        for code, size in main
        if code in places
    ]
    return ("、" if lang == "zh" else ", ").join(named)


def _to_match(row: Row, ahead: str, behind: str, indicator: Indicator, names: Mapping[str, str], lang: str) -> str:
    x, n, other_x, other_n = (int(row[name]) for name in (f"{behind}_x", f"{behind}_n", f"{ahead}_x", f"{ahead}_n"))
    needed = cases_to_match(x, n, other_x=other_x, other_n=other_n, better=indicator.better)
    key = "pairings.makeup.to_match_lower" if indicator.better == "lower" else "pairings.makeup.to_match"
    return text(key, lang, ahead=names[ahead], behind=names[behind], k=number(needed), x=number(x), n=number(n),
                counted=indicator.numerator_text[lang])  # fmt: skip


def signed_points(difference: float, indicator: Indicator, *, n: float) -> str:
    """A difference as a bare signed figure for a column whose heading names the unit."""
    scale, decimals = (100, decimals_for(n)) if indicator.kind == "proportion" else (1, 1)
    shown = number(difference * scale, decimals=decimals)
    return f"+{shown}" if difference > 0 and not shown.startswith("−") else shown


def signed_interval(low: float, high: float, indicator: Indicator, lang: str, *, n: float) -> str:
    """Both ends of the interval of a difference with their signs, for a column whose heading names the unit."""
    if indicator.kind == "proportion":
        ends = point_ends(low, high, n=n)
    else:
        ends = tuple(number(end, decimals=1) for end in (math.floor(low * 10) / 10, math.ceil(high * 10) / 10))
    return text("charts.interval", lang, low=ends[0], high=ends[1])


def _absent(cases: Any) -> bool:
    """Whether a group has no cases; for numbers of cases only: a rate of zero is a rate."""
    return cases is None or pd.isna(cases) or cases == 0
