"""Rank history: each month by itself, moves that are real, and none where nothing changes."""

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue, load_catalogue
from indicators.errors import CountError, MethodError
from indicators.exact_tests import exact_tails
from indicators.rank_history import rank_history, rank_moves
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]
RANGES = ["rank", "rank_low", "rank_high"]
Counts = list[tuple[int, int]]


def table_of(counts: Counts, places: str = "abcdefghij") -> pd.DataFrame:
    frame = pd.DataFrame({"place": list(places[: len(counts)]), RESOLUTION.numerator: [x for x, _ in counts],
                          RESOLUTION.denominator: [n for _, n in counts]})  # fmt: skip
    return rate_table(frame, RESOLUTION)


def naive_sets(counts: Counts, alpha: float) -> list[tuple[int, int, int]]:
    """Rank and the lowest and highest possible rank, pair by pair, Holm's steps written out."""
    size = len(counts)
    tests = sorted(
        (float(exact_tails(*counts[i], *counts[j], mid=True).high), i, j)
        for i in range(size)
        for j in range(size)
        if i != j
    )
    clear = set()
    for step, (p, i, j) in enumerate(tests):
        if p > alpha / (len(tests) - step):
            break
        clear.add((i, j))
    return [
        (
            1 + sum(counts[j][0] * counts[i][1] > counts[i][0] * counts[j][1] for j in range(size)),
            1 + sum((j, i) in clear for j in range(size)),
            size - sum((i, j) in clear for j in range(size)),
        )
        for i in range(size)
    ]


def month(draw: st.DrawFn, size: int) -> Counts:
    n = draw(st.lists(st.sampled_from([0, 2, 20, 100, 1000, 3000]), min_size=size, max_size=size))
    return [(round(cases * draw(st.sampled_from([0.0, 0.3, 0.6, 0.9, 0.98, 1.0]))), cases) for cases in n]


@st.composite
def two_months(draw: st.DrawFn) -> tuple[Counts, Counts]:
    size = draw(st.integers(1, 5))
    return month(draw, size), month(draw, size)


@given(two_months())
@settings(max_examples=30)
def test_a_move_is_real_exactly_where_the_two_rank_sets_have_no_rank_in_common(months: tuple[Counts, Counts]) -> None:
    now, before = months
    enough = [row for row in range(len(now)) if min(now[row][1], before[row][1]) >= RESOLUTION.hide_below]
    found = rank_moves(table_of(now), table_of(before), RESOLUTION)
    latest, earlier = (naive_sets([one[row] for row in enough], 0.025) for one in months)
    for row in range(len(now)):
        line = found.iloc[row]
        if row not in enough:
            assert line["real"] == "not_comparable" and pd.isna(line["move"]) and pd.isna(line["rank_now"])
            continue
        (rank, low, high), (rank_before, low_before, high_before) = (
            one[enough.index(row)] for one in (latest, earlier)
        )
        assert (line["rank_now"], line["rank_low_now"], line["rank_high_now"]) == (rank, low, high)
        assert (line["rank_before"], line["rank_low_before"]) == (rank_before, low_before)
        assert line["move"] == rank_before - rank
        common = set(range(low, high + 1)) & set(range(low_before, high_before + 1))
        assert (line["real"] == "within_chance") == bool(common)
        assert common or line["real"] == ("real_better" if high < low_before else "real_worse")


