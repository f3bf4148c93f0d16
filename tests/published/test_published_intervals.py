"""Worked examples from papers: the intervals must reproduce the printed figures."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from indicators.exact_tests import exact_tails, fdr, holm
from indicators.intervals import (
    Bounds,
    byar,
    clopper_pearson,
    garwood,
    jeffreys,
    mid_p,
    newcombe,
    square_and_add,
    wilson,
    wilson_effective,
)
from indicators.verdicts import smallest_perfect_record

# Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3 (Wilson without continuity correction).
NEWCOMBE_SINGLE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# The same table, method 5 (Clopper-Pearson) and method 6 (mid-p).
NEWCOMBE_EXACT = [
    (81, 263, 0.2527, 0.3676),
    (15, 148, 0.0578, 0.1617),
    (0, 20, 0.0000, 0.1684),
    (1, 29, 0.0009, 0.1776),
]
NEWCOMBE_MID_P = [
    (81, 263, 0.2544, 0.3658),
    (15, 148, 0.0601, 0.1581),
    (0, 20, 0.0000, 0.1391),
    (1, 29, 0.0017, 0.1585),
]

# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10 (square-and-add Wilson).
NEWCOMBE_DIFFERENCE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("x", "n", "low", "high"), NEWCOMBE_SINGLE)
def test_wilson_gives_newcombes_printed_bounds(x: int, n: int, low: float, high: float) -> None:
    bounds = wilson(x, n)
    assert (round(float(bounds.low), 4), round(float(bounds.high), 4)) == (low, high)


@pytest.mark.parametrize(("x", "n", "low", "high"), NEWCOMBE_EXACT)
def test_clopper_and_pearsons_interval_gives_newcombes_printed_bounds(x: int, n: int, low: float, high: float) -> None:
    bounds = clopper_pearson(x, n)
    assert (round(float(bounds.low), 4), round(float(bounds.high), 4)) == (low, high)


@pytest.mark.parametrize(("x", "n", "low", "high"), NEWCOMBE_MID_P)
def test_the_mid_p_interval_gives_newcombes_printed_bounds(x: int, n: int, low: float, high: float) -> None:
    bounds = mid_p(x, n)
    assert (round(float(bounds.low), 4), round(float(bounds.high), 4)) == (low, high)


@pytest.mark.parametrize(
    # Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables, chapter 2: 13 of 16 (Ligarden et al.
    # 2010), as printed by the authors' R package contingencytables.
    ("method", "low", "high"),
    [
        (clopper_pearson, 0.5435, 0.9595),
        (mid_p, 0.5699, 0.9500),
        (jeffreys, 0.5792, 0.9442),
        (wilson, 0.5699, 0.9341),
    ],
)
def test_thirteen_of_sixteen_has_the_bounds_fagerland_lydersen_and_laake_print(
    method: Callable[..., Bounds], low: float, high: float
) -> None:
    bounds = method(13, 16)
    assert (round(float(bounds.low), 4), round(float(bounds.high), 4)) == (low, high)


def test_jeffreys_interval_is_mended_at_the_ends_as_brown_cai_and_dasgupta_say_and_statsmodels_does_not() -> None:
    # Brown, Cai & DasGupta 2001, Statistical Science 16:101, section 3.1: 0 at x = 0 and 1 at x = n. statsmodels 0.15
    # leaves the beta quantiles there, and answers (0.002, 0.998) for no cases at all.
    assert float(jeffreys(0, 20).low) == 0.0 < proportion_confint(0, 20, method="jeffreys")[0]
    assert float(jeffreys(20, 20).high) == 1.0 > proportion_confint(20, 20, method="jeffreys")[1]
    with np.errstate(invalid="ignore"):
        assert np.round(proportion_confint(0, 0, method="jeffreys"), 3).tolist() == [0.002, 0.998]
    assert np.isnan(jeffreys(0, 0)).all()
    for x, n in ((1, 20), (13, 16), (500, 507)):
        assert np.array(jeffreys(x, n)) == pytest.approx(proportion_confint(x, n, method="jeffreys"), abs=1e-12)
        assert np.array(clopper_pearson(x, n)) == pytest.approx(proportion_confint(x, n, method="beta"), abs=1e-12)


def test_wilsons_upper_bound_is_exactly_1_for_a_perfect_record_and_statsmodels_falls_short_of_it() -> None:
    assert float(wilson(20, 20).high) == float(wilson_effective(1.0, 20).high) == 1.0
    assert proportion_confint(20, 20, method="wilson")[1] < 1.0


@pytest.mark.parametrize(
    # The exact limits as tabled (see the test of Garwood's below); below 10 events byar is exact.
    ("events", "low", "high"),
    [(1, 0.025, 5.57), (10, 4.80, 18.39), (100, 81.36, 121.63)],
)
def test_byars_approximation_meets_the_tabled_poisson_limits(events: int, low: float, high: float) -> None:
    bounds = byar(events, 1)
    assert float(bounds.low) == pytest.approx(low, abs=0.02)
    assert float(bounds.high) == pytest.approx(high, abs=0.011)


@pytest.mark.parametrize(("x1", "n1", "x2", "n2", "low", "high"), NEWCOMBE_DIFFERENCE)
def test_method_10_gives_newcombes_printed_bounds(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    found = newcombe(x1, n1, x2, n2)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)


def test_method_10_gives_the_bounds_of_fagerland_lydersen_and_laake() -> None:
    # Statistical Analysis of Contingency Tables (2017), chapter 4, as printed by the authors' R package
    # contingencytables: epinephrine (Perondi et al. 2004), 7/34 against 1/34.
    found = newcombe(7, 34, 1, 34)
    assert [round(float(one), 4) for one in found] == [0.1765, 0.0189, 0.3404]


def test_wilson_agrees_with_statsmodels_over_a_grid_of_counts() -> None:
    n = np.arange(1, 400)
    for share in (0.0, 0.02, 0.5, 0.97, 1.0):
        x = np.round(n * share)
        low, high = proportion_confint(x, n, method="wilson")
        found = wilson(x, n)
        np.testing.assert_allclose(found.low, low, atol=1e-12)
        np.testing.assert_allclose(found.high, high, atol=1e-12)


def test_newcombe_agrees_with_statsmodels_over_random_counts() -> None:
    random = np.random.default_rng(10)
    n1, n2 = random.integers(1, 2000, 60), random.integers(1, 2000, 60)
    x1, x2 = random.binomial(n1, 0.985), random.binomial(n2, 0.95)
    found = newcombe(x1, n1, x2, n2)
    for row in range(60):
        low, high = confint_proportions_2indep(
            x1[row], n1[row], x2[row], n2[row], method="newcomb", compare="diff", alpha=0.05
        )
        assert found.low[row] == pytest.approx(low, abs=1e-9)
        assert found.high[row] == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize(
    # Garwood 1936, Biometrika 28:437-442; the two-sided 95 % limits as tabled since (Ulm 1990, Am J Epidemiol 131:373).
    ("events", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.025, 5.57), (5, 1.62, 11.67), (10, 4.80, 18.39), (100, 81.36, 121.63)],
)
def test_garwood_gives_the_tabled_poisson_limits(events: int, low: float, high: float) -> None:
    bounds = garwood(events, 1)
    assert float(bounds.low) == pytest.approx(low, abs=0.005)
    assert float(bounds.high) == pytest.approx(high, abs=0.005)


def test_fishers_tea_tasting_has_its_tail_of_17_in_70() -> None:
    # Fisher 1935, The Design of Experiments, ch. II: 3 of 4 right, P = 17/70; mid-p after Lancaster 1961: 9/70.
    assert float(exact_tails(3, 4, 1, 4).high) == pytest.approx(17 / 70)
    assert float(exact_tails(3, 4, 1, 4, mid=True).high) == pytest.approx(9 / 70)


def test_mid_p_takes_off_half_of_the_observed_table_as_printed_for_exfoliation_syndrome() -> None:
    # Fagerland, Lydersen & Laake 2017, chapter 4, as printed by contingencytables: 0/16 against 15/72 (Ritland et al.
    # 2007), Fisher's exact test P = 0.06287, mid-P 0.04466. Without a case in the first group the lower tail is the
    # observed table alone, so the two differ by its mid-p.
    exact, mid = exact_tails(0, 16, 15, 72), exact_tails(0, 16, 15, 72, mid=True)
    assert float(mid.low) == pytest.approx(0.06287 - 0.04466, abs=1e-5)
    assert float(exact.low) == pytest.approx(2 * float(mid.low))


def test_holms_procedure_rejects_two_of_the_four_hypotheses_of_the_encyclopedia() -> None:
    # Wikipedia, "Holm-Bonferroni method", example: P = 0.01, 0.04, 0.03, 0.005 at 0.05; the first and the fourth go.
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == [True, False, False, True]


def test_the_false_discovery_rate_keeps_four_of_benjamini_and_hochbergs_fifteen() -> None:
    # Benjamini & Hochberg 1995, JRSS-B 57:289, the example of section 3 (thrombolysis study, q = 0.05); Bonferroni and
    # Hochberg's procedure keep three there, and so does Holm's.
    p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
        0.7590, 1.0000,
    ]  # fmt: skip
    assert fdr(p).sum() == 4
    assert holm(p).sum() == 3


@pytest.mark.parametrize(("rate", "cases"), [(0.95, 72), (0.98, 183), (0.985, 245)])
def test_a_perfect_record_needs_this_many_cases_to_stand_out(rate: float, cases: int) -> None:
    assert smallest_perfect_record(rate) == cases
    assert rate**cases < 0.025 <= rate ** (cases - 1)


def test_squaring_and_adding_normal_intervals_is_the_familiar_rule_for_independent_estimates() -> None:
    # Zou & Donner 2008, Statistics in Medicine 27:1693: symmetric intervals give back the Wald interval.
    z = float(stats.norm.ppf(0.975))
    first, second = (4.0, 0.3), (1.5, 0.4)
    found = square_and_add(
        first[0], first[0] - z * first[1], first[0] + z * first[1],
        second[0], second[0] - z * second[1], second[0] + z * second[1],
    )  # fmt: skip
    half = z * math.hypot(0.3, 0.4)
    assert (float(found.low), float(found.high)) == pytest.approx((2.5 - half, 2.5 + half))
