"""Small areas pulled towards the mean: what a rate of three cases is worth, and how sure one may be of it.

With rates near 100 % and twenty cases an area, most of what is seen between areas is chance. The beta-binomial model
says so in two lines: the true rates vary as a beta distribution with mean θ and variance τ², and the successes of an
area are binomial given its true rate. The two figures are estimated from all areas together (empirical Bayes), and each
area is then given the mean of its posterior, w·x/n + (1 - w)·θ, where the reliability w = nτ² / (θ(1-θ) + (n-1)τ²)
grows with its cases. In squared error this beats the raw rates for the areas taken together.

It is not for ranking (small areas drift to the middle; rank by posterior probabilities), not for counts per resident,
and not for judging one area by itself: an area that really is exceptional is pulled in too, the more so the smaller it
is. Show the raw rate beside it. Where the areas differ no more than chance would make them, τ² is 0 and every area has
the rate θ: that is a finding, and not a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special

from indicators.beta_binomial_likelihood import maximum_likelihood
from indicators.counts import Floats, check_counts, check_share
from indicators.intervals import CONFIDENCE, Bounds

LEAST_TO_FIT = 4
"""Areas with cases below which no spread is estimated (Efron & Morris 1975: no gain with three or fewer)."""
DRAWS = 200
SEED = 19_870_901


class PriorReason(StrEnum):
    """Why a prior is no beta distribution.

    no_variation    the areas differ no more than by chance; every area has the common rate
    too_few_areas   fewer than four areas with cases
    single_cases    no area has more than one case, which tells nothing about the spread
    all_or_nothing  every area is at 0 % or at 100 %, but not all at the same
    """

    NO_VARIATION = "no_variation"
    TOO_FEW_AREAS = "too_few_areas"
    SINGLE_CASES = "single_cases"
    ALL_OR_NOTHING = "all_or_nothing"


@dataclass(frozen=True)
class Prior:
    """The distribution of the true rates: Beta(``alpha``, ``beta``) with ``mean`` θ and variance ``tau2``, as shares.

    ``areas`` is the number of areas with cases it rests on. ``reason`` is None for a beta distribution, else a code of
    ``PriorReason``: with "no_variation" tau2 is 0 and alpha and beta are NaN; with the others tau2 is NaN too, and
    mean (the pooled rate, NaN without any case) is all that is known.
    """

    mean: float
    tau2: float
    alpha: float
    beta: float
    areas: int
    reason: str | None


def beta_binomial_moments(x: Any, n: Any) -> Prior:
    """The prior of areas with ``x`` successes of ``n`` cases (one-dimensional), by the method of moments.

    θ = Σx/Σn; s² = Σ n(p-θ)²/Σn; τ² = (n̄s² - θ(1-θ))/(n̄-1), at least 0, n̄ the mean number of cases. Areas without
    cases take no part. Without the limit at 0 "shrinkage" would turn the order of the areas round.

    Source: Martuzzi & Elliott 1996, Statistics in Medicine 15:1867. Raises CountError for impossible counts.
    """
    x, n = _with_cases(x, n)
    refusal = _refusal(x, n)
    if refusal is not None:
        return refusal
    mean, tau2 = _moments(x, n)
    return _prior(float(mean), float(tau2), areas=n.size)


def beta_binomial_mle(x: Any, n: Any) -> Prior:
    """The prior of areas with ``x`` successes of ``n`` cases (one-dimensional), by maximum likelihood.

    Maximises Σ ln B(α+x, β+n-x)/B(α, β) over (logit μ, logit ρ), ρ = 1/(α+β+1), from four starting points. Reason
    "no_variation" where no ρ above 0 does better than the binomial with the pooled rate. ``mean`` is μ = α/(α+β), in
    general not the pooled rate. See :mod:`indicators.beta_binomial_likelihood`.

    Source: Griffiths 1973, Biometrics 29:637; Williams 1975, Biometrics 31:949. Raises CountError.
    """
    x, n = _with_cases(x, n)
    refusal = _refusal(x, n)
    if refusal is not None:
        return refusal
    mean, tau2 = (float(one) for one in _moments(x, n))
    chance = mean * (1 - mean)
    if chance == 0:
        return _prior(mean, 0.0, areas=n.size)
    mu, rho = maximum_likelihood(x, n, rho=tau2 / chance)
    return _prior(mu, rho * mu * (1 - mu), areas=n.size)


def reliability(n: Any, prior: Prior) -> Floats:
    """The weight w of an area's own rate, n / (α + β + n): 0 with "no_variation", NaN at n = 0 or without a prior."""
    _, n = check_counts(0, n)
    with np.errstate(invalid="ignore"):
        weight = np.zeros(n.shape) if prior.tau2 == 0 else n / (prior.alpha + prior.beta + n)
    return np.where(n == 0, np.nan, weight)


