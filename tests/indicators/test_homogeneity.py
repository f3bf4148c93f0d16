"""The test that all areas are alike: every outcome counted, its size, and the areas it must not listen to."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.errors import CountError
from indicators.homogeneity import homogeneity_p


def naive_statistic(x: list[int], n: list[int]) -> float:
    rate, mean = sum(x) / sum(n), sum(n) / len(n)
    if rate in (0, 1):
        return 0.0
    return sum(
        ((one - cases * rate) ** 2 / (rate * (1 - rate)) - cases) / (1 + cases / mean)
        for one, cases in zip(x, n, strict=True)
    )


def naive_p(x: list[int], n: list[int]) -> float:
    """Every outcome there may be, with its binomial probability at the pooled rate."""
    observed, rate, found = naive_statistic(x, n), sum(x) / sum(n), 0.0
    for outcome in itertools.product(*(range(cases + 1) for cases in n)):
        if naive_statistic(list(outcome), n) >= observed - 1e-9:
            found += float(np.prod(stats.binom.pmf(outcome, n, rate)))
    return found


@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_probability_is_that_of_all_outcomes_at_least_as_far_apart(n: list[int], choose: random.Random) -> None:
    x = [choose.randint(0, cases) for cases in n]
    known = [row for row, cases in enumerate(n) if cases]
    found = homogeneity_p(x, n)
    if len(known) < 2:
        assert np.isnan(found)
        return
    assert found == pytest.approx(naive_p([x[row] for row in known], [n[row] for row in known]), abs=0.065)


@given(st.lists(st.sampled_from([0, 3, 25, 400]), min_size=1, max_size=30), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_the_areas_never_changes_the_result(n: list[int], choose: random.Random) -> None:
    x = [choose.randint(cases // 2, cases) for cases in n]
    order = list(range(len(n)))
    choose.shuffle(order)
    np.testing.assert_array_equal(
        homogeneity_p(x, n), homogeneity_p([x[row] for row in order], [n[row] for row in order])
    )


@pytest.mark.parametrize(("areas", "cases", "runs"), [(25, 25, 150), (25, 250, 60), (407, 25, 40)])
def test_equal_rates_near_one_are_called_different_in_one_run_in_twenty(areas: int, cases: int, runs: int) -> None:
    rng = np.random.default_rng(9)
    rejected = 0
    for _ in range(runs):
        n = np.maximum(3, np.round(rng.lognormal(-0.32, 0.8, areas) * cases)).astype(int)
        rejected += homogeneity_p(rng.binomial(n, 0.98), n) <= 0.05
    assert rejected <= runs * 0.05 + 2.5 * np.sqrt(runs * 0.05 * 0.95)


def test_differences_that_are_plain_are_found_at_any_size() -> None:
    assert homogeneity_p([990, 700, 900, 880], [1000] * 4) == 0.001
    rng = np.random.default_rng(2)
    n = rng.integers(5, 60, 3000)
    assert homogeneity_p(rng.binomial(n, rng.beta(49, 1, 3000)), n) == 0.01
    assert homogeneity_p(rng.binomial(n, 0.98), n) > 0.05


def test_areas_all_alike_differ_with_probability_one_and_fewer_than_two_cannot_be_asked() -> None:
    assert homogeneity_p([5, 5], [5, 5]) == homogeneity_p([0, 0, 0], [5, 1, 0]) == 1
    assert homogeneity_p([4] * 9, [5] * 9) > 0.9
    assert all(np.isnan(homogeneity_p(x, n)) for x, n in (([3, 0], [4, 0]), ([], []), ([0], [0])))


@pytest.mark.parametrize("bad", [([-1, 2], [5, 5]), ([6, 2], [5, 5]), ([float("nan"), 2], [5, 5]), ([2.5, 2], [5, 5])])
def test_impossible_counts_are_refused(bad: tuple[list[float], list[float]]) -> None:
    with pytest.raises(CountError):
        homogeneity_p(*bad)
