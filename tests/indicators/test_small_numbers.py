"""Small numbers: the rule cell by cell, months merged by hand, and a table that hides what it must."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Indicator
from indicators.errors import CountError, MethodError
from indicators.small_numbers import mark_hidden, merge_months, must_hide, reliability
from indicators.values import rate_table


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=20))
def test_a_pair_is_hidden_when_one_of_its_three_counts_is_one_to_four(pairs: list[tuple[int, int]]) -> None:
    x, n = [one for one, _ in pairs], [one for _, one in pairs]
    naive = [any(count in (1, 2, 3, 4) for count in (a, b, b - a)) for a, b in pairs]
    assert must_hide(x, n).tolist() == naive
    assert not must_hide(x, n, personal=False).any()


def test_the_single_dissatisfied_caller_is_hidden_and_perfect_or_empty_records_are_not() -> None:
    assert must_hide([39, 40, 0, 0, 5], [40, 40, 0, 40, 10]).tolist() == [True, False, False, False, False]
    assert must_hide([39, 39], 40, personal=[True, False]).tolist() == [True, False]


def test_reliability_is_another_rule_with_its_steps_at_10_and_20() -> None:
    assert reliability([0, 1, 9, 10, 19, 20]).tolist() == ["no_data", "grey", "grey", "few", "few", "enough"]
    assert reliability(3).item() == "grey"


def test_rate_tables_show_no_number_of_a_marked_row(
    resolution: Indicator, counts_of: Callable[..., pd.DataFrame]
) -> None:
    marked = mark_hidden(counts_of([39, 40, 0], [40, 40, 0]), x="verified_solved", n="due")
    table = rate_table(marked, resolution)
    assert table["state"].tolist() == ["hidden", "value", "no_data"]
    assert table.loc[0, ["x", "n", "value", "low", "high"]].isna().all()


def test_marking_keeps_earlier_marks_and_leaves_rows_without_data_and_the_original_alone() -> None:
    counts = pd.DataFrame({"x": [50.0, 3.0, np.nan], "n": [60.0, 60.0, np.nan], "hidden": [True, False, False]})
    assert mark_hidden(counts, x="x", n="n")["hidden"].tolist() == [True, True, False]
    assert mark_hidden(counts, x="x", n="n", personal=False)["hidden"].tolist() == [True, False, False]
    assert counts["hidden"].tolist() == [True, False, False]


@st.composite
def months(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 9), st.integers(0, 9)), min_size=1
        )
    )
    return pd.DataFrame(
        {
            "place": [one[0] for one in rows],
            "month": [f"{2019 + one[1] // 12}-{one[1] % 12 + 1:02d}" for one in rows],
            "x": [one[2] for one in rows],
            "n": [one[2] + one[3] for one in rows],
        }
    )


@settings(max_examples=20)
@given(months(), st.integers(0, 40))
def test_the_shortest_window_that_reaches_the_minimum_is_chosen(counts: pd.DataFrame, minimum: int) -> None:
    found = merge_months(counts, x="x", n="n", minimum=minimum).set_index("place")
    last = max(counts["month"])
    end = int(last[:4]) * 12 + int(last[5:])
    assert sorted(found.index) == sorted(set(counts["place"]))
    for place in set(counts["place"]):
        for window in (1, 3, 6, 12):
            inside = [
                row for row in counts.itertuples()
                if row.place == place and end - (int(row.month[:4]) * 12 + int(row.month[5:])) < window
            ]  # fmt: skip
            total = sum(row.n for row in inside)
            if total >= minimum or window == 12:
                break
        chosen = found.loc[place]
        assert (chosen["months"], chosen["n"], chosen["x"]) == (window, total, sum(row.x for row in inside))
        assert chosen["enough"] == (total >= minimum)
    pd.testing.assert_frame_equal(found.reset_index(), merge_months(counts.iloc[::-1], x="x", n="n", minimum=minimum))


def test_twelve_times_one_month_is_one_time_twelve_months() -> None:
    monthly = pd.DataFrame({"place": "a", "month": pd.period_range("2019-04", "2020-03", freq="M"), "x": 3, "n": 4})
    found = merge_months(monthly, x="x", n="n", minimum=48)
    assert found[["x", "n", "months", "enough"]].iloc[0].tolist() == [36, 48, 12, True]
    earlier = merge_months(monthly, x="x", n="n", minimum=1, until="2019-04")
    assert earlier[["n", "months"]].iloc[0].tolist() == [4, 1]


def test_thousands_of_places_are_merged_each_by_itself() -> None:
    random = np.random.default_rng(1)
    counts = pd.DataFrame(
        {"place": np.repeat(np.arange(2000), 12), "month": [f"2020-{m:02d}" for m in range(1, 13)] * 2000}
    )
    counts["n"] = random.poisson(2, len(counts))
    counts["x"] = random.binomial(counts["n"], 0.9)
    found = merge_months(counts, x="x", n="n", minimum=10)
    for place in (0, 1500, 1999):
        alone = merge_months(counts[counts["place"] == place], x="x", n="n", minimum=10)
        assert found[found["place"] == place].values.tolist() == alone.values.tolist()


def test_what_cannot_be_used_is_refused_in_both_languages() -> None:
    for wrong in ([-1, 3], [4, 3], [np.nan, 3], [0.5, 3]):
        with pytest.raises(CountError):
            must_hide(*wrong)
    with pytest.raises(CountError):
        reliability(-1)
    with pytest.raises(MethodError):
        must_hide(1, 2, k=0)
    good = pd.DataFrame({"place": ["a"], "month": ["2020-03"], "x": [1], "n": [2]})
    for column, value in (("month", "March?"), ("month", None)):
        with pytest.raises(MethodError) as error:
            merge_months(good.assign(**{column: [value]}), x="x", n="n", minimum=1)
        assert error.value.zh and error.value.en
    with pytest.raises(MethodError):
        merge_months(good, x="x", n="n", minimum=1, windows=(0,))
    with pytest.raises(CountError):
        merge_months(good.assign(n=np.nan), x="x", n="n", minimum=1)
    assert merge_months(good.iloc[:0], x="x", n="n", minimum=1).empty


@pytest.mark.parametrize("kind", [int, float])
def test_months_written_as_numbers_are_those_of_the_tables(kind: type) -> None:
    months = pd.Series([202001, 202002, 202003], dtype=kind)
    table = pd.DataFrame({"place": "a", "month": months, "x": [1, 2, 3], "n": [4, 4, 4]})
    spelled = table.assign(month=["2020-01", "2020-02", "2020-03"])
    pd.testing.assert_frame_equal(
        merge_months(table, x="x", n="n", minimum=8), merge_months(spelled, x="x", n="n", minimum=8)
    )
    with pytest.raises(MethodError, match="202013"):
        merge_months(table.assign(month=[202001, 202013, 202003]), x="x", n="n", minimum=8)


def test_months_in_any_spelling_are_the_same_months_and_need_no_keys() -> None:
    table = pd.DataFrame({"place": list("aab"), "month": [201912, 202001, 202002], "x": [5, 4, 3], "n": [10, 9, 8]})
    dates = pd.to_datetime(["2019-12-31", "2020-01-01", "2020-02-29"])
    for spelled in (table["month"].astype(float), dates, dates.to_period("M"), ["2019-12", "2020-01", "2020-02"]):
        other = table.assign(month=spelled)
        for until in (None, 202001, 202001.0, np.int64(202001), "2020-01", pd.Period("2020-01", freq="M")):
            found = merge_months(other, x="x", n="n", minimum=12, until=until)
            expected = merge_months(table, x="x", n="n", minimum=12, until=until and "2020-01")
            pd.testing.assert_frame_equal(found, expected)
    whole = merge_months(table, x="x", n="n", minimum=25, keys=())
    assert whole.to_dict("records") == [{"x": 12, "n": 27, "months": 3, "enough": True}]
    assert merge_months(table.iloc[:0], x="x", n="n", minimum=25, keys=()).empty


@pytest.mark.parametrize("wrong", [202013, 202000, 202003.5, 20200301, math.inf, -202003])
def test_numbers_that_are_no_month_are_refused_in_words(wrong: float) -> None:
    table = pd.DataFrame({"place": ["a"], "month": [wrong], "x": [1], "n": [2]})
    with pytest.raises(MethodError, match="is no month"):
        merge_months(table, x="x", n="n", minimum=1)
    good = table.assign(month=202003)
    with pytest.raises(MethodError, match="is no month"):
        merge_months(good, x="x", n="n", minimum=1, until=wrong)
