"""The slope index: against the normal equations and statsmodels, the right sign, and no slope where there is none."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.errors import CountError, MethodError
from indicators.slope_index import SlopeRefusal, mid_ranks, slope_index


def slow_line(x: np.ndarray, n: np.ndarray, context: np.ndarray) -> tuple[float, float, float, float]:
    """Intercept, slope and the error of the slope of the weighted least squares line, from the normal equations."""
    rows = [(a / m, m, c) for a, m, c in zip(x.tolist(), n.tolist(), context.tolist(), strict=True) if m]
    total = sum(m for _, m, _ in rows)
    at = [
        (sum(m for _, m, c in rows if c < c0) + sum(m for _, m, c in rows if c == c0) / 2) / total for _, _, c0 in rows
    ]
    design = np.array([[1.0, one] for one in at])
    weights, y = np.array([m for _, m, _ in rows], dtype=float), np.array([p for p, _, _ in rows])
    inverse = np.linalg.inv(design.T @ (design * weights[:, None]))
    a, b = inverse @ design.T @ (weights * y)
    theta = float((weights * y).sum() / total)
    scatter = float((weights * (y - design @ [a, b]) ** 2).sum() / (len(rows) - 2))
    return float(a), float(b), math.sqrt(max(theta * (1 - theta), scatter) * inverse[1, 1]), float(inverse[0, 0])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(0, 9)), min_size=5, max_size=14))
def test_the_slope_index_is_the_weighted_line_through_the_ranks(areas: list[tuple[int, int, int]]) -> None:
    x = np.array([one[0] for one in areas])
    n = x + np.array([one[1] for one in areas])
    context = np.array([one[2] for one in areas])
    found = slope_index(x, n, context)
    if len(set(context[n > 0].tolist())) < 5:
        assert found.reason == SlopeRefusal.TOO_FEW_AREAS and math.isnan(found.sii)
        return
    if x.sum() in (0, n.sum()):
        assert found.reason == SlopeRefusal.ALL_ALIKE and math.isnan(found.high)
        return
    a, b, error, _ = slow_line(x, n, context)
    assert (found.bottom, found.sii) == pytest.approx((a, b), abs=1e-9)
    half = stats.t.ppf(0.975, int((n > 0).sum()) - 2) * error
    assert (found.low, found.high) == pytest.approx((b - half, b + half), abs=1e-9)
    if a > 1e-6 and a + b > 1e-6:
        assert found.rii == pytest.approx((a + b) / a, rel=1e-6)
        assert found.rii_low < found.rii < found.rii_high


def test_the_logit_slope_is_that_of_the_binomial_regression_of_statsmodels() -> None:
    import statsmodels.api as sm

    chance = np.random.default_rng(5)
    n, context = chance.integers(1, 80, 400), chance.random(400)
    x = chance.binomial(n, 0.97 - 0.03 * context)
    found = slope_index(x, n, context, model="logit")
    design = sm.add_constant(mid_ranks(n, context))
    fit = sm.GLM(np.column_stack([x, n - x]), design, family=sm.families.Binomial()).fit()
    bottom, top = (1 / (1 + np.exp(-fit.params @ one)) for one in ([1, 0], [1, 1]))
    assert (found.bottom, found.top) == pytest.approx((bottom, top), abs=1e-8)
    assert found.rii == pytest.approx(top / bottom)
    # The errors by stepping a little along each coefficient, with the dispersion not below 1. Not with statsmodels'
    # scale="X2": for counts in two columns that forgets the number of cases (0.04 here, where Pearson's is 1.04).
    ends = [lambda b, u=u: 1 / (1 + np.exp(-b @ np.array([1.0, u]))) for u in (0.0, 1.0)]
    steps = np.eye(2) * 1e-6
    gradient = np.array([(ends[1](fit.params + s) - ends[0](fit.params + s) - (top - bottom)) / 1e-6 for s in steps])
    error = math.sqrt(gradient @ (fit.cov_params() * max(1.0, fit.pearson_chi2 / 398)) @ gradient)
    assert found.high - found.sii == pytest.approx(stats.t.ppf(0.975, 398) * error, rel=1e-3)


def test_a_gradient_along_the_context_is_found_with_the_right_sign_and_nothing_where_there_is_none() -> None:
    n = np.full(40, 100)
    falling = np.round(98 - np.arange(40) / 4)
    for model in ("linear", "logit"):
        down = slope_index(falling, n, np.arange(40), model=model)
        up = slope_index(falling, n, -np.arange(40), model=model)
        assert down.high < 0 < up.low
        assert up.sii == pytest.approx(-down.sii)
        assert up.rii == pytest.approx(1 / down.rii)
        flat = slope_index(np.full(40, 95), n, np.arange(40), model=model)
        assert flat.sii == pytest.approx(0, abs=1e-12) and flat.low < 0 < flat.high
        assert flat.rii == pytest.approx(1)


def test_areas_without_cases_or_context_take_no_part() -> None:
    x, n, context = np.array([9, 8, 7, 9, 5, 0, 4]), np.array([10, 10, 9, 12, 8, 0, 6]), np.arange(7.0)
    context[6] = np.nan
    found, kept = slope_index(x, n, context), slope_index(x[:5], n[:5], context[:5])
    assert found == kept
    assert np.isnan(mid_ranks(n, context)[5:]).all()
    assert (mid_ranks(n, context)[:5] * n[:5]).sum() / n[:5].sum() == pytest.approx(0.5)


def test_no_slope_is_made_up_where_there_is_none_to_see() -> None:
    ten = np.full(6, 10)
    assert slope_index(ten, ten, np.arange(6)).reason == SlopeRefusal.ALL_ALIKE
    assert slope_index(ten - 1, ten, np.arange(6) // 2).reason == SlopeRefusal.TOO_FEW_AREAS
    assert slope_index([0, 0, 0, 10, 10, 10], ten, np.arange(6), model="logit").reason == SlopeRefusal.SEPARATED
    assert slope_index([], [], []).reason == SlopeRefusal.TOO_FEW_AREAS
    with pytest.raises(MethodError, match="model is"):
        slope_index(ten, ten, np.arange(6), model="probit")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=12), st.integers(0, 99))
def test_the_order_of_the_areas_never_changes_a_slope(areas: list[tuple[int, int]], seed: int) -> None:
    chance = np.random.default_rng(seed)
    x = np.array([one[0] for one in areas])
    n = x + np.array([one[1] for one in areas])
    order, context = chance.permutation(len(x)), chance.integers(0, 9, len(x))
    for model in ("linear", "logit"):
        one, other = (slope_index(x[o], n[o], context[o], model=model) for o in (slice(None), order))
        assert repr(other) == repr(one)  # to the last digit, NaN included


@pytest.mark.parametrize(("x", "n"), [(-1, 2), (3, 2), (math.nan, 2), (0.5, 2)])
def test_impossible_counts_are_refused(x: float, n: float) -> None:
    with pytest.raises(CountError):
        slope_index([x], [n], [1])
