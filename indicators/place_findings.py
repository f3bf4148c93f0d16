"""What matters in one township: a few sentences by rule, with how many indicators were looked at.

The rules are those of a head who is asked tomorrow: what is clearly below or above the others, which target is missed
and by how many cases, what has really changed, what has drifted for months, which villages make the difference, and
where a high satisfaction rate rests on few people reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.claims import Claim, Finding, change_claim, ranked, standing, target_claim
from indicators.exact_tests import exact_tails, two_sided
from indicators.findings import GapEvidence, cases_from_rest
from indicators.run_rules import RUN
from indicators.targets import cases_over, cases_short
from indicators.verdicts import LOOK, Verdict, expected_flags

PLACE_FACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "place_worse": ("value", "rest_value", "size", "low", "high", "x", "n"),
        "place_better": ("value", "rest_value", "size", "low", "high", "x", "n"),
        "place_target_missed": ("value", "low", "high", "target", "x", "n", "short"),
        "place_target_met": ("value", "low", "high", "target", "x", "n"),
        "place_target_open": ("value", "low", "high", "target", "x", "n", "short"),
        "place_change_for_worse": ("change", "size", "low", "high", "now_value", "before_value"),
        "place_change_for_better": ("change", "size", "low", "high", "now_value", "before_value"),
        "place_run_for_worse": ("months", "centre", "value", "n"),
        "place_run_for_better": ("months", "centre", "value", "n"),
        "villages_main": ("count", "expected", "tested", "named", "cases", "share"),
        "villages_worse": ("count", "expected", "tested", "named"),
        "villages_alike": ("tested", "count", "expected"),
        "survey_unsure": ("value", "n", "satisfied", "invited", "answered", "lowest", "reach"),
        "place_gap": ("pairing", "ahead", "behind", "size", "low", "high", "ahead_value", "behind_value"),
    }
)
"""The facts of every rule about one place, in units of the indicator's value; the wording may use these."""

PLACE_PAGE, GAPS_PAGE = "places/township", "gaps/pairings"
BASELINE_MONTHS = 12
"""Months before a run that its usual level rests on; with fewer there is no usual level."""
REACH = 0.8
"""Below this share of people reached at call-back, a satisfaction rate is told with its bound."""
MATERIAL = 0.003
MAIN_SHARE = 0.5
"""From this share of a place's distance on, villages are said to be mostly why."""


@dataclass(frozen=True)
class PlaceEvidence:
    """What is known of one indicator in one place.

    ``judged`` is the place's row of the ``verdict_table`` of all places; ``change`` its row of a ``change_table``;
    ``months`` its ``rate_table`` by month (with a boolean column provisional where months are not wholly due);
    ``villages`` the ``verdict_table`` of its villages against each other; ``called_back`` how many people were called
    back, for an indicator whose cases are the people reached.
    """

    indicator: Indicator
    judged: Mapping[str, Any]
    change: Mapping[str, Any] | None = None
    months: pd.DataFrame | None = None
    villages: pd.DataFrame | None = None
    called_back: int | None = None


@dataclass(frozen=True)
class PlaceFindings:
    """The findings, what touches most people or units first, and how many indicators were looked at for them."""

    findings: tuple[Finding, ...]
    indicators_examined: int


def place_findings(
    evidence: Sequence[PlaceEvidence], gaps: Sequence[GapEvidence] = (), *, limit: int = 5
) -> PlaceFindings:
    """At most ``limit`` findings about one place; none where nothing is borne out.

    Clearly worse or better than the rest, and not immaterially so; target missed or met, only if the 95 % interval
    excludes it, else the cases short by plain count; a real change; ``RUN`` months or more on one side of the usual
    level; villages worse than the rest of the place, if they are more than chance would flag, and that they are mostly
    why the place is behind, if they make half of its distance; villages that cannot be told apart; a rate whose people
    were reached in fewer than 80 % of calls; the place's own gaps (``district`` of the evidence is the place's row).
    All tested claims share one false discovery rate of 5 %. Indicators without a better direction give no findings.
    """
    claims = [claim for one in evidence for claim in _of_place(one)] + [claim for one in gaps for claim in _gap(one)]
    kept = standing(claims)
    told = {(claim.rule, claim.indicator.code) for claim in kept}
    kept = [one for one in kept if not _said_already(one, told)]
    examined = {one.indicator.code for one in evidence} | {one.indicator.code for one in gaps}
    return PlaceFindings(tuple(ranked(kept, limit=limit)), len(examined))


