"""Control charts: is this month's rate within what the process has always done, or has something happened?

A monthly rate moves by chance alone. A control chart draws the centre the series varies around and limits that an
unchanged process leaves about three times in a thousand; only a point outside (or an unlikely run, see
``indicators.run_rules``) asks for a cause. The p-chart takes the width from the binomial law and the cases of each
month. Near 0 % or 100 % that width is not symmetric and the exact binomial limits are used. With thousands of cases a
month the binomial limits become so narrow that ordinary life lies outside; Laney's p′-chart then widens them by the
month-to-month variation that is really seen. Values that are no proportions (caseload, a stock over a flow) get the
XmR chart, which uses that variation alone. A chart is no test between places and no forecast, and its limits are not
the interval of a month's rate: they belong to the process. Limits that rest on fewer than 12 months are only a trial.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from indicators.catalogue import Indicator
from indicators.counts import Floats, check_counts
from indicators.month_grid import month_grid

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]

POINTS = 12
"""Fewest months on which limits may rest; with fewer they are a trial (试算)."""
TRIAL_POINTS = 5
"""Fewest months on which even trial limits may rest."""
FEW = 20
"""Below this many expected successes or failures a month's limits are exact. METHODS says 5; but with 6 expected
failures (300 cases at 98 %) normal limits call 0.33 % of unchanged months low where 0.135 % are meant, exact ones
0.12 %. From 20 on both tails together are the 0.27 % that is meant."""
SCARCE = 5
"""Where fewer than this many are expected in half of the months, their variation says nothing of Laney's sigma z."""
LIMIT, NEAR = 3.0, 2.0
"""Standard deviations from the centre to the limits, and to the line beyond which a point is near a limit."""
D2, D4 = 1.128, 3.267
"""Mean of the range of two standard normal values; upper limit of a moving range in units of the mean range."""


class Chart(StrEnum):
    """Where the width of the limits comes from."""

    P = "p"
    LANEY = "laney_p"
    EXACT = "exact"
    XMR = "xmr"


WHY: Mapping[Chart, str] = MappingProxyType(
    {Chart.P: "chance_explains_the_months", Chart.LANEY: "months_vary_more_than_chance",
     Chart.EXACT: "few_events_a_month", Chart.XMR: "not_a_share"}
)  # fmt: skip
"""Why that chart was chosen."""


class ChartRefusal(StrEnum):
    """Why there are no limits."""

    TOO_FEW_POINTS = "too_few_points"
    ALL_ALIKE = "all_alike"


class Limits(NamedTuple):
    """Points, centre and limits of one or many charts; time runs along the last axis.

    All but the last two have the shape of the counts: ``value`` (NaN for a month without cases), ``centre``, ``low``,
    ``high`` (three standard deviations), ``near_low``, ``near_high`` (two) and ``middle``, the line from which runs are
    counted: the centre, or for a month with exact limits the median of its binomial law (at 98 % and 25 cases most
    ordinary months stand at 100 %: they are not "above" anything). ``spread`` has the leading shape: 1 for
    a p-chart, Laney's sigma z for a p′-chart, the mean moving range for an XmR chart. ``reason`` has the leading shape
    and holds a ``ChartRefusal`` where there are no limits (they are NaN), else None.
    """

    value: Floats
    centre: Floats
    low: Floats
    high: Floats
    near_low: Floats
    near_high: Floats
    middle: Floats
    spread: Floats
    reason: Words


