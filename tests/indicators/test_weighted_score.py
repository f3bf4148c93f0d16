"""The score interval of a weighted sum of proportions: against a slow twin, at the ends, its coverage near 100 %."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.decomposition import kitagawa_parts, weighted_score_bounds
from indicators.errors import CountError, MethodError
from indicators.intervals import wilson
from indicators.score_intervals import miettinen_nurminen

Z = 1.959963984540054
Term = tuple[float, int, int]
"""Weight, successes, cases."""


@st.composite
def term(draw: st.DrawFn) -> Term:
    n = draw(st.integers(0, 30))
    return draw(st.integers(-8, 8)) / 8, draw(st.integers(0, n)), n


terms = st.lists(term(), min_size=1, max_size=5)


def slow_rates(total: float, used: list[Term]) -> list[float]:
    """The likeliest rates with Σ w·p = total: halving on the multiplier and, inside, on every rate."""

    def rate(multiplier: float, w: float, x: int, n: int) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            p = (low + high) / 2
            # The derivative of the log-likelihood is the multiplier times the weight, here without its denominators.
            low, high = (p, high) if x - n * p > multiplier * w * p * (1 - p) else (low, p)
        return (low + high) / 2

    low, high = -1e7, 1e7
    for _ in range(90):
        middle = (low + high) / 2
        reached = sum(w * rate(middle, w, x, n) for w, x, n in used)
        low, high = (middle, high) if reached > total else (low, middle)
    return [rate((low + high) / 2, w, x, n) for w, x, n in used]


def distance(total: float, used: list[Term]) -> float:
    """How many standard errors the observed sum lies from ``total``."""
    variance = 0.0
    for (w, _, n), p in zip(used, slow_rates(total, used), strict=True):
        variance += w**2 * p * (1 - p) / n * (n / (n - 1) if n > 1 else 2)
    gap = abs(sum(w * x / n for w, x, n in used) - total)
    return gap / math.sqrt(variance) if variance > 0 else math.inf


@settings(max_examples=30)
@given(terms)
@example([(1.0, 0, 0)])
@example([(1.0, 5, 5)])
@example([(-0.5, 0, 5), (0.5, 5, 5)])
@example([(0.25, 1, 1)] * 4)
def test_the_bounds_are_where_the_slow_twin_stands_on_the_edge(rows: list[Term]) -> None:
    found = weighted_score_bounds(*(list(column) for column in zip(*rows, strict=True)))
    used = [row for row in rows if row[2] and row[0]]
    if not sum(row[2] for row in rows):
        assert np.isnan(found).all()
        return
    value = sum(w * x / n for w, x, n in used)
    assert float(found.difference) == pytest.approx(value, abs=1e-12)
    assert found.low <= found.difference <= found.high
    for bound, end in ((float(found.low), min), (float(found.high), max)):
        furthest = sum(end(0.0, w) for w, _, _ in used)
        if abs(bound - furthest) < 1e-6:
            assert abs(value - furthest) < 1e-6  # only a sum that is there already has its bound there
        else:
            assert distance(bound, used) == pytest.approx(Z, abs=1e-3)


@settings(max_examples=40)
@given(st.integers(1, 400), st.data())
def test_one_proportion_has_wilsons_interval_and_two_have_mees(n: int, data: st.DataObject) -> None:
    x, n2 = data.draw(st.integers(0, n)), data.draw(st.integers(1, 400))
    x2 = data.draw(st.integers(0, n2))
    one = weighted_score_bounds([1], [x], [n], small_sample=False)
    assert [float(bound) for bound in one[1:]] == pytest.approx([float(bound) for bound in wilson(x, n)], abs=1e-9)
    two = weighted_score_bounds([1, -1], [x, x2], [n, n2], small_sample=False)
    mee = miettinen_nurminen(x, n, x2, n2, small_sample=False)
    assert [float(part) for part in two] == pytest.approx([float(part) for part in mee], abs=1e-7)


@settings(max_examples=30)
@given(terms, st.randoms(use_true_random=False))
def test_turning_the_sign_or_exchanging_successes_and_failures_turns_the_interval(
    rows: list[Term], chance: object
) -> None:
    w, x, n = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = weighted_score_bounds(w, x, n)
    turned = weighted_score_bounds(-w, x, n)
    np.testing.assert_allclose([turned.low, turned.high], [-found.high, -found.low], atol=1e-9)
    others = weighted_score_bounds(w, n - x, n)
    whole = w[n > 0].sum()
    np.testing.assert_allclose([others.low, others.high], [whole - found.high, whole - found.low], atol=1e-9)


def test_twelve_perfect_places_of_five_cases_are_as_uncertain_as_sixty_cases_and_a_little_more() -> None:
    found = weighted_score_bounds([1 / 12] * 12, [5] * 12, [5] * 12)
    assert found.high == 1.0
    assert float(found.low) == pytest.approx(60 / (60 + Z**2 * 5 / 4))
    assert float(weighted_score_bounds([1 / 12] * 12, [5] * 12, [5] * 12, small_sample=False).low) == pytest.approx(
        float(wilson(60, 60).low)
    )


def level_weights(n1: np.ndarray, n2: np.ndarray) -> np.ndarray:
    middle = (n1 / n1.sum() + n2 / n2.sum()) / 2
    return np.concatenate([middle, -middle])


@pytest.mark.parametrize(
    ("smaller", "larger", "rate"),
    [((5, 40), (5, 40), 0.985), ((4, 9), (300, 700), 0.985), ((1, 4), (10, 50), 0.95), ((5, 40), (5, 40), 0.95)],
)
def test_nineteen_of_twenty_intervals_of_the_level_hold_the_truth_near_100_percent(
    smaller: tuple[int, int], larger: tuple[int, int], rate: float
) -> None:
    # Drawing anew from the observed rates covers 91, 74, 65 and 91 % here.
    chance = np.random.default_rng(11)
    n = np.concatenate([chance.integers(*smaller, 12), chance.integers(*larger, 12)])
    weights = level_weights(n[:12].astype(float), n[12:].astype(float))
    held = 0
    for x in chance.binomial(n, rate, size=(250, 24)):
        found = weighted_score_bounds(weights, x, n)
        held += bool(found.low <= 0 <= found.high)  # equal rates everywhere: there is no level effect
    covered = held / 250
    print(f"covered {covered:.3f}")
    assert covered >= float(stats.binom.ppf(0.01, 250, 0.95)) / 250


def test_thousands_of_places_have_an_interval_about_the_normal_one() -> None:
    chance = np.random.default_rng(3)
    n1, n2 = chance.integers(5, 60, (2, 4000)).astype(float)
    x1, x2 = chance.binomial(n1.astype(int), 0.9).astype(float), chance.binomial(n2.astype(int), 0.88).astype(float)
    weights = level_weights(n1, n2)
    x, n = np.concatenate([x1, x2]), np.concatenate([n1, n2])
    found = weighted_score_bounds(weights, x, n)
    assert float(found.difference) == pytest.approx(kitagawa_parts(x1, n1, x2, n2)[1].sum(), abs=1e-12)
    error = math.sqrt((weights**2 * (x / n) * (1 - x / n) / (n - 1)).sum())
    assert float(found.high - found.low) == pytest.approx(2 * Z * error, rel=0.02)


def test_sums_without_weight_are_nothing_and_without_cases_unknown() -> None:
    assert [float(one) for one in weighted_score_bounds([0, 0], [1, 2], [3, 3])] == [0, 0, 0]
    assert np.isnan(weighted_score_bounds([1, 1], [0, 0], [0, 0])).all()
    assert np.isnan(weighted_score_bounds([], [], [])).all()


def test_what_cannot_be_used_is_refused_in_words() -> None:
    for x, n in ((-1, 2), (3, 2), (math.nan, 2), (0.5, 2)):
        with pytest.raises(CountError):
            weighted_score_bounds([1], [x], [n])
    for weights in ([1, 2], [math.nan], [math.inf]):
        with pytest.raises(MethodError, match="one finite weight"):
            weighted_score_bounds(weights, [1], [2])
    with pytest.raises(MethodError, match="confidence"):
        weighted_score_bounds([1], [1], [2], confidence=95)
