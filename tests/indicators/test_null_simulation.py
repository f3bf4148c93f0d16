"""What is claimed where nothing differs: every area truly at 98 %, with 3 to 2000 cases (METHODS, section 4).

The figures are printed: run with ``pytest -rP`` to read them.
"""

import numpy as np
import pytest

from indicators.exact_tests import exact_tails
from indicators.rankings import rank_sets

RATE = 0.98
RUNS = 1_000


def sizes(rng: np.random.Generator, areas: int, kind: str) -> np.ndarray:
    """Cases of the areas, one row a run: spread evenly over the orders of magnitude, or half tiny and half large."""
    if kind == "even":
        return np.exp(rng.uniform(np.log(3), np.log(2000), (RUNS, areas))).astype(int)
    tiny = rng.integers(3, 12, (RUNS, areas // 2))
    return np.concatenate([tiny, rng.integers(1000, 2001, (RUNS, areas - areas // 2))], axis=1)


@pytest.mark.parametrize(("areas", "kind"), [(25, "even"), (25, "tiny and large"), (8, "even")])
def test_any_claim_about_ranks_is_made_in_at_most_one_run_of_twenty(areas: int, kind: str) -> None:
    rng = np.random.default_rng(98)
    n = sizes(rng, areas, kind)
    found = rank_sets(rng.binomial(n, RATE), n)
    claims = ((found.low > 1) | (found.high < areas)).any(axis=1)
    print(f"{areas} areas, {kind}: a rank claim in {claims.mean():.1%} of {RUNS} runs (allowed 5 %)")
    assert claims.mean() <= 0.05
    assert (found.rank.max(axis=1) > 1).all(), "the plain ranks themselves claim something in every run"


@pytest.mark.parametrize("kind", ["even", "tiny and large"])
def test_flags_at_99_8_per_cent_fall_on_at_most_two_areas_of_a_thousand(kind: str) -> None:
    rng = np.random.default_rng(998)
    n = sizes(rng, 25, kind)
    x = rng.binomial(n, RATE)
    rest_x, rest_n = (one.sum(axis=1, keepdims=True) - one for one in (x, n))
    tails = exact_tails(x, n, rest_x, rest_n)
    low, high = (tails.low < 0.001).mean(), (tails.high < 0.001).mean()
    print(f"25 areas, {kind}: low {low:.3%}, high {high:.3%} of {n.size} areas (allowed 0.1 % each side)")
    assert low <= 0.001 and high <= 0.001


def test_a_real_difference_is_found_in_most_runs() -> None:
    """The other side of the coin: one township of 1,500 cases truly at 94 % among 24 at 98 %."""
    rng = np.random.default_rng(5)
    n = np.full((300, 25), 1500)
    rate = np.full(25, RATE)
    rate[0] = 0.94
    found = rank_sets(rng.binomial(n, rate), n)
    last = (found.low[:, 0] > 12).mean()
    print(f"one area at 94 % among 24 at 98 %: placed in the lower half in {last:.1%} of 300 runs")
    assert last > 0.9
