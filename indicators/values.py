"""From counts to rates: one row per place (or month, or group) with value, interval and the state of the figure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue import Indicator
from indicators.counts import PLACE_ATTRIBUTES, Floats, check_counts
from indicators.intervals import Bounds, garwood, wilson

VILLAGE_DIGITS = 12
"""Length of a village code; townships have nine digits, the district six."""

COLUMNS = ("x", "n", "value", "low", "high", "state")


class State(StrEnum):
    """Why a figure is there or not. Zero is a value; the other four are reasons for there being none."""

    VALUE = "value"
    NO_DATA = "no_data"
    TOO_FEW = "too_few"
    HIDDEN = "hidden"
    NOT_APPLICABLE = "not_applicable"


def rate_table(
    counts: pd.DataFrame,
    indicator: Indicator,
    *,
    by: Sequence[str] = ("place",),
    places: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Rates of one indicator from counts, one row per combination of the ``by`` columns.

    ``counts`` has the counter columns the definition names, and the columns in ``by``; rows that share ``by`` are
    added. A frame with a column ``indicator`` is cut to this indicator. The dimension value is called ``value`` in
    counts; ask for it as ``value`` or ``group``, it comes back as ``group``. ``by=()`` gives the one row of the total.
    A place attribute as denominator (residents) is taken once per place. ``places`` names the places that must
    appear, in that order (with ``by=("place",)``); the ones without counts come back as no data. A boolean column
    ``hidden`` marks counts that may not be shown.

    Returns a frame indexed 0..k with the ``by`` columns and
    x, n (counts, NaN if there are none), value (x / n, times ``per``), low, high (95 %, in units of value), state.
    Proportions: Wilson; ratios: Garwood's exact Poisson interval; neither where the definition says interval "none".
    No cases is state no_data; too_few keeps x, n and value but has no interval. For a ratio "few" means that both
    the events and the exposure are below ``hide_below``. An indicator that is not reported for villages, or that
    nothing computes yet, is not_applicable where there are no counts.

    Raises CountError for impossible counts and KeyError for a counter column that is absent.
    """
    keys = ["group" if name == "value" else name for name in by]
    if places is not None and keys != ["place"]:
        raise ValueError("places can be named only for a table by place.")
    table = _added(_relevant(counts, indicator, keys), indicator, keys)
    if places is not None:
        table = table.set_index("place").reindex(pd.Index(list(places), name="place")).reset_index()
        table["hidden"] = table["hidden"].eq(True)
    x, n = (table[name].to_numpy(dtype=np.float64) for name in ("x", "n"))
    return _with_rates(table[keys], indicator, x=x, n=n, hidden=table["hidden"].to_numpy(dtype=bool))


def _relevant(counts: pd.DataFrame, indicator: Indicator, keys: list[str]) -> pd.DataFrame:
    if "indicator" in counts.columns:
        counts = counts[counts["indicator"] == indicator.code]
    if "group" in keys and "group" not in counts.columns:
        counts = counts.rename(columns={"value": "group"})
    return counts


def _added(counts: pd.DataFrame, indicator: Indicator, keys: list[str]) -> pd.DataFrame:
    """Numerator and denominator added over the rows that share ``keys``; a missing part makes the sum missing."""
    attribute = indicator.denominator in PLACE_ATTRIBUTES
    columns = {name: counts[name].array for name in dict.fromkeys([*keys, *(["place"] if attribute else [])])}
    rows = pd.DataFrame(
        {
            **columns,
            "x": counts[indicator.numerator].to_numpy(dtype=np.float64, na_value=np.nan),
            "n": counts[indicator.denominator].to_numpy(dtype=np.float64, na_value=np.nan),
            "hidden": counts["hidden"].to_numpy(dtype=bool) if "hidden" in counts.columns else False,
        },
        index=pd.RangeIndex(len(counts)),
    )
    if attribute:
        rows = _once_per_place(rows, keys)
    if not keys:
        return pd.DataFrame({"x": [_sum(rows["x"])], "n": [_sum(rows["n"])], "hidden": [bool(rows["hidden"].any())]})
    if not rows.duplicated(keys).any():
        return rows
    grouped = rows.groupby(keys, sort=False, dropna=False)
    added = grouped[["x", "n"]].sum(skipna=False)
    added["hidden"] = grouped["hidden"].any()
    return added.reset_index()


