"""When areas differ more than their cases explain: how much more, and wider limits that allow for it.

A funnel's limits suppose that every area on target has exactly the same true rate. Real areas differ a little in ways
nobody is to blame for, and with thousands of cases each the funnel then flags most of them. The dispersion φ is the
mean squared z-score, taken after the most extreme tenth at either end has been pulled in so that true outliers do not
widen the limits that should show them. Where φ is clearly above 1, a variance τ² between areas is added to the
binomial one: wider limits everywhere, and at large n no narrower than ±zτ.

Pearson z-scores are used, on areas large enough for them. The arcsine transformation is not: at rates near 100 % its
z-scores have a mean square of 1.8 without any overdispersion. Do not adjust where the target is a duty of every area
(a legal deadline): spread is then no excuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats

from indicators.counts import Floats, check_counts, check_share
from indicators.errors import MethodError

LEAST_LARGE_AREAS = 10
LEAST_EXPECTED = 5.0
"""Successes, and failures, expected in an area for its z-score to be near normal."""


class DispersionReason(StrEnum):
    """Why limits are not adjusted: too few areas with a usable z-score, or no more spread than chance brings."""

    TOO_FEW_LARGE_AREAS = "too_few_large_areas"
    NOT_SIGNIFICANT = "not_significant"


@dataclass(frozen=True)
class Overdispersion:
    """The spread of z-scores around a target.

    phi       winsorised mean of z²; chance alone gives 1 without and 0.68 with winsorising by a tenth. NaN where there
              were too few areas
    tau2      variance between areas to be added, in squared shares; 0 unless adjusted
    areas     the number k of areas with a usable z-score
    critical  kφ above which φ counts as above 1: the chi-squared quantile with k degrees of freedom
    reason    None where limits are to be adjusted, else a code of ``DispersionReason``
    """

    phi: float
    tau2: float
    areas: int
    critical: float
    reason: str | None

    @property
    def adjusted(self) -> bool:
        """Whether the limits are to be widened."""
        return self.reason is None


def overdispersion(x: Any, n: Any, rate: float, *, winsorised: float = 0.1, confidence: float = 0.95) -> Overdispersion:
    """The dispersion of areas with ``x`` of ``n`` cases (one-dimensional) around ``rate`` (a share).

    z = (x/n - θ)/√(θ(1-θ)/n) for areas with nθ ≥ 5 and n(1-θ) ≥ 5; at least ten are needed. The share ``winsorised``
    at each end is set to the quantile there (linear interpolation). φ = Σz²/k; adjusted only if kφ exceeds the
    chi-squared quantile at ``confidence`` and :func:`additive_variance` is above 0. Winsorising takes a third off the
    mean square of normal z-scores (0.68 for 1), so both the test and τ² err on the side of not adjusting; with
    ``winsorised`` 0 comes the full dispersion, outliers included.

    Source: Spiegelhalter 2005, Quality and Safety in Health Care 14:347. Raises CountError for impossible counts and
    MethodError for a rate, confidence or winsorised share out of range.
    """
    x, n = (one.ravel() for one in check_counts(x, n))
    rate = check_share(rate, what="rate", zh="参照率")
    confidence = check_share(confidence, what="confidence", zh="置信水平")
    if not 0 <= winsorised < 0.5:
        raise MethodError(
            zh=f"缩尾比例是{winsorised!r}；请给出0至0.5之间的数，例如0.1。",
            en=f"The winsorised share is {winsorised!r}; give a number from 0 to below 0.5, such as 0.1.",
        )
    large = n * min(rate, 1 - rate) >= LEAST_EXPECTED
    x, n = x[large], n[large]
    k = int(n.size)
    critical = float(stats.chi2.ppf(confidence, k)) if k else float("nan")
    if k < LEAST_LARGE_AREAS:
        return Overdispersion(float("nan"), 0.0, k, critical, DispersionReason.TOO_FEW_LARGE_AREAS.value)
    errors = np.sqrt(rate * (1 - rate) / n)
    z = np.sort((x / n - rate) / errors)
    phi = float(np.mean(np.clip(z, *np.quantile(z, (winsorised, 1 - winsorised))) ** 2))
    tau2 = additive_variance(phi, np.sort(errors)) if k * phi > critical else 0.0
    reason = None if tau2 > 0 else DispersionReason.NOT_SIGNIFICANT.value
    return Overdispersion(phi, tau2, k, critical, reason)


def additive_variance(phi: float, standard_errors: Any) -> float:
    """The variance between areas τ² = max(0, (kφ - (k-1)) / (Σw - Σw²/Σw)) with w = 1/s², s the k standard errors.

    In the square of the unit of the standard errors. Without winsorising kφ is Cochran's Q and this is the estimate of
    DerSimonian & Laird 1986, Controlled Clinical Trials 7:177; here after Spiegelhalter et al. 2012, JRSS-A 175:1.
    NaN with fewer than two areas.
    """
    w = 1 / np.asarray(standard_errors, dtype=np.float64).ravel() ** 2
    if w.size < 2:
        return float("nan")
    return max(0.0, float((w.size * phi - (w.size - 1)) / (w.sum() - (w**2).sum() / w.sum())))


def adjusted_limits(n: Any, rate: float, tau2: float, *, tails: Sequence[float]) -> Floats:
    """Limits θ + z√(θ(1-θ)/n + τ²) within 0..1, shaped (*n.shape, len(tails)); ``tails`` are lower probabilities.

    Normal theory: meant for areas with at least five successes and failures expected. NaN at n = 0.
    Source: Spiegelhalter 2005, Quality and Safety in Health Care 14:347. Raises CountError and MethodError.
    """
    _, n = check_counts(0, n)
    rate = check_share(rate, what="rate", zh="参照率")
    z = stats.norm.ppf([check_share(tail, what="tail", zh="尾概率") for tail in tails])
    with np.errstate(divide="ignore"):
        spread = np.sqrt(rate * (1 - rate) / n + tau2)[..., None]
    spread = np.where(n[..., None] == 0, np.nan, spread)
    return np.clip(rate + z * spread, 0.0, 1.0)