def p_chart(x: Any, n: Any, *, used: Any = True, exact: Any = None) -> Limits:
    """Shewhart's p-chart of ``x`` successes in ``n`` cases a month (months along the last axis), as shares.

    Centre θ = Σx/Σn over the months that are ``used`` (true/false, broadcast; the baseline); limits
    θ ± 3√(θ(1−θ)/n) cut to 0..1 for every month with cases. Where nθ or n(1−θ) is below 20 the limits are exact
    instead: the smallest and largest share x/n that is not in a tail of 0.00135 of the binomial law (0.02275 for the
    near lines), so that a point is out only if it lies strictly beyond. ``exact`` (true/false, broadcast) settles
    it instead. n = 0 is a gap (NaN), not a zero. No month used, or all of them at 0 % or 100 %, gives no limits.

    Source: Montgomery 2013, Introduction to Statistical Quality Control, 7th ed., section 7.2; NIST/SEMATECH
    e-Handbook 6.3.3.2. Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    x, n = np.atleast_1d(x), np.atleast_1d(n)
    used = np.broadcast_to(np.asarray(used, dtype=bool), x.shape) & (n > 0)
    value, theta = _shares(x, n, used)
    sigma = _sigma(theta, n)
    bounds = [_cut(theta + times * sigma) for times in (-LIMIT, LIMIT, -NEAR, NEAR)]
    bounds.append(np.array(np.broadcast_to(theta, x.shape)))
    replaced = _scarce(n, theta) if exact is None else np.broadcast_to(np.asarray(exact, dtype=bool), x.shape)
    replaced = replaced & (n > 0) & (theta > 0) & (theta < 1)
    if replaced.any():
        rate, cases = np.broadcast_to(theta, x.shape)[replaced], n[replaced]
        out, near = stats.norm.sf(LIMIT), stats.norm.sf(NEAR)
        found = [stats.binom.ppf(out, cases, rate), stats.binom.isf(out, cases, rate),
                 stats.binom.ppf(near, cases, rate), stats.binom.isf(near, cases, rate),
                 stats.binom.ppf(0.5, cases, rate)]  # fmt: skip
        for bound, counts in zip(bounds, found, strict=True):
            bound[replaced] = counts / cases
    return _limits(value, theta, n > 0, bounds, np.ones(x.shape[:-1]), _refused(used, theta))


def laney_p_chart(x: Any, n: Any, *, used: Any = True) -> Limits:
    """Laney's p′-chart: the limits of the p-chart widened by sigma z, the variation really seen between months.

    z = (x/n − θ)/√(θ(1−θ)/n); sigma z = mean |z_t − z_(t−1)| / 1.128 over successive months used (a gap is stepped
    over); limits θ ± 3 sigma z √(θ(1−θ)/n), cut to 0..1. Arguments, missing and refusals as in ``p_chart``, and two
    months at least. For large monthly counts; with few expected failures use exact limits. sigma z below 1 narrows.

    Source: Laney 2002, Quality Engineering 14:531. Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    x, n = np.atleast_1d(x), np.atleast_1d(n)
    used = np.broadcast_to(np.asarray(used, dtype=bool), x.shape) & (n > 0)
    value, theta = _shares(x, n, used)
    sigma = _sigma(theta, n)
    spread = _mean(moving_ranges(_z(value, theta, sigma), used=used)) / D2
    wide = sigma * spread[..., None]
    bounds = [_cut(theta + times * wide) for times in (-LIMIT, LIMIT, -NEAR, NEAR, 0)]
    return _limits(value, theta, n > 0, bounds, spread, _refused(used, theta, least=2))


def xmr_chart(values: Any, *, used: Any = True) -> Limits:
    """The XmR (individuals and moving range) chart of a series of values, time along the last axis, in their units.

    Centre = mean of the values ``used``; limits centre ± 2.66 mR̄ (3/1.128 of the mean moving range between
    successive values used, gaps stepped over). Moving ranges above 3.267 mR̄ are left out of mR̄ once, so that a
    single jump does not widen the limits, unless nothing else has moved (then the jump is all there is to go by). NaN
    is a gap. Fewer than two values, or all ranges 0, give no limits.

    Source: Wheeler 1993, Understanding Variation; NIST/SEMATECH e-Handbook 6.3.2.2; NHS England, Making Data Count.
    """
    values = np.atleast_1d(np.asarray(values, dtype=np.float64))
    present = np.isfinite(values)
    used = np.broadcast_to(np.asarray(used, dtype=bool), values.shape) & present
    ranges = moving_ranges(values, used=used)
    whole = _mean(ranges)
    with np.errstate(invalid="ignore"):
        ranges[ranges > D4 * whole[..., None]] = np.nan
    screened = _mean(ranges)
    spread, centre = np.where(screened > 0, screened, whole), _mean(np.where(used, values, np.nan))[..., None]
    sigma = np.broadcast_to((spread / D2)[..., None], values.shape)
    bounds = [np.asarray(centre + times * sigma) for times in (-LIMIT, LIMIT, -NEAR, NEAR, 0)]
    reason = np.full(values.shape[:-1], None, dtype=object)
    reason[np.asarray(spread == 0)] = ChartRefusal.ALL_ALIKE.value
    reason[np.asarray(used.sum(axis=-1) < 2)] = ChartRefusal.TOO_FEW_POINTS.value
    return _limits(np.where(present, values, np.nan), centre, present, bounds, spread, reason)


