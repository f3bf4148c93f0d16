"""Funnel plots: which areas lie further from a fixed rate than chance carries areas of their size.

Each area is drawn at its number of cases and its rate, between limits that narrow as cases grow. The eye then sees what
a league table hides: small areas scatter widely because they are small. A few outside the outer limits deserve a
question; the rest show no difference from the target.

The comparison is with one fixed θ, a target or the pooled rate of all areas, taken as known. That differs from the
verdicts (:mod:`indicators.verdicts`), which compare each area with all the others and allow for the chance in both. An
area that makes up a good part of the district pulls the pooled θ towards itself, so here it looks closer to the middle
than its verdict says; against a target no such thing happens. Use the funnel for the picture and for targets, the
verdict for the word on an area of the district.

Limits and flags are exact binomial. Normal limits (and the Wilson-type ones of public-health funnels) at θ = 98.5 %
would flag 7 % of areas with five cases as "below 99.8 %". Areas are flagged by their exact tail, never by comparing
with a curve. The curves are drawn so that they agree: the upper one is the lower one of the failures turned over.
Spiegelhalter's formula taken as printed puts the upper limit one whole case lower, inside counts that are not unusual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from indicators.comparison import Mask, counts_of, enough, worded
from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.exact_tests import Tails
from indicators.overdispersion import Overdispersion, adjusted_limits, overdispersion
from indicators.values import State
from indicators.verdicts import LOOK, NAME

TAILS = (NAME, LOOK, 1 - LOOK, 1 - NAME)
LEAST_AREAS = 5
GRID = 200
"""Points of a drawn limit."""
LIMITS = ("low998", "low95", "high95", "high998")


class FunnelFlag(StrEnum):
    """Where an area lies: beyond the 99.8 % limit, between it and the 95 % limit, or inside. Low is not yet bad."""

    VERY_LOW = "very_low"
    LOW = "low"
    INSIDE = "inside"
    HIGH = "high"
    VERY_HIGH = "very_high"


class FunnelRefusal(StrEnum):
    """Why there is no funnel.

    all_alike      every area is at 100 %, or every area at 0 %: say so in words
    too_few_areas  fewer than five areas with cases
    no_chance      the indicator is a full count to which chance does not apply (interval "none")
    """

    ALL_ALIKE = "all_alike"
    TOO_FEW_AREAS = "too_few_areas"
    NO_CHANCE = "no_chance"


@dataclass(frozen=True)
class Funnel:
    """A funnel plot.

    rate            θ as a share; NaN without any case
    is_target       whether θ was given, not pooled from the areas
    rows            the rate table with p_low, p_high, flag and adjusted_flag (see ``funnel_table``)
    limits          n (log-spaced whole numbers), low998, low95, high95, high998 as shares, and adjusted_low998 and so
                    on (NaN unless adjusted); empty where there is no funnel. An upper limit is 1, and a lower limit 0,
                    where no count of that size could lie beyond it (see ``limit_curves``)
    overdispersion  the dispersion around θ; None where there is no funnel
    expected_low    how many of the tested areas would be flagged low (0.025) by chance if all had the rate θ, exactly
    expected_high   the same for high
    reason          None, or a code of ``FunnelRefusal``
    """

    rate: float
    is_target: bool
    rows: pd.DataFrame
    limits: pd.DataFrame
    overdispersion: Overdispersion | None
    expected_low: float
    expected_high: float
    reason: str | None


def exact_limits(n: Any, rate: Any, *, tails: Sequence[float] = TAILS) -> Floats:
    """Exact binomial control limits for ``n`` cases around ``rate``, as shares, shaped (*n.shape, len(tails)).

    For a lower probability q: r the smallest count with F(r; n, θ) ≥ q, α = (F(r) - q)/f(r), limit (r - α)/n, within
    0..1; it moves smoothly with n although counts are whole. A count below a lower limit has P(X ≤ x) < q. The formula
    is not symmetric: a count above an upper limit has P(X > x) ≤ 1 - q, which is less than a flag asks for, P(X ≥ x);
    for limits that agree with the flags see :func:`limit_curves`. ``n`` and ``rate`` broadcast. NaN at n = 0. A rate
    of 0 or 1 leaves no chance and is its own limit.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, appendix A.1.1.
    Raises CountError for an impossible n, MethodError for a rate outside 0..1 or a tail not strictly inside.
    """
    _, n = check_counts(0, n)
    n, theta = np.broadcast_arrays(n, np.asarray(rate, dtype=np.float64))
    if not ((theta >= 0) & (theta <= 1)).all():
        raise MethodError(
            zh="漏斗图的参照率必须在0与1之间；请给出比例，例如0.95。",
            en="The rate of a funnel must lie between 0 and 1; give a share, such as 0.95.",
        )
    q = np.array([check_share(tail, what="tail", zh="尾概率") for tail in tails])
    cases, theta = n[..., None], theta[..., None]
    count = np.maximum(stats.binom.ppf(q, cases, theta), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = (stats.binom.cdf(count, cases, theta) - q) / stats.binom.pmf(count, cases, theta)
        limit = np.clip((count - above) / cases, 0.0, 1.0)
    limit = np.where((theta == 0) | (theta == 1), theta, limit)
    return np.where(cases == 0, np.nan, limit)


def binomial_tails(x: Any, n: Any, rate: Any) -> Tails:
    """P(X ≤ x) and P(X ≥ x) of ``n`` cases that each succeed with probability ``rate``; NaN at n = 0.

    Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    x, n, theta = np.broadcast_arrays(x, n, np.asarray(rate, dtype=np.float64))
    empty = n == 0
    low, high = stats.binom.cdf(x, n, theta), stats.binom.sf(x - 1, n, theta)
    return Tails(np.where(empty, np.nan, low), np.where(empty, np.nan, high))


