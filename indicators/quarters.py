"""The probability that one of many beta variables is among the largest quarter, by numerical integration.

Area i is in the best quarter where at most ceil(k/4) - 1 others lie above its rate. Given that rate the number above
is Poisson-binomial with chances 1 - F_j; averaging over the posterior of i gives the probability. The grid is laid in
log odds, y = ln(p / (1 - p)), and both tails are kept: where the prior is heaped at the ends most of the mass lies so
close to 0 or 1 that rates cannot tell it apart. The grid is common to all areas, so the incomplete beta function, which
takes nearly all the time, is asked for each pair of counts and each point once; it is refined where the number above
crosses the quarter. Between two points the chance of being in the quarter is taken as a straight line, in the rate
where they are close and in F where they are far apart, which is integrated against each posterior exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import betainc, betaln, expit, ndtr, polygamma, psi

from indicators.counts import Floats

EXACT = 50
"""Up to this many areas the Poisson-binomial distribution is added up exactly."""


class Grid(NamedTuple):
    """Points before the grid is refined, for few and for many areas; and the largest step between two points that are
    near the border of a quarter, in standard deviations of the number of areas above.
    """

    few: int
    many: int
    step: float


FINE = Grid(few=400, many=48, step=0.4)
ROUGH = Grid(few=100, many=24, step=0.8)
"""For a mean over several priors: about 0.005 less exact, in two thirds of the time."""
_FAR = 5.0
_WIDE = 1.0
"""Cells wider than this in log odds are straight in F and not in the rate."""
_NARROW = 1e-10
_TAIL = 50.0
"""Log odds beyond which a tail of a beta variable is its leading term."""


def quarter_size(areas: int) -> int:
    """How many of ``areas`` make a quarter: a fourth, rounded up."""
    return -(-areas // 4)


def quarters(a: Floats, b: Floats, *, grid: Grid = FINE) -> tuple[Floats, Floats]:
    """P(among the largest quarter) and P(among the smallest quarter) of independent Beta(a, b) variables.

    One-dimensional arrays of positive shapes, at least one; so are the results, each of which adds up to the size of
    a quarter to 1 % (``ROUGH``: 2 %). For the error of single areas see ``posterior_ranks.quarter_probabilities``.
    """
    pairs, inverse, times = np.unique(np.column_stack([a, b]), axis=0, return_inverse=True, return_counts=True)
    a, b, inverse = pairs[:, 0], pairs[:, 1], inverse.ravel()
    size, weight = int(times.sum()), times.astype(np.float64)
    exact = size <= EXACT
    y = _first_grid(a, b, grid, exact=exact)
    y, below, above = _refined(a, b, weight, grid.step, y, *_tails(a, b, y))
    inside = _exactly if exact else _nearly
    level = _levels(a, b, y, below, above)
    top, bottom = (_averaged(inside(chance, weight), level) for chance in (above, below))
    return top[inverse], bottom[inverse]


def _first_grid(a: Floats, b: Floats, grid: Grid, *, exact: bool) -> Floats:
    """Log odds that cover all posteriors: steps around each mean, thinned out if too many."""
    middle, spread = psi(a) - psi(b), np.sqrt(polygamma(1, a) + polygamma(1, b))
    steps = np.linspace(-6, 6, max(25, grid.few // len(a))) if exact else np.linspace(-3, 3, 13)
    points = np.sort((middle[:, None] + spread[:, None] * steps).ravel())
    most = grid.few if exact else grid.many
    if points.size > most:
        points = points[np.linspace(0, points.size - 1, most).astype(np.intp)]
    return np.unique([(middle - 7 * spread).min(), *points, (middle + 7 * spread).max()])


def _tails(a: Floats, b: Floats, y: Floats) -> tuple[Floats, Floats]:
    """P(log odds below y) and P(above y) of each Beta(a, b), [area, point]; the smaller argument is worked with."""
    zero = int(np.searchsorted(y, 0.0))
    below, above = _lower_tail(a, b, y[:zero]), _lower_tail(b, a, -y[zero:])
    return np.concatenate([below, 1 - above], axis=1), np.concatenate([1 - below, above], axis=1)


def _lower_tail(a: Floats, b: Floats, y: Floats) -> Floats:
    """P(log odds below y) for y up to 0; beyond ``_TAIL`` exp(ay) / (a B(a, b)), as the rate is no number any more."""
    a, b = a[:, None], b[:, None]
    far = y < -_TAIL
    result = np.empty((len(a), y.size))
    result[:, ~far] = betainc(a, b, expit(y[~far]))
    result[:, far] = np.exp(np.minimum(a * y[far] - np.log(a) - betaln(a, b), 0.0))
    return result


def _refined(
    a: Floats, b: Floats, weight: Floats, step: float, y: Floats, below: Floats, above: Floats
) -> tuple[Floats, Floats, Floats]:
    """The grid with further points where the number above (or below) is about to cross the quarter."""
    for _ in range(4):
        cells = np.maximum(_cells(above, weight, step), _cells(below, weight, step))
        split = np.flatnonzero(cells > 1)
        if not split.size:
            break
        added = np.concatenate([np.linspace(y[m], y[m + 1], cells[m] + 1)[1:-1] for m in split])
        added = np.setdiff1d(added, y)
        if not added.size:
            break
        y = np.concatenate([y, added])
        order = np.argsort(y)
        y = y[order]
        below, above = (
            np.concatenate([old, new], axis=1)[:, order]
            for old, new in zip((below, above), _tails(a, b, added), strict=True)
        )
    return y, below, above


def _cells(chance: Floats, weight: Floats, step: float) -> np.ndarray:
    """Into how many parts each cell of the grid must be cut for steps of at most ``step``; at most 32."""
    quarter = quarter_size(int(weight.sum()))
    mean, variance = weight @ chance, weight @ (chance * (1 - chance))
    z = np.clip((quarter - 0.5 - mean) / np.sqrt(variance + 0.02), -_FAR, _FAR)
    return np.minimum(32, np.ceil(np.abs(np.diff(z)) / step)).astype(np.intp)


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


def _levels(a: Floats, b: Floats, y: Floats, below: Floats, above: Floats) -> Floats:
    """The mean of each F over each cell of the grid, [area, cell]: from both ends, towards the middle of the scale."""
    zero = min(int(np.searchsorted(y, 0.0)), y.size - 1)
    left = _mean_tail(a, b, y[: zero + 1], below[:, : zero + 1])
    right = _mean_tail(b, a, -y[zero:][::-1], above[:, zero:][:, ::-1])
    return np.concatenate([left, 1 - right[:, ::-1]], axis=1)


def _mean_tail(a: Floats, b: Floats, y: Floats, below: Floats) -> Floats:
    """The mean of F over the rates of each cell; over F itself in cells too wide, or too narrow to be told apart."""
    a, b = a[:, None], b[:, None]
    p, width = expit(y), np.diff(expit(y))
    term = np.exp(-a * np.logaddexp(0, -y) - b * np.logaddexp(0, y) - betaln(a, b)) / a
    integral = p * below - a / (a + b) * (below - term)
    first, last = below[:, :-1], below[:, 1:]
    straight = (width > _NARROW) & (np.diff(y) <= _WIDE)
    level = (first + last) / 2
    level[:, straight] = (np.diff(integral, axis=1) / np.maximum(width, _NARROW))[:, straight]
    return np.clip(level, first, last)


def _averaged(inside: Floats, level: Floats) -> Floats:
    """The mean of ``inside``, straight between the points of the grid and level outside, over each posterior."""
    return np.clip(inside[:, -1] - (np.diff(inside, axis=1) * level).sum(axis=1), 0.0, 1.0)
