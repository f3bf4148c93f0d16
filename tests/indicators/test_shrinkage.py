"""Shrinkage: priors, posteriors and bootstrap against plain loops; what is refused and why."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize

from indicators.counts import CountError
from indicators.errors import MethodError
from indicators.shrinkage import (
    Prior,
    beta_binomial_mle,
    beta_binomial_moments,
    bootstrap_interval,
    posterior_interval,
    probability_below,
    reliability,
    shrunken_rates,
)

Counts = tuple[list[int], list[int]]


def naive_moments(x: list[int], n: list[int]) -> tuple[Fraction, Fraction]:
    """θ and τ² in exact fractions, from areas with cases of which some have more than one."""
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(x, n, strict=True) if b > 0]
    cases = sum(b for _, b in pairs)
    mean = sum(a for a, _ in pairs) / cases
    s2 = sum(b * (a / b - mean) ** 2 for a, b in pairs) / cases
    size = cases / len(pairs)
    return mean, max(Fraction(0), (size * s2 - mean * (1 - mean)) / (size - 1))


def naive_log_likelihood(x: list[int], n: list[int], mu: float, rho: float) -> float:
    """The beta-binomial as a product over single cases (Griffiths 1973), which needs no gamma functions."""
    delta = rho / (1 - rho)
    total = 0.0
    for successes, cases in zip(x, n, strict=True):
        total += sum(math.log(mu + j * delta) for j in range(successes))
        total += sum(math.log(1 - mu + j * delta) for j in range(cases - successes))
        total -= sum(math.log(1 + j * delta) for j in range(cases))
    return total


def naive_cdf(at: float, a: float, b: float) -> float:
    """Simple integration of the beta density, over the logit so that it has no poles."""

    def density(t: float) -> float:
        log = -a * np.logaddexp(0, -t) - b * np.logaddexp(0, t)
        return math.exp(float(log) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))

    middle = math.log(a / b)
    end = math.log(at / (1 - at))
    width = 12 / math.sqrt(min(a, b)) + 30 / min(a, b, 1)
    return float(integrate.quad(density, middle - width, end, limit=200)[0]) if end > middle - width else 0.0


def naive_bootstrap(x: list[int], n: list[int], prior: Prior, draws: int, seed: int) -> list[tuple[float, float]]:
    """Mean and variance to match for each area, draw by draw; areas with cases only, n ascending."""
    generator = np.random.default_rng(seed)
    sizes = sorted(n)
    rates = [[prior.mean] * len(n) for _ in range(draws)]
    if prior.tau2 > 0:
        rates = [[float(generator.beta(prior.alpha, prior.beta)) for _ in n] for _ in range(draws)]
    drawn = [[int(generator.binomial(k, p)) for k, p in zip(sizes, row, strict=True)] for row in rates]
    priors = [naive_moments(row, sizes) for row in drawn]

    def posterior(a: int, k: int, mean: float, tau2: float) -> tuple[float, float]:
        if tau2 == 0:
            return mean, 0.0
        size = mean * (1 - mean) / tau2 - 1
        m = (mean * size + a) / (size + k)
        return m, m * (1 - m) / (size + k + 1)

    found = []
    for a, k in zip(x, n, strict=True):
        m, v = posterior(a, k, prior.mean, prior.tau2)
        under = [posterior(a, k, float(mean), float(tau2)) for mean, tau2 in priors]
        spread = sum((one - m) ** 2 for one, _ in under) / draws
        found.append((m, max(v, sum(one for _, one in under) / draws) + spread))
    return found


@st.composite
def areas(draw: st.DrawFn, *, least: int = 1, smallest: int = 0, largest: int = 40) -> Counts:
    n = draw(st.lists(st.integers(smallest, largest), min_size=least, max_size=15))
    return [draw(st.sampled_from([0, one, draw(st.integers(0, one))])) for one in n], n


PRIOR = Prior(0.9, 0.9 * 0.1 / 21, 18.0, 2.0, 50, None)


@settings(max_examples=60)
@given(areas(least=4))
@example(([20] * 5, [20] * 5))
@example(([0] * 5, [7, 0, 1, 1, 9]))
@example(([0, 9, 0, 9], [9, 9, 9, 9]))
def test_the_prior_by_moments_is_that_of_exact_fractions(counts: Counts) -> None:
    found = beta_binomial_moments(*counts)
    with_cases = [one for one in counts[1] if one > 0]
    assert found.areas == len(with_cases)
    if len(with_cases) < 4:
        assert found.reason == "too_few_areas" and math.isnan(found.tau2) and math.isnan(found.alpha)
        return
    assume(max(with_cases) > 1)
    mean, tau2 = naive_moments(*counts)
    assert found.mean == pytest.approx(float(mean))
    if tau2 == 0:
        assert found.reason == "no_variation" and found.tau2 == 0 and math.isnan(found.alpha)
    elif tau2 == mean * (1 - mean):
        assert found.reason == "all_or_nothing" and math.isnan(found.tau2) and math.isnan(found.beta)
    else:
        assert found.reason is None and found.tau2 == pytest.approx(float(tau2))
        assert found.alpha / (found.alpha + found.beta) == pytest.approx(found.mean)
        assert found.mean * (1 - found.mean) / (found.alpha + found.beta + 1) == pytest.approx(found.tau2)


@pytest.mark.parametrize("fit", [beta_binomial_moments, beta_binomial_mle])
def test_a_prior_that_cannot_be_had_says_why(fit: Callable[..., Prior]) -> None:
    assert fit([], []).reason == "too_few_areas" and math.isnan(fit([0], [0]).mean)
    assert fit([9, 8, 7], [10, 10, 10]).mean == pytest.approx(0.8)
    assert fit([1, 0, 1, 1], [1, 1, 1, 1]).reason == "single_cases"
    assert fit([0, 9, 0, 9], [9, 9, 9, 9]).reason == "all_or_nothing"
    for x in (0, 9):
        alike = fit([x] * 6, [9] * 6)
        assert (alike.mean, alike.tau2, alike.reason) == (x / 9, 0.0, "no_variation")


@settings(max_examples=40)
@given(areas(least=4, smallest=1, largest=20))
def test_the_likelihood_is_nowhere_higher_than_at_its_maximum(counts: Counts) -> None:
    """Against Nelder-Mead on the product form, from a grid of starting points."""
    x, n = counts
    assume(0 < sum(x) < sum(n) and max(n) > 1)
    found = beta_binomial_mle(x, n)
    assume(found.reason != "all_or_nothing")

    def minus(at: np.ndarray) -> float:
        mu, rho = 1 / (1 + math.exp(-at[0])), 1 / (1 + math.exp(-at[1]))
        return -naive_log_likelihood(x, n, min(max(mu, 1e-12), 1 - 1e-12), min(rho, 1 - 1e-9))

    pooled = sum(x) / sum(n)
    starts = [(math.log(pooled / (1 - pooled)), logit) for logit in (-6, -2, 0, 2)]
    start = min(starts, key=lambda one: minus(np.array(one)))
    other = -float(optimize.minimize(minus, start, method="Nelder-Mead", options={"maxiter": 120}).fun)
    rho = found.tau2 / (found.mean * (1 - found.mean))
    assert naive_log_likelihood(x, n, found.mean, rho) >= other - 1e-5
    if found.tau2 > 0:
        assert naive_log_likelihood(x, n, found.mean, rho) > naive_log_likelihood(x, n, pooled, 0.0)
    else:
        assert found.mean == pytest.approx(pooled)


def test_thousands_of_areas_give_back_the_prior_they_were_drawn_from() -> None:
    random = np.random.default_rng(11)
    n = random.integers(5, 200, 6_000)
    x = random.binomial(n, random.beta(28.5, 1.5, 6_000))
    for fit in (beta_binomial_moments, beta_binomial_mle):
        prior = fit(x, n)
        assert prior.mean == pytest.approx(0.95, abs=0.003)
        assert math.sqrt(prior.tau2) == pytest.approx(math.sqrt(0.95 * 0.05 / 31), rel=0.06)
    _, tau2 = naive_moments(x.tolist(), n.tolist())
    assert beta_binomial_moments(x, n).tau2 == pytest.approx(float(tau2))
    assert shrunken_rates(x, n, prior).shape == (6_000,)


@settings(max_examples=40)
@given(areas(), st.floats(0.3, 60), st.floats(0.3, 60))
def test_shrunken_rates_weigh_the_raw_rate_against_the_mean(counts: Counts, alpha: float, beta: float) -> None:
    x, n = counts
    mean = alpha / (alpha + beta)
    tau2 = mean * (1 - mean) / (alpha + beta + 1)
    prior = Prior(mean, tau2, alpha, beta, 9, None)
    shrunk, weight = shrunken_rates(x, n, prior), reliability(n, prior)
    for row, (a, k) in enumerate(zip(x, n, strict=True)):
        if k == 0:
            assert np.isnan(shrunk[row]) and np.isnan(weight[row])
            continue
        w = k * tau2 / (mean * (1 - mean) + (k - 1) * tau2)
        assert float(weight[row]) == pytest.approx(w)
        assert float(shrunk[row]) == pytest.approx(w * a / k + (1 - w) * mean)


@settings(max_examples=40)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.5, 40), st.floats(0.5, 40), st.sampled_from([0.8, 0.95]))
@example(20, 0, 18.0, 2.0, 0.95)
@example(0, 20, 18.0, 2.0, 0.95)
def test_the_posterior_holds_the_stated_probability_on_each_side(
    x: int, failures: int, alpha: float, beta: float, confidence: float
) -> None:
    n = x + failures
    prior = Prior(alpha / (alpha + beta), 0.01, alpha, beta, 9, None)
    bounds = posterior_interval(x, n, prior, confidence=confidence)
    if n == 0:
        assert np.isnan(bounds.low) and np.isnan(bounds.high) and np.isnan(probability_below(x, n, prior, 0.5))
        return
    low, high = float(bounds.low), float(bounds.high)
    a, b = alpha + x, beta + failures
    if low > 1e-9 and high < 1 - 1e-9:
        assert naive_cdf(low, a, b) == pytest.approx((1 - confidence) / 2, abs=1e-5)
        assert naive_cdf(high, a, b) == pytest.approx((1 + confidence) / 2, abs=1e-5)
    assert float(probability_below(x, n, prior, 0.7)) == pytest.approx(naive_cdf(0.7, a, b), abs=1e-5)


@settings(max_examples=30)
@given(areas(least=4, smallest=1, largest=60))
@example(([19, 20, 20, 20, 18], [20] * 5))
def test_the_bootstrap_is_that_of_the_plain_loop(counts: Counts) -> None:
    x, n = counts
    assume(max(n) > 1)
    prior = beta_binomial_moments(x, n)
    assume(prior.reason in (None, "no_variation") and 0 < prior.mean < 1)
    found, certain = bootstrap_interval(x, n, prior, draws=12, seed=4), posterior_interval(x, n, prior)
    for row, (m, variance) in enumerate(naive_bootstrap(x, n, prior, 12, 4)):
        assert found.low[row] <= certain.low[row] and certain.high[row] <= found.high[row]
        size = m * (1 - m) / min(variance, 0.99 * m * (1 - m)) - 1
        for bound, own, share in ((found.low, certain.low, 0.025), (found.high, certain.high, 0.975)):
            if size > 0.5 and 1e-6 < bound[row] < 1 - 1e-6 and bound[row] != own[row]:
                assert naive_cdf(float(bound[row]), m * size, (1 - m) * size) == pytest.approx(share, abs=1e-4)


def test_the_bootstrap_covers_the_truth_where_the_known_prior_does_not() -> None:
    """Twenty areas of about 50 cases at 95 %, true SD 2 points: figures printed with -s."""
    random = np.random.default_rng(20)
    known, widened = [], []
    for _ in range(80):
        n = random.integers(12, 100, 20)
        truth = random.beta(0.95 * 118, 0.05 * 118, 20)
        x = random.binomial(n, truth)
        prior = beta_binomial_moments(x, n)
        for kept, bounds in ((known, posterior_interval(x, n, prior)), (widened, bootstrap_interval(x, n, prior))):
            kept.append(((bounds.low <= truth) & (truth <= bounds.high)).mean())
    print(f"95 % intervals cover: prior taken as known {np.mean(known):.0%}, bootstrap {np.mean(widened):.0%}")
    assert np.mean(widened) > 0.83 > np.mean(known)


def test_without_variation_everyone_has_the_common_rate() -> None:
    prior = beta_binomial_moments([19, 19, 19, 19, 0], [20, 20, 20, 20, 0])
    assert prior.reason == "no_variation"
    x, n = [0, 19, 20], [0, 20, 20]
    for found in (shrunken_rates(x, n, prior), *posterior_interval(x, n, prior)):
        assert np.isnan(found[0]) and found[1:].tolist() == [0.95, 0.95]
    assert reliability(n, prior)[1:].tolist() == [0, 0]
    assert probability_below(x, n, prior, 0.96)[1:].tolist() == [1, 1]
    assert probability_below(x, n, prior, 0.94)[1:].tolist() == [0, 0]
    widened = bootstrap_interval(x, n, prior)
    assert (widened.low[1:] < 0.95).all() and (widened.high[1:] > 0.95).all() and np.isnan(widened.low[0])


def test_a_refused_prior_gives_no_figures() -> None:
    prior = beta_binomial_moments([1, 2], [3, 4])
    for found in (shrunken_rates(1, 3, prior), *posterior_interval(1, 3, prior), *bootstrap_interval(1, 3, prior)):
        assert np.isnan(found)
    assert np.isnan(probability_below(1, 3, prior, 0.5)) and np.isnan(reliability(3, prior))


def test_shrinkage_beats_the_raw_rates_in_squared_error() -> None:
    """METHODS §0.4: 450 villages of 25 cases on average, 98 %, true SD 1 point: 5.1 points raw, 1.0 shrunk."""
    random = np.random.default_rng(450)
    errors = []
    for _ in range(20):
        n = np.maximum(1, random.negative_binomial(1.5, 1.5 / 26.5, 450))
        truth = random.beta(0.98 * 195, 0.02 * 195, 450)
        x = random.binomial(n, truth)
        shrunk = shrunken_rates(x, n, beta_binomial_moments(x, n))
        errors.append([np.mean((x / n - truth) ** 2), np.mean((shrunk - truth) ** 2)])
    raw, after = np.sqrt(np.mean(errors, axis=0)) * 100
    print(f"root mean square error: raw {raw:.2f}, shrunk {after:.2f} percentage points")
    assert after < 1.1 < 4 < raw


@settings(max_examples=30)
@given(areas(least=4), st.integers(0, 2**32 - 1))
def test_the_order_of_the_areas_never_changes_a_prior(counts: Counts, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(counts[0]))
    x, n = (np.array(one)[order] for one in counts)
    for fit in (beta_binomial_moments, beta_binomial_mle):
        assert repr(fit(*counts)) == repr(fit(x, n))


def test_impossible_counts_and_input_are_refused() -> None:
    for x, n in ((-1, 5), (6, 5), (math.nan, 5), (1.5, 5)):
        for call in (beta_binomial_moments, beta_binomial_mle):
            with pytest.raises(CountError):
                call([x], [n])
        for reading in (shrunken_rates, posterior_interval, bootstrap_interval):
            with pytest.raises(CountError):
                reading([x], [n], PRIOR)
        with pytest.raises(CountError):
            probability_below([x], [n], PRIOR, 0.9)
    with pytest.raises(MethodError, match="target"):
        probability_below(1, 2, PRIOR, 1.0)
    for interval in (posterior_interval, bootstrap_interval):
        with pytest.raises(MethodError, match="confidence"):
            interval(1, 2, PRIOR, confidence=1.0)
