"""Differences between two sets of counts of one indicator, in the units of its value; shared by every comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.counts import Floats
from indicators.exact_tests import exact_tails, two_sided
from indicators.intervals import Difference, newcombe, ratio_difference

Mask = npt.NDArray[np.bool_]


def is_share(kind: str) -> bool:
    """True for proportions, whose numerator is part of the denominator."""
    return kind == "proportion"


def difference_table(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], *, kind: str, per: Any, interval: str = "chance"
) -> Difference:
    """First rate minus second rate with its 95 % interval; ``first`` and ``second`` are (x, n).

    Proportions: Newcombe's method 10; ratios: squared-and-added Garwood intervals, times ``per`` (a number, or one for
    every row). NaN where either side is NaN or has no cases. With ``interval`` "none" the difference comes without
    an interval.
    """
    x1, n1, x2, n2 = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in (*first, *second)))
    known = ~(np.isnan(x1) | np.isnan(n1) | np.isnan(x2) | np.isnan(n2)) & (n1 > 0) & (n2 > 0)
    parts = [np.full(x1.shape, np.nan) for _ in range(3)]
    method = newcombe if is_share(kind) else ratio_difference
    times = np.broadcast_to(per, x1.shape)[known]
    for part, found in zip(parts, method(x1[known], n1[known], x2[known], n2[known]), strict=True):
        part[known] = found * times
    difference = Difference(*parts)
    if interval == "none":
        nothing = np.full(x1.shape, np.nan)
        return Difference(difference.difference, nothing, nothing.copy())
    return difference


def enough(table: pd.DataFrame, *, kind: str, minimum: int) -> Mask:
    """Rows with a value that rests on at least ``minimum`` cases (for ratios: events or exposure)."""
    n = table["n"].to_numpy(dtype=np.float64)
    cases = n if is_share(kind) else np.fmax(table["x"].to_numpy(dtype=np.float64), n)
    return np.asarray((table["state"].to_numpy(dtype=object) == "value") & (cases >= minimum))


def counts_of(table: pd.DataFrame) -> tuple[Floats, Floats]:
    """The columns x and n as arrays."""
    return table["x"].to_numpy(dtype=np.float64), table["n"].to_numpy(dtype=np.float64)


def known_counts(table: pd.DataFrame, clear: Mask) -> tuple[Floats, Floats]:
    """The columns x and n, NaN where not ``clear``."""
    x, n = counts_of(table)
    return np.where(clear, x, np.nan), np.where(clear, n, np.nan)


def p_values(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], *, kind: str, interval: str = "chance"
) -> Floats:
    """Two-sided mid-p of the exact test that both rates are the same; NaN where a side is NaN or empty, or untested."""
    p = np.full(first[0].shape, np.nan)
    known = ~np.isnan(first[0]) & ~np.isnan(second[0])
    if interval == "chance" and known.any():
        (x1, n1), (x2, n2) = ((x[known], n[known]) for x, n in (first, second))
        p[known] = two_sided(exact_tails(x1, n1, x2, n2, proportion=is_share(kind), mid=True))
    return p


def worded(words: Any, *, index: pd.Index) -> pd.Series:
    """A column of words in which None is kept as None."""
    return pd.Series(list(words), index=index, dtype=object)


def worse_state(a: Any, b: Any) -> list[str]:
    """Row by row the state that prevents a comparison first: not applicable, no data, hidden, too few, value."""
    order = {"not_applicable": 0, "no_data": 1, "hidden": 2, "too_few": 3, "value": 4}
    return [min(str(one), str(other), key=order.__getitem__) for one, other in zip(a, b, strict=True)]
