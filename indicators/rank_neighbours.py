"""Who is really ahead of whom: each place of a ranking beside the ones it can, and cannot, be told apart from.

A range of ranks says how many places are clearly better or worse, not which. Here the same tests name them: one-sided
mid-p tests of every ordered pair with Holm's correction, as in :mod:`indicators.rankings`. From them come the places
clearly ahead and behind, how many cannot be told apart, whether a place differs from the one ranked right above it,
and whether it lies for certain in the front or in the rear half.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of
from indicators.exact_tests import exact_tails, holm
from indicators.rankings import rank_table, whole_numbers


class Standing(StrEnum):
    """Where the whole range of plausible ranks of a place lies."""

    FRONT = "front"
    REAR = "rear"
    UNCLEAR = "unclear"


class Above(StrEnum):
    """Whether a place differs from those at the next better rank."""

    CLEAR = "clear"
    UNCLEAR = "unclear"
    FIRST = "first"


def clear_pairs(table: pd.DataFrame, indicator: Indicator, *, alpha: float = 0.05) -> Mask:
    """Which row of a ``rate_table`` is better than which beyond chance: ``[i, j]``, (k, k), rows in their order.

    One-sided mid-p Fisher tests (ratios: conditional binomial) of all ordered pairs of rows with a value, Holm's
    correction over all of them: any false claim has a chance of at most ``alpha``. All False where chance does not
    apply. The row sums are k - ``rank_high`` of ``rankings.rank_table``, the column sums ``rank_low`` - 1. For a
    neutral indicator "better" is higher. Raises CountError for impossible counts.

    Source: Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91:476, with exact tests for counts.
    """
    x, n = counts_of(table)
    rows = np.flatnonzero((table["state"] == "value").to_numpy(dtype=bool))
    clear = np.zeros((len(table), len(table)), dtype=bool)
    if indicator.interval != "chance" or rows.size < 2:
        return clear
    first, second = (rows[one] for one in np.triu_indices(rows.size, 1))
    tails = exact_tails(x[first], n[first], x[second], n[second], proportion=indicator.counts_share, mid=True)
    better, worse = (tails.low, tails.high) if indicator.better == "lower" else (tails.high, tails.low)
    stands = holm(np.concatenate([better, worse]), alpha=alpha)
    clear[first, second], clear[second, first] = stands[: first.size], stands[first.size :]
    # As in the rank sets: nobody is clearly better than a place whose rate is as good as its own.
    cross = x[:, None] * n[None, :]
    ahead = cross < cross.T if indicator.better == "lower" else cross > cross.T
    return clear & ahead


def neighbour_table(table: pd.DataFrame, indicator: Indicator, *, alpha: float = 0.05) -> pd.DataFrame:
    """The ``rankings.rank_table`` of a ``rate_table`` with what stands around each place.

    ahead, behind   tuples of the places clearly better and clearly worse, in the order of their ranks
    alike           how many others cannot be told apart from it (Int64)
    above           a word of ``Above``: clear where it is clearly worse than every place at the next better rank,
                    first where there is none
    standing        a word of ``Standing``: front where even the highest plausible rank is at most k // 2 of k ranked
                    places, rear where the lowest is above k - k // 2 (the middle one of an odd number is in neither)

    <NA> or None, and empty tuples, where a place has no range of ranks. The order of rows has no effect on a place.
    """
    ranks = rank_table(table, indicator, alpha=alpha)
    clear = clear_pairs(table, indicator, alpha=alpha)
    rank, low, high = (
        ranks[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("rank", "rank_low", "rank_high")
    )
    codes = table["place"].to_numpy(dtype=object)
    order = np.lexsort((codes.astype(str), rank))
    ranged = ~np.isnan(low)
    half = int((~np.isnan(rank)).sum()) // 2
    standing = np.full(len(table), None, dtype=object)
    standing[ranged] = Standing.UNCLEAR.value
    with np.errstate(invalid="ignore"):
        standing[high <= half] = Standing.FRONT.value
        standing[low > (~np.isnan(rank)).sum() - half] = Standing.REAR.value
    result = ranks.copy()
    result["ahead"] = _named(codes, order, clear.T)
    result["behind"] = _named(codes, order, clear)
    result["alike"] = whole_numbers(high - low)
    result["above"] = pd.Series(_above(rank, ranged, clear), index=table.index, dtype=object)
    result["standing"] = pd.Series(standing, index=table.index, dtype=object)
    return result


def _named(codes: npt.NDArray[Any], order: npt.NDArray[np.intp], others: Mask) -> list[tuple[str, ...]]:
    return [tuple(str(codes[other]) for other in order if row[other]) for row in others]


def _above(rank: npt.NDArray[np.float64], ranged: Mask, clear: Mask) -> npt.NDArray[np.object_]:
    words = np.full(len(rank), None, dtype=object)
    for row in np.flatnonzero(ranged):
        better = rank[rank < rank[row]]
        if not better.size:
            words[row] = Above.FIRST.value
            continue
        next_above = rank == better.max()
        words[row] = Above.CLEAR.value if clear[next_above, row].all() else Above.UNCLEAR.value
    return words
