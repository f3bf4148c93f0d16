"""Small numbers: what may not be shown because it points at a person, and what says little because it is small.

The two are different rules. *Disclosure*: a count of one to four complainants lets neighbours guess who they are, so it
is hidden in exports and public views ("primary suppression"). A rate gives away the remainder as well: of 40 callers 39
satisfied names the one who was not, and near 98 % that is the usual case. Hiding single figures is not enough where
totals are shown beside them; see ``suppression_audit``. *Reliability*: with fewer than 10 cases a rate is hardly more
than an anecdote, with fewer than 20 it carries a warning. Zero is hidden by neither rule: it points at nobody.

Before anything is hidden it is worth adding months up: for most villages only twelve months together hold enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.counts import check_counts
from indicators.errors import MethodError
from indicators.month_grid import month_numbers

SMALLEST_SHOWN = 5
GREY_BELOW = 10
FEW_BELOW = 20
WINDOWS = (1, 3, 6, 12)

Mask = npt.NDArray[np.bool_]


class Reliability(StrEnum):
    """How far a rate can be relied on by the number of its cases."""

    NO_DATA = "no_data"
    GREY = "grey"
    FEW = "few"
    ENOUGH = "enough"


def must_hide(x: Any, n: Any, *, k: int = SMALLEST_SHOWN, personal: Any = True) -> Mask:
    """Whether ``x`` of ``n`` may not be shown: 0 < n < k, 0 < x < k or 0 < n − x < k, and the data are personal.

    Arrays that broadcast; ``personal`` (one value or one a row) is True for complaints and satisfaction, and for
    inspections where the firm is named. n = 0 and exact zeros may be shown. Raises CountError for impossible counts,
    MethodError for a ``k`` below 1.

    Source: the threshold rule for frequency tables, Hundepool et al. 2012, Statistical Disclosure Control, ch. 5; the
    complement n − x is a cell of the same table.
    """
    if k < 1:
        raise MethodError(zh=f"隐去下限是{k!r}；请给出1或更大的整数。", en=f"The threshold is {k!r}; give 1 or more.")
    x, n = check_counts(x, n)
    small = np.zeros(n.shape, dtype=bool)
    for count in (n, x, n - x):
        small |= (count > 0) & (count < k)
    return np.asarray(small & np.asarray(personal, dtype=bool))


def mark_hidden(
    counts: pd.DataFrame, *, x: str, n: str, k: int = SMALLEST_SHOWN, personal: bool = True
) -> pd.DataFrame:
    """A copy of ``counts`` with the boolean column ``hidden`` that ``rate_table`` understands.

    ``x`` and ``n`` name the counter columns. What was hidden before stays hidden; rows without data (both counts
    missing) are not. Add rows up to the level that is shown first: a sum of small counts may be large enough.
    Raises CountError for impossible counts and KeyError for an absent column.
    """
    columns = [counts[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in (x, n)]
    present = ~(np.isnan(columns[0]) & np.isnan(columns[1]))
    hidden = (
        counts["hidden"].to_numpy(dtype=bool, copy=True) if "hidden" in counts else np.zeros(len(counts), dtype=bool)
    )
    hidden[present] |= must_hide(columns[0][present], columns[1][present], k=k, personal=personal)
    return counts.assign(hidden=hidden)


def reliability(n: Any) -> npt.NDArray[np.object_]:
    """How far rates on ``n`` cases can be relied on: ``Reliability`` codes, an array of the shape of ``n``.

    no_data for 0; grey below 10 (shown in grey, without a band); few below 20 ("few cases" beside it); enough.
    Raises CountError for impossible counts.
    """
    _, n = check_counts(0, n)
    codes = np.array([*Reliability], dtype=object)
    return np.asarray(codes[np.searchsorted([1, GREY_BELOW, FEW_BELOW], n, side="right")], dtype=object)


def merge_months(
    counts: pd.DataFrame,
    *,
    x: str,
    n: str,
    minimum: int,
    keys: Sequence[str] = ("place",),
    month: str = "month",
    until: Any = None,
    windows: Sequence[int] = WINDOWS,
) -> pd.DataFrame:
    """Counts of the shortest of 1, 3, 6 or 12 months up to ``until`` that holds at least ``minimum`` cases.

    ``counts`` has one or more rows a month and combination of ``keys``; ``month`` holds months (202003, "2020-03",
    periods or dates); months without a row count nothing. ``until`` is the last month, by default the latest in the
    frame. Returns one row per combination of ``keys`` in the frame (no keys: one row for all), sorted: the keys, ``x``
    and ``n`` of the chosen months, months (how many) and enough. Where not even the longest window suffices it is the
    longest, and enough is False.
    Figures of areas with different windows describe different times: to compare them, merge again with the largest.
    Raises CountError for impossible or missing counts, MethodError for months or windows that cannot be read.
    """
    check_counts(counts[x].to_numpy(dtype=np.float64), counts[n].to_numpy(dtype=np.float64))
    numbers, last = _month_numbers(counts[month], until)
    lengths = sorted(set(windows))
    if not lengths or lengths[0] < 1 or minimum < 0:
        raise MethodError(
            zh="合并月数必须是1或更大的整数，最少件数不能为负。",
            en="Windows are whole numbers of months, 1 or more, and the minimum is not negative.",
        )
    age = last - numbers
    rows = counts[[*keys, x, n]].reset_index(drop=True)
    groups: Any = list(keys) or (lambda _: 0)  # without keys every row belongs to the one group
    every = rows.groupby(groups, sort=True, dropna=False).size().index
    merged = pd.DataFrame({x: 0, n: 0, "months": lengths[-1], "enough": False}, index=every)
    for length in reversed(lengths):
        inside = rows[(age >= 0) & (age < length)].groupby(groups, sort=True, dropna=False)[[x, n]].sum()
        inside = inside.reindex(every, fill_value=0)
        chosen = inside[n].ge(minimum) if length != lengths[-1] else pd.Series(True, index=every)
        merged.loc[chosen, [x, n]] = inside.loc[chosen, [x, n]]
        merged.loc[chosen, "months"] = length
    merged["enough"] = merged[n].ge(minimum)
    return merged.reset_index(drop=not keys)


def _month_numbers(months: pd.Series, until: Any) -> tuple[npt.NDArray[np.int64], int]:
    """The months of the rows and the last one, as numbers that count on by one."""
    if months.isna().any():
        raise MethodError(
            zh="有一行没有月份；请补上或去掉这一行。", en="A row has no month; add it or leave the row out."
        )
    codes, different = pd.factorize(months)
    numbers = _numbered(pd.Series(different))
    if until is not None:
        return numbers[codes], int(_numbered(pd.Series([until]))[0])
    return numbers[codes], int(numbers.max(initial=0))


def _numbered(months: pd.Series) -> npt.NDArray[np.int64]:
    if pd.api.types.is_numeric_dtype(months) and not pd.api.types.is_bool_dtype(months):
        return month_numbers(months)
    try:
        periods = pd.PeriodIndex(months, freq="M")
    except (ValueError, TypeError) as error:
        raise MethodError(
            zh=f"有月份无法识别（{error}）；请写成202003或2020-03这样的形式。",
            en=f"A month cannot be read ({error}); write it like 202003 or 2020-03.",
        ) from error
    if periods.isna().any():
        raise MethodError(zh="截止月份缺失；请给出月份。", en="The last month is missing; give a month.")
    return np.asarray(12 * periods.year + periods.month - 1, dtype=np.int64)
