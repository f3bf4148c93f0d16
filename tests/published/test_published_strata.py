"""Worked examples of stratified comparisons: pooled difference, common test, homogeneity, exact tails."""

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from indicators.exact_tests import two_sided
from indicators.strata import breslow_day, cochran_mantel_haenszel, exact_stratified_tails, mantel_haenszel

Tables = list[tuple[int, int, int, int]]

# Each stratum: successes and failures of the first side, then of the second.
# University Group Diabetes Program, tolbutamide and placebo by age (Rothman, Greenland & Lash 2008, Modern
# Epidemiology, 3rd ed., table 15-1): deaths and survivors.
UGDP: Tables = [(8, 98, 5, 115), (22, 76, 16, 69)]
# Doll & Hill 1950: smoking and lung cancer, men and women (Fagerland, Lydersen & Laake 2017, chapter 10; the figures
# below as printed by the authors' R package contingencytables).
DOLL_HILL: Tables = [(647, 622, 2, 27), (41, 28, 19, 32)]
# Admissions to Berkeley by department, men and women (Bickel, Hammel & O'Connell 1975; R data set UCBAdmissions).
BERKELEY: Tables = [
    (512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391), (138, 279, 131, 244), (53, 138, 94, 299),
    (22, 351, 24, 317),
]  # fmt: skip
# SAS/STAT User's Guide, PROC FREQ, "Cochran-Mantel-Haenszel Statistics": migraine, women and men.
MIGRAINE: Tables = [(16, 11, 5, 20), (12, 16, 7, 19)]
# Agresti 1990, pp. 231-237: penicillin at once or late, rabbits cured and died, by dose (R, help of mantelhaen.test).
RABBITS: Tables = [(0, 6, 0, 5), (3, 3, 0, 6), (6, 0, 2, 4), (5, 1, 6, 0), (2, 0, 5, 0)]


def sides(tables: Tables) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    a, b, c, d = np.array(tables).T
    return a, a + b, c, c + d


def test_the_pooled_risk_difference_of_the_diabetes_trial_has_the_printed_90_percent_interval() -> None:
    # Modern Epidemiology, chapter 15, prints three decimals. The fourth is from the tests of the R package metafor
    # that rework it (rothman2008, rma.mh, measure "RD"): 0.0349, -0.0176 to 0.0874. They note that the chapter's own
    # upper limit is 0.088.
    found = mantel_haenszel(*sides(UGDP), confidence=0.9)
    assert [round(float(one), 4) for one in found[:3]] == [0.0349, -0.0176, 0.0874]


def test_the_tests_of_the_diabetes_trial_have_the_values_metafor_prints() -> None:
    common = cochran_mantel_haenszel(*sides(UGDP))
    same = breslow_day(*sides(UGDP))
    assert (round(float(common.statistic), 4), round(float(common.p), 4)) == (1.1914, 0.2750)
    assert (round(float(same.statistic), 4), round(float(same.p), 4)) == (0.3489, 0.5547)


def test_doll_and_hills_strata_have_the_values_fagerland_lydersen_and_laake_print() -> None:
    common = cochran_mantel_haenszel(*sides(DOLL_HILL))
    same = breslow_day(*sides(DOLL_HILL))
    assert round(float(mantel_haenszel(*sides(DOLL_HILL)).difference), 4) == 0.3294
    assert round(float(common.statistic), 3) == 24.920
    assert (round(float(same.statistic), 3), round(float(same.p), 5), float(same.df)) == (5.175, 0.02292, 1.0)


def test_their_interval_for_doll_and_hill_is_the_one_of_greenland_and_robins_and_satos_is_a_little_wider() -> None:
    # Printed by contingencytables: 0.2281 to 0.4307, from the variance of Greenland & Robins 1985, which is for a few
    # large strata only.
    x1, n1, x2, n2 = sides(DOLL_HILL)
    weight = n1 * n2 / (n1 + n2)
    variance = (weight**2 * (x1 * (n1 - x1) / n1**3 + x2 * (n2 - x2) / n2**3)).sum() / weight.sum() ** 2
    found = mantel_haenszel(x1, n1, x2, n2)
    half = 1.959963984540054 * variance**0.5
    assert [round(float(found.difference) + sign * half, 4) for sign in (-1, 1)] == [0.2281, 0.4307]
    assert 0.2200 < float(found.low) < 0.2281 and 0.4307 < float(found.high) < 0.4400


def test_admissions_to_berkeley_differ_by_sex_in_one_department_only_so_the_pool_must_not_be_shown() -> None:
    # R: Mantel-Haenszel X-squared = 1.4269, df = 1, p-value = 0.2323 (with continuity correction).
    common = cochran_mantel_haenszel(*sides(BERKELEY), continuity=True)
    assert (round(float(common.statistic), 4), round(float(common.p), 4)) == (1.4269, 0.2323)
    # statsmodels (and R's DescTools) agree on the test of homogeneity.
    same = breslow_day(*sides(BERKELEY))
    theirs = StratifiedTable([np.array(one, dtype=float).reshape(2, 2) for one in BERKELEY]).test_equal_odds(
        adjust=True
    )
    assert (float(same.statistic), float(same.p)) == pytest.approx((theirs.statistic, theirs.pvalue), abs=1e-9)
    assert float(same.p) < 0.05


def test_the_migraine_trial_has_the_statistics_sas_prints() -> None:
    common = cochran_mantel_haenszel(*sides(MIGRAINE))
    same = breslow_day(*sides(MIGRAINE), tarone=False)
    assert (round(float(common.statistic), 4), round(float(common.p), 4)) == (8.3052, 0.0040)
    assert (round(float(same.statistic), 4), round(float(same.p), 4), float(same.df)) == (1.4929, 0.2218, 1.0)


def test_the_sparse_rabbits_need_the_exact_test_which_gives_the_printed_p() -> None:
    # Help of R's mantelhaen.test: p = 0.047 by chi-square, exact one-sided p = 0.020.
    common = cochran_mantel_haenszel(*sides(RABBITS), continuity=True)
    assert round(float(common.p), 3) == 0.047 and bool(common.sparse)
    exact = exact_stratified_tails(*sides(RABBITS), mid=False)
    assert round(float(exact.high), 3) == 0.020
    assert float(two_sided(exact_stratified_tails(*sides(RABBITS)))) < 0.040
    assert breslow_day(*sides(RABBITS)).reason.item() == "sparse"


@pytest.mark.parametrize("tables", [UGDP, DOLL_HILL, BERKELEY, MIGRAINE])
def test_the_tests_agree_with_statsmodels(tables: Tables) -> None:
    theirs = StratifiedTable([np.array(one, dtype=float).reshape(2, 2) for one in tables])
    for continuity in (False, True):
        ours = cochran_mantel_haenszel(*sides(tables), continuity=continuity)
        expected = theirs.test_null_odds(correction=continuity)
        assert (float(ours.statistic), float(ours.p)) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    for tarone in (False, True):
        found = breslow_day(*sides(tables), tarone=tarone)
        assert float(found.statistic) == pytest.approx(theirs.test_equal_odds(adjust=tarone).statistic, rel=1e-9)
