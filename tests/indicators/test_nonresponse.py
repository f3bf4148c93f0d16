"""Non-response: naive twins, bounds that hold for every possible answer, and areas that may not be compared."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.errors import CountError, MethodError
from indicators.intervals import wilson
from indicators.nonresponse import (
    comparable,
    manski_bounds,
    middle_way,
    post_stratified,
    response_rates,
    satisfaction_table,
)


@st.composite
def surveys(draw: st.DrawFn) -> tuple[int, int, int]:
    invited = draw(st.integers(0, 60))
    answered = draw(st.integers(0, invited))
    return draw(st.integers(0, answered)), answered, invited


@settings(max_examples=60)
@given(surveys())
def test_the_bounds_are_the_least_and_most_over_every_possible_answer_of_the_silent(
    survey: tuple[int, int, int],
) -> None:
    satisfied, answered, invited = survey
    found = manski_bounds(*survey)
    if not invited:
        assert np.isnan(found.low) and np.isnan(found.high)
        return
    possible = [(satisfied + extra) / invited for extra in range(invited - answered + 1)]
    assert (float(found.low), float(found.high)) == (min(possible), max(possible))
    assert float(found.high - found.low) == pytest.approx(1 - answered / invited)


@settings(max_examples=60)
@given(surveys(), st.sampled_from([0.0, 0.05, 0.1, 0.5, 0.99]))
def test_the_middle_way_is_the_mean_over_people_and_lies_within_the_bounds(
    survey: tuple[int, int, int], lower_by: float
) -> None:
    satisfied, answered, invited = survey
    found = float(middle_way(*survey, lower_by=lower_by))
    if not answered:
        assert math.isnan(found)
        return
    people = [satisfied / answered] * answered + [max(0.0, satisfied / answered - lower_by)] * (invited - answered)
    assert found == pytest.approx(sum(people) / invited)
    bounds = manski_bounds(*survey)
    assert bounds.low - 1e-12 <= found <= bounds.high + 1e-12


@settings(max_examples=40)
@given(st.lists(surveys(), min_size=1, max_size=8))
def test_response_rates_are_quotients_row_by_row(rows: list[tuple[int, int, int]]) -> None:
    answered, reached, invited = (list(one) for one in zip(*rows, strict=True))
    found = response_rates(invited, reached, answered)
    for row in range(len(rows)):
        for rate, x, n in (
            (found.reach, reached, invited), (found.answer, answered, reached), (found.response, answered, invited),
        ):  # fmt: skip
            assert rate[row] == x[row] / n[row] if n[row] else np.isnan(rate[row])


@st.composite
def strata(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    kinds = st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(0, 9)))
    drawn = draw(st.lists(kinds, min_size=1, max_size=6))
    return [*drawn[:-1], (drawn[-1][0], drawn[-1][1], drawn[-1][2] + 1)]


@settings(max_examples=60)
@given(strata())
def test_post_stratification_is_the_weighted_mean_over_answers_one_by_one(table: list[tuple[int, int, int]]) -> None:
    x, n, w = (list(one) for one in zip(*table, strict=True))
    found = post_stratified(x, n, w)
    people = [(weight / m, k < s) for s, m, weight in table if m for k in range(m) if weight]
    total = sum(weight for weight, _ in people)
    assert float(found.covered) == pytest.approx(sum(one for one, m in zip(w, n, strict=True) if m) / sum(w))
    if not people:
        assert np.isnan(found.rate) and np.isnan(found.low) and float(found.effective) == 0
        return
    rate = sum(weight for weight, yes in people if yes) / total
    assert float(found.rate) == pytest.approx(rate)
    effective = total**2 / sum(weight**2 for weight, _ in people)
    heard = [(Fraction(s, m), m, weight) for s, m, weight in table if m and weight]
    variance = sum((weight / total) ** 2 * float(p * (1 - p)) / m for p, m, weight in heard)
    if variance > 0:
        effective = min(effective, rate * (1 - rate) / variance)
    assert float(found.effective) == pytest.approx(effective)
    assert 0 <= found.low <= found.rate <= found.high <= 1
    if all(yes for _, yes in people):
        assert (float(found.rate), float(found.high)) == (1.0, 1.0)
    if not any(yes for _, yes in people):
        assert (float(found.rate), float(found.low)) == (0.0, 0.0)


@pytest.mark.parametrize("strata_count", range(1, 40))
def test_where_every_answer_is_yes_the_share_and_its_upper_bound_are_exactly_one(strata_count: int) -> None:
    found = post_stratified([3] * strata_count, [3] * strata_count, [0.1] * strata_count)
    assert (float(found.rate), float(found.high)) == (1.0, 1.0)


def test_with_proportional_weights_it_is_wilsons_interval_of_all_answers() -> None:
    found, plain = post_stratified([9, 30, 1], [10, 35, 5], [10, 35, 5]), wilson(40, 50)
    assert (float(found.low), float(found.high)) == (pytest.approx(float(plain.low)), pytest.approx(float(plain.high)))


@pytest.mark.parametrize("rate", [0.95, 0.97, 0.98, 0.99])
def test_the_interval_covers_also_where_a_small_stratum_carries_half_of_the_weight_and_fails_most(rate: float) -> None:
    weights, n = np.array([0.5, 0.3, 0.2]), np.array([10, 60, 130])
    failing = np.array([3.0, 1.0, 1.0]) / (weights @ [3.0, 1.0, 1.0])
    x = np.random.default_rng(3).binomial(n, 1 - (1 - rate) * failing, size=(10_000, 3))
    found = post_stratified(x, n, weights)
    # Kish's effective number alone covers 86 % at a rate of 99 %.
    assert ((found.low <= rate) & (rate <= found.high)).mean() > 0.925


def test_the_order_of_the_strata_and_the_scale_of_the_weights_do_not_matter() -> None:
    first = post_stratified([9, 30, 0], [10, 35, 0], [1, 2, 3])
    second = post_stratified([0, 9, 30], [0, 10, 35], [300, 100, 200])
    np.testing.assert_allclose(np.array(first, dtype=float), np.array(second, dtype=float))
    assert float(first.covered) == 0.5


def test_thousands_of_areas_are_each_weighted_by_themselves() -> None:
    random = np.random.default_rng(4)
    n = random.integers(0, 40, (5000, 4))
    x, w = random.binomial(n, 0.9), random.integers(1, 9, (5000, 4))
    found = post_stratified(x, n, w)
    for row in (0, 17, 4999):
        np.testing.assert_allclose(np.array(post_stratified(x[row], n[row], w[row])), [one[row] for one in found])


def test_areas_are_compared_while_their_response_rates_lie_less_than_ten_points_apart() -> None:
    assert comparable([40, 49], [100, 100]).together
    apart = comparable([35, 45], [100, 100])
    assert (apart.together, apart.spread, apart.reason) == (False, 0.1, "response_differs")
    assert comparable([35, 45], [100, 100], weighted=True).together


def test_a_low_response_or_none_invited_is_said_area_by_area_and_does_not_spoil_the_others() -> None:
    found = comparable([19, 20, 29, 0], [100, 100, 100, 0])
    assert found.reasons.tolist() == ["low_response", None, None, "no_data"]
    assert found.together and found.spread == pytest.approx(0.09)
    nobody = comparable([1], [100])
    assert not nobody.together and math.isnan(nobody.spread)


def test_the_table_shows_the_rate_beside_everything_it_leaves_open() -> None:
    counts = pd.DataFrame(
        {
            "place": ["b", "a", "b", "c"],
            "called_back": [500, 0, 500, 100],
            "reached": [200, 0, 200, 10],
            "satisfied": [200, 0, 194, 10],
        }
    )
    table = satisfaction_table(counts)
    assert table["place"].tolist() == ["a", "b", "c"]
    assert table["reason"].tolist() == ["no_data", None, "low_response"]
    row = table.iloc[1]
    shown = ["rate", "response", "sure_low", "sure_high", "middle"]
    assert [round(float(row[name]), 4) for name in shown] == [0.985, 0.4, 0.394, 0.994, 0.925]
    assert table.iloc[0][["rate", "low", "high", "response", "middle"]].isna().all()
    pd.testing.assert_frame_equal(table, satisfaction_table(counts.iloc[::-1]))


@pytest.mark.parametrize("wrong", [(-1, 4, 9), (5, 4, 9), (3, 10, 9), (0.5, 4, 9), (3, math.nan, 9)])
def test_impossible_counts_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(CountError):
        manski_bounds(*wrong)
    with pytest.raises(CountError):
        middle_way(*wrong)
    with pytest.raises(CountError):
        response_rates(wrong[2], wrong[1], wrong[0])


def test_weights_and_limits_that_make_no_sense_are_refused_in_both_languages() -> None:
    for weights in ([1, -1], [0, 0], [1, math.nan], [1, 2, 3]):
        with pytest.raises(MethodError) as error:
            post_stratified([1, 1], [2, 2], weights)
        assert error.value.zh and error.value.en
    with pytest.raises(CountError):
        post_stratified([3], [2], [1])
    with pytest.raises(MethodError):
        middle_way(1, 2, 3, lower_by=1.0)
    with pytest.raises(MethodError):
        comparable([1], [2], largest_gap=0)


def test_without_by_the_satisfaction_of_all_rows_together_is_told() -> None:
    counts = pd.DataFrame(
        {"place": list("ab"), "called_back": [100, 50], "reached": [40, 30], "satisfied": [39, 25]}, index=[7, 7]
    )
    whole = satisfaction_table(counts, by=())
    alone = satisfaction_table(counts.assign(place="all"))
    pd.testing.assert_frame_equal(whole, alone.drop(columns="place"))
    assert whole["answered"].tolist() == [70]
