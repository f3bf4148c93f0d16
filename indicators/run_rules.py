"""Run rules: which points of a control chart are more than ordinary variation, and is that good or bad?

A point outside the limits is the first sign of a change; a slow or small one shows earlier as an unlikely run of points
that each look ordinary. The four rules are those of the NHS "Making Data Count" guides, with seven points to a run.
Every rule has its own false alarms: each may be looked at for one series, but over a sheet of twenty places half would
be flagged by chance. There the leading set is used: limits and the run of seven on one side, nothing else; and how
many places even these would flag though nothing has changed is counted by ``expected_signals``, to be printed beside.
The rules suppose that a chart has limits and that its months are independent; they are no test of two named months.

Conventions: runs are counted from ``Limits.middle``, which is the centre or, with exact limits, the binomial median
(counted from the centre, small places at 98 % would have false runs at 100 % without end). A gap (month without a
value) ends a run, and so does a point exactly on that line; two equal values in a row end a rise or fall. Seven rising
points are six increases. All points of a run carry the flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.control_charts import D2, LIMIT, Chart, moving_ranges
from indicators.counts import Floats
from indicators.errors import MethodError
from indicators.month_grid import month_grid

Flags = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.int8]

RUN = 7
"""Points on one side of the centre, or rising, or falling, that make a run."""
DRAWS = 1_000
SEED = 20_200_403
MOST_DRAWN = 3_000_000
"""Points × draws in one call of ``expected_signals``; with more points fewer draws are made (at least 100)."""


class Signal(StrEnum):
    """The strongest rule a point falls under."""

    BEYOND_LIMIT = "beyond_limit"
    RUN_ON_ONE_SIDE = "run_on_one_side"
    RISING_OR_FALLING = "rising_or_falling"
    NEAR_LIMIT = "two_of_three_near_limit"
    NONE = "none"


class RuleFlags(NamedTuple):
    """Per point and rule +1 (high, or rising), -1 (low, or falling) or 0; arrays of int8 of the shape of the values."""

    beyond_limit: Signs
    one_side: Signs
    rising_falling: Signs
    near_limit: Signs


def run_rules(
    value: Any, middle: Any, low: Any, high: Any, near_low: Any, near_high: Any, *, leading: bool = False
) -> RuleFlags:
    """Apply the rules to points and limits (arrays that broadcast, time along the last axis), as in ``Limits``.

    * beyond_limit: the value lies strictly outside low..high (three standard deviations);
    * one_side: seven or more points in a row strictly on one side of ``middle`` (the centre line);
    * rising_falling: seven or more points in a row, each strictly above (below) the one before;
    * near_limit: two or three of three consecutive points beyond the near line (two standard deviations) on the same
      side, points beyond the limit included; the points beyond the near line are flagged, not the one between.

    With ``leading`` the last two are not looked at (all 0). A NaN value is a gap and is never flagged; NaN limits flag
    nothing. Source: NHS England 2019, Making Data Count; Western Electric 1956; Nelson 1984, J Qual Tech 16:237.
    """
    try:
        value, middle, low, high, near_low, near_high = np.broadcast_arrays(
            *(
                np.atleast_1d(np.asarray(one, dtype=np.float64))
                for one in (value, middle, low, high, near_low, near_high)
            )
        )
    except ValueError as error:
        raise MethodError(
            zh=f"各点与控制限的形状不一致（{error}）；请逐月给出。",
            en=f"Points and limits do not have matching shapes ({error}); give one of each per month.",
        ) from error
    with np.errstate(invalid="ignore"):
        beyond = _sides(value > high, value < low)
        one_side = _in_runs(_sides(value > middle, value < middle), RUN)
    if leading:
        nothing = np.zeros(value.shape, dtype=np.int8)
        return RuleFlags(beyond, one_side, nothing, nothing.copy())
    with np.errstate(invalid="ignore"):
        outer = _sides(value > near_high, value < near_low)
    judged = ~np.isnan(middle) & ~np.isnan(value)
    return RuleFlags(beyond, one_side, _rises(np.where(judged, value, np.nan)), _two_of_three(outer, ~np.isnan(value)))


def strongest(flags: RuleFlags) -> tuple[npt.NDArray[np.object_], Signs]:
    """The first rule of the order of ``Signal`` each point falls under (as text), and its direction +1, -1 or 0."""
    words = np.full(flags.beyond_limit.shape, Signal.NONE.value, dtype=object)
    direction = np.zeros(flags.beyond_limit.shape, dtype=np.int8)
    for word, found in reversed(list(zip(Signal, flags, strict=False))):
        words[found != 0] = word.value
        direction = np.where(found != 0, found, direction)
    return words, direction


def chart_signals(chart: pd.DataFrame, *, within: Sequence[str] = (), leading: bool = False) -> pd.DataFrame:
    """Add the verdict of every point to the frame of ``control_chart`` (same ``within``).

    Adds beyond_limit, one_side, rising_falling, near_limit (true/false), signal (``Signal`` as text), direction
    ("high" or "low"; for a rise or fall "up" or "down") and good (true or false by what is better for the indicator;
    None without a signal or where neither direction is better). Where a point is not judged (provisional, no value,
    no limits) signal, direction and good are None and the flags false. ``leading`` as in ``run_rules``.
    """
    grid = month_grid(chart, within=within)
    names = ("value", "middle", "low_limit", "high_limit", "near_low", "near_high")
    flags = run_rules(*(grid.spread(chart[name]) for name in names), leading=leading)
    words, direction = strongest(flags)
    at = (grid.row, grid.column)
    judged = grid.usable & chart["low_limit"].notna().to_numpy(dtype=bool)
    result = chart.copy()
    for name, found in zip(RuleFlags._fields, flags, strict=True):
        result[name] = judged & (found[at] != 0)
    sign = np.where(judged, direction[at], 0)
    moving = (words[at] == Signal.RISING_OR_FALLING.value).astype(bool)
    told = np.select([moving & (sign > 0), moving & (sign < 0), sign > 0], ["up", "down", "high"], "low")
    better = chart.attrs.get("better", "neutral")
    valued = (sign != 0) & (better != "neutral")
    columns = (
        ("signal", words[at], judged),
        ("direction", told, sign != 0),
        ("good", (sign > 0) == (better == "higher"), valued),
    )
    for name, column, holds in columns:
        kept = [one if there else None for one, there in zip(column.tolist(), holds.tolist(), strict=True)]
        result[name] = pd.Series(kept, index=chart.index, dtype=object)
    return result


class ExpectedSignals(NamedTuple):
    """How many series with limits there are, how many show a sign under the leading rules, how many would by chance.

    ``points`` are the judged months of all series together; a sign is a point beyond a limit or in a run of seven.
    The expected numbers are 0 where no series has limits.
    """

    series: int
    observed_series: int
    expected_series: float
    points: int
    observed_points: int
    expected_points: float


def expected_signals(
    chart: pd.DataFrame, *, within: Sequence[str] = (), draws: int = DRAWS, seed: int = SEED
) -> ExpectedSignals:
    """How many series of a frame of ``control_chart`` (same ``within``) the leading rules flag though nothing changed.

    "Even without any change about k of 25 would show a sign." Every series is drawn anew as if its rate had never
    moved, and looked at with the same rules. Charts with binomial limits: the successes of the months on which the
    limits rest are dealt out anew among their cases (multivariate hypergeometric, so that the centre and limits stay
    as they are); later months are binomial, with the rate drawn from Beta(x + ½, n − x + ½) of those months. Laney's
    and XmR charts: independent normal values, with the centre and the mean moving range taken from them again.
    The chances are smaller than with a centre that is known beforehand (a Markov chain of the run length), because a
    centre taken from the same months follows them: for 36 months of 5,000 cases at 98 % 0.23 a series and not 0.30,
    for 12 months 0.03 and not 0.09.
    1,000 draws a series, fewer beyond 3,000,000 points, fixed seed; the order of rows has no effect.
    """
    grid = month_grid(chart, within=within)
    judged = grid.usable & chart["low_limit"].notna().to_numpy(dtype=bool)
    names = ("value", "middle", "low_limit", "high_limit", "x", "n")
    value, middle, low, high, x, n = (grid.spread(chart[name].where(judged)) for name in names)
    words = np.full(len(grid.series), None, dtype=object)
    words[grid.row[judged]] = chart["chart"].to_numpy(dtype=object)[judged]
    resting = grid.spread(chart["in_baseline"].to_numpy(dtype=np.float64), missing=0.0) > 0
    found = _signs(value, middle, low, high)
    # In the order of the counts, so that the draws do not depend on that of the rows.
    there = [row for row in range(len(words)) if words[row] is not None]
    there.sort(key=lambda row: (str(words[row]), repr(n[row].tolist()), repr(value[row].tolist())))
    points = int(judged.sum())
    made = min(draws, max(100, MOST_DRAWN // max(1, points)))
    generator = np.random.default_rng(seed)
    flagged = flagged_points = 0.0
    for row in there:
        if words[row] in (Chart.P.value, Chart.EXACT.value):
            drawn = _redrawn(generator, x[row], n[row], resting[row], made)
            signs = _signs(drawn, middle[row], low[row], high[row])
        else:
            signs = _normal_signs(generator, np.isfinite(value[row]), resting[row], high[row] < 1, made, words[row])
        flagged += float(signs.any(axis=-1).mean())
        flagged_points += float(signs.sum(axis=-1).mean())
    return ExpectedSignals(
        series=len(there), observed_series=int(found[there].any(axis=-1).sum()), expected_series=flagged,
        points=points, observed_points=int(found[there].sum()), expected_points=flagged_points,
    )  # fmt: skip


def _signs(value: Floats, middle: Any, low: Any, high: Any) -> Flags:
    """Points under one of the leading rules."""
    flags = run_rules(value, middle, low, high, low, high, leading=True)
    return (flags.beyond_limit != 0) | (flags.one_side != 0)


def _redrawn(generator: np.random.Generator, x: Floats, n: Floats, resting: Flags, draws: int) -> Floats:
    """Rates of a series whose rate never moved, draws × months; NaN where ``n`` is."""
    rates = np.full((draws, n.size), np.nan)
    later = ~np.isnan(n) & ~resting
    cases, done = n[resting].astype(np.int64), int(x[resting].sum())
    # The rarer outcome is dealt out: it is much quicker.
    rare = min(done, int(cases.sum()) - done)
    dealt = generator.multivariate_hypergeometric(cases, rare, size=draws, method="marginals") / n[resting]
    rates[:, resting] = dealt if rare == done else 1 - dealt
    if later.any():
        rate = generator.beta(done + 0.5, cases.sum() - done + 0.5, size=(draws, 1))
        rates[:, later] = generator.binomial(n[later].astype(np.int64), rate) / n[later]
    return rates


def _normal_signs(
    generator: np.random.Generator, present: Flags, resting: Flags, open_above: Flags, draws: int, word: str
) -> Flags:
    """The signs of normal series with limits from their own moving ranges; a share has no point above a limit of 1."""
    values = np.where(present, generator.standard_normal((draws, present.size)), np.nan)
    centre = values[:, resting].mean(axis=-1, keepdims=True)
    width = LIMIT * np.nanmean(moving_ranges(values, used=resting), axis=-1, keepdims=True) / D2
    capped = (word == Chart.LANEY.value) & ~open_above
    return _signs(values, centre, centre - width, np.where(capped, np.inf, centre + width))


def _sides(above: Flags, below: Flags) -> Signs:
    return above.astype(np.int8) - below.astype(np.int8)


def _run_lengths(signs: Signs) -> npt.NDArray[np.int64]:
    """Length of the run of equal non-zero signs every point belongs to; 0 for sign 0."""
    steps = signs.shape[-1]
    back, ahead = (np.zeros(signs.shape, dtype=np.int64) for _ in range(2))
    for t in range(steps):
        same = signs[..., t] == signs[..., t - 1] if t else np.zeros(signs.shape[:-1], dtype=bool)
        back[..., t] = np.where(signs[..., t] != 0, 1 + same * back[..., t - 1], 0)
    for t in reversed(range(steps)):
        same = signs[..., t] == signs[..., t + 1] if t + 1 < steps else np.zeros(signs.shape[:-1], dtype=bool)
        ahead[..., t] = np.where(signs[..., t] != 0, 1 + same * ahead[..., (t + 1) % steps], 0)
    return np.maximum(back + ahead - 1, 0)


def _in_runs(signs: Signs, least: int) -> Signs:
    return np.where(_run_lengths(signs) >= least, signs, 0).astype(np.int8)


def _rises(value: Floats) -> Signs:
    """+1 for the points of a run of seven rising ones, -1 falling; NaN ends a run."""
    found = np.zeros(value.shape, dtype=np.int8)
    with np.errstate(invalid="ignore"):
        steps = np.diff(value, axis=-1)
        signs = _in_runs(_sides(steps > 0, steps < 0), RUN - 1)
    found[..., 1:] = signs
    found[..., :-1] = np.where(found[..., :-1] == 0, signs, found[..., :-1])
    return found


def _two_of_three(outer: Signs, present: Flags) -> Signs:
    """Points beyond the near line with another one of the same side at most two months away and no gap between."""
    found = np.zeros(outer.shape, dtype=np.int8)
    for apart in (1, 2):
        first, second = outer[..., :-apart], outer[..., apart:]
        pair = (first == second) & (first != 0)
        if apart == 2:
            pair &= present[..., 1:-1]
        found[..., :-apart] = np.where(pair, first, found[..., :-apart])
        found[..., apart:] = np.where(pair, second, found[..., apart:])
    return found
