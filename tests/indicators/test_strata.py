"""Stratified comparisons: against slow twins, empty and one-sided strata, refusals, and the frame-level gap."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.catalogue import load_catalogue
from indicators.errors import CountError, MethodError
from indicators.intervals import newcombe
from indicators.strata import (
    AdjustedGap,
    adjusted_gap,
    breslow_day,
    cochran_mantel_haenszel,
    exact_stratified_tails,
    mantel_haenszel,
)
from indicators.values import rate_table

INDICATOR = load_catalogue()["resolution_rate"]
Z = 1.959963984540054
Stratum = tuple[int, int, int, int]


@st.composite
def stratum(draw: st.DrawFn, largest: int = 60) -> Stratum:
    n1, n2 = draw(st.integers(0, largest)), draw(st.integers(0, largest))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


strata_lists = st.lists(stratum(), min_size=1, max_size=5)
PERFECT: list[Stratum] = [(20, 20, 30, 30), (5, 5, 1, 1)]


def columns(strata: list[Stratum]) -> tuple[tuple[int, ...], ...]:
    return tuple(zip(*strata, strict=True))


def both_sided(strata: list[Stratum]) -> list[Stratum]:
    return [one for one in strata if one[1] and one[3]]


def naive_mantel_haenszel(strata: list[Stratum]) -> tuple[float, float]:
    """Difference and Sato's variance in exact fractions; NaN without a stratum that has both sides."""
    weights, total, p_sum, q_sum = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    for x1, n1, x2, n2 in both_sided(strata):
        n = n1 + n2
        weights += Fraction(n1 * n2, n)
        total += Fraction(n1 * n2, n) * (Fraction(x1, n1) - Fraction(x2, n2))
        p_sum += Fraction(2 * n1 * n1 * x2 - 2 * n2 * n2 * x1 + n1 * n2 * (n2 - n1), 2 * n * n)
        q_sum += Fraction(x1 * (n2 - x2) + x2 * (n1 - x1), 2 * n)
    if not weights:
        return math.nan, math.nan
    difference = total / weights
    return float(difference), float((difference * p_sum + q_sum) / weights**2)


@settings(max_examples=40)
@given(strata_lists)
@example(PERFECT)
@example([(0, 0, 3, 4)])
@example([(10, 10, 0, 10)])
def test_the_pooled_difference_and_its_variance_are_those_of_the_slow_twin(strata: list[Stratum]) -> None:
    found = mantel_haenszel(*columns(strata))
    difference, variance = naive_mantel_haenszel(strata)
    assert float(found.difference) == pytest.approx(difference, abs=1e-12, nan_ok=True)
    if variance > 0:
        half = Z * math.sqrt(variance)
        expected = max(-1.0, difference - half), min(1.0, difference + half)
        assert (float(found.low), float(found.high)) == pytest.approx(expected, abs=1e-9)
    else:
        assert np.isnan(found.low) and np.isnan(found.high)
    assert int(found.strata_used) == len(both_sided(strata))
    assert int(found.strata_used + found.strata_dropped) == len(strata)


def test_strata_that_are_all_or_nothing_have_a_difference_and_no_interval() -> None:
    found = mantel_haenszel(*columns(PERFECT))
    assert float(found.difference) == 0.0 and np.isnan(found.low) and np.isnan(found.high)


def naive_cmh(strata: list[Stratum], *, continuity: bool) -> float:
    distance, variance = Fraction(0), Fraction(0)
    for x1, n1, x2, n2 in both_sided(strata):
        n, hits = n1 + n2, x1 + x2
        distance += x1 - Fraction(n1 * hits, n)
        variance += Fraction(n1 * n2 * hits * (n - hits), n * n * (n - 1))
    if not variance:
        return math.nan
    away = abs(distance) - (Fraction(1, 2) if continuity else 0)
    return float(max(away, Fraction(0)) ** 2 / variance)


@settings(max_examples=40)
@given(strata_lists, st.booleans())
@example(PERFECT, False)
@example([(0, 0, 3, 4)], True)
def test_the_common_test_is_that_of_the_slow_twin(strata: list[Stratum], continuity: bool) -> None:
    found = cochran_mantel_haenszel(*columns(strata), continuity=continuity)
    expected = naive_cmh(strata, continuity=continuity)
    assert float(found.statistic) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    if not math.isnan(expected):
        assert float(found.p) == pytest.approx(math.erfc(math.sqrt(expected / 2)), abs=1e-9)


