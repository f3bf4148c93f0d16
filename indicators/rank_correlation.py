"""Do two indicators of the same areas go together? Spearman's rank correlation, and the areas that leave the line.

Ranks, because rates near 100 % are skewed and one small area would pull a straight correlation about. Two notes belong
beside every figure: chance in both rates pulls the correlation towards 0, the more the fewer cases the areas have, so
that a weak one may hide a strong one; and areas that share a cause (age of housing, distance, a campaign) go together
without one thing bringing about the other. What holds between areas need not hold between people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats

from indicators.counts import Floats, check_share
from indicators.errors import MethodError
from indicators.exact_tests import Flags
from indicators.intervals import CONFIDENCE

FEWEST_PAIRS = 6
"""Areas below which nothing is said: with five no order but a perfect one could be told from chance."""
DRAWS = 9_999
SEED = 19_040_101
FAR = 3.0
"""An area leaves the line where its distance is more than this many standard deviations (robust)."""


class CorrelationRefusal(StrEnum):
    """Why there is no correlation; first hit wins."""

    TOO_FEW = "too_few"
    CONSTANT = "constant"


@dataclass(frozen=True)
class RankCorrelation:
    """How two figures of the same areas go together; everything NaN where ``reason`` is given.

    rho        Spearman's rank correlation, every area counting alike; low, high its interval (NaN at exactly ±1)
    p          two-sided, that the order of one says nothing of the order of the other
    weighted   the same with every area counting by its weight (NaN without weights)
    areas      areas in which both figures are known
    """

    rho: float
    low: float
    high: float
    p: float
    weighted: float
    areas: int
    reason: CorrelationRefusal | None


@dataclass(frozen=True)
class MiddleLine:
    """Theil–Sen line y = intercept + slope · x, and which areas lie ``far`` from it (in the order given)."""

    slope: float
    intercept: float
    far: Flags


def rank_correlation(
    x: Any, y: Any, weights: Any = None, *, confidence: float = CONFIDENCE, draws: int = DRAWS, seed: int = SEED
) -> RankCorrelation:
    """Spearman's ρ of ``x`` and ``y``, one pair an area; pairs with a NaN are left out. Ties share the middle rank.

    Interval: Fisher's z with the standard error √((1 + ρ²/2)/(k − 3)). p: (1 + orders of y with |ρ| at least as large)
    / (1 + draws), ``draws`` random orders with a fixed seed; the order of the areas has no effect.
    ``weights`` (0 or more) weigh the ranks and their correlation: give the smaller number of cases of both figures.
    Raises MethodError for shapes that do not fit, weights below 0 or an impossible confidence.

    Source: Spearman 1904, Am J Psychology 15:72; Bonett & Wright 2000, Psychometrika 65:23 (the interval); Davison &
    Hinkley 1997, Bootstrap Methods and their Application, ch. 4 (the test).
    """
    z = float(stats.norm.ppf((1 + check_share(confidence, what="confidence", zh="置信水平")) / 2))
    one, other, weight = _pairs(x, y, weights)
    areas = one.size
    if areas < FEWEST_PAIRS:
        return _nothing(areas, CorrelationRefusal.TOO_FEW)
    if (one == one[0]).all() or (other == other[0]).all():
        return _nothing(areas, CorrelationRefusal.CONSTANT)
    ranks = stats.rankdata(one), stats.rankdata(other)
    rho = _correlation(*ranks, np.ones(areas))
    low = high = float("nan")
    if abs(rho) < 1 - 1e-12:
        half = z * np.sqrt((1 + rho**2 / 2) / (areas - 3))
        low, high = (float(np.tanh(np.arctanh(rho) + side * half)) for side in (-1, 1))
    return RankCorrelation(
        rho=rho,
        low=low,
        high=high,
        p=_chance(*ranks, rho, draws=draws, seed=seed),
        weighted=float("nan")
        if weights is None or not weight.any()
        else _correlation(_weighted_ranks(one, weight), _weighted_ranks(other, weight), weight),
        areas=areas,
        reason=None,
    )


def middle_line(x: Any, y: Any, *, far: float = FAR) -> MiddleLine | None:
    """The Theil–Sen line through the areas, and those farther from it than ``far`` robust standard deviations.

    The slope is the median of the slopes between all pairs, the deviation 1.4826 times the median distance from the
    line: single areas pull neither. None with fewer than six areas, where x does not vary, or where at least half of
    the areas lie on the line. A pair with a NaN is not far.

    Source: Sen 1968, JASA 63:1379; Rousseeuw & Croux 1993, JASA 88:1273 (the deviation).
    """
    one, other, _ = _pairs(x, y, None, keep=True)
    known = ~(np.isnan(one) | np.isnan(other))
    if known.sum() < FEWEST_PAIRS or (one[known] == one[known][0]).all():
        return None
    slope, intercept, *_ = stats.theilslopes(other[known], one[known])
    distance = np.abs(other - intercept - slope * one)
    spread = 1.4826 * float(np.median(distance[known]))
    if spread <= 0:
        return None
    return MiddleLine(float(slope), float(intercept), np.asarray(known & (np.nan_to_num(distance) > far * spread)))


def _pairs(x: Any, y: Any, weights: Any, *, keep: bool = False) -> tuple[Floats, Floats, Floats]:
    one, other = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weight = np.ones(one.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if not one.shape == other.shape == weight.shape or one.ndim != 1:
        raise MethodError(
            zh="两项指标和权重的个数必须相同；请逐个地方各给出一个。",
            en="The two figures and the weights must be as many as there are areas; give one of each an area.",
        )
    if (weight < 0).any():
        raise MethodError(zh="权重不能小于0；请给出件数。", en="Weights are 0 or more; give numbers of cases.")
    if keep:
        return one, other, weight
    known = ~(np.isnan(one) | np.isnan(other) | np.isnan(weight))
    order = np.lexsort((weight[known], other[known], one[known]))
    return one[known][order], other[known][order], weight[known][order]


def _weighted_ranks(values: Floats, weight: Floats) -> Floats:
    """The middle of the weight that lies at each value, when the weights are laid end to end in order."""
    distinct, inverse = np.unique(values, return_inverse=True)
    mass = np.bincount(inverse, weights=weight, minlength=distinct.size)
    return np.asarray((np.cumsum(mass) - mass / 2)[inverse])


def _correlation(one: Floats, other: Floats, weight: Floats) -> float:
    one, other = one - np.average(one, weights=weight), other - np.average(other, weights=weight)
    scale = np.sqrt((weight * one**2).sum() * (weight * other**2).sum())
    return float(np.clip((weight * one * other).sum() / scale, -1.0, 1.0)) if scale > 0 else float("nan")


def _chance(one: Floats, other: Floats, rho: float, *, draws: int, seed: int) -> float:
    generator = np.random.default_rng(seed)
    first, second = one - one.mean(), other - other.mean()
    drawn = generator.permuted(np.broadcast_to(second, (draws, second.size)), axis=1) @ first
    scale = np.sqrt((first**2).sum() * (second**2).sum())
    reached = int((np.abs(drawn / scale) >= abs(rho) - 1e-9).sum())
    return (1 + reached) / (1 + draws)


def _nothing(areas: int, reason: CorrelationRefusal) -> RankCorrelation:
    nan = float("nan")
    return RankCorrelation(nan, nan, nan, nan, nan, areas, reason)
