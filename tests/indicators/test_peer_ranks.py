"""Ranks within a group are those of the group alone."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import load_catalogue
from indicators.peer_ranks import peer_ranks
from indicators.rankings import rank_table
from indicators.values import rate_table

RESOLUTION = load_catalogue()["resolution_rate"]
CODES = "abcdefg"
COUNTS = st.lists(
    st.sampled_from([0, 40, 900]).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=7
)


def table_of(counts: list[tuple[int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame({"place": list(CODES[: len(counts)]), RESOLUTION.numerator: [x for x, _ in counts],
                          RESOLUTION.denominator: [n for _, n in counts]})  # fmt: skip
    return rate_table(frame, RESOLUTION)


@settings(max_examples=50)
@given(COUNTS, st.integers(0, 127))
def test_each_of_two_groups_is_ranked_as_if_there_were_no_other(counts: list[tuple[int, int]], pattern: int) -> None:
    table = table_of(counts)
    side = {code: bool(pattern >> position & 1) for position, code in enumerate(table["place"])}
    groups = {code: [other for other in side if side[other] == side[code]] for code in side}
    found = peer_ranks(table, RESOLUTION, groups)
    for wanted in (True, False):
        alone = rank_table(table[table["place"].map(side) == wanted], RESOLUTION)
        if alone["rank"].notna().sum() < 2:
            continue
        own = found[found["place"].map(side) == wanted]
        for name in ("rank", "rank_low", "rank_high", "tied"):
            assert list(own[name].fillna(-1)) == list(alone[name].fillna(-1))


def test_every_place_may_have_a_group_of_its_own_and_is_in_it() -> None:
    table = table_of([(900, 900), (800, 900), (700, 900), (600, 900)])
    found = peer_ranks(table, RESOLUTION, {"a": ["b"], "b": ["c", "d"], "c": ["a", "nowhere"], "d": []})
    assert list(found["rank"].iloc[:3]) == [1, 1, 2]
    assert list(found["ranked"]) == [2, 3, 2, 1]
    assert pd.isna(found["rank"].iloc[3]), "alone there is nobody to be ranked among"


def test_a_place_without_cases_or_without_a_group_has_no_rank() -> None:
    found = peer_ranks(table_of([(0, 0), (800, 900), (700, 900)]), RESOLUTION, {"a": ["b", "c"], "b": ["a", "c"]})
    assert list(found["rank"].isna()) == [True, False, True]
    assert found["rank"].iloc[1] == 1 and found["ranked"].iloc[1] == 2


def test_the_rows_come_back_as_they_were() -> None:
    table = table_of([(900, 900), (800, 900)]).iloc[::-1]
    found = peer_ranks(table, RESOLUTION, {"a": ["b"], "b": ["a"]})
    assert list(found["place"]) == ["b", "a"] and list(found.index) == [1, 0]
