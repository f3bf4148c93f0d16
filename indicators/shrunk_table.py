"""A table of rates with every rate pulled towards the mean of its group or of the whole district, and how surely.

The method is that of ``shrinkage``; here it is decided, for a table as it is shown, which areas lend each other
strength (those of the same township or stratum, where there are enough of them, else all) and which interval is
honest: with fewer than a thousand areas the one that allows for the prior being an estimate. Not for ranking, and not
without the raw rate beside it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.comparison import counts_of
from indicators.counts import Floats
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, Bounds, wilson
from indicators.shrinkage import (
    DRAWS,
    Prior,
    beta_binomial_moments,
    bootstrap_interval,
    posterior_interval,
    reliability,
    shrunken_rates,
)
from indicators.values import State

MANY_AREAS = 1_000
"""From here on the prior is taken as known; below, its own uncertainty widens the intervals. Thirty areas are not
enough near 100 %: with 407 areas of 25 cases at 98 % (SD 1 point) the known-prior 95 % interval covers 69 %."""
_DRAWN = 400_000
"""Areas times draws in one bootstrap of a table; with over 2,000 areas fewer draws are enough."""


def shrunk_table(
    table: pd.DataFrame, *, within: str | None = None, least_areas: int = 8, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """A ``rate_table`` of proportions with the rates pulled towards the mean of the group or of the whole table.

    ``within`` names the column of the group (township, stratum). A group is its own prior where it has
    ``least_areas`` areas with cases that are neither all at 0 % nor all at 100 %; the other rows, and rows without a
    group, are pulled towards the whole table. Priors by moments. Intervals: with fewer than 1,000 areas, or where no
    variation was found (which is no proof that there is none), ``bootstrap_interval``, else ``posterior_interval``;
    with all areas at 0 % or all at 100 % Wilson's interval of the pooled counts.

    Returns the table with shrunk, shrunk_low, shrunk_high (shares), weight (reliability, 0 to 1), prior_mean,
    prior_level ("group", "district" or None) and prior_reason (a code of ``PriorReason`` or None). Rows without cases,
    hidden rows, and everything where chance does not apply (interval "none") have NaN and None. Order has no effect.

    Raises MethodError for a ratio or a ``within`` that is no column, CountError for impossible counts.
    """
    if table.attrs.get("kind", "proportion") != "proportion":
        raise MethodError(
            zh="收缩估计只适用于比例（分子是分母的一部分）；请换用比例类指标。",
            en="Shrinkage is for proportions, whose numerator is part of the denominator; choose such an indicator.",
        )
    if within is not None and within not in table.columns:
        raise MethodError(zh=f"表中没有{within}这一列；请给出表内的列名。", en=f"The table has no column {within}.")
    x, n = counts_of(table)
    state = table["state"].to_numpy(dtype=object)
    known = np.isin(state, (State.VALUE.value, State.TOO_FEW.value)) & ~np.isnan(x) & (n > 0)
    if table.attrs.get("interval", "chance") == "none":
        known[:] = False
    figures = np.full((5, len(table)), np.nan)
    level, reason = np.full(len(table), None, dtype=object), np.full(len(table), None, dtype=object)

    def fill(rows: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_], prior: Prior, name: str) -> None:
        figures[:, rows] = _figures(x[of], n[of], prior, confidence=confidence)[:, rows[of]]
        level[rows], reason[rows] = name, prior.reason

    left = known.copy()
    groups = pd.factorize(table[within])[0] if within is not None else np.full(len(table), -1)
    for group in range(int(groups.max(initial=-1)) + 1):
        own = known & (groups == group)
        if own.sum() >= least_areas:
            prior = beta_binomial_moments(x[own], n[own])
            if prior.reason is None or (prior.tau2 == 0 and 0 < prior.mean < 1):
                fill(own, own, prior, "group")
                left &= ~own
    if left.any():
        fill(left, known, beta_binomial_moments(x[known], n[known]), "district")
    result = table.copy()
    for name, values in zip(("shrunk", "shrunk_low", "shrunk_high", "weight", "prior_mean"), figures, strict=True):
        result[name] = values
    result["prior_level"], result["prior_reason"] = level, reason
    return result


def _figures(x: Floats, n: Floats, prior: Prior, *, confidence: float) -> Floats:
    """Rows shrunk, low, high, weight, prior mean."""
    if np.isnan(prior.tau2):
        bounds = Bounds(np.full(n.shape, np.nan), np.full(n.shape, np.nan))  # a prior that was refused bounds nothing
    elif prior.mean in (0, 1):
        pooled = wilson(x.sum(), n.sum(), confidence=confidence)
        bounds = Bounds(np.full(n.shape, pooled.low), np.full(n.shape, pooled.high))
    elif prior.areas < MANY_AREAS or prior.tau2 == 0:
        draws = min(DRAWS, max(20, _DRAWN // n.size))
        bounds = bootstrap_interval(x, n, prior, confidence=confidence, draws=draws)
    else:
        bounds = posterior_interval(x, n, prior, confidence=confidence)
    return np.stack([shrunken_rates(x, n, prior), *bounds, reliability(n, prior), np.full(n.shape, prior.mean)])
