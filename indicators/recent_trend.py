"""Has a yearly rate clearly risen or fallen over its last five points? The rule of the "Fingertips" profiles.

Five points are too few for a Mann–Kendall test, but each of them has its cases: the Cochran–Armitage test asks whether
the rate moves along a line in time by more than chance. Public Health England calls a change significant only at 99.8 %
and where no single point makes the direction. It must not be used on months or quarters (their season would pass for
a trend), on overlapping periods, or where months vary by more than chance; ``trends`` is for longer series.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from indicators.control_charts import not_refused
from indicators.counts import Floats, check_counts
from indicators.trends import TrendRefusal, refusals

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]

RECENT_POINTS = 5
RECENT_CHI_SQUARE = 9.5495
"""99.8 % point of chi-square with one degree of freedom, as Fingertips uses it."""
RECENT_PERIODS = ("year", "same_quarter")


class RecentTrend(NamedTuple):
    """Chi-square of the trend, its direction (+1, -1, 0 = no significant change) and the reason for a refusal.

    ``stable``: the direction is the same whichever point is left out. direction is 0 with NaN chi-square if refused.
    """

    chi_square: Floats
    direction: npt.NDArray[np.int8]
    stable: Flags
    reason: Words


def cochran_armitage(x: Any, n: Any, times: Any = None) -> tuple[Floats, Floats]:
    """Chi-square (one degree of freedom) of a linear trend in x/n along the last axis, and its signed numerator.

    T = Σ x (t − t̄), t̄ = Σ n t / Σ n; chi-square = T² / (p (1 − p) Σ n (t − t̄)²), p = Σx/Σn. ``times`` 0, 1, 2… if
    None. The sign of T is the direction. Points with n = 0 drop out; NaN where p is 0 or 1 or fewer than two remain.

    Source: Cochran 1954, Biometrics 10:417; Armitage 1955, Biometrics 11:375. Raises CountError for impossible counts.
    """
    x, n = check_counts(x, n)
    x, n = np.atleast_1d(x), np.atleast_1d(n)
    t = np.broadcast_to(np.arange(x.shape[-1]) if times is None else np.asarray(times, dtype=np.float64), x.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = n.sum(axis=-1)
        p = x.sum(axis=-1) / total
        off = t - ((n * t).sum(axis=-1) / total)[..., None]
        numerator = (x * off).sum(axis=-1)
        spread = p * (1 - p) * (n * off**2).sum(axis=-1)
        chi_square = np.where(spread > 0, numerator**2 / spread, np.nan)
    return chi_square, np.where(np.isnan(chi_square), np.nan, numerator)


def recent_trend(x: Any, n: Any, *, period: str = "year", times: Any = None) -> RecentTrend:
    """The Fingertips "recent trend" of the last five points of ``x`` of ``n`` (periods along the last axis).

    A change is significant if the Cochran–Armitage chi-square exceeds 9.5495 (99.8 %) and the direction stays the
    same whichever of the five points is left out. The direction is the sign of the numerator (a slope of logits, as
    in the original, is infinite at x = n). Only for ``period`` "year" or "same_quarter" (five times the same quarter);
    any other (month, quarter, rolling) is refused as not_for_months. Fewer than five points, or a point without
    cases among them, is too_few_points; all at 0 % or 100 % is all_alike. ``times`` for unequal spacing.

    Source: Public Health England, Fingertips: recent trends (technical guidance). Raises CountError.
    """
    x, n = check_counts(x, n)
    x, n = np.atleast_1d(x)[..., -RECENT_POINTS:], np.atleast_1d(n)[..., -RECENT_POINTS:]
    points = x.shape[-1]
    t = np.arange(points) if times is None else np.atleast_1d(np.asarray(times, dtype=np.float64))[..., -RECENT_POINTS:]
    shape = x.shape[:-1]
    few = np.asarray((n > 0).sum(axis=-1) < RECENT_POINTS)
    months = np.full(shape, period not in RECENT_PERIODS)
    chi_square, numerator = cochran_armitage(x, n, t)
    reason = refusals(
        shape, (np.isnan(chi_square), TrendRefusal.ALL_ALIKE), (few, TrendRefusal.TOO_FEW_POINTS),
        (months, TrendRefusal.NOT_FOR_MONTHS),
    )  # fmt: skip
    refused = ~not_refused(reason)
    sign, stable = np.sign(numerator), np.ones(shape, dtype=bool)
    for left_out in range(points):
        kept = np.arange(points) != left_out
        _, rest = cochran_armitage(x[..., kept], n[..., kept], np.broadcast_to(t, x.shape)[..., kept])
        stable &= np.sign(rest) == sign
    with np.errstate(invalid="ignore"):
        direction = np.where(~refused & stable & (chi_square > RECENT_CHI_SQUARE), np.nan_to_num(sign), 0)
    return RecentTrend(np.where(refused, np.nan, chi_square), direction.astype(np.int8), stable & ~refused, reason)
