"""What is named where on a sheet: inside its place, in an inset, or outside with a line; the plan that names most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ui.exports.arrangement import Arrangement
from ui.exports.callouts import Callout, placed_callouts
from ui.exports.free_space import FreeSpace
from ui.exports.inset import Inset, best_inset, worth
from ui.exports.map_marks import MARK_WIDTH
from ui.exports.name_places import MARK_EM, Name, Pen, placed_names
from ui.exports.paper import Paper
from ui.exports.places import Box, Place, View, areas_around, places_shown

NAME_SIZE: Final = 21.0
CAPTION_SIZE: Final = 16.0
CAPTION_LINE: Final = 1.6
"""Height of the line of words under an inset, in its own size."""

ACROSS: Final = (0.5, 0.0)
"""Where the land stands in its room: in the middle, or to the left to leave more space for an inset."""


@dataclass(frozen=True)
class Subject:
    """What a sheet shows.

    places  those that are coloured; areas the townships around or over them
    named   those that carry names: the places, or on the map of all villages the townships
    whole   whether this is the map of all villages; within the township whose villages alone are shown
    chosen  the place that is outlined
    """

    places: Sequence[Place]
    areas: Sequence[Place]
    named: Sequence[Place]
    whole: bool
    within: str | None
    chosen: Place | None
    pen: Pen

    @classmethod
    def of(cls, paper: Paper, drawing: Mapping[str, Any], data: Mapping[str, Any]) -> Subject:
        """The subject of one drawing and the classes on it."""
        places, areas = places_shown(drawing, data), areas_around(drawing, data)
        whole = bool(areas) and not data["within"]
        return cls(
            places=places,
            areas=areas,
            named=sorted(areas, key=lambda area: (-area.room, area.code)) if whole else places,
            whole=whole,
            within=data["within"],
            chosen=next((place for place in places if place.code == data["selected"]), None),
            pen=Pen(paper.face, NAME_SIZE * paper.unit),
        )

    def names(self, view: View, frame: Box, taken: list[Box], *, besides: Collection[str] = ()) -> list[Name]:
        """The names that fit at ``view`` inside ``frame``, without the places ``besides``."""
        chosen = [self.chosen] if self.chosen is not None and self.whole else []
        order = [*chosen, *(place for place in self.named if place.code not in besides)]
        code = None if self.chosen is None else self.chosen.code
        return placed_names(order, view=view, frame=frame, pen=self.pen, taken=taken, chosen=code)

    def read(self, view: View, frame: Box) -> set[str]:
        """The codes of the places whose names can be read at ``view``."""
        return _readable(self.names(view, frame, []))

    def crowded(self, view: View, frame: Box) -> list[Place]:
        """The places without a readable name; on the map of all villages, the townships most of whose villages are
        smaller than a mark.
        """
        if not self.whole:
            read = self.read(view, frame)
            return [place for place in self.named if place.code not in read]
        mark = MARK_EM * MARK_WIDTH * self.pen.em
        small = [place.parent for place in self.places if place.room * view.k < mark]
        every = [place.parent for place in self.places]
        return [area for area in self.named if small.count(area.code) * 2 > every.count(area.code)]


@dataclass(frozen=True)
class Plan:
    """One way to lay out a map: the view, an inset or none, the names inside places and those outside.

    taken  the boxes on which nothing more may be written
    read   the codes of the places that can be read somewhere
    """

    view: View
    inset: Inset | None
    written: Sequence[Name]
    outside: Sequence[Callout]
    taken: Sequence[Box]
    read: set[str]


def caption_height(paper: Paper) -> float:
    """The height of the line of words under an inset."""
    return CAPTION_SIZE * CAPTION_LINE * paper.unit


def best_plan(subject: Subject, paper: Paper, room: Arrangement, content: Box) -> Plan:
    """The plan in which the places that matter most can be read.

    Tried are the land in the middle and to the left, each with the best inset and with none. Of equally good plans the
    one that enlarges most is taken, then the one with the land in the middle.
    """
    plans = []
    for across in ACROSS:
        view = View.fitted(room.bounds, room.stage, across=across)
        inset = _inset(subject, paper, view, room, content)
        plans.append(_plan(subject, paper, view, None, room, content))
        if inset is not None:
            plans.append(_plan(subject, paper, view, inset, room, content))
    return max(plans, key=lambda plan: (_value(subject, plan), 1.0 if plan.inset is None else plan.inset.scale))


def _value(subject: Subject, plan: Plan) -> int:
    return worth([place for place in subject.named if place.code in plan.read])


def _inset(subject: Subject, paper: Paper, view: View, room: Arrangement, content: Box) -> Inset | None:
    crowd = subject.crowded(view, room.stage)
    if not crowd:
        return None

    def read(inset: Inset) -> set[str]:
        small = {place.code for place in subject.crowded(inset.view, inset.frame)} if subject.whole else set()
        return subject.read(inset.view, inset.frame) - small

    space = FreeSpace(content, land=subject.named, view=view)
    space.block(room.legend_box.grown(6 * paper.unit))
    return best_inset(crowd, view=view, space=space, rim=subject.pen.em, caption=caption_height(paper), read=read)


def _plan(subject: Subject, paper: Paper, view: View, inset: Inset | None, room: Arrangement, content: Box) -> Plan:
    """Names inside first; what is named in the inset is not named again; what is left goes outside."""
    taken: list[Box] = []
    elsewhere: set[str] = set()
    reserved: list[Box] = []
    if inset is not None:
        pane = inset.pane
        reserved = [pane.grown(4), Box(pane.left, pane.bottom, pane.right, pane.bottom + caption_height(paper))]
        elsewhere = subject.read(inset.view, inset.frame)
        taken += reserved
    written = subject.names(view, room.stage, taken, besides=elsewhere)
    read = elsewhere | _readable(written)
    rest = [place for place in subject.named if place.code not in read]
    outside: list[Callout] = []
    if rest:
        space = FreeSpace(content, land=subject.named, view=view)
        for box in [room.legend_box, *reserved, *(name.box for name in written)]:
            space.block(box)
        if inset is not None:
            space.block(inset.small)
        outside = placed_callouts(rest, view=view, space=space, names=written, boxes=reserved, pen=subject.pen)
    lifted = {callout.name.place.code for callout in outside}
    kept = [name for name in written if name.place.code not in lifted]
    boxes = [*reserved, *(name.box for name in kept), *(callout.name.box for callout in outside)]
    return Plan(view, inset, kept, outside, boxes, read | lifted)


def _readable(names: Sequence[Name]) -> set[str]:
    return {name.place.code for name in names if name.way.words}
