"""The counted fields an indicator may be built from, and the one place where a pair of counts is checked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ISSUE_COUNTERS: tuple[str, ...] = (
    "reported", "accepted", "answered_in_time", "due", "verified_solved", "closed_on_time", "overdue_open", "closed",
    "reopened", "repeats", "called_back", "reached", "satisfied", "solved_reached", "solved_dissatisfied",
)  # fmt: skip
INSPECTION_COUNTERS: tuple[str, ...] = (
    "items_checked", "items_passed", "rechecked", "rectified", "sites_inspected", "sites_fully_passed",
    "sites_registered",
)  # fmt: skip
MEASUREMENT_COUNTERS: tuple[str, ...] = ("numerator", "denominator")
PLACE_ATTRIBUTES: tuple[str, ...] = ("residents", "households")
"""Attributes of a place that may stand below the line; unknown ones are NaN and give no rate."""

COUNTERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"issues": ISSUE_COUNTERS, "inspections": INSPECTION_COUNTERS, "measurements": MEASUREMENT_COUNTERS}
)

LARGEST_COUNT = 2**31 - 1
"""Products of two counts must stay exact in 64-bit integers."""


class CountError(ValueError):
    """A pair of counts cannot be a rate (negative, not whole, missing, more successes than cases)."""


def check_counts(x: Any, n: Any, *, proportion: bool = True, what: str = "counts") -> tuple[Floats, Floats]:
    """Return ``x`` and ``n`` as equally shaped float arrays of whole numbers, or say what is wrong with them.

    ``x`` counts successes (or events), ``n`` cases (or exposure); both may be scalars or arrays and are broadcast.
    With ``proportion`` no success may lie outside its cases. A missing count (NaN) is an error here: rows without
    data are set aside by the caller before anything is computed. ``what`` names the counts in the sentence.

    Raises:
        CountError: with one sentence naming the first offending pair.
    """
    try:
        xs, ns = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise CountError(f"{what}: numerator and denominator must be numbers of the same shape ({error}).") from error
    with np.errstate(invalid="ignore"):
        faults = (
            (~np.isfinite(xs) | ~np.isfinite(ns), "is missing or infinite; leave the row out or mark it as no data"),
            ((xs < 0) | (ns < 0), "is negative; a count is 0 or more"),
            ((xs > LARGEST_COUNT) | (ns > LARGEST_COUNT), f"is above {LARGEST_COUNT}; count in larger units"),
            ((xs % 1 != 0) | (ns % 1 != 0), "is not a whole number; give counts, not rates"),
            ((xs > ns) & proportion, "has more in the numerator than in the denominator; correct the source"),
        )
    for wrong, sentence in faults:
        if wrong.any():
            where = int(np.flatnonzero(wrong)[0])
            pair = f"{xs.ravel()[where]:g} of {ns.ravel()[where]:g}"
            raise CountError(f"{what}: {pair} (position {where}) {sentence}.")
    return xs, ns
