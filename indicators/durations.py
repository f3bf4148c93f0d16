"""Time to resolution: how long do cases take, when some of them are still open?

Dropping the open cases makes a place look quick, counting them as failures makes a fresh month look bad. The
Kaplan–Meier curve uses each case for as long as it was watched: the share still open after t days, with its interval,
from which come "closed within 7 days", the median and the 90th percentile. A transferred or withdrawn case is no
censored one (it will never be closed here): where these are more than a few, the Aalen–Johansen curves give the share
with each outcome, and they add up with the share still open. The curve must not be read where fewer than ten cases
were left under watch; there nothing is returned. Censoring must have nothing to do with how long a case would take.

Arrays of one group of cases; ``duration_table`` does it for tables of cases, and the plain rates of a month stand in
``cohort_rates``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from indicators.counts import Floats, check_share
from indicators.errors import MethodError
from indicators.intervals import CONFIDENCE, wilson

AT_RISK = 10
"""With fewer cases under watch the curve is not read."""
DAYS = (7, 15, 30)


class DurationRefusal(StrEnum):
    """Why a figure is not given."""

    TOO_FEW_AT_RISK = "too_few_at_risk"
    MEDIAN_NOT_REACHED = "median_not_reached"
    QUANTILE_NOT_REACHED = "quantile_not_reached"
    ONE_GROUP = "one_group"
    NO_EVENTS = "no_events"


@dataclass(frozen=True)
class Survival:
    """A Kaplan–Meier curve: arrays with one entry per day on which a case was closed, in order.

    ``survival`` is the share still open just after that day, ``low`` and ``high`` its interval (log–log; Wilson's of
    the cases at risk where all have closed), ``at_risk`` the cases under watch just before, ``events`` those closed.
    ``cases`` counts all; ``entries`` and ``ends`` are the sorted first and last days under watch. The curve may be
    read up to and including day ``reliable_until``: the last day, of those on which a case left, before too few were
    at risk (infinite if all closed before that; -1 if never).
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    events: Floats
    cases: int
    confidence: float
    reliable_until: float
    entries: Floats
    ends: Floats


class Share(NamedTuple):
    """Shares with their interval and, where they are NaN, the reason (``DurationRefusal``; else None)."""

    share: Floats
    low: Floats
    high: Floats
    reason: npt.NDArray[np.object_]


class Quantile(NamedTuple):
    """A number of days with its interval (NaN high: beyond what was observed) and the reason if it is NaN."""

    days: float
    low: float
    high: float
    reason: str | None


class LogRank(NamedTuple):
    """Chi-square with degrees of freedom and p; per group the observed and expected events. NaN with a reason."""

    chi_square: float
    degrees: int
    p: float
    groups: tuple[Any, ...]
    observed: Floats
    expected: Floats
    reason: str | None


@dataclass(frozen=True)
class CumulativeIncidence:
    """Aalen–Johansen curves: per day with an event the share still open and, per outcome, the share that had it.

    ``incidence``, ``variance``, ``low`` and ``high`` (log–log interval, NaN while the share is 0) map the outcome to
    arrays over ``times``. ``open`` plus all incidences is 1. Not to be read after ``reliable_until``.
    """

    times: Floats
    open: Floats
    at_risk: Floats
    incidence: dict[Any, Floats]
    variance: dict[Any, Floats]
    low: dict[Any, Floats]
    high: dict[Any, Floats]
    reliable_until: float


