"""Worked examples from the literature: every decomposition must reproduce the printed figures.

The examples of Das Gupta's manual are numbered as there; inputs and results also stand, to more digits, in the README
of the R package DasGuptR 2.1.0 (King & Matthews 2025), from which the last digits are taken.
"""

import warnings

import numpy as np
import pandas as pd
import pytest

from indicators.das_gupta import decompose_structure, standardise, standardise_structure, structure_factors
from indicators.decomposition import kitagawa_parts, weighted_score_bounds
from indicators.oaxaca import oaxaca

# Das Gupta 1993, Current Population Reports P23-186, example 5.3: United States, deaths per 1,000 by race (2) and age
# (11), population in thousands. Standardised rates 1970 and 1985: age 8.385 and 9.907, race 9.136 and 9.156, rate
# 10.258 and 8.030. One stratum per race and age: composition is the age and the race effect together.
SIZE_1985 = [3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472,
             707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236]  # fmt: skip
SIZE_1970 = [2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315,
             535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117]  # fmt: skip
RATE_1985 = [9.163, 0.462, 0.248, 0.929, 1.084, 1.810, 4.715, 12.187, 27.728, 64.068, 157.570,
             17.208, 0.738, 0.328, 1.103, 2.045, 3.724, 8.052, 17.812, 34.128, 68.276, 125.161]  # fmt: skip
RATE_1970 = [18.469, 0.751, 0.391, 1.146, 1.287, 2.672, 6.636, 15.691, 34.723, 79.763, 176.837,
             36.993, 1.352, 0.541, 2.040, 3.523, 6.746, 12.967, 24.471, 45.091, 74.902, 123.205]  # fmt: skip


def test_das_guptas_example_of_american_death_rates_comes_out_as_printed() -> None:
    sizes = [np.array(size, dtype=float) for size in (SIZE_1985, SIZE_1970)]
    deaths = [size * rate for size, rate in zip(sizes, (RATE_1985, RATE_1970), strict=True)]
    composition, level = kitagawa_parts(deaths[0], sizes[0], deaths[1], sizes[1])
    assert level.sum() == pytest.approx(8.030 - 10.258, abs=0.0015)
    assert composition.sum() == pytest.approx((9.907 - 8.385) + (9.156 - 9.136), abs=0.0025)


def stacked(first: list[float], second: list[float]) -> np.ndarray:
    """Two populations by race and age."""
    return np.array([first, second], dtype=float).reshape(2, 2, 11)


def test_das_guptas_example_5_3_splits_the_composition_into_race_and_age() -> None:
    found = standardise_structure(stacked(SIZE_1970, SIZE_1985), stacked(RATE_1970, RATE_1985))
    assert found.rates == pytest.approx(
        np.array([[9.136312, 9.156087], [8.385332, 9.907067], [10.257368, 8.029643]]), abs=5e-7
    )
    assert found.crude == pytest.approx([9.421833, 8.735618], abs=5e-7)
    assert found.effects(1, 0) == pytest.approx([0.0197749, 1.5217347, -2.2277254], abs=5e-8)
    assert found.effects(1, 0) / (found.crude[1] - found.crude[0]) == pytest.approx(
        [-0.0288, -2.2176, 3.2464], abs=5e-5
    )


def test_the_symmetric_factors_of_example_5_3_are_those_printed() -> None:
    race, age = structure_factors(stacked(SIZE_1970, SIZE_1985), factors=2)[:, 1, 0, :6]
    assert age == pytest.approx([0.01534415, 0.05841572, 0.13869259, 0.16348055, 0.17550560, 0.13410907], abs=5e-9)
    assert race == pytest.approx([0.8301237, 0.8301100, 0.8290075, 0.8381024, 0.8467632, 0.8561228], abs=5e-8)


