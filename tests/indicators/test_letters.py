"""Letters: two areas share one exactly where they do not differ; the naive twin tries every set of areas."""

import itertools
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue, load_catalogue
from indicators.errors import CountError, MethodError
from indicators.exact_tests import exact_tails
from indicators.letters import MOST_LETTERS, TOO_MANY, compact_letters, differing_pairs, letter_table
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]


@st.composite
def patterns(draw: st.DrawFn, largest: int = 7) -> np.ndarray:
    size = draw(st.integers(1, largest))
    pairs = draw(st.lists(st.booleans(), min_size=size * (size - 1) // 2, max_size=size * (size - 1) // 2))
    differ = np.zeros((size, size), dtype=bool)
    differ[np.triu_indices(size, 1)] = pairs
    return differ | differ.T


def naive_sets(differ: np.ndarray) -> set[frozenset[int]]:
    """All sets of areas of which no two differ and to which none can be added."""
    size = len(differ)
    alike = [
        frozenset(chosen)
        for many in range(1, size + 1)
        for chosen in itertools.combinations(range(size), many)
        if not any(differ[i, j] for i in chosen for j in chosen)
    ]
    return {one for one in alike if not any(one < other for other in alike)}


def shares(letters: np.ndarray) -> list[list[bool]]:
    return [[bool(set(one) & set(other)) for other in letters] for one in letters]


@given(patterns())
@settings(max_examples=60)
def test_without_sweeping_the_letters_are_all_largest_sets_that_do_not_differ(differ: np.ndarray) -> None:
    found = compact_letters(differ, range(len(differ)), sweep=False)
    assert {frozenset(np.flatnonzero(column)) for column in found.shared.T} == naive_sets(differ)
    assert found.shared.shape[1] == len(naive_sets(differ)) and found.reason is None


@given(patterns(largest=9), st.booleans())
@settings(max_examples=60)
def test_two_areas_share_a_letter_exactly_where_they_do_not_differ(differ: np.ndarray, sweep: bool) -> None:
    found = compact_letters(differ, range(len(differ)), sweep=sweep)
    assert shares(found.letters) == (~differ).tolist()
    assert (found.shared @ found.shared.T == ~differ).all()


@given(patterns(largest=8))
@settings(max_examples=40)
def test_after_sweeping_no_area_can_lose_a_letter(differ: np.ndarray) -> None:
    shared = compact_letters(differ, range(len(differ))).shared
    for area, column in zip(*np.nonzero(shared), strict=True):
        fewer = shared.copy()
        fewer[area, column] = False
        assert (fewer @ fewer.T != ~differ).any()


@given(patterns(largest=8), st.randoms(use_true_random=False), st.booleans(), st.booleans())
@settings(max_examples=60)
def test_the_order_of_the_rows_never_changes_the_letters(
    differ: np.ndarray, shuffle: random.Random, sweep: bool, tied: bool
) -> None:
    order = list(range(len(differ)))
    shuffle.shuffle(order)
    rank, labels = np.array([row // 3 if tied else row for row in range(len(differ))]), np.array(list("hgfedcba"))
    straight = compact_letters(differ, rank, labels=labels[: len(differ)], sweep=sweep).letters
    moved = compact_letters(differ[np.ix_(order, order)], rank[order], labels=labels[order], sweep=sweep).letters
    assert straight[order].tolist() == moved.tolist()


@given(patterns(largest=8))
@settings(max_examples=30)
def test_the_best_area_always_has_the_first_letter(differ: np.ndarray) -> None:
    assert compact_letters(differ, -np.arange(len(differ))).letters[-1].startswith("a")


def test_areas_that_all_differ_have_a_letter_each_and_none_at_all_share_one() -> None:
    differ = ~np.eye(60, dtype=bool)
    letters = compact_letters(differ, range(60)).letters
    assert letters[0] == "a" and letters[25:27].tolist() == ["z", "A"] and letters[51:53].tolist() == ["Z", ".a"]
    assert compact_letters(np.zeros((60, 60), dtype=bool), range(60)).letters.tolist() == ["a"] * 60
    assert compact_letters(np.zeros((0, 0), dtype=bool), []).letters.tolist() == []
    assert compact_letters([[False]], [1]).letters.tolist() == ["a"]


def test_many_areas_in_a_row_get_overlapping_letters() -> None:
    position = np.arange(150)
    differ = np.abs(position[:, None] - position[None, :]) > 50
    found = compact_letters(differ, position, sweep=False)
    assert found.shared.shape[1] == 100 and (found.shared @ found.shared.T == ~differ).all()


def test_a_pattern_that_needs_too_many_letters_is_refused_and_not_drawn() -> None:
    pairs = np.zeros((20, 20), dtype=bool)
    for first in range(0, 20, 2):
        pairs[first, first + 1] = pairs[first + 1, first] = True
    found = compact_letters(pairs, range(20))
    assert MOST_LETTERS < 2**10 and found.reason == TOO_MANY
    assert found.letters.tolist() == [None] * 20 and found.shared.shape == (20, 0)


@pytest.mark.parametrize(
    ("differ", "rank"),
    [([[False, True]], [1]), ([[False, True], [False, False]], [1, 2]), ([[True]], [1]), ([[False]], [1, 2]),
     ([[False]], [float("nan")])],
)  # fmt: skip
def test_a_matrix_or_ranks_that_do_not_fit_are_refused(differ: list[list[bool]], rank: list[float]) -> None:
    with pytest.raises(MethodError):
        compact_letters(differ, rank)


def naive_pairs(x: list[int], n: list[int], alpha: float) -> list[list[bool]]:
    tests = sorted(
        (min(1.0, 2 * float(min(exact_tails(x[i], n[i], x[j], n[j], mid=True)))), i, j)
        for i, j in itertools.combinations(range(len(x)), 2)
        if n[i] and n[j]
    )
    differ = [[False] * len(x) for _ in x]
    for step, (p, i, j) in enumerate(tests):
        if p * (len(tests) - step) > alpha:
            break
        differ[i][j] = differ[j][i] = True
    return differ


@given(st.lists(st.tuples(st.sampled_from([0, 3, 40, 900]), st.floats(0, 1)), min_size=1, max_size=7))
@settings(max_examples=40)
def test_pairs_differ_by_the_exact_test_with_holms_steps(areas: list[tuple[int, float]]) -> None:
    n = [cases for cases, _ in areas]
    x = [round(share * cases) for cases, share in areas]
    assert differing_pairs(x, n).tolist() == naive_pairs(x, n, 0.05)


@pytest.mark.parametrize("bad", [([-1, 2], [5, 5]), ([6, 2], [5, 5]), ([float("nan"), 2], [5, 5]), ([2.5, 2], [5, 5])])
def test_impossible_counts_are_refused(bad: tuple[list[float], list[float]]) -> None:
    with pytest.raises(CountError):
        differing_pairs(*bad)


@pytest.mark.parametrize("shape", [(), (2, 2), (1, 1)])
def test_counts_that_are_no_list_of_areas_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(MethodError, match=f"have {len(shape)} dimensions"):
        differing_pairs(np.full(shape, 3), np.full(shape, 5))


def test_the_letter_table_gives_letters_to_rows_with_a_value_only(catalogue: Catalogue) -> None:
    counts = pd.DataFrame({"place": list("abcd"), RESOLUTION.numerator: [700, 990, 0, 3],
                           RESOLUTION.denominator: [1000, 1000, 0, 3]})  # fmt: skip
    assert letter_table(rate_table(counts, RESOLUTION), RESOLUTION)["letters"].tolist() == ["b", "a", None, None]
    reopen, days = catalogue["reopen_rate"], catalogue["supply_days"]
    for indicator, letters in ((reopen, ["a", "b"]), (days, [None, None])):
        two = pd.DataFrame({"place": ["a", "b"], indicator.numerator: [700, 990], indicator.denominator: [1000, 1000]})
        assert letter_table(rate_table(two, indicator), indicator)["letters"].tolist() == letters


def test_equal_rates_of_unequal_size_are_told_apart_by_what_they_differ_from() -> None:
    counts = pd.DataFrame({"place": list("abc"), RESOLUTION.numerator: [9, 900, 960],
                           RESOLUTION.denominator: [10, 1000, 1000]})  # fmt: skip
    table = rate_table(counts, RESOLUTION)
    straight = letter_table(table, RESOLUTION).set_index("place")["letters"].to_dict()
    turned = letter_table(table.iloc[::-1].reset_index(drop=True), RESOLUTION).set_index("place")["letters"].to_dict()
    assert straight == turned == {"a": "ab", "b": "b", "c": "a"}
