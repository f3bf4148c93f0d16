"""Findings as sentences, in both languages: the facts of a rule and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final, NamedTuple

from indicators.catalogue import Catalogue, Indicator
from indicators.claims import Finding
from indicators.language_files import FOLDER, read_folder, text
from indicators.printed_figures import (
    number,
    percent_at_least,
    percent_interval,
    percent_of,
    points,
    points_interval,
    target_text,
)
from indicators.sentences import unit_text

MOST_NAMED: Final = 3
_COUNTS: Final = (
    "short", "x", "n", "count", "tested", "named_count", "places_tested", "places_same", "places_opposite",
    "gaps_examined", "cases", "invited", "answered", "months",
)  # fmt: skip
_VALUES: Final = ("value", "rest_value", "now_value", "before_value", "ahead_value", "behind_value", "centre")


class Words(NamedTuple):
    """A finding as a sentence, and what stands small under it: how it was tested."""

    sentence: str
    note: str


def finding_words(finding: Finding, catalogue: Catalogue, names: Mapping[str, str], lang: str) -> Words:
    """One finding in ``lang``. ``names`` are the names of places by code, in that language; unknown codes are left out.

    Raises KeyError for an indicator or a pairing that the catalogue does not hold.
    """
    indicator = catalogue[str(finding.indicator)]
    facts = finding.facts
    counted = facts.get("short", facts.get("cases", facts.get("n", 0)))
    said: dict[str, Any] = {
        "indicator": indicator.name[lang],
        "unit": unit_text(indicator, lang, count=counted),
        "units": unit_text(indicator, lang, count=facts.get("n", 0)),
    }
    if "pairing" in facts:
        pairing = catalogue.pairings[str(facts["pairing"])]
        groups = {"a": pairing.a.name[lang], "b": pairing.b.name[lang]}
        said |= {"pairing": pairing.name[lang], "ahead": groups.get(str(facts.get("ahead")), ""),
                 "behind": groups.get(str(facts.get("behind")), "")}  # fmt: skip
    said |= _figures(facts, indicator, lang)
    named = [names[code] for code in facts.get("named", ()) if code in names]
    said["named"] = ("、" if lang == "zh" else ", ").join(named[:MOST_NAMED])
    said["more"] = text("findings.more", lang, count=len(named)) if len(named) > MOST_NAMED else ""
    endings = _endings(facts, indicator, named)
    return Words(
        text(_key("told", finding.rule, endings, lang), lang, **said).strip(),
        text(_key("note", finding.rule, endings, lang), lang, **said).strip(),
    )


def _endings(facts: Mapping[str, Any], indicator: Indicator, named: list[str]) -> list[str]:
    """What is special about the facts, in the order in which the keys of the sentences say it."""
    endings = ["_lower"] if indicator.better == "lower" else []
    if "named" in facts:
        endings += ["_unnamed"] if not named else ["_all"] if len(named) == facts.get("count") else []
    return [*endings, "_alone"] if facts.get("places_tested") == 0 else endings


def _key(kind: str, rule: str, endings: list[str], lang: str) -> str:
    """The sentence written for as many of the endings as there is one for; the first are the most important."""
    written = read_folder(FOLDER, lang)
    for kept in sorted(_choices(endings), key=lambda one: (-len(one), [endings.index(part) for part in one])):
        key = f"findings.{kind}.{rule}{''.join(kept)}"
        if key in written:
            return key
    return f"findings.{kind}.{rule}"


def _choices(endings: list[str]) -> list[tuple[str, ...]]:
    return [kept for size in range(len(endings) + 1) for kept in combinations(endings, size)]


def _figures(facts: Mapping[str, Any], indicator: Indicator, lang: str) -> dict[str, Any]:
    """The plain facts as figures: shares as percentages, sizes as percentage points, counts as numbers."""
    said: dict[str, Any] = {name: number(float(facts[name])) for name in _COUNTS if name in facts}
    n = float(facts.get("n") or 0)
    said |= {name: _value(float(facts[name]), indicator, n, lang) for name in _VALUES if name in facts}
    for name in ("size", "size_now", "size_before"):
        if name in facts:
            said[name] = _size(abs(float(facts[name])), indicator, lang)
    for name in ("expected", "places_by_chance"):
        if name in facts:
            said[name] = number(float(facts[name]), decimals=1)
    if "lowest" in facts:
        said["lowest"] = percent_at_least(facts["satisfied"], facts["invited"])
    for name in ("reach", "share"):
        if name in facts:
            said[name] = percent_of(min(1.0, float(facts[name])), n=n)
    if "target" in facts:
        said["target"] = target_text(float(facts["target"]))
        said["interval"] = percent_interval(float(facts["low"]), float(facts["high"]), n=n)
    elif "low" in facts:
        said["interval"] = _range(float(facts["low"]), float(facts["high"]), indicator, lang)
    if "change" in facts:
        said["way"] = text(f"findings.way.{facts['change']}", lang)
    return said


def _value(value: float, indicator: Indicator, n: float, lang: str) -> str:
    if indicator.counts_share:
        return percent_of(value, n=n)
    return f"{number(value, decimals=1)}{'' if lang == 'zh' else ' '}{indicator.unit[lang]}"


def _size(size: float, indicator: Indicator, lang: str) -> str:
    if indicator.counts_share:
        return points(size, lang, signed=False)
    return f"{number(size, decimals=1)}{'' if lang == 'zh' else ' '}{indicator.unit[lang]}"


def _range(low: float, high: float, indicator: Indicator, lang: str) -> str:
    """The range of the size of a difference, whichever way it goes."""
    least, most = sorted((abs(low), abs(high)))
    if indicator.counts_share:
        return points_interval(least, most, lang)
    return f"{number(least, decimals=1)}–{number(most, decimals=1)}"
