"""Worked examples of directly standardised rates."""

import numpy as np
import pytest

from indicators.intervals import garwood
from indicators.standardisation import standardised_rate

# Down syndrome by maternal age (<20, 20-24, ..., 40+) among births of order five and later, Michigan 1950-1964 (Stark &
# Mantel 1966; Fleiss 1981, Statistical Methods for Rates and Proportions, table 14.4; Fay & Feuer 1997, Statistics in
# Medicine 16:791), standardised to the births of all orders.
CASES = [0, 8, 63, 112, 262, 295]
BIRTHS = [327, 30666, 123419, 149919, 104088, 34392]
ALL_BIRTHS = [319933, 931318, 786511, 488235, 237863, 61313]


def test_the_rate_and_dobsons_interval_of_down_syndrome_are_the_printed_ones() -> None:
    # R package dsrTest 1.0.0, vignette, method "dobson" with exact Poisson limits: 75.52901 (67.63284 to 83.86703) per
    # 100,000. Byar's approximation to those limits, which PHEindicatormethods uses, moves the fourth digit by 3.
    found = standardised_rate(CASES, BIRTHS, ALL_BIRTHS, method="dobson")
    assert round(float(found.rate) * 1e5, 5) == 75.52901
    assert float(found.low) * 1e5 == pytest.approx(67.63284, abs=0.0005)
    assert float(found.high) * 1e5 == pytest.approx(83.86703, abs=0.0005)


def test_with_exact_limits_dobsons_interval_is_the_printed_one_to_the_last_digit() -> None:
    found = standardised_rate(CASES, BIRTHS, ALL_BIRTHS, method="dobson")
    limits, events = garwood(sum(CASES), 1), sum(CASES)
    weight = np.array(ALL_BIRTHS) / sum(ALL_BIRTHS) / np.array(BIRTHS)
    scale = np.sqrt((weight**2 * CASES).sum() / events)
    low, high = (float(found.rate) + scale * (float(one) - events) for one in limits)
    assert (round(low * 1e5, 5), round(high * 1e5, 5)) == (67.63284, 83.86703)


def test_327_births_without_a_case_do_not_count_as_certainty() -> None:
    # They carry 11 % of the standard mix with no variance of their own: the estimate is worth far fewer births than the
    # formula p(1 - p)/var alone claims.
    share = np.array(ALL_BIRTHS) / sum(ALL_BIRTHS)
    found = standardised_rate(CASES, BIRTHS, ALL_BIRTHS)
    own = (share**2 * np.array(CASES) / np.array(BIRTHS) ** 2).sum()
    assert float(found.n_eff) == pytest.approx(1 / (share**2 / BIRTHS).sum())
    assert float(found.n_eff) < 0.2 * float(found.rate) / own


@pytest.mark.parametrize(
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (Wilson).
    ("x", "n", "low", "high"),
    [([40, 41], [130, 133], 0.2553, 0.3662), ([5, 4, 6], [20, 100, 28], 0.0624, 0.1605), ([0, 0], [5, 15], 0, 0.1611)],
)
def test_weighted_by_its_own_mix_a_rate_has_newcombes_printed_wilson_bounds(
    x: list[int], n: list[int], low: float, high: float
) -> None:
    found = standardised_rate(x, n, n)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)
    assert float(found.n_eff) == pytest.approx(sum(n))
