"""Likely priors: the posterior of the spread on a grid of both unknowns, certainty with many areas, refusals."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.errors import CountError, MethodError
from indicators.likely_priors import likely_priors
from indicators.shrinkage import beta_binomial_moments


def naive_posterior(x: list[int], n: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both unknowns on a grid, area by area: ln(ρ/(1-ρ)), ln(μ/(1-μ)) and the probability of each pair."""
    odds, logits = np.linspace(-14, 6, 161), np.linspace(-3, 9, 121)
    size, mu = np.exp(-odds)[:, None], 1 / (1 + np.exp(-logits))
    root, middle = np.sqrt(1 / size), np.sqrt(1 / (9 * np.mean([cases for cases in n if cases])))
    log = np.log(root / (1 + (root / middle) ** 2)) + np.zeros((161, 121))
    for one, cases in zip(x, n, strict=True):
        log = log + stats.betabinom.logpmf(one, cases, mu * size, (1 - mu) * size)
    probability = np.exp(log - log.max())
    return odds, logits, probability / probability.sum()


@pytest.mark.parametrize("case", [([90, 99, 70, 100, 88], [100] * 5), ([3, 9, 25, 12, 40, 0], [3, 12, 26, 15, 60, 0]),
                                  ([24, 25, 25, 19, 25, 25, 25, 23], [25] * 8)])  # fmt: skip
def test_the_priors_lie_where_a_grid_of_both_unknowns_puts_them(case: tuple[list[int], list[int]]) -> None:
    odds, logits, probability = naive_posterior(*case)
    found = likely_priors(*case, many=400)
    spread = np.log([1 / (one.alpha + one.beta) for one in found])
    level = np.log([one.mean / (1 - one.mean) for one in found])
    for mine, grid, of_grid in ((spread, odds, probability.sum(axis=1)), (level, logits, probability.sum(axis=0))):
        mean = float(grid @ of_grid)
        deviation = float(np.sqrt((grid - mean) ** 2 @ of_grid))
        assert mine.mean() == pytest.approx(mean, abs=0.25 * deviation)
        assert mine.std() == pytest.approx(deviation, rel=0.25)


@given(st.integers(4, 30), st.integers(0, 99), st.integers(1, 12))
@settings(max_examples=40)
def test_the_priors_are_in_order_whole_and_blind_to_the_order_of_the_areas(areas: int, seed: int, many: int) -> None:
    rng = np.random.default_rng(seed)
    n = np.exp(rng.uniform(0, 7, areas)).astype(int)
    x = rng.binomial(n, rng.beta(30, 2, areas))
    found = likely_priors(x, n, many=many)
    if beta_binomial_moments(x, n).reason is not None:
        assert found == []
        return
    assert len(found) == many
    rho = [1 / (one.alpha + one.beta + 1) for one in found]
    assert rho == sorted(rho)
    for one, share in zip(found, rho, strict=True):
        assert one.mean == pytest.approx(one.alpha / (one.alpha + one.beta)) and one.reason is None
        assert one.tau2 == pytest.approx(share * one.mean * (1 - one.mean)) and one.areas == areas
    order = list(range(areas))
    random.Random(seed).shuffle(order)
    assert likely_priors(x[order], n[order], many=many) == found
    assert likely_priors(np.append(x, 0), np.append(n, 0), many=many) == found


def test_with_thousands_of_areas_the_spread_is_known_and_right() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(50, 400, 5000)
    size = 0.98 * 0.02 / 0.01**2 - 1
    found = likely_priors(rng.binomial(n, rng.beta(0.98 * size, 0.02 * size, 5000)), n, many=5)
    assert [one.tau2**0.5 for one in found] == pytest.approx([0.01] * 5, rel=0.1)
    assert [one.mean for one in found] == pytest.approx([0.98] * 5, abs=0.001)


def test_areas_at_the_ends_give_priors_heaped_at_the_ends() -> None:
    for one in likely_priors([12] * 394 + [11] + [0] * 12, [12] * 407, many=3):
        assert one.beta < 0.1 and one.mean > 0.9


def test_where_nothing_varies_or_too_little_is_known_there_are_none() -> None:
    for x, n in (([5, 5, 5, 5], [5] * 4), ([1, 2, 3], [5] * 3), ([0, 0, 5, 5], [5] * 4), ([0, 1, 1, 0], [1] * 4)):
        assert likely_priors(x, n, many=4) == []


@pytest.mark.parametrize("bad", [([-1, 2], [5, 5]), ([6, 2], [5, 5]), ([float("nan"), 2], [5, 5]), ([2.5, 2], [5, 5])])
def test_impossible_counts_and_no_priors_are_refused(bad: tuple[list[float], list[float]]) -> None:
    with pytest.raises(CountError):
        likely_priors(*bad, many=3)
    with pytest.raises(MethodError):
        likely_priors([1, 2, 3, 4], [5] * 4, many=0)
