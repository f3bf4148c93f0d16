"""The score interval and test for the difference of two proportions (Miettinen and Nurminen), for whole arrays.

How far apart can two true rates be, given x1 of n1 and x2 of n2? For every conceivable difference δ the score test asks
whether the counts would be surprising if the true difference were δ, judging chance by the two rates that fit the
counts best among those δ apart; the interval holds every δ that is not rejected. It keeps its level for small numbers
and at 0 and 100 %, and agrees with its own test, which the square-and-add interval of ``intervals`` does only nearly:
that one is what the pages show, this one is for researchers. Neither is exact; for two or three cases a side read the
mid-p test of ``exact_tests`` as well. Not for a place against a total that contains it, nor for the same cases twice.

Source: Miettinen & Nurminen 1985, Statistics in Medicine 4:213 (with the variance times N/(N−1)); without that factor
Mee 1984, Biometrics 40:1175, and Farrington & Manning 1990, Statistics in Medicine 9:1447. statsmodels 0.15 offers
the same interval but fails where a side is all or nothing (tests/published/test_published_score_intervals.py).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats
from scipy.optimize import elementwise

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, Difference


class ScoreTest(NamedTuple):
    """A score statistic (standard normal if the null difference is true) and its two-sided p."""

    statistic: Floats
    p: Floats


def miettinen_nurminen(
    x1: Any, n1: Any, x2: Any, n2: Any, *, confidence: float = CONFIDENCE, small_sample: bool = True
) -> Difference:
    """The score interval for x1/n1 minus x2/n2, as proportions, of the broadcast shape of the counts.

    The bounds are the two δ at which (p1 − p2 − δ)² = z²·V(δ), V(δ) = (p̃1(1−p̃1)/n1 + p̃2(1−p̃2)/n2)·N/(N−1), where p̃1
    and p̃2 = p̃1 − δ have the greatest likelihood; ``small_sample`` False leaves N/(N−1) out (Mee). Exactly −1 or 1
    where all of one side faces none of the other; NaN where a side has no cases.
    Raises CountError for impossible counts and MethodError for a confidence outside 0 to 1.
    """
    x1, n1, x2, n2 = _checked(x1, n1, x2, n2)
    z = float(stats.norm.ppf((1 + check_share(confidence, what="confidence", zh="置信水平")) / 2))
    shape, known = x1.shape, ((n1 > 0) & (n2 > 0)).ravel()
    x1, n1, x2, n2 = (one.ravel()[known] for one in (x1, n1, x2, n2))
    difference, low, high = (np.full(known.shape, np.nan) for _ in range(3))
    difference[known] = x1 / n1 - x2 / n2
    # The upper bound is the lower one of the sides exchanged, with its sign turned: one search finds both.
    both = (np.concatenate(pair) for pair in ((x1, x2), (n1, n2), (x2, x1), (n2, n1)))
    lows = _lower(*both, z=z, small_sample=small_sample)
    low[known], high[known] = lows[: x1.size], -lows[x1.size :]
    return Difference(difference.reshape(shape), low.reshape(shape), high.reshape(shape))


def score_test(x1: Any, n1: Any, x2: Any, n2: Any, *, null: float = 0.0, small_sample: bool = True) -> ScoreTest:
    """Test that the two true rates differ by ``null`` (first minus second), a number above −1 and below 1.

    Statistic: (p1 − p2 − null)/√V(null) with V as in ``miettinen_nurminen``; at null 0 without ``small_sample`` its
    square is Pearson's chi-square. Two sides that are both 100 % (or both 0 %) give statistic 0 and p 1 at null 0. NaN
    where a side has no cases. Raises CountError for impossible counts and MethodError for an impossible ``null``.
    """
    if not -1 < null < 1:
        raise MethodError(
            zh=f"假设的差值是{null!r}；请给出−1与1之间的数，例如0。",
            en=f"The null difference is {null!r}; give a number between -1 and 1, such as 0.",
        )
    x1, n1, x2, n2 = _checked(x1, n1, x2, n2)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = x1 / n1 - x2 / n2 - null
        error = np.sqrt(_variance(np.full(x1.shape, float(null)), x1, n1, x2, n2, small_sample=small_sample))
        statistic = np.where((distance == 0) & (error == 0), 0.0, distance / error)
    statistic = np.where((n1 > 0) & (n2 > 0), statistic, np.nan)
    return ScoreTest(statistic, np.asarray(2 * stats.norm.sf(np.abs(statistic))))


def restricted_rates(delta: Any, x1: Any, n1: Any, x2: Any, n2: Any) -> tuple[Floats, Floats]:
    """The two rates ``delta`` apart (first minus second) under which the counts are most likely.

    The second rate is the root of a cubic, by Cardano's trigonometric form, kept where both rates are possible. Arrays
    of one shape; both sides have cases. Source: Miettinen & Nurminen 1985, appendix I.
    """
    x1, n1, x2, n2, delta = (np.asarray(one, dtype=np.float64) for one in (x1, n1, x2, n2, delta))
    total = n1 + n2
    square = ((n1 + 2 * n2) * delta - total - x1 - x2) / (3 * total)
    linear = ((n2 * delta - total - 2 * x2) * delta + x1 + x2) / (3 * total)
    constant = x2 * delta * (1 - delta) / total
    half = square**3 - 1.5 * square * linear + constant / 2
    root = np.copysign(np.sqrt(np.maximum(square**2 - linear, 0.0)), half)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(root == 0, 0.0, np.clip(half / root**3, -1.0, 1.0))
    second = 2 * root * np.cos((np.pi + np.arccos(cosine)) / 3) - square
    second = np.clip(second, np.maximum(0.0, -delta), np.minimum(1.0, 1 - delta))
    return np.clip(second + delta, 0.0, 1.0), second


def _variance(delta: Floats, x1: Floats, n1: Floats, x2: Floats, n2: Floats, *, small_sample: bool) -> Floats:
    first, second = restricted_rates(delta, x1, n1, x2, n2)
    variance = first * (1 - first) / n1 + second * (1 - second) / n2
    return variance * (n1 + n2) / (n1 + n2 - 1) if small_sample else variance


def _lower(x1: Floats, n1: Floats, x2: Floats, n2: Floats, *, z: float, small_sample: bool) -> Floats:
    """The δ below the observed difference at which the score statistic is z; one-dimensional, both sides with cases."""
    difference = x1 / n1 - x2 / n2
    low = np.full(difference.shape, -1.0)
    open_ = (x1 > 0) | (x2 < n2)
    # Where each side is all or nothing both terms of the equation vanish at the observed difference itself; the root
    # wanted lies at least this far below it.
    edge = ((x1 == 0) | (x1 == n1)) & ((x2 == 0) | (x2 == n2))
    start = difference - np.where(edge, z * z / (2 * (n1 + n2) + z * z), 0.0)

    def excess(delta: Floats, /, *counts: Any) -> Floats:
        x1, n1, x2, n2 = counts
        error = np.sqrt(_variance(delta, x1, n1, x2, n2, small_sample=small_sample))
        return np.asarray(x1 / n1 - x2 / n2 - delta - z * error)

    counts = tuple(one[open_] for one in (x1, n1, x2, n2))
    low[open_] = elementwise.find_root(excess, (low[open_], start[open_]), args=counts, tolerances={"xatol": 1e-12}).x
    return low


def _checked(x1: Any, n1: Any, x2: Any, n2: Any) -> tuple[Floats, Floats, Floats, Floats]:
    x1, n1 = check_counts(x1, n1, what="first side")
    x2, n2 = check_counts(x2, n2, what="second side")
    try:
        x1, n1, x2, n2 = np.broadcast_arrays(x1, n1, x2, n2)
    except ValueError as error:
        raise MethodError(
            zh=f"两方的计数形状不相配（{error}）；请给出同样多的地方。",
            en=f"The counts of the two sides do not fit each other ({error}); give as many places on both.",
        ) from error
    return x1, n1, x2, n2
