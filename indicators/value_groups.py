"""Values in groups of about equal size, for maps that show the value itself and not a verdict.

Equal values are never cut apart: a value's group is decided by its mid-rank, which ties share. Where many places have
one value, groups are therefore unequal, or empty, and the legend says which values each one really holds. (Quantile
functions that cut by position put equal places into different groups at random.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

GROUPS = 5
STEPS = 21


@dataclass(frozen=True)
class ValueGroups:
    """The group of each value, 1 the lowest (missing for a missing value), and what each group holds.

    ``ranges`` is group → (lowest, highest value in it); a group nobody is in is left out.
    """

    groups: pd.Series
    ranges: dict[int, tuple[float, float]]


def value_groups(values: pd.Series, *, groups: int = GROUPS) -> ValueGroups:
    """Group ``values`` by their mid-ranks.

    Parameters
    ----------
    values
        Numbers; NaN for places without a value, which belong to no group.
    groups
        How many groups at most.

    Raises
    ------
    ValueError
        For fewer than one group, or an infinite value.
    """
    if groups < 1:
        raise ValueError("there has to be at least one group.")
    numbers = values.astype(float)
    if np.isinf(numbers).any():
        raise ValueError("a value is infinite.")
    ranks = numbers.rank(method="average")
    count = int(numbers.notna().sum())
    group = np.floor((ranks.to_numpy(dtype=float) - 0.5) / max(count, 1) * groups).clip(0, groups - 1) + 1
    return _grouped(numbers, group)


def value_steps(values: pd.Series, *, steps: int = STEPS) -> ValueGroups:
    """Where each value lies between the lowest and the highest, in ``steps`` equal steps: 1 to ``steps``.

    Where all values are equal they are in the middle step. ``ranges`` holds what the occupied steps hold. Raises
    ValueError as :func:`value_groups` does.
    """
    if steps < 1:
        raise ValueError("there has to be at least one step.")
    numbers = values.astype(float)
    if np.isinf(numbers).any():
        raise ValueError("a value is infinite.")
    low, high = numbers.min(), numbers.max()
    if low == high:
        step = np.where(numbers.isna(), np.nan, (steps + 1) // 2)
    else:
        step = (np.floor((numbers.to_numpy(dtype=float) - low) / (high - low) * steps) + 1).clip(1, steps)
    return _grouped(numbers, step)


def _grouped(numbers: pd.Series[float], group: NDArray[np.float64]) -> ValueGroups:
    ranges = {}
    for one in np.unique(group[~np.isnan(group)]):
        inside = numbers.to_numpy(dtype=float)[group == one]
        ranges[int(one)] = (float(inside.min()), float(inside.max()))
    return ValueGroups(pd.Series(group, index=numbers.index).astype("Int64"), ranges)
