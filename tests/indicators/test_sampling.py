"""Design effects and finite lists: against slow twins, refusals, order of rows, and what the corrections must obey."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.errors import CountError, MethodError
from indicators.intervals import wilson
from indicators.sampling import (
    corrected_bounds,
    design_effect,
    design_effects,
    effective_counts,
    finite_population_correction,
    pooled_design_effect,
)

Visit = tuple[int, int, str, str]
"""Passed, checked, firm, place."""


@st.composite
def visit(draw: st.DrawFn) -> Visit:
    n = draw(st.integers(0, 12))
    return draw(st.integers(0, n)), n, draw(st.sampled_from("abcde")), draw(st.sampled_from(["东", "西"]))


visits = st.lists(visit(), min_size=1, max_size=25)


def columns(rows: list[Visit]) -> tuple[tuple[object, ...], ...]:
    return tuple(zip(*rows, strict=True))


def naive_parts(rows: list[Visit]) -> tuple[float, float, int]:
    """m/(m - 1) times the cluster variance of the total, the binomial one, and m."""
    firms: dict[str, list[int]] = {}
    for x, n, firm, _ in rows:
        have = firms.setdefault(firm, [0, 0])
        have[0], have[1] = have[0] + x, have[1] + n
    with_cases = [one for one in firms.values() if one[1]]
    m, n = len(with_cases), sum(one[1] for one in with_cases)
    if m < 2:
        return 0.0, 0.0, m
    p = sum(one[0] for one in with_cases) / n
    return m / (m - 1) * sum((x - p * k) ** 2 for x, k in with_cases), n * p * (1 - p), m


def naive_design_effect(rows: list[Visit]) -> float:
    cluster, binomial, _ = naive_parts(rows)
    return cluster / binomial if binomial > 0 else math.nan


@settings(max_examples=60)
@given(visits)
@example([(0, 0, "a", "东")])
@example([(3, 3, "a", "东"), (4, 4, "b", "东")])
@example([(2, 4, "a", "东"), (3, 6, "b", "东")])
def test_the_design_effect_of_every_place_is_that_of_the_slow_twin(rows: list[Visit]) -> None:
    table = design_effects(*columns(rows), least=0)
    floored = design_effects(*columns(rows))
    assert table["place"].tolist() == list(dict.fromkeys(row[3] for row in rows))
    for at, place in enumerate(table["place"]):
        own = [row for row in rows if row[3] == place]
        expected = naive_design_effect(own)
        assert table["design_effect"][at] == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert floored["design_effect"][at] == pytest.approx(max(expected, 1.0), nan_ok=True)
        assert design_effect(*columns(own)[:3], least=0) == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert (table["x"][at], table["n"][at]) == (sum(row[0] for row in own), sum(row[1] for row in own))
        assert table["clusters"][at] == naive_parts(own)[2]


@settings(max_examples=40)
@given(visits)
def test_the_pooled_design_effect_adds_the_variances_of_all_places(rows: list[Visit]) -> None:
    parts = [naive_parts([row for row in rows if row[3] == place]) for place in {row[3] for row in rows}]
    binomial = sum(one[1] for one in parts)
    expected = sum(one[0] for one in parts) / binomial if binomial > 0 else math.nan
    assert pooled_design_effect(*columns(rows), least=0) == pytest.approx(expected, abs=1e-9, nan_ok=True)


@settings(max_examples=30)
@given(visits, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_firms_change_nothing(rows: list[Visit], random: object) -> None:
    mixed = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]
    here = design_effects(*columns(rows)).set_index("place")["design_effect"]
    there = design_effects(*columns(mixed)).set_index("place")["design_effect"]
    np.testing.assert_array_equal(there.reindex(here.index), here)
    assert repr(pooled_design_effect(*columns(mixed), least=0)) == repr(pooled_design_effect(*columns(rows), least=0))
    numbered = [(x, n, ord(firm), place) for x, n, firm, place in rows]
    np.testing.assert_array_equal(design_effects(*columns(numbered))["design_effect"], here)  # type: ignore[arg-type]


def test_one_case_a_firm_is_nearly_no_effect_and_ten_equal_visits_count_once() -> None:
    x = [1, 0, 1, 1, 0, 1, 1, 1]
    assert design_effect(x, [1] * 8, range(8)) == pytest.approx(8 / 7)
    assert design_effect([10 * one for one in x], [10] * 8, range(8)) == pytest.approx(80 / 7)


def test_firms_that_are_all_alike_have_no_effect_below_1_and_a_perfect_place_none_to_see() -> None:
    assert design_effect([2, 2, 2], [4, 4, 4], ["a", "b", "c"]) == 1.0
    assert design_effect([2, 2, 2], [4, 4, 4], ["a", "b", "c"], least=0) == 0.0
    assert math.isnan(design_effect([4, 4], [4, 4], ["a", "b"]))
    assert math.isnan(design_effect([3, 2], [4, 4], ["a", "a"])) and math.isnan(design_effect([], [], []))


def test_thousands_of_places_are_done_at_once() -> None:
    random = np.random.default_rng(9)
    place, firm = random.integers(0, 3000, 20_000), random.integers(0, 5, 20_000)
    n = random.integers(1, 9, 20_000)
    x = random.binomial(n, 0.9)
    table = design_effects(x, n, firm, place).set_index("place")
    assert len(table) > 2900 and (table["design_effect"].dropna() >= 1).all()
    for one in (0, 1500, 2999):
        own = place == one
        assert table["design_effect"][one] == pytest.approx(design_effect(x[own], n[own], firm[own]), nan_ok=True)


@pytest.mark.parametrize("labels", [["a", None], ["a", float("nan")], ["a"], ["a", "b", "c"]])
def test_rows_without_a_firm_and_lengths_that_differ_are_refused_in_both_languages(labels: list[object]) -> None:
    with pytest.raises(MethodError) as caught:
        design_effect([1, 2], [4, 4], labels)
    assert caught.value.zh.endswith("。") and caught.value.en.endswith(".")


def test_effective_counts_keep_the_share_and_widen_the_interval() -> None:
    found = effective_counts([142, 112, 5, 0], [158, 145, 5, 0], [1.2325, 3.9529, 2.0, 1.0])
    assert found.x[0] == pytest.approx(142 / 1.2325) and found.n[1] == pytest.approx(145 / 3.9529)
    plain = wilson([142, 112, 5], [158, 145, 5])
    assert (found.low[:3] < plain.low).all() and (found.high[:2] > plain.high[:2]).all()
    assert found.high[2] == 1.0 and np.isnan(found.low[3])
    assert np.isnan(effective_counts(3, 4, math.nan).low)


@settings(max_examples=30)
@given(st.integers(1, 400), st.data())
def test_a_design_effect_of_1_leaves_wilsons_interval(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    found = effective_counts(x, n, 1)
    assert (float(found.low), float(found.high)) == pytest.approx([float(one) for one in wilson(x, n)], abs=1e-12)


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, int, int]:
    population = draw(st.integers(1, 300))
    n = draw(st.integers(0, population))
    return draw(st.integers(0, n)), n, population


@settings(max_examples=60)
@given(lists())
@example((0, 0, 1))
@example((1, 1, 1))
@example((4, 4, 20))
def test_the_corrected_interval_is_that_of_the_slow_twin_and_possible(one: tuple[int, int, int]) -> None:
    x, n, population = one
    found = corrected_bounds(x, n, population)
    if n == 0:
        assert np.isnan(found).all()
        return
    low, high = (float(bound) for bound in found)
    if n / population <= 0.2:
        assert (low, high) == pytest.approx([float(bound) for bound in wilson(x, n)], abs=1e-12)
        return
    possible = []
    for passing in range(x, x + population - n + 1):
        law = stats.hypergeom(population, passing, n)
        if law.cdf(x) > 0.025 and law.sf(x - 1) > 0.025:
            possible.append(passing / population)
    assert (low, high) == pytest.approx((min(possible), max(possible)), abs=1e-12)
    if n == population:
        assert low == high == x / n


@pytest.mark.parametrize(("population", "n"), [(50, 15), (50, 40), (100, 25), (30, 8)])
def test_the_finite_interval_covers_however_many_sites_pass(population: int, n: int) -> None:
    passing = np.arange(population + 1)
    x = np.arange(n + 1)
    bounds = corrected_bounds(x, n, population)
    chance = stats.hypergeom.pmf(x[None, :], population, passing[:, None], n)
    inside = (bounds.low <= passing[:, None] / population + 1e-12) & (
        bounds.high >= passing[:, None] / population - 1e-12
    )
    assert (chance * inside).sum(axis=1).min() >= 0.95


def test_the_more_of_a_list_was_seen_the_shorter_the_interval() -> None:
    n = np.array([10, 20, 30, 40, 49, 50])
    found = corrected_bounds(n * 0.9 // 1, n, 50)
    assert (np.diff(found.high - found.low) < 0).all() and found.high[-1] == found.low[-1]


def test_an_empty_list_has_no_correction_and_more_inspected_than_listed_is_refused() -> None:
    assert np.isnan(finite_population_correction(0, 0)) and np.isnan(corrected_bounds(0, 0, 0)).all()
    for method in (lambda: finite_population_correction(5, 4), lambda: corrected_bounds(3, 5, 4)):
        with pytest.raises(CountError):
            method()


@pytest.mark.parametrize(("x", "n"), [(-1, 4), (5, 4), (math.nan, 4), (1.5, 4)])
def test_impossible_counts_are_refused(x: float, n: float) -> None:
    for method in (
        lambda: effective_counts(x, n, 1.0),
        lambda: corrected_bounds(x, n, 50),
        lambda: design_effect([x, 1], [n, 1], ["a", "b"]),
    ):
        with pytest.raises(CountError):
            method()


def test_design_effects_and_lists_that_cannot_be_are_refused() -> None:
    for d in (0, -1, math.inf):
        with pytest.raises(MethodError, match="above 0"):
            effective_counts(3, 4, d)
    with pytest.raises(MethodError, match="do not fit"):
        effective_counts([1, 2], [4, 4], [1, 2, 3])
    with pytest.raises(MethodError, match="do not fit"):
        corrected_bounds([1, 2], [4, 4], [10, 20, 30])
