"""Time to resolution of many groups of cases at once: one row a place (or month, or category) with its curve's figures.

The method, and where it must not be read, is that of ``durations``; here are the cases themselves, with the dates on
which they were opened and closed, and the table that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from indicators.cohort_rates import case_dates
from indicators.counts import Floats
from indicators.durations import DAYS, kaplan_meier, share_closed_within, time_until


def duration_table(
    cases: pd.DataFrame, *, as_of: Any, by: Sequence[str] = ("place",), days: Sequence[int] = DAYS
) -> pd.DataFrame:
    """Kaplan–Meier figures per group of cases (columns opened, closed with NaT for open, and those of ``by``).

    Open cases are watched until ``as_of``. Returns the by columns, cases, still_open, for each of ``days``
    closed_within_D with _low, _high and _reason, and median and p90 with _low, _high, _reason. Groups in sorted order.
    Raises as ``case_durations``.
    """
    time, closed = case_durations(cases, as_of=as_of)
    frame = cases[list(by)].reset_index(drop=True)
    groups = frame.groupby(list(by), sort=True, dropna=False).indices if len(by) else {(): np.arange(len(frame))}
    rows = []
    for members in groups.values():
        curve = kaplan_meier(time[members], closed[members])
        row: dict[str, Any] = dict(zip(by, frame.iloc[members[0]], strict=True)) if len(by) else {}
        row |= {"cases": len(members), "still_open": int((~closed[members]).sum())}
        shares = share_closed_within(curve, days)
        for at, day in enumerate(days):
            for name, part in zip(("", "_low", "_high", "_reason"), shares, strict=True):
                row[f"closed_within_{day}{name}"] = part[at]
        for word, share in (("median", 0.5), ("p90", 0.9)):
            for name, value in zip(("", "_low", "_high", "_reason"), time_until(curve, share), strict=True):
                row[f"{word}{name}"] = value
        rows.append(row)
    table = pd.DataFrame(rows)
    for name in table.columns:
        if str(name).endswith("_reason"):
            table[name] = pd.Series([row[str(name)] for row in rows], dtype=object)
    return table


def case_durations(cases: pd.DataFrame, *, as_of: Any) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Whole days from ``opened`` to ``closed`` (dates; NaT: open, watched until ``as_of``), and whether closed.

    Raises as ``case_dates``.
    """
    opened, closed, end = case_dates(cases, as_of=as_of)
    finish = np.where(np.isnat(closed), end, closed)
    return (finish - opened) / np.timedelta64(1, "D"), ~np.isnat(closed)
