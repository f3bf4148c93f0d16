"""Rates from counts: five states kept apart, sums, denominators taken once per place, and the naive twin."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.errors import CountError
from indicators.intervals import garwood, wilson
from indicators.values import State, rate_table

MakeCounts = Callable[..., pd.DataFrame]
CATALOGUE = load_catalogue()


def naive_rates(counts: pd.DataFrame, indicator: Indicator, by: list[str]) -> dict[tuple[object, ...], tuple[int, int]]:
    """Sums by walking over the rows."""
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    for row in counts.to_dict("records"):
        key = tuple(row[name] for name in by)
        x, n = sums.get(key, (0, 0))
        sums[key] = (x + row[indicator.numerator], n + row[indicator.denominator])
    return sums


rows = st.lists(
    st.tuples(st.sampled_from(["330212001", "330212002", "330212003"]), st.integers(202001, 202003),
              st.sampled_from(["urban", "rural"]), st.integers(0, 30), st.integers(0, 30)),
    min_size=1, max_size=20,
)  # fmt: skip


@given(rows, st.sampled_from([(), ("place",), ("month",), ("place", "month"), ("value",), ("place", "value")]))
def test_rates_are_the_sums_of_the_rows_that_share_the_asked_columns(
    made: list[tuple[str, int, str, int, int]], by: tuple[str, ...]
) -> None:
    counts = pd.DataFrame(
        [(place, month, value, x, x + more) for place, month, value, x, more in made],
        columns=["place", "month", "value", "verified_solved", "due"],
    )
    indicator = CATALOGUE["resolution_rate"]
    table = rate_table(counts, indicator, by=by)
    expected = naive_rates(counts, indicator, list(by))
    keys = ["group" if name == "value" else name for name in by]
    found = {
        tuple(row[name] for name in keys): (row["x"], row["n"], row["value"], row["state"])
        for row in table.to_dict("records")
    }
    assert list(found) == list(expected)
    for key, (x, n) in expected.items():
        assert found[key][:2] == (x, n)
        if n == 0:
            assert np.isnan(found[key][2]) and found[key][3] == "no_data"
        else:
            assert found[key][2] == x / n
            assert found[key][3] == ("value" if n >= indicator.hide_below else "too_few")


def test_a_table_has_the_promised_columns_and_index(resolution: Indicator, counts_of: MakeCounts) -> None:
    counts = counts_of([95, 20], [100, 20]).set_index(pd.Index([7, 7]))
    table = rate_table(counts, resolution)
    assert table.columns.tolist() == ["place", "x", "n", "value", "low", "high", "state"]
    assert table.index.tolist() == [0, 1]
    np.testing.assert_array_equal(table["low"], wilson([95, 20], [100, 20]).low)
    assert table["high"].iloc[1] == 1.0


def test_zero_missing_few_and_hidden_are_told_apart(resolution: Indicator, counts_of: MakeCounts) -> None:
    counts = counts_of([0, 0, 3, 90], [50, 0, 4, 100]).assign(hidden=[False, False, False, True])
    table = rate_table(counts, resolution, places=[*counts["place"], "330212199"])
    assert table["state"].tolist() == ["value", "no_data", "too_few", "hidden", "no_data"]
    assert table["value"].iloc[0] == 0.0
    assert table["value"].iloc[2] == 0.75 and np.isnan(table["low"].iloc[2])
    assert table[["x", "n", "value", "low", "high"]].iloc[3].isna().all()
    assert table[["x", "n", "value", "low", "high"]].iloc[4].isna().all()


def test_named_places_come_in_the_asked_order_and_only_they(resolution: Indicator, counts_of: MakeCounts) -> None:
    counts = counts_of([9, 18, 27], [10, 20, 30])
    table = rate_table(counts, resolution, places=["330212102", "330212199", "330212100"])
    assert table["place"].tolist() == ["330212102", "330212199", "330212100"]
    assert table["n"].fillna(-1).tolist() == [30, -1, 10]
    with pytest.raises(ValueError, match="places"):
        rate_table(counts, resolution, by=(), places=["330212102"])


def test_residents_are_taken_once_per_place_however_many_rows_share_them(catalogue: Catalogue) -> None:
    counts = pd.DataFrame(
        {
            "place": ["330212001", "330212001", "330212002", "330212002"],
            "value": ["hotline", "web", "hotline", "web"],
            "reported": [10, 20, 5, 5],
            "residents": [3000.0, 3000.0, 1000.0, 1000.0],
        }
    )
    indicator = catalogue["issues_per_1000"]
    assert rate_table(counts, indicator)["value"].tolist() == pytest.approx([10.0, 10.0])
    whole = rate_table(counts, indicator, by=()).iloc[0]
    assert (whole["x"], whole["n"], whole["value"]) == (40, 4000, pytest.approx(10.0))
    by_channel = rate_table(counts, indicator, by=("value",))
    assert by_channel["n"].tolist() == [4000, 4000]
    low, high = garwood(30, 3000)
    row = rate_table(counts, indicator).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((float(low) * 1000, float(high) * 1000))


def test_unknown_residents_give_no_rate_rather_than_a_wrong_one(catalogue: Catalogue) -> None:
    counts = pd.DataFrame({"place": ["330212001", "330212002"], "reported": [10, 5], "residents": [np.nan, 1000.0]})
    assert rate_table(counts, catalogue["issues_per_1000"])["state"].tolist() == ["no_data", "value"]
    assert rate_table(counts, catalogue["issues_per_1000"], by=())["state"].tolist() == ["no_data"]


def test_measurements_are_cut_to_the_indicator_and_a_month_may_stand_beside_it(catalogue: Catalogue) -> None:
    counts = pd.DataFrame(
        {
            "indicator": ["plans_current", "drills_done"],
            "place": ["330212001", "330212001"],
            "value": ["all", "all"],
            "numerator": [5, 2],
            "denominator": [6, 9],
        }
    )
    row = rate_table(counts, catalogue["plans_current"]).iloc[0]
    assert (row["x"], row["n"], row["state"]) == (5, 6, "value")


def test_a_township_figure_does_not_apply_to_a_village_without_it(catalogue: Catalogue) -> None:
    nothing = pd.DataFrame({"place": [], "value": [], "numerator": [], "denominator": []})
    places = ["330212001", "330212001003"]
    township_only = rate_table(nothing, catalogue["plans_current"], places=places)
    assert township_only["state"].tolist() == ["no_data", "not_applicable"]
    everywhere = rate_table(nothing, catalogue["officials_per_1000"], places=places)
    assert everywhere["state"].tolist() == ["no_data", "no_data"]


def test_what_nothing_computes_yet_is_not_applicable(catalogue: Catalogue) -> None:
    nothing = pd.DataFrame({"place": [], "closed": [], "accepted": []})
    table = rate_table(nothing, catalogue["resolution_days"], places=["330212001"])
    assert table["state"].tolist() == ["not_applicable"]


def test_stock_over_flow_has_a_value_and_no_interval(catalogue: Catalogue) -> None:
    counts = pd.DataFrame({"place": ["330212001"], "numerator": [48_000], "denominator": [3_000]})
    row = rate_table(counts, catalogue["supply_days"]).iloc[0]
    assert (row["value"], row["state"]) == (16.0, "value")
    assert np.isnan(row["low"]) and np.isnan(row["high"])


def test_few_cases_of_a_ratio_means_few_events_and_little_exposure(catalogue: Catalogue) -> None:
    counts = pd.DataFrame(
        {"place": ["330212001", "330212002", "330212003"], "numerator": [200, 3, 0], "denominator": [5, 5, 4000]}
    )
    assert rate_table(counts, catalogue["caseload_per_grid_worker"])["state"].tolist() == ["value", "too_few", "value"]


def test_empty_counts_give_an_empty_table_and_a_total_without_data(
    resolution: Indicator, counts_of: MakeCounts
) -> None:
    empty = counts_of([], [])
    assert len(rate_table(empty, resolution)) == 0
    whole = rate_table(empty, resolution, by=())
    assert whole["state"].tolist() == [State.NO_DATA]


@pytest.mark.parametrize(("x", "n"), [(5, 4), (-1, 4), (float("nan"), 4), (2.5, 4), (3, 0)])
def test_impossible_counts_stop_with_the_indicators_name(
    resolution: Indicator, counts_of: MakeCounts, x: float, n: float
) -> None:
    with pytest.raises(CountError, match="resolution_rate"):
        rate_table(counts_of([1, x], [2, n]), resolution)


@given(st.permutations(range(6)))
def test_the_order_of_the_rows_never_changes_a_rate(order: list[int]) -> None:
    counts = pd.DataFrame(
        {"place": [f"33021200{row}" for row in range(6)], "verified_solved": [0, 5, 9, 70, 88, 3],
         "due": [0, 5, 10, 71, 99, 30]}
    )  # fmt: skip
    indicator = CATALOGUE["resolution_rate"]
    straight = rate_table(counts, indicator).set_index("place")
    shuffled = rate_table(counts.iloc[order], indicator).set_index("place").loc[straight.index]
    pd.testing.assert_frame_equal(straight, shuffled)


def test_a_year_in_one_row_equals_the_same_year_in_twelve(resolution: Indicator) -> None:
    months = pd.DataFrame(
        {"place": "330212001", "month": range(202001, 202013), "verified_solved": range(80, 92), "due": [95] * 12}
    )
    year = pd.DataFrame({"place": ["330212001"], "verified_solved": [sum(range(80, 92))], "due": [95 * 12]})
    pd.testing.assert_frame_equal(rate_table(months, resolution), rate_table(year, resolution))
