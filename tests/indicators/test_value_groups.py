"""Groups of about equal size that never cut ties."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.value_groups import value_groups, value_steps

VALUES = st.lists(st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 0.5, 1.0, np.nan])), min_size=1, max_size=60)


def naive_group(values: list[float], value: float, groups: int) -> int:
    """Of the values below and half of the equal ones: which fifth do they fill?"""
    known = [one for one in values if not np.isnan(one)]
    below = sum(one < value for one in known)
    equal = sum(one == value for one in known)
    share = (below + equal / 2) / len(known)
    return min(groups, int(np.floor(share * groups + 1e-12)) + 1)


def test_ten_different_values_make_five_pairs() -> None:
    found = value_groups(pd.Series([3, 1, 2, 10, 9, 8, 7, 6, 5, 4]))
    assert found.groups.tolist() == [2, 1, 1, 5, 5, 4, 4, 3, 3, 2]
    assert found.ranges == {1: (1, 2), 2: (3, 4), 3: (5, 6), 4: (7, 8), 5: (9, 10)}


def test_equal_values_share_a_group_even_where_they_are_the_majority() -> None:
    found = value_groups(pd.Series([1.0] * 8 + [0.9, 0.95]))
    assert found.groups.tolist() == [4] * 8 + [1, 1]
    assert found.ranges == {1: (0.9, 0.95), 4: (1.0, 1.0)}


def test_a_place_without_a_value_is_in_no_group_and_zero_is_a_value() -> None:
    found = value_groups(pd.Series([np.nan, 0.0, 1.0]))
    assert pd.isna(found.groups.iloc[0])
    assert found.groups.iloc[1:].tolist() == [2, 4]


def test_nobody_has_a_value() -> None:
    assert value_groups(pd.Series([np.nan, np.nan])).ranges == {}
    assert value_steps(pd.Series([np.nan])).ranges == {}


@settings(deadline=None, derandomize=True, max_examples=150)
@given(VALUES, st.integers(1, 7))
def test_groups_are_those_of_a_count_by_hand_and_follow_the_order_of_values(values: list[float], groups: int) -> None:
    found = value_groups(pd.Series(values), groups=groups)
    for value, group in zip(values, found.groups, strict=True):
        if np.isnan(value):
            assert pd.isna(group)
        else:
            assert group == naive_group(values, value, groups)
    ends = [found.ranges[group] for group in sorted(found.ranges)]
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ends))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(VALUES)
def test_steps_run_from_the_lowest_to_the_highest_value(values: list[float]) -> None:
    numbers = pd.Series(values)
    found = value_steps(numbers)
    known = numbers.dropna()
    if known.nunique() > 1 and known.max() - known.min() > 1e-9:
        assert found.groups[known.idxmin()] == 1
        assert found.groups[known.idxmax()] == 21
    elif known.nunique() == 1:
        assert set(found.groups.dropna()) == {11}


@pytest.mark.parametrize("function", [value_groups, value_steps])
def test_an_infinite_value_is_refused(function) -> None:
    with pytest.raises(ValueError, match="infinite"):
        function(pd.Series([1.0, np.inf]))
