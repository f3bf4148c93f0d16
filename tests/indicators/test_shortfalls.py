"""The fewest objects whose shortfalls suffice: against trying every choice of objects."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.errors import CountError
from indicators.shortfalls import fewest_objects


def by_trying(objects: list[int], needed: int) -> int | None:
    """The size of the smallest choice of objects that hold enough; None where all of them do not."""
    for size in range(len(objects) + 1):
        if any(sum(chosen) >= needed for chosen in combinations(objects, size)):
            return size
    return None


@given(st.lists(st.integers(0, 6), max_size=8), st.integers(0, 30))
def test_no_smaller_choice_of_objects_holds_enough(objects: list[int], needed: int) -> None:
    held = [(each, 1) for each in objects]
    assert fewest_objects(held, needed) == by_trying(objects, needed)
    together = [(each, objects.count(each)) for each in set(objects)]
    assert fewest_objects(together, needed) == by_trying(objects, needed)


def test_nothing_needed_takes_no_object_and_too_much_is_out_of_reach() -> None:
    assert fewest_objects([(3, 2)], 0) == 0
    assert fewest_objects([], 1) is None
    assert fewest_objects([(3, 2), (1, 4)], 10) == 6
    assert fewest_objects([(3, 2), (1, 4)], 11) is None


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(CountError):
        fewest_objects([(-1, 2)], 1)
    with pytest.raises(CountError):
        fewest_objects([(1, 2)], -1)
