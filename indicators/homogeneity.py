"""Do the areas differ at all? A test that the true rates of all areas are the same.

Where it is not rejected, everything that speaks of better and worse areas - bands, ranks, maps - would be reading
chance. The chi-square test of a 2 x k table is no use here: at 98 % and twenty-five cases an area half a failure is
expected, and its approximation fails. The statistic is the weighted sum of squared deviations from the common rate
less what chance would bring, T = Σ ((x - nθ)²/(θ(1-θ)) - n) / (1 + n/n̄), and its distribution under equal rates is
drawn from the binomial itself, so that the test holds for any sizes and rates. The weights lie between those of
Tarone's test, which is best for the smallest differences but listens to the largest areas only, and those of Pearson's
chi-square, which near 100 % listens to single cases in the smallest. A result that is not significant does not say that
the areas are equal: twenty-five areas of twenty-five cases rarely tell.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.counts import Floats, check_counts

SEED = 19_790_601
_DRAWN = 60_000
_MOST, _LEAST = 999, 99
_CHUNK = 1_000_000
_ROUNDING = 1e-9


def homogeneity_p(x: Any, n: Any, *, seed: int = SEED) -> float:
    """P that areas with one common rate differ as much as these, ``x`` successes of ``n`` cases; one-dimensional.

    (1 + draws with T at least as large) / (1 + draws), draws of x from the binomial with the pooled rate, T with the
    rate pooled anew in each: 999 for up to sixty areas, fewer for more, but at least 99. Areas without cases take
    no part; NaN with fewer than two others. 1 where all are at 0 % or all at 100 %. The draws depend on the seed and
    the set of n only, so the order of the areas has no effect.

    Source: Tarone 1979, Biometrika 66:585 (the statistic, there with other weights); Davison & Hinkley 1997, Bootstrap
    Methods and their Application, ch. 4. Raises CountError for impossible counts.
    """
    x, n = (one.ravel() for one in check_counts(x, n))
    x, n = x[n > 0], n[n > 0]
    if n.size < 2:
        return float("nan")
    order = np.lexsort((x, n))
    x, n = x[order], n[order]
    rate = x.sum() / n.sum()
    if rate in (0, 1):
        return 1.0
    observed = _statistic(x[None, :], n)[0]
    generator, cases = np.random.default_rng(seed), n.astype(np.int64)
    draws = int(np.clip(_DRAWN // n.size, _LEAST, _MOST))
    step = max(1, _CHUNK // n.size)
    reached = 0
    for start in range(0, draws, step):
        drawn = generator.binomial(cases, rate, size=(min(step, draws - start), n.size))
        reached += int((_statistic(drawn, n) >= observed - _ROUNDING * abs(observed)).sum())
    return (1 + reached) / (1 + draws)


def _statistic(x: Any, n: Floats) -> Floats:
    """T of each row of counts."""
    rate = x.sum(axis=1, keepdims=True) / n.sum()
    chance = rate * (1 - rate)
    deviation = (x - n * rate) ** 2 / np.where(chance > 0, chance, 1.0)
    return (deviation - n * (chance > 0)) @ (1 / (1 + n / n.mean()))
