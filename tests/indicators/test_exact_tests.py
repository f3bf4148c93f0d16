"""Exact tails and multiplicity: naive sums, symmetry, and what stands after correction."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.exact_tests import exact_tails, fdr, holm, two_sided


def naive_tails(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Sums of exact fractions over every possible table."""
    successes = x1 + x2
    whole = math.comb(n1 + n2, successes)
    mass = {k: Fraction(math.comb(n1, k) * math.comb(n2, successes - k), whole) for k in range(successes + 1)}
    low = sum((share for k, share in mass.items() if k <= x1), Fraction(0))
    high = sum((share for k, share in mass.items() if k >= x1), Fraction(0))
    return float(low), float(high)


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    n1, n2 = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


@given(tables())
def test_exact_tails_are_the_sums_over_all_tables(table: tuple[int, int, int, int]) -> None:
    tails = exact_tails(*table)
    assert (float(tails.low), float(tails.high)) == pytest.approx(naive_tails(*table), abs=1e-10)


@given(tables())
def test_the_mid_p_of_both_tails_adds_to_one_and_turns_round(table: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = table
    there, back = exact_tails(*table, mid=True), exact_tails(x2, n2, x1, n1, mid=True)
    assert float(there.low + there.high) == pytest.approx(1)
    assert float(there.low) == pytest.approx(float(back.high), abs=1e-10)


def test_a_ratio_is_tested_by_the_share_of_events_among_the_exposure() -> None:
    low = sum(math.comb(30, k) * 0.25**k * 0.75 ** (30 - k) for k in range(4))
    assert float(exact_tails(3, 1000, 27, 3000, proportion=False).low) == pytest.approx(low)


def test_a_side_without_cases_has_no_test() -> None:
    tails = exact_tails([0, 3], [0, 4], [3, 0], [4, 0])
    assert np.isnan(tails.low).all() and np.isnan(two_sided(tails)).all()


def test_large_counts_stay_exact() -> None:
    tails = exact_tails(39_400, 40_000, 945_600, 960_000)
    spread = math.sqrt(40_000 * 0.985 * 0.015 * 0.96)
    both_count_the_middle = 1 / (spread * math.sqrt(2 * math.pi))
    assert float(tails.low + tails.high) == pytest.approx(1 + both_count_the_middle, rel=1e-4)


def naive_holm(p: list[float], alpha: float) -> list[bool]:
    stands = [False] * len(p)
    for step, row in enumerate(sorted(range(len(p)), key=lambda one: p[one])):
        if p[row] > alpha / (len(p) - step):
            break
        stands[row] = True
    return stands


def naive_fdr(p: list[float], alpha: float) -> list[bool]:
    ordered = sorted(p)
    limit = max((value for rank, value in enumerate(ordered, 1) if value <= alpha * rank / len(p)), default=-1.0)
    return [value <= limit for value in p]


@given(st.lists(st.integers(0, 1000).map(lambda one: one**3 / 1e9), min_size=1, max_size=30))
def test_holm_and_the_false_discovery_rate_do_what_their_step_rules_say(p: list[float]) -> None:
    assert holm(p).tolist() == naive_holm(p, 0.05)
    assert fdr(p).tolist() == naive_fdr(p, 0.05)


def test_tests_that_were_not_made_neither_stand_nor_count() -> None:
    nan = float("nan")
    assert holm([nan, 0.03, nan]).tolist() == [False, True, False]
    assert fdr([nan, 0.03, nan]).tolist() == [False, True, False]
    assert holm([]).tolist() == [] and fdr([nan]).tolist() == [False]
