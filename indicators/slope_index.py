"""Does the rate of areas rise or fall along a context variable (share of migrants, distance), and by how much in all?

Areas are ranked by the context, each as wide as its share of the cases, and a line is fitted through their rates. The
slope index of inequality is the difference between the two ends of that line, the relative index their ratio. Unlike a
comparison of the first with the last fifth it uses every area. It describes a gradient, and not what causes it; where
the relation is bent (best in the middle) it hides it. With rates near 100 % use the logit model, whose ends stay in
0..1. How far areas lie apart, whatever the order, is the question of ``spread``.

Sources: Pamuk 1985, Population Studies 39:17; Mackenbach & Kunst 1997, Social Science & Medicine 44:757; Low & Low
2004, J Public Health 26:387.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special, stats

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE

FEWEST_RANKS = 5
"""Different values of the context variable below which no slope is given (as Public Health England)."""


class SlopeRefusal(StrEnum):
    """Why there is no slope: fewer than five different contexts, all rates 0 or all 1, or no finite slope."""

    TOO_FEW_AREAS = "too_few_areas"
    ALL_ALIKE = "all_alike"
    SEPARATED = "separated"


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
    reason: SlopeRefusal | None


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
    order = np.lexsort((x, n, u))
    x, n, u = x[order], n[order], u[order]
    reason = None
    if np.unique(u).size < FEWEST_RANKS:
        reason = SlopeRefusal.TOO_FEW_AREAS
    elif not 0 < x.sum() < n.sum():
        reason = SlopeRefusal.ALL_ALIKE
    fit = None if reason else (_line(x, n, u) if model == "linear" else _logit(x, n, u))
    if fit is None:
        return SlopeIndex(*(float("nan"),) * 8, int(known.sum()), model, reason or SlopeRefusal.SEPARATED)
    bottom, top, difference_error, log_ratio_error = fit
    t = float(stats.t.ppf((1 + level) / 2, len(n) - 2))
    ratio = top / bottom if top > 0 and bottom > 0 else float("nan")
    sii = top - bottom
    return SlopeIndex(
        sii, sii - t * difference_error, sii + t * difference_error,
        ratio, ratio * float(np.exp(-t * log_ratio_error)), ratio * float(np.exp(t * log_ratio_error)),
        bottom, top, int(known.sum()), model, None,
    )  # fmt: skip


def _line(x: Floats, n: Floats, u: Floats) -> tuple[float, float, float, float]:
    """Fitted rate at both ends, standard error of their difference and of the logarithm of their ratio."""
    mean, size = x.sum() / n.sum(), (n * u**2).sum()
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
    beta = np.array([special.logit(x.sum() / n.sum()), 0.0])
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