def _said_already(claim: Claim, told: set[tuple[str, str]]) -> bool:
    """A drift is not told beside the change it is part of, nor that villages are alike beside those that are not."""
    code = claim.indicator.code
    if claim.rule == "villages_alike":
        return ("villages_worse", code) in told or ("villages_main", code) in told
    return claim.rule.startswith("place_run") and (claim.rule.replace("run", "change"), code) in told


def _of_place(one: PlaceEvidence) -> Iterator[Claim]:
    if one.indicator.better == "neutral" or one.indicator.interval != "chance":
        return
    if one.judged["state"] == "value":
        yield from _against_rest(one)
        yield from _target(one)
        yield from _survey(one)
    if one.change is not None:
        changed = change_claim(one.change, one.indicator, prefix="place_", link=PLACE_PAGE)
        yield from () if changed is None else (changed,)
    if one.months is not None:
        yield from _run(one.months, one.indicator)
    if one.villages is not None:
        yield from _villages(one, one.villages)


def _against_rest(one: PlaceEvidence) -> Iterator[Claim]:
    row = one.judged
    if not np.isfinite(row["p_low"]):
        return
    lower = row["p_low"] < row["p_high"]
    worse = lower == (one.indicator.better == "higher")
    low, high = sorted(abs(float(row[name])) for name in ("difference_low", "difference_high"))
    facts = {
        "value": float(row["value"]), "rest_value": float(row["rest_value"]), "size": abs(float(row["difference"])),
        "low": low, "high": high, "x": int(row["x"]), "n": int(row["n"]),
    }  # fmt: skip
    tail = min(float(row["p_low"]), float(row["p_high"]))
    outside = row["difference_low"] > 0 or row["difference_high"] < 0
    touches = abs(float(row["x"]) - float(row["n"]) * float(row["rest_x"]) / float(row["rest_n"]))
    holds = tail < LOOK and outside and not bool(row["immaterial"])
    rule = "place_worse" if worse else "place_better"
    yield Claim(rule, one.indicator, min(1.0, 2 * tail), holds, touches, PLACE_PAGE, facts)


def _target(one: PlaceEvidence) -> Iterator[Claim]:
    claim = target_claim(one.judged, one.indicator, prefix="place_", link=PLACE_PAGE)
    if claim is None:
        return
    yield claim
    reach = cases_over if one.indicator.better == "lower" else cases_short
    facts = dict(claim.facts)
    short = reach(facts["x"], facts["n"], target=facts["target"])
    if short and not claim.holds:
        facts["short"] = short
        yield Claim("place_target_open", one.indicator, np.nan, True, short, PLACE_PAGE, facts, tested=False)


def _survey(one: PlaceEvidence) -> Iterator[Claim]:
    invited = one.called_back
    if not invited or not one.indicator.counts_share or one.indicator.better != "higher":
        return
    if one.judged["n"] >= REACH * invited:
        return
    x, n = int(one.judged["x"]), int(one.judged["n"])
    facts = {
        "value": x / n, "n": n, "satisfied": x, "invited": int(invited), "answered": n, "lowest": x / invited,
        "reach": n / invited,
    }  # fmt: skip
    yield Claim("survey_unsure", one.indicator, np.nan, True, invited - n, PLACE_PAGE, facts, tested=False)


def _run(months: pd.DataFrame, indicator: Indicator) -> Iterator[Claim]:
    """The months at the end of the series on one side of the level of all months before them."""
    settled = months
    if "provisional" in months:
        settled = months[~months["provisional"].to_numpy(dtype=bool)]
    known = settled[settled["state"] == "value"].sort_values("month")
    x, n = (known[name].to_numpy(dtype=np.float64) for name in ("x", "n"))
    if len(known) < BASELINE_MONTHS + RUN:
        return
    month = known["month"].to_numpy(dtype=np.int64)
    ordinal = month // 100 * 12 + month % 100
    if ordinal[-1] - ordinal[-RUN] != RUN - 1 or month[-1] != settled["month"].max():
        return  # a gap ends a run, and an old run is no news
    base_x, base_n = x[:-RUN].sum(), n[:-RUN].sum()
    side = np.sign(x * base_n - n * base_x)
    if side[-1] == 0 or (side[-RUN:] != side[-1]).any():
        return
    run_x, run_n = x[-RUN:].sum(), n[-RUN:].sum()
    p = float(two_sided(exact_tails(run_x, run_n, base_x, base_n, proportion=indicator.counts_share, mid=True)))
    value, centre = run_x / run_n, base_x / base_n
    material = abs(value - centre) >= MATERIAL * (1.0 if indicator.counts_share else centre)
    better = (side[-1] > 0) == (indicator.better == "higher")
    facts = {
        "months": RUN, "centre": float(centre * indicator.per), "value": float(value * indicator.per),
        "n": int(base_n),
    }  # fmt: skip
    rule = f"place_run_for_{'better' if better else 'worse'}"
    touches = abs(run_x - run_n * centre)
    yield Claim(rule, indicator, max(p, 2.0 ** (1 - RUN)), material, touches, PLACE_PAGE, facts)


