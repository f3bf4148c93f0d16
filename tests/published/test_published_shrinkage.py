"""Worked examples for beta-binomial shrinkage: textbook priors, posteriors and maximum-likelihood fits."""

import numpy as np
import pytest
from scipy import stats

from indicators.shrinkage import (
    Prior,
    beta_binomial_mle,
    beta_binomial_moments,
    posterior_interval,
    probability_below,
    reliability,
    shrunken_rates,
)

# Tumours in 70 historical groups of rats and a current one of 14 with 4 (Tarone 1982, Biometrics 38:215; Gelman et al.
# 2013, Bayesian Data Analysis, 3rd ed., table 5.1).
RATS = """
0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18 2/25 2/24
2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20
4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 9/24
"""
# Boys among the first 12 children of 6,115 families of 13 in Saxony (Geissler 1889; Lindsey & Altham 1998, Applied
# Statistics 47:149).
FAMILIES = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]

# Gelman et al. 2013, table 2.1: prior mean, prior size, posterior median and 95 % interval of 437 girls among 980
# births with placenta praevia.
PLACENTA = [
    (0.500, 2, 0.446, 0.415, 0.477), (0.485, 2, 0.446, 0.415, 0.477), (0.485, 5, 0.446, 0.415, 0.477),
    (0.485, 10, 0.446, 0.415, 0.477), (0.485, 20, 0.447, 0.416, 0.478), (0.485, 100, 0.450, 0.420, 0.479),
    (0.485, 200, 0.453, 0.424, 0.481),
]  # fmt: skip


def beta_prior(mean: float, size: float) -> Prior:
    return Prior(mean, mean * (1 - mean) / (size + 1), mean * size, (1 - mean) * size, 70, None)


def rats() -> tuple[np.ndarray, np.ndarray]:
    counts = np.array([[int(part) for part in group.split("/")] for group in RATS.split()])
    return counts[:, 0], counts[:, 1]


def test_the_rat_tumours_of_group_71_are_shrunk_as_in_bayesian_data_analysis() -> None:
    """BDA3 §5.1: mean 0.136 and SD 0.103 of 70 rates give (1.4, 8.6); group 71, 4 of 14: mean 0.223, SD 0.083."""
    x, n = rats()
    mean, sd = np.mean(x / n), np.std(x / n, ddof=1)
    assert len(n) == 70 and (round(mean, 3), round(sd, 3)) == (0.136, 0.103)
    prior = beta_prior(mean, mean * (1 - mean) / sd**2 - 1)
    assert (round(prior.alpha, 1), round(prior.beta, 1)) == (1.4, 8.6)
    assert round(float(shrunken_rates(4, 14, prior)), 3) == 0.223
    assert round(float(stats.beta.std(prior.alpha + 4, prior.beta + 10)), 3) == 0.083


def test_the_books_quick_prior_overstates_the_spread_because_it_keeps_the_chance_in_the_rates() -> None:
    """BDA3 §5.1 warns of it and §5.3 finds (2.4, 14.3) with all 71 groups; likelihood and moments agree with that."""
    x, n = (np.append(one, new) for one, new in zip(rats(), (4, 14), strict=True))
    likelihood, moments = beta_binomial_mle(x, n), beta_binomial_moments(x, n)
    assert (likelihood.alpha, likelihood.beta) == pytest.approx((2.4, 14.3), abs=0.2)
    assert np.sqrt(likelihood.tau2) < 0.09 and np.sqrt(moments.tau2) < 0.09


def test_the_sex_ratio_in_saxony_gives_the_printed_moments_and_likelihood() -> None:
    """Wikipedia, "Beta-binomial distribution", sex ratio heterogeneity: moments (34.1350, 31.6085), maximum likelihood
    (34.09558, 31.5715), log likelihood -12492.9, AIC 24989.74, binomial AIC 25070.34.

    The printed maximum stopped early: ours, (34.1028, 31.5782), has the higher likelihood in the sixth decimal.
    """
    x = np.repeat(np.arange(13), FAMILIES)
    n = np.full(len(x), 12)
    moments, likelihood = beta_binomial_moments(x, n), beta_binomial_mle(x, n)
    assert (moments.alpha, moments.beta) == pytest.approx((34.1350, 31.6085), abs=0.00005)
    assert (likelihood.alpha, likelihood.beta) == pytest.approx((34.09558, 31.5715), abs=0.01)

    def log_likelihood(alpha: float, beta: float) -> float:
        return float(np.dot(FAMILIES, stats.betabinom.logpmf(np.arange(13), 12, alpha, beta)))

    ours = log_likelihood(likelihood.alpha, likelihood.beta)
    assert round(ours, 1) == -12492.9 and round(4 - 2 * ours, 2) == 24989.74
    assert ours > log_likelihood(34.09558, 31.5715)
    binomial = np.dot(FAMILIES, stats.binom.logpmf(np.arange(13), 12, x.mean() / 12))
    assert round(float(2 - 2 * binomial), 2) == 25070.34


@pytest.mark.parametrize(("mean", "size", "median", "low", "high"), PLACENTA)
def test_girls_with_placenta_praevia_have_the_printed_posterior_interval(
    mean: float, size: float, median: float, low: float, high: float
) -> None:
    prior = beta_prior(mean, size)
    bounds = posterior_interval(437, 980, prior)
    assert (round(float(bounds.low), 3), round(float(bounds.high), 3)) == (low, high)
    assert float(probability_below(437, 980, prior, median - 0.0006)) < 0.5
    assert float(probability_below(437, 980, prior, median + 0.0006)) > 0.5


def test_laplaces_probability_that_boys_are_not_the_more_frequent_is_as_printed() -> None:
    """BDA3 §2.4: 241,945 girls and 251,527 boys, Paris 1745-1770, uniform prior: P(girls at least half) = 1.15e-42."""
    found = float(probability_below(251_527, 251_527 + 241_945, beta_prior(0.5, 2), 0.5))
    assert found == pytest.approx(1.15e-42, abs=0.005e-42)


def test_without_the_limit_at_zero_shrinkage_would_turn_the_order_round() -> None:
    """esda (Empirical_Bayes) and spdep (EBest, binomial) let the variance between areas be negative; we do not.

    Their formula on 20 areas that are more alike than chance would make them: the area with the lowest raw rate gets
    the highest "shrunken" one. Martuzzi & Elliott 1996, Statistics in Medicine 15:1867, take it as 0.
    """
    x, n = np.array([49] * 18 + [48, 50]), np.full(20, 50)
    pooled = x.sum() / n.sum()
    s2 = (n * (x / n - pooled) ** 2).sum() / n.sum()
    tau2 = (n.mean() * s2 - pooled * (1 - pooled)) / (n.mean() - 1)
    weight = n * tau2 / (pooled * (1 - pooled) + (n - 1) * tau2)
    unclipped = weight * x / n + (1 - weight) * pooled
    assert tau2 < 0 and unclipped.argmax() == x.argmin()
    prior = beta_binomial_moments(x, n)
    assert prior.tau2 == 0 and prior.reason == "no_variation"
    assert (shrunken_rates(x, n, prior) == pooled).all() and (reliability(n, prior) == 0).all()