@settings(max_examples=30)
@given(st.lists(stratum(6), min_size=1, max_size=3))
@example([(2, 4, 1, 3), (0, 0, 2, 2)])
def test_exact_tails_are_the_sums_over_every_set_of_tables_with_these_totals(strata: list[Stratum]) -> None:
    used = both_sided(strata)
    found = exact_stratified_tails(*columns(strata), mid=False)
    halved = exact_stratified_tails(*columns(strata))
    if not used:
        assert np.isnan(found).all()
        return
    observed = sum(one[0] for one in used)
    ways = {"low": 0, "high": 0, "same": 0, "all": 0}
    for counts in itertools.product(*(range(n1 + 1) for _, n1, _, _ in used)):
        number = math.prod(
            math.comb(n1, k) * math.comb(n2, x1 + x2 - k) if x1 + x2 >= k else 0
            for k, (x1, n1, x2, n2) in zip(counts, used, strict=True)
        )
        ways["all"] += number
        ways["low"] += number * (sum(counts) <= observed)
        ways["high"] += number * (sum(counts) >= observed)
        ways["same"] += number * (sum(counts) == observed)
    expected = ways["low"] / ways["all"], ways["high"] / ways["all"]
    assert (float(found.low), float(found.high)) == pytest.approx(expected, abs=1e-10)
    half = ways["same"] / ways["all"] / 2
    assert (float(halved.low), float(halved.high)) == pytest.approx([one - half for one in expected], abs=1e-10)


def naive_predicted(ratio: float, n1: int, n2: int, hits: int) -> float:
    """The first count at which the odds ratio of the table reaches ``ratio``, by halving."""
    low, high = float(max(0, hits - n2)), float(min(hits, n1))
    for _ in range(80):
        a = (low + high) / 2
        low, high = (a, high) if a * (n2 - hits + a) < ratio * (n1 - a) * (hits - a) else (low, a)
    return (low + high) / 2


def naive_breslow_day(strata: list[Stratum]) -> tuple[float, int] | str:
    used = both_sided(strata)
    if len(used) < 2:
        return "one_stratum"
    above = sum(Fraction(x1 * (n2 - x2), n1 + n2) for x1, n1, x2, n2 in used)
    below = sum(Fraction(x2 * (n1 - x1), n1 + n2) for x1, n1, x2, n2 in used)
    if not above or not below:
        return "no_odds_ratio"
    statistic, gaps, variances = 0.0, 0.0, 0.0
    for x1, n1, x2, n2 in used:
        a = naive_predicted(float(above / below), n1, n2, x1 + x2)
        cells = a, n1 - a, x1 + x2 - a, n2 - x1 - x2 + a
        if min(cells) < 5:
            return "sparse"
        variance = 1 / sum(1 / cell for cell in cells)
        statistic, gaps, variances = statistic + (x1 - a) ** 2 / variance, gaps + x1 - a, variances + variance
    return statistic - gaps**2 / variances, len(used) - 1


