"""Worked examples for funnel plots and overdispersion: printed tables must come out of the exact binomial."""

import numpy as np
import pytest

from indicators.funnels import binomial_tails, exact_limits, funnel_flags, limit_curves
from indicators.overdispersion import additive_variance, adjusted_limits

# Triola, Elementary Statistics (Pearson), table A-7, critical values of the sign test, 0.025 in one tail, n = 6 to 25:
# the largest count of the rarer sign that is significant at 5 % two-sided. First tabulated by Dixon & Mood 1946, JASA
# 41:557.
SIGN_TEST = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7]
SIGN_TEST_ONE_PERCENT = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5]
"""The same, 0.005 in one tail, n = 8 to 25."""

# Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 5 (Clopper-Pearson exact).
CLOPPER_PEARSON = [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)]

# PHEindicatormethods (UK Health Security Agency), test data testdata_funnel_prop_outputs.csv: limits in per cent around
# a baseline of 80.642448 %, 0.001, 0.025, 0.975 and 0.999, capped at 0 and 100.
PHE_BASELINE = 0.80642448
PHE_LIMITS = {
    3: (10.150815, 35.933491, 100.0, 100.0),
    41: (61.574398, 68.548635, 92.73626, 99.710497),
    102: (68.553233, 72.974925, 88.309971, 92.731663),
    1008: (76.796814, 78.203374, 83.081521, 84.488082),
    110000: (80.274317, 80.408963, 80.875933, 81.010578),
}

# Child heart surgery under one year, England 1991-95: operations, deaths and printed percentage dying; Spiegelhalter
# 2019, The Art of Statistics, figure 2.5 (data: 02-5-child-heart-surgery-1991-x.csv of the book's repository).
HEART_SURGERY = {
    "Bristol": (143, 41, 28.7), "Leicester": (187, 25, 13.4), "Leeds": (323, 24, 7.4), "Oxford": (122, 23, 18.9),
    "Guys": (164, 25, 15.2), "Liverpool": (405, 42, 10.4), "Southampton": (239, 24, 10.0),
    "Great Ormond St": (482, 53, 11.0), "Newcastle": (195, 26, 13.3), "Harefield": (177, 25, 14.1),
    "Birmingham": (581, 58, 10.0), "Brompton": (301, 31, 10.3),
}  # fmt: skip

# BCG vaccine against tuberculosis, 13 trials (Colditz et al. 1994, JAMA 271:698): cases and others, vaccinated and not.
# metafor documentation, rma(method="DL"), log relative risks: Q = 152.2330, tau^2 = 0.3088.
BCG = np.array(
    [[4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761],
     [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
     [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825]], dtype=float,
)  # fmt: skip


def test_the_lower_limit_at_one_half_is_the_table_of_the_sign_test() -> None:
    for tail, first, table in ((0.025, 6, SIGN_TEST), (0.005, 8, SIGN_TEST_ONE_PERCENT)):
        n = np.arange(first, 26)
        low = exact_limits(n, 0.5, tails=(tail,))[:, 0] * n
        assert np.floor(low).tolist() == table
        tails = binomial_tails(table, n, 0.5)
        assert (tails.low <= tail).all() and (binomial_tails(np.array(table) + 1, n, 0.5).low > tail).all()


def test_spiegelhalters_printed_formula_puts_the_upper_limit_a_whole_case_lower_than_the_tails_do() -> None:
    """Statistics in Medicine 24:1185, A.1.1: at one half, where everything else is symmetric, it is not.

    The table of the sign test counts 14 of 20 as usual and 15 of 20 as unusual; the printed upper limit lies below 14.
    """
    n = np.arange(6, 26)
    low, high = (exact_limits(n, 0.5, tails=(0.025, 0.975)) * n[:, None]).T
    np.testing.assert_allclose(high, n - low - 1, atol=1e-9)
    assert high[14] < 14 and funnel_flags(binomial_tails([14, 15], 20, 0.5)).tolist() == ["inside", "high"]
    curves = limit_curves(n, 0.5)
    np.testing.assert_allclose(curves["high95"], 1 - curves["low95"], atol=1e-12)
    assert 14 < float(curves["high95"][14]) * 20 < 15


@pytest.mark.parametrize(("x", "n", "low", "high"), CLOPPER_PEARSON)
def test_an_area_is_flagged_against_every_rate_outside_its_printed_exact_interval(
    x: int, n: int, low: float, high: float
) -> None:
    digit = 0.00005
    below, above = funnel_flags(binomial_tails(x, n, [max(low - digit, 0), high + digit]))
    assert above == "low" and below == ("high" if x else "inside")
    inside = funnel_flags(binomial_tails(x, n, [low + digit, high - digit]))
    assert inside.tolist() == ["inside", "inside"]


@pytest.mark.parametrize("n", list(PHE_LIMITS))
def test_without_overdispersion_the_normal_limits_are_those_of_public_health_england(n: int) -> None:
    limits = adjusted_limits(n, PHE_BASELINE, 0.0, tails=(0.001, 0.025, 0.975, 0.999))
    assert limits * 100 == pytest.approx(PHE_LIMITS[n], abs=1e-6)


def test_those_normal_limits_alarm_too_often_near_100_percent_and_the_exact_ones_do_not() -> None:
    """METHODS §0.6: false "low" at 0.001 with θ = 98.5 % is 7.3 % at n = 5, 3.6 % at n = 20 and 0.7 % at n = 50."""
    for n, printed in ((5, 0.073), (20, 0.036), (50, 0.007)):
        below = np.ceil(adjusted_limits(n, 0.985, 0.0, tails=(0.001,))[0] * n) - 1
        assert float(binomial_tails(below, n, 0.985).low) == pytest.approx(printed, abs=0.0005)
        flagged = funnel_flags(binomial_tails(np.arange(n + 1), n, 0.985)) == "very_low"
        assert float(binomial_tails(np.flatnonzero(flagged).max(), n, 0.985).low) < 0.001


def test_bristol_stands_out_among_twelve_centres_of_child_heart_surgery() -> None:
    operations, deaths, printed = (np.array(one) for one in zip(*HEART_SURGERY.values(), strict=True))
    assert np.round(deaths / operations * 100, 1).tolist() == printed.tolist()
    flags = funnel_flags(binomial_tails(deaths, operations, deaths.sum() / operations.sum()))
    assert [name for name, flag in zip(HEART_SURGERY, flags, strict=True) if flag.startswith("very")] == ["Bristol"]


def test_without_winsorising_the_additive_variance_is_that_of_dersimonian_and_laird() -> None:
    a, b, c, d = BCG.T
    risk = np.log(a / (a + b)) - np.log(c / (c + d))
    error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    mean = np.average(risk, weights=1 / error**2)
    q = float((((risk - mean) / error) ** 2).sum())
    assert q == pytest.approx(152.2330, abs=0.00005)
    assert additive_variance(q / len(BCG), error) == pytest.approx(0.3088, abs=0.00005)
