"""Worked examples of design effects and of the finite population correction."""

import math

import numpy as np
import pytest
from scipy import stats

from indicators.sampling import corrected_bounds, design_effect, design_effects, finite_population_correction

# Weil 1970, litters of rats: pups that survived the 21 days of lactation, of those alive at 4 days (Rao & Scott 1992,
# Biometrics 48:577, table 1).
CONTROL = [
    (13, 13), (12, 12), (9, 9), (9, 9), (8, 8), (8, 8), (12, 13), (11, 12), (9, 10), (9, 10), (8, 9), (11, 13), (4, 5),
    (5, 7), (7, 10), (7, 10),
]  # fmt: skip
TREATED = [
    (12, 12), (11, 11), (10, 10), (9, 9), (10, 11), (9, 10), (9, 10), (8, 9), (8, 9), (4, 5), (7, 9), (4, 7), (5, 10),
    (3, 6), (3, 10), (0, 7),
]  # fmt: skip


@pytest.mark.parametrize(("litters", "printed"), [(CONTROL, 1.232495), (TREATED, 3.952861)])
def test_the_litters_have_rao_and_scotts_design_effects(litters: list[tuple[int, int]], printed: float) -> None:
    # To six digits as in the help of rsb in the R package PF (1.232495 and 3.952861).
    x, n = zip(*litters, strict=True)
    assert round(design_effect(x, n, range(16)), 6) == printed


def test_both_groups_at_once_have_the_same_design_effects() -> None:
    x, n = zip(*CONTROL, *TREATED, strict=True)
    table = design_effects(x, n, [*range(16), *range(16)], ["control"] * 16 + ["treated"] * 16)
    assert table["place"].tolist() == ["control", "treated"]
    assert table["design_effect"].round(6).tolist() == [1.232495, 3.952861]


@pytest.mark.parametrize(
    # Krejcie & Morgan 1970, Educational and Psychological Measurement 30:607, table 1: the sample of a list of N that
    # leaves a margin of 0.05 around a share of one half.
    ("population", "sample"),
    [(40, 36), (60, 52), (100, 80), (220, 140), (500, 217), (1200, 291)],
)
def test_krejcie_and_morgans_samples_have_the_margin_they_are_made_for(population: int, sample: int) -> None:
    def margin(n: int) -> float:
        return math.sqrt(3.841 * 0.25 / n) * float(finite_population_correction(n, population, above=0))

    # Their sizes are rounded to the nearest: the margin is met within half a sampled person.
    assert margin(sample + 1) < 0.05 < margin(sample - 1)


def test_cochrans_list_of_addresses_has_the_printed_standard_error() -> None:
    # Cochran 1977, Sampling Techniques, section 3.2: of 3,042 addresses 200 were looked at and 38 wrong; 578 wrong in
    # all, standard error 81.8. He divides by n - 1 and takes sqrt(1 - f), which is ours times sqrt((N - 1)/N).
    population, n, x = 3042, 200, 38
    p = x / n
    factor = float(finite_population_correction(n, population, above=0)) * math.sqrt((population - 1) / population)
    assert round(population * p) == 578
    assert round(population * math.sqrt(p * (1 - p) / (n - 1)) * factor, 1) == 81.8


def test_the_correction_turns_the_binomial_into_the_hypergeometric_standard_deviation() -> None:
    for good, n, population in ((30, 20, 50), (490, 120, 500), (3, 2, 4)):
        exact = stats.hypergeom(population, good, n).std() / n
        p = good / population
        factor = float(finite_population_correction(n, population, above=0))
        assert math.sqrt(p * (1 - p) / n) * factor == pytest.approx(float(exact))


def test_a_list_seen_to_less_than_a_fifth_keeps_newcombes_wilson_bounds() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3: 81 of 263.
    found = corrected_bounds(81, 263, 2000)
    assert np.round(found, 4).tolist() == [0.2553, 0.3662]
