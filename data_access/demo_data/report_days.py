"""When the made-up departments and townships report: mostly in good time, some often late, as in life."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

from data_access.demo_data.measurement_plan import DEPARTMENTS
from data_access.demo_data.rates import MONTHS

DUE_DAY = 15
RECEIVED_WITHIN = 8  # days after the end of its stretch on which a file of cases or visits comes
LAST_DAY = np.datetime64("2023-01-20")  # the departments' workbooks were fetched on this day
SLACK_TOWNSHIPS = 3  # townships that are often late
SLOW_DEPARTMENTS = ("经信局", "民政局")
_USUALLY_LATE, _OFTEN_LATE, _SLOWER = 0.018, 0.2, 0.06  # chance that a report is late; added for slow departments
_QUARTERS = {1: 3, 2: 6, 3: 9, 4: 12}
_STRETCH = re.compile(r"(\d{4})年(?:(上|下)半年|第(\d)季度)")


def report_days(rng: np.random.Generator, townships: int) -> np.ndarray:
    """The day on which each department sent each township's figures of each month.

    Returns days (datetime64) by department, township row and month number. A report on time comes between the 3rd and
    the 15th of the following month, a late one up to two months after its day, none after `LAST_DAY`.
    """
    shape = (len(DEPARTMENTS), townships, MONTHS)
    chance = np.full(shape, _USUALLY_LATE)
    chance[:, rng.permutation(townships)[:SLACK_TOWNSHIPS], :] += _OFTEN_LATE
    chance[[DEPARTMENTS.index(name) for name in SLOW_DEPARTMENTS]] += _SLOWER
    late = rng.random(shape) < chance
    following = np.datetime64("2020-02") + np.arange(MONTHS)
    first = following.astype("datetime64[D]")
    early = rng.integers(3, DUE_DAY + 1, shape)
    behind = DUE_DAY + 1 + np.minimum(rng.geometric(0.09, shape), 60)
    return np.minimum(first + np.where(late, behind, early) - 1, LAST_DAY)


def file_day(stem: str) -> dt.date:
    """The day a file was received, by its name: shortly after its half-year or quarter; registers with the new year."""
    found = _STRETCH.search(stem)
    if found is None:
        return LAST_DAY.item() if "监测" in stem else dt.date(2023, 1, 4)
    year, half, quarter = found.groups()
    month = (6 if half == "上" else 12) if half else _QUARTERS[int(quarter)]
    return dt.date(int(year) + month // 12, month % 12 + 1, RECEIVED_WITHIN)
