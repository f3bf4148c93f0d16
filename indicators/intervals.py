"""Intervals for rates, ratios and their differences; everything works on whole arrays at once.

An interval is 95 % unless ``confidence`` says otherwise. No cases means no interval: NaN, never 0 or 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from indicators.counts import Floats, check_counts

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
    z = float(stats.norm.ppf((1 + confidence) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = x + z * z / 2
        half = z * np.sqrt(x * (n - x) / n + z * z / 4)
        low = np.where(x == 0, 0.0, np.maximum(0.0, (middle - half) / (n + z * z)))
        high = np.where(x == n, 1.0, np.minimum(1.0, (middle + half) / (n + z * z)))
    return Bounds(np.where(n == 0, np.nan, low), np.where(n == 0, np.nan, high))


def garwood(x: Any, exposure: Any, *, confidence: float = CONFIDENCE) -> Bounds:
    """Garwood's exact Poisson interval for ``x`` events per unit of ``exposure``; exactly 0 below at x = 0.

    Source: Garwood 1936, Biometrika 28:437. Raises CountError for impossible counts; NaN at exposure 0.
    """
    x, exposure = check_counts(x, exposure, proportion=False)
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(x == 0, 0.0, stats.chi2.ppf(tail, 2 * x) / 2) / exposure
        high = stats.chi2.isf(tail, 2 * x + 2) / 2 / exposure
    return Bounds(np.where(exposure == 0, np.nan, low), np.where(exposure == 0, np.nan, high))


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
