"""Verdicts: the fixed order, the rest and never the whole, exact tails, and false alarms under no difference."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.catalogue import Catalogue, Indicator, load_catalogue
from indicators.exact_tests import fdr
from indicators.intervals import newcombe
from indicators.values import rate_table
from indicators.verdicts import Verdict, expected_flags, verdict_table

MakeCounts = Callable[..., pd.DataFrame]
RESOLUTION = load_catalogue()["resolution_rate"]


def judged(x: list[int], n: list[int], indicator: Indicator = RESOLUTION) -> pd.DataFrame:
    places = [f"3302121{row:02d}" for row in range(len(x))]
    counts = pd.DataFrame({"place": places, indicator.numerator: x, indicator.denominator: n})
    return verdict_table(rate_table(counts, indicator), indicator)


def naive_verdicts(x: list[int], n: list[int]) -> list[str]:
    """Row by row, as the method is written down."""
    tails = []
    for row in range(len(x)):
        rest_x, rest_n = sum(x) - x[row], sum(n) - n[row]
        if n[row] < 10 or rest_n == 0:
            tails.append((float("nan"), float("nan")))
            continue
        law = stats.hypergeom(n[row] + rest_n, x[row] + rest_x, n[row])
        tails.append((float(law.cdf(x[row])), float(law.sf(x[row] - 1))))
    stands = fdr([min(1.0, 2 * min(pair)) if pair[0] == pair[0] else float("nan") for pair in tails])
    words = []
    for row, (low, high) in enumerate(tails):
        if n[row] == 0:
            words.append("no_data")
        elif n[row] < 10:
            words.append("too_few")
        elif low != low:
            words.append("not_applicable")
        elif low < 0.001 and stands[row]:
            words.append("much_worse")
        elif low < 0.025:
            words.append("worse")
        elif high < 0.001 and stands[row]:
            words.append("much_better")
        elif high < 0.025:
            words.append("better")
        else:
            words.append("similar")
    return words


@st.composite
def districts(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    n = draw(st.lists(st.sampled_from([0, 3, 9, 10, 25, 60, 200, 900]), min_size=1, max_size=12))
    return [one - draw(st.integers(0, min(one, 20))) for one in n], n


@given(districts())
@settings(max_examples=60)
def test_verdicts_follow_the_written_order_row_by_row(district: tuple[list[int], list[int]]) -> None:
    x, n = district
    assert judged(x, n)["verdict"].tolist() == naive_verdicts(x, n)


@given(districts(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_the_rows_never_changes_a_verdict(
    district: tuple[list[int], list[int]], random: np.random.Generator
) -> None:
    x, n = district
    order = list(range(len(x)))
    random.shuffle(order)
    straight, shuffled = judged(x, n), judged([x[row] for row in order], [n[row] for row in order])
    columns = ["p_low", "p_high", "verdict", "difference", "immaterial"]
    pd.testing.assert_frame_equal(straight.iloc[order][columns].reset_index(drop=True), shuffled[columns])
    assert expected_flags(straight, RESOLUTION) == expected_flags(shuffled, RESOLUTION)  # to the last digit


def test_a_row_is_compared_with_the_rest_and_never_with_a_total_that_holds_it() -> None:
    row = judged([400, 980], [500, 1000]).iloc[0]
    assert (row["rest_x"], row["rest_n"], row["rest_value"]) == (980, 1000, 0.98)
    expected = newcombe(400, 500, 980, 1000)
    found = (row["difference"], row["difference_low"], row["difference_high"])
    assert found == pytest.approx(tuple(float(one) for one in expected))
    assert row["verdict"] == "much_worse"


def test_the_rest_counts_places_with_too_few_cases_but_judges_none_of_them() -> None:
    table = judged([95, 1, 290], [100, 5, 300])
    assert table["rest_n"].tolist() == [305, 400, 105]
    assert table["verdict"].tolist()[1] == "too_few" and np.isnan(table["p_low"].iloc[1])


def test_a_single_place_has_nothing_to_be_compared_with() -> None:
    assert judged([95], [100])["verdict"].tolist() == ["not_applicable"]


def test_hidden_rows_stay_hidden_and_take_no_part(resolution: Indicator, counts_of: MakeCounts) -> None:
    counts = counts_of([95, 50, 290], [100, 100, 300]).assign(hidden=[False, True, False])
    table = verdict_table(rate_table(counts, resolution), resolution)
    assert table["verdict"].iloc[1] == "hidden"
    assert table["rest_n"].tolist() == [300, 400, 100]


def test_a_minimum_above_the_definitions_own_is_respected(resolution: Indicator, counts_of: MakeCounts) -> None:
    table = verdict_table(rate_table(counts_of([10, 290], [20, 300]), resolution), resolution, minimum=30)
    assert table["verdict"].iloc[0] == "too_few"


def test_low_is_good_where_lower_is_better_and_neither_where_nothing_is(catalogue: Catalogue) -> None:
    x, n = [100, 300, 500], [1000, 1000, 1000]
    assert judged(x, n, catalogue["reopen_rate"])["verdict"].tolist() == ["much_better", "similar", "much_worse"]
    neutral = judged([100, 300, 500], [1000, 1000, 1000], catalogue["caseload_per_grid_worker"])
    assert neutral["verdict"].tolist() == ["much_lower", "similar", "much_higher"]


def test_stock_over_flow_gets_no_verdict(catalogue: Catalogue) -> None:
    table = judged([160_000, 40_000], [10_000, 10_000], catalogue["supply_days"])
    assert table["verdict"].tolist() == ["not_applicable", "not_applicable"]
    assert table["p_low"].isna().all()


def test_a_real_but_tiny_difference_is_marked_immaterial() -> None:
    table = judged([98_700, 985_000], [100_000, 1_000_000])
    assert table["verdict"].iloc[0] == "much_better"
    assert bool(table["immaterial"].iloc[0]) and not judged([400, 980], [500, 1000])["immaterial"].any()


def test_months_can_be_judged_each_within_itself(resolution: Indicator) -> None:
    counts = pd.DataFrame(
        {
            "place": ["330212001", "330212002"] * 2,
            "month": [202001, 202001, 202002, 202002],
            "verified_solved": [400, 980, 90, 95],
            "due": [500, 1000, 100, 100],
        }
    )
    table = rate_table(counts, resolution, by=("place", "month"))
    together = verdict_table(table, resolution, within=("month",))
    alone = pd.concat([verdict_table(part, resolution) for _, part in table.groupby("month")])
    pd.testing.assert_frame_equal(together, alone)


def test_an_empty_table_is_judged_without_complaint(resolution: Indicator, counts_of: MakeCounts) -> None:
    table = verdict_table(rate_table(counts_of([], []), resolution), resolution)
    assert len(table) == 0 and expected_flags(table, resolution).tested == 0


def test_the_expected_number_of_flags_is_the_exact_attained_size() -> None:
    x, n = [95, 280, 30, 590], [100, 300, 30, 600]
    table = judged(x, n)
    expected = 0.0
    for row in range(4):
        law = stats.hypergeom(sum(n), sum(x), n[row])
        ks = np.arange(0, n[row] + 1)
        expected += float(law.pmf(ks[law.cdf(ks) < 0.025]).sum())
    flags = expected_flags(table, RESOLUTION)
    assert flags.expected_low == pytest.approx(expected, abs=1e-9)
    assert flags.tested == 4
    assert flags.observed_low == int((table["p_low"] < 0.025).sum())


def test_the_chance_of_the_observed_number_of_flags_is_that_of_independent_rows() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(200, 900, 12)
    table = judged(list(rng.binomial(n, 0.9)), list(n))
    flags = expected_flags(table, RESOLUTION)
    assert flags.p_low == 1.0 if flags.observed_low == 0 else flags.p_low < 1.0
    crowded = judged([700] * 3 + [990] * 9, [1000] * 12)
    assert expected_flags(crowded, RESOLUTION).p_low < 0.01


def test_no_true_difference_raises_few_false_alarms() -> None:
    rng = np.random.default_rng(2020)
    looked, named, tested, expected = 0, 0, 0, 0.0
    for _ in range(60):
        n = np.concatenate([rng.integers(3, 60, 200), rng.integers(60, 2000, 60)])
        table = judged(list(rng.binomial(n, 0.98)), list(n))
        tested += int(table["p_low"].notna().sum())
        named += int(table["verdict"].str.startswith("much_").sum())
        looked += int((table["p_low"] < 0.025).sum())
        expected += expected_flags(table, RESOLUTION).expected_low
    assert named <= 0.002 * tested
    assert looked <= 0.025 * tested
    assert looked == pytest.approx(expected, rel=0.25)


def test_every_word_of_a_verdict_is_known() -> None:
    assert {word.value for word in Verdict} == {
        "no_data", "not_applicable", "hidden", "too_few", "much_worse", "worse", "similar", "better", "much_better",
        "much_lower", "lower", "higher", "much_higher",
    }  # fmt: skip


def test_where_everything_succeeds_or_fails_nothing_can_be_flagged() -> None:
    for x in ([0, 0, 0], [300, 40, 80]):
        table = judged(x, [300, 40, 80])
        flags = expected_flags(table, RESOLUTION)
        assert (flags.expected_low, flags.expected_high, flags.observed_low) == (0, 0, 0)
        assert set(table["verdict"]) == {"similar"}


def test_expected_flags_of_a_ratio_are_the_attained_size_of_the_binomial_test(catalogue: Catalogue) -> None:
    x, n = [12, 40, 55], [1000, 3000, 5000]
    table = judged(x, n, catalogue["caseload_per_grid_worker"])
    low = high = 0.0
    for row in range(3):
        law = stats.binom(sum(x), n[row] / sum(n))
        ks = np.arange(sum(x) + 1)
        low += float(law.pmf(ks[law.cdf(ks) < 0.025]).sum())
        high += float(law.pmf(ks[law.sf(ks - 1) < 0.025]).sum())
    flags = expected_flags(table, catalogue["caseload_per_grid_worker"])
    assert (flags.expected_low, flags.expected_high) == pytest.approx((low, high), abs=1e-9)


def test_a_place_is_named_only_if_it_stands_out_among_all_the_places_tested() -> None:
    few, many = judged([92] + [98] * 5, [100] * 6), judged([92] + [98] * 300, [100] * 301)
    assert few["p_low"].iloc[0] < 0.025 and many["p_low"].iloc[0] < 0.001
    assert many["verdict"].iloc[0] == "worse"
    assert judged([92] + [98_000] * 3, [100] + [100_000] * 3)["verdict"].iloc[0] == "much_worse"
