"""Exact, mid-p, Jeffreys and effective-sample intervals: against slow twins, at the ends, and without cases."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate

from indicators.errors import CountError, MethodError
from indicators.intervals import (
    Bounds,
    byar,
    clopper_pearson,
    garwood,
    jeffreys,
    mid_p,
    newcombe,
    wilson,
    wilson_effective,
)

METHODS = (clopper_pearson, mid_p, jeffreys)
Z = 1.959963984540054


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 120))
    return draw(st.integers(0, n)), n


def bisect(function: Callable[[float], float], low: float = 0.0, high: float = 1.0) -> float:
    """The root of an increasing function."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if function(middle) > 0 else (middle, high)
    return (low + high) / 2


def mass(k: int, n: int, p: float) -> float:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def naive_exact(x: int, n: int, confidence: float, *, weight: float) -> tuple[float, float]:
    """Tails summed case by case, P(X = x) counting ``weight``; each bound found by halving."""
    tail = (1 - confidence) / 2

    def above(p: float) -> float:
        return math.fsum(mass(k, n, p) for k in range(x + 1, n + 1)) + weight * mass(x, n, p)

    def below(p: float) -> float:
        return math.fsum(mass(k, n, p) for k in range(x)) + weight * mass(x, n, p)

    low = 0.0 if x == 0 else bisect(lambda p: above(p) - tail)
    high = 1.0 if x == n else bisect(lambda p: tail - below(p))
    return low, high


@settings(max_examples=30)
@given(pairs(), st.sampled_from([0.5, 0.95, 0.998]))
@example((0, 1), 0.95)
@example((1, 1), 0.95)
@example((120, 120), 0.998)
def test_exact_and_mid_p_bounds_are_where_the_summed_tails_say(pair: tuple[int, int], confidence: float) -> None:
    for method, weight in ((clopper_pearson, 1.0), (mid_p, 0.5)):
        found = method(*pair, confidence=confidence)
        expected = naive_exact(*pair, confidence, weight=weight)
        assert (float(found.low), float(found.high)) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=30)
@given(pairs())
def test_jeffreys_bounds_cut_off_a_fortieth_of_the_posterior_on_each_side(pair: tuple[int, int]) -> None:
    x, n = pair
    low, high = (float(one) for one in jeffreys(x, n))

    def share(start: float, end: float) -> float:
        # The density sin^2x cos^2(n-x) of the angle: integrated numerically, without the beta function.
        return integrate.quad(
            lambda angle: math.sin(angle) ** (2 * x) * math.cos(angle) ** (2 * (n - x)),
            math.asin(math.sqrt(start)),
            math.asin(math.sqrt(end)),
            points=[math.asin(math.sqrt(x / n))] if start < x / n < end else None,
            epsabs=0,
            epsrel=1e-9,
        )[0]

    whole = share(0, x / n) + share(x / n, 1)
    assert share(0, low) / whole == pytest.approx(0.025 if x else 0.0, abs=1e-6)
    assert share(high, 1) / whole == pytest.approx(0.025 if x < n else 0.0, abs=1e-6)


@settings(max_examples=30)
@given(pairs())
def test_all_intervals_lie_in_0_to_1_have_exact_ends_and_are_mirrored_by_the_failures(pair: tuple[int, int]) -> None:
    x, n = pair
    for method in METHODS:
        found, mirrored = method(x, n), method(n - x, n)
        assert 0 <= found.low <= x / n <= found.high <= 1
        assert (float(found.low) == 0.0) == (x == 0) and (float(found.high) == 1.0) == (x == n)
        assert float(found.low) == pytest.approx(1 - float(mirrored.high), abs=1e-12)


@settings(max_examples=30)
@given(pairs())
def test_the_mid_p_interval_lies_within_the_exact_one(pair: tuple[int, int]) -> None:
    exact, shorter = clopper_pearson(*pair), mid_p(*pair)
    assert exact.low <= shorter.low + 1e-12 and shorter.high <= exact.high + 1e-12


@settings(max_examples=30)
@given(pairs(), st.integers(2, 20))
def test_merging_identical_areas_never_widens_an_exact_interval(pair: tuple[int, int], times: int) -> None:
    for method in METHODS:
        one, merged = method(*pair), method(pair[0] * times, pair[1] * times)
        assert float(merged.high - merged.low) <= float(one.high - one.low) + 1e-12


