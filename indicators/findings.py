"""The few findings of the overview: chosen by rule from tested facts. No sentence is written here.

Every claim carries a p-value; all claims that were examined are judged together (false discovery rate 5 %), so that
looking at many indicators does not by itself produce findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator, Pairing
from indicators.exact_tests import fdr
from indicators.targets import cases_over, cases_short, target_tails
from indicators.verdicts import LOOK, Verdict, expected_flags

FACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "target_missed": ("value", "low", "high", "target", "x", "n", "short"),
        "target_met": ("value", "low", "high", "target", "x", "n"),
        "gap": (
            "pairing", "ahead", "behind", "size", "low", "high", "ahead_value", "behind_value", "as_paper",
            "places_tested", "places_same", "places_opposite", "places_by_chance", "gaps_examined",
        ),
        "gap_growing": ("pairing", "size_now", "size_before", "ahead"),
        "gap_shrinking": ("pairing", "size_now", "size_before", "ahead"),
        "places_worse": ("count", "expected", "tested", "named", "named_count"),
        "place_much_worse": ("count", "expected", "tested", "named", "named_count"),
        "places_alike": ("tested", "count", "expected"),
        "change_for_worse": ("change", "size", "low", "high", "now_value", "before_value"),
        "change_for_better": ("change", "size", "low", "high", "now_value", "before_value"),
    }
)  # fmt: skip
"""The facts of every rule, in units of the indicator's value (shares for proportions); the wording may use these."""

_IMPORTANCE: Mapping[str, float] = MappingProxyType(
    {
        "target_missed": 8, "gap": 7, "places_worse": 6, "change_for_worse": 6, "gap_growing": 5, "place_much_worse": 5,
        "change_for_better": 4, "gap_shrinking": 4, "target_met": 3, "places_alike": 1,
    }
)  # fmt: skip
_FULL_SIZE = 0.1
"""A distance of ten percentage points (for ratios: of ten per cent) counts fully towards the weight."""

OVERVIEW_PAGE, GAPS_PAGE = "briefing/overview", "gaps/pairings"


@dataclass(frozen=True)
class IndicatorEvidence:
    """What is known of one indicator: ``district`` the one row of ``rate_table(by=())`` for the whole area,
    ``places`` the ``verdict_table`` of its townships, ``change`` the one row of ``change_table(by=())``.
    """

    indicator: Indicator
    district: pd.DataFrame
    places: pd.DataFrame | None = None
    change: pd.DataFrame | None = None


@dataclass(frozen=True)
class GapEvidence:
    """What is known of one gap: ``district`` the one row of ``gap_table(by=())``, ``before`` the same for the earlier
    period, ``change`` the one row of ``gap_change(district, before, by=())``, ``places`` the same by township.
    """

    indicator: Indicator
    pairing: Pairing
    district: pd.DataFrame
    before: pd.DataFrame | None = None
    change: pd.DataFrame | None = None
    places: pd.DataFrame | None = None


@dataclass(frozen=True)
class Finding:
    """One finding: the rule that made it, its facts (names in ``FACTS``), weight, indicator and page."""

    rule: str
    facts: Mapping[str, Any]
    weight: float
    indicator: str | None
    link: str


@dataclass(frozen=True)
class _Claim:
    """A finding that was examined: ``p`` if chance alone made it, ``holds`` whether its own test bears it out."""

    rule: str
    indicator: Indicator
    p: float
    holds: bool
    size: float
    link: str = OVERVIEW_PAGE
    facts: dict[str, Any] = field(default_factory=dict)


