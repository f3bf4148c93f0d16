"""Contributions of parts: they sum to the distance they explain, in fractions exactly and in floats to rounding."""

from fractions import Fraction
from math import fsum

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.contributions import (
    change_contribution_table,
    change_contributions,
    contribution_fractions,
    contribution_table,
    contributions,
)
from indicators.errors import CountError, MethodError

Part = tuple[int, int]
parts_lists = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), min_size=1, max_size=12)
targets = st.integers(0, 10_000).map(lambda part: part / 10_000)


def counts(parts: list[Part]) -> tuple[list[int], list[int]]:
    """x and n of parts given as successes and failures."""
    return [x for x, _ in parts], [x + failed for x, failed in parts]


@settings(max_examples=60)
@given(parts_lists, targets)
def test_contributions_are_those_of_exact_fractions_and_sum_to_the_distance(parts: list[Part], target: float) -> None:
    x, n = counts(parts)
    found = contributions(x, n, target)
    exact = Fraction(str(target))
    assert found.cases == pytest.approx([float(a - b * exact) for a, b in zip(x, n, strict=True)], abs=0, rel=1e-15)
    if not sum(n):
        assert np.isnan(found.rate).all()
        assert contribution_fractions(x, n, target) == []
        return
    slow = [Fraction(b) * (Fraction(a, b) - exact) / sum(n) if b else Fraction(0) for a, b in zip(x, n, strict=True)]
    distance = Fraction(sum(x), sum(n)) - exact
    assert contribution_fractions(x, n, target) == slow
    assert sum(slow) == distance
    assert found.rate == pytest.approx([float(one) for one in slow], abs=0, rel=4e-16)
    assert fsum(found.rate) == pytest.approx(float(distance), abs=1e-15)


def test_a_part_on_the_target_contributes_exactly_nothing() -> None:
    # In floating point 58 − 0.29 · 200 is 7e−15.
    assert contributions([58, 190], [200, 200], 0.29).cases[0] == 0
    assert contributions([58, 190], [200, 200], 0.95).rate[1] == 0


def test_the_rate_of_the_district_can_be_the_target_without_rounding() -> None:
    found = contributions([1, 2], [3, 3], Fraction(1, 3))
    assert found.rate[0] == 0
    assert found.cases[1] == 1


def test_a_target_with_many_digits_is_still_exact() -> None:
    target = 0.1234567890123457
    found = contributions([3, 10], [20, 2**31 - 1], target)
    assert found.cases == pytest.approx([3 - 20 * target, 10 - (2**31 - 1) * target], rel=1e-15)


def test_thousands_of_parts_sum_to_the_distance() -> None:
    chance = np.random.default_rng(3)
    n = chance.integers(0, 400, 5000)
    x = chance.binomial(n, 0.97)
    found = contributions(x, n, 0.98)
    assert fsum(found.rate) == pytest.approx(float(Fraction(int(x.sum()), int(n.sum())) - Fraction(98, 100)), abs=1e-15)
    assert fsum(found.cases) == pytest.approx(x.sum() - 0.98 * n.sum(), abs=1e-8)


def test_impossible_counts_and_targets_are_refused() -> None:
    for x, n in (([-1], [2]), ([3], [2]), ([np.nan], [2]), ([0.5], [2])):
        with pytest.raises(CountError):
            contributions(x, n, 0.9)
        with pytest.raises(CountError):
            change_contributions(x, n, [1], [2])
        with pytest.raises(CountError):
            contribution_table(pd.DataFrame({"place": ["a"], "x": x, "n": n}), 0.9)
    for target in (1.5, -0.1, float("nan"), float("inf")):
        with pytest.raises(MethodError, match="give a share"):
            contributions([1], [2], target)