def moving_ranges(values: Any, *, used: Any = True) -> Floats:
    """|value − the last value used before it|, along the last axis; NaN at the first value used and where not used.

    ``used`` (true/false, broadcast) marks the values that count; NaN values never do.
    """
    values = np.asarray(values, dtype=np.float64)
    counted = np.broadcast_to(np.asarray(used, dtype=bool), values.shape) & np.isfinite(values)
    ranges = np.full(values.shape, np.nan)
    before = np.full(values.shape[:-1], np.nan)
    for t in range(values.shape[-1]):
        ranges[..., t] = np.where(counted[..., t], np.abs(values[..., t] - before), np.nan)
        before = np.where(counted[..., t], values[..., t], before)
    return ranges


def rate_z(x: Any, n: Any, centre: Any) -> Floats:
    """Standardised rates (x/n − θ)/√(θ(1−θ)/n) with θ = ``centre``; NaN without cases or where θ is 0, 1 or NaN."""
    x, n = check_counts(x, n)
    theta = np.asarray(centre, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _z(np.where(n > 0, x / n, np.nan), theta, _sigma(theta, n))


def control_chart(
    table: pd.DataFrame,
    indicator: Indicator,
    *,
    within: Sequence[str] = (),
    baseline: Collection[int] | None = None,
    trial: bool = False,
) -> pd.DataFrame:
    """Add the control chart of every series to a ``rate_table`` by month (column ``month`` YYYYMM).

    ``within`` names the columns that tell the series apart (place). Limits rest on the months of ``baseline``
    (YYYYMM; all months if None) and hold for every month. Months that are provisional (boolean column), or whose
    state is not value, count for nothing and keep NaN. Which chart, in this order:

    1. not a proportion, or chance does not apply to it: XmR on the value;
    2. in at least half of the months used fewer than 5 successes or failures are expected: exact limits;
    3. sigma z above 1 + 1.645 √(0.8264/k) for k months (the 95 % point where chance alone varies the months;
       variance of the mean moving range: Cryer & Ryan 1990, J Qual Tech 22:187): Laney's p′;
    4. in at least half of the months used fewer than 20 are expected: exact limits;
    5. else the p-chart (a month with few expected events still has its exact limits).

    Fewer than 12 months used is too_few_points; with ``trial`` limits are given from 5 months on and ``trial`` is
    true in the result. Returns the table with centre, low_limit, high_limit, near_low, near_high and middle (units of
    value), chart (``Chart``), why (its word in ``WHY``), reason (``ChartRefusal``; None, like the two before it, where
    it does not apply), trial and in_baseline. Row order has no effect. Raises MethodError as ``month_grid`` and
    CountError for impossible counts.
    """
    grid = month_grid(table, within=within)
    usable = ~np.isnan(grid.spread(table["value"]))
    used = usable if baseline is None else usable & np.isin(grid.months, list(baseline))
    points = used.sum(axis=-1)
    if indicator.counts_share and indicator.interval == "chance":
        x, n = grid.spread(table["x"], missing=0.0), grid.spread(table["n"], missing=0.0)
        limits, chart = _chosen(x, n, used)
    else:
        limits = xmr_chart(grid.spread(table["value"]), used=used)
        chart = np.full(len(points), Chart.XMR.value, dtype=object)
    reason = limits.reason.copy()
    reason[points < (TRIAL_POINTS if trial else POINTS)] = ChartRefusal.TOO_FEW_POINTS.value
    refused = ~not_refused(reason)
    chart[refused] = None
    why = np.array([None if word is None else WHY[Chart(word)] for word in chart], dtype=object)
    result = table.copy()
    at, shown = (grid.row, grid.column), grid.usable & ~refused[grid.row]
    columns = ("centre", "low_limit", "high_limit", "near_low", "near_high", "middle")
    for name, part in zip(columns, limits[1:7], strict=True):
        result[name] = np.where(shown, part[at], np.nan)
    for name, words in (("chart", chart), ("why", why), ("reason", reason)):
        result[name] = pd.Series(list(words[grid.row]), index=table.index, dtype=object)
    result["trial"] = ~refused[grid.row] & (points[grid.row] < POINTS)
    result["in_baseline"] = used[at] & grid.usable
    return result


def _chosen(x: Floats, n: Floats, used: Flags) -> tuple[Limits, Words]:
    """The chart of every series by rules 2 to 5 of ``control_chart``."""
    points = used.sum(axis=-1)
    theta = _shares(x, n, used)[1]
    few, scarce = _scarce(n, theta), _scarce(n, theta, below=SCARCE)
    mostly_few, mostly_scarce = (2 * (one & used).sum(axis=-1) >= points for one in (few, scarce))
    plain, wide = p_chart(x, n, used=used, exact=few | mostly_few[:, None]), laney_p_chart(x, n, used=used)
    with np.errstate(invalid="ignore", divide="ignore"):
        loose = ~mostly_scarce & (wide.spread > 1 + 1.645 * np.sqrt(0.8264 / points))
    value, centre, low, high, near_low, near_high, middle = (
        np.where(loose[:, None], b, a) for a, b in zip(plain[:7], wide[:7], strict=True)
    )
    spread = np.where(loose, wide.spread, 1.0)
    chart = np.select([loose, mostly_few], [Chart.LANEY.value, Chart.EXACT.value], Chart.P.value).astype(object)
    return Limits(value, centre, low, high, near_low, near_high, middle, spread, plain.reason), chart


def _shares(x: Floats, n: Floats, used: Flags) -> tuple[Floats, Floats]:
    """Rates of the months and the pooled rate of those used (last axis kept, length 1)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(n > 0, x / n, np.nan)
        theta = (x * used).sum(axis=-1, keepdims=True) / (n * used).sum(axis=-1, keepdims=True)
    return value, theta


def _scarce(n: Floats, theta: Floats, *, below: int = FEW) -> Flags:
    """Months in which fewer successes or failures than ``below`` are expected."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.minimum(n * theta, n * (1 - theta)) < below)


def _sigma(theta: Floats, n: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 0, np.sqrt(theta * (1 - theta) / n), np.nan)


def _z(value: Floats, theta: Floats, sigma: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sigma > 0, (value - theta) / sigma, np.nan)


def _cut(bound: Floats) -> Floats:
    return np.asarray(np.clip(bound, 0.0, 1.0))


def _mean(values: Floats) -> Floats:
    """Mean along the last axis over what is not NaN; NaN if nothing is."""
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(there, values, 0.0).sum(axis=-1) / there.sum(axis=-1))


def _refused(used: Flags, theta: Floats, *, least: int = 1) -> Words:
    reason = np.full(used.shape[:-1], None, dtype=object)
    reason[np.asarray((theta[..., 0] == 0) | (theta[..., 0] == 1))] = ChartRefusal.ALL_ALIKE.value
    reason[np.asarray(used.sum(axis=-1) < least)] = ChartRefusal.TOO_FEW_POINTS.value
    return reason


def not_refused(reason: Any) -> Flags:
    """True where ``reason`` (words or None) is None."""
    words = np.asarray(reason, dtype=object)
    return np.array([word is None for word in words.ravel()], dtype=bool).reshape(words.shape)


def _limits(
    value: Floats, centre: Floats, present: Flags, bounds: list[Floats], spread: Floats, reason: Words
) -> Limits:
    kept = present & not_refused(reason)[..., None]
    low, high, near_low, near_high, middle = (np.where(kept, bound, np.nan) for bound in bounds)
    return Limits(value, np.where(present, centre, np.nan), low, high, near_low, near_high, middle, spread, reason)
