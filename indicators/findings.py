"""The few findings of the overview: chosen by rule from tested facts.

How claims are judged together and ranked stands in ``claims``; the findings of one township in ``place_findings``; the
sentences, in both languages, in ``finding_words``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator, Pairing
from indicators.claims import Claim, Finding, change_claim, ranked, standing, target_claim
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


def overview_findings(
    evidence: Sequence[IndicatorEvidence], gaps: Sequence[GapEvidence] = (), *, limit: int = 3
) -> list[Finding]:
    """At most ``limit`` findings, those that touch most people or units first; none where nothing is borne out.

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
    kept = [*standing(examined), *(claim for one in evidence for claim in _alike(one))]
    return ranked(_widest_gap_per_pairing(_without_repeats(kept)), limit=limit)


def _of_indicator(one: IndicatorEvidence) -> Iterator[Claim]:
    if one.indicator.better == "neutral" or one.indicator.interval == "none":
        return
    row: dict[str, Any] = dict(one.district.iloc[0])
    target = target_claim(row, one.indicator, prefix="", link=OVERVIEW_PAGE)
    change = None
    if one.change is not None:
        change = change_claim(dict(one.change.iloc[0]), one.indicator, prefix="", link=OVERVIEW_PAGE)
    yield from (claim for claim in (target, change) if claim is not None)
    yield from _places_worse(one)


def _places_worse(one: IndicatorEvidence) -> Iterator[Claim]:
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
    flagged = places[places[tail] < LOOK]
    yield Claim(
        "places_worse", one.indicator, p, count > expected, cases_from_rest(flagged), OVERVIEW_PAGE, facts
    )  # fmt: skip
    lowest = float(np.nanmin(places[tail].to_numpy(dtype=np.float64)))
    single = min(1.0, lowest * flags.tested)
    yield Claim(
        "place_much_worse", one.indicator, single, len(much) > 0, cases_from_rest(much), OVERVIEW_PAGE, facts
    )  # fmt: skip


def cases_from_rest(judged: pd.DataFrame) -> float:
    """By how many cases the rows of a ``verdict_table`` together fall short of (or exceed) the rate of their rest."""
    x, n, rest_x, rest_n = (judged[name].to_numpy(dtype=np.float64) for name in ("x", "n", "rest_x", "rest_n"))
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nansum(np.abs(x - n * rest_x / rest_n)))


def _alike(one: IndicatorEvidence) -> Iterator[Claim]:
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
        yield Claim("places_alike", one.indicator, 0.0, True, 0.0, OVERVIEW_PAGE, facts)


def _of_gaps(gaps: Sequence[GapEvidence]) -> Iterator[Claim]:
    tested = [one for one in gaps if one.indicator.better != "neutral" and pd.notna(one.district.iloc[0]["ahead"])]
    for one in tested:
        yield _gap(one, examined=len(tested))
        yield from _moving_gap(one)


def _gap(one: GapEvidence, *, examined: int) -> Claim:
    row = one.district.iloc[0]
    ahead = row["ahead"]
    if ahead not in ("a", "b"):
        return Claim("gap", one.indicator, float(row["p"]), False, 0.0, GAPS_PAGE)
    behind = "b" if ahead == "a" else "a"
    tested = same = opposite = 0
    if one.places is not None:
        tested = int(one.places["ahead"].notna().sum())
        same, opposite = (int((one.places["ahead"] == side).sum()) for side in (ahead, behind))
    bounds = sorted(abs(float(row[name])) for name in ("low", "high"))
    paper = one.pairing.paper_ahead
    size = abs(float(row["difference"]))
    facts = {
        "pairing": one.pairing.code, "ahead": ahead, "behind": behind, "size": size,
        "low": bounds[0], "high": bounds[1],
        "ahead_value": float(row[f"{ahead}_value"]), "behind_value": float(row[f"{behind}_value"]),
        "as_paper": None if paper is None else paper == ahead,
        "places_tested": tested, "places_same": same, "places_opposite": opposite,
        "places_by_chance": LOOK * tested, "gaps_examined": examined,
    }  # fmt: skip
    return Claim("gap", one.indicator, float(row["p"]), True, _cases(one, size, behind), GAPS_PAGE, facts)


def _moving_gap(one: GapEvidence) -> Iterator[Claim]:
    if one.change is None or one.before is None or pd.isna(one.change.iloc[0]["change"]):
        return
    row = one.change.iloc[0]
    now, before = (abs(float(frame.iloc[0]["difference"])) for frame in (one.district, one.before))
    rule = "gap_growing" if row["change"] == "growing" else "gap_shrinking"
    ahead = (one.district if rule == "gap_growing" else one.before).iloc[0]["ahead"]
    facts = {"pairing": one.pairing.code, "size_now": now, "size_before": before, "ahead": ahead}
    holds = row["change"] in ("growing", "shrinking") and ahead in ("a", "b") and not bool(row["reversed"])
    touches = _cases(one, abs(now - before), "b" if ahead == "a" else "a")
    yield Claim(rule, one.indicator, float(row["p"]), holds, touches, GAPS_PAGE, facts)


def _cases(one: GapEvidence, size: float, behind: str) -> float:
    """A distance in the units of the value as cases of the group behind."""
    return size / one.indicator.per * float(one.district.iloc[0][f"{behind}_n"])


def _without_repeats(claims: list[Claim]) -> list[Claim]:
    """Without the single places of an indicator whose number of places is reported anyway."""
    counted = {claim.indicator.code for claim in claims if claim.rule == "places_worse"}
    return [one for one in claims if one.rule != "place_much_worse" or one.indicator.code not in counted]


def _widest_gap_per_pairing(claims: list[Claim]) -> list[Claim]:
    """Of one pairing only the widest gap, relative to its values for ratios; the code settles equal sizes."""
    widest: dict[str, Claim] = {}
    for claim in claims:
        if claim.rule == "gap":
            known = widest.get(claim.facts["pairing"])
            widest[claim.facts["pairing"]] = max(claim, known or claim, key=_width)
    return [claim for claim in claims if claim.rule != "gap" or widest[claim.facts["pairing"]] is claim]


def _width(claim: Claim) -> tuple[float, str]:
    size = float(claim.facts["size"])
    if not claim.indicator.counts_share:
        size /= max(claim.facts["ahead_value"], claim.facts["behind_value"], 1e-12)
    return size, claim.indicator.code