def test_example_5_3_comes_out_the_same_from_frames_of_counts() -> None:
    # Deaths in whole numbers among persons, so the last printed digits are lost.
    frames = {}
    for year, sizes, rates in (("1970", SIZE_1970, RATE_1970), ("1985", SIZE_1985, RATE_1985)):
        frame = pd.DataFrame({"race": np.repeat(["a", "b"], 11), "age": np.tile(np.arange(11), 2)})
        frames[year] = frame.assign(x=np.rint(sizes * np.array(rates)), n=np.array(sizes) * 1000)
    found = decompose_structure(frames, by=["race", "age"])
    assert found is not None
    assert 1000 * found.effects("1985", "1970").to_numpy() == pytest.approx([0.01977, 1.52173, -2.22773], abs=5e-5)


def test_das_guptas_example_2_1_of_earnings_as_a_product_of_two_factors() -> None:
    # Mean earnings = mean earnings of earners × share of earners; black and white men, United States 1980.
    found = standardise([[10930, 0.717892], [16591, 0.825974]])
    assert found.rates == pytest.approx(np.array([[8437.228, 12807.14], [9878.553, 11365.82]]), abs=5e-3)
    assert found.effects(1, 0) == pytest.approx([4369.913, 1487.262], abs=5e-4)
    assert found.crude == pytest.approx([7846.560, 13703.73], abs=5e-3)


def test_das_guptas_birth_rates_of_austria_and_chile_as_a_product_of_three_factors() -> None:
    found = standardise([[51.78746, 0.45919, 0.52638], [84.90502, 0.75756, 0.51065]])
    assert found.effects(1, 0) == pytest.approx([10.4340333, 10.5608476, -0.6670084], abs=5e-8)
    assert found.crude == pytest.approx([12.51747, 32.84534], abs=5e-6)


def test_das_guptas_non_marital_births_as_a_product_of_four_factors() -> None:
    found = standardise([[25.3, 0.214, 0.279, 0.949], [32.7, 0.290, 0.473, 0.986]])
    assert found.effects(1, 0) == pytest.approx([0.6889411, 0.8125381, 1.3829055, 0.1047547], abs=5e-8)
    assert found.rates[:, 0] == pytest.approx([2.355434, 2.287936, 1.988818, 2.686817], abs=5e-7)


def test_das_guptas_fertility_of_korea_as_a_product_of_five_factors() -> None:
    found = standardise([[0.58, 0.76, 0.84, 0.66, 16.573], [0.72, 0.97, 0.97, 0.56, 16.158]])
    assert found.effects(1, 0) == pytest.approx([1.0909785, 1.2298438, 0.7278399, -0.8398707, -0.1290187], abs=5e-8)


def test_das_guptas_example_4_3_of_vector_factors_in_taiwan() -> None:
    births = [[393, 407, 369, 274, 184, 90, 16], [488, 452, 338, 156, 63, 22, 3]]
    married = [[0.122, 0.622, 0.903, 0.930, 0.916, 0.873, 0.800], [0.082, 0.527, 0.866, 0.941, 0.942, 0.923, 0.876]]
    women = [[0.043, 0.041, 0.036, 0.032, 0.026, 0.020, 0.018], [0.058, 0.038, 0.032, 0.030, 0.026, 0.023, 0.019]]
    found = standardise([[births[at], married[at], women[at]] for at in (0, 1)])
    assert found.effects(1, 0) == pytest.approx([-7.285632, -2.720633, -1.565181], abs=5e-7)
    assert found.rates[0] == pytest.approx([36.72867, 29.44304], abs=5e-6)
    assert found.crude == pytest.approx([38.77463, 27.20318], abs=5e-6)


def test_das_guptas_example_5_1_of_headship_rates_agrees_in_all_three_functions() -> None:
    size = np.array([[12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9],
                     [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5]])  # fmt: skip
    rate = np.array([[1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8],
                     [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]])  # fmt: skip
    printed = [1.2269, 1.7403]
    composition, level = kitagawa_parts(size[1] * rate[1], size[1], size[0] * rate[0], size[0])
    assert [composition.sum(), level.sum()] == pytest.approx(printed, abs=5e-5)
    assert standardise_structure(size, rate).effects(1, 0) == pytest.approx(printed, abs=5e-5)
    product = standardise([[size[at] / 100, rate[at]] for at in (0, 1)])
    assert product.rates == pytest.approx(np.array([[45.5876, 46.8145], [45.3309, 47.0712]]), abs=5e-5)


