"""Standardised rates: against a slow twin, with strata missing, at the ends, and their coverage near 100 %."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.intervals import byar, wilson
from indicators.standardisation import standardised_rate

Z = 1.959963984540054
Stratum = tuple[int, int, int]
"""Successes, cases, weight."""


@st.composite
def stratum(draw: st.DrawFn) -> Stratum:
    n = draw(st.integers(0, 80))
    return draw(st.integers(0, n)), n, draw(st.integers(0, 9))


strata_lists = st.lists(stratum(), min_size=1, max_size=5).filter(lambda strata: any(one[2] for one in strata))


def columns(strata: list[Stratum]) -> tuple[tuple[int, ...], ...]:
    return tuple(zip(*strata, strict=True))


def naive(strata: list[Stratum], *, drop_empty: bool) -> tuple[float, float, float] | None:
    """Rate, effective cases and covered weight, stratum by stratum; None where it cannot be computed."""
    weighted = [one for one in strata if one[2]]
    filled = [one for one in weighted if one[1]]
    if not filled or (len(filled) < len(weighted) and not drop_empty):
        return None
    whole = sum(w for _, _, w in filled)
    rate, own, alike = 0.0, 0.0, 0.0
    for x, n, w in filled:
        rate += w / whole * x / n
        own += (w / whole) ** 2 * (x / n) * (1 - x / n) / n
        alike += (w / whole) ** 2 / n
    spread = rate * (1 - rate)
    n_eff = min(spread / own, 1 / alike) if own > 0 else 1 / alike
    return rate, n_eff, whole / sum(w for _, _, w in weighted)


@settings(max_examples=60)
@given(strata_lists, st.booleans())
@example([(0, 0, 1)], True)
@example([(5, 5, 2), (7, 7, 1)], False)
@example([(0, 5, 2), (7, 7, 1)], False)
@example([(3, 4, 0), (7, 9, 1)], False)
def test_rate_and_effective_cases_are_those_of_the_slow_twin(strata: list[Stratum], drop_empty: bool) -> None:
    found = standardised_rate(*columns(strata), drop_empty=drop_empty)
    expected = naive(strata, drop_empty=drop_empty)
    if expected is None:
        assert np.isnan([found.rate, found.low, found.high, found.n_eff]).all() and found.covered < 1
        return
    rate, n_eff, covered = expected
    assert (float(found.rate), float(found.covered)) == pytest.approx((rate, covered))
    assert float(found.n_eff) == pytest.approx(n_eff)
    assert 0 <= found.low <= found.rate <= found.high <= 1
    for bound in (float(found.low), float(found.high)):
        if 0 < bound < 1:
            assert (rate - bound) ** 2 == pytest.approx(Z * Z * bound * (1 - bound) / n_eff, rel=1e-6, abs=1e-9)


@settings(max_examples=40)
@given(strata_lists)
@example([(30, 40, 1), (0, 10, 1)])
def test_dobsons_interval_is_that_of_the_slow_twin(strata: list[Stratum]) -> None:
    found = standardised_rate(*columns(strata), method="dobson", drop_empty=True)
    filled = [one for one in strata if one[1] and one[2]]
    events = sum(x for x, _, _ in filled)
    if events < 10:
        assert np.isnan(found.low) and np.isnan(found.high)
        return
    whole = sum(w for _, _, w in filled)
    rate = sum(w / whole * x / n for x, n, w in filled)
    scale = math.sqrt(sum((w / whole / n) ** 2 * x for x, n, w in filled) / events)
    limits = byar(events, 1)
    expected = [rate, rate + scale * (float(limits.low) - events), rate + scale * (float(limits.high) - events)]
    assert [float(found.rate), float(found.low), float(found.high)] == pytest.approx(expected)


@settings(max_examples=30)
@given(st.lists(stratum().filter(lambda one: one[1] > 0), min_size=1, max_size=5))
def test_weighted_by_its_own_cases_it_is_the_plain_rate_with_wilsons_interval(strata: list[Stratum]) -> None:
    x, n, _ = columns(strata)
    found, plain = standardised_rate(x, n, n), wilson(sum(x), sum(n))
    assert float(found.rate) == pytest.approx(sum(x) / sum(n))
    assert (float(found.low), float(found.high)) == pytest.approx((float(plain.low), float(plain.high)), abs=1e-9)


@settings(max_examples=30)
@given(strata_lists, st.integers(2, 9))
def test_only_the_proportions_of_the_weights_count_and_the_failures_are_the_mirror(
    strata: list[Stratum], times: int
) -> None:
    x, n, w = (np.array(one) for one in columns(strata))
    here, scaled, failed = (
        standardised_rate(*one, drop_empty=True) for one in ((x, n, w), (x, n, w * times), (n - x, n, w))
    )
    for one, other in zip(here, scaled, strict=True):
        assert float(one) == pytest.approx(float(other), nan_ok=True)
    mirrored = 1 - float(failed.rate), 1 - float(failed.high)
    assert (float(here.rate), float(here.low)) == pytest.approx(mirrored, abs=1e-9, nan_ok=True)


def test_two_places_with_the_same_rates_have_the_same_standardised_rate_whatever_their_mix() -> None:
    found = standardised_rate([[90, 5], [9, 50]], [[100, 10], [10, 100]], [3, 1])
    assert found.rate.tolist() == pytest.approx([0.8, 0.8])


def test_a_stratum_without_cases_makes_the_rate_unknown_unless_it_may_be_dropped_or_has_no_weight() -> None:
    x, n = [9, 0], [10, 0]
    unknown = standardised_rate(x, n, [3, 1])
    assert np.isnan(unknown.rate) and float(unknown.covered) == 0.75
    dropped = standardised_rate(x, n, [3, 1], drop_empty=True)
    assert (float(dropped.rate), float(dropped.covered)) == (0.9, 0.75)
    assert float(standardised_rate(x, n, [3, 0]).rate) == 0.9


def test_all_successes_end_at_exactly_1_and_none_at_exactly_0() -> None:
    weights = [0.1, 0.2, 0.3, 0.7]
    everything = standardised_rate([7, 3, 9, 11], [7, 3, 9, 11], weights)
    nothing = standardised_rate([0, 0, 0, 0], [7, 3, 9, 11], weights)
    assert float(everything.rate) == float(everything.high) == 1.0 and everything.low < 0.9
    assert float(nothing.rate) == float(nothing.low) == 0.0 and nothing.high > 0.1


def test_near_100_percent_the_capped_interval_covers_where_the_plain_effective_number_does_not() -> None:
    random = np.random.default_rng(7)
    truth = np.array([0.95, 0.99, 0.99, 0.98, 0.9])
    n, weights = np.array([10, 50, 100, 200, 400]), np.array([3, 1, 1, 1, 1])
    share = weights / weights.sum()
    x = random.binomial(n, truth, size=(2000, 5))
    found = standardised_rate(x, n, weights)
    target = float((share * truth).sum())
    assert ((found.low <= target) & (target <= found.high)).mean() > 0.93
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        plain = found.rate * (1 - found.rate) / (share**2 * p * (1 - p) / n).sum(axis=-1)
    assert (plain[p[:, 0] == 1] > 3 * found.n_eff[p[:, 0] == 1]).all()


def test_thousands_of_places_give_what_each_gives_alone_in_any_order() -> None:
    random = np.random.default_rng(8)
    n = random.integers(0, 60, (3000, 4))
    x, order = random.binomial(n, 0.98), random.permutation(3000)
    for method in ("wilson", "dobson"):
        found = standardised_rate(x, n, [4, 3, 2, 1], method=method)  # type: ignore[arg-type]
        shuffled = standardised_rate(x[order], n[order], [4, 3, 2, 1], method=method)  # type: ignore[arg-type]
        assert (np.isnan(found.rate) == (n == 0).any(axis=1)).all()
        for one, other in zip(found, shuffled, strict=True):
            np.testing.assert_array_equal(one[order], other)
        alone = standardised_rate(x[5], n[5], [4, 3, 2, 1], method=method)  # type: ignore[arg-type]
        assert [float(one) for one in alone] == pytest.approx([one[5] for one in found], nan_ok=True)


@pytest.mark.parametrize(("x", "n"), [([5], [4]), ([-1], [4]), ([1.5], [4]), ([math.nan], [4])])
def test_impossible_counts_are_refused(x: list[float], n: list[float]) -> None:
    with pytest.raises(CountError, match="strata"):
        standardised_rate(x, n, [1])


def test_events_may_exceed_the_exposure_for_dobsons_method() -> None:
    assert float(standardised_rate([50, 20], [4, 10], [1, 1], method="dobson").rate) == pytest.approx(7.25)


@pytest.mark.parametrize("weights", [[1, -1], [0, 0], [1, math.nan], [1, 2, 3]])
def test_weights_that_are_no_mix_are_refused_in_both_languages(weights: list[float]) -> None:
    with pytest.raises(MethodError) as caught:
        standardised_rate([1, 2], [4, 4], weights)
    assert caught.value.zh.endswith("。") and caught.value.en.endswith(".")