def overview_findings(
    evidence: Sequence[IndicatorEvidence], gaps: Sequence[GapEvidence] = (), *, limit: int = 3
) -> list[Finding]:
    """At most ``limit`` findings, weightiest first; an empty list where nothing is borne out.

    Rules: target missed or met by the whole area, only if the 95 % interval excludes the target; the widest real gap
    of each pairing, with the number of townships that show it beside the number chance would show; a gap that grows
    or shrinks; townships below the rest, if they are more than chance would flag or if one may be named (much_worse);
    a real change; townships that cannot be told apart (a test that found nothing, not proof that they are equal).
    Each rule speaks once before any speaks twice. Leave provisional months out of the frames.

    Call it so::

        overview_findings(
            [IndicatorEvidence(one, district=rates, places=verdict_table(rates_by_place, one), change=change)],
            [GapEvidence(one, pairing, district=gap, places=gaps_by_place)],
        )
    """
    examined = [
        *(claim for one in evidence for claim in _of_indicator(one)),
        *_of_gaps(gaps),
    ]
    stands = fdr(np.array([claim.p for claim in examined]))
    kept = [claim for claim, stand in zip(examined, stands, strict=True) if claim.holds and stand]
    kept += [claim for one in evidence for claim in _alike(one)]
    findings = [_finding(claim) for claim in _widest_gap_per_pairing(_without_repeats(kept))]
    findings.sort(key=lambda one: (-one.weight, one.rule, one.indicator or "", one.facts.get("pairing", "")))
    first: list[Finding] = []
    later: list[Finding] = []
    for finding in findings:
        (later if any(finding.rule == one.rule for one in first) else first).append(finding)
    return (first + later)[:limit]


def _of_indicator(one: IndicatorEvidence) -> Iterator[_Claim]:
    if one.indicator.better == "neutral" or one.indicator.interval == "none":
        return
    yield from _target(one)
    yield from _places_worse(one)
    yield from _changed(one)


def _target(one: IndicatorEvidence) -> Iterator[_Claim]:
    row, target = one.district.iloc[0], one.indicator.target
    if target is None or row["state"] != "value":
        return
    x, n, low, high = int(row["x"]), int(row["n"]), float(row["low"]), float(row["high"])
    value, p = float(row["value"]), min(1.0, 2 * min(target_tails(x, n, target=target)))
    facts = {"value": value, "low": low, "high": high, "target": target, "x": x, "n": n}
    missed, short = value < target, cases_short(x, n, target=target)
    if one.indicator.better == "lower":
        missed, short = value > target, cases_over(x, n, target=target)
    excluded = not low <= target <= high
    rule = "target_missed" if missed else "target_met"
    facts |= {"short": short} if missed else {}
    yield _Claim(rule, one.indicator, p, excluded, abs(value - target), facts=facts)


def _places_worse(one: IndicatorEvidence) -> Iterator[_Claim]:
    if one.places is None:
        return
    places, flags = one.places, expected_flags(one.places, one.indicator)
    if one.indicator.better == "higher":
        count, expected, p, tail = flags.observed_low, flags.expected_low, flags.p_low, "p_low"
    else:
        count, expected, p, tail = flags.observed_high, flags.expected_high, flags.p_high, "p_high"
    if not flags.tested:
        return
    much = places[(places["verdict"] == Verdict.MUCH_WORSE) & ~places["immaterial"]]
    named = tuple(str(code) for code in much.get("place", pd.Series(dtype=str)))
    facts = {
        "count": count, "expected": expected, "tested": flags.tested, "named": named, "named_count": len(much),
    }  # fmt: skip
    size = count / flags.tested * _FULL_SIZE
    yield _Claim("places_worse", one.indicator, p, count > expected, size, facts=facts)
    lowest = float(np.nanmin(places[tail].to_numpy(dtype=np.float64)))
    single = min(1.0, lowest * flags.tested)
    yield _Claim("place_much_worse", one.indicator, single, len(much) > 0, size, facts=facts)


def _alike(one: IndicatorEvidence) -> Iterator[_Claim]:
    """Nothing found is reported only where at least ten places were tested and neither side is flagged too often."""
    if one.places is None or one.indicator.interval == "none":
        return
    flags = expected_flags(one.places, one.indicator)
    extreme = one.places["verdict"].str.startswith("much_").any()
    if flags.tested >= 10 and not extreme and min(flags.p_low, flags.p_high) > 0.05:
        facts = {
            "tested": flags.tested,
            "count": flags.observed_low + flags.observed_high,
            "expected": flags.expected_low + flags.expected_high,
        }
        yield _Claim("places_alike", one.indicator, 0.0, True, 0.0, facts=facts)


def _changed(one: IndicatorEvidence) -> Iterator[_Claim]:
    if one.change is None:
        return
    row = one.change.iloc[0]
    if pd.isna(row["change"]):
        return
    rule = "change_for_better" if row["good"] is True else "change_for_worse"
    bounds = sorted(abs(float(row[name])) for name in ("low", "high"))
    now, before, size = (float(row[name]) for name in ("now_value", "before_value", "difference"))
    facts = {
        "change": str(row["change"]), "size": abs(size), "low": bounds[0], "high": bounds[1],
        "now_value": now, "before_value": before,
    }  # fmt: skip
    size = abs(size) if one.indicator.counts_share else abs(size) / max(before, 1e-12)
    yield _Claim(rule, one.indicator, float(row["p"]), row["change"] in ("up", "down"), size, facts=facts)


