"""Bringing two tables side by side, row for row, without losing the rows only one of them has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from indicators.values import State


def joined(first: pd.DataFrame, second: pd.DataFrame, keys: list[str], *, sides: tuple[str, str]) -> pd.DataFrame:
    """Every row of either table once, in the order of the first and then of the second.

    The columns besides ``keys`` get the name of their side in front (now_x, before_x). Without keys both tables have
    one row each. A key that occurs twice in one table is an error (pandas.errors.MergeError).
    """
    left, right = (
        one.rename(columns={name: f"{side}_{name}" for name in one.columns if name not in keys})
        for one, side in zip((first, second), sides, strict=True)
    )
    if not keys:
        return left.merge(right, how="cross", validate="one_to_one")
    if not first[keys].duplicated().any() and _same_rows(first, second, keys):
        return pd.concat([left.reset_index(drop=True), right.drop(columns=keys).reset_index(drop=True)], axis=1)
    order = pd.concat([first[keys], second[keys]], ignore_index=True).drop_duplicates()
    both = order.merge(left, on=keys, how="left", validate="one_to_one")
    return both.merge(right, on=keys, how="left", validate="one_to_one").reset_index(drop=True)


def _same_rows(first: pd.DataFrame, second: pd.DataFrame, keys: list[str]) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(first[name].to_numpy(dtype=object), second[name].to_numpy(dtype=object)) for name in keys
    )


def matched(a: pd.DataFrame, b: pd.DataFrame, keys: list[str], *, sides: tuple[str, str]) -> pd.DataFrame:
    """Two ``rate_table``s side by side: key columns and, for each side, its x, n, value and state.

    A row that one side lacks has NaN counts and the state no_data there.
    """
    wanted = [*keys, "x", "n", "value", "state"]
    both = joined(a[wanted], b[wanted], keys, sides=sides)
    for side in sides:
        both[f"{side}_state"] = both[f"{side}_state"].fillna(State.NO_DATA.value)
    return both
