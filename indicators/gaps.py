"""The gap between two groups of a pairing, place by place, and whether it grows or shrinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from indicators.catalogue import Indicator, Pairing
from indicators.comparison import difference_table, enough, known_counts, p_values, worded, worse_state
from indicators.counts import Floats
from indicators.intervals import Difference, square_and_add
from indicators.matching import joined, matched
from indicators.values import State, rate_table


class _Measure(NamedTuple):
    better: str
    kind: str
    per: int
    interval: str


def pairing_gaps(
    counts: pd.DataFrame,
    indicator: Indicator,
    pairing: Pairing,
    *,
    by: Sequence[str] = ("place",),
    places: Sequence[str] | None = None,
    minimum: int = 10,
) -> pd.DataFrame:
    """The gap of a pairing from counts read for its dimension (column ``value`` holds the dimension values).

    Values of one group are added (small and micro firms are one group). The rest as in ``gap_table``;
    ``places`` as in ``rate_table``.
    """
    a, b = (
        rate_table(counts[counts["value"].isin(group.values)], indicator, by=by, places=places)
        for group in (pairing.a, pairing.b)
    )
    return gap_table(a, b, by=by, indicator=indicator, minimum=minimum)


def gap_table(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    by: Sequence[str] = ("place",),
    indicator: Indicator | None = None,
    minimum: int = 10,
) -> pd.DataFrame:
    """Group a against group b: two ``rate_table``s of the same indicator, matched on ``by``.

    Returns one row for every combination in either table: by..., a_x, a_n, a_value, b_x, b_n, b_value,
    difference (a minus b, in units of value; proportions as shares), low, high (95 %, Newcombe's method 10; ratios
    square-and-add), p (two-sided mid-p of the exact test, for choosing among many gaps), ahead and state.
    ``ahead`` is "a" or "b" where the interval excludes 0: the group with the better value (for a neutral indicator
    the higher one), "none" where it does not, None where a group is missing or has fewer than ``minimum`` cases.
    ``state`` is the worse of the two states; too_few where a group has fewer than ``minimum`` cases.

    ``indicator`` may be left out if the tables still carry what ``rate_table`` noted in ``attrs``; else ValueError.
    """
    measure = _measure(a, indicator)
    keys = ["group" if name == "value" else name for name in by]
    both = matched(a, b, keys, sides=("a", "b"))
    sides = [both[[f"{side}_x", f"{side}_n", f"{side}_state"]] for side in ("a", "b")]
    first, second = (side.set_axis(["x", "n", "state"], axis=1) for side in sides)
    clear = enough(first, kind=measure.kind, minimum=minimum) & enough(second, kind=measure.kind, minimum=minimum)
    counts = [known_counts(side, clear) for side in (first, second)]
    difference = difference_table(counts[0], counts[1], kind=measure.kind, per=measure.per, interval=measure.interval)
    state = pd.Series(worse_state(first["state"], second["state"]), index=both.index, dtype="str")
    table = both[[*keys, "a_x", "a_n", "a_value", "b_x", "b_n", "b_value"]].assign(
        difference=difference.difference,
        low=difference.low,
        high=difference.high,
        p=p_values(counts[0], counts[1], kind=measure.kind, interval=measure.interval),
    )
    table["ahead"] = worded(_ahead(table, measure), index=table.index)
    table["state"] = state.where(clear | (state != State.VALUE.value), State.TOO_FEW.value)
    table.attrs = {name: getattr(measure, name) for name in measure._fields}
    return table


def gap_change(now: pd.DataFrame, before: pd.DataFrame, *, by: Sequence[str] = ("place",)) -> pd.DataFrame:
    """Whether gaps grow or shrink: two ``gap_table``s of independent periods, matched on ``by``.

    Returns by..., difference (gap now minus gap before, in units of value), low, high (95 %, square-and-add), p
    (two-sided, of the claim that the gap has grown or shrunk), change and reversed. "growing" ("shrinking") says that
    the gap is farther from (nearer to) zero than before; it is said only if both "now minus before" and "now plus
    before" exclude 0, so that it holds whichever group was ahead.
    Otherwise "unchanged"; None where either gap is unknown. ``reversed``: another group is ahead now than before.
    """
    keys = ["group" if name == "value" else name for name in by]
    wanted = [*keys, "difference", "low", "high"]
    both = joined(now[wanted], before[wanted], keys, sides=("now", "before"))
    d1, l1, h1 = (both[f"now_{name}"].to_numpy(dtype=np.float64) for name in ("difference", "low", "high"))
    d0, l0, h0 = (both[f"before_{name}"].to_numpy(dtype=np.float64) for name in ("difference", "low", "high"))
    moved = square_and_add(d1, l1, h1, d0, l0, h0)
    summed = square_and_add(d1, l1, h1, -d0, -h0, -l0)
    way = _side(moved.low, moved.high) * _side(summed.low, summed.high)
    words = np.select([way > 0, way < 0], ["growing", "shrinking"], default="unchanged").astype(object)
    words[np.isnan(moved.low)] = None
    table = both[keys].assign(difference=moved.difference, low=moved.low, high=moved.high)
    table["p"] = np.maximum(_p_of(moved), _p_of(summed))
    table["change"] = worded(words, index=table.index)
    table["reversed"] = _side(l1, h1) * _side(l0, h0) < 0
    return table


def _measure(table: pd.DataFrame, indicator: Indicator | None) -> _Measure:
    if indicator is not None:
        return _Measure(indicator.better, indicator.kind, indicator.per, indicator.interval)
    try:
        return _Measure(*(table.attrs[name] for name in _Measure._fields))
    except KeyError:
        raise ValueError("gap_table needs indicator=..., because the tables no longer say what they measure.") from None


def _p_of(estimate: Difference) -> Floats:
    """Two-sided normal p-value below 0.05 exactly where the 95 % interval excludes 0; 1 where nothing differs."""
    value, low, high = estimate
    reach = np.where(value > 0, value - low, high - value)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(value == 0, 0.0, np.abs(value) / reach) * stats.norm.ppf(0.975)
    return np.asarray(2 * stats.norm.sf(np.where(np.isnan(low), np.nan, z)))


def _side(low: Floats, high: Floats) -> Floats:
    """1 where an interval lies above 0, -1 below, 0 where it contains 0 or is unknown."""
    return np.where(low > 0, 1.0, np.where(high < 0, -1.0, 0.0))


def _ahead(table: pd.DataFrame, measure: _Measure) -> list[str | None]:
    low, high = table["low"].to_numpy(dtype=np.float64), table["high"].to_numpy(dtype=np.float64)
    side = _side(low, high) * (-1 if measure.better == "lower" else 1)
    words = np.select([side > 0, side < 0], ["a", "b"], default="none").astype(object)
    words[np.isnan(low)] = None
    return list(words)
