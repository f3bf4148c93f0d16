"""Ranks: ties on exact counts, the naive twin of the range, and false claims under no difference."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.errors import CountError, MethodError
from indicators.exact_tests import exact_tails
from indicators.rankings import marginal_rank_set, rank_sets, rank_table
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]


def ranked(x: list[int], n: list[int], indicator: Indicator = RESOLUTION) -> pd.DataFrame:
    places = [f"{row}" for row in range(len(x))]
    counts = pd.DataFrame({"place": places, indicator.numerator: x, indicator.denominator: n})
    return rank_table(rate_table(counts, indicator), indicator)


def naive_ranks(x: list[int], n: list[int]) -> list[tuple[int, bool, int, int]]:
    """Pair by pair with Holm's steps written out."""
    size = len(x)
    tests = sorted(
        (float(exact_tails(x[i], n[i], x[j], n[j], mid=True).high), i, j)
        for i in range(size) for j in range(size) if i != j
    )  # fmt: skip
    clear = set()
    for step, (p, i, j) in enumerate(tests):
        if p > 0.05 / (len(tests) - step):
            break
        clear.add((i, j))
    rows = []
    for i in range(size):
        better = sum(x[j] * n[i] > x[i] * n[j] for j in range(size))
        tied = sum(x[j] * n[i] == x[i] * n[j] for j in range(size)) > 1
        low = 1 + sum((j, i) in clear for j in range(size))
        rows.append((1 + better, tied, low, size - sum((i, j) in clear for j in range(size))))
    return rows


