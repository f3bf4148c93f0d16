"""Which spreads of the true rates the counts leave possible: priors that stand for the uncertainty about the prior.

An estimated prior is taken for the truth by everything computed from it. With few or small areas it is anything but:
twenty-five areas near 98 % leave room for a standard deviation of the true rates of half a point and of two, and what
may be said of an area changes with it. Here the uncertainty is laid out as a handful of priors, each as likely as the
others given the counts; a probability averaged over them is honest about the spread not being known. With thousands of
areas the prior is certain and one is enough.

The model is the beta-binomial one with mean μ and intra-class correlation ρ = 1/(α + β + 1). Before the counts
√(ρ/(1-ρ)) is half-Cauchy, with its median where a tenth of what is seen in an area of mean size is true variation: flat
where the spread is small, with a tail heavy enough for any spread to win, and cautious enough for the bands made of it
to hold what they promise (see :mod:`indicators.posterior_ranks`); ln(μ/(1-μ)) is uniform. At each ρ the mean is that of
Kleinman's weights n/(1 + (n - 1)ρ) and is integrated out by Laplace's method. Not for areas that were found alike: the
spread is then whatever was believed before, and such areas should get no prior from here (see
:mod:`indicators.homogeneity`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from indicators.counts import Floats, check_counts, check_enough
from indicators.shrinkage import Prior, beta_binomial_moments

_TENTH = 9.0
"""α + β, in units of the mean number of cases, at which the reliability of an area of mean size is a tenth."""
_BELOW, _HIGHEST = 8.0, 10.0
"""Range of ln(ρ/(1-ρ)): from so far below that median up to this."""
_POINTS = 40
_UNLIKELY = 12.0
"""Log density below the highest from which a ρ is left out."""
_GOLDEN = (np.sqrt(5) - 1) / 2


def likely_priors(x: Any, n: Any, *, many: int) -> list[Prior]:
    """``many`` equally likely priors of areas with ``x`` successes of ``n`` cases (one-dimensional), ordered by ρ.

    Their ρ are the (j + ½)/many quantiles of its posterior distribution; each has a mean of its own, at quantiles of
    the posterior of ln(μ/(1-μ)) given that ρ that are spread evenly and unrelated to ρ (a lattice), so that both
    uncertainties are covered. Nothing is drawn. Empty where :func:`shrinkage.beta_binomial_moments` finds no prior
    (nothing varies, too few areas, ...). The order of the areas has no effect.

    Source: Gelman 2006, Bayesian Analysis 1:515 (half-Cauchy); Kleinman 1973, JASA 68:46 (weights); Tierney & Kadane
    1986, JASA 81:82 (Laplace's method); Niederreiter 1992, Random Number Generation and Quasi-Monte Carlo Methods
    (lattice). Raises CountError for impossible counts, MethodError for ``many`` below 1.
    """
    check_enough(many, 1, what="priors", zh="先验分布")
    moments = beta_binomial_moments(x, n)
    if moments.reason is not None:
        return []
    x, n = (one.ravel() for one in check_counts(x, n))
    x, n = x[n > 0], n[n > 0]
    parts = tuple(np.unique(one, return_counts=True) for one in (x, n - x, n))
    successes = np.bincount(np.searchsorted(parts[2][0], n), weights=x).astype(np.float64)
    median = -np.log(_TENTH * n.mean())
    odds = np.linspace(median - _BELOW, _HIGHEST, _POINTS)
    for _ in range(2):
        likely = _log_posterior(odds, median, successes, parts)[0]
        held = np.flatnonzero(likely > likely.max() - _UNLIKELY)
        odds = np.linspace(odds[max(held[0] - 1, 0)], odds[min(held[-1] + 1, _POINTS - 1)], _POINTS)
    likely, logit_mu, error = _log_posterior(odds, median, successes, parts)
    density = np.exp(likely - likely.max())
    reached = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    level = (np.arange(many) + 0.5) / many
    chosen = np.interp(level * reached[-1], reached, odds)
    across = special.ndtri((0.5 + (np.arange(many) - (many - 1) / 2) * _GOLDEN) % 1)
    mu = special.expit(np.interp(chosen, odds, logit_mu) + across * np.interp(chosen, odds, error))
    return [_prior(float(m), float(one), moments.areas) for m, one in zip(mu, chosen, strict=True)]


def _log_posterior(odds: Floats, median: float, successes: Floats, parts: Any) -> tuple[Floats, Floats, Floats]:
    """At each ln(ρ/(1-ρ)): its log density, the mean of ln(μ/(1-μ)) and the standard error of that."""
    size = np.exp(-odds)
    cases, times = parts[2]
    weight = (size[:, None] + 1) / (size[:, None] + cases)
    total = weight @ (cases * times)
    mu = np.clip(weight @ successes / total, 1e-12, 1 - 1e-12)
    error = 1 / np.sqrt(mu * (1 - mu) * total)
    likely = odds / 2 - np.logaddexp(0, odds - median) + np.log(error)
    for sign, shape, (counts, repeated) in zip((1, 1, -1), (mu * size, (1 - mu) * size, size), parts, strict=True):
        gain = special.gammaln(shape[:, None] + counts) - special.gammaln(shape)[:, None]
        likely = likely + sign * (gain @ repeated)
    return likely, special.logit(mu), error


def _prior(mu: float, odds: float, areas: int) -> Prior:
    size = float(np.exp(-odds))
    return Prior(mu, mu * (1 - mu) / (1 + size), mu * size, (1 - mu) * size, areas, None)
