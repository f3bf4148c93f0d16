"""Ranks with the range in which they may lie. Ranks are for townships; a rank of villages is mostly noise.

A plain rank says more than the counts do. Beside it stands the *rank set*: all the places the true rank may take once
every pair of areas has been tested. Two sets are offered. The simultaneous set holds for all areas at once and belongs
in a published table; the marginal set holds for one area that was chosen beforehand and is narrower, for the head of
that one township. Pairs are tested exactly: normal theory gives a spotless record of three cases no doubt at all and
ranks it above 1455 of 1500.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of
from indicators.counts import Floats, check_counts
from indicators.errors import MethodError
from indicators.exact_tests import exact_tails, holm


class RankSets(NamedTuple):
    """Ranks (1 is best), whether they are shared, and the lowest and highest plausible rank; NaN where not ranked."""

    rank: Floats
    tied: Mask
    low: Floats
    high: Floats


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
    x, n = counts_of(table)
    check_counts(x[ranked], n[ranked], proportion=indicator.counts_share, what=indicator.code)
    found = rank_sets(
        np.where(ranked, x, np.nan), n, proportion=indicator.counts_share,
        lower_is_better=indicator.better == "lower", chance=indicator.interval == "chance", alpha=alpha,
    )  # fmt: skip
    result = table.copy()
    for name, values in (("rank", found.rank), ("rank_low", found.low), ("rank_high", found.high)):
        result[name] = whole_numbers(values)
    result.insert(list(result.columns).index("rank") + 1, "tied", found.tied)
    return result


def rank_sets(
    x: Any, n: Any, *, proportion: bool = True, lower_is_better: Any = False, chance: Any = True, alpha: float = 0.05
) -> RankSets:
    """Competition ranks and simultaneous rank sets of the areas along the last axis, each leading row by itself.

    NaN counts or n = 0 are areas that take no part. ``lower_is_better`` and ``chance`` (whether ranges are made) hold
    for all rows or, shaped (rows, 1), for each. The range is the set of ranks that pairwise one-sided mid-p tests,
    Holm-corrected over the k(k - 1) ordered pairs of a row, leave possible: all ranges of a row hold together with
    confidence 1 - ``alpha``. Time and memory grow with the square of the number of areas. Raises CountError for
    impossible counts.

    Source: Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91:476; Holm 1979, Scand J Stat 6:65.
    """
    x, n = np.broadcast_arrays(
        np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(n, dtype=np.float64))
    )
    counted = ~np.isnan(x) & ~np.isnan(n)
    check_counts(x[counted], n[counted], proportion=proportion)
    shape = x.shape
    flat = (int(np.prod(shape[:-1])), shape[-1])
    x, n = x.reshape(flat), n.reshape(flat)
    known = ~np.isnan(x) & (n > 0)
    backward = np.broadcast_to(lower_is_better, (len(x), 1))
    ahead, equal = _ahead(np.where(known, x, 0), np.where(known, n, 0), known, backward)
    clearly = _clearly_ahead(x, n, known, ahead, backward, proportion=proportion, alpha=alpha)
    ranged = known & np.broadcast_to(chance, (len(x), 1))
    rank = np.where(known, 1.0 + ahead.sum(axis=1), np.nan)
    low = np.where(ranged, 1.0 + clearly.sum(axis=1), np.nan)
    high = np.where(ranged, known.sum(axis=1, keepdims=True) - clearly.sum(axis=2), np.nan)
    tied = known & (equal.sum(axis=2) > 1)
    return RankSets(*(one.reshape(shape) for one in (rank, tied, low, high)))


def marginal_rank_set(
    table: pd.DataFrame, indicator: Indicator, place: str, *, alpha: float = 0.05
) -> tuple[int, int] | None:
    """The range of the true rank of one ``place`` that was chosen beforehand, with confidence 1 - ``alpha``.

    Holm corrects for the 2(k - 1) tests of this place against the others only, so the range is never wider than that
    of :func:`rank_table`; it must not be read for the place that happens to come first. ``table`` is a
    ``rate_table``. None where the place has no value or chance does not apply.

    Raises MethodError for a place that is not in the table, or stands in it twice.
    Source: Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91:476 (marginal confidence sets).
    """
    own = (table["place"] == place).to_numpy(dtype=bool)
    if own.sum() != 1:
        raise MethodError(
            zh=f"{place}在表中有{own.sum()}行；请给出表内恰有一行的地方代码。",
            en=f"{place} has {own.sum()} rows in the table; name a place that has one.",
        )
    ranked = (table["state"] == "value").to_numpy(dtype=bool)
    if not ranked[own].all() or indicator.interval != "chance":
        return None
    x, n = counts_of(table)
    others = ranked & ~own
    tails = exact_tails(x[own], n[own], x[others], n[others], proportion=indicator.counts_share, mid=True)
    better, worse = (tails.low, tails.high) if indicator.better == "lower" else (tails.high, tails.low)
    stands = holm(np.concatenate([better, worse]), alpha=alpha)
    behind, ahead = int(stands[: others.sum()].sum()), int(stands[others.sum() :].sum())
    return 1 + ahead, int(ranked.sum()) - behind


def whole_numbers(values: Floats) -> pd.api.extensions.ExtensionArray:
    """Float array of whole numbers as nullable integers; NaN becomes <NA>."""
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.int64), missing)


def _ahead(x: Floats, n: Floats, known: Mask, backward: Mask) -> tuple[Mask, Mask]:
    """Arrays [row, i, j]: i has the better rate than j; i has the same rate as j. Exact: counts stay below 2**31."""
    cross: npt.NDArray[np.int64] = x.astype(np.int64)[:, :, None] * n.astype(np.int64)[:, None, :]
    other = cross.transpose(0, 2, 1)
    both = known[:, :, None] & known[:, None, :]
    better = np.where(backward[:, :, None], cross < other, cross > other)
    return better & both, (cross == other) & both


def _clearly_ahead(
    x: Floats, n: Floats, known: Mask, ahead: Mask, backward: Mask, *, proportion: bool, alpha: float
) -> Mask:
    """Array [row, i, j]: i is better than j beyond chance, all ordered pairs of the row considered together."""
    rows, size = x.shape
    clear = np.zeros((rows, size, size), dtype=bool)
    i, j = np.triu_indices(size, 1)
    both = known[:, i] & known[:, j]
    tails = exact_tails(x[:, i][both], n[:, i][both], x[:, j][both], n[:, j][both], proportion=proportion, mid=True)
    p = np.full((2, *both.shape), np.nan)
    p[0][both], p[1][both] = tails.high, tails.low
    p = np.where(backward, p[::-1], p)
    for row in range(rows):
        stands = holm(np.concatenate([p[0, row], p[1, row]]), alpha=alpha)
        clear[row, i, j], clear[row, j, i] = stands[: len(i)], stands[len(i) :]
    return clear & ahead
