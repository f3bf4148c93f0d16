"""Ranks with the range in which they may lie. Ranks are for townships; a rank of villages is mostly noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of
from indicators.counts import Floats, check_counts
from indicators.exact_tests import exact_tails, holm


def rank_table(table: pd.DataFrame, indicator: Indicator, *, alpha: float = 0.05) -> pd.DataFrame:
    """The ``rate_table`` with rank, tied, rank_low and rank_high for the rows whose state is value.

    ``rank`` 1 is best (for a neutral indicator: highest); equal rates share the better rank, compared exactly by
    cross-multiplying the counts. ``rank_low``..``rank_high`` is the range the true rank lies in, for all rows at once
    with confidence 1 - ``alpha``: one more than the rows clearly better, and all but the rows clearly worse, by
    one-sided mid-p Fisher tests (ratios: conditional binomial) of every ordered pair with Holm's correction.
    Other rows have <NA> and tied False. Where chance does not apply (interval "none") there is a rank and no range.
    Integer columns are nullable (Int64).

    Source: Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91:476, with exact tests for counts.
    """
    ranked = (table["state"] == "value").to_numpy(dtype=bool)
    x, n = (one[ranked] for one in counts_of(table))
    check_counts(x, n, proportion=indicator.counts_share, what=indicator.code)
    ahead, equal = _ahead(x, n, lower_is_better=indicator.better == "lower")
    columns = {"rank": 1 + ahead.sum(axis=0)}
    if indicator.interval == "chance":
        clearly = _clearly_ahead(x, n, ahead, indicator, alpha)
        columns["rank_low"] = 1 + clearly.sum(axis=0)
        columns["rank_high"] = len(x) - clearly.sum(axis=1)
    result = table.copy()
    for name in ("rank", "rank_low", "rank_high"):
        values = pd.array([pd.NA] * len(table), dtype="Int64")
        if name in columns:
            values[ranked] = columns[name]
        result[name] = values
    tied = np.zeros(len(table), dtype=bool)
    tied[ranked] = equal.sum(axis=1) > 1
    result.insert(list(result.columns).index("rank") + 1, "tied", tied)
    return result


def _ahead(x: Floats, n: Floats, *, lower_is_better: bool) -> tuple[Mask, Mask]:
    """Matrices [i, j]: i has the better rate than j; i has the same rate as j. Exact: counts stay below 2**31."""
    cross: npt.NDArray[np.int64] = x.astype(np.int64)[:, None] * n.astype(np.int64)[None, :]
    better = cross < cross.T if lower_is_better else cross > cross.T
    return better, cross == cross.T


def _clearly_ahead(x: Floats, n: Floats, ahead: Mask, indicator: Indicator, alpha: float) -> Mask:
    """Matrix [i, j]: i is better than j beyond chance, all ordered pairs considered together."""
    size = len(x)
    clear = np.zeros((size, size), dtype=bool)
    if size < 2:
        return clear
    i, j = np.triu_indices(size, 1)
    tails = exact_tails(x[i], n[i], x[j], n[j], proportion=indicator.counts_share, mid=True)
    first, second = (tails.low, tails.high) if indicator.better == "lower" else (tails.high, tails.low)
    stands = holm(np.concatenate([first, second]), alpha=alpha)
    clear[i, j], clear[j, i] = stands[: len(i)], stands[len(i) :]
    return clear & ahead
