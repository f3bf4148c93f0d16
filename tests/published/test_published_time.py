"""Worked examples of control charts, CUSUM and trend tests: the printed figures must come out."""

import math

import numpy as np
import pytest
from scipy import stats

from indicators.control_charts import laney_p_chart, p_chart, rate_z, xmr_chart
from indicators.cusum import log_likelihood_weights, run_length, standardised_cusum
from indicators.recent_trend import cochran_armitage, recent_trend
from indicators.trends import mann_kendall, seasonal_mann_kendall, seasonal_sen_slope, sen_slope

# Montgomery, Introduction to Statistical Quality Control, table 7.1: frozen orange juice, 30 samples of 50 cans. The
# same series are the 30 wafers of 50 chips of the NIST/SEMATECH e-Handbook 6.3.3.2 (mean of the proportions .2313).
ORANGE_JUICE = [
    12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6,
]  # fmt: skip

# NIST/SEMATECH e-Handbook 6.3.2.2, individuals chart: ten batches, flow rate.
FLOW_RATE = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]

# NIST/SEMATECH e-Handbook 6.3.2.3: 20 sample means, target 325, k = 0.3175, h = 4.1959.
NIST_CUSUM = [
    324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600,
    324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350,
]  # fmt: skip

# Montgomery, table 9.1: 20 values around 10, then 10 around 11 (standard deviation 1); CUSUM in table 9.2.
MONTGOMERY_CUSUM = [
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08,
    9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52,
]  # fmt: skip

# USEPA 2009, Unified Guidance, examples 14-8 and 14-10: monthly concentrations 1983-1985; figures as printed by the
# R package EnvStats (help page of kendallSeasonalTrendTest), which reproduces the example.
EPA_MONTHLY = [
    [1.99, 2.10, 2.12, 2.12, 2.11, 2.15, 2.19, 2.18, 2.16, 2.08, 2.05, 2.08],
    [2.01, 2.10, 2.17, 2.13, 2.13, 2.18, 2.25, 2.24, 2.22, 2.13, 2.08, 2.16],
    [2.15, 2.17, 2.27, 2.23, 2.24, 2.26, 2.31, 2.32, 2.28, 2.22, 2.19, 2.22],
]

# Mohammed, Panesar, Laney & Wilson 2013, BMJ Quality & Safety 22:362 (nhs_accidents of the R package qicharts2; printed
# in Anhøj, Mastering Statistical Process Control Charts in Healthcare, chapter on prime charts): attendances at
# emergency departments in twenty weeks seen within four hours, and all of them.
FOUR_HOURS = [
    266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320,
    267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989,
]  # fmt: skip
ATTENDANCES = [
    280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529,
    279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772,
]  # fmt: skip
# Limits of Laney's chart in percent, three and two standard deviations, as printed in the tests of PowerBI-SPC (Health
# Department, Australia; AUS-DOH-Safety-and-Quality, pprime.test.ts).
LANEY_HIGH = [
    96.567, 96.5753, 96.5421, 96.5326, 96.5627, 96.5775, 96.5593, 96.5345, 96.5579, 96.5623,
    96.5689, 96.5591, 96.5996, 96.5961, 96.5753, 96.5877, 96.6012, 96.583, 96.5713, 96.5824,
]  # fmt: skip
LANEY_LOW = [
    94.013, 94.0046, 94.0378, 94.0473, 94.0173, 94.0025, 94.0207, 94.0454, 94.022, 94.0177,
    94.0111, 94.0208, 93.9803, 93.9839, 94.0046, 93.9923, 93.9788, 93.9969, 94.0087, 93.9975,
]  # fmt: skip
LANEY_NEAR = [(96.1413, 94.4386), (96.1469, 94.4331), (96.1247, 94.4552), (96.1184, 94.4615), (96.1384, 94.4415)]

# Hollander & Wolfe 1973, table 8.1 (R help of cor.test): lightness and panel score of nine lots of canned tuna.
TUNA_LIGHTNESS = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
TUNA_SCORE = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]

# Agresti, Categorical Data Analysis: malformations by alcohol consumption (Graubard & Korn 1987), scores 0 .5 1.5 4 7.
MALFORMED, BORN = [48, 38, 5, 1, 1], [17_114, 14_502, 793, 127, 38]


