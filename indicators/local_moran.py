"""Which areas lie among their like, and which stand out from their neighbours? The local Moran statistic (LISA).

``moran`` answers once for the whole map; the local I answers for each area: high among high, low among low, or an
outlier. It is compared with the values of the other areas dealt out to the neighbours at random. Four hundred local
tests find twenty "clusters" in pure noise, so only those that survive the false discovery rate are named, and none with
fewer than 20 cases. Never use it on a schematic map, nor with fewer than 30 areas. As in ``moran``, what is given are
the *failures*: "high" means many of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.counts import Floats, check_share
from indicators.exact_tests import fdr
from indicators.moran import (
    PERMUTATIONS,
    SEED,
    Indices,
    Neighbouring,
    Refusal,
    StandardisedMap,
    check_precision,
    refusal_of,
    standardised_map,
)

MOST_PERMUTATIONS = 19_999
LEAST_AREAS = 30
LEAST_CASES = 20


class Label(StrEnum):
    """What an area is among its neighbours; "high" means many events. NONE: nothing stands out from chance."""

    HIGH_HIGH = "high_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"
    LOW_HIGH = "low_high"
    NONE = "none"


class NoVerdict(StrEnum):
    """Why a single area is not tested."""

    NO_DATA = "no_data"
    NO_NEIGHBOURS = "no_neighbours"
    TOO_FEW_CASES = "too_few_cases"


@dataclass(frozen=True)
class LocalMoran:
    """Local Moran statistics, one row an area in the order given.

    areas     place, z, lag (mean z of the neighbours), statistic, p (two-sided), label (``Label``), reason
              (``NoVerdict`` or None); figures are NaN where there is no answer
    tested    how many areas were tested together
    reason    None, or why no area has a verdict
    """

    areas: pd.DataFrame
    tested: int
    reason: Refusal | None


def local_moran(
    places: Any,
    events: Any,
    population: Any,
    neighbours: Neighbouring,
    *,
    precision: str,
    proportion: bool = True,
    permutations: int | None = None,
    alpha: float = 0.05,
    seed: int = SEED,
) -> LocalMoran:
    """Local Moran statistics (LISA) of Assunção–Reis rates, named after the false discovery rate only.

    I = (m - 1)·z·lag / Σ z². Conditional permutation: the area keeps its value, its neighbours' places are dealt values
    of the others. p is two-sided, twice the smaller tail. By default there are 999 permutations, or as many as it takes
    for one single area to pass the false discovery rate (2·areas/alpha, at most 19,999): with 999 and 400 areas no
    cluster smaller than 17 villages could ever be found. Labels need ``alpha`` after Benjamini–Hochberg among the areas
    with at least 20 cases. No answer ("too_few_areas") below 30 areas. Other arguments and errors as in
    :func:`indicators.moran.global_moran`; MethodError also for an ``alpha`` outside 0 to 1.

    Source: Anselin 1995, Geographical Analysis 27:93; for the false discovery rate Caldas de Castro & Singer 2006,
    Geographical Analysis 38:180.
    """
    check_precision(precision)
    check_share(alpha, what="alpha", zh="检验水平")
    map_ = standardised_map(places, events, population, neighbours, proportion=proportion)
    refusal = refusal_of(map_, precision=precision, least=LEAST_AREAS)
    size = len(map_.z)
    columns = {name: np.full(size, np.nan) for name in ("lag", "statistic", "p")}
    label = np.full(size, Label.NONE.value, dtype=object)
    tested = np.zeros(size, dtype=bool)
    if refusal is None:
        rows, z = map_.rows, map_.centred
        lag = map_.weights @ z
        if permutations is None:
            permutations = min(MOST_PERMUTATIONS, max(PERMUTATIONS, math.ceil(2 * len(rows) / alpha) - 1))
        columns["lag"][rows] = lag / z.std()
        columns["statistic"][rows] = (len(rows) - 1) * z * lag / (z @ z)
        columns["p"][rows] = _conditional_p(z, lag, map_.cardinality, permutations=permutations, seed=seed)
        tested[rows] = map_.population[rows] >= LEAST_CASES
        stands = fdr(np.where(tested, columns["p"], np.nan), alpha=alpha)[rows]
        label[rows[stands]] = _labels(z[stands], lag[stands])
    frame = pd.DataFrame(
        {
            "place": map_.places,
            "z": map_.z,
            **columns,
            "label": label,
            "reason": pd.Series(_reasons(map_), dtype=object),
        }
    )
    frame = frame.iloc[np.argsort(map_.order)].reset_index(drop=True)
    return LocalMoran(frame.astype({"label": "str"}), int(tested.sum()), refusal)


def _conditional_p(z: Floats, lag: Floats, cardinality: Indices, *, permutations: int, seed: int) -> Floats:
    """Two-sided p of every area; all share the same draws of positions.

    Positions 0..m-2 stand for the other areas: the last area takes the place of the one that is tested. So the sums of
    the first k draws are common to all areas with k neighbours, but for the few draws that hold the tested area.
    """
    size, most = len(z), int(cardinality.max())
    drawn = _distinct_draws(size - 1, most, permutations, seed=seed)
    sums = np.cumsum(z[drawn], axis=1)
    by_value = np.argsort(drawn, axis=None, kind="stable")
    starts = np.searchsorted(drawn.ravel()[by_value], np.arange(size + 1))
    p = np.empty(size)
    for i, k in enumerate(cardinality):
        hits = by_value[starts[i] : starts[i + 1]]
        hits = hits[hits % most < k] // most
        dealt = sums[:, k - 1].copy()
        dealt[hits] += z[-1] - z[i]
        similar, slack = z[i] * dealt, 1e-9 * k
        smaller_tail = min((similar >= z[i] * lag[i] * k - slack).sum(), (similar <= z[i] * lag[i] * k + slack).sum())
        p[i] = min(1.0, 2 * (smaller_tail + 1) / (permutations + 1))
    return p


def _distinct_draws(size: int, count: int, rows: int, *, seed: int) -> Indices:
    """``rows`` random selections of ``count`` different numbers below ``size``, in random order (Floyd's algorithm)."""
    random = np.random.default_rng(seed)
    drawn = np.empty((rows, count), dtype=np.int64)
    for column, limit in enumerate(range(size - count, size)):
        number = random.integers(0, limit + 1, size=rows)
        taken = (drawn[:, :column] == number[:, None]).any(axis=1)
        drawn[:, column] = np.where(taken, limit, number)
    return random.permuted(drawn, axis=1)


def _labels(z: Floats, lag: Floats) -> npt.NDArray[np.object_]:
    high, among_high = z > 0, lag > 0
    kinds = [high & among_high, ~high & ~among_high, high & ~among_high]
    return np.select(kinds, [Label.HIGH_HIGH.value, Label.LOW_LOW.value, Label.HIGH_LOW.value], Label.LOW_HIGH.value)


def _reasons(map_: StandardisedMap) -> npt.NDArray[np.object_]:
    reasons = np.full(len(map_.z), None, dtype=object)
    reasons[map_.population < LEAST_CASES] = NoVerdict.TOO_FEW_CASES.value
    reasons[np.setdiff1d(np.arange(len(map_.z)), map_.rows)] = NoVerdict.NO_NEIGHBOURS.value
    reasons[map_.population == 0] = NoVerdict.NO_DATA.value
    return reasons
