"""Measures of spread and gradient against printed values from the literature and from published packages."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from indicators.slope_index import mid_ranks, slope_index
from indicators.spread import gini, theil, theil_split

DECADES = list(range(1940, 2010, 10))


def mexico() -> pd.DataFrame:
    """Income per head of the 32 Mexican states, 1940 to 2000 (Rey & Sastré Gutiérrez 2010), shipped with libpysal."""
    package = find_spec("libpysal")  # its import takes a second
    assert package is not None and package.origin is not None
    return pd.read_csv(Path(package.origin).parent / "examples" / "mexico" / "mexico.csv")


def test_theil_of_the_mexican_states_is_that_of_pysal() -> None:
    # Printed in the tests of pysal/inequality (test_theil.py), after Rey & Sastré Gutiérrez 2010, Spatial Economic
    # Analysis 5:277.
    incomes = mexico()[[f"pcgdp{decade}" for decade in DECADES]].to_numpy().T
    printed = [0.20894344, 0.15222451, 0.10472941, 0.10194725, 0.09560113, 0.10511256, 0.10660832]
    assert theil(incomes) == pytest.approx(np.array(printed), abs=5e-9)


def test_the_part_between_the_regions_of_mexico_is_that_of_pysal() -> None:
    # The same source, regions of Hanson 1998. Every state counts once: equal weights.
    states = mexico()
    printed = [0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872]
    for decade, between in zip(DECADES, printed, strict=True):
        income = states[f"pcgdp{decade}"].to_numpy()
        found = theil_split(income, np.full(len(income), 10**6), states["hanson98"], better="lower")
        assert found.between == pytest.approx(between, abs=6e-9)
        assert found.within == pytest.approx(found.total - between, abs=6e-9)


def test_zeros_count_and_are_not_dropped() -> None:
    # pysal/inequality test_theil.py prints ln 2, all of it between the two regions. R's ineq drops the zeros: 0.
    y = np.array([0, 0, 0, 10, 10, 10])
    found = theil_split(y, np.full(6, 10), [0, 0, 0, 1, 1, 1], better="lower")
    assert theil(y) == pytest.approx(0.6931471805599453, abs=1e-15)
    assert (found.between, found.within) == pytest.approx((0.6931471805599453, 0.0), abs=1e-15)


def test_the_index_that_reat_calls_theil_is_another_one() -> None:
    # The R package REAT 3.0.3 prints theil(c(10, 10, 10, 20, 50)) = 0.2326302 (after Störmann 2009). That is Theil's
    # second index L, the mean of ln(μ/y), and not T.
    incomes = np.array([10, 10, 10, 20, 50])
    assert np.log(incomes.mean() / incomes).mean() == pytest.approx(0.2326302, abs=5e-8)
    assert theil(incomes) == pytest.approx(0.2502012, abs=5e-8)


def test_gini_of_the_example_of_r_ineq() -> None:
    # R package ineq, help page of ineq(): 0.4620911, with its correction n/(n − 1) 0.5134346.
    incomes = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
    assert gini(incomes) == pytest.approx(0.4620911, abs=5e-8)
    assert gini(incomes, sample=True) == pytest.approx(0.5134346, abs=5e-8)


def test_gini_of_the_mexican_states_is_that_of_pysal() -> None:
    # Printed in the tests of pysal/inequality (test_gini.py), income per head in 1940.
    assert gini(mexico()["pcgdp1940"]) == pytest.approx(0.35372371173452849, abs=1e-14)


def test_ranks_are_the_middle_of_the_cumulated_cases() -> None:
    # Documentation of phe_sii in the R package PHEindicatormethods: deciles with 12 % and 10 % of the population have
    # the ranks 0.12/2 (printed as 0.6, a slip for 0.06) and 0.12 + 0.10/2 = 0.17.
    assert mid_ranks([12, 10, 78], [1, 2, 3])[:2] == pytest.approx([0.06, 0.17], abs=1e-15)


# Under-five deaths per 1,000 births by wealth fifth, India 1982-92 (O'Donnell, van Doorslaer, Wagstaff & Lindelow 2008,
# Analyzing Health Equity Using Household Survey Data, World Bank, chapter 8, grouped data; also the Bank's Technical
# Note 7): concentration index −0.1694. By the convenient regression of Kakwani, Wagstaff & van Doorslaer (1997, Journal
# of Econometrics 77:87) the index is the slope index times twice the variance of the ranks over the mean.
BIRTHS = np.array([29939, 28776, 26528, 24689, 19739])
DEATHS_PER_THOUSAND = np.array([154.7, 152.9, 119.5, 86.9, 54.3])


def test_the_slope_index_gives_the_concentration_index_of_child_deaths_in_india() -> None:
    deaths = np.rint(BIRTHS * DEATHS_PER_THOUSAND / 1000)
    ranks = mid_ranks(BIRTHS, range(5))
    spread_of_ranks = (BIRTHS * (ranks - 0.5) ** 2).sum() / BIRTHS.sum()
    slope = slope_index(deaths, BIRTHS, range(5))
    index = slope.sii * 2 * spread_of_ranks / (deaths.sum() / BIRTHS.sum())
    assert index == pytest.approx(-0.1694, abs=5e-5)


def test_the_slope_index_gives_the_relative_concentration_index_of_healthequal() -> None:
    # Tests of the R package healthequal (test-rci.R): 20, 30, 40, 50 and 60 percent in five groups of the populations
    # round(rnorm(5, 100, 40)) after set.seed(123), which are 78, 91, 162, 103 and 105: 0.17776859.
    people = 1000 * np.array([78, 91, 162, 103, 105])
    cases = people * np.array([20, 30, 40, 50, 60]) // 100
    ranks = mid_ranks(people, range(5))
    spread_of_ranks = (people * (ranks - 0.5) ** 2).sum() / people.sum()
    index = slope_index(cases, people, range(5)).sii * 2 * spread_of_ranks / (cases.sum() / people.sum())
    assert index == pytest.approx(0.17776859, abs=5e-8)