def _of_gaps(gaps: Sequence[GapEvidence]) -> Iterator[_Claim]:
    tested = [one for one in gaps if one.indicator.better != "neutral" and pd.notna(one.district.iloc[0]["ahead"])]
    for one in tested:
        yield _gap(one, examined=len(tested))
        yield from _moving_gap(one)


def _gap(one: GapEvidence, *, examined: int) -> _Claim:
    row = one.district.iloc[0]
    ahead = row["ahead"]
    if ahead not in ("a", "b"):
        return _Claim("gap", one.indicator, float(row["p"]), False, 0.0)
    behind = "b" if ahead == "a" else "a"
    tested = same = opposite = 0
    if one.places is not None:
        tested = int(one.places["ahead"].notna().sum())
        same, opposite = (int((one.places["ahead"] == side).sum()) for side in (ahead, behind))
    bounds = sorted(abs(float(row[name])) for name in ("low", "high"))
    paper = one.pairing.paper_ahead
    facts = {
        "pairing": one.pairing.code, "ahead": ahead, "behind": behind, "size": abs(float(row["difference"])),
        "low": bounds[0], "high": bounds[1],
        "ahead_value": float(row[f"{ahead}_value"]), "behind_value": float(row[f"{behind}_value"]),
        "as_paper": None if paper is None else paper == ahead,
        "places_tested": tested, "places_same": same, "places_opposite": opposite,
        "places_by_chance": LOOK * tested, "gaps_examined": examined,
    }  # fmt: skip
    return _Claim("gap", one.indicator, float(row["p"]), True, _share(one, facts["size"]), link=GAPS_PAGE, facts=facts)


def _moving_gap(one: GapEvidence) -> Iterator[_Claim]:
    if one.change is None or one.before is None or pd.isna(one.change.iloc[0]["change"]):
        return
    row = one.change.iloc[0]
    now, before = (abs(float(frame.iloc[0]["difference"])) for frame in (one.district, one.before))
    rule = "gap_growing" if row["change"] == "growing" else "gap_shrinking"
    ahead = (one.district if rule == "gap_growing" else one.before).iloc[0]["ahead"]
    facts = {"pairing": one.pairing.code, "size_now": now, "size_before": before, "ahead": ahead}
    holds = row["change"] in ("growing", "shrinking") and ahead in ("a", "b") and not bool(row["reversed"])
    size = _share(one, abs(now - before))
    yield _Claim(rule, one.indicator, float(row["p"]), holds, size, link=GAPS_PAGE, facts=facts)


def _share(one: GapEvidence, size: float) -> float:
    """A size as a share; the gap of a ratio relative to the larger of its two values."""
    if one.indicator.counts_share:
        return size
    row = one.district.iloc[0]
    return size / max(float(row["a_value"]), float(row["b_value"]), 1e-12)


def _without_repeats(claims: list[_Claim]) -> list[_Claim]:
    """Without the single places of an indicator whose number of places is reported anyway."""
    counted = {claim.indicator.code for claim in claims if claim.rule == "places_worse"}
    return [one for one in claims if one.rule != "place_much_worse" or one.indicator.code not in counted]


def _widest_gap_per_pairing(claims: list[_Claim]) -> list[_Claim]:
    widest: dict[str, _Claim] = {}
    others = []
    for claim in claims:
        if claim.rule != "gap":
            others.append(claim)
        elif (claim.size, claim.indicator.code) > _size(widest.get(claim.facts["pairing"])):
            widest[claim.facts["pairing"]] = claim
    return others + list(widest.values())


def _size(claim: _Claim | None) -> tuple[float, str]:
    """What claims are ordered by; the code settles equal sizes whatever the order they came in."""
    return (-1.0, "") if claim is None else (claim.size, claim.indicator.code)


def _finding(claim: _Claim) -> Finding:
    weight = _IMPORTANCE[claim.rule] + min(1.0, claim.size / _FULL_SIZE)
    return Finding(claim.rule, MappingProxyType(claim.facts), weight, claim.indicator.code, claim.link)
