"""Trends: does a series rise or fall over the whole period, and by how much a step?

The Mann–Kendall test counts, over all pairs of points, how often the later one is higher; it needs no straight line and
no normal law, and Sen's slope beside it says how steep the change is. Monthly series have seasons, so where there are
three full years the test is made within each calendar month and the months are added (seasonal Kendall). None of this
may be used on a handful of months (four points cannot reach 5 % at all; for five yearly points with their cases there
is ``recent_trend``), on overlapping periods (rolling 12 months), whose points repeat the same cases, or to say when a
change happened; for that there are control charts. The tests suppose that neighbouring points are independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from indicators.catalogue import Indicator
from indicators.control_charts import not_refused
from indicators.counts import Floats, check_share
from indicators.errors import MethodError
from indicators.month_grid import month_grid

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]

POINTS = 8
"""Fewest points for a Mann–Kendall test."""
NORMAL_FROM = 10
"""From this many points on the normal law replaces the exact one."""
YEARS = 3
"""Fewest values in every season for a seasonal test."""
_BLOCK = 2_000_000


class TrendRefusal(StrEnum):
    """Why no trend is stated."""

    TOO_FEW_POINTS = "too_few_points"
    TOO_FEW_YEARS = "too_few_years"
    ALL_ALIKE = "all_alike"
    NOT_FOR_MONTHS = "not_for_months"


class MannKendall(NamedTuple):
    """Kendall's S, its tau and test; arrays of the leading shape of the values.

    ``points`` counts the values present; ``tau`` = S / number of pairs; ``variance`` of S without a trend; ``p`` is
    two-sided and ``exact`` says by which law. Where ``reason`` (a ``TrendRefusal``) is not None, the numbers are NaN.
    """

    points: Floats
    s: Floats
    tau: Floats
    variance: Floats
    z: Floats
    p: Floats
    exact: Flags
    reason: Words


class Slope(NamedTuple):
    """Sen's slope per unit of time with its interval, and why there is none (``TrendRefusal`` or None)."""

    slope: Floats
    low: Floats
    high: Floats
    reason: Words


def mann_kendall(values: Any, *, minimum: int = POINTS) -> MannKendall:
    """Mann–Kendall test of every series in ``values`` (time along the last axis, any units, NaN skipped).

    S = Σ sign(v_j − v_i) over i < j; variance (n(n−1)(2n+5) − Σ t(t−1)(2t+5))/18 with t the sizes of ties;
    z = (S ∓ 1)/√variance (continuity). p from the normal law with n ≥ 10 or with ties, else exact. tau is S over
    n(n−1)/2, ties or not. Fewer than ``minimum`` values, or all of them equal, is refused with a reason.

    Source: Mann 1945, Econometrica 13:245; Kendall 1975, Rank Correlation Methods; Gilbert 1987, chapter 16.
    """
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    n, s, variance, tied = _score(values)
    z = _z(s, variance)
    exact = (n < NORMAL_FROM) & ~tied
    p = np.asarray(2 * stats.norm.sf(np.abs(z)))
    for size in np.unique(n[exact]).astype(int):
        here = exact & (n == size)
        p[here] = _exact_p(size)[np.abs(s[here]).astype(int)]
    reason = refusals(n.shape, (variance == 0, TrendRefusal.ALL_ALIKE), (n < minimum, TrendRefusal.TOO_FEW_POINTS))
    return _tested(n, s, n * (n - 1) / 2, variance, z, p, exact, reason)


def seasonal_mann_kendall(values: Any, *, season: int = 12) -> MannKendall:
    """The seasonal Kendall test: S and its variance are added over the ``season`` positions (months) of the year.

    ``values`` has consecutive months along the last axis, NaN where there is none; the first is position 0 of the
    season. tau is ΣS over the number of pairs compared; p is from the normal law with continuity. Needs three values
    in every position (too_few_years). It supposes that years are independent and that the seasons move the same way.

    Source: Hirsch, Slack & Smith 1982, Water Resources Research 18:107. Raises MethodError for season below 2.
    """
    seasons = _by_season(values, season)
    n, s, variance, _ = _score(seasons)
    total, change = n.sum(axis=-1), s.sum(axis=-1)
    spread, pairs = variance.sum(axis=-1), (n * (n - 1) / 2).sum(axis=-1)
    z = _z(change, spread)
    reason = refusals(
        total.shape, (spread == 0, TrendRefusal.ALL_ALIKE), ((n < YEARS).any(axis=-1), TrendRefusal.TOO_FEW_YEARS)
    )
    exact = np.zeros(total.shape, dtype=bool)
    return _tested(total, change, pairs, spread, z, 2 * stats.norm.sf(np.abs(z)), exact, reason)


