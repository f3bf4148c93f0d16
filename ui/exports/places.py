"""The places of one sheet: their class, the forms of their name, and where they lie on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from geo.svg_paths import path_rings


class Box(NamedTuple):
    """A rectangle in units of the sheet (pixels), y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def overlaps(self, other: Box) -> bool:
        """Whether the two share an area; touching is not overlapping."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether ``other`` lies inside, borders included."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def has(self, x: float, y: float) -> bool:
        """Whether the point lies inside, borders included."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def grown(self, by: float) -> Box:
        """The box with ``by`` more on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True)
class View:
    """How drawing units become units of the sheet: times ``k``, plus (``tx``, ``ty``)."""

    k: float
    tx: float
    ty: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the drawing on the sheet."""
        return x * self.k + self.tx, y * self.k + self.ty

    def box(self, bounds: Sequence[float]) -> Box:
        """A box of the drawing [left, top, right, bottom] on the sheet."""
        left, top = self.at(bounds[0], bounds[1])
        right, bottom = self.at(bounds[2], bounds[3])
        return Box(left, top, right, bottom)

    @classmethod
    def fitted(cls, bounds: Sequence[float], room: Box, *, across: float = 0.5) -> View:
        """``bounds`` of the drawing as large as ``room`` allows, in its middle; ``across`` 0 puts it to the left."""
        left, top, right, bottom = bounds
        k = min(room.width / max(right - left, 1), room.height / max(bottom - top, 1))
        tx = room.left + (room.width - (right - left) * k) * across - left * k
        ty = room.top + (room.height - (bottom - top) * k) / 2 - top * k
        return cls(k, tx, ty)


@dataclass(frozen=True)
class Place:
    """One place of the drawing. x, y, room and bounds in units of the drawing; ``forms`` its names, long to short."""

    code: str
    parent: str
    path: str
    x: float
    y: float
    room: float
    forms: tuple[str, ...]
    kind: str
    style: Mapping[str, Any]
    bounds: tuple[float, float, float, float]

    @property
    def hollow(self) -> bool:
        """Whether the place needs an outline of its own, because its fill is close to the paper."""
        return self.style["fill"] is None or bool(self.style["rim"]) or bool(self.style["hatch"])

    @property
    def beside(self) -> str:
        """The mark that goes with the name; "" for none."""
        return str(self.style["mark"]) if self.style["beside"] else ""


def places_shown(drawing: Mapping[str, Any], data: Mapping[str, Any]) -> list[Place]:
    """The places that are coloured, in the order in which their names are written: the chosen one, then worse, better,
    and what has most room. Those without a class have no data.
    """
    rows = drawing["villages" if data["level"] == "village" else "townships"]
    within = data["within"]
    shown = [_place(row, data) for row in rows if not within or row[2] == within]
    chosen = data["selected"]
    return sorted(
        shown, key=lambda place: (-1 if place.code == chosen else place.style["rank"], -place.room, place.code)
    )


def areas_around(drawing: Mapping[str, Any], data: Mapping[str, Any]) -> list[Place]:
    """The townships that are drawn as borders or faded neighbours on a sheet of villages; none on one of townships."""
    if data["level"] != "village":
        return []
    return [_place(row, data) for row in drawing["townships"] if row[0] != data["within"]]


def _place(row: Sequence[Any], data: Mapping[str, Any]) -> Place:
    code, name, parent, path, x, y, room, *short = row
    labels = (data["labels"] or {}).get(code)
    given = labels or [name, *short]
    forms = [form for form in (" ".join(str(words).split()) for words in given) if form]
    kind = data["classes"].get(code, "no_data")
    points = np.vstack(path_rings(path))
    low, high = points.min(axis=0), points.max(axis=0)
    return Place(
        code=str(code),
        parent=str(parent),
        path=str(path),
        x=float(x),
        y=float(y),
        room=float(room),
        forms=tuple(forms) or (str(code),),
        kind=str(kind),
        style=data["styles"][kind],
        bounds=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
    )
