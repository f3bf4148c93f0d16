"""Targets: how many cases are missing, and whether a count is clearly above or below."""

from __future__ import annotations

import math
from fractions import Fraction

from scipy import stats


def cases_short(x: int, n: int, *, target: float) -> int:
    """How many more of the ``n`` cases would have had to succeed to reach ``target`` (a share); 0 if it is reached.

    Exact: the target is taken as the decimal it is written as, so that 190 of 200 does reach 0.95.
    """
    return max(0, math.ceil(Fraction(str(target)) * n) - x)


def cases_over(x: int, n: int, *, target: float) -> int:
    """How many of the counted cases are too many where ``target`` (a share) is an upper limit; 0 if it is kept."""
    return max(0, x - math.floor(Fraction(str(target)) * n))


def target_tails(x: int, n: int, *, target: float) -> tuple[float, float]:
    """P(X ≤ x) and P(X ≥ x) among ``n`` cases if the true share were exactly ``target`` (exact binomial)."""
    return float(stats.binom.cdf(x, n, target)), float(stats.binom.sf(x - 1, n, target))
