"""Names that stand outside their place, with a thin line to it: for the few that fit neither inside nor in an inset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from ui.exports.free_space import FreeSpace
from ui.exports.map_marks import MARK_WIDTH
from ui.exports.name_places import GAP, MARK_EM, Name, Pen, Way
from ui.exports.places import Box, Place, View

FARTHEST: Final = 11.0
"""How far from its place a name may stand, in em: farther away nobody follows the line."""


@dataclass(frozen=True)
class Callout:
    """A name outside its place and the line to it, from ``start`` (in the place) to ``end`` (at the name)."""

    name: Name
    start: tuple[float, float]
    end: tuple[float, float]


def placed_callouts(
    places: Sequence[Place], *, view: View, space: FreeSpace, names: Sequence[Name], boxes: Sequence[Box], pen: Pen
) -> list[Callout]:
    """Names of ``places`` in ``space``, each as near to its place as may be; one without free space near is left out.

    names  what is written already; a place of which only the mark is there may lose it to its name outside
    boxes  what else no line may cross
    Nor does a line cross another line or another such name. What is written is taken from ``space``.
    """
    hurdles = [("", shapely.box(*box)) for box in boxes]
    hurdles += [(name.place.code, shapely.box(*name.box)) for name in names]
    written = []
    for place in places:
        words, mark = place.forms[-1], place.beside
        wide = pen.width(words) + (pen.em * (MARK_EM * MARK_WIDTH + GAP) if mark else 0.0) + 4
        way = Way(words, mark, pen.size(words), wide - 4, pen.em * 1.24)
        start = view.at(place.x, place.y)
        corners = space.corners(wide=wide, high=way.high, to=start, clearance=pen.em * 0.25)
        ends = np.clip(np.array(start), corners, corners + np.array([wide, way.high]))
        near = np.hypot(*(ends - start).T) <= FARTHEST * pen.em
        corners, ends = corners[near], ends[near]
        lines = shapely.linestrings(np.stack([np.broadcast_to(start, ends.shape), ends], axis=1))
        others = shapely.union_all([shape for code, shape in hurdles if code != place.code])
        free = np.flatnonzero(~shapely.intersects(others, lines))
        if not len(free):
            continue
        first = int(free[0])
        left, top = (float(value) for value in corners[first])
        box = Box(left, top, left + wide, top + way.high)
        space.block(box)
        hurdles += [("", shapely.box(*box)), ("", shapely.buffer(lines[first], 1.0))]
        name = Name(place, way, (box.left + box.right) / 2, (box.top + box.bottom) / 2, box)
        written.append(Callout(name, start, (float(ends[first, 0]), float(ends[first, 1]))))
    return written