@given(two_months(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_the_rows_never_changes_a_move(months: tuple[Counts, Counts], shuffle: random.Random) -> None:
    now, before = (table_of(one) for one in months)
    straight = rank_moves(now, before, RESOLUTION).set_index("place")
    seed = shuffle.randint(0, 1000)
    turned = rank_moves(now.sample(frac=1, random_state=seed), before.sample(frac=1, random_state=seed + 1), RESOLUTION)
    pd.testing.assert_frame_equal(straight, turned.set_index("place").loc[straight.index])


def test_climbing_past_others_beyond_chance_is_real_and_their_fall_too() -> None:
    before = [(900, 1000), (950, 1000), (800, 1000), (990, 1000)]
    found = rank_moves(table_of([(999, 1000), (900, 1000), (800, 1000), (950, 1000)]), table_of(before), RESOLUTION)
    assert found["move"].tolist() == [2, -1, 0, -1]
    assert found["real"].tolist() == ["real_better", "real_worse", "within_chance", "real_worse"]


def test_eight_places_up_by_a_few_cases_is_within_chance() -> None:
    before = [(980 + row, 1000) for row in range(10)]
    found = rank_moves(table_of([(988, 1000), *before[1:]]), table_of(before), RESOLUTION)
    assert found["move"].iloc[0] == 8 and set(found["real"]) == {"within_chance"}


def test_that_another_place_came_is_no_move() -> None:
    before = table_of([(900, 1000), (800, 1000)], "bc")
    found = rank_moves(table_of([(990, 1000), (900, 1000), (800, 1000)]), before, RESOLUTION)
    assert found["place"].tolist() == ["a", "b", "c"]
    assert found["rank_now"].tolist()[1:] == [1, 2] and found["move"].tolist()[1:] == [0, 0]
    assert found["real"].tolist() == ["not_comparable", "within_chance", "within_chance"]


def test_where_chance_does_not_apply_there_is_a_move_and_no_judgement(catalogue: Catalogue) -> None:
    days = catalogue["supply_days"]
    tables = [
        rate_table(pd.DataFrame({"place": ["a", "b"], days.numerator: x, days.denominator: [10, 10]}), days)
        for x in ([160, 40], [40, 160])
    ]
    found = rank_moves(*tables, days)
    assert found["move"].notna().all() and set(found["real"]) == {"not_comparable"}


def test_no_change_at_all_is_hardly_ever_called_a_move() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(200, 2000, 21)
    truth = rng.beta(98, 2, 21)
    places = [f"{row}" for row in range(21)]
    claims = 0
    for _ in range(40):
        tables = [
            rate_table(pd.DataFrame({"place": places, RESOLUTION.numerator: rng.binomial(n, truth),
                                     RESOLUTION.denominator: n}), RESOLUTION)
            for _ in range(2)
        ]  # fmt: skip
        claims += int(rank_moves(*tables, RESOLUTION)["real"].str.startswith("real").any())
    assert claims <= 2


def history_frame(months: dict[int, Counts]) -> pd.DataFrame:
    return pd.concat([table_of(counts).assign(month=when) for when, counts in months.items()], ignore_index=True)


@given(two_months())
@settings(max_examples=30)
def test_the_history_ranks_every_month_by_itself(months: tuple[Counts, Counts]) -> None:
    long = history_frame(dict(zip((202002, 202003), months, strict=True)))
    found = rank_history(long, RESOLUTION)
    assert found["month"].tolist() == long["month"].tolist()
    for when, counts in zip((202002, 202003), months, strict=True):
        enough = [row for row, (_, n) in enumerate(counts) if n >= RESOLUTION.hide_below]
        rows = found[found["month"] == when]
        assert rows["ranked"].tolist() == [len(enough)] * len(counts)
        assert [tuple(one) for one in rows[RANGES].iloc[enough].to_numpy()] == naive_sets(
            [counts[row] for row in enough], 0.05
        )
        assert rows["rank"].notna().sum() == len(enough)
    turned = rank_history(long.iloc[::-1], RESOLUTION)
    pd.testing.assert_frame_equal(turned.sort_index(), found)


def test_labels_of_the_index_that_repeat_multiply_no_rows() -> None:
    months = {202002: [(90, 100), (80, 100), (3, 3), (99, 100)], 202003: [(70, 100), (0, 0), (99, 100), (98, 100)]}
    stacked = pd.concat([table_of(counts).assign(month=when) for when, counts in months.items()])
    found = rank_history(stacked, RESOLUTION)
    assert found.index.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    pd.testing.assert_frame_equal(found.reset_index(drop=True), rank_history(history_frame(months), RESOLUTION))
    turned = rank_history(stacked.iloc[::-1], RESOLUTION)
    pd.testing.assert_frame_equal(turned.iloc[::-1], found)
    moves = rank_moves(stacked.iloc[:4].set_axis([7] * 4), stacked.iloc[4:].set_axis([7] * 4), RESOLUTION)
    assert len(moves) == 4


def test_an_empty_history_is_empty() -> None:
    found = rank_history(history_frame({1: [(1, 1)]}).iloc[:0], RESOLUTION)
    assert len(found) == 0 and {"ranked", *RANGES} <= set(found.columns)
    assert len(rank_moves(table_of([]), table_of([]), RESOLUTION)) == 0


def test_a_place_that_occurs_twice_is_refused() -> None:
    twice = pd.concat([table_of([(90, 100)]), table_of([(80, 100)])], ignore_index=True)
    with pytest.raises(MethodError, match="a occurs more than once"):
        rank_moves(twice, table_of([(90, 100)]), RESOLUTION)
    with pytest.raises(MethodError, match="a occurs more than once"):
        rank_moves(table_of([(90, 100)]), twice.set_axis([0, 0]), RESOLUTION)
    with pytest.raises(MethodError, match="a 3 occurs more than once"):
        rank_history(twice.assign(month=3), RESOLUTION)


@pytest.mark.parametrize("x", [-1.0, 101.0, 0.5])
def test_impossible_counts_are_refused(x: float) -> None:
    wrong = table_of([(90, 100), (80, 100)]).assign(x=[x, 80.0])
    with pytest.raises(CountError):
        rank_moves(wrong, table_of([(90, 100), (80, 100)]), RESOLUTION)
    with pytest.raises(CountError):
        rank_history(wrong.assign(month=1), RESOLUTION)