def test_the_p_chart_of_frozen_orange_juice_has_montgomerys_limits_and_the_two_samples_outside() -> None:
    chart = p_chart(ORANGE_JUICE, [50] * 30, exact=False)
    assert (round(chart.centre[0], 4), round(chart.low[0], 4), round(chart.high[0], 4)) == (0.2313, 0.0524, 0.4102)
    assert (np.flatnonzero(chart.value > chart.high) + 1).tolist() == [15, 23]
    assert not (chart.value < chart.low).any()


def test_without_the_two_samples_the_limits_are_montgomerys_revised_ones() -> None:
    used = np.ones(30, dtype=bool)
    used[[14, 22]] = False
    chart = p_chart(ORANGE_JUICE, [50] * 30, used=used, exact=False)
    found = (chart.centre[0], chart.low[0], chart.high[0])
    assert tuple(round(float(one), 4) for one in found) == (0.2150, 0.0407, 0.3893)
    assert (np.flatnonzero(chart.value > chart.high) + 1).tolist() == [15, 21, 23]


def test_the_individuals_chart_of_the_flow_rate_has_nists_limits() -> None:
    chart = xmr_chart(FLOW_RATE)
    assert float(chart.spread) == pytest.approx(1.8778, abs=5e-5)
    found = (chart.centre[0], chart.high[0], chart.low[0])
    assert tuple(round(float(one), 4) for one in found) == (50.81, 55.8041, 45.8159)
    assert ((chart.value < chart.high) & (chart.value > chart.low)).all()


def test_laneys_chart_of_the_four_hour_target_has_the_printed_limits() -> None:
    chart = laney_p_chart(FOUR_HOURS, ATTENDANCES)
    assert np.round(100 * chart.high, 4).tolist() == LANEY_HIGH
    assert np.round(100 * chart.low, 4).tolist() == LANEY_LOW
    near = np.column_stack([chart.near_high, chart.near_low])[:5]
    assert np.round(100 * near, 4).tolist() == [list(pair) for pair in LANEY_NEAR]


def test_the_four_hour_target_is_mostly_outside_a_p_chart_and_never_outside_laneys_or_the_individuals_chart() -> None:
    # So Anhøj, the same chapter: many points outside the p chart, none outside the I chart, to which Laney's is close.
    plain, laney = p_chart(FOUR_HOURS, ATTENDANCES), laney_p_chart(FOUR_HOURS, ATTENDANCES)
    individuals = xmr_chart(np.array(FOUR_HOURS) / ATTENDANCES)
    assert ((plain.value > plain.high) | (plain.value < plain.low)).sum() > 10
    for chart in (laney, individuals):
        assert ((chart.value < chart.high) & (chart.value > chart.low)).all()
    assert np.abs(laney.high - individuals.high).max() < 0.001 and np.abs(laney.low - individuals.low).max() < 0.001


def test_the_cusum_of_the_handbook_is_out_of_control_from_sample_14() -> None:
    found = standardised_cusum(np.array(NIST_CUSUM) - 325, k=0.3175, h=4.1959)
    printed = [3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04]
    assert found.up[12:].tolist() == pytest.approx(printed, abs=0.0051)  # the sums end in 5: printed rounded up
    assert (np.flatnonzero(found.signal_up) + 1).tolist() == list(range(14, 21))
    assert not found.signal_down.any()


def test_montgomerys_tabular_cusum_signals_at_period_29() -> None:
    found = standardised_cusum(np.array(MONTGOMERY_CUSUM) - 10)
    printed_up = [
        0, 0, 0, 1.16, 2.82, 2.50, 0.04, 1.00, 0, 0, 0, 0.97, 0.98, 0, 0, 0, 0.12, 0, 0, 0.34, 0.74, 0, 1.79, 2.79,
        2.89, 3.47, 3.35, 4.47, 5.28, 5.30,
    ]  # fmt: skip
    printed_down = [0.05, 1.56, 1.77, 0, 0, 0, 1.46, 0, 0.30, 0, 0.47, 0, 0, 0.10, 0, 0.13, 0, 0, 0.98, 0, 0, 0.17]
    assert np.round(found.up, 2).tolist() == printed_up
    assert np.round(found.down[:22], 2).tolist() == printed_down
    assert int(np.flatnonzero(found.signal_up)[0]) + 1 == 29 and not found.signal_down.any()


