"""How far areas lie apart, once what chance does to small areas is taken off.

The raw spread of small areas is mostly chance: 450 villages with 25 cases each, all truly at 98 %, show a standard
deviation above 4 percentage points. So the figure to lead with is τ, the standard deviation of the true rates under
the beta-binomial model (`indicators.shrinkage`), in units of the rate; beside it P90 − P10 of the shrunken rates. The
raw standard deviation is given with the one chance alone would make.

Theil's index and the Gini coefficient are relative measures: near 100 % they are close to 0 for success rates
whatever happens, so they are computed on the rates of failure, weighted by cases, and belong beside the value expected
from chance (`chance_inequality`). Theil's index splits exactly into a part between groups (townships) and one within.

The slope index says how the rate runs along a context variable (share of migrants): the difference between the two
ends of a line fitted through the areas ranked by it. It describes a gradient, and not what causes it; where the
relation is bent (best in the middle) it hides it. With rates near 100 % use the logit model, whose ends stay in 0..1.

Sources: Theil 1967, Economics and Information Theory; Shorrocks 1980, Econometrica 48:613; Pamuk 1985, Population
Studies 39:17; Mackenbach & Kunst 1997, Social Science & Medicine 44:757; Low & Low 2004, J Public Health 26:387.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, Bounds
from indicators.shrinkage import beta_binomial_moments, shrunken_rates

DRAWS = 1_000
SEED = 20_200_402
FEWEST_RANKS = 5
"""Different values of the context variable below which no slope is given (as Public Health England)."""
MOST_DRAWN = 3_000_000
"""Areas × draws; with more areas every draw says more, and fewer are made (at least 100)."""


class SpreadRefusal(StrEnum):
    """Why there is no ratio or no slope: too few areas, all rates 0 or 1, a rate of 0 below, or no finite slope."""

    TOO_FEW_AREAS = "too_few_areas"
    ALL_ALIKE = "all_alike"
    ZERO_RATE = "zero_rate"
    SEPARATED = "separated"


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
    y, share = _weighted(y, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = y / (share * y).sum(axis=-1, keepdims=True)
        index = np.maximum((share * special.xlogy(relative, relative)).sum(axis=-1), 0.0)
    return np.asarray(index if y.shape[-1] else index * np.nan)


def gini(y: Any, weights: Any = 1.0, *, sample: bool = False) -> Floats:
    """The Gini coefficient over the last axis: Σᵢ Σⱼ wᵢwⱼ|yᵢ − yⱼ| / (2W²μ), from 0 (all alike) to below 1.

    The population version; with ``sample`` it is multiplied by k/(k − 1), k the number of entries with weight (NaN
    for a single one). Weights, NaN and errors as for `theil`.
    """
    y, share = _weighted(y, weights)
    order = np.argsort(y, axis=-1)
    y, share = np.take_along_axis(y, order, axis=-1), np.take_along_axis(share, order, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = (share * y * (2 * share.cumsum(axis=-1) - share - 1)).sum(axis=-1) / (share * y).sum(axis=-1)
        count = (share > 0).sum(axis=-1)
        return np.asarray(np.maximum(index, 0.0) * (count / (count - 1.0) if sample else 1.0))


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
    rates = failures[has] / n[has]
    cases = np.bincount(code, n[has], minlength=len(names))
    failed = np.bincount(code, failures[has], minlength=len(names))
    with np.errstate(invalid="ignore", divide="ignore"):
        part = failed / failed.sum()
        relative = (failed / cases) / (failed.sum() / cases.sum())
        between = special.xlogy(part, relative)
        local = rates / (failed / cases)[code]
        inner = np.bincount(
            code, n[has] / cases[code] * np.where(rates > 0, special.xlogy(local, local), 0.0), len(names)
        )
    inside = np.where(failed > 0, inner, np.nan)
    within = np.where(failed > 0, part * inner, part)
    groups = pd.DataFrame(
        {"group": names, "cases": cases, "failures": failed, "theil": inside, "between": between, "within": within}
    )
    return TheilSplit(float(theil(rates, n[has])), _total(between), _total(within), groups)


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
    found = [index(failures / n, n) for index in (theil, gini)]
    first, second = (Bounds(*(np.asarray(one) for one in np.quantile(index, (0.025, 0.975)))) for index in found)
    return ChanceInequality(float(found[0].mean()), first, float(found[1].mean()), second)


def mid_ranks(n: Any, context: Any) -> Floats:
    """The place of every area in the order of ``context``, as the share of all cases below its middle (ridit, 0..1).

    12 % of the cases first and 10 % next give 0.06 and 0.17. Areas with the same context share one place. The mean
    weighted by cases is 1/2. NaN for areas without cases or context.
    """
    n, context = np.broadcast_arrays(check_counts(0, n)[1], np.asarray(context, dtype=np.float64))
    known = (n > 0) & ~np.isnan(context)
    _, block = np.unique(context[known], return_inverse=True)
    cases = np.bincount(block, n[known]) if known.any() else np.zeros(0)
    ranks = np.full(n.shape, np.nan)
    ranks[known] = ((np.cumsum(cases) - cases / 2) / max(1.0, cases.sum()))[block]
    return ranks


@dataclass(frozen=True)
class SlopeIndex:
    """The gradient of a rate along a context variable; shares. Everything NaN where ``reason`` is given.

    sii, low, high  slope index of inequality: the fitted rate at the top of the order minus that at the bottom
    rii, rii_low, rii_high  relative index: top / bottom (NaN where the line leaves a rate of 0 or below)
    bottom, top     the fitted rates themselves (the linear ones may lie outside 0..1: use the logit model then)
    areas           areas with cases and a context
    """

    sii: float
    low: float
    high: float
    rii: float
    rii_low: float
    rii_high: float
    bottom: float
    top: float
    areas: int
    model: str
    reason: SpreadRefusal | None


def slope_index(x: Any, n: Any, context: Any, *, model: str = "linear", confidence: float = CONFIDENCE) -> SlopeIndex:
    """Slope and relative index of inequality of ``x`` of ``n`` along ``context`` (rank 0 lowest, 1 highest value).

    "linear": least squares of x/n on the `mid_ranks`, weighted by n: SII = b, RII = (a + b)/a. "logit": binomial
    regression of x of n on the same ranks; SII and RII from the two fitted ends. Intervals: t with k − 2 degrees of
    freedom; the variance of a case is θ(1 − θ), or the scatter of the areas about the line if that is larger (for
    "logit" the Pearson statistic), so true differences between the areas widen the interval
    (with 25 areas of very unequal size and true differences 95 % still cover only about 92 %). Public Health England
    simulates from the areas' own standard errors, which are 0 at 100 % and know nothing of scatter. RII on the log
    scale by the delta method. Areas without cases or context (NaN) take no part.
    Refused ("too_few_areas") below five different contexts, ("all_alike") if every rate is 0 or every rate is 1,
    ("separated") if the logit slope is infinite. Raises CountError, and MethodError for an unknown model or a
    confidence outside 0..1.
    """
    if model not in ("linear", "logit"):
        raise MethodError(
            zh=f"模型是{model!r}；请给出“linear”或“logit”。", en=f'model is {model!r}; give "linear" or "logit".'
        )
    level = check_share(confidence, what="confidence", zh="置信水平")
    x, n = check_counts(x, n)
    ranks = mid_ranks(n, context)
    known = ~np.isnan(ranks)
    x, n, u = x[known], n[known], ranks[known] - 0.5
    reason = None
    if np.unique(u).size < FEWEST_RANKS:
        reason = SpreadRefusal.TOO_FEW_AREAS
    elif not 0 < x.sum() < n.sum():
        reason = SpreadRefusal.ALL_ALIKE
    fit = None if reason else (_line(x, n, u) if model == "linear" else _logit(x, n, u))
    if fit is None:
        return SlopeIndex(*(float("nan"),) * 8, int(known.sum()), model, reason or SpreadRefusal.SEPARATED)
    bottom, top, difference_error, log_ratio_error = fit
    t = float(stats.t.ppf((1 + level) / 2, len(n) - 2))
    ratio = top / bottom if top > 0 and bottom > 0 else float("nan")
    sii = top - bottom
    return SlopeIndex(
        sii, sii - t * difference_error, sii + t * difference_error,
        ratio, ratio * float(np.exp(-t * log_ratio_error)), ratio * float(np.exp(t * log_ratio_error)),
        bottom, top, int(known.sum()), model, None,
    )  # fmt: skip


def _pooled(x: Floats, n: Floats) -> float:
    """The pooled rate; NaN without cases."""
    return float(x.sum() / n.sum()) if n.sum() else float("nan")


def _line(x: Floats, n: Floats, u: Floats) -> tuple[float, float, float, float]:
    """Fitted rate at both ends, standard error of their difference and of the logarithm of their ratio."""
    mean, size = _pooled(x, n), (n * u**2).sum()
    slope = (n * u * (x / n)).sum() / size
    scatter = (n * (x / n - mean - slope * u) ** 2).sum() / (len(n) - 2)
    variance = max(mean * (1 - mean), scatter)
    bottom, top = mean - slope / 2, mean + slope / 2
    log_ratio = float("nan")
    if bottom > 0 and top > 0:
        along_mean, along_slope = 1 / top - 1 / bottom, (1 / top + 1 / bottom) / 2
        log_ratio = float(np.sqrt(variance * (along_mean**2 / n.sum() + along_slope**2 / size)))
    return float(bottom), float(top), float(np.sqrt(variance / size)), log_ratio


def _logit(x: Floats, n: Floats, u: Floats) -> tuple[float, float, float, float] | None:
    """The same for binomial regression by Newton's method; None if the slope runs away."""
    design = np.column_stack([np.ones_like(u), u])
    beta = np.array([special.logit(_pooled(x, n)), 0.0])
    for _ in range(60):
        p = special.expit(design @ beta)
        information = design.T @ (design * (n * p * (1 - p))[:, None])
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (x - n * p))
        beta = beta + step * min(1.0, 4.0 / max(1e-300, np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    else:
        return None
    dispersion = max(1.0, float(((x - n * p) ** 2 / (n * p * (1 - p))).sum() / (len(n) - 2)))
    covariance = dispersion * np.linalg.inv(information)
    ends = np.array([[1.0, -0.5], [1.0, 0.5]])
    low, high = special.expit(ends @ beta)
    difference = high * (1 - high) * ends[1] - low * (1 - low) * ends[0]
    log_ratio = (1 - high) * ends[1] - (1 - low) * ends[0]
    errors = [float(np.sqrt(one @ covariance @ one)) for one in (difference, log_ratio)]
    return float(low), float(high), errors[0], errors[1]


def _weighted(y: Any, weights: Any) -> tuple[Floats, Floats]:
    """Values and weights that add up to 1 along the last axis, of one shape; entries without weight are 0."""
    y, weights = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(weights, dtype=np.float64))
    y = np.where(weights == 0, 0.0, y)
    if not ((y >= 0) & (weights >= 0)).all() or y.ndim == 0:
        raise MethodError(
            zh="数值或权重缺失或为负；请给出不小于0的一列数，没有数据的地方权重为0。",
            en="A value or weight is missing or negative; give a row of values of 0 or more, weight 0 without data.",
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        return y, weights / weights.sum(axis=-1, keepdims=True)


def _total(parts: Floats) -> float:
    return float(parts.sum()) if parts.size else float("nan")
