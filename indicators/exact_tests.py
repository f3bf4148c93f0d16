"""Exact tests of two rates, and what remains of many tests when chance findings are held down."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from indicators.counts import Floats, check_counts
from indicators.hypergeometric import Masses, hypergeometric_masses

Flags = npt.NDArray[np.bool_]


class Tails(NamedTuple):
    """One-sided probabilities, given that both rates are the same, of a first count this low or this high."""

    low: Floats
    high: Floats


def exact_tails(x1: Any, n1: Any, x2: Any, n2: Any, *, proportion: bool = True, mid: bool = False) -> Tails:
    """P(X ≤ x1) and P(X ≥ x1) when x1/n1 and x2/n2 share one rate, given the total x1 + x2.

    Proportions: Fisher's exact test (hypergeometric), which allows for the chance in both counts; with a very large
    second side it is the exact binomial tail. Ratios: the conditional binomial test of two Poisson rates.
    ``mid`` counts half of P(X = x1) only (Lancaster 1961, JASA 56:223; Agresti 2013, Categorical Data Analysis).
    NaN where either side has no cases. Raises CountError for impossible counts.
    """
    x1, n1 = check_counts(x1, n1, proportion=proportion, what="first side")
    x2, n2 = check_counts(x2, n2, proportion=proportion, what="second side")
    x1, n1, x2, n2 = np.broadcast_arrays(x1, n1, x2, n2)
    shape, tested = x1.shape, ((n1 > 0) & (n2 > 0)).ravel()
    x1, n1, x2, n2 = (one.ravel()[tested] for one in (x1, n1, x2, n2))
    low, high = np.full(tested.shape, np.nan), np.full(tested.shape, np.nan)
    found = chance_masses(x1, n1, x1 + x2, n2, proportion=proportion)
    half = found.exactly / 2 if mid else 0.0
    low[tested] = np.clip(found.at_most - half, 0.0, 1.0)
    high[tested] = np.clip(found.at_least - half, 0.0, 1.0)
    return Tails(low.reshape(shape), high.reshape(shape))


def chance_masses(x: Floats, n1: Floats, total: Floats, n2: Floats, *, proportion: bool) -> Masses:
    """P(X ≤ x), P(X = x), P(X ≥ x) of the first count, given the total of both and one common rate.

    One-dimensional arrays; both sides have cases.
    """
    if proportion:
        return hypergeometric_masses(x, n1 + n2, total, n1)
    share = n1 / (n1 + n2)
    at_most, above, at_least = (
        np.asarray(one)
        for one in (
            stats.binom.cdf(x, total, share),
            stats.binom.sf(x, total, share),
            stats.binom.sf(x - 1, total, share),
        )
    )
    return Masses(at_most, at_least - above, at_least)


def two_sided(tails: Tails) -> Floats:
    """Twice the smaller tail, at most 1; NaN stays NaN."""
    return np.asarray(np.minimum(1.0, 2 * np.minimum(tails.low, tails.high)))


def holm(p: Any, *, alpha: float = 0.05) -> Flags:
    """Which of the tests stand when the chance of any false claim is held at ``alpha`` (Holm 1979, Scand J Stat 6:65).

    NaN marks a test that was not made; it does not stand and does not count.
    """
    return _adjusted(p, family=_holm) <= alpha


def fdr(p: Any, *, alpha: float = 0.05) -> Flags:
    """Which of the tests stand when the expected share of false claims is held at ``alpha``.

    Source: Benjamini & Hochberg 1995, JRSS-B 57:289. NaN marks a test that was not made.
    """
    return _adjusted(p, family=stats.false_discovery_control) <= alpha


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted


def _adjusted(p: Any, *, family: Any) -> Floats:
    p = np.asarray(p, dtype=np.float64)
    made = ~np.isnan(p)
    adjusted = np.full(p.shape, np.inf)
    if made.any():
        adjusted[made] = family(p[made])
    return adjusted