def sen_slope(values: Any, times: Any = None, *, confidence: float = 0.95, minimum: int = POINTS) -> Slope:
    """Sen's slope: the median of (v_j − v_i)/(t_j − t_i) over all pairs, per unit of ``times`` (0, 1, 2… if None).

    ``values`` has time along the last axis (NaN skipped, its time kept); ``times`` broadcasts. The interval takes the
    M-th smallest and M-th largest of the N slopes, M = ⌊(N − z √variance of S)/2⌋, rounded outward; no interval
    (NaN) where M < 1. Two values at one time are no pair. Refusals as in ``mann_kendall`` (all equal: slope 0).

    Source: Sen 1968, JASA 63:1379; Gilbert 1987, section 16.5. Raises MethodError for shapes that do not fit.
    """
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    when = np.arange(values.shape[-1]) if times is None else np.asarray(times, dtype=np.float64)
    try:
        when = np.broadcast_to(when, values.shape)
    except ValueError as error:
        raise MethodError(
            zh=f"数值有{values.shape[-1]}个时点，时间却不能与之对应（{error}）；请逐点给出时间。",
            en=f"The times do not fit the {values.shape[-1]} points of the values ({error}); give one time per point.",
        ) from error
    i, j = np.triu_indices(values.shape[-1], 1)
    return _median_slope(
        values, when, (i, j), confidence=confidence, least=minimum, refusal=TrendRefusal.TOO_FEW_POINTS
    )


def seasonal_sen_slope(values: Any, *, season: int = 12, confidence: float = 0.95) -> Slope:
    """The median of the slopes between values of the same season, per year; arguments as ``seasonal_mann_kendall``.

    The interval as in ``sen_slope`` with the variance added over seasons. Source: Hirsch, Slack & Smith 1982.
    """
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    n, _, variance, _ = _score(_by_season(values, season))
    years = np.broadcast_to(np.arange(values.shape[-1]) / season, values.shape)
    i, j = np.triu_indices(values.shape[-1], 1)
    same = (j - i) % season == 0
    found = _median_slope(
        values, years, (i[same], j[same]), confidence=confidence, least=0,
        refusal=TrendRefusal.TOO_FEW_YEARS, variance=variance.sum(axis=-1),
    )  # fmt: skip
    short = (n < YEARS).any(axis=-1)
    reason = refusals(short.shape, (short, TrendRefusal.TOO_FEW_YEARS))
    slope, low, high = (np.where(short, np.nan, part) for part in found[:3])
    return Slope(slope, low, high, reason)


def trend_of(
    table: pd.DataFrame, indicator: Indicator, *, within: Sequence[str] = (), alpha: float = 0.05
) -> pd.DataFrame:
    """The trend of every series of a ``rate_table`` by month (column ``month`` YYYYMM; ``within`` tells series apart).

    Provisional months and months whose state is not value are left out, their place in time kept. With three values
    in every calendar month the seasonal test is made, else the plain one from eight months on. Returns one row per
    series: the within columns, points, seasonal, tau, p, slope, slope_low, slope_high (95 %, units of value per year),
    trend ("up", "down", "none"; None if refused), good (None where no direction is better or there is no trend) and
    reason (``TrendRefusal`` or None). Raises MethodError as ``month_grid``.
    """
    check_share(alpha, what="alpha", zh="显著性水平")
    grid = month_grid(table, within=within)
    values = grid.spread(table["value"])
    plain, by_season = mann_kendall(values), seasonal_mann_kendall(values)
    seasonal = not_refused(by_season.reason)
    test = [np.where(seasonal, b, a) for a, b in zip(plain, by_season, strict=True)]
    steps, years = sen_slope(values), seasonal_sen_slope(values)
    slope = [np.where(seasonal, b, 12 * a) for a, b in zip(steps[:3], years[:3], strict=True)]
    result = grid.series.copy()
    result["points"], result["seasonal"] = plain.points.astype(np.int64), seasonal
    result["tau"], result["p"] = test[2].astype(np.float64), test[5].astype(np.float64)
    for name, part in zip(("slope", "slope_low", "slope_high"), slope, strict=True):
        result[name] = part
    clear = (result["p"] < alpha).to_numpy(dtype=bool)
    up = clear & (result["tau"] > 0).to_numpy(dtype=bool)
    words = np.select([up, clear], ["up", "down"], "none").tolist()
    refused = (~not_refused(test[7])).tolist()
    result["trend"] = pd.Series([None if no else word for word, no in zip(words, refused, strict=True)], dtype=object)
    valued = indicator.better != "neutral"
    good = [bool(rise) == (indicator.better == "higher") if sure and valued else None
            for rise, sure in zip(up, clear, strict=True)]  # fmt: skip
    result["good"] = pd.Series(good, dtype=object)
    result["reason"] = pd.Series(test[7].tolist(), dtype=object)
    return result


