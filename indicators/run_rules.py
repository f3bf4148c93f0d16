"""Run rules: which points of a control chart are more than ordinary variation, and is that good or bad?

A point outside the limits is the first sign of a change; a slow or small one shows earlier as an unlikely run of points
that each look ordinary. The four rules are those of the NHS "Making Data Count" guides, with seven points to a run.
Every rule has its own false alarms: each may be looked at for one series, but over a sheet of twenty places half would
be flagged by chance. There the leading set is used: limits and the run of seven on one side, nothing else. The rules
suppose that a chart has limits and that its months are independent; they are no test of two named months.

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

from indicators.counts import Floats
from indicators.errors import MethodError
from indicators.month_grid import month_grid

Flags = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.int8]

RUN = 7
"""Points on one side of the centre, or rising, or falling, that make a run."""


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
