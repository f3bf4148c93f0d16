"""Who is clearly ahead of whom: the same answer as the rank sets, by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import load_catalogue
from indicators.exact_tests import exact_tails
from indicators.rank_neighbours import clear_pairs, neighbour_table
from indicators.rankings import rank_table
from indicators.values import rate_table

CATALOGUE = load_catalogue()
RESOLUTION, REPEAT, VOLUME = (CATALOGUE[code] for code in ("resolution_rate", "repeat_rate", "issues_per_1000"))
COUNTS = st.lists(
    st.sampled_from([12, 60, 400, 2500]).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=0, max_size=6,
)  # fmt: skip


def table_of(counts: list[tuple[int, int]], indicator=RESOLUTION) -> pd.DataFrame:
    codes = [f"3302121{position:02d}" for position in range(len(counts))]
    frame = pd.DataFrame({"place": codes, indicator.numerator: [x for x, _ in counts],
                          indicator.denominator: [n for _, n in counts]})  # fmt: skip
    return rate_table(frame, indicator)


def slow_pairs(counts: list[tuple[int, int]], *, lower: bool, alpha: float = 0.05) -> set[tuple[int, int]]:
    """Holm's steps written out, over all ordered pairs."""
    size = len(counts)
    tests = []
    for i in range(size):
        for j in range(size):
            if i != j:
                tails = exact_tails(*counts[i], *counts[j], mid=True)
                tests.append((float(tails.low if lower else tails.high), i, j))
    clear = set()
    for step, (p, i, j) in enumerate(sorted(tests)):
        if p > alpha / (len(tests) - step):
            break
        clear.add((i, j))
    return clear


@settings(max_examples=60)
@given(COUNTS, st.booleans())
def test_the_clear_pairs_are_those_of_holms_steps_written_out(counts: list[tuple[int, int]], lower: bool) -> None:
    indicator = REPEAT if lower else RESOLUTION
    found = clear_pairs(table_of(counts, indicator), indicator)
    assert {(int(i), int(j)) for i, j in zip(*np.nonzero(found), strict=True)} == slow_pairs(counts, lower=lower)


@settings(max_examples=60)
@given(COUNTS)
def test_names_and_ranges_say_the_same(counts: list[tuple[int, int]]) -> None:
    found = neighbour_table(table_of(counts), RESOLUTION)
    for row in found.to_dict("records"):
        assert len(row["ahead"]) == row["rank_low"] - 1
        assert len(row["behind"]) == len(counts) - row["rank_high"]
        assert row["alike"] == len(counts) - 1 - len(row["ahead"]) - len(row["behind"])
        assert row["place"] not in (*row["ahead"], *row["behind"])


@settings(max_examples=40)
@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(counts: list[tuple[int, int]], chance) -> None:
    table = table_of(counts)
    order = list(range(len(table)))
    chance.shuffle(order)
    one = neighbour_table(table, RESOLUTION).set_index("place")
    other = neighbour_table(table.iloc[order], RESOLUTION).set_index("place")
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_three_levels_are_told_apart_and_named_in_the_order_of_ranks() -> None:
    found = neighbour_table(table_of([(2000, 2500), (2490, 2500), (2300, 2500), (2480, 2500)]), RESOLUTION)
    low, best, middle, good = found.to_dict("records")
    assert best["behind"] == (middle["place"], low["place"])
    assert low["ahead"] == (best["place"], good["place"], middle["place"])
    assert (best["alike"], good["alike"], middle["alike"], low["alike"]) == (1, 1, 0, 0)
    assert [row["above"] for row in (best, good, middle, low)] == ["first", "unclear", "clear", "clear"]
    assert [row["standing"] for row in (best, good, middle, low)] == ["front", "front", "rear", "rear"]


def test_the_middle_of_an_odd_number_is_in_neither_half() -> None:
    found = neighbour_table(table_of([(2490, 2500), (2300, 2500), (2000, 2500)]), RESOLUTION)
    assert list(found["standing"]) == ["front", "unclear", "rear"]


def test_places_without_a_value_have_no_neighbours_and_are_nobodys() -> None:
    found = neighbour_table(table_of([(2490, 2500), (3, 4), (0, 0), (2000, 2500)]), RESOLUTION)
    few, absent = found.iloc[1], found.iloc[2]
    for row in (few, absent):
        assert row["ahead"] == row["behind"] == ()
        assert row["above"] is None and row["standing"] is None
        assert pd.isna(row["alike"])
    assert found.iloc[0]["behind"] == (found.iloc[3]["place"],)


def test_equal_rates_are_never_ahead_of_each_other() -> None:
    found = neighbour_table(table_of([(980, 1000), (98, 100), (2450, 2500)]), RESOLUTION)
    assert list(found["above"]) == ["first"] * 3
    assert found["tied"].all()


@pytest.mark.parametrize("indicator", [REPEAT, VOLUME])
def test_low_is_better_where_the_definition_says_so_and_ratios_have_neighbours_too(indicator) -> None:
    if indicator is VOLUME:
        frame = pd.DataFrame({"place": ["a", "b"], "reported": [900, 100], "residents": [1000, 1000]})
        found = neighbour_table(rate_table(frame, indicator), indicator)
        assert list(found["rank"]) == [1, 2]
    else:
        found = neighbour_table(table_of([(100, 2500), (900, 2500)], indicator), indicator)
        assert list(found["rank"]) == [1, 2]
    assert found.iloc[0]["behind"] == (found.iloc[1]["place"],)


def test_the_ranks_are_those_of_the_rank_table() -> None:
    table = table_of([(980, 1000), (2300, 2500), (30, 60), (55, 60)])
    pd.testing.assert_frame_equal(
        neighbour_table(table, RESOLUTION)[rank_table(table, RESOLUTION).columns], rank_table(table, RESOLUTION)
    )


@pytest.mark.parametrize("seed", range(4))
def test_with_equal_true_rates_hardly_anybody_is_called_clear(seed: int) -> None:
    chance, false = np.random.default_rng(seed), 0
    for _ in range(100):
        n = chance.integers(30, 2000, size=12)
        false += bool(clear_pairs(table_of([(int(chance.binomial(k, 0.98)), int(k)) for k in n]), RESOLUTION).any())
    assert false <= 10
