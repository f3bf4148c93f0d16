"""The score interval and test: against slow twins, turned round, at the ends, and without cases."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.score_intervals import miettinen_nurminen, restricted_rates, score_test

Z = 1.959963984540054
Table = tuple[int, int, int, int]


@st.composite
def tables(draw: st.DrawFn, largest: int = 300) -> Table:
    n1, n2 = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


def slope(second: float, delta: float, table: Table) -> float:
    """Derivative of the log-likelihood along rates ``delta`` apart; it falls."""
    x1, n1, x2, n2 = table
    first = second + delta
    parts = ((x1, first, 1), (n1 - x1, 1 - first, -1), (x2, second, 1), (n2 - x2, 1 - second, -1))
    return sum(sign * (count / max(rate, 1e-300)) for count, rate, sign in parts if count)


def naive_rates(delta: float, table: Table) -> tuple[float, float]:
    """The likeliest rates ``delta`` apart, by halving on the derivative; no cubic."""
    low, high = max(0.0, -delta), min(1.0, 1 - delta)
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle, delta, table) > 0 else (low, middle)
    return (low + high) / 2 + delta, (low + high) / 2


def naive_statistic(delta: float, table: Table) -> float:
    x1, n1, x2, n2 = table
    first, second = naive_rates(delta, table)
    variance = (first * (1 - first) / n1 + second * (1 - second) / n2) * (n1 + n2) / (n1 + n2 - 1)
    distance = x1 / n1 - x2 / n2 - delta
    return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance) if distance else 0.0


def naive_interval(table: Table) -> tuple[float, float]:
    observed = table[0] / table[1] - table[2] / table[3]
    bounds = []
    for side in (-1, 1):
        inside, outside = observed, float(side)
        for _ in range(45):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if abs(naive_statistic(middle, table)) < Z else (inside, middle)
        bounds.append((inside + outside) / 2)
    return bounds[0], bounds[1]


@settings(max_examples=40)
@given(tables())
@example((20, 20, 985, 1000))
@example((3, 3, 12, 15))
@example((0, 10, 0, 20))
@example((10, 10, 10, 10))
@example((10, 10, 0, 10))
@example((1, 1, 0, 1))
@example((0, 1, 1, 1))
def test_the_bounds_are_where_the_statistic_reaches_the_quantile(table: Table) -> None:
    found = miettinen_nurminen(*table)
    assert (float(found.low), float(found.high)) == pytest.approx(naive_interval(table), abs=1e-7)


@settings(max_examples=40)
@given(tables(), st.floats(-0.999, 0.999).filter(lambda one: abs(one) > 1e-3))
def test_the_cubic_gives_the_likeliest_rates(table: Table, delta: float) -> None:
    found = [float(one) for one in restricted_rates(delta, *table)]
    assert found == pytest.approx(naive_rates(delta, table), abs=1e-6)
    assert found[0] - found[1] == pytest.approx(delta, abs=1e-12)


@settings(max_examples=40)
@given(tables(), st.sampled_from([0.0, 0.05, -0.1, 0.6]))
def test_the_statistic_and_its_p_are_those_of_the_slow_twin(table: Table, null: float) -> None:
    found = score_test(*table, null=null)
    expected = naive_statistic(null, table)
    assert float(found.statistic) == pytest.approx(expected, abs=1e-5)
    assert float(found.p) == pytest.approx(math.erfc(abs(expected) / math.sqrt(2)), abs=1e-5)


@settings(max_examples=30)
@given(tables())
def test_the_interval_holds_the_difference_turns_round_and_agrees_with_its_test(table: Table) -> None:
    x1, n1, x2, n2 = table
    there, back = miettinen_nurminen(*table), miettinen_nurminen(x2, n2, x1, n1)
    assert -1 <= there.low <= there.difference <= there.high <= 1
    assert (float(there.low), float(there.high)) == pytest.approx((-float(back.high), -float(back.low)), abs=1e-9)
    if not min(abs(float(there.low)), abs(float(there.high))) < 1e-6:
        assert (there.low > 0 or there.high < 0) == (float(score_test(*table).p) < 0.05)


@settings(max_examples=30)
@given(tables(60), st.integers(2, 20))
def test_merging_identical_areas_never_widens_the_interval(table: Table, times: int) -> None:
    one, merged = miettinen_nurminen(*table), miettinen_nurminen(*(times * count for count in table))
    assert float(merged.high - merged.low) <= float(one.high - one.low) + 1e-9


@settings(max_examples=30)
@given(tables(60))
def test_more_confidence_is_a_wider_interval(table: Table) -> None:
    inner, outer = miettinen_nurminen(*table), miettinen_nurminen(*table, confidence=0.998)
    assert outer.low <= inner.low + 1e-9 and inner.high <= outer.high + 1e-9


def test_thousands_of_areas_give_what_each_gives_alone_in_any_order() -> None:
    random = np.random.default_rng(4)
    n1, n2 = random.integers(0, 200, 3000), random.integers(0, 2000, 3000)
    x1, x2 = random.binomial(n1, 0.985), random.binomial(n2, 0.97)
    found, order = miettinen_nurminen(x1, n1, x2, n2), random.permutation(3000)
    shuffled = miettinen_nurminen(x1[order], n1[order], x2[order], n2[order])
    empty = (n1 == 0) | (n2 == 0)
    for part in range(3):
        assert (np.isnan(found[part]) == empty).all()
        np.testing.assert_array_equal(found[part][order], shuffled[part])
    for row in np.flatnonzero(~empty)[:5]:
        alone = miettinen_nurminen(x1[row], n1[row], x2[row], n2[row])
        assert [float(one) for one in alone] == pytest.approx([one[row] for one in found], abs=1e-12)


def test_a_side_without_cases_has_no_difference_and_no_test() -> None:
    assert np.isnan(miettinen_nurminen([0, 3], [0, 4], [3, 0], [4, 0])).all()
    assert np.isnan(score_test([0, 3], [0, 4], [3, 0], [4, 0])).all()
    assert miettinen_nurminen([], [], [], []).low.shape == (0,)


def test_all_against_none_reaches_the_end_exactly_and_not_beyond() -> None:
    found = miettinen_nurminen([10, 0], [10, 10], [0, 10], [10, 10])
    assert found.high[0] == 1.0 and found.low[1] == -1.0
    assert found.low[0] == pytest.approx(0.6636, abs=1e-4) and found.high[1] == pytest.approx(-0.6636, abs=1e-4)


def test_the_counts_are_broadcast() -> None:
    assert miettinen_nurminen([[1], [2]], 4, [1, 2, 3], 5).low.shape == (2, 3)
    assert score_test([[1], [2]], 4, [1, 2, 3], 5).p.shape == (2, 3)


@pytest.mark.parametrize("table", [(5, 4, 1, 4), (1, 4, -1, 4), (1, 4, 1.5, 4), (float("nan"), 4, 1, 4)])
def test_impossible_counts_are_refused(table: tuple[float, float, float, float]) -> None:
    for method in (miettinen_nurminen, score_test):
        with pytest.raises(CountError, match="side"):
            method(*table)


def test_shapes_nulls_and_confidences_that_cannot_be_are_refused_in_both_languages() -> None:
    with pytest.raises(MethodError, match="do not fit"):
        miettinen_nurminen([1, 2], 4, [1, 2, 3], 5)
    for null in (1.0, -1.0, 3.0, math.nan):
        with pytest.raises(MethodError, match="null difference"):
            score_test(1, 4, 2, 4, null=null)
    with pytest.raises(MethodError, match="confidence"):
        miettinen_nurminen(1, 4, 2, 4, confidence=1.0)
