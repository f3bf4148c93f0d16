"""What a load has written so far: rows by fate, and the cells of the counts that have to be made anew."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass
class Written:
    """What a load changed so far: rows by fate, and the cells of the counts it touched, by source of counts.

    `late` rows are older than what is known (by their own 更新时间) and went straight into history. `received` counts
    the rows of the file by (stream, township, month). `indicators` are the measured indicators touched; None where the
    source has none. `latest_day` is the latest day in the issues brought.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    late: int = 0
    cells: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    first_month: int | None = None
    last_month: int | None = None
    indicators: set[str] | None = None
    received: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    latest_day: dt.date | None = None

    def touch(self, source: str, cells: set[tuple[str, int]]) -> None:
        """Note cells whose counts have to be made anew."""
        self.cells.setdefault(source, set()).update(cells)

    def note_months(self, months: pd.Series) -> None:
        """Widen the stretch of months that the file is about."""
        if len(months):
            low, high = int(months.min()), int(months.max())
            self.first_month = low if self.first_month is None else min(low, self.first_month)
            self.last_month = high if self.last_month is None else max(high, self.last_month)


def month_numbers(times: pd.Series) -> pd.Series:
    """YYYYMM of a column of times without missing ones."""
    months = times.to_numpy().astype("datetime64[M]").astype(np.int64)
    return pd.Series((1970 + months // 12) * 100 + months % 12 + 1, times.index)


def received_rows(frame: pd.DataFrame, streams: pd.Series | None = None) -> Counter[tuple[str, str, int]]:
    """How many rows came for each (stream, township, month); rows of the district itself are not of a township."""
    if frame.empty:
        return Counter()
    townships = pd.Series(frame["place_code"].to_numpy(object), frame.index).map(
        {code: code[:9] for code in frame["place_code"].unique()}
    )
    stream = pd.Series("", frame.index, dtype=object) if streams is None else streams
    sizes = frame.groupby([stream, townships, frame["month"]], sort=False).size()
    return Counter({(one, place, int(month)): int(n) for (one, place, month), n in sizes.items() if len(place) == 9})
