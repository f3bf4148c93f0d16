"""Gaps: who is ahead, missing groups, joined values, and when a gap may be called growing or shrinking."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.exact_tests import exact_tails, two_sided
from indicators.gaps import gap_change, gap_table, pairing_gaps
from indicators.intervals import garwood, newcombe, square_and_add
from indicators.values import rate_table

CATALOGUE = load_catalogue()
RESOLUTION = CATALOGUE["resolution_rate"]


def rates(pairs: dict[str, tuple[int, int]], indicator: Indicator = RESOLUTION) -> pd.DataFrame:
    x, n = zip(*pairs.values(), strict=True) if pairs else ((), ())
    counts = pd.DataFrame({"place": list(pairs), indicator.numerator: list(x), indicator.denominator: list(n)})
    return rate_table(counts, indicator)


def gap(a: tuple[int, int], b: tuple[int, int], indicator: Indicator = RESOLUTION) -> pd.DataFrame:
    return gap_table(rates({"p": a}, indicator), rates({"p": b}, indicator))


def test_a_gap_is_a_minus_b_with_newcombes_interval_and_the_mid_p_of_the_exact_test() -> None:
    row = gap((80, 100), (190, 200)).iloc[0]
    found = (row["difference"], row["low"], row["high"])
    assert found == pytest.approx(tuple(float(one) for one in newcombe(80, 100, 190, 200)))
    assert row["p"] == pytest.approx(float(two_sided(exact_tails(80, 100, 190, 200, mid=True))))
    assert (row["ahead"], row["state"], row["a_value"], row["b_value"]) == ("b", "value", 0.8, 0.95)


def test_ahead_is_the_better_group_whichever_way_better_lies() -> None:
    assert gap((300, 1000), (100, 1000), CATALOGUE["reopen_rate"])["ahead"].tolist() == ["b"]
    assert gap((300, 1000), (100, 1000))["ahead"].tolist() == ["a"]
    assert gap((300, 1000), (100, 1000), CATALOGUE["caseload_per_grid_worker"])["ahead"].tolist() == ["a"]


def test_nobody_is_ahead_where_the_interval_covers_zero() -> None:
    assert gap((95, 100), (97, 100))["ahead"].tolist() == ["none"]


def test_a_missing_or_small_group_leaves_the_gap_unknown_and_says_why() -> None:
    a = rates({"p": (90, 100), "q": (90, 100), "r": (5, 6), "s": (0, 0)})
    b = rates({"q": (80, 100), "r": (80, 100), "s": (80, 100), "t": (80, 100)})
    table = gap_table(a, b).set_index("place")
    assert table.index.tolist() == ["p", "q", "r", "s", "t"]
    assert table["state"].to_dict() == {
        "p": "no_data", "q": "value", "r": "too_few", "s": "no_data", "t": "no_data",
    }  # fmt: skip
    assert table["ahead"].isna().to_dict() == {"p": True, "q": False, "r": True, "s": True, "t": True}
    assert table["ahead"]["p"] is None
    assert np.isnan(table["difference"]["r"]) and table["a_x"]["r"] == 5


def test_a_higher_minimum_turns_a_gap_into_too_few() -> None:
    table = gap_table(rates({"p": (10, 20)}), rates({"p": (20, 20)}), minimum=30)
    assert (table["state"].iloc[0], table["ahead"].iloc[0]) == ("too_few", None)


def test_small_and_micro_firms_are_one_group() -> None:
    counts = pd.DataFrame(
        {
            "place": ["330212001"] * 5,
            "value": ["small", "micro", "large", "medium", "unknown"],
            "verified_solved": [80, 8, 99, 50, 7],
            "due": [90, 10, 100, 50, 70],
        }
    )
    by_place = pairing_gaps(counts, RESOLUTION, CATALOGUE.pairings["firm_size"]).iloc[0]
    assert (by_place["a_x"], by_place["a_n"], by_place["b_x"], by_place["b_n"]) == (88, 100, 149, 150)
    whole = pairing_gaps(counts, RESOLUTION, CATALOGUE.pairings["firm_size"], by=()).iloc[0]
    assert whole["difference"] == pytest.approx(by_place["difference"])
    named = pairing_gaps(counts, RESOLUTION, CATALOGUE.pairings["firm_size"], places=["330212009", "330212001"])
    assert named["state"].tolist() == ["no_data", "value"]


def test_the_gap_of_a_ratio_is_in_units_of_the_value(catalogue: Catalogue) -> None:
    indicator = catalogue["officials_per_1000"]
    row = gap((20, 10_000), (60, 10_000), indicator).iloc[0]
    low1, high1 = garwood(20, 10_000)
    low2, high2 = garwood(60, 10_000)
    expected = square_and_add(0.002, low1, high1, 0.006, low2, high2)
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(tuple(1000 * float(one) for one in expected))


def test_stock_over_flow_has_a_gap_without_interval_or_winner(catalogue: Catalogue) -> None:
    row = gap((48_000, 3000), (3000, 3000), catalogue["supply_days"]).iloc[0]
    assert row["difference"] == 15.0 and np.isnan(row["low"]) and np.isnan(row["p"]) and row["ahead"] is None


def test_tables_that_forgot_what_they_measure_ask_for_the_indicator() -> None:
    a, b = rates({"p": (90, 100)}), rates({"p": (80, 100)})
    a.attrs = {}
    with pytest.raises(ValueError, match="indicator="):
        gap_table(a, b)
    assert gap_table(a, b, indicator=RESOLUTION)["difference"].iloc[0] == pytest.approx(0.1)


def test_months_are_matched_with_months() -> None:
    counts = pd.DataFrame({"place": "p", "month": [202001, 202002], "verified_solved": [90, 80], "due": [100, 100]})
    table = rate_table(counts, RESOLUTION, by=("month",))
    assert gap_table(table, table.iloc[::-1], by=("month",))["difference"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("now", "before", "change", "turned"),
    [
        (((700, 1000), (950, 1000)), ((880, 1000), (950, 1000)), "growing", False),
        (((930, 1000), (950, 1000)), ((700, 1000), (950, 1000)), "shrinking", False),
        (((880, 1000), (950, 1000)), ((880, 1000), (950, 1000)), "unchanged", False),
        (((950, 1000), (800, 1000)), ((800, 1000), (950, 1000)), "unchanged", True),
        (((990, 1000), (600, 1000)), ((900, 1000), (950, 1000)), "growing", True),
    ],
)
def test_a_gap_grows_only_if_it_is_farther_from_zero_whoever_was_ahead(
    now: tuple[tuple[int, int], ...], before: tuple[tuple[int, int], ...], change: str, turned: bool
) -> None:
    row = gap_change(gap(*now), gap(*before)).iloc[0]
    assert (row["change"], bool(row["reversed"])) == (change, turned)
    assert (row["p"] < 0.05) == (change != "unchanged")


def test_the_change_of_a_gap_squares_and_adds_and_is_unknown_where_a_gap_is() -> None:
    now = gap_table(rates({"p": (90, 100), "q": (5, 6)}), rates({"p": (80, 100), "q": (80, 100)}))
    before = gap_table(rates({"p": (70, 100), "q": (90, 100)}), rates({"p": (80, 100), "q": (80, 100)}))
    table = gap_change(now, before)
    expected = square_and_add(*newcombe(90, 100, 80, 100), *newcombe(70, 100, 80, 100))
    found = tuple(table.iloc[0][["difference", "low", "high"]].astype(float))
    assert found == pytest.approx(tuple(float(one) for one in expected))
    assert table["change"].iloc[1] is None and np.isnan(table["low"].iloc[1]) and np.isnan(table["p"].iloc[1])


@settings(max_examples=30)
@given(st.integers(0, 100), st.integers(0, 100))
def test_exchanging_the_groups_turns_the_sign_and_the_winner(first: int, second: int) -> None:
    there, back = gap((first, 100), (second, 100)).iloc[0], gap((second, 100), (first, 100)).iloc[0]
    assert there["difference"] == -back["difference"]
    assert {"a": "b", "b": "a", "none": "none"}[there["ahead"]] == back["ahead"]
