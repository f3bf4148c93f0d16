"""Map and legend of a sheet as SVG, drawn by the plan that names most places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.exports import map_land
from ui.exports.arrangement import arranged
from ui.exports.inset import Inset
from ui.exports.map_plan import CAPTION_SIZE, Plan, Subject, best_plan
from ui.exports.name_places import Name, placed_marks, placed_names
from ui.exports.paper import Paper
from ui.exports.places import Box, View
from ui.exports.svg_elements import element, words_in


def map_and_legend(paper: Paper, drawing: Mapping[str, Any], data: Mapping[str, Any], content: Box) -> str:
    """The map and its legend inside ``content``."""
    room = arranged(paper, drawing, data, content)
    subject = Subject.of(paper, drawing, data)
    plan = best_plan(subject, paper, room, content)
    own = next((str(row[3]) for row in drawing["townships"] if row[0] == subject.within), None)
    chart = Chart(paper, subject, own)
    inset = plan.inset
    enlarged = "" if inset is None else chart.enlarged(inset, caption=str(data["strings"]["magnifier"]))
    patterns = [("hatch", plan.view.k), ("hatch-legend", 1.0)] + ([("hatch-inset", inset.view.k)] if inset else [])
    defs = [map_land.hatch(name, tone=paper.tone, unit=paper.unit, k=k) for name, k in patterns]
    defs.append(map_land.clip("stage", room.stage))
    if inset is not None:
        defs.append(map_land.clip("pane", inset.pane))
    box = room.legend_box
    legend = room.legend.svg(box.left, box.top, styles=data["styles"], tone=paper.tone)
    return element("defs", *defs) + chart.main(plan, room.stage) + enlarged + legend


@dataclass(frozen=True)
class Chart:
    """What is drawn on the main map and again, larger, in the inset; ``own_border`` belongs to the township shown."""

    paper: Paper
    subject: Subject
    own_border: str | None

    def main(self, plan: Plan, stage: Box) -> str:
        """The main map: land, neighbours, then lines to names outside, then all names."""
        tone, em, view = self.paper.tone, self.subject.pen.em, plan.view
        taken = list(plan.taken)
        parts = [self._land(view, stage, "hatch")]
        if self.subject.within:
            seen = [map_land.seen_part(area, view=view, stage=stage) for area in self.subject.areas]
            around = [area for area in seen if area is not None]
            names = placed_names(around, view=view, frame=stage, pen=self.subject.pen, taken=taken)
            parts.append(map_land.faded_names(names, tone=tone, em=em))
        if plan.inset is not None:
            parts.append(map_land.links(plan.inset.small, plan.inset.pane, tone=tone, unit=self.paper.unit))
        unit = self.paper.unit
        lines = [map_land.leader(callout.start, callout.end, tone=tone, unit=unit) for callout in plan.outside]
        written = self._written(plan.written, view, stage, taken, plan.inset)
        outside = map_land.names([callout.name for callout in plan.outside], tone=tone, em=em, area=True)
        return element("g", *parts, class_="stage", clip_path="url(#stage)") + "".join(lines) + written + outside

    def enlarged(self, inset: Inset, *, caption: str) -> str:
        """The inset with its frame and the words under it."""
        tone, unit = self.paper.tone, self.paper.unit
        taken: list[Box] = []
        written = self.subject.names(inset.view, inset.frame, taken)
        content = self._land(inset.view, inset.pane, "hatch-inset")
        content += self._written(written, inset.view, inset.frame, taken, None)
        size = CAPTION_SIZE * unit
        look = {"font_size": size, "fill": tone.muted, "class_": "caption"}
        return element(
            "g",
            map_land.rectangle(inset.pane, fill=tone.paper),
            element("g", content, clip_path="url(#pane)"),
            map_land.rectangle(inset.pane, fill="none", stroke=tone.muted, stroke_width=1.4 * unit, class_="rim"),
            words_in("text", caption, x=inset.pane.left, y=inset.pane.bottom + size * 1.3, **look),
            class_="inset",
        )

    def _written(self, names: Sequence[Name], view: View, frame: Box, taken: list[Box], inset: Inset | None) -> str:
        """Names and, on the map of all villages, the marks of the villages between them."""
        tone, em, subject = self.paper.tone, self.subject.pen.em, self.subject
        if not subject.whole:
            return map_land.names(names, tone=tone, em=em)
        hidden = inset.small if inset is not None else None
        apart = [place for place in subject.places if hidden is None or not hidden.has(*view.at(place.x, place.y))]
        marks = placed_marks(apart, view=view, frame=frame, pen=subject.pen, taken=taken)
        own = [name for name in names if name.place is subject.chosen]
        over = [name for name in names if name.place is not subject.chosen]
        return (
            map_land.names(marks, tone=tone, em=em)
            + map_land.names(own, tone=tone, em=em)
            + map_land.names(over, tone=tone, em=em, area=True)
        )

    def _land(self, view: View, shown: Box, pattern: str) -> str:
        """Everything coloured or lined that lies at least partly in the box ``shown``."""
        return map_land.land(
            [place for place in self.subject.places if view.box(place.bounds).overlaps(shown)],
            [area for area in self.subject.areas if view.box(area.bounds).overlaps(shown)],
            view=view,
            tone=self.paper.tone,
            strokes=map_land.Strokes(self.paper.unit),
            pattern=pattern,
            faded=bool(self.subject.within),
            own_border=self.own_border,
            chosen=self.subject.chosen,
        )
