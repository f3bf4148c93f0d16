"""The inset: places too small for their names drawn a second time, larger, where the sheet is empty."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ui.exports.free_space import FreeSpace
from ui.exports.places import Box, Place, View

LARGEST: Final = 3.4
SMALLEST: Final = 1.5
STEP: Final = 0.1
CLEARANCE: Final = 10.0
SEEDS: Final = 4
COMPANY: Final = (2, 3, 4, 6, 8)
"""Around how many of the worst places an inset is tried, and with how many places in it."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Inset:
    """What is enlarged (``small``, its box on the main map), how much, and where it is drawn (``pane``)."""

    scale: float
    small: Box
    pane: Box
    view: View

    @property
    def frame(self) -> Box:
        """Where names may stand in the inset: not on its rim."""
        return self.pane.grown(-3)


def best_inset(
    crowd: Sequence[Place],
    *,
    view: View,
    space: FreeSpace,
    rim: float,
    caption: float,
    read: Callable[[Inset], set[str]],
) -> Inset | None:
    """The inset that helps most places of ``crowd``, worst ones first; None where it helps none or has no room.

    space    where it may be drawn
    rim      the least of the surroundings that is shown on every side, in units of the sheet at ``view``
    caption  height of the line of words under it
    read     the codes of the places that can be read in an inset
    Of insets that are worth the same, the one that enlarges most.
    """
    best: Inset | None = None
    gained = 0
    for group in _groups(crowd):
        if worth(group) < gained:
            continue
        found = _largest(_with_rim(_around(group), rim / view.k), view=view, space=space, caption=caption)
        if found is None:
            continue
        codes = read(found)
        helped = worth([place for place in crowd if place.code in codes])
        if helped > gained or (best is not None and helped == gained and found.scale > best.scale):
            best, gained = found, helped
    return best


def _groups(crowd: Sequence[Place]) -> list[list[Place]]:
    """The parts of a crowd that are tried: without the outermost ones, one fewer each time; and around the worst."""
    rest, groups = list(crowd), []
    while rest:
        groups.append(rest)
        without = [[place for place in rest if place is not left_out] for left_out in rest]
        rest = min(without, key=lambda places: _size(_around(places)) if places else 0.0)
    for worst in crowd[:SEEDS]:
        near = sorted(crowd, key=lambda place: math.dist((place.x, place.y), (worst.x, worst.y)))
        groups += [near[:count] for count in COMPANY if count < len(crowd)]
    return groups


def worth(places: Sequence[Place]) -> int:
    """How much it matters that these places can be read: 10 for the worst class down to 1."""
    return sum(max(1, 10 - int(place.style["rank"])) for place in places)


def _around(places: Sequence[Place]) -> Bounds:
    corners = np.array([place.bounds for place in places])
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _size(bounds: Bounds) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _with_rim(bounds: Bounds, least: float) -> Bounds:
    rim = max(least, 0.06 * max(bounds[2] - bounds[0], bounds[3] - bounds[1]))
    return bounds[0] - rim, bounds[1] - rim, bounds[2] + rim, bounds[3] + rim


def _largest(bounds: Bounds, *, view: View, space: FreeSpace, caption: float) -> Inset | None:
    """The largest inset of ``bounds`` that covers nothing, as near to what it shows as may be."""
    small = view.box(bounds)
    middle = ((small.left + small.right) / 2, (small.top + small.bottom) / 2)
    for step in range(round((LARGEST - SMALLEST) / STEP) + 1):
        scale = LARGEST - step * STEP
        wide, high = small.width * scale, small.height * scale
        if wide > space.room.width * 0.5 or high > space.room.height * 0.62:
            continue
        free = space.nearest(wide=wide, high=high + caption, to=middle, clearance=CLEARANCE)
        if free is not None:
            k = view.k * scale
            inner = View(k, free.left - bounds[0] * k, free.top - bounds[1] * k)
            return Inset(scale, small, Box(free.left, free.top, free.right, free.bottom - caption), inner)
    return None
