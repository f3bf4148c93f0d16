"""Intervals for rates, ratios and their differences; everything works on whole arrays at once.

An interval is 95 % unless ``confidence`` says otherwise. No cases means no interval: NaN, never 0 or 1.

Which one for a share? Wilson's is the one to show: short, and right on average also near 100 %, where the familiar
p ± 1.96·√(p(1−p)/n) covers the truth in 26 % of the cases (n = 20, p = 98.5 %). Clopper and Pearson's never covers
less than it promises and is for what may end in a dispute; it is wider than need be. The mid-p interval takes back
most of that width and belongs to the mid-p tests of ``exact_tests``. Jeffreys' is the Bayesian one of the same length.
All of them cover chance only, as if cases were drawn independently; ``sampling`` is for cases that hang together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats
from scipy.optimize import elementwise

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError

CONFIDENCE = 0.95


class Bounds(NamedTuple):
    """Lower and upper bound, arrays of the shape of the counts."""

    low: Floats
    high: Floats


class Difference(NamedTuple):
    """An estimated difference with its lower and upper bound."""

    difference: Floats
    low: Floats
    high: Floats


def wilson(x: Any, n: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Wilson's score interval for ``x`` of ``n``, as proportions; exactly 0 at x = 0, exactly 1 at x = n, NaN at n = 0.

    Source: Wilson 1927, JASA 22:209; Newcombe 1998, Statistics in Medicine 17:857 (method 3).
    Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    return _score_bounds(x, n, confidence)


def wilson_effective(share: Any, n_eff: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Wilson's interval for a ``share`` known as well as ``n_eff`` independent cases would tell it; need not be whole.

    ``share`` lies in 0 to 1, ``n_eff`` is 0 or more; they are broadcast. NaN in either (not known) and n_eff = 0 give
    NaN. Exactly 0 at share 0 and exactly 1 at share 1. For weighted, clustered or finite samples, whose variance is
    p(1−p)/n_eff. Source: Franco, Little, Louis & Slud 2019, J Survey Statistics and Methodology 7:334.
    Raises MethodError for a share outside 0 to 1 and a negative or infinite ``n_eff``.
    """
    share, n = np.broadcast_arrays(np.asarray(share, dtype=np.float64), np.asarray(n_eff, dtype=np.float64))
    if ((share < 0) | (share > 1)).any():
        raise MethodError(
            zh="比率须在0与1之间；请除以分母后再给出。",
            en="A share lies outside 0 to 1; divide by the denominator first.",
        )
    if ((n < 0) | np.isinf(n)).any():
        raise MethodError(
            zh="有效样本数是负数或无穷大；请检查权重与设计效应。",
            en="An effective number of cases is negative or infinite; check the weights and design effects.",
        )
    return _score_bounds(share * n, n, confidence)


