"""Intervals: exact ends, missing, symmetry, coverage of the estimate, and the check of counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from indicators.counts import check_counts
from indicators.errors import CountError
from indicators.intervals import garwood, newcombe, ratio_difference, square_and_add, wilson

sizes = st.integers(1, 100_000)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(sizes)
    return draw(st.integers(0, n)), n


def naive_wilson(x: int, n: int) -> tuple[float, float]:
    """The two roots of |p - x/n| = z sqrt(p (1 - p) / n), solved as a quadratic."""
    z = 1.959963984540054
    a, b, c = n + z * z, -(2 * x + z * z), x * x / n
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


@given(pairs())
def test_wilson_solves_the_score_equation(pair: tuple[int, int]) -> None:
    bounds = wilson(*pair)
    assert (float(bounds.low), float(bounds.high)) == pytest.approx(naive_wilson(*pair), abs=1e-9)


@given(pairs())
def test_a_wilson_interval_lies_in_0_to_1_and_holds_the_rate(pair: tuple[int, int]) -> None:
    x, n = pair
    low, high = wilson(x, n)
    assert 0 <= low <= x / n <= high <= 1


@given(pairs())
def test_wilson_of_the_failures_is_the_mirror_of_wilson_of_the_successes(pair: tuple[int, int]) -> None:
    x, n = pair
    assert float(wilson(x, n).low) == pytest.approx(1 - float(wilson(n - x, n).high), abs=1e-12)


@given(sizes)
def test_nothing_and_everything_have_exact_ends(n: int) -> None:
    assert float(wilson(0, n).low) == 0.0
    assert float(wilson(n, n).high) == 1.0
    assert float(wilson(0, n).high) > 0.0
    assert float(wilson(n, n).low) < 1.0


def test_no_cases_have_no_interval() -> None:
    for bounds in (wilson(0, 0), garwood(0, 0)):
        assert np.isnan(bounds.low) and np.isnan(bounds.high)
    assert np.isnan(newcombe(0, 0, 3, 4).low) and np.isnan(newcombe(3, 4, 0, 0).high)


@given(pairs(), st.integers(2, 50))
def test_merging_identical_areas_never_widens_an_interval(pair: tuple[int, int], times: int) -> None:
    x, n = pair
    one, merged = wilson(x, n), wilson(x * times, n * times)
    assert float(merged.high - merged.low) <= float(one.high - one.low) + 1e-12


@given(pairs(), pairs())
def test_a_difference_lies_between_its_bounds_within_minus_1_and_1_and_turns_round(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    there, back = newcombe(*first, *second), newcombe(*second, *first)
    assert -1 - 1e-12 <= there.low <= there.difference <= there.high <= 1 + 1e-12
    assert float(there.low) == pytest.approx(-float(back.high), abs=1e-12)


@given(st.integers(0, 5000), st.integers(1, 10**6))
def test_garwood_holds_the_rate_and_is_exactly_0_below_without_events(events: int, exposure: int) -> None:
    low, high = garwood(events, exposure)
    assert 0 <= low <= events / exposure < high
    assert (float(low) == 0.0) == (events == 0)


def test_garwood_has_the_defining_tails() -> None:
    low, high = garwood(17, 1)
    assert stats.poisson.sf(16, float(low)) == pytest.approx(0.025)
    assert stats.poisson.cdf(17, float(high)) == pytest.approx(0.025)


def test_arrays_give_the_same_as_one_call_each() -> None:
    random = np.random.default_rng(1)
    n1, n2 = random.integers(1, 900, 40), random.integers(1, 900, 40)
    x1, x2 = random.binomial(n1, 0.97), random.binomial(n2, 0.9)
    for method in (newcombe, ratio_difference):
        together = method(x1, n1, x2, n2)
        alone = [method(*row) for row in zip(x1, n1, x2, n2, strict=True)]
        for part in range(3):
            np.testing.assert_array_equal(together[part], [float(one[part]) for one in alone])


def test_a_difference_of_differences_is_wider_than_either() -> None:
    now, before = newcombe(90, 100, 80, 100), newcombe(85, 100, 82, 100)
    moved = square_and_add(*now, *before)
    width = float(moved.high - moved.low)
    assert width > float(now.high - now.low) and width > float(before.high - before.low)
    assert float(moved.difference) == pytest.approx(0.07)


@pytest.mark.parametrize(
    ("x", "n", "words"),
    [
        (5, 4, "more in the numerator"),
        (-1, 4, "negative"),
        (1, -4, "negative"),
        (float("nan"), 4, "missing"),
        (1, float("inf"), "missing or infinite"),
        (1.5, 4, "not a whole number"),
        (1, 3_000_000_000, "larger units"),
        ([1, 2], [3, 4, 5], "same shape"),
        ("three", 4, "must be numbers"),
    ],
)
def test_impossible_counts_are_refused_in_one_sentence(x: object, n: object, words: str) -> None:
    for method in (check_counts, wilson):
        with pytest.raises(CountError, match=words) as caught:
            method(x, n)
        assert isinstance(caught.value, ValueError)
        assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_refusal_names_the_first_offending_pair() -> None:
    with pytest.raises(CountError, match=r"12345: 9 of 8 \(position 2\)"):
        check_counts([1, 2, 9, 10], [8, 8, 8, 8], what="12345")


def test_a_ratio_may_count_more_events_than_exposure() -> None:
    x, n = check_counts(9, 8, proportion=False)
    assert (float(x), float(n)) == (9, 8)
