"""A gap taken apart: the parts add up, swap sign with the groups, and say nothing where there is nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import load_catalogue
from indicators.decomposition import cases_to_match, kitagawa, kitagawa_parts
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


# Das Gupta 1993, Current Population Reports P23-186, example 5.3: United States, deaths per 1,000 by race (2) and age
# (11), population in thousands. Standardised rates 1970 and 1985: age 8.385 and 9.907, race 9.136 and 9.156, rate
# 10.258 and 8.030. One stratum per race and age: composition is the age and the race effect together.
SIZE_1985 = [3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472,
             707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236]  # fmt: skip
SIZE_1970 = [2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315,
             535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117]  # fmt: skip
RATE_1985 = [9.163, 0.462, 0.248, 0.929, 1.084, 1.810, 4.715, 12.187, 27.728, 64.068, 157.570,
             17.208, 0.738, 0.328, 1.103, 2.045, 3.724, 8.052, 17.812, 34.128, 68.276, 125.161]  # fmt: skip
RATE_1970 = [18.469, 0.751, 0.391, 1.146, 1.287, 2.672, 6.636, 15.691, 34.723, 79.763, 176.837,
             36.993, 1.352, 0.541, 2.040, 3.523, 6.746, 12.967, 24.471, 45.091, 74.902, 123.205]  # fmt: skip


def test_das_guptas_example_of_american_death_rates_comes_out_as_printed() -> None:
    sizes = [np.array(size, dtype=float) for size in (SIZE_1985, SIZE_1970)]
    deaths = [size * rate for size, rate in zip(sizes, (RATE_1985, RATE_1970), strict=True)]
    composition, level = kitagawa_parts(deaths[0], sizes[0], deaths[1], sizes[1])
    assert level.sum() == pytest.approx(8.030 - 10.258, abs=0.0015)
    assert composition.sum() == pytest.approx((9.907 - 8.385) + (9.156 - 9.136), abs=0.0025)


@given(strata_lists)
def test_both_parts_add_up_to_the_gap_exactly_and_the_strata_to_the_level_part(strata: list[Stratum]) -> None:
    parts = kitagawa(*groups(strata))
    assert parts is not None
    x1, f1, x2, f2 = (sum(s[at] for s in strata) for at in range(4))
    assert parts.difference == pytest.approx(x1 / (x1 + f1) - x2 / (x2 + f2), abs=1e-12)
    assert parts.composition.value + parts.level.value == pytest.approx(parts.difference, abs=1e-12)
    assert parts.strata["level"].sum() == pytest.approx(parts.level.value, abs=1e-12)
    assert parts.strata.loc[parts.strata["one_sided"], "level"].eq(0).all()


@given(strata_lists)
def test_swapping_the_groups_turns_every_sign_and_the_order_of_strata_does_not_matter(strata: list[Stratum]) -> None:
    a, b = groups(strata)
    there, back = kitagawa(a, b), kitagawa(b, a)
    turned = kitagawa(a.iloc[::-1].reset_index(drop=True), b)
    assert there is not None and back is not None and turned is not None
    assert back.level.value == pytest.approx(-there.level.value, abs=1e-12)
    assert back.composition.value == pytest.approx(-there.composition.value, abs=1e-12)
    assert turned.level.value == pytest.approx(there.level.value, abs=1e-12)


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
