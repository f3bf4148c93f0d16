"""From claims that were examined to the few findings that are told.

A claim is what a rule could say of the figures, with the p-value of its own test. All claims examined together are
judged together (false discovery rate 5 %), so that looking at many indicators does not by itself produce findings.
What stands is ranked by how many people or units it touches and cut to the number asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from indicators.catalogue import Indicator
from indicators.exact_tests import fdr
from indicators.targets import cases_over, cases_short, target_tails


@dataclass(frozen=True)
class Finding:
    """One finding: the rule that made it, the facts it rests on, how many people or units it touches, indicator, page.

    ``touches`` counts what its indicator counts (issues, checks, residents, units): those that would have turned out
    otherwise had the finding not held, such as the issues short of a target or the checks a group behind has lost.
    """

    rule: str
    facts: Mapping[str, Any]
    touches: int
    indicator: str | None
    link: str


@dataclass(frozen=True)
class Claim:
    """What was examined: ``p`` if chance alone made it, ``holds`` whether its own test and chart bear it out.

    ``tested`` False marks a statement of plain counts (还差 k 件): no test has to bear it out, and it takes no part in
    the false discovery rate.
    """

    rule: str
    indicator: Indicator
    p: float
    holds: bool
    touches: float
    link: str
    facts: dict[str, Any] = field(default_factory=dict)
    tested: bool = True


def standing(claims: Sequence[Claim], *, alpha: float = 0.05) -> list[Claim]:
    """The claims that hold and stand among all that were examined, in the order given."""
    stands = fdr(np.array([claim.p if claim.tested else np.nan for claim in claims]), alpha=alpha)
    return [claim for claim, stand in zip(claims, stands, strict=True) if claim.holds and (stand or not claim.tested)]


def ranked(claims: Sequence[Claim], *, limit: int) -> list[Finding]:
    """At most ``limit`` findings, those that touch most first; no rule, no indicator speaks twice before the others."""
    findings = [
        Finding(one.rule, MappingProxyType(one.facts), _whole(one.touches), one.indicator.code, one.link)
        for one in claims
    ]
    findings.sort(key=lambda one: (-one.touches, one.rule, one.indicator or "", str(one.facts.get("pairing", ""))))
    first: list[Finding] = []
    later: list[Finding] = []
    for finding in findings:
        repeats = any(finding.rule == one.rule or finding.indicator == one.indicator for one in first)
        (later if repeats else first).append(finding)
    return (first + later)[: max(0, limit)]


def _whole(touches: float) -> int:
    """Whole units, rounded down but for what binary fractions lose."""
    return math.floor(touches + 1e-6)


def target_claim(row: Mapping[str, Any], indicator: Indicator, *, prefix: str, link: str) -> Claim | None:
    """Whether the row of a ``rate_table`` misses or meets its target beyond chance; None where there is none to test.

    Exact binomial tails; it holds only if the 95 % interval excludes the target.
    """
    target = indicator.target
    if target is None or row["state"] != "value" or indicator.interval != "chance":
        return None
    x, n, low, high, value = int(row["x"]), int(row["n"]), *(float(row[name]) for name in ("low", "high", "value"))
    facts: dict[str, Any] = {"value": value, "low": low, "high": high, "target": target, "x": x, "n": n}
    p = min(1.0, 2 * min(target_tails(x, n, target=target)))
    backward = indicator.better == "lower"
    missed = value > target if backward else value < target
    short = cases_over(x, n, target=target) if backward else cases_short(x, n, target=target)
    if missed:
        facts["short"] = short
    rule = f"{prefix}target_{'missed' if missed else 'met'}"
    touches = short if missed else abs(x - target * n)
    return Claim(rule, indicator, p, not low <= target <= high, touches, link, facts)


def change_claim(row: Mapping[str, Any], indicator: Indicator, *, prefix: str, link: str) -> Claim | None:
    """Whether the row of a ``change_table`` tells a real change; None where there is nothing to compare with."""
    if row["change"] is None or not np.isfinite(row["low"]):
        return None
    now, before, size = (float(row[name]) for name in ("now_value", "before_value", "difference"))
    bounds = sorted(abs(float(row[name])) for name in ("low", "high"))
    facts = {
        "change": str(row["change"]), "size": abs(size), "low": bounds[0], "high": bounds[1],
        "now_value": now, "before_value": before,
    }  # fmt: skip
    touches = abs(size) / indicator.per * float(row["now_n"])
    rule = f"{prefix}change_for_{'better' if row['good'] is True else 'worse'}"
    return Claim(rule, indicator, float(row["p"]), row["change"] in ("up", "down"), touches, link, facts)
