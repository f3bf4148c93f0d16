"""Do neighbouring areas resemble each other more than chance allows? Moran's I of the whole map.

Moran's I is the correlation of an area's value with the mean of its neighbours. On plain rates it is misled by small
areas, whose rates swing widely: values first have to be standardised. Assunção and Reis divide each rate's distance
from the overall rate by its own standard deviation, estimated as the variance between areas plus the Poisson variance
b/n. That variance is right for rare events only. Of a success rate near 98 % it is fifty times too large, so what is
given here are the *failures* (unsolved, failed, dissatisfied): "high" means many of them.

I is compared with values dealt out to the areas at random. It says nothing about where the clusters are; for that see
``local_moran``, which works on the same standardised map. Never use it on a schematic map: an invented boundary has no
neighbours worth testing. Draws are made here and not by esda, whose seed is set on numpy's global generator, which
every thread of a server shares; the statistics agree with esda's to rounding (tested).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError

SEED = 20_200_401
PERMUTATIONS = 999
LEAST_AREAS_GLOBAL = 10
PRECISIONS = ("surveyed", "schematic")

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Neighbouring(Protocol):
    """What is needed of a list of neighbours: the areas, and pairs (k, 2) of positions, in both directions."""

    @property
    def ids(self) -> tuple[str, ...]: ...

    @property
    def pairs(self) -> Indices: ...


class Refusal(StrEnum):
    """Why the map as a whole is not tested."""

    SCHEMATIC = "schematic"
    TOO_FEW_AREAS = "too_few_areas"
    ALL_ALIKE = "all_alike"


class StandardisedRates(NamedTuple):
    """z per area (NaN without population), the overall rate b and the variance between areas a, both scalars."""

    z: Floats
    rate: float
    variance: float


@dataclass(frozen=True)
class GlobalMoran:
    """Moran's I of the whole map.

    statistic  I; NaN where ``reason`` is given
    expected   its mean under random arrangement, -1/(areas - 1)
    p          share of random arrangements with an I at least as large (one-sided: clustering)
    areas      areas that have both data and a neighbour with data; ``left_out`` counts the others
    reason     None, or why there is no answer
    """

    statistic: float
    expected: float
    p: float
    areas: int
    left_out: int
    reason: Refusal | None


def assuncao_reis(events: Any, population: Any, *, proportion: bool = True) -> StandardisedRates:
    """Rates of one map standardised for unequal populations: z = (y - b) / sqrt(a + b/n), y = events / population.

    b = Σe/Σn; a = Σn(y - b)²/Σn - b/(Σn/m), not below 0, over the m areas with population. One-dimensional counts.
    z is NaN without population, 0 everywhere where all rates are alike. A negative a means no variance between areas
    beyond chance and is set to 0 (Marshall 1991, Applied Statistics 40:283); esda and spdep keep it wherever a + b/n
    happens to stay positive, which inflates those z without limit. Raises CountError for impossible counts.

    Source: Assunção & Reis 1999, Statistics in Medicine 18:2147.
    """
    e, n = check_counts(events, population, proportion=proportion, what="events")
    z = np.full(e.shape, np.nan)
    known = n > 0
    if not known.any():
        return StandardisedRates(z, math.nan, math.nan)
    e, n = e[known], n[known]
    b = e.sum() / n.sum()
    spread = float((n * (e / n - b) ** 2).sum() / n.sum())
    a = max(0.0, spread - b / n.mean())
    alike = np.ptp(e * n[0] - e[0] * n) == 0
    z[known] = 0.0 if alike else (e / n - b) / np.sqrt(a + b / n)
    return StandardisedRates(z, float(b), a)


def morans_i(places: Any, values: Any, neighbours: Neighbouring) -> float:
    """Moran's I of any values (one a place, no NaN), rows of the weights adding to 1; for measured values, not rates.

    Only places with a neighbour count. NaN where there are fewer than two of them or all values are alike.
    Raises MethodError for repeated places. Source: Moran 1950, Biometrika 37:17.
    """
    x = np.asarray(values, dtype=np.float64)
    codes, order = _sorted_codes(places, x)
    rows, weights, _ = _linked(codes, np.ones(len(codes), dtype=bool), neighbours)
    if len(rows) < 2 or np.ptp(x[order][rows]) == 0:
        return math.nan
    z = x[order][rows] - x[order][rows].mean()
    return float(z @ (weights @ z) / (z @ z))


def global_moran(
    places: Any,
    events: Any,
    population: Any,
    neighbours: Neighbouring,
    *,
    precision: str,
    proportion: bool = True,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> GlobalMoran:
    """Moran's I of Assunção–Reis rates with a permutation test: I = (m/S0)·Σ w z z' / Σ z², z centred, rows of w equal.

    ``places``, ``events``, ``population`` are one row an area; events are failures (see the module). Areas without
    population or without a neighbour that has one are left out. ``precision`` of the boundaries: "surveyed" or
    "schematic" (refused). p = (1 + arrangements at least as large) / (1 + permutations). No answer ("too_few_areas")
    below 10 areas, or where all rates are alike. The order of rows does not matter.
    Raises CountError for impossible counts; MethodError for repeated places or an unknown precision.

    Source: Moran 1950, Biometrika 37:17; Cliff & Ord 1981, Spatial Processes; Assunção & Reis 1999 (as above).
    """
    check_precision(precision)
    map_ = standardised_map(places, events, population, neighbours, proportion=proportion)
    used, left_out = len(map_.rows), len(map_.z) - len(map_.rows)
    reason = refusal_of(map_, precision=precision, least=LEAST_AREAS_GLOBAL)
    if reason is not None:
        return GlobalMoran(math.nan, math.nan, math.nan, used, left_out, reason)
    z = map_.centred
    random = np.random.default_rng(seed)
    larger = 0
    observed = float(z @ (map_.weights @ z) / (z @ z))
    for start in range(0, permutations, 100):
        dealt = random.permuted(np.tile(z, (min(100, permutations - start), 1)), axis=1)
        larger += int(((dealt * (map_.weights @ dealt.T).T).sum(axis=1) / (z @ z) >= observed - 1e-12).sum())
    return GlobalMoran(observed, -1 / (used - 1), (larger + 1) / (permutations + 1), used, left_out, None)


@dataclass(frozen=True)
class StandardisedMap:
    """One map in the order of its codes: all areas, and of those in ``rows`` the centred z, weights and neighbours."""

    places: npt.NDArray[np.object_]
    order: Indices
    population: Floats
    z: Floats
    rows: Indices
    centred: Floats
    weights: sparse.csr_array
    cardinality: Indices


def standardised_map(
    places: Any, events: Any, population: Any, neighbours: Neighbouring, *, proportion: bool
) -> StandardisedMap:
    """Check the counts and lay the areas out by code, with their z and their neighbours. Raises as ``global_moran``."""
    e, n = check_counts(events, population, proportion=proportion, what="events")
    codes, order = _sorted_codes(places, e)
    e, n = e[order], n[order]
    z = assuncao_reis(e, n, proportion=proportion).z
    rows, weights, cardinality = _linked(codes, n > 0, neighbours)
    centred = z[rows] - (z[rows].mean() if len(rows) else 0.0)
    return StandardisedMap(codes, order, n, z, rows, centred, weights, cardinality)


def _sorted_codes(places: Any, values: Floats) -> tuple[npt.NDArray[np.object_], Indices]:
    codes = np.array([str(place) for place in places], dtype=object)
    if values.shape != codes.shape or len(set(codes)) != len(codes):
        raise MethodError(
            zh=f"空间检验需要每个地方恰好一行；这里有{len(codes)}个地方代码、{values.size}个数值，或代码重复。",
            en=f"A spatial test needs one row a place; there are {len(codes)} codes and {values.size} values, or a "
            "code stands twice.",
        )
    order = np.argsort(codes, kind="stable")
    return codes[order], order


def _linked(
    codes: npt.NDArray[np.object_], known: Mask, neighbours: Neighbouring
) -> tuple[Indices, sparse.csr_array, Indices]:
    """Positions of the areas with data and a neighbour with data, their row-standardised weights, their neighbours."""
    position = {code: row for row, code in enumerate(codes)}
    there = np.array([position.get(str(code), -1) for code in neighbours.ids], dtype=np.int64)
    pairs = there[np.asarray(neighbours.pairs, dtype=np.int64).reshape(-1, 2)].reshape(-1, 2)
    pairs = pairs[(pairs >= 0).all(axis=1)]
    rows, inverse = np.unique(pairs[known[pairs].all(axis=1)], return_inverse=True)
    links = inverse.reshape(-1, 2)
    cardinality = np.bincount(links[:, 0], minlength=len(rows)).astype(np.int64)
    weights = sparse.csr_array((1 / cardinality[links[:, 0]], (links[:, 0], links[:, 1])), shape=(len(rows), len(rows)))
    return rows, weights, cardinality


def check_precision(precision: str) -> None:
    """Say so if ``precision`` is not one of the kinds of boundary. Raises MethodError."""
    if precision not in PRECISIONS:
        raise MethodError(
            zh=f"边界精度是{precision!r}；请写 surveyed（实测）或 schematic（示意）。",
            en=f"The precision of the boundaries is {precision!r}; write 'surveyed' or 'schematic'.",
        )


def refusal_of(map_: StandardisedMap, *, precision: str, least: int) -> Refusal | None:
    """Why the map is not tested, of ``least`` areas at least; None if it is."""
    if precision == "schematic":
        return Refusal.SCHEMATIC
    if len(map_.rows) < least:
        return Refusal.TOO_FEW_AREAS
    if np.ptp(map_.z[map_.rows]) == 0:
        return Refusal.ALL_ALIKE
    return None
