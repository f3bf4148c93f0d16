"""Where names go on a sheet: only where they fit, never one over another, the worst places first.

The same rules as on the screen: each place tries its names from long to short, then mark above name, then smaller
letters, then its mark alone; what still does not fit is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ui.exports.map_marks import MARK_WIDTH
from ui.exports.places import Box, Place, View
from ui.exports.typeface import Typeface, is_chinese

LATIN: Final = 0.92
"""Latin letters are set a little smaller: their names are longer."""

SMALLER: Final = 0.8
MARK_EM: Final = 0.95
GAP: Final = 0.22
SLACK: Final = 0.4
"""How far a name may reach beyond the free room of its place, in em."""

SHIFTS: Final = (0.0, -0.5, 0.5)
"""Where a name is tried: at its point, then half an em higher and lower."""


@dataclass(frozen=True)
class Way:
    """One way to write a place: its words, its mark, the size of the words, and the box both need."""

    words: str
    mark: str
    size: float
    wide: float
    high: float
    stacked: bool = False


@dataclass(frozen=True)
class Name:
    """A name that has found its place: the middle of its ``box`` is (x, y)."""

    place: Place
    way: Way
    x: float
    y: float
    box: Box


@dataclass(frozen=True)
class Pen:
    """What names are written with: the face and the usual size, in units of the sheet."""

    face: Typeface
    em: float

    def size(self, words: str) -> float:
        """The size of ``words``: Latin letters a little smaller."""
        return self.em if is_chinese(words) or not words else self.em * LATIN

    def width(self, words: str) -> float:
        """The width of ``words`` at their size, bold."""
        return self.face.width(words, self.size(words), bold=True)


def placed_names(
    places: Sequence[Place], *, view: View, frame: Box, pen: Pen, taken: list[Box], chosen: str | None = None
) -> list[Name]:
    """The names that fit inside ``frame``, tried in the order of ``places``; their boxes are added to ``taken``.

    The place ``chosen`` is named even where its name is wider than the place.
    """
    written = []
    for place in places:
        name = _placed(place, view=view, frame=frame, pen=pen, taken=taken, insist=place.code == chosen)
        if name is not None:
            taken.append(name.box)
            written.append(name)
    return written


def placed_marks(places: Sequence[Place], *, view: View, frame: Box, pen: Pen, taken: list[Box]) -> list[Name]:
    """The marks alone of ``places``, where they fit: for a map whose names would be too many."""
    bare = [replace(place, forms=()) for place in places if place.beside]
    return placed_names(bare, view=view, frame=frame, pen=pen, taken=taken)


def ways_to_write(place: Place, *, pen: Pen, k: float) -> Iterator[Way]:
    """The ways to write one place, best first."""
    mark, em = place.beside, pen.em
    mark_wide = MARK_EM * MARK_WIDTH * em if mark else 0.0
    room_for_two = (place.bounds[3] - place.bounds[1]) * k
    for shrink in (1.0, SMALLER):
        for words in place.forms if shrink == 1.0 else place.forms[-1:]:
            wide = pen.width(words) * shrink + (mark_wide + GAP * em if mark else 0.0)
            yield Way(words, mark, pen.size(words) * shrink, wide, em * 1.24 * shrink)
        if mark and place.forms and room_for_two > em * 2.6 * shrink:
            words = place.forms[-1]
            wide = max(mark_wide, pen.width(words) * shrink)
            yield Way(words, mark, pen.size(words) * shrink, wide, em * 2.1 * shrink, stacked=True)
    if mark:
        yield Way("", mark, em, mark_wide, em * 0.8)


def _placed(place: Place, *, view: View, frame: Box, pen: Pen, taken: Sequence[Box], insist: bool) -> Name | None:
    x, y = view.at(place.x, place.y)
    if not frame.has(x, y):
        return None
    room, em = place.room * view.k, pen.em
    high = (place.bounds[3] - place.bounds[1]) * view.k
    for way in ways_to_write(place, pen=pen, k=view.k):
        too_large = way.wide > room + SLACK * em if way.words else way.wide > room or way.high > high
        if too_large and not insist:
            continue
        for shift in SHIFTS if way.words else SHIFTS[:1]:
            middle = y + shift * em
            half, tall = way.wide / 2 + 2, way.high / 2
            box = Box(x - half, middle - tall, x + half, middle + tall)
            if frame.holds(box) and not any(box.overlaps(other) for other in taken):
                return Name(place, way, x, middle, box)
    return None