def _score(values: Floats) -> tuple[Floats, Floats, Floats, Flags]:
    """Number of values, S, variance of S and whether there are ties, along the last axis; one lag at a time."""
    s, alike = np.zeros(values.shape[:-1]), np.ones(values.shape)
    for lag in range(1, values.shape[-1]):
        with np.errstate(invalid="ignore"):
            step = values[..., lag:] - values[..., :-lag]
        s += np.nan_to_num(np.sign(step)).sum(axis=-1)
        equal = step == 0
        alike[..., lag:] += equal
        alike[..., :-lag] += equal
    present = np.isfinite(values)
    n = present.sum(axis=-1).astype(np.float64)
    # Σ t(t−1)(2t+5) over groups of ties is (t−1)(2t+5) added once for every member.
    ties = np.where(present, (alike - 1) * (2 * alike + 5), 0.0).sum(axis=-1)
    return n, s, (n * (n - 1) * (2 * n + 5) - ties) / 18, np.asarray(ties > 0)


def _z(s: Floats, variance: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), np.nan)


@lru_cache(maxsize=NORMAL_FROM)
def _exact_p(n: int) -> Floats:
    """P(|S| ≥ s) without a trend, for s = 0, 1, … n(n−1)/2: permutations by their number of inversions."""
    ways = np.ones(1)
    for size in range(2, n + 1):
        ways = np.convolve(ways, np.ones(size))
    pairs = len(ways) - 1
    s = pairs - 2 * np.arange(pairs + 1)
    share = ways / ways.sum()
    return np.array([share[np.abs(s) >= least].sum() for least in range(pairs + 1)])


def _by_season(values: Any, season: int) -> Floats:
    """Values as leading shape × season × year, filled up with NaN."""
    if season < 2:
        raise MethodError(
            zh=f"季节长度是{season}；请给出2以上的整数，月度为12。",
            en=f"The season is {season}; give 2 or more, 12 for months.",
        )
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    full = -(-values.shape[-1] // season) * season
    padded = np.full((*values.shape[:-1], full), np.nan)
    padded[..., : values.shape[-1]] = values
    return np.moveaxis(padded.reshape(*values.shape[:-1], full // season, season), -1, -2)


def _median_slope(
    values: Floats, when: Floats, pairs: tuple[Any, Any], *, confidence: float, least: int, refusal: TrendRefusal,
    variance: Floats | None = None,
) -> Slope:  # fmt: skip
    check_share(confidence, what="confidence", zh="置信水平")
    shape, steps = values.shape[:-1], values.shape[-1]
    many = math.prod(shape)
    flat, times = values.reshape(many, steps), when.reshape(many, steps)
    n, _, spread, _ = _score(flat)
    spread = spread if variance is None else variance.ravel()
    z = float(stats.norm.ppf((1 + confidence) / 2))
    found = np.full((3, len(flat)), np.nan)
    i, j = pairs
    size = max(1, _BLOCK // max(1, len(i)))
    for start in range(0, len(flat) if len(i) else 0, size):
        block = slice(start, start + size)
        apart = times[block, :][:, j] - times[block, :][:, i]
        with np.errstate(invalid="ignore", divide="ignore"):
            slopes = np.sort(np.where(apart == 0, np.nan, (flat[block][:, j] - flat[block][:, i]) / apart), axis=-1)
        count = np.isfinite(slopes).sum(axis=-1)
        rows = np.arange(len(slopes))
        middle = [slopes[rows, np.maximum(at, 0)] for at in ((count - 1) // 2, count // 2 - (count == 0))]
        found[0, block] = (middle[0] + middle[1]) / 2
        rank = np.floor((count - z * np.sqrt(spread[block])) / 2 + 1e-9).astype(np.int64)
        inside = (rank >= 1) & (count > 0)
        found[1, block] = np.where(inside, slopes[rows, np.maximum(rank - 1, 0)], np.nan)
        found[2, block] = np.where(inside, slopes[rows, np.maximum(count - rank, 0) % slopes.shape[1]], np.nan)
    few = n < least
    found[:, few] = np.nan
    reason = refusals(few.shape, (few, refusal))
    slope, low, high = (part.reshape(shape) for part in found)
    return Slope(slope, low, high, reason.reshape(shape))


def refusals(shape: tuple[int, ...], *given: tuple[Any, TrendRefusal]) -> Words:
    """The last reason that holds, else None."""
    words = np.full(shape, None, dtype=object)
    for holds, word in given:
        words[np.asarray(holds, dtype=bool)] = word.value
    return words


def _tested(
    n: Floats, s: Floats, pairs: Floats, variance: Floats, z: Floats, p: Floats, exact: Flags, reason: Words
) -> MannKendall:
    kept = not_refused(reason)
    with np.errstate(invalid="ignore", divide="ignore"):
        tau = s / pairs
    s, tau, variance, z, p = (np.where(kept, part, np.nan) for part in (s, tau, variance, z, np.minimum(p, 1.0)))
    return MannKendall(n, s, tau, variance, z, p, exact & kept, reason)