@st.composite
def districts(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    n = draw(st.lists(st.sampled_from([10, 25, 60, 300, 2000]), min_size=1, max_size=9))
    return [one - draw(st.integers(0, min(one, 60))) for one in n], n


@given(districts())
@settings(max_examples=60)
def test_ranks_and_their_ranges_are_those_of_the_pairwise_rule(district: tuple[list[int], list[int]]) -> None:
    x, n = district
    table = ranked(x, n)
    columns = ["rank", "tied", "rank_low", "rank_high"]
    assert list(table[columns].itertuples(index=False, name=None)) == naive_ranks(x, n)


@given(districts())
@settings(max_examples=30)
def test_a_rank_lies_in_its_own_range_and_ties_share_the_better_rank(district: tuple[list[int], list[int]]) -> None:
    table = ranked(*district)
    assert (table["rank_low"] <= table["rank"]).all() and (table["rank"] <= table["rank_high"]).all()
    assert table.groupby("value")["rank"].nunique().eq(1).all()


def test_ties_are_found_on_counts_where_decimals_would_differ() -> None:
    table = ranked([3 * 7, 3 * 10_000_019, 29], [3 * 10, 3 * 14_285_741, 100])
    assert table["tied"].tolist() == [False, False, False]
    thirds = ranked([10, 1_000_000, 20], [30, 3_000_000, 60])
    assert thirds["rank"].tolist() == [1, 1, 1] and thirds["tied"].all()


def test_a_perfect_handful_is_first_but_may_be_anywhere() -> None:
    row = ranked([10, 1900, 1960, 1000], [10, 2000, 2000, 2000]).iloc[0]
    assert (row["rank"], row["rank_low"], row["rank_high"]) == (1, 1, 3)


def test_low_is_first_where_lower_is_better(catalogue: Catalogue) -> None:
    assert ranked([300, 100, 200], [1000] * 3, catalogue["reopen_rate"])["rank"].tolist() == [3, 1, 2]
    ranges = ranked([300, 100, 200], [1000] * 3, catalogue["reopen_rate"])[["rank_low", "rank_high"]]
    assert ranges.to_numpy().tolist() == [[3, 3], [1, 1], [2, 2]]


def test_only_rows_with_a_value_are_ranked() -> None:
    table = ranked([0, 5, 90, 80], [0, 6, 100, 100])
    assert table["rank"].isna().tolist() == [True, True, False, False]
    assert table["rank"].dropna().tolist() == [1, 2]
    assert str(table["rank"].dtype) == "Int64" and not table["tied"].iloc[:2].any()


def test_a_ratio_is_ranked_by_its_own_test(catalogue: Catalogue) -> None:
    table = ranked([20, 200, 21], [10_000, 10_000, 10_000], catalogue["officials_per_1000"])
    assert table["rank"].tolist() == [3, 1, 2]
    assert table[["rank_low", "rank_high"]].to_numpy().tolist() == [[2, 3], [1, 1], [2, 3]]


def test_stock_over_flow_has_a_rank_without_a_range(catalogue: Catalogue) -> None:
    table = ranked([160_000, 40_000], [10_000, 10_000], catalogue["supply_days"])
    assert table["rank"].tolist() == [1, 2] and table["rank_low"].isna().all()


def test_nothing_to_rank_gives_no_ranks() -> None:
    assert len(ranked([], [])) == 0
    assert ranked([0], [0])["rank"].isna().all()
    alone = ranked([90], [100]).iloc[0]
    assert (alone["rank"], alone["rank_low"], alone["rank_high"], alone["tied"]) == (1, 1, 1, False)


@given(st.permutations(range(7)))
@settings(max_examples=20)
def test_the_order_of_the_rows_never_changes_a_rank(order: list[int]) -> None:
    x, n = [99, 480, 20, 1000, 0, 300, 88], [100, 500, 20, 1100, 0, 301, 88]
    columns = ["rank", "tied", "rank_low", "rank_high"]
    straight = ranked(x, n)[columns].iloc[list(order)].reset_index(drop=True)
    shuffled = ranked([x[row] for row in order], [n[row] for row in order])[columns]
    pd.testing.assert_frame_equal(straight, shuffled)


@given(districts(), st.integers(0, 8))
@settings(max_examples=40)
def test_the_range_of_one_chosen_place_lies_within_the_range_that_holds_for_all(
    district: tuple[list[int], list[int]], chosen: int
) -> None:
    x, n = district
    place = str(chosen % len(x))
    table = ranked(x, n)
    row = table[table["place"] == place].iloc[0]
    found = marginal_rank_set(table, RESOLUTION, place)
    assert found is not None
    assert row["rank_low"] <= found[0] <= row["rank"] <= found[1] <= row["rank_high"]
    assert found == naive_marginal(x, n, int(place))


def naive_marginal(x: list[int], n: list[int], own: int) -> tuple[int, int]:
    """Test by test with Holm's steps written out, for one area alone."""
    others = [row for row in range(len(x)) if row != own]
    tests = sorted(
        [(float(exact_tails(x[own], n[own], x[j], n[j], mid=True).high), "behind") for j in others]
        + [(float(exact_tails(x[j], n[j], x[own], n[own], mid=True).high), "ahead") for j in others]
    )
    clear: list[str] = []
    for step, (p, side) in enumerate(tests):
        if p > 0.05 / (len(tests) - step):
            break
        clear.append(side)
    return 1 + clear.count("ahead"), len(x) - clear.count("behind")


def test_the_range_of_a_place_without_a_value_or_without_chance_is_unknown(catalogue: Catalogue) -> None:
    assert marginal_rank_set(ranked([0, 90], [0, 100]), RESOLUTION, "0") is None
    days = catalogue["supply_days"]
    assert marginal_rank_set(ranked([160, 40], [10, 10], days), days, "0") is None
    with pytest.raises(MethodError, match="nowhere has 0 rows"):
        marginal_rank_set(ranked([90], [100]), RESOLUTION, "nowhere")


def test_low_is_ahead_in_the_range_of_one_place_where_lower_is_better(catalogue: Catalogue) -> None:
    reopen = catalogue["reopen_rate"]
    assert marginal_rank_set(ranked([300, 100, 200], [1000] * 3, reopen), reopen, "1") == (1, 1)


def test_impossible_counts_are_refused_and_areas_without_counts_are_left_out() -> None:
    with pytest.raises(CountError, match="12 of 10"):
        rank_sets([12], [10])
    with pytest.raises(CountError, match="negative"):
        rank_sets([3, 2], [-4, 5])
    found = rank_sets([float("nan"), 9, 0], [5, 10, 0])
    assert found.rank.tolist()[1] == 1 and [one != one for one in found.rank.tolist()] == [True, False, True]
    assert rank_sets(3, 5).rank.tolist() == [1]
