"""Worked examples of survival analysis: curves, medians, log-rank tests and competing outcomes as printed."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

from indicators.durations import aalen_johansen, kaplan_meier, logrank, share_open_at, time_until

# Freireich et al. 1963, Blood 21:699 (Gehan 1965): weeks of remission of leukaemia under 6-MP and placebo.
SIX_MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

# Miller 1981, Survival Analysis, p. 49 (data aml of the R package survival): weeks of remission, maintained group.
MAINTAINED = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
MAINTAINED_RELAPSED = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
NOT_MAINTAINED = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
NOT_MAINTAINED_RELAPSED = [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]

# Bland & Altman 2004, BMJ 328:1073: survival of 51 adults with recurrent glioma, weeks.
ASTROCYTOMA = [6, 13, 21, 30, 37, 38, 49, 50, 63, 79, 86, 98, 202, 219, 31, 47, 80, 82, 82, 149]
GLIOBLASTOMA = [
    10, 10, 12, 13, 14, 15, 16, 17, 18, 20, 24, 24, 25, 28, 30, 33, 35, 37, 40, 40, 46, 48, 76, 81, 82, 91, 112, 181,
    34, 40, 70,
]  # fmt: skip
DIED = [True] * 14 + [False] * 6 + [True] * 28 + [False] * 3


def test_the_curve_of_6_mp_is_the_printed_one_with_its_log_log_interval() -> None:
    # Kalbfleisch & Prentice 2002, section 1.4; interval as listed by Stata's sts list (log-log).
    printed = [
        (6, 21, 3, 0.8571, 0.6197, 0.9516), (7, 17, 1, 0.8067, 0.5631, 0.9228), (10, 15, 1, 0.7529, 0.5032, 0.8894),
        (13, 12, 1, 0.6902, 0.4316, 0.8491), (16, 11, 1, 0.6275, 0.3675, 0.8049), (22, 7, 1, 0.5378, 0.2678, 0.7468),
        (23, 6, 1, 0.4482, 0.1881, 0.6801),
    ]  # fmt: skip
    curve = kaplan_meier(SIX_MP, RELAPSED)
    found = np.column_stack([curve.times, curve.at_risk, curve.events, curve.survival, curve.low, curve.high])
    assert np.round(found, 4).tolist() == [list(row) for row in printed]


def test_half_of_the_6_mp_patients_relapse_by_week_23_and_of_the_placebo_patients_by_week_8() -> None:
    assert time_until(kaplan_meier(SIX_MP, RELAPSED, minimum=1)).days == 23
    assert time_until(kaplan_meier(PLACEBO, [True] * 21, minimum=1)).days == 8


def test_the_log_rank_test_of_6_mp_is_16_79() -> None:
    found = logrank(SIX_MP + PLACEBO, RELAPSED + [True] * 21, ["6-MP"] * 21 + ["placebo"] * 21)
    assert found.chi_square == pytest.approx(16.79, abs=5e-3)
    assert found.observed.tolist() == [9, 21]
    assert found.expected.tolist() == pytest.approx([19.25, 10.75], abs=5e-3)


def test_the_curve_of_maintained_chemotherapy_is_millers() -> None:
    curve = kaplan_meier(MAINTAINED, MAINTAINED_RELAPSED, minimum=1)
    assert np.round(curve.survival, 3).tolist() == [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184]
    assert curve.times.tolist() == [9, 13, 18, 23, 31, 34, 48]
    assert time_until(curve).days == 31
    other = kaplan_meier(NOT_MAINTAINED, NOT_MAINTAINED_RELAPSED, minimum=1)
    assert time_until(other).days == 23


def test_the_log_rank_test_of_maintained_chemotherapy_is_3_4() -> None:
    # R: survdiff(Surv(time, status) ~ x, aml) prints Chisq= 3.4 on 1 degrees of freedom, p= 0.07.
    found = logrank(MAINTAINED + NOT_MAINTAINED, MAINTAINED_RELAPSED + NOT_MAINTAINED_RELAPSED, ["a"] * 11 + ["b"] * 12)
    assert (round(found.chi_square, 1), round(found.p, 2)) == (3.4, 0.07)
    assert np.round(found.expected, 2).tolist() == [10.69, 7.31]


def test_bland_and_altmans_expected_deaths_come_out_and_their_short_cut_is_smaller_than_the_test() -> None:
    found = logrank(ASTROCYTOMA + GLIOBLASTOMA, DIED, [3] * 20 + [4] * 31)
    assert found.observed.tolist() == [14, 28]
    assert np.round(found.expected, 2).tolist() == [22.48, 19.52]
    short_cut = float(((found.observed - found.expected) ** 2 / found.expected).sum())
    assert short_cut == pytest.approx(6.88, abs=0.005)  # what the paper prints
    assert found.chi_square == pytest.approx(7.49659416854, abs=1e-9)  # with the variance: R's survdiff, scipy
    ours = stats.logrank(
        stats.CensoredData(uncensored=ASTROCYTOMA[:14], right=ASTROCYTOMA[14:]),
        stats.CensoredData(uncensored=GLIOBLASTOMA[:28], right=GLIOBLASTOMA[28:]),
    )
    assert found.chi_square == pytest.approx(float(ours.statistic) ** 2)


def test_the_log_log_interval_of_rs_survfit_comes_out() -> None:
    # R survival, survfit(Surv(time, status) ~ 1, conf.type = "log-log", conf.int = 0.90), stored in scipy's tests.
    time = [3, 5, 8, 10, 5, 5, 8, 12, 15, 14, 2, 11, 10, 9, 12, 5, 8, 11]
    status = [1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1]
    low = [0.74366748406861172, 0.68582332289196246, 0.50596835651480121, 0.32913131413336727, 0.15986912028781664,
           0.04499539918147757]  # fmt: skip
    high = [0.9890291867238429, 0.9638835422144144, 0.8560366823086629, 0.7130167643978450, 0.5678602982997164,
            0.3887616766886558]  # fmt: skip
    curve = kaplan_meier(time, status, confidence=0.9, minimum=1)
    found = share_open_at(curve, [2, 3, 5, 8, 11, 12])
    # R carries the values over days without events, so days 9 and 10 repeat those of day 8.
    assert found.low.tolist() == pytest.approx(low) and found.high.tolist() == pytest.approx(high)


def test_late_entry_counts_at_risk_as_r_does() -> None:
    # R survival, survfit with Surv(entry, times, status), stored in statsmodels' tests.
    times = [1, 3, 3, 5, 5, 7, 7, 8, 8, 9, 10, 10]
    status = [1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1]
    entry = [0, 1, 1, 2, 2, 2, 3, 4, 4, 4, 4, 0]
    curve = kaplan_meier(times, status, entry=entry)
    assert curve.times.tolist() == [1, 3, 5, 7, 8, 9, 10]
    assert curve.at_risk.tolist() == [2, 6, 9, 7, 5, 3, 2]


def test_competing_outcomes_have_the_incidence_of_r_and_the_standard_errors_of_stata() -> None:
    # R cmprsk cuminc and Stata stcompet, stored in statsmodels' tests (R's cmprsk has another variance: Aalen 1978).
    days = [1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4]
    outcome = [1, 1, 1, 2, 2, 2, 3, 3, 3, *[None] * 9]
    found = aalen_johansen(days, outcome)
    assert found.times.tolist() == [1, 2, 4, 6, 7]
    printed = {
        1: ([0.11111111, 0.17037037, 0.17037037, 0.17037037, 0.17037037], [0.07407407, *[0.08976251] * 4]),
        2: ([0, 0, 0.20740741, 0.20740741, 0.20740741], [0, 0, *[0.10610391] * 3]),
        3: ([0, 0, 0, 0.17777778, 0.26666667], [0, 0, 0, 0.11196147, 0.12787781]),
    }
    for label, (incidence, error) in printed.items():
        assert found.incidence[label].tolist() == pytest.approx(incidence, abs=5e-9)
        assert np.sqrt(found.variance[label]).tolist() == pytest.approx(error, abs=5e-9)
    statsmodels = CumIncidenceRight(np.array(days), np.array([0 if one is None else one for one in outcome]))
    assert statsmodels.cinc[2].tolist()[:5] == pytest.approx(found.incidence[3].tolist())


def test_the_cumulative_incidence_of_breast_cancer_death_is_the_papers() -> None:
    # Satagopan et al. 2004, Br J Cancer 91:1229, table 2: the first nine of 305 patients, the others alive later on.
    days = [7, 10, 14, 16, 18, 23, 24, 26, 27] + [60] * 296
    outcome = [None, "cancer", None, "cancer", "other", "cancer", None, "other", "cancer"] + [None] * 296
    found = aalen_johansen(days, outcome)
    assert found.at_risk.tolist() == [304, 302, 301, 300, 298, 297]
    assert np.round(100 * found.open, 1).tolist() == [99.7, 99.3, 99.0, 98.7, 98.3, 98.0]
    steps = np.round(np.diff(100 * found.incidence["cancer"], prepend=0.0), 1)
    # The paper adds the rounded steps: 0.3, 0.6, 0.9, 1.2 (unrounded the last is 1.3).
    assert np.round(np.cumsum(steps), 1).tolist() == [0.3, 0.6, 0.6, 0.9, 0.9, 1.2]
    assert round(100 * float(found.incidence["cancer"][-1]), 2) == 1.32


def test_statsmodels_agrees_with_curve_and_test() -> None:
    theirs = SurvfuncRight(np.array(SIX_MP), np.array(RELAPSED, dtype=int))
    curve = kaplan_meier(SIX_MP, RELAPSED)
    assert theirs.surv_prob.tolist() == pytest.approx(curve.survival.tolist())
    statistic, p = survdiff(
        np.array(SIX_MP + PLACEBO), np.array(RELAPSED + [True] * 21, dtype=int), np.array([0] * 21 + [1] * 21)
    )
    found = logrank(SIX_MP + PLACEBO, RELAPSED + [True] * 21, [0] * 21 + [1] * 21)
    assert (found.chi_square, found.p) == pytest.approx((float(statistic), float(p)))
