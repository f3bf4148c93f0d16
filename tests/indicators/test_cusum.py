"""CUSUM: sums against a loop, gaps and restarts, and run lengths against exact chains."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.cusum import (
    binomial_cusum,
    binomial_run_length,
    log_likelihood_weights,
    run_length,
    standardised_cusum,
)
from indicators.errors import CountError, MethodError

scores = st.lists(st.one_of(st.none(), st.floats(-4, 4)), min_size=1, max_size=25)


def naive_sums(gains: list[float | None], h: float, *, restart: bool, strict: bool) -> list[float]:
    total, sums = 0.0, []
    for gain in gains:
        if gain is None:
            sums.append(math.nan)
            continue
        total = max(0.0, total + gain)
        sums.append(total)
        if restart and (total > h if strict else total >= h):
            total = 0.0
    return sums


@settings(max_examples=60)
@given(scores, st.booleans())
def test_both_sums_are_added_point_by_point_and_stand_still_over_gaps(drawn: list[float | None], restart: bool) -> None:
    found = standardised_cusum([math.nan if one is None else one for one in drawn], h=2, restart=restart)
    up = naive_sums([None if one is None else one - 0.5 for one in drawn], 2, restart=restart, strict=True)
    down = naive_sums([None if one is None else -one - 0.5 for one in drawn], 2, restart=restart, strict=True)
    assert found.up.tolist() == pytest.approx(up, nan_ok=True)
    assert found.down.tolist() == pytest.approx(down, nan_ok=True)
    assert found.signal_up.tolist() == [one > 2 for one in found.up.tolist()]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=25),
    st.floats(0.01, 0.9),
    st.sampled_from([0.5, 2.0, 3.0]),
    st.booleans(),
)
def test_the_binomial_cusum_adds_likelihoods(
    drawn: list[tuple[int, int]], rate: float, ratio: float, restart: bool
) -> None:
    pairs = [(min(pair), max(pair)) for pair in drawn]
    gains: list[float | None] = []
    changed = rate * ratio / (1 - rate + rate * ratio)
    for x, n in pairs:
        likelihood = x * math.log(changed / rate) + (n - x) * math.log((1 - changed) / (1 - rate))
        gains.append(likelihood if n else None)
    found = binomial_cusum([x for x, _ in pairs], [n for _, n in pairs], rate, odds_ratio=ratio, h=2.0, restart=restart)
    expected = naive_sums(gains, 2.0, restart=restart, strict=False)
    assert found.sums.tolist() == pytest.approx(expected, nan_ok=True, abs=1e-9)


def test_thousands_of_areas_at_once_are_the_areas_one_by_one() -> None:
    random = np.random.default_rng(1)
    n = random.integers(0, 50, (3000, 24))
    x = random.binomial(n, 0.05)
    found = binomial_cusum(x, n, 0.02)
    for row in range(0, 3000, 500):
        assert found.sums[row] == pytest.approx(binomial_cusum(x[row], n[row], 0.02).sums, nan_ok=True)
    mixed = random.permutation(3000)
    assert np.array_equal(binomial_cusum(x[mixed], n[mixed], 0.02).sums, found.sums[mixed], equal_nan=True)


def test_rare_failures_that_double_are_found_and_an_unchanged_process_is_left_alone() -> None:
    calm, doubled = [2] * 12, [2] * 6 + [4] * 12
    assert not binomial_cusum(calm, [100] * 12, 0.02).signal.any()
    assert binomial_cusum(doubled, [100] * 18, 0.02).signal[-1]


def test_a_likelihood_sum_signals_when_it_reaches_h_and_a_standardised_one_only_above_it() -> None:
    weight = float(log_likelihood_weights(3, 4, 0.1))
    found = binomial_cusum([3, 3], [4, 4], 0.1, h=weight, restart=True)
    assert found.signal.tolist() == [True, True] and found.sums.tolist() == [weight, weight]
    plain = standardised_cusum([1.5, 1.5], h=1.0, restart=True)
    assert plain.signal_up.tolist() == [False, True] and plain.up.tolist() == [1.0, 2.0]


def test_no_cases_are_no_evidence() -> None:
    assert float(log_likelihood_weights(0, 0, 0.1)) == 0
    found = binomial_cusum([5, 0, 5], [50, 0, 50], 0.05, h=9)
    assert np.isnan(found.sums[1]) and not found.signal.any()
    assert found.sums[2] == pytest.approx(2 * found.sums[0])


def test_run_lengths_of_a_lattice_chain_are_exact() -> None:
    # With p = 2^(1/5) − 1 an event is worth 4 steps up and no event one step down: the chain is finite.
    rate = 2 ** (1 / 5) - 1
    step = math.log1p(rate)
    top = 9
    moves = np.zeros((top, top))
    for state in range(top):
        moves[state, max(0, state - 1)] += 1 - rate
        if state + 4 < top:
            moves[state, state + 4] += rate
    exact = np.linalg.solve(np.eye(top) - moves, np.ones(top))[0]
    assert binomial_run_length(1, rate, h=(top - 0.5) * step, states=17) == pytest.approx(exact, rel=1e-9)


def test_run_length_of_the_normal_cusum_is_that_of_a_fine_chain() -> None:
    from scipy import stats

    states, h, k = 400, 3.0, 0.5
    width = h / states
    at = np.concatenate([[0.0], (np.arange(states) + 0.5) * width])
    moves = np.empty((states + 1, states + 1))
    moves[:, 0] = stats.norm.cdf(k - at)
    moves[:, 1:] = stats.norm.pdf(at[None, 1:] - at[:, None] + k) * width
    chain = np.linalg.solve(np.eye(states + 1) - moves, np.ones(states + 1))[0]
    assert run_length(h=h, two_sided=False) == pytest.approx(chain, rel=1e-3)


def test_a_change_is_found_sooner_than_a_false_signal_and_a_higher_h_waits_longer() -> None:
    false = binomial_run_length(50, 0.02)
    assert binomial_run_length(50, 0.02, true_rate=0.04) < false / 10
    assert binomial_run_length(50, 0.02, h=5.5) > false
    assert run_length(h=5) > run_length(h=4) > run_length(h=4, shift=1)


def test_what_cannot_be_used_is_said() -> None:
    for x, n in ((-1, 5), (6, 5), (math.nan, 5), (1.5, 5)):
        with pytest.raises(CountError):
            binomial_cusum(x, n, 0.1)
    for wrong in (0.0, 1.0, math.nan):
        with pytest.raises(MethodError, match="expected rate"):
            binomial_cusum(1, 5, wrong)
    for ratio in (1.0, 0.0, -2.0, math.nan):
        with pytest.raises(MethodError, match="odds ratio"):
            log_likelihood_weights(1, 5, 0.1, odds_ratio=ratio)
    with pytest.raises(MethodError, match="h must be above 0"):
        standardised_cusum([1.0], h=0)
