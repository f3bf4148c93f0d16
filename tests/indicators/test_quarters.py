"""Quarters: the probabilities fill a quarter under any prior, and agree with closed forms and with draws."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.posterior_ranks import bands, posterior_ranks
from indicators.quarters import EXACT, FINE, ROUGH, quarter_size, quarters
from indicators.shrinkage import Prior, beta_binomial_moments

SHAPES = st.floats(-7, 4).map(lambda power: 10.0**power)


@st.composite
def posteriors(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Areas under priors from heaped at the ends to nearly a point, with few cases, many, or a mixture of both."""
    alpha, beta, areas = draw(SHAPES), draw(SHAPES), draw(st.sampled_from([1, 2, 4, 5, 20, 50, 51, 60, 200, 407]))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    n = {
        "few": rng.integers(1, 15, areas),
        "mixed": np.exp(rng.uniform(0, 9, areas)).astype(int),
        "many": np.full(areas, 500),
        "no": np.zeros(areas, dtype=int),
    }[draw(st.sampled_from(["few", "mixed", "many", "no"]))]
    x = rng.binomial(n, rng.beta(alpha, beta, areas))
    return alpha + x, beta + n - x


@given(posteriors(), st.sampled_from([FINE, ROUGH]))
@settings(max_examples=40)
def test_the_probabilities_of_all_areas_fill_the_quarter(
    posterior: tuple[np.ndarray, np.ndarray], grid: object
) -> None:
    a, b = posterior
    quarter, within = quarter_size(len(a)), 0.01 if grid is FINE else 0.02
    for found in quarters(a, b, grid=grid):  # type: ignore[arg-type]
        assert (found >= 0).all() and (found <= 1).all()
        assert found.sum() == pytest.approx(quarter, rel=within)


@given(posteriors())
@settings(max_examples=30)
def test_the_largest_of_the_successes_are_the_smallest_of_the_failures(
    posterior: tuple[np.ndarray, np.ndarray],
) -> None:
    a, b = posterior
    straight, turned = quarters(a, b), quarters(b, a)
    np.testing.assert_allclose(straight[0], turned[1], atol=0.004)
    np.testing.assert_allclose(straight[1], turned[0], atol=0.004)


def naive_smallest(rates: list[float], quarter: int) -> list[float]:
    """-ln(1 - X) of X ~ Beta(1, b) is exponential with rate b: the smallest are drawn like balls of weight b."""
    found = [0.0] * len(rates)
    for chosen in itertools.permutations(range(len(rates)), quarter):
        chance, left = 1.0, sum(rates)
        for one in chosen:
            chance *= rates[one] / left
            left -= rates[one]
        for one in chosen:
            found[one] += chance
    return found


@given(st.lists(SHAPES, min_size=1, max_size=8))
@settings(max_examples=40)
def test_the_smallest_of_exponential_variables_come_in_the_order_of_weighted_balls(b: list[float]) -> None:
    expected = naive_smallest(b, quarter_size(len(b)))
    np.testing.assert_allclose(quarters(np.ones(len(b)), np.array(b))[1], expected, atol=0.01)
    np.testing.assert_allclose(quarters(np.array(b), np.ones(len(b)))[0], expected, atol=0.01)


def naive_smallest_of_two_kinds(many: tuple[int, int], rates: tuple[float, float], quarter: int) -> list[float]:
    """The same with two weights and any number of areas, by the number of each kind already taken."""
    chances = {(0, 0): 1.0}
    for _ in range(quarter):
        following: dict[tuple[int, int], float] = {}
        for (first, second), chance in chances.items():
            weights = (many[0] - first) * rates[0], (many[1] - second) * rates[1]
            for step, weight in zip(((1, 0), (0, 1)), weights, strict=True):
                after = first + step[0], second + step[1]
                if weight:
                    following[after] = following.get(after, 0.0) + chance * weight / sum(weights)
        chances = following
    return [sum(taken[kind] * chance for taken, chance in chances.items()) / many[kind] for kind in (0, 1)]


@pytest.mark.parametrize("many", [(60, 3), (30, 30), (400, 7), (100, 307), (900, 600)])
@pytest.mark.parametrize("rates", [(1e-6, 3e-6), (0.01, 0.5), (2.0, 40.0), (1e-3, 1e3)])
def test_many_exponential_variables_come_in_that_order_too(many: tuple[int, int], rates: tuple[float, float]) -> None:
    expected = naive_smallest_of_two_kinds(many, rates, quarter_size(sum(many)))
    b = np.repeat(rates, many)
    for grid in (FINE, ROUGH):
        found = quarters(np.ones(len(b)), b, grid=grid)[1]
        np.testing.assert_allclose(found, np.repeat(expected, many), atol=0.002)
    assert sum(many) > EXACT


@pytest.mark.parametrize("shapes", [(1.0, 0.01), (30.0, 2.0), (0.5, 3.0), (700.0, 15.0), (1e-4, 20.0)])
def test_the_normal_approximation_agrees_with_adding_up(
    shapes: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    n = np.exp(rng.uniform(1, 7, 70)).astype(int)
    x = rng.binomial(n, rng.beta(*shapes, 70))
    a, b = shapes[0] + x, shapes[1] + n - x
    near = quarters(a, b)
    monkeypatch.setattr("indicators.quarters.EXACT", 100)
    np.testing.assert_allclose(near, quarters(a, b), atol=0.02)


HEAPED = [12] * 394 + [11] + [0] * 12


def test_where_nearly_all_are_spotless_nobody_leads() -> None:
    x, n = np.array(HEAPED), np.full(407, 12)
    prior = beta_binomial_moments(x, n)
    found, drawn = bands(x, n, prior), posterior_ranks(x, n, prior, draws=2000)
    np.testing.assert_allclose(found.p_top, drawn.p_top_quarter, atol=0.02)
    np.testing.assert_allclose(found.p_bottom, drawn.p_bottom_quarter, atol=0.02)
    assert found.p_top[0] == pytest.approx(102 / 394, abs=0.01) and not (found.band == "leading").any()
    assert not (bands(x, n).band == "leading").any()


@pytest.mark.parametrize("shapes", [(0.3, 0.009), (0.009, 0.3), (1e-6, 1e-6), (40.0, 0.3), (0.05, 2000.0), (3.0, 1e-9)])
@pytest.mark.parametrize("areas", [20, 51, 200])
def test_integration_agrees_with_the_draws_under_extreme_priors(shapes: tuple[float, float], areas: int) -> None:
    rng = np.random.default_rng(6)
    n = np.exp(rng.uniform(0, 8, areas)).astype(int)
    x = rng.binomial(n, rng.beta(*shapes, areas))
    prior = Prior(0.5, 0.1, *shapes, areas, None)
    top, bottom = quarters(shapes[0] + x, shapes[1] + n - x)
    drawn = posterior_ranks(x, n, prior, draws=1000)
    for mine, by_draws in ((top, drawn.p_top_quarter), (bottom, drawn.p_bottom_quarter)):
        # 0.014 is the standard error of a thousand draws; the mean distance of such errors is four fifths of it.
        np.testing.assert_allclose(mine, by_draws, atol=0.06)
        assert np.abs(mine - by_draws).mean() < 0.015
