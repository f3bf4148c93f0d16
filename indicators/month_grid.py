"""A table by month laid out as series × calendar months, so that what comes after a gap is known to come after a gap.

Control charts, run rules and trends all read a series in time, and a table of rates only has rows for the months that
had something. Here every month from the first to the last has its column, whether a row exists or not, and what may
not be used (provisional months, rates that are hidden or have no cases) is left out of the values, not out of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.counts import Floats
from indicators.errors import MethodError

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class MonthGrid(NamedTuple):
    """A table by month laid out as one series per row and one calendar month per column, gaps included.

    ``series`` has one row per series with its key columns; ``months`` are the months YYYYMM of the columns; ``row``
    and ``column`` say where each row of the table lies; ``usable`` marks table rows with a value that is not
    provisional.
    """

    series: pd.DataFrame
    months: Ints
    row: Ints
    column: Ints
    usable: Flags

    def spread(self, values: Any, *, missing: float = np.nan) -> Floats:
        """The usable table rows as a matrix series × months; ``missing`` elsewhere."""
        matrix = np.full((len(self.series), len(self.months)), missing)
        matrix[self.row[self.usable], self.column[self.usable]] = np.asarray(values, dtype=np.float64)[self.usable]
        return matrix


def month_grid(table: pd.DataFrame, *, within: Sequence[str] = ()) -> MonthGrid:
    """Lay out a ``rate_table`` by ``month`` (YYYYMM) and the ``within`` columns; see ``MonthGrid``.

    Every calendar month from the first to the last of the table has a column. Rows whose boolean column
    ``provisional`` is true, or whose state is not value, are not usable. Raises MethodError for a month that is none
    and for a series with the same month twice.
    """
    number = month_numbers(table["month"])
    row = np.zeros(len(table), dtype=np.int64)
    series = pd.DataFrame(index=pd.RangeIndex(min(1, len(table))))
    if within and len(table):
        row[:] = table.groupby(list(within), sort=True, dropna=False).ngroup().to_numpy(dtype=np.int64)
        series = table[list(within)].iloc[np.unique(row, return_index=True)[1]].reset_index(drop=True)
    first = int(number.min()) if len(number) else 0
    calendar = np.arange(first, int(number.max()) + 1 if len(number) else 0)
    twice = pd.Series(row * (len(calendar) + 1) + number - first).duplicated().to_numpy()
    if twice.any():
        month = int(table["month"].iloc[int(np.flatnonzero(twice)[0])])
        raise MethodError(
            zh=f"同一序列中{month}出现两次；请先把同月的行合并，或在within中写明区分各序列的列。",
            en=f"A series has {month} twice; add the rows of a month, or name the columns that tell series apart.",
        )
    usable = (table["state"] == "value").to_numpy(dtype=bool)
    if "provisional" in table.columns:
        usable = usable & ~table["provisional"].to_numpy(dtype=bool, na_value=False)
    return MonthGrid(series, calendar // 12 * 100 + calendar % 12 + 1, row, number - first, usable)


def month_numbers(months: pd.Series) -> Ints:
    """Months written YYYYMM as whole numbers that count on by one: 12 times the year plus the month from 0.

    Integers, floats and digits in text are read. Raises MethodError naming the first that is no month, or missing.
    """
    codes = pd.to_numeric(months, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        wrong = ~((codes % 1 == 0) & (codes >= 100) & (codes < 1_000_000) & (codes % 100 >= 1) & (codes % 100 <= 12))
    if wrong.any():
        shown = months.iloc[int(np.flatnonzero(wrong)[0])]
        raise MethodError(
            zh=f"“{shown}”不是月份；请写成六位数，例如202003。",
            en=f"“{shown}” is no month; write YYYYMM such as 202003.",
        )
    return np.asarray(codes // 100 * 12 + codes % 100 - 1, dtype=np.int64)