def shrunken_rates(x: Any, n: Any, prior: Prior) -> Floats:
    """Posterior means (α + x)/(α + β + n), shares of the shape of the counts: between the raw rate and prior.mean.

    With "no_variation" every area has prior.mean. NaN at n = 0 or where the prior is refused. Raises CountError.
    """
    x, n = check_counts(x, n)
    if prior.tau2 == 0:
        return np.where(n == 0, np.nan, prior.mean)
    return np.where(n == 0, np.nan, (prior.alpha + x) / (prior.alpha + prior.beta + n))


def posterior_interval(x: Any, n: Any, prior: Prior, *, confidence: float = CONFIDENCE) -> Bounds:
    """Equal-tailed credible interval of Beta(α + x, β + n - x), as shares, the prior taken as known.

    With "no_variation" both bounds are prior.mean. Too narrow with few or small areas: see :func:`bootstrap_interval`.
    NaN at n = 0 or where the prior is refused. Raises CountError, and MethodError for a confidence outside 0..1.
    """
    x, n = check_counts(x, n)
    tail = (1 - check_share(confidence, what="confidence", zh="置信水平")) / 2
    if prior.tau2 == 0:
        bound = np.where(n == 0, np.nan, prior.mean)
        return Bounds(bound, bound.copy())
    a, b = np.where(n == 0, np.nan, prior.alpha + x), prior.beta + n - x
    return Bounds(special.betaincinv(a, b, tail), special.betainccinv(a, b, tail))


def probability_below(x: Any, n: Any, prior: Prior, target: float) -> Floats:
    """The posterior probability that an area's true rate lies below ``target`` (a share), the prior taken as known.

    With "no_variation" 0 or 1, by prior.mean. NaN at n = 0 or where the prior is refused. Raises CountError, and
    MethodError for a target outside 0..1.
    """
    x, n = check_counts(x, n)
    target = check_share(target, what="target", zh="目标")
    if prior.tau2 == 0:
        return np.where(n == 0, np.nan, float(prior.mean < target))
    return np.asarray(special.betainc(np.where(n == 0, np.nan, prior.alpha + x), prior.beta + n - x, target))


def bootstrap_interval(
    x: Any, n: Any, prior: Prior, *, confidence: float = CONFIDENCE, draws: int = DRAWS, seed: int = SEED
) -> Bounds:
    """Credible intervals that allow for the prior being an estimate; ``x``, ``n`` are all the areas it came from.

    ``draws`` times true rates are drawn from the prior, successes from the rates, and a prior is estimated from them
    by moments. With posterior means m_b and variances v_b of an area under these priors, and m, v under ``prior``, the
    interval is that of the beta distribution with mean m and variance max(v, mean v_b) + mean (m_b - m)², and holds
    :func:`posterior_interval` too. The draws depend on the seed and on the set of n only, so the order of the areas
    has no effect. Where prior.mean is 0 or 1 there is nothing to draw and both bounds are that.

    Source: Laird & Louis 1987, JASA 82:739; matching two moments after Kass & Steffey 1989, JASA 84:717.
    NaN at n = 0 or where the prior is refused. Raises CountError and MethodError.
    """
    x, n = check_counts(x, n)
    tail = (1 - check_share(confidence, what="confidence", zh="置信水平")) / 2
    centre = shrunken_rates(x, n, prior)
    room = centre * (1 - centre)
    known = (n > 0) & (room > 0)
    low, high = centre.copy(), centre.copy()
    if not known.any():
        return Bounds(low, high)
    x, n, m, room = x[known], n[known], centre[known], room[known]
    mean, tau2 = _redrawn(np.sort(n), prior, draws=draws, seed=seed)
    drawn_m, drawn_v = _posterior_moments(x, n, mean[:, None], tau2[:, None])
    own = _posterior_moments(x, n, np.asarray(prior.mean), np.asarray(prior.tau2))[1]
    variance = np.maximum(own, drawn_v.mean(axis=0)) + ((drawn_m - m) ** 2).mean(axis=0)
    size = room / np.minimum(variance, 0.99 * room) - 1
    certain = posterior_interval(x, n, prior, confidence=confidence)
    low[known] = np.minimum(certain.low, special.betaincinv(m * size, (1 - m) * size, tail))
    high[known] = np.maximum(certain.high, special.betainccinv(m * size, (1 - m) * size, tail))
    return Bounds(low, high)


