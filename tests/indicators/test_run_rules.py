"""Run rules: each against a slow twin, the conventions about gaps and ties, and the verdict of a frame."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue
from indicators.control_charts import control_chart, p_chart
from indicators.errors import MethodError
from indicators.run_rules import RuleFlags, chart_signals, run_rules, strongest

MONTHS = [201801 + 100 * (month // 12) + month % 12 for month in range(36)]
Point = float | None


def around_zero(values: list[Point], *, leading: bool = False) -> RuleFlags:
    """Rules for centre 0, near lines ±2, limits ±3."""
    return run_rules([math.nan if one is None else one for one in values], 0, -3, 3, -2, 2, leading=leading)


def naive_flags(values: list[Point]) -> list[list[int]]:
    """The four rules for centre 0, limits ±3, near ±2, each window looked at by itself."""
    size = len(values)
    beyond, side, rise, near = ([0] * size for _ in range(4))
    for at, one in enumerate(values):
        if one is not None:
            beyond[at] = (one > 3) - (one < -3)
    for start in range(size - 6):
        window = values[start : start + 7]
        if any(one is None for one in window):
            continue
        seven = [one for one in window if one is not None]
        for sign in (1, -1):
            if all(one * sign > 0 for one in seven):
                side[start : start + 7] = [sign] * 7
    for start in range(size - 6):
        window = values[start : start + 7]
        if any(one is None for one in window):
            continue
        seven = [one for one in window if one is not None]
        for sign in (1, -1):
            if all((b - a) * sign > 0 for a, b in itertools.pairwise(seven)):
                for at in range(start, start + 7):
                    rise[at] = rise[at] or sign
    for start in range(-2, size):
        places = [at for at in range(start, start + 3) if 0 <= at < size]
        stretches: list[list[int]] = [[]]
        for at in places:
            if values[at] is None:
                stretches.append([])
            else:
                stretches[-1].append(at)
        for stretch in stretches:
            for sign in (1, -1):
                out = [at for at in stretch if (values[at] or 0) * sign > 2]
                if len(out) >= 2:
                    for at in out:
                        near[at] = sign
    return [beyond, side, rise, near]


points = st.lists(
    st.one_of(st.none(), st.sampled_from([-3.5, -2.5, -1.0, 0.0, 0.5, 1.0, 2.5, 3.5])), min_size=1, max_size=30
)
long_runs = st.lists(st.sampled_from([0.5, 1.0, 1.5, None, 0.0, -1.0]), min_size=7, max_size=30)
climbs = st.lists(st.sampled_from([0.1, 0.2, -0.1, 0.0]), min_size=7, max_size=30).map(
    lambda steps: [float(one) for one in np.cumsum(steps)]
)


@settings(max_examples=60)
@given(st.one_of(points, long_runs, climbs))
def test_the_rules_are_their_windows_one_by_one(values: list[Point]) -> None:
    found = around_zero(values)
    assert [part.tolist() for part in found] == naive_flags(values)


def test_many_series_at_once_are_judged_as_one_by_one() -> None:
    random = np.random.default_rng(5)
    values = np.round(random.normal(0.4, 1.2, (3000, 24)), 1)
    values[random.random(values.shape) < 0.05] = np.nan
    found = run_rules(values, 0, -3, 3, -2, 2)
    for row in range(0, 3000, 250):
        alone = naive_flags([None if math.isnan(one) else one for one in values[row].tolist()])
        assert [part[row].tolist() for part in found] == alone


def test_seven_on_one_side_are_a_run_and_six_are_none() -> None:
    assert around_zero([1.0] * 7).one_side.tolist() == [1] * 7
    assert not around_zero([1.0] * 6).one_side.any()
    assert not around_zero([1.0] * 6 + [0.0] + [1.0] * 6).one_side.any()
    assert not around_zero([1.0] * 6 + [None] + [1.0] * 6).one_side.any()
    assert around_zero([-1.0] * 9).one_side.tolist() == [-1] * 9


def test_seven_rising_points_are_six_increases_and_a_tie_ends_them() -> None:
    assert around_zero([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]).rising_falling.tolist() == [1] * 7
    assert not around_zero([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).rising_falling.any()
    assert not around_zero([0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6]).rising_falling.any()


def test_two_of_three_near_a_limit_need_the_same_side() -> None:
    assert around_zero([2.5, 0.0, 2.5]).near_limit.tolist() == [1, 0, 1]
    assert not around_zero([2.5, 0.0, -2.5]).near_limit.any()
    assert not around_zero([2.5, 0.0, 0.0, 2.5]).near_limit.any()
    assert not around_zero([2.5, None, 2.5]).near_limit.any()


def test_the_leading_set_looks_at_limits_and_the_run_only() -> None:
    found = around_zero([2.5, 0.0, 2.5, 3.5, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], leading=True)
    assert not found.rising_falling.any() and not found.near_limit.any()
    assert found.beyond_limit.tolist().count(1) == 1 and found.one_side.any()


def test_the_strongest_rule_of_a_point_is_named() -> None:
    words, direction = strongest(around_zero([3.5, *[1.0] * 6]))
    assert words.tolist() == ["beyond_limit", *["run_on_one_side"] * 6]
    assert direction.tolist() == [1] * 7


def test_full_marks_in_small_months_are_no_run_above_the_centre() -> None:
    chart = p_chart([25] * 20 + [24] * 6, [25] * 26)
    found = run_rules(*(getattr(chart, name) for name in ("value", "middle", "low", "high", "near_low", "near_high")))
    assert chart.centre[0] < 1 and not found.one_side[:20].any()


def test_full_marks_in_small_months_are_no_run_in_a_frame_either(catalogue: Catalogue) -> None:
    x = [25.0] * 10 + [23.0, 24.0] + [25.0] * 8
    table = pd.DataFrame({"month": MONTHS[:20], "x": x, "n": 25.0, "value": np.array(x) / 25, "state": "value"})
    chart = control_chart(table, catalogue["resolution_rate"])
    assert set(chart["chart"]) == {"exact"} and (chart["value"] > chart["centre"]).sum() == 18
    assert set(chart_signals(chart)["signal"]) == {"none"}


def test_an_unchanged_process_at_98_percent_is_flagged_seldom() -> None:
    random = np.random.default_rng(11)
    n = random.integers(5, 200, (2000, 24))
    chart = p_chart(random.binomial(n, 0.98), n)
    found = run_rules(chart.value, chart.middle, chart.low, chart.high, chart.near_low, chart.near_high, leading=True)
    assert (found.beyond_limit != 0).mean() < 0.0027
    assert (found.one_side != 0).mean() < 0.0625  # the share expected of a symmetric process


def test_limits_that_are_missing_flag_nothing() -> None:
    found = run_rules([1.0] * 9, np.nan, np.nan, np.nan, np.nan, np.nan)
    assert not any(part.any() for part in found)


def test_shapes_that_do_not_fit_are_said() -> None:
    with pytest.raises(MethodError, match="shapes"):
        run_rules([1.0, 2.0], [0.0, 0.0, 0.0], 0, 1, 0, 1)


def chart_of(catalogue: Catalogue, code: str, x: list[int], *, provisional: int = 0) -> pd.DataFrame:
    indicator, size = catalogue[code], len(x)
    table = pd.DataFrame({
        "place": "p", "month": MONTHS[:size], "x": np.array(x, dtype=float), "n": 1000.0,
        "value": np.array(x) / 1000, "state": "value",
        "provisional": [at >= size - provisional for at in range(size)],
    })  # fmt: skip
    table.attrs = {"better": indicator.better}
    return control_chart(table, indicator, within=("place",), baseline=MONTHS[:12])


@pytest.mark.parametrize(("code", "good"), [("resolution_rate", False), ("reopen_rate", True)])
def test_a_fall_is_good_or_bad_by_what_is_better(catalogue: Catalogue, code: str, good: bool) -> None:
    judged = chart_signals(chart_of(catalogue, code, [895, 905] * 6 + [700]), within=("place",))
    last = judged.iloc[-1]
    assert (last["signal"], last["direction"], last["good"]) == ("beyond_limit", "low", good)
    assert judged["signal"].iloc[0] == "none" and judged["direction"].iloc[0] is None and judged["good"].iloc[0] is None


def test_a_rise_is_told_as_up(catalogue: Catalogue) -> None:
    rising = [880, 885, 890, 895, 900, 905, 910]
    judged = chart_signals(chart_of(catalogue, "resolution_rate", [895, 905] * 6 + rising), within=("place",))
    assert judged["direction"].iloc[-1] == "up" and judged["good"].iloc[-1] is True
    leading = chart_signals(
        chart_of(catalogue, "resolution_rate", [895, 905] * 6 + rising), within=("place",), leading=True
    )
    assert set(leading["signal"]) == {"none"}


def test_provisional_months_have_no_verdict_and_join_no_run(catalogue: Catalogue) -> None:
    series = [905, 895] * 6 + [904] * 7
    run = chart_signals(chart_of(catalogue, "resolution_rate", series), within=("place",))
    assert run["one_side"].iloc[12:].all()
    judged = chart_signals(chart_of(catalogue, "resolution_rate", series, provisional=1), within=("place",))
    assert judged["signal"].iloc[-1] is None and judged["good"].iloc[-1] is None
    assert not judged[["beyond_limit", "one_side", "rising_falling", "near_limit"]].iloc[-1].any()
    assert not judged["one_side"].any()


def test_the_order_of_rows_changes_no_verdict(catalogue: Catalogue) -> None:
    chart = chart_of(catalogue, "resolution_rate", [895, 905] * 6 + [920] * 7)
    mixed = chart.sample(frac=1.0, random_state=2)
    mixed.attrs = dict(chart.attrs)
    first = chart_signals(chart, within=("place",))
    pd.testing.assert_frame_equal(first, chart_signals(mixed, within=("place",)).loc[chart.index])
