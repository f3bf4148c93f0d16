"""The figures the demonstration district is held to, and the true gaps put into it; for tests and for the curious."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_access.demo_data.places import District
from data_access.demo_data.rates import PREVENTION_GAPS, Truth, month_number


@dataclass(frozen=True)
class Target:
    """A figure counted from the written files lies between ``low`` and ``high`` (at scale 1, shares as 0…1)."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies in the range, its ends included."""
        return self.low <= value <= self.high


# "window": issues reported 2020-01-23 … 2020-04-30, the days the district's paper reports on.
TARGETS = {
    "window_reported": Target(10_050, 10_400),
    "window_resolution_rate": Target(0.9785, 0.9795),
    "window_satisfaction_rate": Target(0.9855, 0.9865),
    "reported": Target(98_000, 102_000),
    "item_results": Target(370_000, 410_000),
    "visits": Target(37_000, 43_000),
    "resolution_rate": Target(0.978, 0.985),
    "satisfaction_rate": Target(0.985, 0.989),
    "on_time_rate": Target(0.95, 0.965),
    "first_response_rate": Target(0.985, 0.995),
    "callback_coverage": Target(0.84, 0.87),
    "callback_reach_rate": Target(0.81, 0.84),
    "reopen_rate": Target(0.015, 0.025),
    "repeat_rate": Target(0.025, 0.035),
    "prevention_compliance": Target(0.935, 0.965),
    # The three gaps of the first half-year, in shares.
    "gap_area": Target(0.03, 0.04),
    "gap_estate": Target(0.05, 0.06),
    "gap_firm": Target(0.045, 0.055),
}


def true_prevention_gap(district: District, truth: Truth, *, gap: str, township: str, month: np.datetime64) -> float:
    """Points put between the two groups of ``gap`` ("area", "estate" or "firm") in a township and a month.

    Mean over the checklist items, before the start-up factor of the first months. Raises IndexError for a township
    code that is not in the district.
    """
    row = int(np.flatnonzero((district.townships["code"] == township).to_numpy())[0])
    return float(PREVENTION_GAPS[gap] * truth.gap_left[gap][row, int(month_number(np.array([month]))[0])])
