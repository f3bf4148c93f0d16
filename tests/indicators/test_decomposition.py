"""A gap taken apart: the parts add up, swap sign with the groups, and say nothing where there is nothing."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import load_catalogue
from indicators.decomposition import cases_to_match, kitagawa
from indicators.values import rate_table

INDICATOR = load_catalogue()["resolution_rate"]
Stratum = tuple[int, int, int, int]


def table(cases: list[tuple[int, int]]) -> pd.DataFrame:
    """The rate table of places 0..k with x of x + more cases; places without cases are absent."""
    rows = [(f"p{at}", x, x + more) for at, (x, more) in enumerate(cases) if x + more]
    return rate_table(pd.DataFrame(rows, columns=["place", "verified_solved", "due"]), INDICATOR)


def groups(strata: list[Stratum]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return table([(x1, f1) for x1, f1, _, _ in strata]), table([(x2, f2) for _, _, x2, f2 in strata])


strata_lists = st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=6).filter(
    lambda strata: any(s[0] + s[1] for s in strata) and any(s[2] + s[3] for s in strata)
)


@settings(max_examples=30)
@given(strata_lists)
def test_both_parts_add_up_to_the_gap_exactly_and_the_strata_to_the_level_part(strata: list[Stratum]) -> None:
    parts = kitagawa(*groups(strata))
    assert parts is not None
    x1, f1, x2, f2 = (sum(s[at] for s in strata) for at in range(4))
    assert parts.difference == pytest.approx(x1 / (x1 + f1) - x2 / (x2 + f2), abs=1e-12)
    assert parts.composition.value + parts.level.value == pytest.approx(parts.difference, abs=1e-12)
    assert parts.strata["level"].sum() == pytest.approx(parts.level.value, abs=1e-12)
    assert parts.strata.loc[parts.strata["one_sided"], "level"].eq(0).all()


@settings(max_examples=30)
@given(strata_lists)
def test_swapping_the_groups_turns_every_sign_and_the_order_of_strata_does_not_matter(strata: list[Stratum]) -> None:
    a, b = groups(strata)
    there, back = kitagawa(a, b), kitagawa(b, a)
    turned = kitagawa(a.iloc[::-1].reset_index(drop=True), b)
    assert there is not None and back is not None and turned is not None
    assert back.level.value == pytest.approx(-there.level.value, abs=1e-12)
    assert back.composition.value == pytest.approx(-there.composition.value, abs=1e-12)
    assert turned.level.value == pytest.approx(there.level.value, abs=1e-12)


@settings(max_examples=30)
@given(strata_lists)
def test_the_parts_agree_with_a_slow_walk_over_the_strata(strata: list[Stratum]) -> None:
    parts = kitagawa(*groups(strata))
    n1, n2 = sum(s[0] + s[1] for s in strata), sum(s[2] + s[3] for s in strata)
    composition = level = 0.0
    for x1, f1, x2, f2 in strata:
        m1, m2 = x1 + f1, x2 + f2
        if not m1 + m2:
            continue
        r1 = x1 / m1 if m1 else x2 / m2
        r2 = x2 / m2 if m2 else x1 / m1
        composition += (m1 / n1 - m2 / n2) * (r1 + r2) / 2
        level += (r1 - r2) * (m1 / n1 + m2 / n2) / 2
    assert parts is not None
    assert parts.composition.value == pytest.approx(composition, abs=1e-12)
    assert parts.level.value == pytest.approx(level, abs=1e-12)


def test_equal_rates_in_every_place_leave_only_composition() -> None:
    parts = kitagawa(*groups([(90, 10, 900, 100), (150, 50, 15, 5)]))
    assert parts is not None
    assert parts.level.value == pytest.approx(0)
    assert parts.level.low < 0 < parts.level.high
    assert parts.composition.value == pytest.approx(parts.difference)


def test_the_same_mix_leaves_only_the_level_and_its_interval_holds_the_value() -> None:
    parts = kitagawa(*groups([(95, 5, 80, 20), (180, 20, 170, 30)]))
    assert parts is not None
    assert parts.composition.value == pytest.approx(0)
    assert parts.level.low < parts.level.value < parts.level.high
    assert not parts.offsetting


def test_opposite_effects_within_chance_are_not_said_to_hide_each_other() -> None:
    parts = kitagawa(*groups([(17, 3, 9, 1), (6, 4, 12, 8)]))
    assert parts is not None
    assert parts.composition.value * parts.level.value < 0
    assert not parts.level.clear
    assert not parts.offsetting


def test_a_place_with_one_group_counts_as_composition_and_is_reported() -> None:
    parts = kitagawa(*groups([(90, 10, 95, 5), (50, 50, 0, 0)]))
    assert parts is not None
    assert parts.one_sided == 1
    assert parts.strata.set_index("place").at["p1", "level"] == 0


def test_opposite_effects_that_hide_each_other_are_reported() -> None:
    # Worse in both places, but standing mostly in the better one.
    parts = kitagawa(*groups([(855, 45, 98, 2), (50, 50, 810, 90)]))
    assert parts is not None
    assert parts.level.value < 0 < parts.composition.value
    assert parts.offsetting


def test_without_one_of_the_groups_there_is_nothing_to_take_apart() -> None:
    assert kitagawa(table([(5, 5)]), table([])) is None


def test_hidden_counts_are_not_taken_apart() -> None:
    counts = pd.DataFrame({"place": ["p0"], "verified_solved": [9], "due": [12], "hidden": [True]})
    assert kitagawa(rate_table(counts, INDICATOR), table([(20, 5)])) is None


def test_the_same_figures_always_get_the_same_interval() -> None:
    first, second = (kitagawa(*groups([(90, 10, 80, 20), (5, 5, 70, 2)])) for _ in range(2))
    assert first is not None and second is not None
    assert (first.level, first.composition) == (second.level, second.composition)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.sampled_from("hl"))
def test_what_it_takes_reaches_the_other_rate_and_one_case_fewer_does_not(
    x: int, more: int, other_x: int, other_more: int, way: str
) -> None:
    n, other_n = x + more, other_x + other_more
    better = "higher" if way == "h" else "lower"
    if not other_n:
        with pytest.raises(ValueError, match="no rate to reach"):
            cases_to_match(x, n, other_x=other_x, other_n=other_n, better=better)
        return
    needed = cases_to_match(x, n, other_x=other_x, other_n=other_n, better=better)
    sign = 1 if better == "higher" else -1

    def reached(count: int) -> bool:
        return sign * (x + sign * count) * other_n >= sign * other_x * n

    assert reached(needed)
    assert needed == 0 or not reached(needed - 1)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_strata_changes_no_digit(strata: list[Stratum], chance: object) -> None:
    strata = [(90, 7, 80, 9), *strata]
    a, b = groups(strata)
    straight = kitagawa(a, b)
    mixed = sorted(range(len(a)), key=lambda _: chance.random())  # type: ignore[attr-defined]
    turned = kitagawa(a.iloc[mixed].reset_index(drop=True), b.iloc[::-1].reset_index(drop=True))
    assert straight is not None and turned is not None
    assert straight.composition == turned.composition and straight.level == turned.level
    assert straight.difference == turned.difference
    by_place = [one.strata.set_index("place").sort_index() for one in (straight, turned)]
    pd.testing.assert_frame_equal(*by_place, rtol=0, atol=0)


def test_perfect_places_still_have_an_interval() -> None:
    # Twelve places with five cases and no failure on either side: chance could hide a good many.
    parts = kitagawa(*groups([(5, 0, 5, 0)] * 12))
    assert parts is not None
    assert parts.level.value == 0 and parts.level.low == pytest.approx(-parts.level.high)
    assert 0.06 < parts.level.high < 0.09
    assert parts.composition == (0, 0, 0)
