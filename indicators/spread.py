"""How far areas lie apart, once what chance does to small areas is taken off.

The raw spread of small areas is mostly chance: 450 villages with 25 cases each, all truly at 98 %, show a standard
deviation above 4 percentage points. So the figure to lead with is τ, the standard deviation of the true rates under
the beta-binomial model (`indicators.shrinkage`), in units of the rate; beside it P90 − P10 of the shrunken rates. The
raw standard deviation is given with the one chance alone would make.

Theil's index and the Gini coefficient are relative measures: near 100 % they are close to 0 for success rates
whatever happens, so they are computed on the rates of failure, weighted by cases, and belong beside the value expected
from chance (`chance_inequality`). Theil's index splits exactly into a part between groups (townships) and one within.

None of this asks whether the rates follow anything; for that see ``slope_index``.

Sources: Theil 1967, Economics and Information Theory; Shorrocks 1980, Econometrica 48:613.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.intervals import Bounds
from indicators.shrinkage import beta_binomial_moments, shrunken_rates

DRAWS = 1_000
SEED = 20_200_402
MOST_DRAWN = 3_000_000
"""Areas × draws; with more areas every draw says more, and fewer are made (at least 100)."""


class SpreadRefusal(StrEnum):
    """Why there is no ratio of highest to lowest: too few areas, or a rate of 0 below."""

    TOO_FEW_AREAS = "too_few_areas"
    ZERO_RATE = "zero_rate"


@dataclass(frozen=True)
class Spread:
    """How far the true rates of areas lie apart, as shares.

    areas      areas with cases
    mean       their pooled rate
    tau        standard deviation of the true rates (beta-binomial moments); 0 if chance explains everything
    p10, p90, p90_p10  percentiles of the shrunken rates over the areas, each area counting once, and their distance.
               Shrunken rates lie closer together than true rates (Louis 1984), so this is on the careful side
    raw_sd     √(Σ n(p − θ)²/N), what is seen; NaN for a single area
    chance_sd  √((k − 1)·θ(1 − θ)/N), what would be seen on average (root mean square) without any true difference
    reason     None, or a code of `indicators.shrinkage.PriorReason`: with "no_variation" tau is 0, else it is NaN
    """

    areas: int
    mean: float
    tau: float
    p10: float
    p90: float
    p90_p10: float
    raw_sd: float
    chance_sd: float
    reason: str | None


def spread(x: Any, n: Any) -> Spread:
    """The spread of areas with ``x`` successes of ``n`` cases (one-dimensional); areas without cases take no part.

    Raises CountError for impossible counts.
    """
    x, n = (one.ravel() for one in check_counts(x, n))
    prior = beta_binomial_moments(x, n)
    x, n = x[n > 0], n[n > 0]
    order = np.lexsort((x, n))
    x, n = x[order], n[order]
    rates = shrunken_rates(x, n, prior)
    p10, p90 = (float(one) for one in np.quantile(rates, (0.1, 0.9))) if len(rates) else (float("nan"),) * 2
    raw = chance = float("nan")
    if len(n) > 1:
        raw = float(np.sqrt((n * (x / n - _pooled(x, n)) ** 2).sum() / n.sum()))
        chance = float(np.sqrt((len(n) - 1) * _pooled(x, n) * (1 - _pooled(x, n)) / n.sum()))
    return Spread(
        areas=len(n), mean=_pooled(x, n), tau=float(np.sqrt(prior.tau2)), p10=p10, p90=p90, p90_p10=p90 - p10,
        raw_sd=raw, chance_sd=chance, reason=prior.reason,
    )  # fmt: skip


class Extremes(NamedTuple):
    """Highest and lowest rate of the areas that are large enough, and their ratio; NaN with a ``reason``."""

    highest: float
    lowest: float
    ratio: float
    areas: int
    reason: SpreadRefusal | None


def highest_to_lowest(x: Any, n: Any, *, minimum: int = 50) -> Extremes:
    """The highest and the lowest rate among areas with at least ``minimum`` cases, and highest / lowest.

    Among small areas the ratio measures their smallness, hence no value below 50 is accepted (MethodError).
    Refused with fewer than two such areas ("too_few_areas": all NaN) or a lowest rate of 0 ("zero_rate": no ratio).
    Raises CountError for impossible counts.
    """
    if minimum < 50:
        raise MethodError(
            zh=f"最低例数是{minimum}；最高与最低之比至少要求50例。",
            en=f"The minimum is {minimum}; the ratio of highest to lowest needs at least 50 cases an area.",
        )
    x, n = check_counts(x, n)
    rates = x[n >= minimum] / n[n >= minimum]
    if rates.size < 2:
        return Extremes(*(float("nan"),) * 3, areas=rates.size, reason=SpreadRefusal.TOO_FEW_AREAS)
    high, low = float(rates.max()), float(rates.min())
    if low == 0:
        return Extremes(high, low, float("nan"), rates.size, SpreadRefusal.ZERO_RATE)
    return Extremes(high, low, high / low, rates.size, None)


def theil(y: Any, weights: Any = 1.0) -> Floats:
    """Theil's T over the last axis: Σ (w/W)(y/μ) ln(y/μ), μ the weighted mean, 0·ln 0 = 0. Between 0 and ln(W/min w).

    ``y`` are values of 0 or more (rates of failure), ``weights`` the cases; entries of weight 0 take no part and may
    be NaN. NaN where all values are 0 (shares of nothing) or no weight is left. Zeros are kept: dropping them, as R's
    ineq does, calls (0, 0, 0, 10, 10, 10) equal. Raises MethodError for a negative or missing value or weight.
    """
    return _theil(*_weighted(y, weights))


def gini(y: Any, weights: Any = 1.0, *, sample: bool = False) -> Floats:
    """The Gini coefficient over the last axis: Σᵢ Σⱼ wᵢwⱼ|yᵢ − yⱼ| / (2W²μ), from 0 (all alike) to below 1.

    The population version; with ``sample`` it is multiplied by k/(k − 1), k the number of entries with weight (NaN
    for a single one). Weights, NaN and errors as for `theil`.
    """
    y, share = _weighted(y, weights)
    count = (share > 0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(_gini(y, share) * (count / (count - 1.0) if sample else 1.0))


@dataclass(frozen=True)
class TheilSplit:
    """Theil's T of rates of failure; ``between`` + ``within`` = ``total``. NaN if there are no failures.

    groups  one row a group, sorted: group, cases, failures, theil (inside it; NaN without failures), between and
            within (its terms, which add up to the two parts; a group better than the whole has a negative between)
    """

    total: float
    between: float
    within: float
    groups: pd.DataFrame


def theil_split(x: Any, n: Any, group: Any, *, better: str = "higher") -> TheilSplit:
    """Theil's T of the rates of failure of areas, weighted by cases, between and within the groups they belong to.

    Failures are n − x, or x itself where ``better`` is "lower". Between = Σ (Y_g/Y) ln((Y_g/N_g)/(Y/N)), within =
    Σ (Y_g/Y) T_g. Areas without cases take no part. Source: Theil 1967; Shorrocks 1980, Econometrica 48:613.
    Raises CountError for impossible counts, MethodError for groups that are missing or do not fit.
    """
    x, n = (one.ravel() for one in check_counts(x, n))
    labels = pd.Series(np.asarray(group, dtype=object).ravel())
    if len(labels) != len(n) or labels.isna().any():
        raise MethodError(
            zh=f"有{len(n)}个地方、{int(labels.notna().sum())}个所属分组；每个地方都须有一个分组。",
            en=f"There are {len(n)} areas and {int(labels.notna().sum())} groups; give every area its group.",
        )
    failures = x if better == "lower" else n - x
    has = n > 0
    code, names = pd.factorize(labels[has], sort=True)
    order = np.lexsort((failures[has], n[has], code))
    code, failures, n = code[order], failures[has][order], n[has][order]
    rates = failures / n
    cases = np.bincount(code, n, minlength=len(names))
    failed = np.bincount(code, failures, minlength=len(names))
    with np.errstate(invalid="ignore", divide="ignore"):
        part = failed / failed.sum()
        relative = (failed / cases) / (failed.sum() / cases.sum())
        between = special.xlogy(part, relative)
        local = rates / (failed / cases)[code]
        inner = np.bincount(code, n / cases[code] * np.where(rates > 0, special.xlogy(local, local), 0.0), len(names))
    inside = np.where(failed > 0, inner, np.nan)
    within = np.where(failed > 0, part * inner, part)
    groups = pd.DataFrame(
        {"group": names, "cases": cases, "failures": failed, "theil": inside, "between": between, "within": within}
    )
    return TheilSplit(float(theil(rates, n)), _total(between), _total(within), groups)


class ChanceInequality(NamedTuple):
    """Theil's T and Gini of areas that all have the same true rate: mean of the draws and where 95 % of them lie."""

    theil: float
    theil_range: Bounds
    gini: float
    gini_range: Bounds


