"""Spearman's rank correlation: a published example, scipy, and all orders counted one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from indicators.errors import MethodError
from indicators.rank_correlation import CorrelationRefusal, middle_line, rank_correlation

IQ = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
HOURS = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]


def test_the_textbook_example_of_ten_pairs_gives_minus_29_of_165() -> None:
    found = rank_correlation(IQ, HOURS)
    assert found.rho == pytest.approx(-29 / 165)
    assert found.low < found.rho < found.high
    assert found.areas == 10


def test_p_is_the_share_of_all_orders_that_are_as_far_from_none() -> None:
    x, y = [1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 6]
    rho = stats.spearmanr(x, y).statistic
    orders = [abs(stats.pearsonr(x, order).statistic) >= abs(rho) - 1e-9 for order in itertools.permutations(y)]
    assert rank_correlation(x, y).p == pytest.approx(np.mean(orders), abs=0.005)


@given(arrays(float, 12, elements=st.integers(0, 6)), arrays(float, 12, elements=st.integers(0, 6)))
def test_rho_is_that_of_scipy_with_and_without_ties(x: np.ndarray, y: np.ndarray) -> None:
    found = rank_correlation(x, y, draws=9)
    if found.reason is not None:
        assert len(set(x)) == 1 or len(set(y)) == 1
        return
    assert found.rho == pytest.approx(stats.spearmanr(x, y).statistic)
    assert rank_correlation(x[::-1], y[::-1], draws=9).p == found.p
    assert rank_correlation(-x, y, draws=9).rho == pytest.approx(-found.rho)


def test_whole_weights_count_an_area_as_often_as_they_say() -> None:
    x, y, weight = np.array([1.0, 2, 3, 4, 5, 6]), np.array([2.0, 1, 5, 3, 6, 4]), np.array([3, 1, 2, 5, 1, 4])
    repeated = stats.spearmanr(np.repeat(x, weight), np.repeat(y, weight)).statistic
    assert rank_correlation(x, y, weight).weighted == pytest.approx(repeated)
    assert np.isnan(rank_correlation(x, y).weighted)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(5)
    true = 6 / np.pi * np.arcsin(0.6 / 2)  # Spearman's ρ of the bivariate normal with correlation 0.6
    held = 0
    for _ in range(400):
        drawn = generator.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=25)
        found = rank_correlation(*drawn.T, draws=1)
        held += found.low <= true <= found.high
    assert 0.92 <= held / 400 <= 0.985


def test_few_or_equal_figures_give_a_reason_and_no_number() -> None:
    few = rank_correlation([1, 2, np.nan, 4, 5, 6], [1, 2, 3, 4, 5, 7])
    assert (few.reason, few.areas) == (CorrelationRefusal.TOO_FEW, 5)
    flat = rank_correlation([1] * 8, range(8))
    assert flat.reason == CorrelationRefusal.CONSTANT
    assert np.isnan([few.rho, few.p, flat.rho, flat.low]).all()


def test_a_perfect_order_has_no_interval() -> None:
    found = rank_correlation(range(8), range(8))
    assert found.rho == 1.0 and np.isnan(found.low)
    assert found.p < 0.001


def test_what_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(MethodError):
        rank_correlation([1, 2, 3], [1, 2])
    with pytest.raises(MethodError):
        rank_correlation([1, 2, 3], [1, 2, 3], [1, -1, 1])


def test_one_area_off_the_line_is_found_and_does_not_bend_it() -> None:
    x = np.arange(12.0)
    y = 2 * x + 1 + np.tile([0.1, -0.1], 6)
    y[4] = 40
    line = middle_line(x, y)
    assert line is not None
    assert line.slope == pytest.approx(2, abs=0.05)
    assert np.flatnonzero(line.far).tolist() == [4]
    assert middle_line(x[:5], y[:5]) is None
    assert middle_line(np.ones(12), y) is None
    missing = y.copy()
    missing[0] = np.nan
    again = middle_line(x, missing)
    assert again is not None and not again.far[0]
