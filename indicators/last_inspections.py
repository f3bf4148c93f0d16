"""Sites by their last inspection: passed, something failed, long ago, never."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

CLASSES: Final = ("failed", "never", "stale", "passed")
"""Worst first."""
STALE_AFTER: Final = 6
"""Months after which a passed inspection says little about today."""


def inspection_class(frame: pd.DataFrame, *, month: int, stale_after: int = STALE_AFTER) -> pd.Series:
    """The class of each site at the end of ``month``.

    Parameters
    ----------
    frame
        One row a site: inspected_on (date of the last inspection; None when never), checked_items and passed_items
        (checklist items on that day; NaN when never).
    month
        YYYYMM. An inspection on a day after it is refused: what was not known then is not used.
    stale_after
        Whole months. An inspection is long ago when its day lies before the day that comes this many months before the
        last day of ``month`` (30 June for 31 December and six months).

    Returns
    -------
    Series of str on the frame's index:
        "failed" where any item failed on that day, however long ago it was, since nobody has seen it mended; "never"
        where nobody came; "stale" where all passed, long ago; "passed" where all passed since.

    Raises
    ------
    ValueError
        For a month that is none, a negative ``stale_after``, an inspection without items or with more passed than
        checked, or one after the month.
    """
    last = last_day(month)
    if stale_after < 0:
        raise ValueError(f"stale_after is {stale_after}; give a number of months.")
    oldest = months_before(last, stale_after)
    came = frame["inspected_on"].notna().to_numpy(dtype=bool)
    checked = frame["checked_items"].to_numpy(dtype=float)
    passed = frame["passed_items"].to_numpy(dtype=float)
    if not (np.all(checked[came] > 0) and np.all(passed[came] >= 0) and np.all(passed[came] <= checked[came])):
        raise ValueError("an inspection has no items, or more of them passed than were checked.")
    days = frame["inspected_on"].tolist()
    if any(day > last for day, there in zip(days, came, strict=True) if there):
        raise ValueError(f"an inspection lies after the end of {month}.")
    old = np.array([bool(there) and day < oldest for day, there in zip(days, came, strict=True)], dtype=bool)
    failed = np.where(came, passed < checked, False).astype(bool)
    found = np.select([~came, failed, old], ["never", "failed", "stale"], default="passed")
    return pd.Series(found, index=frame.index, dtype="str")


def last_day(month: int) -> dt.date:
    """The last day of ``month`` (YYYYMM). Raises ValueError for what is no month."""
    year, number = divmod(month, 100)
    if not (1 <= number <= 12 and year >= 1):
        raise ValueError(f"{month} is no month; write it as 202004.")
    return dt.date(year, number, calendar.monthrange(year, number)[1])


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months earlier, or the last of that month where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, number = divmod(index, 12)
    return dt.date(year, number + 1, min(day.day, calendar.monthrange(year, number + 1)[1]))


def worst_first(frame: pd.DataFrame, *, classes: pd.Series) -> pd.DataFrame:
    """The sites with their ``class``, worst first: by :data:`CLASSES`, within a class the longest ago, then by code."""
    order = {name: index for index, name in enumerate(CLASSES)}
    rank, day = classes.map(order), pd.to_datetime(frame["inspected_on"])
    keyed = frame.assign(**{"class": classes, "_rank": rank, "_day": day})
    in_order = keyed.sort_values(["_rank", "_day", "code"], na_position="first", ignore_index=True)
    return in_order.drop(columns=["_rank", "_day"])
