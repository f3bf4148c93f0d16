"""Of the cases of a month, which share was closed in time? Two plain rates, which answer different questions.

同批办结率 (``cohort_rate``) takes the cases opened in a month and follows each for equally long: it compares months
fairly, but is not known before the last of them has been followed. 当期办结率 (``period_rate``) takes the cases due in
a month and asks which were closed by its end: it is known at once. They are never mixed nor compared with each other.
How long cases take, open ones included, is the question of ``durations``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from indicators.errors import MethodError
from indicators.intervals import wilson


class CohortRefusal(StrEnum):
    """Why a month has no rate: some of its cases have not been followed to the end."""

    IMMATURE = "immature"


def cohort_rate(cases: pd.DataFrame, *, as_of: Any, days: int = 30, by: Sequence[str] = ()) -> pd.DataFrame:
    """同批办结率: of the cases opened in a month, the share closed within ``days`` days of being opened.

    Every case is followed equally long, so a month is known once its last day plus ``days`` is not after ``as_of``;
    before that it has the reason "immature" and no rate. Returns by…, month (YYYYMM), x, n, value, low, high (Wilson
    95 %), reason. Columns and errors as ``case_dates``.
    """
    opened, closed, end = case_dates(cases, as_of=as_of)
    within = ~np.isnat(closed) & (closed - opened <= np.timedelta64(days, "D"))
    month = opened.astype("datetime64[M]")
    known = (month + 1).astype("datetime64[D]") - 1 + np.timedelta64(days, "D") <= end
    return _rates(cases, by, month, within, known)


def period_rate(cases: pd.DataFrame, *, as_of: Any, by: Sequence[str] = ()) -> pd.DataFrame:
    """当期办结率: of the cases whose deadline (column ``due``) lies in a month, the share closed by the end of it.

    Known once the month is over; before that reason "immature". Cases without a deadline (NaT) are left out. Use the
    original deadline where it was extended. Otherwise as ``cohort_rate``; never to be compared with it.
    """
    _, closed, end = case_dates(cases, as_of=as_of)
    due = pd.to_datetime(cases["due"]).to_numpy(dtype="datetime64[D]")
    month = due.astype("datetime64[M]")
    last = (month + 1).astype("datetime64[D]") - 1
    has = ~np.isnat(due)
    return _rates(cases[has], by, month[has], (closed <= last)[has], (last <= end)[has])


def case_dates(cases: pd.DataFrame, *, as_of: Any) -> tuple[Any, Any, Any]:
    """Days on which cases were ``opened`` and ``closed`` (NaT: open), and the last day that is known, as datetime64[D].

    Raises MethodError for an ``as_of`` that is no day, and naming the first case that has no opening day, closes before
    it opens, or opens or closes after ``as_of``.
    """
    last = pd.to_datetime(as_of, errors="coerce")
    if not isinstance(last, pd.Timestamp) or pd.isna(last):
        raise MethodError(
            zh=f"数据截止日{as_of!r}不是日期；请写成2020-03-31这样的形式。",
            en=f"The as-of day {as_of!r} is no date; write it like 2020-03-31.",
        )
    end = np.datetime64(last, "D")
    opened, closed = (pd.to_datetime(cases[name]).to_numpy(dtype="datetime64[D]") for name in ("opened", "closed"))
    faults = (
        (np.isnat(opened), "没有受理日期；请补上", "has no opening day; fill it in"),
        (closed < opened, "办结日期早于受理日期；请更正", "closes before it opens; correct the dates"),
        (opened > end, "受理日期晚于数据截止日；请更正日期或截止日", "opens after the as-of day; correct either"),
        (closed > end, "办结日期晚于数据截止日；请更正日期或截止日", "closes after the as-of day; correct either"),
    )
    for wrong, zh, en in faults:
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise MethodError(zh=f"第{row + 1}件{zh}。", en=f"Case {row + 1} {en}.")
    return opened, closed, end


def _rates(cases: pd.DataFrame, by: Sequence[str], month: Any, success: Any, known: Any) -> pd.DataFrame:
    year_month = month.astype("datetime64[M]").astype(np.int64)
    frame = cases[list(by)].reset_index(drop=True)
    frame["month"] = (1970 + year_month // 12) * 100 + year_month % 12 + 1
    frame = frame.assign(x=np.asarray(success, dtype=np.int64), n=1, known=known)
    table = frame.groupby([*by, "month"], sort=True, dropna=False).agg(
        x=("x", "sum"), n=("n", "sum"), known=("known", "all")
    )
    table = table.reset_index()
    mature = table.pop("known").to_numpy(dtype=bool)
    bounds = wilson(table["x"], table["n"])
    table["x"] = np.where(mature, table["x"], np.nan)
    table["value"] = table["x"] / table["n"]
    table["low"], table["high"] = np.where(mature, bounds.low, np.nan), np.where(mature, bounds.high, np.nan)
    words = [None if one else CohortRefusal.IMMATURE.value for one in mature.tolist()]
    return table.assign(reason=pd.Series(words, index=table.index, dtype=object))