@st.composite
def full_strata(draw: st.DrawFn) -> list[Stratum]:
    """Strata with so many cases that the odds ratios can usually be compared."""
    strata = []
    for _ in range(draw(st.integers(2, 4))):
        n1, n2 = draw(st.integers(30, 400)), draw(st.integers(30, 400))
        strata.append((draw(st.integers(n1 // 4, 3 * n1 // 4)), n1, draw(st.integers(n2 // 4, 3 * n2 // 4)), n2))
    return strata


@settings(max_examples=40)
@given(st.one_of(full_strata(), strata_lists))
@example(PERFECT)
@example([(3, 4, 2, 5)])
@example([(30, 60, 20, 60), (30, 60, 20, 60)])
@example([(0, 1, 0, 1), (1, 2, 1, 2)])
def test_homogeneity_is_that_of_the_slow_twin_or_refused_for_the_same_reason(strata: list[Stratum]) -> None:
    found, expected = breslow_day(*columns(strata)), naive_breslow_day(strata)
    if isinstance(expected, str):
        assert found.reason.item() == expected and np.isnan([found.statistic, found.df, found.p]).all()
    else:
        assert found.reason.item() is None
        assert (float(found.statistic), int(found.df)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_at_no_least_expected_strata_without_variation_are_left_out_of_the_degrees_of_freedom() -> None:
    strata = [(8, 106, 5, 120), (22, 98, 16, 85)]
    with_perfect = [*strata, (7, 7, 9, 9)]
    assert breslow_day(*columns(with_perfect)).reason.item() == "sparse"
    found, alone = (breslow_day(*columns(one), least_expected=0) for one in (with_perfect, strata))
    assert float(found.df) == 1.0
    assert float(found.statistic) == pytest.approx(float(alone.statistic))


@given(full_strata())
@settings(max_examples=30)
def test_exchanged_sides_or_successes_turn_the_difference_and_leave_the_tests(strata: list[Stratum]) -> None:
    x1, n1, x2, n2 = (np.array(one) for one in columns(strata))
    here, turned = mantel_haenszel(x1, n1, x2, n2), mantel_haenszel(x2, n2, x1, n1)
    failed = mantel_haenszel(n1 - x1, n1, n2 - x2, n2)
    for other in (turned, failed):
        assert float(other.difference) == pytest.approx(-float(here.difference), abs=1e-12)
        assert float(other.low) == pytest.approx(-float(here.high), abs=1e-9)
    for test in (cochran_mantel_haenszel, breslow_day):
        expected = float(test(x1, n1, x2, n2).p)
        assert float(test(x2, n2, x1, n1).p) == pytest.approx(expected, rel=1e-6)
        assert float(test(n1 - x1, n1, n2 - x2, n2).p) == pytest.approx(expected, rel=1e-6)


@given(full_strata(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_strata_changes_nothing(strata: list[Stratum], random: object) -> None:
    mixed = sorted(strata, key=lambda _: random.random())  # type: ignore[attr-defined]
    for method in (mantel_haenszel, cochran_mantel_haenszel):
        expected = [float(one) for one in method(*columns(strata))]
        assert [float(one) for one in method(*columns(mixed))] == pytest.approx(expected, abs=1e-12)


def test_thousands_of_places_at_once_give_what_each_gives_alone() -> None:
    random = np.random.default_rng(5)
    n1, n2 = random.integers(0, 90, (2000, 6)), random.integers(0, 900, (2000, 6))
    x1, x2 = random.binomial(n1, 0.7), random.binomial(n2, 0.6)
    pooled, common, same = (
        method(x1, n1, x2, n2) for method in (mantel_haenszel, cochran_mantel_haenszel, breslow_day)
    )
    assert pooled.low.shape == common.p.shape == same.reason.shape == (2000,)
    assert (same.reason == None).sum() > 100 and (same.reason == "sparse").sum() > 100  # noqa: E711
    for row in (0, 17, 1999):
        counts = x1[row], n1[row], x2[row], n2[row]
        assert [one[row] for one in pooled] == [float(one) for one in mantel_haenszel(*counts)]
        assert common.p[row] == float(cochran_mantel_haenszel(*counts).p)
        assert same.reason[row] == breslow_day(*counts).reason.item()


def test_a_single_pair_is_one_stratum() -> None:
    assert float(mantel_haenszel(3, 4, 1, 4).difference) == pytest.approx(0.5)
    assert breslow_day(3, 4, 1, 4).reason.item() == "one_stratum"


@pytest.mark.parametrize("counts", [(5, 4, 1, 4), (1, 4, -1, 4), (1, 4, 1.5, 4), (math.nan, 4, 1, 4)])
def test_impossible_counts_are_refused(counts: tuple[float, float, float, float]) -> None:
    for method in (mantel_haenszel, cochran_mantel_haenszel, breslow_day, exact_stratified_tails):
        with pytest.raises(CountError, match="side"):
            method(*counts)


def test_shapes_that_do_not_fit_are_refused_in_both_languages() -> None:
    with pytest.raises(MethodError, match="do not fit") as caught:
        mantel_haenszel([1, 2], [4, 4], [1, 2, 3], [4, 4, 4])
    assert caught.value.zh.endswith("。")
    with pytest.raises(MethodError, match="one place at a time"):
        exact_stratified_tails([[1, 2]], 4, [[1, 2]], 4)


def table(strata: list[Stratum], side: int, **columns: object) -> pd.DataFrame:
    """The rate table of one side; places without cases on it are absent."""
    rows = [(f"p{at}", one[side], one[side + 1]) for at, one in enumerate(strata) if one[side + 1]]
    frame = pd.DataFrame(rows, columns=["place", "verified_solved", "due"]).assign(**columns)
    return rate_table(frame.astype({"verified_solved": "int64", "due": "int64"}), INDICATOR)


def gap(strata: list[Stratum]) -> AdjustedGap:
    return adjusted_gap(table(strata, 0), table(strata, 2))


def test_simpsons_paradox_is_undone_like_for_like() -> None:
    found = gap([(90, 100, 850, 1000), (300, 1000, 20, 100)])
    assert float(found.crude.high) < 0 < float(found.adjusted.low)
    assert found.p < 0.05 and not found.p_exact and found.reason is None
    assert found.same_everywhere is True and found.homogeneity_reason is None
    assert found.strata["difference"].tolist() == pytest.approx([0.05, 0.10])


def test_a_gap_that_turns_round_between_strata_is_not_the_same_everywhere() -> None:
    found = gap([(80, 100, 50, 100), (50, 100, 80, 100)])
    assert found.same_everywhere is False and found.homogeneity_p < 0.001
    assert float(found.adjusted.difference) == pytest.approx(0.0, abs=1e-12)


@settings(max_examples=30)
@given(strata_lists)
@example(PERFECT)
def test_the_frame_says_what_the_arrays_say_and_the_crude_gap_is_newcombes(strata: list[Stratum]) -> None:
    found = gap(strata)
    x1, n1, x2, n2 = (np.array(one) for one in columns(strata))
    if found.reason is None:
        pooled = mantel_haenszel(x1, n1, x2, n2)
        values = np.array([found.adjusted.difference, found.adjusted.low, found.adjusted.high], dtype=float)
        np.testing.assert_allclose(values, np.array(pooled[:3], dtype=float), atol=1e-12)
        test = cochran_mantel_haenszel(x1, n1, x2, n2)
        assert found.p_exact == (bool(test.sparse) and not np.isnan(test.p))
        assert found.p_exact or found.p == pytest.approx(float(test.p), nan_ok=True)
        assert (found.same_everywhere is None) == math.isnan(found.homogeneity_p)
    if found.reason in (None, "nothing_shared"):
        crude = newcombe(x1.sum(), n1.sum(), x2.sum(), n2.sum())
        assert [float(one) for one in found.crude] == [float(one) for one in crude]
    assert (found.reason == "no_cases") == (n1.sum() == 0 or n2.sum() == 0)


def test_the_order_of_rows_changes_no_figure() -> None:
    random = np.random.default_rng(6)
    n = random.integers(1, 300, (40, 2))
    strata = [(int(random.binomial(a, 0.9)), int(a), int(random.binomial(b, 0.85)), int(b)) for a, b in n]
    a, b = table(strata, 0), table(strata, 2)
    found, mixed = adjusted_gap(a, b), adjusted_gap(a.iloc[::-1], b.sample(frac=1, random_state=1))
    assert found.adjusted == mixed.adjusted and found.crude == mixed.crude
    assert found.p == mixed.p and found.homogeneity_reason == mixed.homogeneity_reason


def test_places_that_only_one_group_has_are_listed_and_counted_but_not_used() -> None:
    found = gap([(8, 10, 6, 10), (5, 5, 0, 0), (0, 0, 3, 9)])
    assert found.strata["used"].tolist() == [True, False, False]
    assert (int(found.adjusted.strata_used), int(found.adjusted.strata_dropped)) == (1, 2)
    assert found.homogeneity_reason == "one_stratum" and found.same_everywhere is None


def test_groups_that_share_no_place_have_a_crude_gap_and_no_adjusted_one() -> None:
    found = gap([(8, 10, 0, 0), (0, 0, 5, 10)])
    assert found.reason == "nothing_shared"
    assert float(found.crude.difference) == pytest.approx(0.3)
    assert np.isnan(found.adjusted.difference) and math.isnan(found.p) and found.same_everywhere is None


def test_a_group_without_cases_gives_a_reason_and_no_number() -> None:
    found = gap([(8, 10, 0, 0)])
    assert found.reason == "no_cases" and np.isnan(found.crude).all() and math.isnan(found.p)


def test_hidden_counts_give_a_reason_and_no_figure_they_could_be_worked_out_from() -> None:
    strata = [(8, 10, 6, 10), (50, 60, 40, 60)]
    hidden = table(strata, 0, hidden=[True, False])
    found = adjusted_gap(hidden, table(strata, 2))
    assert found.reason == "hidden" and found.strata.empty
    assert np.isnan(found.crude).all() and np.isnan(found.adjusted.difference)


def test_a_ratio_that_may_exceed_one_is_no_share_and_gets_a_reason_not_an_error() -> None:
    ratio = pd.DataFrame(
        {"place": ["p0"], "x": [9.0], "n": [4.0], "value": [2.25], "low": [1.0], "high": [4.3], "state": ["value"]}
    )
    ratio.attrs = {"kind": "ratio", "interval": "chance"}
    found = adjusted_gap(ratio, ratio)
    assert found.reason == "not_a_share" and np.isnan(found.crude).all() and found.strata.empty
