"""Measured values against their own past: the median of the last reports, and how far they usually lie from it."""

from __future__ import annotations

import numpy as np
import pandas as pd

_LEAST_PAST, _MOST_PAST = 8, 12  # reports before
_MADS = 6.0  # median absolute deviations that are still usual
_ERRORS = 4.0  # standard errors of the counts that are still chance
_EDGE = 0.01  # shares nearer to 0 or 1 than this are taken as this near: the logit would make mountains of nothing
_FACTOR = 2.0  # what is odd at least doubles or halves (odds of a share, a ratio, the base of either) …
_SHARE = 0.10  # … and moves a share by ten points
_KEY = ["indicator", "place_code", "dimension", "value"]


def outside_history(rows: pd.DataFrame, *, batch_id: int) -> pd.DataFrame:
    """Values of a batch that lie outside their own history.

    Shares are looked at on the logit scale, ratios and denominators on the log scale. A value is outside when it lies
    more than 6 median absolute deviations and more than 4 standard errors of its counts from the median of its last 8
    to 12 values, is also far from the one right before, and differs enough to matter (twice the odds or the ratio; a
    share by ten points). So a level that changed for good is told once, and a slow drift never.

    Parameters
    ----------
    rows
        Current measurements: indicator, place_code, dimension, value, step (consecutive number of the month),
        numerator, denominator, bounded, batch_id; one row a key and month.

    Returns
    -------
    DataFrame
        The rows of the batch that are outside, the oddest first, with `column` ("numerator" when the value is odd,
        "denominator" when its base is) and the value (share or ratio) or base as `found` and what is `usual`.
    """
    rows = rows.sort_values([*_KEY, "step"], kind="stable").reset_index(drop=True)
    numerator, denominator = (rows[name].to_numpy(float) for name in ("numerator", "denominator"))
    bounded = rows["bounded"].to_numpy(bool)
    share = (numerator + 0.5) / (denominator + 1)
    level = np.where(bounded, _logit(share), np.log((numerator + 0.5) / (denominator + 0.5)))
    inside = np.clip(share, _EDGE, 1 - _EDGE)
    error = np.where(bounded, 1 / np.sqrt((denominator + 1) * inside * (1 - inside)), 1 / np.sqrt(numerator + 0.5))
    own = (rows["batch_id"] == batch_id).to_numpy()
    group = rows.groupby(_KEY, sort=False).ngroup().to_numpy()
    position = rows.groupby(group).cumcount().to_numpy()
    past = _Past(group, position)

    middle, last, spread = past.of(level, error)
    odd = own & (np.abs(level - middle) > spread)
    for other in (middle, last):
        shift = np.abs(share - 1 / (1 + np.exp(-other)))
        odd &= (np.abs(level - other) > np.log(_FACTOR)) & (~bounded | (shift >= _SHARE))
    base = np.log(denominator + 0.5)
    base_middle, base_last, base_spread = past.of(base, 1 / np.sqrt(denominator + 0.5))
    odd_base = own & (np.abs(base - base_middle) > base_spread)
    for other in (base_middle, base_last):
        odd_base &= np.abs(base - other) > np.log(_FACTOR)

    ratio = np.divide(numerator, denominator, out=np.zeros(len(rows)), where=denominator > 0)
    usual = np.where(bounded, 1 / (1 + np.exp(-middle)), np.exp(middle))
    values = rows.assign(column="numerator", found=ratio, usual=usual, _size=np.abs(level - middle)).loc[odd]
    bases = rows.assign(
        column="denominator", found=denominator, usual=np.exp(base_middle) - 0.5, _size=np.abs(base - base_middle)
    ).loc[odd_base & ~odd]
    return pd.concat([values, bases]).sort_values("_size", ascending=False, kind="stable").drop(columns="_size")


def _logit(share: np.ndarray) -> np.ndarray:
    share = np.clip(share, _EDGE, 1 - _EDGE)
    return np.log(share / (1 - share))


class _Past:
    """The reports before each report; `group` numbers the keys, `position` the reports of a key, both aligned."""

    def __init__(self, group: np.ndarray, position: np.ndarray) -> None:
        self.group, self.position = group, position
        self.shape = (group.max() + 1, position.max() + 1) if len(group) else (0, 0)

    def of(self, values: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Median of the values before, the value right before, and what is usual around the median; NaN where there
        are fewer than eight."""
        table, error_table = np.full(self.shape, np.nan), np.full(self.shape, np.nan)
        table[self.group, self.position], error_table[self.group, self.position] = values, errors
        middle, last, spread = (np.full(len(values), np.nan) for _ in range(3))
        for number in range(_LEAST_PAST, self.shape[1]):
            here = np.flatnonzero(self.position == number)
            keys = self.group[here]
            window = table[keys, max(0, number - _MOST_PAST) : number]
            median = np.median(window, axis=1)
            deviation = np.median(np.abs(window - median[:, None]), axis=1)
            usual_error = np.median(error_table[keys, max(0, number - _MOST_PAST) : number], axis=1)
            middle[here], last[here] = median, window[:, -1]
            spread[here] = np.maximum(_MADS * deviation, _ERRORS * np.hypot(errors[here], usual_error))
        return middle, last, spread
