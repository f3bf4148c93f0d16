"""The array form of the hypergeometric tails against SciPy's, near and far from the middle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from indicators.hypergeometric import hypergeometric_masses


@st.composite
def draws(draw: st.DrawFn) -> tuple[int, int, int, int]:
    whole = draw(st.integers(1, 5000))
    return draw(st.integers(-2, whole + 2)), whole, draw(st.integers(0, whole)), draw(st.integers(0, whole))


@given(st.lists(draws(), min_size=1, max_size=8))
def test_the_masses_are_scipys(rows: list[tuple[int, int, int, int]]) -> None:
    x, whole, successes, drawn = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = hypergeometric_masses(x, whole, successes, drawn)
    law = (whole, successes, drawn)
    np.testing.assert_allclose(found.at_most, stats.hypergeom.cdf(x, *law), rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(found.exactly, stats.hypergeom.pmf(x, *law), rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(found.at_least, stats.hypergeom.sf(x - 1, *law), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("whole", [100_000, 1_000_000, 50_000_000])
def test_small_tails_keep_their_size_for_large_totals(whole: int) -> None:
    drawn, successes = whole // 25, round(whole * 0.985)
    middle = drawn * successes // whole
    x = middle + np.array([-400.0, -150.0, -40.0, 0.0, 40.0, 150.0, 400.0])
    law = [np.full(7, float(one)) for one in (whole, successes, drawn)]
    found = hypergeometric_masses(x, *law)
    np.testing.assert_allclose(found.at_most, stats.hypergeom.cdf(x, *law), rtol=1e-5, atol=1e-300)
    np.testing.assert_allclose(found.at_least, stats.hypergeom.sf(x - 1, *law), rtol=1e-5, atol=1e-300)
    np.testing.assert_allclose(found.at_most + found.at_least, 1 + found.exactly, rtol=1e-7)