def chance_inequality(n: Any, failure_rate: float, *, draws: int = DRAWS, seed: int = SEED) -> ChanceInequality:
    """What Theil's T and Gini (weighted by cases) would be if every area failed at ``failure_rate`` (0 to 1).

    Binomial draws with a fixed seed, 1,000 up to 3,000 areas and fewer above (at least 100). They depend only on the
    set of n. Draws without any failure have no index and are left out; NaN if none is left.
    Raises CountError for impossible counts, MethodError for a rate not between 0 and 1.
    """
    _, n = check_counts(0, n)
    rate = check_share(failure_rate, what="failure rate", zh="未达标率")
    n = np.sort(n[n > 0])
    made = min(draws, max(100, MOST_DRAWN // max(1, n.size)))
    failures = np.random.default_rng(seed).binomial(n.astype(np.int64), rate, size=(made, n.size))
    failures = failures[failures.any(axis=1)]
    if not len(failures):
        nothing = np.asarray(np.nan)
        return ChanceInequality(np.nan, Bounds(nothing, nothing), np.nan, Bounds(nothing, nothing))
    rates, share = failures / n, np.broadcast_to(n / n.sum(), failures.shape)
    rising = np.argsort(rates, axis=-1, kind="stable")
    found = [_theil(rates, share), _gini(*(np.take_along_axis(one, rising, axis=-1) for one in (rates, share)))]
    first, second = (Bounds(*(np.asarray(one) for one in np.quantile(index, (0.025, 0.975)))) for index in found)
    return ChanceInequality(float(found[0].mean()), first, float(found[1].mean()), second)


def _pooled(x: Floats, n: Floats) -> float:
    """The pooled rate; NaN without cases."""
    return float(x.sum() / n.sum()) if n.sum() else float("nan")


def _weighted(y: Any, weights: Any) -> tuple[Floats, Floats]:
    """Values and weights that add up to 1 along the last axis, of one shape; entries without weight are 0.

    Sorted by value, then weight, so that no sum depends on the order in which they came.
    """
    y, weights = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(weights, dtype=np.float64))
    y = np.where(weights == 0, 0.0, y)
    if not ((y >= 0) & (weights >= 0)).all() or y.ndim == 0:
        raise MethodError(
            zh="数值或权重缺失或为负；请给出不小于0的一列数，没有数据的地方权重为0。",
            en="A value or weight is missing or negative; give a row of values of 0 or more, weight 0 without data.",
        )
    order = np.lexsort((weights, y), axis=-1)
    y, weights = np.take_along_axis(y, order, axis=-1), np.take_along_axis(weights, order, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return y, weights / weights.sum(axis=-1, keepdims=True)


def _theil(y: Floats, share: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = y / (share * y).sum(axis=-1, keepdims=True)
        index = np.maximum((share * special.xlogy(relative, relative)).sum(axis=-1), 0.0)
    return np.asarray(index if y.shape[-1] else index * np.nan)


def _gini(y: Floats, share: Floats) -> Floats:
    """Of values that rise along the last axis."""
    with np.errstate(invalid="ignore", divide="ignore"):
        index = (share * y * (2 * share.cumsum(axis=-1) - share - 1)).sum(axis=-1) / (share * y).sum(axis=-1)
    return np.asarray(np.maximum(index, 0.0))


def _total(parts: Floats) -> float:
    return float(parts.sum()) if parts.size else float("nan")