@settings(max_examples=60)
@given(parts_lists, st.integers(0, 10_000))
def test_changes_agree_with_a_slow_walk_in_fractions_and_sum_to_the_change(parts: list[Part], seed: int) -> None:
    x1, n1 = counts(parts)
    chance = np.random.default_rng(seed)
    n2 = chance.integers(0, 30, len(parts)) * chance.integers(0, 2, len(parts))
    x2 = chance.integers(0, n2 + 1)
    found = change_contributions(x1, n1, x2, n2)
    if not sum(n1) or not n2.sum():
        assert np.isnan(found.total).all()
        return
    whole1, whole2 = Fraction(sum(x1), sum(n1)), Fraction(int(x2.sum()), int(n2.sum()))
    total = Fraction(0)
    for i in range(len(parts)):
        s1, s2 = Fraction(n1[i], sum(n1)), Fraction(int(n2[i]), int(n2.sum()))
        p1 = Fraction(x1[i], n1[i]) if n1[i] else None
        p2 = Fraction(int(x2[i]), int(n2[i])) if n2[i] else None
        if p1 is None and p2 is None:
            assert found.total[i] == 0
            continue
        p1, p2 = (p2 if p1 is None else p1), (p1 if p2 is None else p2)
        assert p1 is not None and p2 is not None
        rate, volume = (s1 + s2) / 2 * (p2 - p1), (s2 - s1) * ((p1 + p2) / 2 - (whole1 + whole2) / 2)
        assert found.rate[i] == pytest.approx(float(rate), abs=1e-15)
        assert found.volume[i] == pytest.approx(float(volume), abs=1e-15)
        total += rate + volume
    assert total == whole2 - whole1
    assert fsum(found.total) == pytest.approx(float(total), abs=1e-14)


def test_a_part_better_than_the_whole_that_grows_lifts_the_rate() -> None:
    found = change_contributions([90, 50], [100, 100], [270, 50], [300, 100])
    assert found.rate == pytest.approx([0, 0])
    assert (found.volume > 0).all()


def test_nothing_changes_where_all_is_alike() -> None:
    found = change_contributions([9, 4], [10, 5], [9, 4], [10, 5])
    assert (found.total == 0).all()


TABLE = pd.DataFrame(
    {"place": ["a", "b", "c", "d", "e"], "x": [90, 40, 0, 100, np.nan], "n": [100, 50, 0, 100, np.nan]}
)


def test_the_table_puts_what_makes_the_distance_first_whatever_the_order_of_the_rows() -> None:
    table = contribution_table(TABLE, 0.95)
    assert table is not None
    assert list(table["place"]) == ["b", "a", "c", "d"]
    assert table["cases"].to_numpy() == pytest.approx([-7.5, -5, 0, 5])
    assert table["contribution"].sum() == pytest.approx(230 / 250 - 0.95, abs=1e-16)
    assert table["share_of_distance"].to_numpy() == pytest.approx([1, 2 / 3, 0, -2 / 3])
    turned = contribution_table(TABLE.iloc[[3, 1, 4, 0, 2]], 0.95)
    assert turned is not None
    pd.testing.assert_frame_equal(table, turned)


def test_the_table_of_changes_puts_what_makes_the_change_first() -> None:
    now = pd.DataFrame({"place": ["d", "f", "a"], "x": [99, 8, 80], "n": [100, 10, 100]})
    table = change_contribution_table(TABLE, now)
    assert table is not None
    assert set(table["place"]) == {"a", "b", "c", "d", "f"}
    assert table["total"].sum() == pytest.approx(187 / 210 - 230 / 250, abs=1e-15)
    assert table["share_of_distance"].is_monotonic_decreasing
    assert table["share_of_distance"].sum() == pytest.approx(1)
    turned = change_contribution_table(TABLE[::-1], now[::-1])
    assert turned is not None
    pd.testing.assert_frame_equal(table, turned)


def test_without_a_distance_the_shares_are_missing_and_the_largest_contribution_leads() -> None:
    table = contribution_table(pd.DataFrame({"place": ["a", "b", "c"], "x": [9, 90, 1], "n": [10, 100, 1]}), 0.9)
    assert table is not None and next(iter(table["place"])) == "c"
    even = contribution_table(pd.DataFrame({"place": ["a", "b", "c"], "x": [1, 9, 5], "n": [5, 9, 6]}), 0.75)
    assert even is not None
    assert even["share_of_distance"].isna().all()
    assert list(even["place"]) == ["a", "b", "c"]
    same = change_contribution_table(even[["place", "x", "n"]], even[["place", "x", "n"]])
    assert same is not None and same["share_of_distance"].isna().all()


def test_hidden_or_absent_counts_give_no_table_and_a_place_named_twice_is_refused() -> None:
    assert contribution_table(TABLE.assign(state="hidden"), 0.9) is None
    assert contribution_table(TABLE[2:3], 0.9) is None
    assert change_contribution_table(TABLE, TABLE[4:]) is None
    with pytest.raises(MethodError, match="twice"):
        contribution_table(pd.concat([TABLE, TABLE]), 0.9)
