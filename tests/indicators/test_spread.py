"""Spread between areas: agreement with slow walks, exact splits, chance kept apart, and honest refusals."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.spread import (
    Spread,
    SpreadRefusal,
    chance_inequality,
    gini,
    highest_to_lowest,
    spread,
    theil,
    theil_split,
)

Area = tuple[int, int]
areas_lists = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=12)


def counts(areas: list[Area]) -> tuple[np.ndarray, np.ndarray]:
    """x and n of areas given as successes and failures."""
    x = np.array([one[0] for one in areas])
    return x, x + np.array([one[1] for one in areas])


def values(found: Spread) -> list[float]:
    return [found.mean, found.tau, found.p10, found.p90, found.p90_p10, found.raw_sd, found.chance_sd]


@settings(max_examples=60)
@given(areas_lists)
def test_spread_agrees_with_a_slow_walk_over_the_areas(areas: list[Area]) -> None:
    x, n = counts(areas)
    found = spread(x, n)
    kept = [(int(a), int(b)) for a, b in zip(x, n, strict=True) if b]
    assert found.areas == len(kept)
    if not kept:
        assert np.isnan(values(found)).all() and found.reason == "too_few_areas"
        return
    total = sum(b for _, b in kept)
    theta = sum(a for a, _ in kept) / total
    assert found.mean == pytest.approx(theta)
    if len(kept) == 1:
        assert math.isnan(found.raw_sd) and math.isnan(found.chance_sd)
        return
    seen = sum(b * (a / b - theta) ** 2 for a, b in kept) / total
    assert found.raw_sd == pytest.approx(math.sqrt(seen), abs=1e-12)
    assert found.chance_sd == pytest.approx(math.sqrt((len(kept) - 1) * theta * (1 - theta) / total), abs=1e-12)
    if len(kept) < 4 or found.reason not in (None, "no_variation"):
        assert math.isnan(found.tau) and math.isnan(found.p90_p10)
        return
    mean_n, chance = total / len(kept), theta * (1 - theta)
    tau2 = max(0.0, (mean_n * seen - chance) / (mean_n - 1)) if mean_n > 1 else 0.0
    assert found.tau == pytest.approx(math.sqrt(tau2), abs=1e-6)
    if found.reason is None:
        rates = sorted(
            (b * tau2 * a / b + chance * theta - tau2 * theta) / (chance + (b - 1) * tau2) for a, b in kept
        )  # w·p + (1 − w)·θ with w = nτ²/(θ(1 − θ) + (n − 1)τ²)
        for part, value in ((0.1, found.p10), (0.9, found.p90)):
            at = part * (len(rates) - 1)
            below = min(int(at), len(rates) - 2)
            assert value == pytest.approx(rates[below] + (at - below) * (rates[below + 1] - rates[below]), abs=1e-9)


def test_chance_alone_makes_a_raw_spread_and_no_true_one() -> None:
    chance = np.random.default_rng(11)
    n = chance.integers(5, 60, 3000)
    found = spread(chance.binomial(n, 0.98), n)
    assert found.raw_sd == pytest.approx(found.chance_sd, rel=0.05)
    assert found.tau < 0.004 < 0.02 < found.raw_sd


def test_a_true_spread_is_found_again_among_thousands_of_small_areas() -> None:
    chance = np.random.default_rng(12)
    n = chance.integers(10, 60, 5000)
    found = spread(chance.binomial(n, chance.beta(90, 10, 5000)), n)
    assert found.tau == pytest.approx(math.sqrt(0.9 * 0.1 / 101), rel=0.1)
    assert found.reason is None
    assert 0 < found.p90_p10 < 2 * 1.2816 * found.tau


def test_areas_that_are_all_alike_have_no_spread() -> None:
    for x in (10, 9, 0):
        found = spread([x] * 6, [10] * 6)
        assert (found.tau, found.p90_p10, found.raw_sd, found.reason) == (0, 0, 0, "no_variation")


@settings(max_examples=30)
@given(areas_lists, st.integers(0, 99))
def test_the_order_of_the_areas_never_changes_a_result(areas: list[Area], seed: int) -> None:
    x, n = counts(areas)
    order = np.random.default_rng(seed).permutation(len(n))
    # Bit by bit: the page of a place and that of the district read the rows in different orders.
    np.testing.assert_array_equal(values(spread(x[order], n[order])), values(spread(x, n)))
    first, second = (chance_inequality(n[o], 0.1, draws=20) for o in (order, slice(None)))
    firsts, seconds = ([one.theil, one.gini, float(one.gini_range.high)] for one in (first, second))
    np.testing.assert_array_equal(firsts, seconds)
    with np.errstate(invalid="ignore"):
        rates = (n - x) / n
    for index in (theil, gini):
        np.testing.assert_array_equal(index(rates[order], n[order]), index(rates, n))
        np.testing.assert_array_equal(index(n[order] / 7, np.sqrt(n[order] + 1)), index(n / 7, np.sqrt(n + 1)))
    group = np.arange(len(n)) % 3
    there, turned = theil_split(x, n, group), theil_split(x[order], n[order], group[order])
    np.testing.assert_array_equal(
        [turned.total, turned.between, turned.within], [there.total, there.between, there.within]
    )
    pd.testing.assert_frame_equal(turned.groups, there.groups, rtol=0, atol=0)


def slow_theil(y: list[float], w: list[float]) -> float:
    total = sum(w)
    mean = sum(a * b for a, b in zip(y, w, strict=True) if b) / total
    return sum(b / total * a / mean * math.log(a / mean) for a, b in zip(y, w, strict=True) if a and b)


@settings(max_examples=60)
@given(areas_lists)
def test_theil_and_gini_agree_with_slow_walks_over_areas_and_pairs(areas: list[Area]) -> None:
    x, n = counts(areas)
    failed = n - x
    with np.errstate(invalid="ignore"):
        rates = failed / n
    if not failed.sum():
        assert np.isnan(theil(rates, n)) and np.isnan(gini(rates, n))
        return
    assert theil(rates, n) == pytest.approx(slow_theil(rates.tolist(), n.tolist()), abs=1e-12)
    kept = [(Fraction(int(f), int(m)), int(m)) for f, m in zip(failed, n, strict=True) if m]
    total = sum(m for _, m in kept)
    apart = sum((m1 * m2 * abs(y1 - y2) for y1, m1 in kept for y2, m2 in kept), Fraction(0))
    exact = apart / (2 * total**2 * Fraction(int(failed.sum()), total))
    assert gini(rates, n) == pytest.approx(float(exact), abs=1e-12)
    if len(kept) > 1:
        assert gini(rates, n, sample=True) == pytest.approx(float(exact) * len(kept) / (len(kept) - 1), abs=1e-12)


@settings(max_examples=60)
@given(areas_lists, st.integers(1, 4), st.sampled_from(["higher", "lower"]))
def test_the_parts_between_and_within_add_up_to_theil_exactly(areas: list[Area], groups: int, better: str) -> None:
    x, n = counts(areas)
    failed = n - x if better == "higher" else x
    group = np.arange(len(n)) % groups
    found = theil_split(x, n, group, better=better)
    if not failed.sum():
        assert np.isnan([found.total, found.between, found.within]).all()
        return
    between = within = 0.0
    for g in sorted(set(group[n > 0].tolist())):
        mine = (group == g) & (n > 0)
        y, m = failed[mine].sum(), n[mine].sum()
        row = found.groups[found.groups["group"] == g].iloc[0]
        assert (row["cases"], row["failures"]) == (m, y)
        if not y:
            assert np.isnan(row["theil"]) and row["within"] == 0 and row["between"] == 0
            continue
        inside = slow_theil((failed[mine] / n[mine]).tolist(), n[mine].tolist())
        assert row["theil"] == pytest.approx(inside, abs=1e-12)
        between += y / failed.sum() * math.log(y / m / (failed.sum() / n.sum()))
        within += y / failed.sum() * inside
    assert found.between == pytest.approx(between, abs=1e-12)
    assert found.within == pytest.approx(within, abs=1e-12)
    assert found.between + found.within == pytest.approx(found.total, abs=1e-12)


def test_merging_two_identical_areas_changes_neither_theil_nor_gini() -> None:
    assert theil([0.1, 0.1, 0.3], [5, 5, 20]) == pytest.approx(theil([0.1, 0.3], [10, 20]))
    assert gini([0.1, 0.1, 0.3], [5, 5, 20]) == pytest.approx(gini([0.1, 0.3], [10, 20]))
    assert theil([0.2] * 5) == pytest.approx(0, abs=1e-15) and gini([0.2] * 5) == pytest.approx(0, abs=1e-15)
    assert np.isnan(theil([])) and np.isnan(gini([])) and np.isnan(theil([0, 0]))
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75) and theil([0, 0, 0, 1]) == pytest.approx(math.log(4))
    assert gini([0, 0, 0, 1], sample=True) == pytest.approx(1)
    assert np.isnan(gini([3.0], sample=True))


def test_many_rows_at_once_are_each_treated_alone() -> None:
    y, w = np.random.default_rng(2).random((2, 50, 9))
    assert theil(y, w) == pytest.approx([slow_theil(a.tolist(), b.tolist()) for a, b in zip(y, w, strict=True)])
    assert gini(y, w) == pytest.approx([float(gini(a, b)) for a, b in zip(y, w, strict=True)])


def test_the_inequality_of_chance_is_the_mean_over_plain_draws() -> None:
    n = np.array([12, 3, 40, 25, 7, 0])
    found = chance_inequality(n, 0.2)
    sizes, generator = sorted(n[n > 0].tolist()), np.random.default_rng(99)
    plain = [generator.binomial(sizes, 0.2) for _ in range(1500)]
    for name, index in (("theil", theil), ("gini", gini)):
        drawn = [float(index(one / sizes, sizes)) for one in plain if one.any()]
        assert getattr(found, name) == pytest.approx(np.mean(drawn), rel=0.06)
        low, high = getattr(found, f"{name}_range")
        assert low < getattr(found, name) < high
        assert np.quantile(drawn, 0.975) == pytest.approx(high, rel=0.15)


def test_chance_without_cases_has_no_inequality_and_thousands_of_areas_take_fewer_draws() -> None:
    nothing = chance_inequality([0, 0], 0.02)
    assert math.isnan(nothing.theil) and np.isnan(nothing.gini_range.high)
    many = chance_inequality(np.full(30_000, 20), 0.02)
    few = chance_inequality(np.full(1_000, 20), 0.02, draws=400)
    assert many.theil == pytest.approx(few.theil, rel=0.02)
    with pytest.raises(MethodError):
        chance_inequality([5], 1.2)


def test_the_ratio_of_highest_to_lowest_is_for_large_areas_only() -> None:
    found = highest_to_lowest([60, 1, 45, 0], [100, 1, 90, 49])
    assert (found.highest, found.lowest, found.ratio, found.areas) == (0.6, 0.5, 1.2, 2)
    assert highest_to_lowest([9, 0], [49, 10]).reason == SpreadRefusal.TOO_FEW_AREAS
    zero = highest_to_lowest([0, 5], [50, 50])
    assert (zero.highest, zero.lowest, zero.reason) == (0.1, 0, SpreadRefusal.ZERO_RATE) and math.isnan(zero.ratio)
    with pytest.raises(MethodError, match="at least 50"):
        highest_to_lowest([1, 2], [30, 30], minimum=20)


def test_impossible_counts_groups_and_values_are_refused() -> None:
    for x, n in (([-1], [2]), ([3], [2]), ([np.nan], [2]), ([0.5], [2])):
        for refused in (
            lambda x=x, n=n: spread(x, n),
            lambda x=x, n=n: theil_split(x, n, ["a"]),
            lambda x=x, n=n: highest_to_lowest(x, n),
        ):
            with pytest.raises(CountError):
                refused()
    for group in (["a"], ["a", None]):
        with pytest.raises(MethodError, match="every area its group"):
            theil_split([1, 2], [3, 3], group)
    for y, w in (([-1.0, 2], 1), ([np.nan, 2], 1), ([1.0, 2], [1, -1]), (3.0, 1)):
        with pytest.raises(MethodError):
            theil(y, w)
        with pytest.raises(MethodError):
            gini(y, w)