def _once_per_place(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    parts = list(dict.fromkeys([*keys, "place"]))
    grouped = rows.groupby(parts, sort=False, dropna=False)
    once = grouped.agg(n=("n", "first"), hidden=("hidden", "any"))
    once["x"] = grouped["x"].sum(skipna=False)
    # A group of "first" skips NaN: a place whose residents are unknown in every row stays unknown.
    return once.reset_index()


def _sum(column: pd.Series) -> float:
    return float(column.sum(skipna=False)) if len(column) else float("nan")


def _with_rates(keys: pd.DataFrame, indicator: Indicator, *, x: Floats, n: Floats, hidden: np.ndarray) -> pd.DataFrame:
    attribute = indicator.denominator in PLACE_ATTRIBUTES
    state = figure_states(
        x, n, proportion=indicator.counts_share, hide_below=indicator.hide_below, hidden=hidden,
        outside=_outside(keys, indicator), attribute=attribute,
    )  # fmt: skip
    present = np.isin(state, (State.VALUE.value, State.TOO_FEW.value))
    check_counts(x[present], n[present], proportion=indicator.counts_share, what=indicator.code)
    check_counts(x[n == 0], n[n == 0], proportion=indicator.counts_share, what=indicator.code)
    x = np.where(hidden | np.isnan(n), np.nan, x)
    n = np.where(hidden, np.nan, n)
    value = np.full(len(keys), np.nan)
    value[present] = x[present] / n[present] * indicator.per
    low, high = np.full(len(keys), np.nan), np.full(len(keys), np.nan)
    if indicator.interval == "chance":
        clear = state == State.VALUE.value
        bounds = rate_bounds(x[clear], n[clear], indicator)
        low[clear], high[clear] = bounds
    columns: dict[str, Any] = {name: keys[name].array for name in keys.columns}
    columns |= {"x": x, "n": n, "value": value, "low": low, "high": high, "state": pd.array(state, dtype="str")}
    table = pd.DataFrame(columns, copy=False)
    table.attrs = {"indicator": indicator.code, "better": indicator.better, "kind": indicator.kind,
                   "per": indicator.per, "interval": indicator.interval}  # fmt: skip
    return table


def figure_states(
    x: Floats, n: Floats, *, proportion: bool, hide_below: Any, hidden: Any, outside: Any, attribute: Any = False
) -> np.ndarray:
    """The state of every figure, an object array of the shape of ``x``; counts are NaN where nothing was counted.

    ``hide_below`` is the number of cases (for ratios: of events or exposure) below which a figure is too_few;
    ``hidden`` and ``outside`` mark what may not be shown and what is not reported there; ``attribute`` says that n is
    an attribute of the place (residents), whose absence leaves no figure. All broadcast against ``x``.
    """
    absent = np.isnan(x) & np.isnan(n) | (attribute & np.isnan(n)) | (n == 0)
    cases = n if proportion else np.fmax(x, n)
    state = np.full(x.shape, State.VALUE.value, dtype=object)
    state[cases < hide_below] = State.TOO_FEW.value
    state[absent] = State.NO_DATA.value
    state[absent & outside] = State.NOT_APPLICABLE.value
    state[np.broadcast_to(hidden, x.shape)] = State.HIDDEN.value
    return state


def rate_bounds(x: Floats, n: Floats, indicator: Indicator, *, confidence: float = 0.95) -> Bounds:
    """The interval of x / n in the units of the indicator's value (Wilson, or Garwood times ``per`` for ratios)."""
    if indicator.counts_share:
        return wilson(x, n, confidence=confidence)
    low, high = garwood(x, n, confidence=confidence)
    return Bounds(low * indicator.per, high * indicator.per)


def _outside(keys: pd.DataFrame, indicator: Indicator) -> np.ndarray:
    """Rows the indicator is not reported for: villages of a township figure, anything not computed yet."""
    if not indicator.available:
        return np.ones(len(keys), dtype=bool)
    if indicator.reported_at != "township" or "place" not in keys:
        return np.zeros(len(keys), dtype=bool)
    return keys["place"].astype(str).str.len().ge(VILLAGE_DIGITS).to_numpy(dtype=bool)
