"""The drawing functions hold for any input, not only for the district's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access.demo_data.issue_objects import pick_within
from data_access.demo_data.issues import time_texts
from data_access.demo_data.names import estate_names, firm_names
from data_access.demo_data.rates import choose_exactly

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.lists(st.floats(0, 1), max_size=200), st.integers(0, 250))
@settings(deadline=None, derandomize=True)
def test_exactly_the_wanted_number_is_chosen(seed: int, probability: list[float], wanted: int) -> None:
    flags = choose_exactly(np.random.default_rng(seed), np.array(probability, dtype=float), wanted)
    assert flags.sum() == min(wanted, len(probability))


def test_more_likely_rows_are_chosen_more_often() -> None:
    rng = np.random.default_rng(1)
    probability = np.repeat([0.9, 0.98], 20_000)
    flags = choose_exactly(rng, probability, 37_600)
    odds = [group.mean() / (1 - group.mean()) for group in (flags[:20_000], flags[20_000:])]
    assert abs(odds[1] / odds[0] - 49 / 9) < 0.6


@given(seeds, st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=60))
@settings(deadline=None, derandomize=True)
def test_an_object_is_picked_in_its_own_village_or_not_at_all(seed: int, owners: list[int], asked: list[int]) -> None:
    held, village = np.array(sorted(owners), dtype=int), np.array(asked, dtype=int)
    weight = np.arange(1, len(held) + 1, dtype=float)
    picked = pick_within(np.random.default_rng(seed), village, owners=held, weight=weight, villages=10)
    for home, row in zip(asked, picked, strict=True):
        assert (row == -1) == (home not in owners)
        assert row == -1 or held[row] == home


def test_times_are_written_to_the_minute_and_missing_ones_are_empty() -> None:
    times = np.array(["2020-02-03T14:05", "NaT"], dtype="datetime64[m]")
    assert time_texts(times).tolist() == ["2020-02-03 14:05", ""]


@given(seeds)
@settings(deadline=None, derandomize=True, max_examples=5)
def test_invented_names_never_repeat(seed: int) -> None:
    rng = np.random.default_rng(seed)
    estates = estate_names(rng, residential=1100, offices=60)
    firms, industries = firm_names(rng, 4500)
    assert len(set(estates)) == len(estates) == 1160
    assert len(set(firms)) == len(firms) == len(industries) == 4500
