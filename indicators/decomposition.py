"""Why two groups differ: other places, or another rate in the same place; and how many cases would close the gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from indicators.counts import Floats, check_counts
from indicators.matching import matched

DRAWS = 2_000
SEED = 20_200_401
"""Fixed, so that an interval does not flicker between two looks at the same figures."""


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
    that only one group has, the other group is given the same rate. Intervals: 2,000 binomial draws of each stratum's
    successes, percentiles, fixed seed; they cover chance only, and a little less of it than 95 % says where many small
    strata have no failure (88 to 91 % in simulations at 95 to 99.9 %).
    None where a group has no cases or counts are hidden. Proportions only. Raises CountError for impossible counts.

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
    generator = np.random.default_rng(SEED)
    order = np.lexsort((x2, n2, x1, n1))  # the draws follow the counts, so that the order of the rows changes nothing
    sides = [(x[order], n[order]) for x, n in ((x1, n1), (x2, n2))]
    drawn = [generator.binomial(n.astype(np.int64), _rate(x, n), size=(DRAWS, len(n))) for x, n in sides]
    compositions, levels = kitagawa_parts(drawn[0], sides[0][1], drawn[1], sides[1][1])
    strata = pd.DataFrame(
        {
            by: both[by].array,
            "a_share": n1 / n1.sum(),
            "b_share": n2 / n2.sum(),
            "level": level,
            "one_sided": (n1 == 0) != (n2 == 0),
        }
    )
    return Decomposition(
        difference=float(x1.sum() / n1.sum() - x2.sum() / n2.sum()),
        composition=_part(float(composition.sum()), compositions.sum(axis=-1)),
        level=_part(float(level.sum()), levels.sum(axis=-1)),
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


def _rate(x: Floats, n: Floats) -> Floats:
    return np.divide(x, n, out=np.zeros(np.broadcast_shapes(x.shape, n.shape)), where=np.broadcast_to(n > 0, x.shape))


def _part(value: float, draws: Floats) -> Part:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Part(value, float(low), float(high))