# Montgomery, table 9.3 (from Hawkins 1993): ARL of the tabular CUSUM with k = 1/2 by shift, for h = 4 and h = 5.
AVERAGE_RUN_LENGTHS = [
    (0.0, "168", "465"), (0.25, "74.2", "139"), (0.5, "26.6", "38.0"), (0.75, "13.3", "17.0"), (1.0, "8.38", "10.4"),
    (1.5, "4.75", "5.75"), (2.0, "3.34", "4.01"), (2.5, "2.62", "3.11"), (3.0, "2.19", "2.57"), (4.0, "1.71", "2.01"),
]  # fmt: skip


@pytest.mark.parametrize(("shift", "four", "five"), AVERAGE_RUN_LENGTHS)
def test_average_run_lengths_are_the_tabulated_ones(shift: float, four: str, five: str) -> None:
    for printed, h in ((four, 4.0), (five, 5.0)):
        digits = len(printed.partition(".")[2])
        assert run_length(shift=shift, h=h) == pytest.approx(float(printed), abs=0.51 * 10**-digits)


def test_log_likelihood_weights_are_those_of_steiner_and_colleagues() -> None:
    # Steiner et al. 2000 p. 446, Steiner 2014 p. 234: logit of the risk −3.68 + 0.077 · Parsonnet score; doubling odds.
    for parsonnet, survived, died in ((0, -0.024, 0.669), (50, -0.433, 0.260)):
        risk = 1 / (1 + math.exp(3.68 - 0.077 * parsonnet))
        assert log_likelihood_weights([0, 1], 1, risk).tolist() == pytest.approx([survived, died], abs=6e-4)


def test_mann_kendall_of_the_tuna_lots_is_hollander_and_wolfes_exact_test() -> None:
    found = mann_kendall(np.array(TUNA_SCORE)[np.argsort(TUNA_LIGHTNESS)])
    assert float(found.s) == 2 * 26 - 36  # T = 26 concordant of 36 pairs
    assert (round(float(found.tau), 7), round(float(found.p) / 2, 5)) == (0.4444444, 0.05972)
    assert bool(found.exact)


# Kendall 1975 (reprinted as Gilbert 1987, table A18): upper tail probabilities of S for n values without ties.
KENDALL_TAILS = {
    4: {2: 0.375, 4: 0.167, 6: 0.042},
    5: {2: 0.408, 4: 0.242, 6: 0.117, 8: 0.042, 10: 0.0083},
    8: {2: 0.452, 4: 0.360, 8: 0.199, 12: 0.089, 16: 0.031, 20: 0.0071, 22: 0.0028, 24: 0.00087},
    9: {2: 0.460, 4: 0.381, 8: 0.238, 12: 0.130, 16: 0.060, 20: 0.022, 24: 0.0063, 26: 0.0029},
}


@pytest.mark.parametrize("n", KENDALL_TAILS)
def test_exact_tails_of_s_are_kendalls_table(n: int) -> None:
    for s, printed in KENDALL_TAILS[n].items():
        digits = len(f"{printed:.10f}".rstrip("0").partition(".")[2])
        found = mann_kendall(_series_with(n, s), minimum=n)
        assert float(found.s) == s
        assert float(found.p) / 2 == pytest.approx(printed, abs=0.51 * 10**-digits)


