"""Trend tests: against pair-by-pair twins, scipy and pymannkendall; refusals, gaps, and the frame by month."""

import itertools
import math
import statistics

import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.catalogue import Catalogue, Indicator
from indicators.errors import CountError, MethodError
from indicators.recent_trend import RECENT_CHI_SQUARE, cochran_armitage, recent_trend
from indicators.trends import (
    mann_kendall,
    seasonal_mann_kendall,
    seasonal_sen_slope,
    sen_slope,
    trend_of,
)

MONTHS = [201801 + 100 * (month // 12) + month % 12 for month in range(60)]
values_with_gaps = st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=24)


def with_nan(drawn: list[int | None]) -> list[float]:
    return [math.nan if one is None else float(one) for one in drawn]


def naive_score(values: list[float]) -> tuple[int, float, float]:
    """n, S and its variance by counting pairs and groups of ties."""
    there = [one for one in values if not math.isnan(one)]
    n = len(there)
    s = sum((b > a) - (b < a) for a, b in itertools.combinations(there, 2))
    ties = [there.count(one) for one in set(there)]
    return n, s, (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18


@settings(max_examples=60)
@given(values_with_gaps)
def test_mann_kendall_counts_pairs(drawn: list[int | None]) -> None:
    values = with_nan(drawn)
    n, s, variance = naive_score(values)
    found = mann_kendall(values)
    assert float(found.points) == n
    if n < 8 or len({one for one in values if not math.isnan(one)}) == 1:
        assert found.reason[()] == ("too_few_points" if n < 8 else "all_alike")
        assert np.isnan([float(one) for one in found[1:6]]).all()
        return
    assert (float(found.s), float(found.variance)) == (s, pytest.approx(variance))
    assert float(found.tau) == pytest.approx(2 * s / n / (n - 1))
    if not bool(found.exact):
        z = (s - (s > 0) + (s < 0)) / math.sqrt(variance)
        assert float(found.p) == pytest.approx(min(1.0, math.erfc(abs(z) / math.sqrt(2))))
        oracle = pymannkendall.original_test(values)
        assert (oracle.s, oracle.var_s) == (s, pytest.approx(variance))
        assert float(found.p) == pytest.approx(oracle.p, abs=1e-9)


@settings(max_examples=30)
@given(st.permutations(range(9)))
def test_the_exact_p_of_few_points_without_ties_is_scipys(order: list[int]) -> None:
    found = mann_kendall(order)
    assert bool(found.exact)
    assert float(found.p) == pytest.approx(float(stats.kendalltau(range(9), order, method="exact").pvalue))


@settings(max_examples=40)
@given(values_with_gaps, st.lists(st.integers(0, 40), min_size=24, max_size=24))
def test_sens_slope_is_the_median_over_pairs_and_its_interval_holds_it(
    drawn: list[int | None], when: list[int]
) -> None:
    values, times = with_nan(drawn), sorted(when[: len(drawn)])
    found = sen_slope(values, times)
    known = [(t, one) for t, one in zip(times, values, strict=True) if not math.isnan(one)]
    slopes = sorted((b - a) / (u - t) for (t, a), (u, b) in itertools.combinations(known, 2) if u > t)
    if len(known) < 8:
        assert found.reason[()] == "too_few_points" and np.isnan(found.slope)
        return
    if not slopes:
        assert np.isnan(found.slope)
        return
    assert float(found.slope) == pytest.approx(statistics.median(slopes))
    _, _, variance = naive_score(values)
    rank = math.floor((len(slopes) - 1.959963984540054 * math.sqrt(variance)) / 2 + 1e-9)
    if rank < 1:
        assert np.isnan(found.low)
        return
    assert (float(found.low), float(found.high)) == pytest.approx((slopes[rank - 1], slopes[-rank]))
    assert found.low - 1e-12 <= found.slope <= found.high + 1e-12


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.sampled_from([2, 4, 12]))
def test_the_seasonal_test_adds_the_seasons(drawn: list[int], season: int) -> None:
    values = [float(one) for one in drawn]
    found, slope = seasonal_mann_kendall(values, season=season), seasonal_sen_slope(values, season=season)
    seasons = [values[start::season] for start in range(season)]
    if min(len(one) for one in seasons) < 3:
        assert found.reason[()] == slope.reason[()] == "too_few_years"
        assert np.isnan(found.p) and np.isnan(slope.slope)
        return
    scores = [naive_score(one) for one in seasons]
    s, variance = sum(one[1] for one in scores), sum(one[2] for one in scores)
    slopes = [(b - a) / (v - u) for one in seasons for (u, a), (v, b) in itertools.combinations(enumerate(one), 2)]
    assert float(slope.slope) == pytest.approx(statistics.median(slopes), abs=1e-12)
    if variance == 0:
        assert found.reason[()] == "all_alike"
        return
    assert (float(found.s), float(found.variance)) == (s, pytest.approx(variance))
    if len(values) % season == 0:
        oracle = pymannkendall.seasonal_test(values, period=season)
        assert float(found.p) == pytest.approx(oracle.p, abs=1e-9)


def test_thousands_of_series_at_once_are_the_series_one_by_one() -> None:
    random = np.random.default_rng(2)
    values = np.round(random.normal(0, 1, (3000, 36)), 1)
    values[random.random(values.shape) < 0.1] = np.nan
    values[0], values[1] = 1.0, np.nan
    plain, slope, yearly = mann_kendall(values), sen_slope(values), seasonal_mann_kendall(values)
    for row in (0, 1, 2, 1500, 2999):
        one = mann_kendall(values[row])
        assert [float(part[row]) for part in plain[:6]] == pytest.approx([float(part) for part in one[:6]], nan_ok=True)
        assert plain.reason[row] == one.reason[()]
        alone = sen_slope(values[row])
        assert [float(part[row]) for part in slope[:3]] == pytest.approx(
            [float(part) for part in alone[:3]], nan_ok=True
        )
        assert yearly.reason[row] == seasonal_mann_kendall(values[row]).reason[()]


def test_a_gap_keeps_its_time() -> None:
    straight = [2.0 * t for t in range(12)]
    with_gap = [math.nan if t in (3, 4) else one for t, one in enumerate(straight)]
    assert float(sen_slope(with_gap).slope) == 2.0


def naive_trend(x: list[int], n: list[int]) -> float:
    """Signed chi-square of a linear trend from the formula with raw sums (Altman 1991)."""
    total, events = sum(n), sum(x)
    moment = sum(a * t for t, a in enumerate(x)) - events * sum(b * t for t, b in enumerate(n)) / total
    spread = sum(b * t * t for t, b in enumerate(n)) - sum(b * t for t, b in enumerate(n)) ** 2 / total
    p = events / total
    return math.copysign(moment**2 / (p * (1 - p) * spread), moment)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=5, max_size=5), st.booleans())
