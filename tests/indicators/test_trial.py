"""The box "try it" says of two counts what the verdict of a real place would say."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.catalogue import load_catalogue
from indicators.errors import CountError
from indicators.exact_tests import exact_tails
from indicators.intervals import newcombe, wilson
from indicators.trial import flawless_needed, try_counts
from indicators.values import rate_table
from indicators.verdicts import LOOK, smallest_perfect_record, verdict_table

CATALOGUE = load_catalogue()
HIGHER, LOWER = CATALOGUE["resolution_rate"], CATALOGUE["overdue_open_rate"]


def pairs(least: int = 0, most: int = 2000):
    return st.integers(least, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def table_row(own, rest, indicator):
    counts = pd.DataFrame(
        {
            "place": ["own", "rest"],
            indicator.numerator: [own[0], rest[0]],
            indicator.denominator: [own[1], rest[1]],
        }
    )
    return verdict_table(rate_table(counts, indicator), indicator).iloc[0]


def test_twenty_of_twenty_reach_down_to_83_8_per_cent_and_are_not_yet_above_the_district():
    # Newcombe 1998, Statistics in Medicine 17:857: Wilson's interval of 0/20 is 0 to .1611, so of 20/20 .8389 to 1.
    trial = try_counts(20, 20, 985_000, 1_000_000)
    assert (round(trial.low, 4), trial.high) == (0.8389, 1.0)
    assert trial.verdict == "similar"
    assert trial.flawless
    assert trial.flawless_needed == 245


@pytest.mark.parametrize(("rate", "needed"), [(0.95, 72), (0.98, 183), (0.985, 245)])
def test_beside_a_large_rest_a_flawless_record_needs_as_many_cases_as_beside_a_known_rate(rate, needed):
    size = 10_000_000
    assert flawless_needed(round(rate * size), size) == needed == smallest_perfect_record(rate)


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize(("successes", "size"), [(98, 100), (1, 2), (5900, 6000), (985, 1000), (0, 30)])
def test_the_record_that_is_needed_is_flagged_and_one_case_less_is_not(successes, size, better):
    rest_x = successes if better == "higher" else size - successes
    needed = flawless_needed(rest_x, size, better=better)
    at = [try_counts(n if better == "higher" else 0, n, rest_x, size, better=better, minimum=1)
          for n in (needed, needed - 1) if n]  # fmt: skip
    assert str(at[0].verdict) in ("better", "much_better")
    if needed > 1:
        assert str(at[1].verdict) == "similar"


def test_beside_a_flawless_or_empty_rest_no_number_of_cases_is_enough():
    assert flawless_needed(10, 10) is None
    assert flawless_needed(0, 0) is None
    assert flawless_needed(0, 10, better="lower") is None


@settings(max_examples=60)
@given(pairs(), pairs(1), st.booleans())
@example((20, 20), (985, 1000), True)
@example((9, 9), (985, 1000), True)
@example((0, 0), (985, 1000), True)
@example((960, 1000), (985, 1000), True)
@example((9982, 10_000), (99_100, 100_000), True)
@example((30, 1000), (5, 1000), False)
def test_the_verdict_is_that_of_the_table_of_places(own, rest, high):
    indicator = HIGHER if high else LOWER
    trial = try_counts(*own, *rest, better=indicator.better, target=indicator.target)
    row = table_row(own, rest, indicator)
    assert trial.verdict == row["verdict"]
    assert trial.immaterial == row["immaterial"]
    figures = ("rest_value", "difference", "difference_low", "difference_high", "p_low", "p_high")
    mine = (trial.rest_rate, trial.difference, trial.difference_low, trial.difference_high, trial.p_low, trial.p_high)
    np.testing.assert_allclose(mine, [row[name] for name in figures], rtol=1e-12)
    if row["state"] == "value":
        shown = [row[name] for name in ("value", "low", "high")]
        np.testing.assert_allclose((trial.rate, trial.low, trial.high), shown)


def test_interval_difference_and_tails_are_those_of_the_library():
    trial = try_counts(940, 1000, 985, 1000, target=0.98)
    assert (trial.low, trial.high) == tuple(float(one) for one in wilson(940, 1000))
    difference = newcombe(940, 1000, 985, 1000)
    assert (trial.difference_low, trial.difference_high) == (float(difference.low), float(difference.high))
    tails = exact_tails(940, 1000, 985, 1000)
    assert (trial.p_low, trial.p_high) == (float(tails.low), float(tails.high))
    assert trial.p_low < LOOK
    assert trial.verdict == "much_worse"
    assert (trial.target, trial.short) == (0.98, 40)


def test_cases_short_of_a_target_are_whole_and_where_low_is_good_they_are_too_many():
    assert try_counts(190, 200, 1, 2, target=0.95).short == 0
    assert try_counts(12, 200, 1, 2, better="lower", target=0.05).short == 2
    assert try_counts(1, 2, 1, 2).short is None


def test_no_cases_are_no_data_and_few_are_not_judged():
    empty = try_counts(0, 0, 985, 1000, target=0.98)
    assert empty.verdict == "no_data"
    assert all(math.isnan(one) for one in (empty.rate, empty.low, empty.high, empty.p_low))
    assert empty.short is None
    few = try_counts(3, 3, 985, 1000)
    assert few.verdict == "too_few"
    assert not few.judged
    assert try_counts(3, 3, 985, 1000, minimum=3).judged
    assert try_counts(30, 40, 0, 0).verdict == "not_applicable"


@pytest.mark.parametrize("counts", [(5, 4, 1, 2), (-1, 4, 1, 2), (1, 2, 3, 2), (1, 2, -1, 2), (1, 2**40, 1, 2)])
def test_counts_that_are_no_rate_are_refused_in_both_languages(counts):
    with pytest.raises(CountError) as refused:
        try_counts(*counts)
    assert refused.value.zh and refused.value.en


def test_the_largest_counts_are_judged_exactly():
    most = 2**31 - 1
    trial = try_counts(most, most, most - 1, most)
    assert trial.verdict == "similar"
    assert trial.high == 1.0