def kaplan_meier(
    days: Any, closed: Any, *, entry: Any = None, confidence: float = CONFIDENCE, minimum: int = AT_RISK
) -> Survival:
    """The Kaplan–Meier curve of one group of cases.

    ``days`` is the time from opening to closing or, where ``closed`` is False, to the last day the case was watched
    (one-dimensional, days ≥ 0). ``entry`` is the day from which a case is under watch (0 if None), before its last.
    S(t) = Π (1 − d/r); variance of ln S by Greenwood, Σ d/(r(r − d)); interval S^exp(±z √variance / ln S). Cases
    closed and cases last seen on the same day count as at risk that day. The curve is not read where fewer than
    ``minimum`` are at risk.

    Source: Kaplan & Meier 1958, JASA 53:457; Greenwood 1926; Kalbfleisch & Prentice 2002, section 1.4.
    Raises MethodError for negative or missing days, shapes that do not fit, entry not before the end.
    """
    check_share(confidence, what="confidence", zh="置信水平")
    time, event, start = _checked(days, closed, entry)
    times, events = np.unique(time[event], return_counts=True)
    at_risk = _at_risk(times, time, start)
    survival = np.asarray(np.cumprod(1 - events / at_risk), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        width = float(stats.norm.ppf((1 + confidence) / 2)) * np.sqrt(greenwood) / np.log(survival)
        low, high = survival ** np.exp(-width), survival ** np.exp(width)
    none_left = survival == 0
    low[none_left] = 0.0
    high[none_left] = wilson(0, at_risk[none_left], confidence=confidence).high
    until = _reliable_until(time, start, times, survival, minimum)
    return Survival(
        times, survival, low, high, at_risk, events.astype(np.float64), len(time), confidence, until,
        np.sort(start), np.sort(time),
    )  # fmt: skip


def share_open_at(curve: Survival, days: Any = DAYS) -> Share:
    """The share of cases still open after each of ``days``, arrays of their shape; the interval is that of the curve.

    Before the first closing the share is 1 and its lower bound Wilson's for the cases then at risk.
    NaN with too_few_at_risk after ``reliable_until``. Raises MethodError for negative or missing days.
    """
    at = np.asarray(days, dtype=np.float64)
    if not (at >= 0).all():
        raise MethodError(
            zh="查看的天数必须是不小于0的数；请更正。",
            en="The days to look at must be numbers of 0 or more; correct them.",
        )
    place = np.searchsorted(curve.times, at, side="right")
    watched = np.maximum(np.searchsorted(curve.entries, at, "left") - np.searchsorted(curve.ends, at, "left"), 0)
    share, low, high = (np.concatenate([[1.0], part])[place] for part in (curve.survival, curve.low, curve.high))
    low = np.where(place == 0, wilson(watched, watched, confidence=curve.confidence).low, low)
    late = at > curve.reliable_until
    reason = np.full(at.shape, None, dtype=object)
    reason[late] = DurationRefusal.TOO_FEW_AT_RISK.value
    share, low, high = (np.where(late, np.nan, part) for part in (share, low, high))
    return Share(share, low, high, reason)


def share_closed_within(curve: Survival, days: Any = DAYS) -> Share:
    """The share of cases closed within each of ``days``: one minus ``share_open_at``, bounds swapped."""
    share, low, high, reason = share_open_at(curve, days)
    return Share(1 - share, 1 - high, 1 - low, reason)


def time_until(curve: Survival, share: float = 0.5) -> Quantile:
    """The first day by which ``share`` of the cases were closed (0.5: the median; 0.9: P90), with its interval.

    The interval holds the days on which the interval of the curve covers 1 − ``share`` (Brookmeyer & Crowley 1982,
    Biometrics 38:29). Not reached: median_not_reached (半数以上尚未办结) or quantile_not_reached; reached only after
    ``reliable_until``: too_few_at_risk. A bound that is not reached, or not reliably, is NaN.
    """
    left = 1 - check_share(share, what="share", zh="份额")

    def first(part: Floats) -> float:
        reached = np.flatnonzero(part <= left + 1e-12)
        return float(curve.times[reached[0]]) if len(reached) else np.nan

    day, low, high = (first(part) for part in (curve.survival, curve.low, curve.high))
    if day <= curve.reliable_until:
        return Quantile(day, low, high if high <= curve.reliable_until else np.nan, None)
    reason = DurationRefusal.MEDIAN_NOT_REACHED if share == 0.5 else DurationRefusal.QUANTILE_NOT_REACHED
    if day > curve.reliable_until or curve.reliable_until < 0:
        reason = DurationRefusal.TOO_FEW_AT_RISK
    return Quantile(np.nan, np.nan, np.nan, reason.value)


def logrank(days: Any, closed: Any, group: Any, *, entry: Any = None) -> LogRank:
    """Do two or more groups take equally long? The log-rank test; arguments as ``kaplan_meier``, ``group`` the labels.

    On each day with events the expected events of a group are d r_g / r and their covariance is hypergeometric;
    chi-square = (O − E)' V⁻ (O − E) with one degree of freedom less than groups. One group, or nothing closed, is
    refused. The textbook short cut Σ (O − E)²/E is smaller and not used.

    Source: Mantel 1966, Cancer Chemother Rep 50:163; Peto & Peto 1972, JRSS-A 135:185. Raises as ``kaplan_meier``.
    """
    time, event, start = _checked(days, closed, entry)
    codes, labels = pd.factorize(np.asarray(group), sort=True)
    if codes.shape != time.shape or (codes < 0).any():
        raise MethodError(
            zh="每件都要有一个组别；请补齐缺失的组别。", en="Every case needs a group; fill in the missing ones."
        )
    size = len(labels)
    times = np.unique(time[event])
    events, at_risk = np.empty((size, len(times))), np.empty((size, len(times)))
    for g in range(size):
        mine = codes == g
        at_risk[g] = _at_risk(times, time[mine], start[mine])
        closings = np.sort(time[mine & event])
        events[g] = np.searchsorted(closings, times, "right") - np.searchsorted(closings, times, "left")
    r, d = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / r
    observed, expected = events.sum(axis=1), (share * d).sum(axis=1)
    reason = DurationRefusal.ONE_GROUP if size < 2 else DurationRefusal.NO_EVENTS if not len(times) else None
    if reason is not None:
        return LogRank(np.nan, max(size - 1, 0), np.nan, tuple(labels.tolist()), observed, expected, reason.value)
    factor = d * np.where(r > 1, (r - d) / np.maximum(r - 1, 1), 0.0)
    variance = np.diag((share * factor).sum(axis=1)) - (share * factor) @ share.T
    off = (observed - expected)[1:]
    chi_square = float(off @ np.linalg.pinv(variance[1:, 1:], hermitian=True) @ off)
    p = float(stats.chi2.sf(chi_square, size - 1))
    return LogRank(chi_square, size - 1, p, tuple(labels.tolist()), observed, expected, None)


def aalen_johansen(
    days: Any, outcome: Any, *, entry: Any = None, confidence: float = CONFIDENCE, minimum: int = AT_RISK
) -> CumulativeIncidence:
    """The cumulative incidence of competing outcomes (closed, transferred, withdrawn) of one group of cases.

    ``outcome`` holds a label per case; missing (None, NaN) means still open at ``days``. F_k(t) = Σ S(t−) d_k/r with
    S the Kaplan–Meier curve of any outcome. Variance by the delta method; interval F^exp(±z √variance/(F ln F)).

    Source: Aalen & Johansen 1978, Scand J Stat 5:141; Marubini & Valsecchi 1995, section 10.4 (variance).
    Raises as ``kaplan_meier``.
    """
    check_share(confidence, what="confidence", zh="置信水平")
    labels = pd.Series(np.asarray(outcome, dtype=object).ravel(), dtype=object)
    time, event, start = _checked(days, labels.notna().to_numpy(), entry)
    times, d = np.unique(time[event], return_counts=True)
    r = _at_risk(times, time, start)
    survival = np.asarray(np.cumprod(1 - d / r), dtype=np.float64)
    before = np.concatenate([[1.0], survival[:-1]])
    growth = np.where(r > d, d / (r * np.maximum(r - d, 1)), 0.0)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    incidence: dict[Any, Floats] = {}
    variances: dict[Any, Floats] = {}
    lows: dict[Any, Floats] = {}
    highs: dict[Any, Floats] = {}
    for label in sorted(labels.dropna().unique(), key=str):
        d_k = np.bincount(
            np.searchsorted(times, time[(labels == label).to_numpy(dtype=bool)]), minlength=len(times)
        ).astype(np.float64)
        curve = np.cumsum(before * d_k / r)
        cross = before * d_k / r**2
        variance = (
            curve**2 * np.cumsum(growth) - 2 * curve * np.cumsum(curve * growth) + np.cumsum(curve**2 * growth)
            + np.cumsum(before**2 * (r - d_k) * d_k / r**3)
            - 2 * (curve * np.cumsum(cross) - np.cumsum(curve * cross))
        )  # fmt: skip
        variance = np.maximum(variance, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.where((curve > 0) & (curve < 1), z * np.sqrt(variance) / (curve * np.log(curve)), np.nan)
            lows[label], highs[label] = curve ** np.exp(-width), curve ** np.exp(width)
        incidence[label], variances[label] = curve, variance
    until = _reliable_until(time, start, times, survival, minimum)
    return CumulativeIncidence(times, survival, r, incidence, variances, lows, highs, until)


def _checked(days: Any, closed: Any, entry: Any) -> tuple[Floats, npt.NDArray[np.bool_], Floats]:
    time = np.asarray(days, dtype=np.float64)
    event = np.asarray(closed, dtype=bool)
    start = np.full(time.shape, -np.inf) if entry is None else np.asarray(entry, dtype=np.float64)
    if time.ndim != 1 or event.shape != time.shape or start.shape != time.shape:
        raise MethodError(
            zh=f"天数、是否办结（和进入日）须逐件对应；现在的形状是{time.shape}与{event.shape}。",
            en=f"Days and closed (and entry) need one value per case; their shapes are {time.shape}, {event.shape}.",
        )
    wrong = ~np.isfinite(time) | (time < 0)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise MethodError(
            zh=f"第{row + 1}件的用时是{time[row]:g}；用时须为不小于0的天数，请更正日期。",
            en=f"Case {row + 1} took {time[row]:g} days; durations must be 0 days or more, correct its dates.",
        )
    if not (start < time).all():
        row = int(np.flatnonzero(~(start < time))[0])
        raise MethodError(
            zh=f"第{row + 1}件的进入日不早于结束日；请更正。",
            en=f"Case {row + 1} enters no earlier than it ends; correct it.",
        )
    return time, event, start


def _at_risk(times: Floats, time: Floats, start: Floats) -> Floats:
    """Cases under watch just before each of ``times``: entered earlier and not gone earlier."""
    entered = np.searchsorted(np.sort(start), times, side="left")
    gone = np.searchsorted(np.sort(time), times, side="left")
    return (entered - gone).astype(np.float64)


def _reliable_until(time: Floats, start: Floats, times: Floats, survival: Floats, minimum: int) -> float:
    """The last day of leaving before the curve rests on too few cases; -1 if on the first already; infinite once all
    have closed.

    At risk ÷ share still open is the number of cases that, all watched to that day, would have left as many at risk:
    all of them where none was censored, however many have closed. It stops below ``minimum``.
    """
    leaving = np.unique(time)
    before = np.concatenate([[1.0], survival])[np.searchsorted(times, leaving, side="left")]
    with np.errstate(divide="ignore", invalid="ignore"):
        thin = np.flatnonzero(_at_risk(leaving, time, start) < minimum * before * (1 - 1e-12))
    at = (thin[0] if len(thin) else len(leaving)) - 1
    until = float(leaving[at]) if at >= 0 else -1.0
    emptied = times[survival == 0]
    return np.inf if len(emptied) and emptied[0] <= until else until