def funnel_flags(tails: Tails) -> npt.NDArray[np.object_]:
    """The words of ``FunnelFlag`` for exact tails: below 0.001 very, below 0.025 low or high; None where NaN."""
    low, high = np.broadcast_arrays(tails.low, tails.high)
    flag = np.full(low.shape, FunnelFlag.INSIDE.value, dtype=object)
    flag[low < LOOK] = FunnelFlag.LOW.value
    flag[high < LOOK] = FunnelFlag.HIGH.value
    flag[low < NAME] = FunnelFlag.VERY_LOW.value
    flag[high < NAME] = FunnelFlag.VERY_HIGH.value
    flag[np.isnan(low)] = None
    return flag


def funnel_table(
    table: pd.DataFrame, *, rate: float | None = None, minimum: int = 10, least_areas: int = LEAST_AREAS
) -> Funnel:
    """The funnel of a ``rate_table`` of proportions around ``rate`` (a target, as a share) or the pooled rate.

    The pooled rate is Σx/Σn over all rows with cases. Rows whose state is value and that have ``minimum`` cases are
    flagged: ``p_low`` = P(X ≤ x), ``p_high`` = P(X ≥ x) and ``flag`` (``FunnelFlag``); the others have NaN and None.
    ``adjusted_flag`` allows for overdispersion: the milder of the exact flag and that of the adjusted normal limits,
    so that it never says more than the exact one; equal to flag where nothing is adjusted. Where there is no funnel
    (``reason``) nothing is flagged. The order of the rows has no effect on any of their figures.

    Raises MethodError for a ratio or a rate outside 0..1, CountError for impossible counts.
    """
    if table.attrs.get("kind", "proportion") != "proportion":
        raise MethodError(
            zh="漏斗图只适用于比例（分子是分母的一部分）；请换用比例类指标。",
            en="This funnel is for proportions, whose numerator is part of the denominator; choose such an indicator.",
        )
    x, n = counts_of(table)
    state = table["state"].to_numpy(dtype=object)
    known = np.isin(state, (State.VALUE.value, State.TOO_FEW.value)) & ~np.isnan(x) & (n > 0)
    check_counts(x[known], n[known])
    successes, cases = float(x[known].sum()), float(n[known].sum())
    theta = check_share(rate, what="target", zh="目标") if rate is not None else _ratio(successes, cases)
    reason = _refusal(successes, cases, areas=int(known.sum()), least=least_areas, attrs=table.attrs)
    tested = known & enough(table, kind="proportion", minimum=minimum) & (reason is None)
    p_low, p_high = np.full(len(table), np.nan), np.full(len(table), np.nan)
    flag, adjusted = np.full(len(table), None, dtype=object), np.full(len(table), None, dtype=object)
    spread = None
    limits = pd.DataFrame({name: np.empty(0) for name in ("n", *LIMITS, *(f"adjusted_{one}" for one in LIMITS))})
    if reason is None:
        spread = overdispersion(x[known], n[known], theta)
        tails = binomial_tails(x[tested], n[tested], theta)
        p_low[tested], p_high[tested] = tails
        flag[tested] = funnel_flags(tails)
        adjusted[tested] = _milder(flag[tested], x[tested], n[tested], theta, spread)
        limits = limit_curves(n[known], theta, spread)
    rows = table.copy()
    rows["p_low"], rows["p_high"] = p_low, p_high
    rows["flag"], rows["adjusted_flag"] = worded(flag, index=table.index), worded(adjusted, index=table.index)
    return Funnel(
        rate=theta, is_target=rate is not None, rows=rows, limits=limits, overdispersion=spread,
        expected_low=_expected(n[tested], theta),
        expected_high=_expected(n[tested], 1 - theta), reason=reason,
    )  # fmt: skip


