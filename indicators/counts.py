"""The counted fields an indicator may be built from, and the one place where what a method is given is checked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from indicators.errors import CountError, MethodError

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


_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "counts": "计数", "first side": "第一方", "second side": "第二方", "first group": "第一组",
        "second group": "第二组", "events": "事件数", "strata": "分层计数",
        "cells": "单元格", "reached": "接通数", "answered": "作答数", "satisfied": "满意数",
    }
)  # fmt: skip
"""The labels the methods give to their counts, in Chinese; any other label (an indicator, a file) stands as it is."""

_FAULTS: tuple[tuple[str, str], ...] = (
    ("is missing or infinite; leave the row out or mark it as no data", "缺失或不是有限数；请去掉这一行，或标为无数据"),
    ("is negative; a count is 0 or more", "是负数；计数不能小于0"),
    (f"is above {LARGEST_COUNT}; count in larger units", f"超过{LARGEST_COUNT}；请换用更大的单位"),
    ("is not a whole number; give counts, not rates", "不是整数；请给出计数，不要给出比率"),
    ("has more in the numerator than in the denominator; correct the source", "分子大于分母；请更正来源数据"),
)


def check_counts(x: Any, n: Any, *, proportion: bool = True, what: str = "counts") -> tuple[Floats, Floats]:
    """Return ``x`` and ``n`` as equally shaped float arrays of whole numbers, or say what is wrong with them.

    ``x`` counts successes (or events), ``n`` cases (or exposure); both may be scalars or arrays and are broadcast.
    With ``proportion`` no success may lie outside its cases. A missing count (NaN) is an error here: rows without
    data are set aside by the caller before anything is computed. ``what`` names the counts in the sentence.
    n = 0 is no error: it is a place without cases, for which every method answers NaN.

    Raises:
        CountError: with one sentence in both languages naming the first offending pair.
    """
    label = _LABELS.get(what, what)
    try:
        xs, ns = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise CountError(
            zh=f"{label}：分子与分母必须是形状相同的数（{error}）。",
            en=f"{what}: numerator and denominator must be numbers of the same shape ({error}).",
        ) from error
    with np.errstate(invalid="ignore"):
        wrongs = (
            ~np.isfinite(xs) | ~np.isfinite(ns),
            (xs < 0) | (ns < 0),
            (xs > LARGEST_COUNT) | (ns > LARGEST_COUNT),
            (xs % 1 != 0) | (ns % 1 != 0),
            (xs > ns) & proportion,
        )
    for wrong, (en, zh) in zip(wrongs, _FAULTS, strict=True):
        if wrong.any():
            where = int(np.flatnonzero(wrong)[0])
            x_text, n_text = f"{xs.ravel()[where]:g}", f"{ns.ravel()[where]:g}"
            raise CountError(
                zh=f"{label}：第{where + 1}对（{x_text}/{n_text}）{zh}。",
                en=f"{what}: {x_text} of {n_text} (position {where}) {en}.",
            )
    return xs, ns


def check_share(value: float, *, what: str, zh: str) -> float:
    """``value`` if it lies strictly between 0 and 1 (a target, a level of confidence), else a sentence.

    ``what`` and ``zh`` name it in English and Chinese. Raises MethodError.
    """
    if not 0 < value < 1:
        raise MethodError(
            zh=f"{zh}是{value!r}；请给出0与1之间（不含两端）的数，例如0.95。",
            en=f"{what} is {value!r}; give a share between 0 and 1, both excluded, such as 0.95.",
        )
    return float(value)


def check_enough(size: int, least: int, *, what: str, zh: str) -> None:
    """Say that a method needs at least ``least`` of something where there are only ``size``. Raises MethodError."""
    if size < least:
        raise MethodError(
            zh=f"{zh}只有{size}个；至少需要{least}个。", en=f"There are {size} {what}; at least {least} are needed."
        )