def _villages(one: PlaceEvidence, villages: pd.DataFrame) -> Iterator[Claim]:
    """Villages behind the rest of the place; only those that stand among all tested are named."""
    indicator = one.indicator
    flags = expected_flags(villages, indicator)
    if not flags.tested or not indicator.counts_share:
        return
    if indicator.better == "higher":
        count, expected, p, tail = flags.observed_low, flags.expected_low, flags.p_low, "p_low"
    else:
        count, expected, p, tail = flags.observed_high, flags.expected_high, flags.p_high, "p_high"
    flagged = villages[villages[tail] < LOOK].sort_values([tail, "place"])
    much = flagged[flagged["verdict"] == Verdict.MUCH_WORSE]
    facts = {
        "count": count, "expected": expected, "tested": flags.tested,
        "named": tuple(str(code) for code in much["place"]),
    }  # fmt: skip
    main = _main_part(one, much)
    if main is not None and count > expected:
        cases, share = main
        told = facts | {"cases": int(cases), "share": share}
        yield Claim("villages_main", indicator, p, cases >= 1, cases, PLACE_PAGE, told)
    else:
        yield Claim("villages_worse", indicator, p, count > expected, cases_from_rest(flagged), PLACE_PAGE, facts)
    extreme = villages["verdict"].str.startswith("much_").any()
    if flags.tested >= 5 and not extreme and min(flags.p_low, flags.p_high) > 0.05:
        alike = {
            "tested": flags.tested, "count": flags.observed_low + flags.observed_high,
            "expected": flags.expected_low + flags.expected_high,
        }  # fmt: skip
        yield Claim("villages_alike", indicator, np.nan, True, 0, PLACE_PAGE, alike, tested=False)


def _main_part(one: PlaceEvidence, named: pd.DataFrame) -> tuple[float, float] | None:
    """By how many cases the named villages lie behind the other places' rate, and their share of the place's distance.

    None unless the place itself is worse than the others and the named villages make at least half of the distance;
    also where the villages do not add up to the place (counted over other months).
    """
    row = one.judged
    if row["verdict"] not in (Verdict.WORSE, Verdict.MUCH_WORSE) or not len(named):
        return None
    if one.villages is None or one.villages["n"].sum() != row["n"]:
        return None
    sign = 1.0 if one.indicator.better == "higher" else -1.0
    rest = float(row["rest_x"]) / float(row["rest_n"])
    whole = sign * (rest * float(row["n"]) - float(row["x"]))
    cases = float(sign * (rest * named["n"] - named["x"]).sum())
    if whole <= 0 or cases < MAIN_SHARE * whole:
        return None
    return cases, cases / whole


def _gap(one: GapEvidence) -> Iterator[Claim]:
    row = one.district.iloc[0]
    if one.indicator.better == "neutral" or row["ahead"] is None or pd.isna(row["ahead"]):
        return
    ahead = str(row["ahead"])
    if ahead not in ("a", "b"):
        yield Claim("place_gap", one.indicator, float(row["p"]), False, 0, GAPS_PAGE)
        return
    behind = "b" if ahead == "a" else "a"
    low, high = sorted(abs(float(row[name])) for name in ("low", "high"))
    size = abs(float(row["difference"]))
    facts = {
        "pairing": one.pairing.code, "ahead": ahead, "behind": behind, "size": size, "low": low, "high": high,
        "ahead_value": float(row[f"{ahead}_value"]), "behind_value": float(row[f"{behind}_value"]),
    }  # fmt: skip
    touches = size / one.indicator.per * float(row[f"{behind}_n"])
    yield Claim("place_gap", one.indicator, float(row["p"]), True, touches, GAPS_PAGE, facts)
