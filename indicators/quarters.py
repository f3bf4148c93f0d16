"""The probability that one of many beta variables is among the largest quarter, by numerical integration.

Area i is in the best quarter where at most ceil(k/4) - 1 others lie above its rate p. Given p the number above is
Poisson-binomial with chances 1 - F_j(p); averaging over the posterior of i gives the probability. The grid of rates
is common to all areas, so the incomplete beta function, which takes nearly all the time, is asked for each pair of
counts and each rate once; it is refined where the number above crosses the quarter. Between grid points the chance
of being in the quarter is a straight line in p, which is integrated against each posterior exactly.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaln, expit, ndtr, polygamma, psi, xlog1py, xlogy

from indicators.counts import Floats

EXACT = 50
"""Up to this many areas the Poisson-binomial distribution is added up exactly."""
_POINTS = 400
_COARSE = 48
_STEP = 0.4
"""Largest step, in standard deviations of the number of areas above, between two rates of the grid."""
_FAR = 5.0
_NARROW = 1e-10


def quarter_size(areas: int) -> int:
    """How many of ``areas`` make a quarter: a fourth, rounded up."""
    return -(-areas // 4)


def quarters(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """P(among the largest quarter) and P(among the smallest quarter) of independent Beta(a, b) variables.

    One-dimensional arrays of positive shapes, at least one; so are the results.
    """
    pairs, inverse, times = np.unique(np.column_stack([a, b]), axis=0, return_inverse=True, return_counts=True)
    a, b, inverse = pairs[:, 0], pairs[:, 1], inverse.ravel()
    size, weight = int(times.sum()), times.astype(np.float64)
    exact = size <= EXACT
    p = _first_grid(a, b, exact=exact)
    below = np.asarray(betainc(a[:, None], b[:, None], p), dtype=np.float64)
    if not exact:
        p, below = _refined(a, b, weight, p, below)
    inside = _exactly if exact else _nearly
    top = _averaged(inside(1 - below, weight), a, b, p, below)
    bottom = _averaged(inside(below, weight), a, b, p, below)
    return top[inverse], bottom[inverse]


def _first_grid(a: Floats, b: Floats, *, exact: bool) -> Floats:
    """Rates that cover all posteriors: steps around each mean on the scale of log odds, thinned out if too many."""
    middle, spread = psi(a) - psi(b), np.sqrt(polygamma(1, a) + polygamma(1, b))
    steps = np.linspace(-6, 6, max(25, _POINTS // len(a))) if exact else np.linspace(-3, 3, 13)
    odds = np.sort((middle[:, None] + spread[:, None] * steps).ravel())
    if not exact:
        ends = middle - 7 * spread, middle + 7 * spread
        thinned = odds[np.linspace(0, odds.size - 1, _COARSE).astype(np.intp)]
        odds = np.concatenate([[ends[0].min()], thinned, [ends[1].max()]])
    return np.unique(expit(odds))


def _refined(a: Floats, b: Floats, weight: Floats, p: Floats, below: Floats) -> tuple[Floats, Floats]:
    """The grid with further rates where the number above (or below) is about to cross the quarter."""
    quarter = quarter_size(int(weight.sum()))
    for _ in range(4):
        cells = np.maximum(_cells(1 - below, weight, quarter), _cells(below, weight, quarter))
        split = np.flatnonzero(cells > 1)
        if not split.size:
            break
        added = np.concatenate([np.linspace(p[m], p[m + 1], cells[m] + 1)[1:-1] for m in split])
        added = np.setdiff1d(added, p)
        if not added.size:
            break
        p = np.concatenate([p, added])
        order = np.argsort(p)
        p = p[order]
        below = np.concatenate([below, betainc(a[:, None], b[:, None], added)], axis=1)[:, order]
    return p, below


def _cells(chance: Floats, weight: Floats, quarter: int) -> np.ndarray:
    """Into how many parts each cell of the grid must be cut for steps of at most ``_STEP``; at most 32."""
    mean, variance = weight @ chance, weight @ (chance * (1 - chance))
    z = np.clip((quarter - 0.5 - mean) / np.sqrt(variance + 0.02), -_FAR, _FAR)
    return np.minimum(32, np.ceil(np.abs(np.diff(z)) / _STEP)).astype(np.intp)


def _nearly(chance: Floats, weight: Floats) -> Floats:
    """P(at most quarter - 1 of the others), [area, rate], by the skewness-corrected normal approximation.

    ``chance`` is each area's own chance of counting among the others. Source: Hong 2013, Comput Stat Data Anal 59:41.
    """
    own = chance * (1 - chance)
    own_skew = own * (1 - 2 * chance)
    quarter = quarter_size(int(weight.sum()))
    mean = weight @ chance - chance
    deviation = np.sqrt(np.maximum(weight @ own - own, 1e-12))
    skewness = (weight @ own_skew - own_skew) / deviation**3
    z = np.clip((quarter - 0.5 - mean) / deviation, -40, 40)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    corrected = ndtr(z) + np.where(deviation > 0.5, skewness * (1 - z * z) * density / 6, 0.0)
    return np.clip(corrected, 0.0, 1.0)


def _exactly(chance: Floats, weight: Floats) -> Floats:
    """The same probability, [area, rate], by adding all areas one by one and taking each out again; for few areas.

    Taking out divides by the chance or by its complement, whichever is larger, which keeps rounding errors small.
    """
    size = int(weight.sum())
    quarter = quarter_size(size)
    number = np.zeros((size + 1, chance.shape[1]))
    number[0] = 1.0
    for one in np.repeat(chance, weight.astype(np.intp), axis=0):
        number[1:] += one * (number[:-1] - number[1:])
        number[0] *= 1 - one
    rarely = chance <= 0.5
    divisor = np.where(rarely, 1 - chance, chance)
    ratio = np.where(rarely, chance, 1 - chance) / divisor
    upward, at_most = np.zeros_like(chance), np.zeros_like(chance)
    for count in range(quarter):
        upward = number[count] / divisor - ratio * upward
        at_most += upward
    downward, above = np.zeros_like(chance), np.zeros_like(chance)
    for count in range(size, quarter, -1):
        downward = number[count] / divisor - ratio * downward
        above += downward
    return np.where(rarely, at_most, 1 - above)


def _averaged(inside: Floats, a: Floats, b: Floats, p: Floats, below: Floats) -> Floats:
    """The mean of ``inside``, straight between the rates ``p`` and level outside, over each Beta(a, b)."""
    density = np.exp(xlogy(a[:, None], p) + xlog1py(b[:, None], -p) - betaln(a, b)[:, None]) / a[:, None]
    partial_mean = (a / (a + b))[:, None] * (below - density)
    width = np.diff(p)
    first, last = below[:, :-1], below[:, 1:]
    # In cells too narrow for the difference of two integrals (rates next to 0 or 1) the straight line is in F itself.
    within = np.diff(p * below - partial_mean, axis=1) / np.maximum(width, _NARROW)
    level = np.where(width > _NARROW, np.clip(within, first, last), (first + last) / 2)
    return np.clip(inside[:, -1] - (np.diff(inside, axis=1) * level).sum(axis=1), 0.0, 1.0)
