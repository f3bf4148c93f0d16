"""Where on the map failures gather: global and local Moran read together, and what stands beside each area.

``moran`` and ``local_moran`` want *failures*, in which "high" means bad; here rates of any indicator are turned into
those of failures, tested, and given back one row an area with the rate of the neighbours, the p adjusted for the many
tests, and the number of the cluster an area belongs to. Nothing is tested on a schematic map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy import sparse, stats

from indicators.catalogue import Indicator
from indicators.counts import Floats
from indicators.local_moran import MOST_PERMUTATIONS, Label, LocalMoran, local_moran
from indicators.moran import PERMUTATIONS, GlobalMoran, Neighbouring, global_moran

ALPHA = 0.05
"""The share of false findings among those named (local), and the chance at which the whole map counts as clustered."""

COMMON = 0.2
"""Above this share failures are not rare: the variance b/n of the standardisation is a quarter or more above the true
one, b(1 − b)/n."""

GATHERED = (Label.HIGH_HIGH.value, Label.LOW_LOW.value)
"""The labels of areas among their like; the others that are named differ from their neighbours."""


class Unplaced(StrEnum):
    """Why an area with data has no verdict, beside the reasons of ``NoVerdict``: the layer does not draw it."""

    NOT_DRAWN = "not_drawn"


@dataclass(frozen=True)
class Cluster:
    """Areas of one label (``Label``: high_high or low_low) that hang together by being neighbours; codes sorted."""

    label: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class ClusterMap:
    """One map tested.

    whole         Moran's I of the whole map
    local         the local statistics; ``local.reason`` says why there are none
    table         one row an area in the order of the rates: place, x, n, value, low, high, state (of failures), then
                  neighbours (how many with data), near_x, near_n, near_value (they together), z, lag, statistic, p,
                  adjusted (p after Benjamini–Hochberg; NaN where not tested), label, reason (None where tested)
    clusters      the largest first
    permutations  how often values were dealt out anew for the local tests; 0 where there were none
    filled        areas that touch no other and were linked to the nearest
    links         pairs of neighbours among the areas tested as a whole
    """

    whole: GlobalMoran
    local: LocalMoran
    table: pd.DataFrame
    clusters: tuple[Cluster, ...]
    permutations: int
    filled: tuple[str, ...]
    links: int


def failing_rates(rates: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """A ``rate_table`` turned into rates of failures: where higher is better, cases that did *not* succeed.

    x becomes n − x, value 1 − value and the interval its mirror image (exact for Wilson's, which is symmetrical in
    success and failure). Where lower is better, or neither is, the table is given back as it is.
    Raises ValueError for an indicator of which more is better and that is no share of cases.
    """
    if indicator.better != "higher":
        return rates
    if not indicator.counts_share:
        raise ValueError(f"{indicator.code} is no share of cases: what fails of it cannot be counted.")
    return rates.assign(x=rates["n"] - rates["x"], value=1 - rates["value"], low=1 - rates["high"],
                        high=1 - rates["low"])  # fmt: skip


def local_permutations(areas: int, *, alpha: float = ALPHA) -> int:
    """How many permutations it takes for one single area among ``areas`` to pass the false discovery rate.

    A p that is twice (1 + none) / (1 + permutations) has to reach alpha / areas; at least 999, at most 19,999.
    """
    return min(MOST_PERMUTATIONS, max(PERMUTATIONS, math.ceil(2 * areas / alpha) - 1))


def cluster_map(
    rates: pd.DataFrame, indicator: Indicator, neighbours: Neighbouring, *, precision: str, filled: tuple[str, ...] = ()
) -> ClusterMap:
    """Test one map of rates, a ``rate_table`` by place, for clusters of failures.

    ``neighbours`` holds the areas that are drawn; an area with data that is not among them has the reason "not_drawn".
    ``precision`` "schematic" gives no statistics at all. Areas whose figures are missing or hidden count as without
    data. Raises MethodError for repeated places or an unknown precision, CountError for impossible counts.

    Source: Anselin 1995, Geographical Analysis 27:93; Benjamini & Hochberg 1995, JRSS-B 57:289.
    """
    table = failing_rates(rates, indicator).reset_index(drop=True)
    known = (table["x"].notna() & table["n"].notna() & (table["n"] > 0)).to_numpy()
    x, n = (table[name].where(known, 0).to_numpy(dtype=np.float64) for name in ("x", "n"))
    places = table["place"].astype(str).to_numpy()
    whole = global_moran(places, x, n, neighbours, precision=precision, proportion=indicator.counts_share)
    permutations = local_permutations(whole.areas)
    local = local_moran(
        places, x, n, neighbours, precision=precision, proportion=indicator.counts_share, permutations=permutations,
        alpha=ALPHA,
    )  # fmt: skip
    near = _links(places, known, neighbours)
    areas = local.areas
    reason = areas["reason"].to_numpy(dtype=object, copy=True)
    reason[known & ~np.isin(places, neighbours.ids)] = Unplaced.NOT_DRAWN.value
    if local.reason is not None:
        reason[known] = None
    near_n = near @ n
    with np.errstate(invalid="ignore", divide="ignore"):
        near_value = np.where(near_n > 0, near @ x / near_n * indicator.per, np.nan)
    table = table[["place", "x", "n", "value", "low", "high", "state"]].assign(
        neighbours=near.sum(axis=1).astype(np.int64),
        near_x=near @ x,
        near_n=near_n,
        near_value=near_value,
        z=areas["z"].to_numpy(),
        lag=areas["lag"].to_numpy(),
        statistic=areas["statistic"].to_numpy(),
        p=areas["p"].to_numpy(),
        adjusted=_adjusted(areas["p"].to_numpy(), areas["reason"].isna().to_numpy() & (local.reason is None)),
        label=areas["label"].to_numpy(),
        reason=pd.Series(reason, dtype=object),
    )
    return ClusterMap(
        whole=whole,
        local=local,
        table=table,
        clusters=_clusters(places, table["label"].to_numpy(), near),
        permutations=permutations if local.reason is None else 0,
        filled=filled,
        links=int(near[known].sum()) // 2,
    )


def _adjusted(p: Floats, tested: np.ndarray) -> Floats:
    """p after Benjamini–Hochberg among the areas tested; NaN for the others."""
    adjusted = np.full(p.shape, np.nan)
    if tested.any():
        adjusted[tested] = stats.false_discovery_control(p[tested])
    return adjusted


def _links(places: np.ndarray, known: np.ndarray, neighbours: Neighbouring) -> sparse.csr_array:
    """Which areas (in the order of the rows) are neighbours, as 0 and 1; those without data are nobody's."""
    row = {place: number for number, place in enumerate(places)}
    there = np.array([row.get(str(code), -1) for code in neighbours.ids], dtype=np.int64)
    pairs = there[np.asarray(neighbours.pairs, dtype=np.int64).reshape(-1, 2)].reshape(-1, 2)
    pairs = pairs[(pairs >= 0).all(axis=1)]
    pairs = pairs[known[pairs].all(axis=1)]
    return sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(places), len(places)))


def _clusters(places: np.ndarray, labels: np.ndarray, near: sparse.csr_array) -> tuple[Cluster, ...]:
    """Neighbours of one label joined, the largest first, then by code; an area on its own is a cluster as well."""
    found = []
    for label in GATHERED:
        rows = np.flatnonzero(labels == label)
        if not len(rows):
            continue
        count, group = sparse.csgraph.connected_components(near[rows][:, rows], directed=False)
        found += [Cluster(label, tuple(sorted(places[rows[group == number]]))) for number in range(count)]
    return tuple(sorted(found, key=lambda one: (-len(one.places), one.label, one.places)))


def is_clustered(whole: GlobalMoran) -> bool:
    """Whether neighbours of the whole map resemble each other beyond chance; False where it was not tested."""
    return whole.reason is None and whole.p <= ALPHA


def arrangements_as_large(whole: GlobalMoran) -> int:
    """How many of the random arrangements of the global test had an I at least as large. Raises ValueError untested."""
    if whole.reason is not None:
        raise ValueError("the map was not tested.")
    return round(whole.p * (PERMUTATIONS + 1)) - 1