def test_the_recent_trend_is_significant_stable_and_signed(pairs: list[tuple[int, int]], steep: bool) -> None:
    n = [max(pair) for pair in pairs]
    x = sorted(min(pair) for pair in pairs) if steep else [min(pair) for pair in pairs]
    x = [min(a, b) for a, b in zip(x, n, strict=True)]
    found = recent_trend(x, n)
    if sum(x) in (0, sum(n)):
        assert found.reason[()] == "all_alike" and int(found.direction) == 0 and np.isnan(found.chi_square)
        return
    signed = naive_trend(x, n)
    assert float(found.chi_square) == pytest.approx(abs(signed), abs=1e-9)
    signs = set()
    for out in range(5):
        rest = [a for at, a in enumerate(x) if at != out], [b for at, b in enumerate(n) if at != out]
        times = [t for t in range(5) if t != out]
        centre = sum(b * t for b, t in zip(rest[1], times, strict=True)) / sum(rest[1])
        alike = sum(rest[0]) in (0, sum(rest[1]))
        moment = sum(a * (t - centre) for a, t in zip(rest[0], times, strict=True))
        signs.add(0 if alike else (moment > 1e-9) - (moment < -1e-9))
    if abs(signed) > RECENT_CHI_SQUARE + 1e-9 and len(signs) == 1 and 0 not in signs:
        assert int(found.direction) == math.copysign(1, signed) and bool(found.stable)
    elif abs(signed) < RECENT_CHI_SQUARE or signs == {1, -1}:
        assert int(found.direction) == 0


def test_a_trend_that_hangs_on_one_point_is_no_trend() -> None:
    found = recent_trend([10, 9, 8, 7, 100], [1000] * 5)
    assert float(found.chi_square) > RECENT_CHI_SQUARE
    assert int(found.direction) == 0 and not bool(found.stable)
    assert int(recent_trend([10, 30, 50, 70, 100], [1000] * 5).direction) == 1