def _with_cases(x: Any, n: Any) -> tuple[Floats, Floats]:
    """The areas with cases, sorted, so that no sum depends on the order in which they came."""
    x, n = (one.ravel() for one in check_counts(x, n))
    x, n = x[n > 0], n[n > 0]
    order = np.lexsort((x, n))
    return x[order], n[order]


def _refusal(x: Floats, n: Floats) -> Prior | None:
    mean = float(x.sum() / n.sum()) if n.size else float("nan")
    if n.size < LEAST_TO_FIT:
        return _no_prior(mean, n.size, PriorReason.TOO_FEW_AREAS)
    if n.max() == 1 and 0 < mean < 1:
        return _no_prior(mean, n.size, PriorReason.SINGLE_CASES)
    return None


def _no_prior(mean: float, areas: int, reason: PriorReason) -> Prior:
    return Prior(mean, float("nan"), float("nan"), float("nan"), areas, reason.value)


def _prior(mean: float, tau2: float, *, areas: int) -> Prior:
    chance = mean * (1 - mean)
    if tau2 <= 1e-12 * chance:
        return Prior(mean, 0.0, float("nan"), float("nan"), areas, PriorReason.NO_VARIATION.value)
    if tau2 >= (1 - 1e-9) * chance:
        return _no_prior(mean, areas, PriorReason.ALL_OR_NOTHING)
    size = chance / tau2 - 1
    return Prior(mean, tau2, mean * size, (1 - mean) * size, areas, None)


def _moments(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    """θ and τ² of the areas along the last axis, all with cases; τ² is 0 where no area has more than one case."""
    cases = n.sum()
    size = cases / n.size
    mean = x.sum(axis=-1) / cases
    chance = mean * (1 - mean)
    s2 = (n * (x / n - mean[..., None]) ** 2).sum(axis=-1) / cases
    tau2 = (size * s2 - chance) / (size - 1) if size > 1 else np.zeros_like(mean)
    return mean, np.clip(tau2, 0.0, chance)


def _posterior_moments(x: Floats, n: Floats, mean: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    """Posterior mean and variance of each area (last axis) under priors with these moments; τ² may be 0."""
    chance = mean * (1 - mean)
    with np.errstate(invalid="ignore"):
        weight = np.where(tau2 > 0, n * tau2 / (chance + (n - 1) * tau2), 0.0)
        m = weight * (x / n) + (1 - weight) * mean
        v = np.where(tau2 > 0, m * (1 - m) * tau2 / (chance + n * tau2), 0.0)
    return m, v


def _redrawn(n: Floats, prior: Prior, *, draws: int, seed: int) -> tuple[Floats, Floats]:
    """θ and τ² estimated from each of ``draws`` sets of areas of these sizes drawn from the model."""
    generator = np.random.default_rng(seed)
    rates: Any = prior.mean if prior.tau2 == 0 else generator.beta(prior.alpha, prior.beta, size=(draws, n.size))
    drawn = generator.binomial(n.astype(np.int64), rates, size=(draws, n.size))
    return _moments(drawn.astype(np.float64), n)