@pytest.mark.parametrize("method", [*METHODS, wilson])
def test_a_place_without_cases_has_no_interval_among_thousands_that_have(method: Callable[..., Bounds]) -> None:
    random = np.random.default_rng(3)
    n = random.integers(0, 400, 3000)
    x = random.binomial(n, 0.985)
    found, order = method(x, n), random.permutation(3000)
    shuffled = method(x[order], n[order])
    for part in range(2):
        assert (np.isnan(found[part]) == (n == 0)).all()
        np.testing.assert_array_equal(found[part][order], shuffled[part])
    assert (found.low[n > 0] <= x[n > 0] / n[n > 0]).all() and (found.high[n > 0] >= x[n > 0] / n[n > 0]).all()
    for row in np.flatnonzero(n)[:5]:
        assert [float(one) for one in method(x[row], n[row])] == [found.low[row], found.high[row]]


@pytest.mark.parametrize("method", METHODS)
def test_the_shape_is_that_of_the_counts_and_nothing_gives_nothing(method: Callable[..., Bounds]) -> None:
    assert method([[1], [2]], [4, 5, 6]).low.shape == (2, 3)
    assert method(1, 4).low.shape == () and method([], []).high.shape == (0,)


@pytest.mark.parametrize(("x", "n"), [(-1, 4), (5, 4), (float("nan"), 4), (1.5, 4)])
def test_impossible_counts_are_refused_by_every_interval(x: float, n: float) -> None:
    for method in METHODS:
        with pytest.raises(CountError):
            method(x, n)
    if x != 5:
        with pytest.raises(CountError):
            byar(x, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    for method in (*METHODS, wilson, byar):
        with pytest.raises(MethodError, match="confidence"):
            method(3, 4, confidence=confidence)
    with pytest.raises(MethodError, match="confidence"):
        newcombe(3, 4, 1, 4, confidence=confidence)


def test_byar_is_garwoods_interval_below_ten_events_and_next_to_it_from_ten_on() -> None:
    events = np.arange(3000)
    ours, exact = byar(events, 7), garwood(events, 7)
    np.testing.assert_array_equal(ours.low[:10], exact.low[:10])
    np.testing.assert_array_equal(ours.high[:10], exact.high[:10])
    np.testing.assert_allclose(ours.low, exact.low, atol=0.01 / 7)
    np.testing.assert_allclose(ours.high, exact.high, atol=0.01 / 7)
    assert np.isnan(byar(12, 0)).all()
    y = 38
    assert float(byar(38, 1).low) == pytest.approx(y * (1 - 1 / (9 * y) - Z / (3 * math.sqrt(y))) ** 3)


@settings(max_examples=30)
@given(pairs())
def test_an_effective_sample_of_whole_cases_gives_wilsons_interval(pair: tuple[int, int]) -> None:
    x, n = pair
    assert np.array(wilson_effective(x / n, n)) == pytest.approx(np.array(wilson(x, n)), abs=1e-12)


@settings(max_examples=30)
@given(st.floats(0, 1), st.floats(0.01, 5000))
def test_an_effective_sample_solves_the_score_equation(share: float, n: float) -> None:
    low, high = (float(one) for one in wilson_effective(share, n))
    assert 0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:
            assert (share - bound) ** 2 == pytest.approx(Z * Z * bound * (1 - bound) / n, rel=1e-6, abs=1e-9)


def test_an_effective_sample_has_exact_ends_and_what_is_not_known_has_no_interval() -> None:
    assert float(wilson_effective(1.0, 7.3).high) == 1.0 and float(wilson_effective(0.0, 7.3).low) == 0.0
    found = wilson_effective([math.nan, 0.5, 0.5], [3, math.nan, 0])
    assert np.isnan(found.low).all() and np.isnan(found.high).all()


@pytest.mark.parametrize(("share", "n"), [(1.1, 5), (-0.1, 5), (0.5, -1), (0.5, math.inf)])
def test_an_impossible_effective_sample_is_refused_in_both_languages(share: float, n: float) -> None:
    with pytest.raises(MethodError) as caught:
        wilson_effective(share, n)
    assert caught.value.zh.endswith("。") and caught.value.en.endswith(".")