def _series_with(n: int, s: int) -> list[int]:
    """A permutation of n numbers with Kendall's S = s, by swapping neighbours of the rising one."""
    values, swaps = list(range(n)), (n * (n - 1) // 2 - s) // 2
    while swaps:
        for at in range(n - 1):
            if swaps and values[at] < values[at + 1]:
                values[at], values[at + 1] = values[at + 1], values[at]
                swaps -= 1
    return values


def test_four_points_cannot_reach_5_percent_and_five_can() -> None:
    assert float(mann_kendall([1, 2, 3, 4], minimum=4).p) == pytest.approx(0.083, abs=5e-4)
    assert float(mann_kendall([1, 2, 3, 4, 5], minimum=5).p) == pytest.approx(0.017, abs=5e-4)


def test_the_slope_of_sens_own_example_has_his_interval() -> None:
    # Sen 1968, JASA 63:1379, section 6: slope 4, 93 % interval 26/7 (3.71) to 35/8 (4.38).
    found = sen_slope([9, 15, 19, 20, 45, 55, 78], [1, 2, 3, 4, 10, 12, 18], confidence=0.93, minimum=7)
    assert float(found.slope) == 4
    assert (float(found.low), float(found.high)) == pytest.approx((26 / 7, 35 / 8))


def test_the_seasonal_kendall_test_of_the_epa_guidance_comes_out() -> None:
    series = np.array(EPA_MONTHLY).ravel()
    found, slope = seasonal_mann_kendall(series), seasonal_sen_slope(series)
    assert float(found.s) == 35 and float(found.variance) == pytest.approx(43)
    assert float(found.tau) == pytest.approx(0.9722222, abs=5e-8)
    assert float(found.z) == pytest.approx(5.1849514, abs=5e-8)
    assert float(found.p) == pytest.approx(2.160712e-07, rel=5e-7)
    assert float(slope.slope) == pytest.approx(0.06, abs=1e-9)
    # EnvStats interpolates between the ordered slopes (0.0579 to 0.0721); ours is the next slope outward.
    assert float(slope.low) <= 0.05786914 and float(slope.high) >= 0.07213086


def test_kendalls_tau_of_scipy_corrects_for_ties_and_the_trend_literature_does_not() -> None:
    series = np.array([1.0, 2, 2, 3, 3, 3, 4, 5, 5, 6, 6, 7])
    pairs = len(series) * (len(series) - 1) / 2
    scipys = float(stats.kendalltau(np.arange(len(series)), series).statistic)
    found = mann_kendall(series)
    assert float(found.tau) == pytest.approx(float(found.s) / pairs)  # Gilbert 1987: S over the number of pairs
    tied = sum(t * (t - 1) / 2 for t in (2, 3, 2, 2))
    assert scipys == pytest.approx(float(found.s) / math.sqrt(pairs * (pairs - tied)))  # tau-b


# Trend in proportions: chi-square as printed.
# Fleiss 1981, smokers among lung cancer patients of four studies (R help of prop.trend.test: 8.2249).
# Altman 1991, Practical Statistics for Medical Research, table 10.1: Caesarean section by shoe size (Dalgaard,
# Introductory Statistics with R, prop.trend.test of caesar.shoe: 8.0237).
# Agresti, alcohol and malformation: z² = 6.57.
TRENDS = [
    ([83, 90, 129, 70], [86, 93, 136, 82], None, 8.2249, 5e-5, -1),
    ([5, 7, 6, 7, 8, 10], [22, 35, 42, 48, 54, 150], None, 8.0237, 5e-5, -1),
    (MALFORMED, BORN, [0, 0.5, 1.5, 4, 7], 6.57, 5e-3, 1),
]


@pytest.mark.parametrize(("x", "n", "times", "printed", "within", "sign"), TRENDS)
def test_cochran_armitage_gives_the_printed_chi_square(
    x: list[int], n: list[int], times: list[float] | None, printed: float, within: float, sign: int
) -> None:
    chi_square, numerator = cochran_armitage(x, n, times)
    assert float(chi_square) == pytest.approx(printed, abs=within)
    assert np.sign(numerator) == sign


def test_a_trend_test_that_divides_by_n_minus_1_is_a_little_smaller() -> None:
    # influentialpoints.com, "Chi square test for trend": 11.51 uses the Mantel-Haenszel variance with N/(N − 1).
    chi_square, _ = cochran_armitage([5, 14, 18], [30, 30, 30])
    assert float(chi_square) * 89 / 90 == pytest.approx(11.51, abs=5e-3)


def test_fingertips_threshold_is_the_998_point_and_agrestis_example_stays_below_it() -> None:
    assert float(stats.chi2.isf(0.002, 1)) == pytest.approx(9.5495, abs=5e-5)
    found = recent_trend(MALFORMED, BORN, times=[0, 0.5, 1.5, 4, 7])
    assert float(found.chi_square) == pytest.approx(6.57, abs=5e-3) and int(found.direction) == 0


def test_z_scores_of_the_orange_juice_are_three_at_the_limits() -> None:
    chart = p_chart(ORANGE_JUICE, [50] * 30, exact=False)
    out = np.flatnonzero(np.abs(rate_z(ORANGE_JUICE, [50] * 30, chart.centre)) > 3) + 1
    assert out.tolist() == [15, 23]
