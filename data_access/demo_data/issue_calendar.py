"""When issues come in and how many, and the rates each stretch of time is held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

# The window the district's paper reports on, and its figures.
WINDOW_FIRST = np.datetime64("2020-01-23")
WINDOW_LAST = np.datetime64("2020-04-30")
WINDOW_ISSUES = 10_210
WINDOW_RESOLUTION = 0.979
WINDOW_SATISFACTION = 0.986
ISSUES = 100_000

# Issues a day by month, relative: spring 2020 high, summers and winters higher, spring 2022 again.
_LEVEL = (
    0.82, 1.10, 1.12, 1.02, 0.92, 0.98, 1.05, 1.06, 0.95, 0.92, 0.94, 1.00,
    1.00, 0.84, 0.93, 0.92, 0.95, 1.01, 1.07, 1.08, 0.97, 0.93, 0.96, 1.10,
    1.02, 0.86, 1.05, 1.12, 1.00, 1.02, 1.10, 1.11, 0.98, 0.95, 0.99, 1.06,
)  # fmt: skip
_WINDOW_SHARES = {"2020-01": 0.085, "2020-02": 0.315, "2020-03": 0.32, "2020-04": 0.28}


@dataclass(frozen=True)
class Stretch:
    """Days ``first`` to ``last``, the number of issues reported in them, and the shares to meet.

    ``in_window``: part of the paper's window, whose shares hold exactly over the whole window.
    """

    first: np.datetime64
    last: np.datetime64
    issues: int
    resolution: float
    satisfaction: float
    in_window: bool

    @property
    def month(self) -> np.datetime64:
        """The month it lies in; a stretch never crosses two."""
        return self.first.astype("datetime64[M]")


def stretches(rng: np.random.Generator, *, scale: float) -> Iterator[Stretch]:
    """The 37 stretches in order: every month, January 2020 in two. About 100,000 × ``scale`` issues in all."""
    months = np.datetime64("2020-01") + np.arange(36)
    lengths = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    volume = np.array(_LEVEL) * lengths * rng.normal(1, 0.025, 36)
    volume[0] *= 22 / 31
    outside = np.ones(36, dtype=bool)
    outside[1:4] = False
    volume *= (ISSUES - WINDOW_ISSUES) / volume[outside].sum()
    season = np.where(np.isin(np.arange(36) % 12, (6, 7)), -0.0015, 0.0) + rng.normal(0, 0.0009, 36)
    resolution = np.linspace(0.9788, 0.9842, 36) + season
    satisfaction = np.linspace(0.9858, 0.9888, 36) + 0.5 * season + rng.normal(0, 0.0006, 36)
    for i, month in enumerate(months):
        first, last = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - 1
        stretch = Stretch(
            first, last, round(volume[i] * scale), float(resolution[i]), float(satisfaction[i]), in_window=False
        )
        share = _WINDOW_SHARES.get(str(month))
        if share is not None:
            inside = Stretch(
                max(first, WINDOW_FIRST),
                last,
                round(WINDOW_ISSUES * share * scale),
                WINDOW_RESOLUTION,
                WINDOW_SATISFACTION,
                in_window=True,
            )
            if inside.first > first:
                yield replace(stretch, last=WINDOW_FIRST - 1)
            yield inside
        else:
            yield stretch


def draw_times(rng: np.random.Generator, stretch: Stretch) -> np.ndarray:
    """Sorted report times (datetime64[m]) of one stretch: fewer at weekends, most between eight and eight."""
    days = np.arange(stretch.first, stretch.last + 1)
    weekday = (days.astype(int) + 3) % 7
    weight = np.where(weekday >= 5, 0.62, 1.0)
    day = rng.choice(len(days), size=stretch.issues, p=weight / weight.sum())
    minute = np.where(
        rng.random(stretch.issues) < 0.5,
        rng.normal(10.2 * 60, 85, stretch.issues),
        rng.normal(16.0 * 60, 165, stretch.issues),
    )
    late = rng.random(stretch.issues) < 0.05
    minute[late] = rng.uniform(0, 1440, int(late.sum()))
    times = days[day].astype("datetime64[m]") + np.clip(minute, 0, 1439).astype("timedelta64[m]")
    return np.sort(times)
