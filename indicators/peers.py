"""Places like this one: nearest neighbours by context, and how the peers do.

A rural township is not helped by being compared with the city centre. Peers are the places nearest in what a place
cannot choose - population, density, migrants, firms, how rural it is - after every variable has been put on one scale.
Only context belongs here, never an outcome (a rate that is judged, or what is done about it): peers chosen by
the outcome would make everybody average. The caller chooses the columns and is answerable for that; nothing here can
tell context from outcome. The method is that of the CIPFA nearest neighbours, NHS England's Similar 10 and the ONS
statistical nearest neighbours. Being a peer is not mutual: a place on the edge has peers that have nearer ones. Publish
the list with distances and reasons, and freeze it for a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.catalogue import Indicator
from indicators.comparison import Mask, counts_of, difference_table
from indicators.counts import Floats, check_enough
from indicators.errors import MethodError
from indicators.values import State, rate_bounds

COLLINEAR = 0.9
"""Of two variables more strongly correlated than this one is left out: it would count twice."""
CLOSE = 0.5
"""Standard deviations within which two places count as alike in a variable."""
_DIGITS = 10
"""Digits of a distance that count; further ones are rounding errors and must not decide between equals."""
_CHUNK = 4_000_000
_COLUMNS = ("place", "peer", "rank", "distance", "why", "imputed")


class ContextScores(NamedTuple):
    """``scores``: z-scores, places by the variables used; ``imputed``: where a missing value was filled in;
    ``dropped``: the variables left out and why ("no_data", "mostly_missing", "constant" or "correlated:<variable>").
    """

    scores: pd.DataFrame
    imputed: pd.DataFrame
    dropped: Mapping[str, str]


def context_scores(context: pd.DataFrame, *, log: Sequence[str] = (), collinear: float = COLLINEAR) -> ContextScores:
    """Context variables (columns) of places (index) on one scale: z = (value - mean) / standard deviation.

    The columns in ``log`` are taken as natural logarithms first. Mean and standard deviation (divisor k - 1) are those
    of the places whose value is known; a missing one (NaN) gets the median of the known ones. A variable is dropped if
    it is known for less than half of the places, does not vary, or correlates by more than ``collinear`` (absolute
    value) with one that stands before it: put first what must stay. Rows come back in the order given.

    Raises MethodError for a place that occurs twice, columns of text or dates, infinite values, or logarithms of values
    that are not positive.
    """
    values = _values(context, log)
    names = [str(name) for name in context.columns]
    known = ~np.isnan(values)
    dropped: dict[str, str] = {}
    kept: list[int] = []
    scores: dict[str, Floats] = {}
    correlation = np.abs(pd.DataFrame(values).corr(min_periods=3).to_numpy())
    for column, name in enumerate(names):
        here = values[known[:, column], column]
        twins = [names[one] for one in kept if correlation[column, one] > collinear]
        if not here.size:
            dropped[name] = "no_data"
        elif 2 * here.size < len(values):
            dropped[name] = "mostly_missing"
        elif np.ptp(here) <= 1e-12 * np.abs(here).max():
            dropped[name] = "constant"
        elif twins:
            dropped[name] = f"correlated:{twins[0]}"
        else:
            kept.append(column)
            filled = np.where(known[:, column], values[:, column], np.median(here))
            scores[name] = (filled - here.mean()) / here.std(ddof=1)
    imputed = pd.DataFrame(~known[:, kept], index=context.index, columns=list(scores))
    return ContextScores(pd.DataFrame(scores, index=context.index, columns=list(scores)), imputed, dropped)


def nearest_peers(
    context: pd.DataFrame,
    *,
    k: int = 5,
    weights: Mapping[str, float] | None = None,
    log: Sequence[str] = (),
    collinear: float = COLLINEAR,
) -> pd.DataFrame:
    """The ``k`` places most like each place: k rows a place (fewer if there are no more others), nearest first.

    ``context``: index places, columns context variables (NaN allowed), **no outcomes**. Distance of i and j is
    sqrt(sum of v (z_i - z_j)^2) over the variables of :func:`context_scores`, in standard deviations; ``weights`` v are
    1 where not given, 0 leaves a variable out. Equally distant places stand in the order of their codes, so that the
    order of rows and columns of places never matters.

    Returns place, peer, rank (1 is nearest), distance, why (a tuple of up to three variables in which both lie within
    half a standard deviation, closest first; neither imputed) and imputed (a variable of either was filled in). The
    attribute ``attrs["dropped"]`` says which variables were left out and why. No rows where no variable is left or
    there is only one place. Distances are made in blocks: 30,000 places need no 30,000 x 30,000 matrix.

    Source: standardised Euclidean distance as in Johnson & Wichern, Applied Multivariate Statistical Analysis, ch. 12;
    CIPFA nearest neighbours; NHS England, Similar 10 CCGs; ONS 2023, statistical nearest neighbours. Raises MethodError
    for k below 1, unknown or negative weights and as :func:`context_scores`.
    """
    check_enough(k, 1, what="peers", zh="对标单位")
    canonical = context.loc[sorted(context.index, key=str)] if context.index.is_unique else context
    found = context_scores(canonical, log=log, collinear=collinear)
    names = np.array(list(found.scores.columns), dtype=object)
    root = np.sqrt(_weights(context, names, weights))
    used = root > 0
    z, imputed = (
        found.scores.to_numpy(dtype=np.float64)[:, used] * root[used],
        found.imputed.to_numpy(dtype=bool)[:, used],
    )
    many = min(k, len(z) - 1) if used.any() else 0
    peers, distances = _nearest(z, many) if many > 0 else (np.empty((len(z), 0), np.intp), np.empty((len(z), 0)))
    position = pd.Index(canonical.index).get_indexer(context.index)
    places, others = np.repeat(position, peers.shape[1]), peers[position].ravel()
    columns = {
        "place": canonical.index.to_numpy()[places],
        "peer": canonical.index.to_numpy()[others],
        "rank": np.tile(np.arange(1, peers.shape[1] + 1), len(position)),
        "distance": distances[position].ravel(),
        "why": _alike(z / root[used], imputed, places, others, names[used]),
        "imputed": imputed[places].any(axis=1) | imputed[others].any(axis=1),
    }
    frame = pd.DataFrame(columns, columns=list(_COLUMNS))
    frame.attrs = {"dropped": dict(found.dropped)}
    return frame


def peer_benchmark(table: pd.DataFrame, peers: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """What the peers of each place reach together, and how far the place is from it.

    ``table`` is a ``rate_table`` by place, ``peers`` has the columns place and peer (``nearest_peers``). The benchmark
    is the pooled rate, sum of x over sum of n of the peers with counts that may be shown, not the mean of their rates:
    a peer with three cases must not count like one with three hundred.
    Returns per row of ``table`` place, peers (how many were used), peer_x, peer_n, peer_value, peer_low, peer_high
    (95 %: Wilson; ratios: Garwood), difference, difference_low, difference_high (place minus peers, in units of value:
    Newcombe; ratios: squared-and-added Garwood). NaN where no peer, or the place itself, has counts; no intervals
    where chance does not apply (interval "none").

    Raises MethodError where a place occurs twice in the table, CountError for impossible counts.
    """
    if table["place"].duplicated().any():
        twice = table.loc[table["place"].duplicated(), "place"].iloc[0]
        raise MethodError(
            zh=f"{twice}在表中出现不止一次；每个地方只给一行。",
            en=f"{twice} occurs more than once; give one row a place.",
        )
    x, n = counts_of(table)
    usable = table["state"].isin([State.VALUE.value, State.TOO_FEW.value]).to_numpy(dtype=bool) & (n > 0)
    lookup = pd.Index(table["place"])
    pairs = peers[["place", "peer"]].drop_duplicates()
    place, peer = lookup.get_indexer(pairs["place"]), lookup.get_indexer(pairs["peer"])
    counted = (place >= 0) & (peer >= 0)
    counted[counted] = usable[peer[counted]]
    place, peer = place[counted], peer[counted]
    number = np.bincount(place, minlength=len(table))
    some = number > 0
    peer_x, peer_n = (
        np.where(some, np.bincount(place, weights=counts[peer], minlength=len(table)), np.nan) for counts in (x, n)
    )
    low, high = np.full(len(table), np.nan), np.full(len(table), np.nan)
    if indicator.interval == "chance" and some.any():
        low[some], high[some] = rate_bounds(peer_x[some], peer_n[some], indicator)
    own = np.where(usable, x, np.nan), np.where(usable, n, np.nan)
    gap = difference_table(own, (peer_x, peer_n), kind=indicator.kind, per=indicator.per, interval=indicator.interval)
    return pd.DataFrame(
        {
            "place": table["place"].array, "peers": number, "peer_x": peer_x, "peer_n": peer_n,
            "peer_value": peer_x / peer_n * indicator.per, "peer_low": low, "peer_high": high,
            "difference": gap.difference, "difference_low": gap.low, "difference_high": gap.high,
        },
        index=table.index,
    )  # fmt: skip


def _values(context: pd.DataFrame, log: Sequence[str]) -> Floats:
    if context.index.has_duplicates:
        twice = context.index[context.index.duplicated()][0]
        raise MethodError(
            zh=f"{twice}在背景表中出现不止一次；每个地方只给一行。",
            en=f"{twice} occurs more than once; give one row a place.",
        )
    unknown = [name for name in log if name not in context.columns]
    if unknown:
        raise MethodError(
            zh=f"背景表中没有{unknown[0]}一列；请从log中去掉。",
            en=f"{unknown[0]} is not a column of the context; take it out of log.",
        )
    for column, name in enumerate(context.columns):
        if not _numeric(context.iloc[:, column]):
            raise MethodError(
                zh=f"{name}一列不是数；背景变量必须是数，请换成数或去掉这一列。",
                en=f"{name} is not a column of numbers; turn it into numbers or leave it out.",
            )
    values = context.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    for column, name in enumerate(context.columns):
        if np.isinf(values[:, column]).any():
            raise MethodError(
                zh=f"{name}含有无穷大；请更正或留空。", en=f"{name} is infinite; correct it or leave it out."
            )
        if name in log:
            if (values[:, column] <= 0).any():
                raise MethodError(
                    zh=f"{name}含有零或负数，不能取对数；请从log中去掉。",
                    en=f"{name} has values of 0 or less and no logarithm; take it out of log.",
                )
            values[:, column] = np.log(values[:, column])
    return values


def _numeric(column: pd.Series) -> bool:
    """Numbers and missing values only; neither text nor dates, not even such as could be read as numbers."""
    if column.dtype == object:
        return all(isinstance(one, Real) for one in column.dropna())
    return pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind != "c"


def _weights(context: pd.DataFrame, names: npt.NDArray[np.object_], weights: Mapping[str, float] | None) -> Floats:
    given = weights or {}
    for name, weight in given.items():
        if name not in context.columns or not 0 <= weight < np.inf:
            raise MethodError(
                zh=f"{name}的权重{weight}无法使用；请给出背景表中的列和不小于0的数。",
                en=f"The weight {weight} of {name} cannot be used; name a context column and a number from 0 up.",
            )
    return np.array([float(given.get(name, 1.0)) for name in names], dtype=np.float64)


def _nearest(z: Floats, k: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """The ``k`` nearest other rows of each row with their distances; equals in the order of the rows."""
    from scipy.spatial import cKDTree
    from scipy.spatial.distance import cdist

    size = len(z)
    asked = min(size, k + 9)
    queried, rows = (np.asarray(one) for one in cKDTree(z).query(z, k=np.arange(1, asked + 1)))
    distances = np.where(rows == np.arange(size)[:, None], np.inf, np.round(queried, _DIGITS))
    peers, found = _first(distances, rows, k)
    # A row is settled where itself was met and something farther than its last peer; else equals may have been missed.
    open_rows = np.flatnonzero(~np.isinf(distances).any(axis=1) | (distances[:, -1] <= found[:, -1]))
    if asked == size:
        open_rows = open_rows[:0]
    step = max(1, _CHUNK // size)
    for start in range(0, len(open_rows), step):
        chunk = open_rows[start : start + step]
        whole = np.round(cdist(z[chunk], z), _DIGITS)
        whole[np.arange(len(chunk)), chunk] = np.inf
        peers[chunk], found[chunk] = _first(whole, np.broadcast_to(np.arange(size), whole.shape), k)
    return peers, found


def _first(distances: Floats, rows: npt.NDArray[Any], k: int) -> tuple[npt.NDArray[np.intp], Floats]:
    order = np.lexsort((rows, distances), axis=1)[:, :k]
    return np.take_along_axis(rows, order, axis=1).astype(np.intp), np.take_along_axis(distances, order, axis=1)


def _alike(
    z: Floats, imputed: Mask, places: npt.NDArray[Any], others: npt.NDArray[Any], names: npt.NDArray[np.object_]
) -> list[tuple[str, ...]]:
    apart = np.abs(z[places] - z[others])
    apart[imputed[places] | imputed[others]] = np.inf
    closest = np.argsort(np.round(apart, _DIGITS), axis=1, kind="stable")[:, :3]
    close = np.take_along_axis(apart, closest, axis=1) <= CLOSE
    return [tuple(row[: int(count)]) for row, count in zip(names[closest], close.sum(axis=1), strict=True)]