def test_the_direction_does_not_need_a_logit() -> None:
    assert int(recent_trend([900, 930, 960, 990, 1000], [1000] * 5).direction) == 1
    assert int(recent_trend([1000, 990, 960, 930, 900], [1000] * 5).direction) == -1


def test_only_the_last_five_points_count_and_months_are_refused() -> None:
    x, n = [500, 10, 30, 50, 70, 100], [1000] * 6
    assert float(recent_trend(x, n).chi_square) == float(recent_trend(x[1:], n[1:]).chi_square)
    for period in ("month", "quarter", "rolling"):
        found = recent_trend(x, n, period=period)
        assert found.reason[()] == "not_for_months" and np.isnan(found.chi_square) and int(found.direction) == 0
    assert recent_trend(x, n, period="same_quarter").reason[()] is None
    assert recent_trend(x[:4], n[:4]).reason[()] == "too_few_points"
    assert recent_trend([0, *x[:4]], [0, *n[:4]]).reason[()] == "too_few_points"


def test_what_cannot_be_used_is_said() -> None:
    for x, n in (([-1, 1], [2, 2]), ([3, 1], [2, 2]), ([math.nan, 1], [2, 2]), ([0.5, 1], [2, 2])):
        with pytest.raises(CountError):
            cochran_armitage(x, n)
        with pytest.raises(CountError):
            recent_trend(x, n)
    with pytest.raises(MethodError, match="times do not fit"):
        sen_slope([1.0, 2, 3], [1, 2])
    with pytest.raises(MethodError, match="season"):
        seasonal_mann_kendall([1.0] * 40, season=1)
    with pytest.raises(MethodError, match="confidence"):
        sen_slope([1.0] * 9, confidence=1.0)


def monthly(value: list[float], *, place: str = "p", state: str = "value", provisional: int = 0) -> pd.DataFrame:
    size = len(value)
    return pd.DataFrame({
        "place": place, "month": MONTHS[:size], "x": 1.0, "n": 1.0, "value": value, "state": state,
        "provisional": [at >= size - provisional for at in range(size)],
    })  # fmt: skip


def test_a_frame_gives_one_row_per_place_with_its_slope_per_year(resolution: Indicator) -> None:
    season = [0.02 * math.sin(month) for month in range(12)]
    rising = [0.8 + 0.03 * (t // 12) + season[t % 12] for t in range(36)]
    falling = [0.9 - 0.001 * t for t in range(10)]
    table = pd.concat(
        [monthly(rising, place="b"), monthly(falling, place="a"), monthly([0.9] * 5, place="c"),
         monthly([0.9] * 9, place="d")], ignore_index=True
    )  # fmt: skip
    found = trend_of(table, resolution, within=("place",)).set_index("place")
    assert found.index.tolist() == ["a", "b", "c", "d"]
    assert found["trend"].tolist() == ["down", "up", None, None]
    assert found["good"].tolist() == [False, True, None, None]
    assert found["reason"].tolist() == [None, None, "too_few_points", "all_alike"]
    assert found["seasonal"].tolist() == [False, True, False, False]
    assert found.loc["a", "slope"] == pytest.approx(-0.012) and found.loc["b", "slope"] == pytest.approx(0.03)
    assert found.loc["b", "slope_low"] <= 0.03 + 1e-12 and found.loc["b", "slope_high"] >= 0.03 - 1e-12
    mixed = trend_of(table.sample(frac=1.0, random_state=1), resolution, within=("place",)).set_index("place")
    pd.testing.assert_frame_equal(found, mixed)


def test_provisional_months_and_other_states_do_not_count(resolution: Indicator) -> None:
    value = [0.9 - 0.001 * t for t in range(12)] + [1.0, 1.0]
    whole = trend_of(monthly(value[:12]), resolution)
    assert trend_of(monthly(value, provisional=2), resolution).equals(whole)
    hidden = monthly(value)
    hidden.loc[12:, "state"] = "hidden"
    assert trend_of(hidden, resolution).equals(whole)
    assert int(whole["points"].iloc[0]) == 12


def test_a_neutral_indicator_has_a_direction_and_no_judgement(catalogue: Catalogue) -> None:
    found = trend_of(monthly([float(t) for t in range(12)]), catalogue["caseload_per_grid_worker"])
    assert (found["trend"].iloc[0], found["good"].iloc[0]) == ("up", None)


def test_an_empty_frame_gives_no_rows(resolution: Indicator) -> None:
    assert len(trend_of(monthly([0.9] * 3).iloc[:0], resolution, within=("place",))) == 0
