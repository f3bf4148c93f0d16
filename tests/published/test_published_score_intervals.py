"""Worked examples of the score interval and test of two proportions, and what statsmodels does with them."""

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.proportion import test_proportions_2indep as statsmodels_score_test

from indicators.score_intervals import miettinen_nurminen, score_test

# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 6 (Miettinen-Nurminen).
NEWCOMBE = [
    (56, 70, 48, 80, 0.0528, 0.3382),
    (9, 10, 3, 10, 0.1700, 0.8406),
    (6, 7, 2, 7, 0.0342, 0.8534),
    (5, 56, 0, 29, -0.0326, 0.1933),
    (0, 10, 0, 20, -0.1658, 0.2844),
    (0, 10, 0, 10, -0.2879, 0.2879),
    (10, 10, 0, 20, 0.7156, 1.0000),
    (10, 10, 0, 10, 0.6636, 1.0000),
]


@pytest.mark.parametrize(("x1", "n1", "x2", "n2", "low", "high"), NEWCOMBE)
def test_the_score_interval_gives_newcombes_printed_bounds(
    x1: int, n1: int, x2: int, n2: int, low: float, high: float
) -> None:
    found = miettinen_nurminen(x1, n1, x2, n2)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)


def test_the_score_interval_gives_the_bounds_of_fagerland_lydersen_and_laake() -> None:
    # Statistical Analysis of Contingency Tables (2017), chapter 4, as printed by the authors' R package
    # contingencytables: CHRNA4 genotype and exfoliation syndrome (Ritland et al. 2007), 0/16 against 15/72.
    found = miettinen_nurminen(0, 16, 15, 72)
    assert [round(float(one), 4) for one in found] == [-0.2083, -0.3164, -0.0056]


def test_without_the_small_sample_factor_it_is_mees_interval() -> None:
    # Fagerland, Lydersen & Laake 2017, chapter 4: epinephrine (Perondi et al. 2004), 7/34 against 1/34, Mee's score
    # interval; and Newcombe 1998, table II, method 5 (Mee) for 56/70 against 48/80.
    found = miettinen_nurminen([7, 56], [34, 70], [1, 48], [34, 80], small_sample=False)
    assert np.round(found.low, 4).tolist() == [0.0284, 0.0533]
    assert np.round(found.high, 4).tolist() == [0.3439, 0.3377]


def test_the_score_statistic_has_the_values_printed_for_mees_test() -> None:
    # Printed in the tests of the R package cicalc (ci_prop_diff_mee) for 56/70 against 48/80 at 0 and 0.1: 2.65 and
    # 1.348, one-sided p 0.004 and 0.0889.
    at_0 = score_test(56, 70, 48, 80, small_sample=False)
    at_10 = score_test(56, 70, 48, 80, null=0.1, small_sample=False)
    assert (round(float(at_0.statistic), 2), round(float(at_0.p) / 2, 3)) == (2.65, 0.004)
    assert (round(float(at_10.statistic), 3), round(float(at_10.p) / 2, 4)) == (1.348, 0.0889)


def test_without_the_small_sample_factor_the_test_of_no_difference_is_pearsons_chi_square() -> None:
    # Fagerland, Lydersen & Laake 2017, chapter 4 (Fisher's tea tasting): T = 2.000, P = 0.15730.
    found = score_test(3, 4, 1, 4, small_sample=False)
    assert round(float(found.statistic) ** 2, 3) == 2.0
    assert round(float(found.p), 5) == 0.1573


@pytest.mark.parametrize("counts", [(20, 20, 985, 1000), (3, 3, 12, 15), (0, 10, 0, 20), (10, 10, 10, 10)])
def test_where_statsmodels_finds_no_root_there_is_one_that_solves_the_score_equation(
    counts: tuple[int, int, int, int],
) -> None:
    # statsmodels 0.15 searches a bracket whose ends have the same sign, or meets 0/0 at the observed difference.
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"different signs|is NaN"):
        confint_proportions_2indep(*counts, method="score", compare="diff")
    found = miettinen_nurminen(*counts)
    for bound, side in ((found.low, 1), (found.high, -1)):
        statistic = float(score_test(*counts, null=float(bound)).statistic)
        assert statistic == pytest.approx(side * 1.959963984540054, abs=1e-6)


def test_two_perfect_records_do_not_differ_where_statsmodels_has_no_answer() -> None:
    with np.errstate(all="ignore"):
        theirs = statsmodels_score_test(10, 10, 20, 20, method="score", compare="diff")
    assert math.isnan(theirs.pvalue)
    assert (float(score_test(10, 10, 20, 20).statistic), float(score_test(10, 10, 20, 20).p)) == (0.0, 1.0)


def test_elsewhere_the_test_agrees_with_statsmodels() -> None:
    theirs = statsmodels_score_test(56, 70, 48, 80, method="score", compare="diff")
    ours = score_test(56, 70, 48, 80)
    assert (float(ours.statistic), float(ours.p)) == pytest.approx((theirs.statistic, theirs.pvalue), abs=1e-9)