def _score_bounds(x: Floats, n: Floats, confidence: float) -> Bounds:
    z = _z(confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = x + z * z / 2
        half = z * np.sqrt(x * (n - x) / n + z * z / 4)
        low = np.where(x == 0, 0.0, np.maximum(0.0, (middle - half) / (n + z * z)))
        high = np.where(x == n, 1.0, np.minimum(1.0, (middle + half) / (n + z * z)))
    nothing = (n == 0) | np.isnan(x)
    return Bounds(np.where(nothing, np.nan, low), np.where(nothing, np.nan, high))


def _z(confidence: float) -> float:
    """The normal quantile of a two-sided interval; MethodError for a confidence outside 0 to 1."""
    return float(stats.norm.ppf((1 + check_share(confidence, what="confidence", zh="置信水平")) / 2))


def clopper_pearson(x: Any, n: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Clopper and Pearson's exact interval for ``x`` of ``n``: each tail holds at most half of 1 − confidence.

    Low solves P(X ≥ x) = α/2, high P(X ≤ x) = α/2 (quantiles of beta distributions). Exactly 0 at x = 0, exactly 1 at
    x = n, NaN at n = 0. Source: Clopper & Pearson 1934, Biometrika 26:404; Newcombe 1998, Statistics in Medicine
    17:857 (method 5). Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    tail = _tail(confidence)
    with np.errstate(invalid="ignore"):
        low = np.where(x == 0, 0.0, special.betaincinv(np.maximum(x, 1), n - x + 1, tail))
        high = np.where(x == n, 1.0, special.betainccinv(x + 1, np.maximum(n - x, 1), tail))
    return Bounds(np.where(n == 0, np.nan, low), np.where(n == 0, np.nan, high))


def mid_p(x: Any, n: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """The mid-p interval for ``x`` of ``n``: as Clopper and Pearson's, but P(X = x) counts half in each tail.

    Low solves P(X > x) + ½P(X = x) = α/2, high P(X < x) + ½P(X = x) = α/2. Exactly 0 at x = 0, exactly 1 at x = n,
    NaN at n = 0. Source: Lancaster 1961, JASA 56:223; Newcombe 1998, Statistics in Medicine 17:857 (method 6).
    Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    tail = _tail(confidence)
    low = _mid_p_low(x.ravel(), n.ravel(), tail).reshape(x.shape)
    high = 1 - _mid_p_low((n - x).ravel(), n.ravel(), tail).reshape(x.shape)
    return Bounds(np.where(n == 0, np.nan, low), np.where(n == 0, np.nan, high))


def _mid_p_low(x: Floats, n: Floats, tail: float) -> Floats:
    """0 at x = 0, (2·tail)^(1/n) at x = n; in between a root kept between two exact limits."""
    with np.errstate(divide="ignore"):
        low = np.where(x == 0, 0.0, (2 * tail) ** (1 / n))
    inner = (x > 0) & (x < n)
    if inner.any():
        k, m = x[inner], n[inner]
        limits = special.betaincinv(k, m - k + 1, tail), special.betaincinv(k + 1, m - k, tail)
        low[inner] = elementwise.find_root(_mid_tail, limits, args=(k, m, tail)).x
    return low


def _mid_tail(p: Floats, /, *counts: Any) -> Floats:
    """P(X > k) + ½P(X = k) of m cases at rate p, less the tail wanted."""
    k, m, tail = counts
    return np.asarray((special.betainc(k, m - k + 1, p) + special.betainc(k + 1, m - k, p)) / 2 - tail)


def jeffreys(x: Any, n: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Jeffreys' equal-tailed credible interval for ``x`` of ``n``: quantiles of Beta(x + ½, n − x + ½).

    Set to exactly 0 below at x = 0 and exactly 1 above at x = n, without which the coverage breaks down at the ends;
    NaN at n = 0, where the prior alone would speak. Source: Brown, Cai & DasGupta 2001, Statistical Science 16:101.
    Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    tail = _tail(confidence)
    low = np.where(x == 0, 0.0, special.betaincinv(x + 0.5, n - x + 0.5, tail))
    high = np.where(x == n, 1.0, special.betainccinv(x + 0.5, n - x + 0.5, tail))
    return Bounds(np.where(n == 0, np.nan, low), np.where(n == 0, np.nan, high))


def _tail(confidence: float) -> float:
    """Half of what the interval leaves out; MethodError for a confidence outside 0 to 1."""
    return (1 - check_share(confidence, what="confidence", zh="置信水平")) / 2


def garwood(x: Any, exposure: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Garwood's exact Poisson interval for ``x`` events per unit of ``exposure``; exactly 0 below at x = 0.

    Source: Garwood 1936, Biometrika 28:437. Raises CountError for impossible counts; NaN at exposure 0.
    """
    check_share(confidence, what="confidence", zh="置信水平")
    x, exposure = check_counts(x, exposure, proportion=False)
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(x == 0, 0.0, stats.chi2.ppf(tail, 2 * x) / 2) / exposure
        high = stats.chi2.isf(tail, 2 * x + 2) / 2 / exposure
    return Bounds(np.where(exposure == 0, np.nan, low), np.where(exposure == 0, np.nan, high))


def byar(x: Any, exposure: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Byar's approximation to Garwood's interval for ``x`` events per unit of ``exposure``; below 10 events Garwood's.

    x·(1 − 1/(9x) − z/(3√x))³ and, with y = x + 1, y·(1 − 1/(9y) + z/(3√y))³: within 0.01 of it, and what
    English public health publishes. NaN at exposure 0. Source: Breslow & Day 1987, Statistical Methods in Cancer
    Research II:69. Raises CountError for impossible counts.
    """
    x, exposure = check_counts(x, exposure, proportion=False)
    z, few = _z(confidence), garwood(x, exposure, confidence=confidence)
    y = np.maximum(x, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = y * (1 - 1 / (9 * y) - z / (3 * np.sqrt(y))) ** 3 / exposure
        high = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3 / exposure
    exact = (x < 10) | (exposure == 0)
    return Bounds(np.where(exact, few.low, low), np.where(exact, few.high, high))


def square_and_add(a: Any, a_low: Any, a_high: Any, b: Any, b_low: Any, b_high: Any) -> Difference:
    """The interval for ``a`` minus ``b`` from the separate intervals of two independent estimates ("MOVER").

    With Wilson intervals it is Newcombe's method 10; with intervals of differences it gives the interval for a
    difference of differences. Source: Zou & Donner 2008, Statistics in Medicine 27:1693. NaN passes through.
    """
    a, a_low, a_high = (np.asarray(one, dtype=np.float64) for one in (a, a_low, a_high))
    b, b_low, b_high = (np.asarray(one, dtype=np.float64) for one in (b, b_low, b_high))
    difference = a - b
    return Difference(
        difference,
        difference - np.sqrt((a - a_low) ** 2 + (b_high - b) ** 2),
        difference + np.sqrt((a_high - a) ** 2 + (b - b_low) ** 2),
    )


def newcombe(x1: Any, n1: Any, x2: Any, n2: Any, *, confidence: float = CONFIDENCE) -> Difference:
    """Newcombe's interval for x1/n1 minus x2/n2, as proportions; NaN where either side has no cases.

    Source: Newcombe 1998, Statistics in Medicine 17:873 (method 10). Raises CountError for impossible counts.
    """
    return _from_rates(x1, n1, x2, n2, interval=wilson, confidence=confidence)


def ratio_difference(x1: Any, n1: Any, x2: Any, n2: Any, *, confidence: float = CONFIDENCE) -> Difference:
    """The interval for the difference of two event rates x/n, squaring and adding Garwood's intervals."""
    return _from_rates(x1, n1, x2, n2, interval=garwood, confidence=confidence)


def _from_rates(x1: Any, n1: Any, x2: Any, n2: Any, *, interval: Any, confidence: float) -> Difference:
    first, second = interval(x1, n1, confidence=confidence), interval(x2, n2, confidence=confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate1 = np.asarray(x1, dtype=np.float64) / np.asarray(n1, dtype=np.float64)
        rate2 = np.asarray(x2, dtype=np.float64) / np.asarray(n2, dtype=np.float64)
    return square_and_add(rate1, first.low, first.high, rate2, second.low, second.high)
