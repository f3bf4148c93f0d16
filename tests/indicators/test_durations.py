"""Durations: curves against slow twins, scipy and statsmodels; where they stop; competing outcomes."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from indicators.durations import (
    aalen_johansen,
    kaplan_meier,
    logrank,
    share_closed_within,
    share_open_at,
    time_until,
)
from indicators.errors import MethodError
from indicators.intervals import wilson

cases = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def split(drawn: list[tuple[int, bool]]) -> tuple[list[int], list[bool]]:
    return [day for day, _ in drawn], [closed for _, closed in drawn]


def naive_curve(days: list[int], closed: list[bool], entry: list[float]) -> dict[int, tuple[Fraction, int, int]]:
    """Day: (survival, at risk, closed), by going through every case on every day."""
    share, curve = Fraction(1), {}
    for day in sorted({one for one, event in zip(days, closed, strict=True) if event}):
        risk = sum(start < day <= one for one, start in zip(days, entry, strict=True))
        gone = sum(one == day and event for one, event in zip(days, closed, strict=True))
        share *= 1 - Fraction(gone, risk)
        curve[day] = (share, risk, gone)
    return curve


@settings(max_examples=60)
@given(cases, st.booleans())
def test_the_curve_is_counted_day_by_day(drawn: list[tuple[int, bool]], late: bool) -> None:
    days, closed = split(drawn)
    entry = [day - 1 - (at % 4) for at, day in enumerate(days)] if late else None
    curve = kaplan_meier(days, closed, entry=entry)
    expected = naive_curve(days, closed, [-math.inf] * len(days) if entry is None else [float(one) for one in entry])
    assert curve.times.tolist() == list(expected)
    assert curve.survival.tolist() == pytest.approx([float(one[0]) for one in expected.values()], abs=1e-12)
    assert curve.at_risk.tolist() == [one[1] for one in expected.values()]
    assert curve.events.tolist() == [one[2] for one in expected.values()]


@settings(max_examples=40)
@given(cases)
def test_scipy_and_statsmodels_draw_the_same_curve_and_interval(drawn: list[tuple[int, bool]]) -> None:
    days, closed = split(drawn)
    if not any(closed):
        assert len(kaplan_meier(days, closed).times) == 0
        return
    curve = kaplan_meier(days, closed)
    theirs = SurvfuncRight(np.array(days), np.array(closed, dtype=int))
    assert theirs.surv_prob.tolist() == pytest.approx(curve.survival.tolist(), abs=1e-12)
    data = stats.CensoredData(
        uncensored=[day for day, event in drawn if event], right=[day for day, event in drawn if not event]
    )
    scipys = stats.ecdf(data).sf
    at = np.searchsorted(scipys.quantiles, curve.times)
    assert scipys.probabilities[at].tolist() == pytest.approx(curve.survival.tolist(), abs=1e-12)
    inside = curve.survival > 0
    if inside.all():
        bounds = scipys.confidence_interval(method="log-log") if (scipys.probabilities < 1).all() else None
        if bounds is not None:
            assert bounds.low.probabilities[at].tolist() == pytest.approx(curve.low.tolist())
            assert bounds.high.probabilities[at].tolist() == pytest.approx(curve.high.tolist())
    assert ((curve.low <= curve.survival + 1e-12) & (curve.survival <= curve.high + 1e-12)).all()
    assert ((curve.low >= 0) & (curve.high <= 1)).all()


@settings(max_examples=40)
@given(cases)
def test_the_curve_is_not_read_where_it_rests_on_fewer_than_ten_cases(drawn: list[tuple[int, bool]]) -> None:
    days, closed = split(drawn)
    found = share_open_at(kaplan_meier(days, closed), np.arange(14))

    def represented(day: int) -> float:
        """At risk on that day, over the share still open just before: case by case from the definition."""
        still_open = Fraction(1)
        for one in sorted({d for d, done in drawn if done and d < day}):
            watched = sum(other >= one for other in days)
            still_open *= 1 - Fraction(sum(d == one and done for d, done in drawn), watched)
        return float(sum(one >= day for one in days) / still_open) if still_open else math.inf

    all_closed_by = max(days) if all(closed) else math.inf
    for day in range(14):
        left = [represented(one) for one in sorted(set(days)) if one <= day]
        later = [represented(one) for one in sorted(set(days)) if one > day][:1]
        if found.reason[day] is None:
            assert day >= all_closed_by or min([10.0, *left]) >= 10 - 1e-9
        else:
            assert found.reason[day] == "too_few_at_risk"
            assert np.isnan(found.share[day]) and np.isnan(found.low[day]) and np.isnan(found.high[day])
            assert not later or min([*left, *later]) < 10


def test_cases_that_have_closed_are_not_missed_where_none_was_censored() -> None:
    days = [1] * 90 + [3] * 60 + [6] * 48 + [20, 40]
    found = share_closed_within(kaplan_meier(days, [True] * 200), [7, 30])
    assert found.share.tolist() == pytest.approx([0.99, 0.995]) and found.reason.tolist() == [None, None]
    quick = share_closed_within(kaplan_meier(list(range(1, 31)), [True] * 30), [27])
    assert quick.share.tolist() == pytest.approx([0.9])
    lost = kaplan_meier([1] * 20 + [2] * 100 + [9] * 5, [True] * 20 + [False] * 100 + [True] * 5)
    assert share_open_at(lost, [1, 2, 9]).reason.tolist() == [None, None, "too_few_at_risk"]


def test_without_censoring_the_curve_is_the_plain_share() -> None:
    days = list(range(1, 41))
    curve = kaplan_meier(days, [True] * 40)
    assert share_closed_within(curve, [10, 20, 30]).share.tolist() == pytest.approx([0.25, 0.5, 0.75])
    assert time_until(curve).days == 20


def test_open_cases_are_neither_dropped_nor_counted_as_failures() -> None:
    days, closed = [3] * 40 + [10] * 20 + [2] * 40, [True] * 40 + [False] * 20 + [False] * 40
    share = float(share_closed_within(kaplan_meier(days, closed), 7).share)
    assert share == pytest.approx(40 / 60)
    assert 40 / 100 < share < 1.0


def test_before_the_first_closing_all_are_open_with_wilsons_lower_bound() -> None:
    found = share_open_at(kaplan_meier([5] * 30, [False] * 30), [0, 5])
    assert found.share.tolist() == [1, 1] and found.high.tolist() == [1, 1]
    assert found.low.tolist() == pytest.approx([float(wilson(30, 30).low)] * 2)


def test_when_all_are_closed_nothing_is_open_for_ever_with_wilsons_upper_bound() -> None:
    found = share_open_at(kaplan_meier([3] * 50, [True] * 50), [2, 3, 400])
    assert found.share.tolist() == [1, 0, 0] and found.low.tolist()[1:] == [0, 0]
    assert found.high.tolist()[1:] == pytest.approx([float(wilson(0, 50).high)] * 2)


def test_a_median_that_is_not_reached_says_so() -> None:
    curve = kaplan_meier([4] * 10 + [9] * 30, [True] * 10 + [False] * 30)
    assert time_until(curve).reason == "median_not_reached" and math.isnan(time_until(curve).days)
    assert time_until(curve, 0.9).reason == "quantile_not_reached"
    assert time_until(curve, 0.2).days == 4
    assert time_until(kaplan_meier([1, 2, 3], [True] * 3)).reason == "too_few_at_risk"


@settings(max_examples=40)
@given(cases, st.sampled_from([0.25, 0.5, 0.9]))
def test_quantiles_and_their_interval_are_statsmodels(drawn: list[tuple[int, bool]], share: float) -> None:
    days, closed = split(drawn)
    curve = kaplan_meier(days, closed, minimum=1)
    if not any(closed) or curve.survival[-1] == 0:
        return
    theirs = SurvfuncRight(np.array(days), np.array(closed, dtype=int))
    found = time_until(curve, share)
    expected = float(theirs.quantile(share))
    margin = np.abs(curve.survival - (1 - share)).min()
    if margin < 1e-9:  # statsmodels compares floats without tolerance
        return
    assert (math.isnan(found.days) and math.isnan(expected)) or found.days == expected
    if found.reason is None:
        low, high = theirs.quantile_ci(share, method="cloglog")
        assert found.low == pytest.approx(float(low))
        assert (math.isnan(found.high) and not math.isfinite(float(high))) or found.high == pytest.approx(float(high))


def test_one_case_and_no_case_have_no_figures() -> None:
    for curve in (kaplan_meier([], []), kaplan_meier([4], [True]), kaplan_meier([4], [False])):
        found = share_closed_within(curve)
        assert np.isnan(found.share).all() and set(found.reason) == {"too_few_at_risk"}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 2)), min_size=2, max_size=40))
def test_the_log_rank_test_is_statsmodels_and_expects_as_many_as_observed(
    drawn: list[tuple[int, bool, int]],
) -> None:
    days, closed, group = (list(column) for column in zip(*drawn, strict=True))
    found = logrank(days, closed, group)
    assert found.observed.sum() == pytest.approx(found.expected.sum())
    if len(set(group)) < 2:
        assert found.reason == "one_group"
    elif not any(closed):
        assert found.reason == "no_events" and math.isnan(found.p)
    elif len(set(group)) == 2:
        variance = 0.0
        first = sorted(set(group))[0]
        for day in sorted({one for one, event in zip(days, closed, strict=True) if event}):
            r = sum(one >= day for one in days)
            mine = sum(one >= day and g == first for one, g in zip(days, group, strict=True))
            d = sum(one == day and event for one, event in zip(days, closed, strict=True))
            variance += d * mine / r * (1 - mine / r) * (r - d) / (r - 1) if r > 1 else 0.0
        if variance > 1e-9:
            assert found.chi_square == pytest.approx((found.observed - found.expected)[0] ** 2 / variance)
        else:
            assert found.chi_square == pytest.approx(0)


def test_three_groups_have_two_degrees_of_freedom_and_no_matter_of_order() -> None:
    random = np.random.default_rng(4)
    days, closed = random.integers(1, 30, 300), random.random(300) < 0.7
    group = random.choice(["a", "b", "c"], 300)
    found = logrank(days, closed, group)
    statistic, p = survdiff(days, closed.astype(int), group)
    assert found.degrees == 2 and (found.chi_square, found.p) == pytest.approx((float(statistic), float(p)))
    mixed = random.permutation(300)
    assert logrank(days[mixed], closed[mixed], group[mixed]).chi_square == pytest.approx(found.chi_square)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["closed", "moved", None])), min_size=1, max_size=40))
def test_shares_of_outcomes_and_of_open_cases_add_up_to_1(drawn: list[tuple[int, str | None]]) -> None:
    days, outcome = [day for day, _ in drawn], [word for _, word in drawn]
    found = aalen_johansen(days, outcome)
    total = found.open + sum(found.incidence.values(), np.zeros(len(found.times)))
    assert total.tolist() == pytest.approx([1.0] * len(found.times))
    for label, curve in found.incidence.items():
        for at in range(len(found.times)):
            assert found.variance[label][at] == pytest.approx(
                naive_variance(found.times, days, outcome, label, at), abs=1e-9
            )
            if 0 < curve[at] < 1:
                assert found.low[label][at] <= curve[at] + 1e-12 and curve[at] <= found.high[label][at] + 1e-12


def naive_variance(times: np.ndarray, days: list[int], outcome: list[str | None], label: str, at: int) -> float:
    """The delta-method variance written as a sum over the days so far."""
    before, share, steps = 1.0, 0.0, []
    for day in times[: at + 1]:
        r = sum(one >= day for one in days)
        d = sum(one == day and word is not None for one, word in zip(days, outcome, strict=True))
        mine = sum(one == day and word == label for one, word in zip(days, outcome, strict=True))
        share += before * mine / r
        steps.append((r, d, mine, before, share))
        before *= 1 - d / r
    variance = 0.0
    for r, d, mine, survival, reached in steps:
        rest = share - reached
        if r > d:
            variance += rest**2 * d / (r * (r - d))
        variance += survival**2 * (r - mine) * mine / r**3 - 2 * rest * survival * mine / r**2
    return variance


def test_with_one_outcome_the_incidence_is_one_minus_the_curve_with_greenwoods_variance() -> None:
    random = np.random.default_rng(8)
    days, closed = random.integers(1, 20, 200), random.random(200) < 0.6
    found = aalen_johansen(days, [True if one else None for one in closed])
    curve = kaplan_meier(days, closed)
    assert found.incidence[True].tolist() == pytest.approx((1 - curve.survival).tolist())
    greenwood = curve.survival**2 * np.cumsum(curve.events / (curve.at_risk * (curve.at_risk - curve.events)))
    assert found.variance[True].tolist() == pytest.approx(greenwood.tolist())


def test_durations_that_cannot_be_are_said() -> None:
    for wrong in (-1.0, math.nan, math.inf):
        with pytest.raises(MethodError, match="Case 2 took"):
            kaplan_meier([1.0, wrong], [True, True])
    with pytest.raises(MethodError, match="one value per case"):
        kaplan_meier([1.0, 2.0], [True])
    with pytest.raises(MethodError, match="enters no earlier"):
        kaplan_meier([1.0, 2.0], [True, True], entry=[0, 2])
    with pytest.raises(MethodError, match="needs a group"):
        logrank([1.0, 2.0], [True, True], ["a", None])
    with pytest.raises(MethodError, match="days to look at"):
        share_open_at(kaplan_meier([1.0], [True]), [-1])