def limit_curves(n: Any, rate: float, spread: Overdispersion | None = None) -> pd.DataFrame:
    """The limits to draw around ``rate`` for areas of sizes ``n``: the frame ``Funnel.limits``.

    Up to 200 whole numbers of cases, log-spaced from the smallest to the largest area. Lower limits by
    :func:`exact_limits`, upper limits as 1 minus the lower limits of the failures, so that exactly the flagged counts
    lie beyond. Where even a faultless record (or one without any success) is inside, the limit is 1 (or 0).
    Raises CountError and MethodError.
    """
    _, n = check_counts(0, n)
    rate = check_share(rate, what="rate", zh="参照率")
    n = n[n > 0]
    grid = np.unique(np.round(np.geomspace(n.min(), n.max(), GRID))) if n.size else n
    low, high = (exact_limits(grid, one, tails=(NAME, LOOK)) for one in (rate, 1 - rate))
    curves = np.column_stack([low, 1 - high[:, ::-1]])
    wide = np.full(curves.shape, np.nan)
    if spread is not None and spread.adjusted:
        wide = adjusted_limits(grid, rate, spread.tau2, tails=TAILS)
    named = {name: curves[:, column] for column, name in enumerate(LIMITS)}
    named |= {f"adjusted_{name}": wide[:, column] for column, name in enumerate(LIMITS)}
    return pd.DataFrame({"n": grid, **named})


def chance_of_low(n: Any, rate: float) -> Floats:
    """The probability that an area with ``n`` cases and the true rate ``rate`` is flagged low (P(X ≤ x) < 0.025).

    At most 0.025, and 0 where no count is low enough. For flags high use 1 - ``rate``. NaN at n = 0, or rate NaN.
    """
    _, n = check_counts(0, n)
    with np.errstate(invalid="ignore"):
        below = stats.binom.cdf(stats.binom.ppf(LOOK, n, rate) - 1, n, rate)
    return np.where(n == 0, np.nan, below)


def _refusal(successes: float, cases: float, *, areas: int, least: int, attrs: Any) -> str | None:
    if attrs.get("interval", "chance") == "none":
        return FunnelRefusal.NO_CHANCE.value
    if areas < least:
        return FunnelRefusal.TOO_FEW_AREAS.value
    return FunnelRefusal.ALL_ALIKE.value if successes in (0.0, cases) else None


def _milder(flag: npt.NDArray[np.object_], x: Floats, n: Floats, rate: float, spread: Overdispersion) -> Any:
    """The exact flag, weakened to that of the adjusted normal limits where this is nearer to the middle."""
    if not spread.adjusted:
        return flag
    z = (x / n - rate) / np.sqrt(rate * (1 - rate) / n + spread.tau2)
    wide = funnel_flags(Tails(np.asarray(stats.norm.cdf(z)), np.asarray(stats.norm.sf(z))))
    steps = {word.value: step for step, word in enumerate(FunnelFlag, start=-2)}
    exact, normal = (np.array([steps[word] for word in words], dtype=np.int64) for words in (flag, wide))
    same_side: Mask = np.sign(exact) == np.sign(normal)
    step = np.where(same_side, np.sign(exact) * np.minimum(np.abs(exact), np.abs(normal)), 0)
    return np.array([word.value for word in FunnelFlag], dtype=object)[step + 2]


def _expected(n: Floats, rate: float) -> float:
    """Summed in the order of the sizes, so that the order of the rows has no effect."""
    return float(chance_of_low(np.sort(n), rate).sum())


def _ratio(x: float, n: float) -> float:
    return x / n if n else float("nan")
