"""Why two groups differ: other places, or another rate in the same place; and how many cases would close the gap.

The gap of two rates is what the groups' different places would make of common rates (composition) and what different
rates in the same place make of a common mix (level); both add up to it exactly. Both parts are sums of many rates of
few cases each, with fixed weights, and so is their chance: the intervals are score intervals of such a sum
(``weighted_score_bounds``), the Wilson interval of one rate and Mee's of two carried on to any number. Drawing the
successes anew from the observed rates would not do near 100 %, where a place without a failure would vary not at all:
with places of five cases facing some of five hundred a 95 % interval then covers 74 %, of one to three cases 65 %.
Drawing the rates from Jeffreys' posterior pulls every small place towards one half and covers nothing at all there.

The parts describe and do not explain. The mix is taken as given: the intervals do not cover what it may become.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, stats

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, Difference
from indicators.matching import matched


class Part(NamedTuple):
    """One part of a gap with its 95 % interval, in the units of the rate (a share for proportions)."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Decomposition:
    """A gap taken apart; ``composition`` and ``level`` add up to ``difference`` exactly.

    composition  what comes from the two groups standing in different strata (places)
    level        what comes from different rates within the same stratum
    strata       one row a stratum: the key, a_share, b_share, level (these add up to the level part) and one_sided
    one_sided    strata that hold only one of the groups: their whole effect is composition
    """

    difference: float
    composition: Part
    level: Part
    strata: pd.DataFrame
    one_sided: int

    @property
    def offsetting(self) -> bool:
        """Whether two clear and opposite effects hide each other, one of them over one and a half times the gap."""
        opposite = self.composition.value * self.level.value < 0
        largest = max(abs(self.composition.value), abs(self.level.value))
        return opposite and self.composition.clear and self.level.clear and largest > 1.5 * abs(self.difference)


def kitagawa(a: pd.DataFrame, b: pd.DataFrame, *, by: str = "place") -> Decomposition | None:
    """The gap of two ``rate_table``s by ``by`` (a minus b) as composition and like-for-like difference.

    Difference = Σ (share_a − share_b)·(rate_a + rate_b)/2 + Σ (rate_a − rate_b)·(share_a + share_b)/2. In a stratum
    that only one group has, the other group is given the same rate. Intervals of both parts: ``weighted_score_bounds``
    with the weights that stand at the rates; they cover chance only. In simulations (1 to 407 strata of 1 to 800
    cases, rates of 20 to 99.9 %) 94 to 100 % of them held the truth. The order of rows has no
    effect. None where a group has no cases or counts are hidden. Proportions only. Raises CountError for impossible
    counts.

    Source: Kitagawa 1955, JASA 50:1168; Das Gupta 1993, Current Population Reports P23-186.
    """
    both = matched(a, b, [by], sides=("a", "b"))
    if (both[["a_state", "b_state"]] == "hidden").to_numpy().any():
        return None
    counts = (np.nan_to_num(both[name].to_numpy(dtype=np.float64)) for name in ("a_x", "a_n", "b_x", "b_n"))
    x1, n1, x2, n2 = counts
    check_counts(x1, n1, what="first group")
    check_counts(x2, n2, what="second group")
    if not n1.sum() or not n2.sum():
        return None
    composition, level = kitagawa_parts(x1, n1, x2, n2)
    order = np.lexsort((x2, n2, x1, n1))  # no sum may depend on the order of the rows, not even in its last digit
    strata = pd.DataFrame(
        {
            by: both[by].array,
            "a_share": n1 / n1.sum(),
            "b_share": n2 / n2.sum(),
            "level": level,
            "one_sided": (n1 == 0) != (n2 == 0),
        }
    )
    x, n = np.concatenate([x1[order], x2[order]]), np.concatenate([n1[order], n2[order]])
    parts = [
        Part(float(part[order].sum()), *(float(one) for one in weighted_score_bounds(weights, x, n)[1:]))
        for part, weights in zip((composition, level), _rate_weights(n1[order], n2[order]), strict=True)
    ]
    return Decomposition(
        difference=float(x1.sum() / n1.sum() - x2.sum() / n2.sum()),
        composition=parts[0],
        level=parts[1],
        strata=strata,
        one_sided=int(strata["one_sided"].sum()),
    )


def kitagawa_parts(x1: Any, n1: Any, x2: Any, n2: Any) -> tuple[Floats, Floats]:
    """Composition and level effect of every stratum (last axis) for successes x of n cases in two groups.

    Only the sum of the composition effects has a meaning; each level effect has one of its own. Rates per case; x may
    be fractional. Both groups need cases in some stratum.
    """
    x1, n1, x2, n2 = (np.asarray(one, dtype=np.float64) for one in (x1, n1, x2, n2))
    share1, share2 = n1 / n1.sum(axis=-1, keepdims=True), n2 / n2.sum(axis=-1, keepdims=True)
    rate1, rate2 = _rate(x1, n1), _rate(x2, n2)
    rate1, rate2 = np.where(n1 == 0, rate2, rate1), np.where(n2 == 0, rate1, rate2)
    return (share1 - share2) * (rate1 + rate2) / 2, (rate1 - rate2) * (share1 + share2) / 2