# Example 6.5: ratio of illegitimate births, United States 1963 to 1983, a function of four vectors over six ages.
WOMEN = [[0.200, 0.163, 0.146, 0.154, 0.168, 0.169], [0.215, 0.191, 0.156, 0.137, 0.144, 0.157],
         [0.218, 0.203, 0.175, 0.144, 0.127, 0.133], [0.205, 0.200, 0.181, 0.162, 0.134, 0.118],
         [0.169, 0.195, 0.190, 0.174, 0.150, 0.122]]  # fmt: skip
UNMARRIED = [[0.866, 0.325, 0.119, 0.099, 0.099, 0.121], [0.891, 0.373, 0.124, 0.100, 0.107, 0.127],
             [0.870, 0.396, 0.158, 0.125, 0.113, 0.129], [0.900, 0.484, 0.243, 0.176, 0.155, 0.168],
             [0.931, 0.563, 0.311, 0.216, 0.199, 0.191]]  # fmt: skip
OUTSIDE = [[0.007, 0.021, 0.023, 0.015, 0.008, 0.002], [0.010, 0.023, 0.023, 0.015, 0.008, 0.002],
           [0.011, 0.016, 0.017, 0.011, 0.006, 0.002], [0.014, 0.019, 0.015, 0.010, 0.005, 0.001],
           [0.018, 0.026, 0.023, 0.016, 0.008, 0.002]]  # fmt: skip
WITHIN = [[0.454, 0.326, 0.195, 0.107, 0.051, 0.015], [0.433, 0.249, 0.159, 0.079, 0.037, 0.011],
          [0.314, 0.181, 0.133, 0.063, 0.023, 0.006], [0.313, 0.191, 0.143, 0.069, 0.021, 0.004],
          [0.380, 0.201, 0.149, 0.079, 0.025, 0.006]]  # fmt: skip


