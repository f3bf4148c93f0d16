"""Overdispersion: the winsorised dispersion against plain loops, and when limits are left alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.counts import CountError
from indicators.errors import MethodError
from indicators.overdispersion import additive_variance, adjusted_limits, overdispersion


def naive_quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def naive_dispersion(x: list[int], n: list[int], rate: float) -> tuple[float, float, int]:
    """φ, τ² before any test of significance, and k, one area after another."""
    z, weights = [], []
    for successes, cases in zip(x, n, strict=True):
        if cases * rate >= 5 and cases * (1 - rate) >= 5:
            error = math.sqrt(rate * (1 - rate) / cases)
            z.append((successes / cases - rate) / error)
            weights.append(1 / error**2)
    k = len(z)
    if k < 10:
        return math.nan, 0.0, k
    low, high = naive_quantile(sorted(z), 0.1), naive_quantile(sorted(z), 0.9)
    phi = math.fsum(min(max(one, low), high) ** 2 for one in z) / k
    total = math.fsum(weights)
    tau2 = (k * phi - (k - 1)) / (total - math.fsum(one * one for one in weights) / total)
    return phi, max(0.0, tau2), k


@st.composite
def areas(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    n = draw(st.lists(st.integers(0, 300), min_size=1, max_size=30))
    return [draw(st.sampled_from([0, one, one // 2, draw(st.integers(0, one))])) for one in n], n


@settings(max_examples=60)
@given(areas(), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_dispersion_is_that_of_the_plain_loop(counts: tuple[list[int], list[int]], rate: float) -> None:
    found = overdispersion(*counts, rate)
    phi, tau2, k = naive_dispersion(*counts, rate)
    assert found.areas == k and found.phi == pytest.approx(phi, nan_ok=True)
    if k < 10:
        assert found.reason == "too_few_large_areas" and found.tau2 == 0
    elif found.adjusted:
        assert k * phi > found.critical and found.tau2 == pytest.approx(tau2)
    else:
        assert found.reason == "not_significant" and found.tau2 == 0
        assert k * phi <= found.critical or tau2 == 0


def winsorised_share() -> float:
    """Mean square of a standard normal value winsorised by a tenth at either end: 0.679."""
    end = stats.norm.ppf(0.9)
    return 2 * 0.1 * end**2 + 0.8 - 2 * end * stats.norm.pdf(end)


def test_thousands_of_areas_give_back_the_variance_they_were_drawn_with_less_what_winsorising_takes() -> None:
    random = np.random.default_rng(5)
    n = random.integers(300, 3_000, 5_000)
    x = random.binomial(n, random.normal(0.9, 0.02, 5_000))
    found = overdispersion(x, n, 0.9)
    phi, tau2, _ = naive_dispersion(x.tolist(), n.tolist(), 0.9)
    assert found.adjusted and (found.phi, found.tau2) == pytest.approx((phi, tau2))
    assert 0.5 < found.tau2 / 0.02**2 < winsorised_share()
    whole = overdispersion(x, n, 0.9, winsorised=0)
    assert whole.tau2 == pytest.approx(0.02**2, rel=0.1)


def test_chance_alone_gives_a_winsorised_dispersion_of_two_thirds() -> None:
    random = np.random.default_rng(6)
    n = np.full(20_000, 1_000)
    assert overdispersion(random.binomial(n, 0.9), n, 0.9).phi == pytest.approx(winsorised_share(), rel=0.03)


def test_one_wild_area_moves_the_dispersion_little() -> None:
    n = np.full(40, 400)
    x = np.random.default_rng(1).binomial(n, 0.9)
    wild = x.copy()
    wild[0] = 100
    assert overdispersion(wild, n, 0.9).phi < overdispersion(x, n, 0.9).phi * 1.5
    assert overdispersion(wild, n, 0.9, winsorised=0).phi > 20


def test_areas_that_only_differ_by_chance_are_not_adjusted() -> None:
    random = np.random.default_rng(2)
    n = random.integers(400, 3_000, size=(200, 50))
    drawn = random.binomial(n, 0.98)
    adjusted = [overdispersion(x, size, 0.98).adjusted for x, size in zip(drawn, n, strict=True)]
    assert np.mean(adjusted) <= 0.05


def test_small_areas_and_alike_areas_are_left_alone() -> None:
    assert overdispersion([0] * 30, [9] * 30, 0.5).reason == "too_few_large_areas"
    assert overdispersion([], [], 0.5).areas == 0 and math.isnan(overdispersion([], [], 0.5).critical)
    alike = overdispersion([50] * 30, [100] * 30, 0.5)
    assert alike.phi == 0 and alike.reason == "not_significant"


@settings(max_examples=30)
@given(areas(), st.integers(0, 2**32 - 1))
def test_the_order_of_the_areas_has_no_effect(counts: tuple[list[int], list[int]], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(counts[0]))
    there, back = overdispersion(*counts, 0.8), overdispersion(*(np.array(one)[order] for one in counts), 0.8)
    assert repr(there) == repr(back)


def test_adjusted_limits_stay_within_0_and_1_and_never_close_below_z_tau() -> None:
    limits = adjusted_limits([0, 1, 100, 10**9], 0.98, 0.01**2, tails=(0.001, 0.025, 0.975, 0.999))
    assert np.isnan(limits[0]).all() and ((limits[1:] >= 0) & (limits[1:] <= 1)).all()
    assert limits[3] - 0.98 == pytest.approx(0.01 * np.array([-3.0902, -1.96, 1.96, 2]), abs=1e-5)


def test_one_area_has_no_variance_between_areas() -> None:
    assert math.isnan(additive_variance(3.0, [0.1])) and additive_variance(0.2, [0.1, 0.1, 0.2]) == 0


def test_impossible_input_is_refused() -> None:
    for x, n in ((-1, 5), (6, 5), (math.nan, 5), (1.5, 5)):
        with pytest.raises(CountError):
            overdispersion([x], [n], 0.9)
    for rate in (0.0, 1.0, math.nan):
        with pytest.raises(MethodError):
            overdispersion([1], [2], rate)
    with pytest.raises(MethodError, match="winsorised"):
        overdispersion([1], [2], 0.5, winsorised=0.5)
    with pytest.raises(MethodError):
        adjusted_limits([5], 0.5, 0.1, tails=(1.0,))