def cases_to_match(x: int, n: int, *, other_x: int, other_n: int, better: str) -> int:
    """How many of ``n`` cases would have to turn out otherwise to reach the other group's rate; 0 if it is reached.

    ``better`` "higher": further successes needed; "lower": events that are too many. Exact, in whole numbers. Raises
    ValueError where the other group has no cases.
    """
    if other_n <= 0:
        raise ValueError("the other group has no cases, so there is no rate to reach.")
    if better == "lower":
        return max(0, x - other_x * n // other_n)
    return max(0, -(-other_x * n // other_n) - x)


def weighted_score_bounds(
    weights: Any, x: Any, n: Any, *, confidence: float = CONFIDENCE, small_sample: bool = True
) -> Difference:
    """L = Σ w·p, a sum of independent proportions with fixed weights of either sign, and its score interval.

    One-dimensional: ``x`` of ``n`` cases with weight w each; entries without cases or weight take no part. The
    interval holds every λ at which (Σ w·x/n − λ)² ≤ z²·Σ w²·p̃(1 − p̃)/n·f, where the rates p̃ have the greatest
    likelihood among those that add up to λ, and f = n/(n − 1) makes the variance of each proportion unbiased (2 for a
    single case, which tells nothing of its variance; on the careful side). Without f (``small_sample`` False) it is
    Wilson's interval for one proportion and Mee's for the difference of two. The bounds stay within what rates of 0
    to 1 can add up to. NaN where nothing has cases; with cases and no weight L and both bounds are 0.

    The restricted rates follow from one multiplier μ, n·(p̂ − p̃) = μ·w·p̃(1 − p̃), so that λ = L − μ·Σ w²p̃(1 − p̃)/n:
    one root in μ on either side gives the bound. Source: Martín Andrés, Álvarez Hernández & Herranz Tejedor 2011,
    Statistical Methods in Medical Research 20:369. Raises CountError for impossible counts, MethodError for a
    confidence outside 0 to 1 and weights that do not fit.
    """
    z = float(stats.norm.ppf((1 + check_share(confidence, what="confidence", zh="置信水平")) / 2))
    x, n = check_counts(x, n)
    w = np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or w.shape != x.shape or not np.isfinite(w).all():
        raise MethodError(
            zh=f"权重的形状是{w.shape}，计数的形状是{x.shape}；每对计数给一个有限的权重。",
            en=f"Weights have the shape {w.shape} and counts {x.shape}; give one finite weight to each pair of counts.",
        )
    if not n.sum():
        return Difference(*(np.asarray(np.nan),) * 3)
    used = (n > 0) & (w != 0)
    x, n, w = x[used], n[used], w[used]
    largest = float(np.abs(w).max(initial=0.0))
    if largest == 0:
        return Difference(*(np.asarray(0.0),) * 3)
    factor = n / np.maximum(n - 1, 0.5) if small_sample else np.ones_like(n)
    down, up = (_score_distance(side * w / largest, x, n, factor, z) * largest for side in (1, -1))
    value = (w * (x / n)).sum()
    return Difference(np.asarray(value), np.asarray(value - down), np.asarray(value + up))


def _score_distance(w: Floats, x: Floats, n: Floats, factor: Floats, z: float) -> float:
    """How far below Σ w·x/n the sum may lie."""
    if not (((x > 0) & (w > 0)) | ((x < n) & (w < 0))).any():
        return 0.0  # it is as low as it can be

    def parts(multiplier: float) -> tuple[float, float]:
        rate = _restricted(multiplier * w, x, n)
        terms = w**2 * rate * (1 - rate) / n
        return multiplier * float(terms.sum()), float((terms * factor).sum())

    def excess(multiplier: float) -> float:
        distance, variance = parts(multiplier)
        return distance / variance**0.5 - z if variance > 0 else -z

    high = 1.0
    while excess(high) < 0:
        high *= 4
    return parts(float(optimize.brentq(excess, 0.0, high, xtol=1e-12 * high, rtol=1e-12)))[0]


def _restricted(a: Floats, x: Floats, n: Floats) -> Floats:
    """The rates between 0 and 1 with x − n·p = a·p(1 − p): the root of a·p² − (a + n)·p + x that is one."""
    b = a + n
    root = np.sqrt(np.maximum(b**2 - 4 * a * x, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(b > 0, 2 * x / (b + root), (b - root) / (2 * a))
    return np.asarray(np.clip(rate, 0.0, 1.0))


def _rate_weights(n1: Floats, n2: Floats) -> tuple[Floats, Floats]:
    """The weights of the rates of both groups (one after the other) in the composition and in the level part."""
    share1, share2 = n1 / n1.sum(), n2 / n2.sum()
    shift, middle = share1 - share2, (share1 + share2) / 2
    both = (n1 > 0) & (n2 > 0)
    own = [np.where(both, shift / 2, np.where(n > 0, shift, 0.0)) for n in (n1, n2)]
    return np.concatenate(own), np.concatenate([np.where(both, middle, 0.0), np.where(both, -middle, 0.0)])


def _rate(x: Floats, n: Floats) -> Floats:
    return np.divide(x, n, out=np.zeros(np.broadcast_shapes(x.shape, n.shape)), where=np.broadcast_to(n > 0, x.shape))