def illegitimacy(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    outside = (a * b * c).sum(axis=-1)
    return 1000 * outside / (outside + (a * (1 - b) * d).sum(axis=-1))


def test_das_guptas_example_6_5_standardises_five_populations_at_once() -> None:
    years = list(zip(WOMEN, UNMARRIED, OUTSIDE, WITHIN, strict=True))
    found = standardise(years, rate=illegitimacy)
    printed = [
        [72.77031, 74.65254, 73.83625, 71.36001, 64.60057],
        [53.28255, 56.63216, 59.52972, 79.49763, 104.38728],
        [62.17750, 69.61231, 60.48031, 68.54219, 94.17361],
        [54.83361, 64.43823, 81.24203, 79.60288, 74.12756],
    ]
    assert found.rates == pytest.approx(np.array(printed), abs=5.1e-6)
    assert found.crude == pytest.approx([30.94957, 53.22084, 62.97390, 86.88830, 125.17462], abs=5.1e-6)
    assert found.effects(1, 0) == pytest.approx([1.882236, 3.349606, 7.434806, 9.604628], abs=5e-7)


def test_das_guptas_example_4_4_is_the_same_with_two_of_the_years() -> None:
    found = standardise([[WOMEN[at], UNMARRIED[at], OUTSIDE[at], WITHIN[at]] for at in (0, 4)], rate=illegitimacy)
    assert found.effects(1, 0) == pytest.approx([-6.20498, 48.66154, 27.05922, 24.70928], abs=5.1e-6)


def test_pairwise_decompositions_of_example_6_5_contradict_each_other_as_printed() -> None:
    years = list(zip(WOMEN, UNMARRIED, OUTSIDE, WITHIN, strict=True))
    pairs = [standardise([years[a], years[b]], rate=illegitimacy).effects(1, 0)[0] for a, b in ((0, 1), (1, 2), (0, 2))]
    assert pairs == pytest.approx([0.9773438, -1.034326, 0.1688192], abs=5e-7)


# The credit card data of Greene (Econometric Analysis), as shipped with statsmodels (datasets.ccard): expenditure by
# age, income, income squared; groups: owners and tenants. Results of Stata's command oaxaca (Jann 2008, Stata Journal
# 8:453) as printed in the tests of statsmodels: three-fold and two-fold with the pooled model.


def credit_cards() -> pd.DataFrame:
    from statsmodels.datasets.ccard.data import load_pandas

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = load_pandas()
    return data.exog.assign(spent=data.endog)


def test_oaxaca_on_the_credit_card_data_agrees_with_stata() -> None:
    found = oaxaca(
        credit_cards(), outcome="spent", covariates=["AGE", "INCOME", "INCOMESQ"], group="OWNRENT", first=1, second=0
    )
    assert found.gap.value == pytest.approx(158.7504, abs=5e-5)
    assert [found.explained.value, found.unexplained.value] == pytest.approx([130.8095, 27.94091], abs=5e-5)
    assert found.endowments.value == pytest.approx(321.7482, abs=5e-5)
    assert found.coefficients.value == pytest.approx(75.45371, abs=5e-6)
    assert found.interaction.value == pytest.approx(-238.4515, abs=5e-5)


def test_oaxaca_with_the_groups_exchanged_agrees_with_stata_too() -> None:
    found = oaxaca(
        credit_cards(), outcome="spent", covariates=["AGE", "INCOME", "INCOMESQ"], group="OWNRENT", first=0, second=1
    )
    assert found.gap.value == pytest.approx(-158.7504, abs=5e-5)
    assert found.endowments.value == pytest.approx(-83.29674, abs=1e-5)  # Stata's last digit is one off: −83.296735
    assert found.coefficients.value == pytest.approx(162.9978, abs=5e-5)
    assert found.interaction.value == pytest.approx(-238.4515, abs=5e-5)
    assert [found.explained.value, found.unexplained.value] == pytest.approx([-130.8095, -27.94091], abs=5e-5)


def test_the_standard_errors_of_statsmodels_shrink_with_what_it_trims() -> None:
    # statsmodels drops the outermost bootstrap results before taking their spread (conf=0.99 by default); with the
    # same draws the error it calls a standard error is smaller than the spread of all of them. So we do not use it.
    from statsmodels.stats.oaxaca import OaxacaBlinder

    data = credit_cards()
    x = np.column_stack([data[["AGE", "INCOME", "INCOMESQ"]], np.ones(len(data)), 1 - data["OWNRENT"]])
    errors = [
        OaxacaBlinder(data["spent"].to_numpy(), x, 4, swap=False, rng=1).two_fold(std=True, n=200, conf=conf).std
        for conf in (0.9, 0.99, 1.0)
    ]
    assert (np.diff(np.array(errors), axis=0) > 0).all()


@pytest.mark.parametrize(
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (Wilson); 17:873, table II, method 5 (Mee);
    # Fagerland, Lydersen & Laake 2017, chapter 4: Perondi et al. 2004, 7/34 against 1/34, Mee's score interval.
    ("weights", "x", "n", "printed"),
    [
        ([1], [81], [263], [0.2553, 0.3662]),
        ([1], [15], [148], [0.0624, 0.1605]),
        ([1, -1], [56, 48], [70, 80], [0.0533, 0.3377]),
        ([1, -1], [7, 1], [34, 34], [0.0284, 0.3439]),
    ],
)
def test_the_interval_of_a_weighted_sum_is_the_printed_one_for_one_and_two_proportions(
    weights: list[int], x: list[int], n: list[int], printed: list[float]
) -> None:
    found = weighted_score_bounds(weights, x, n, small_sample=False)
    assert [round(float(bound), 4) for bound in found[1:]] == printed
