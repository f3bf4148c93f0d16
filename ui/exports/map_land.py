"""The drawn part of a sheet: fills, borders, neighbours and names, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import shapely

from geo.svg_paths import label_room, path_rings
from ui.exports.map_marks import MARK_WIDTH, mark_shape
from ui.exports.name_places import GAP, MARK_EM, Name
from ui.exports.places import Box, Place, View
from ui.exports.svg_elements import element, number, words_in
from ui.exports.tones import Tone

BASELINE: Final = 0.36
"""How far under its middle a line of Chinese or Latin letters stands, in em."""


@dataclass(frozen=True)
class Strokes:
    """Widths of lines in units of the sheet for one size of sheet: ``unit`` is 1 on a sheet of 1600 × 1000."""

    unit: float

    def on(self, view: View, width: float) -> float:
        """``width`` as it must be written inside a group that ``view`` enlarges."""
        return width * self.unit / view.k


def hatch(name: str, *, tone: Tone, unit: float, k: float = 1.0) -> str:
    """The pattern of places with too few cases: thin slanting lines, equally wide on the sheet whatever ``k``."""
    side, line = 8 * unit, 1.9 * unit
    return element(
        "pattern",
        element("rect", width=side, height=side, fill=tone.blank),
        element("rect", width=line, height=side, fill=tone.hatching),
        id=name,
        width=side,
        height=side,
        patternUnits="userSpaceOnUse",
        patternTransform=f"scale({number(1 / k, 5)}) rotate(45)",
    )


def clip(name: str, box: Box) -> str:
    """A clip path named ``name`` that shows only what lies inside ``box``."""
    return element("clipPath", rectangle(box), id=name)


def rectangle(box: Box, **look: object) -> str:
    """A box as an element."""
    return element("rect", x=box.left, y=box.top, width=box.width, height=box.height, **look)


def land(
    places: Sequence[Place],
    areas: Sequence[Place],
    *,
    view: View,
    tone: Tone,
    strokes: Strokes,
    pattern: str,
    faded: bool,
    own_border: str | None = None,
    chosen: Place | None = None,
) -> str:
    """Places filled by class, hollow ones last so that no neighbour covers their outline.

    areas       townships: borders over the villages, or where ``faded`` the neighbours around them
    own_border  path of the township whose villages are shown
    chosen      outlined over everything
    """
    line = {"fill": "none", "stroke_linejoin": "round"}
    casing = {**line, "class_": "casing", "stroke": tone.paper, "stroke_width": _fine(strokes.on(view, 4.2))}
    border = {**line, "class_": "border", "stroke": tone.ink, "stroke_opacity": 0.72}
    border |= {"stroke_width": _fine(strokes.on(view, 1.7))}
    beneath, cased, above = [], [], []
    for area in areas:
        if faded:
            look = {"fill": tone.wash, "stroke": tone.rule, "stroke_width": _fine(strokes.on(view, 1.2))}
            beneath.append(element("path", d=area.path, class_="faded", **look))
        else:
            above.append(element("path", d=area.path, **border))
            cased.append(element("path", d=area.path, **casing))
    if own_border is not None:
        above.append(element("path", d=own_border, **border))
    fills = [
        element("path", d=place.path, **_fill(place, view=view, tone=tone, strokes=strokes, pattern=pattern))
        for place in sorted(places, key=lambda place: (place.hollow, place.code))
    ]
    if chosen is not None:
        look = {"fill": "none", "stroke_linejoin": "round", "d": chosen.path}
        above.append(element("path", **look, stroke=tone.paper, stroke_width=_fine(strokes.on(view, 6.0))))
        ink = {"stroke": tone.ink, "stroke_width": _fine(strokes.on(view, 3.2))}
        above.append(element("path", class_="chosen", **look, **ink))
    moved = f"matrix({number(view.k, 6)} 0 0 {number(view.k, 6)} {number(view.tx, 3)} {number(view.ty, 3)})"
    groups = (("context", beneath), ("places", fills), ("borders", [*cased, *above]))
    shown = [element("g", *paths, class_=name) for name, paths in groups if paths]
    return element("g", *shown, class_="land", transform=moved)


def _fine(value: float) -> str:
    """A width of a line in units of the drawing, which may be small."""
    return number(value, 4)


def _fill(place: Place, *, view: View, tone: Tone, strokes: Strokes, pattern: str) -> dict[str, object]:
    style = place.style
    return {
        "class_": "place",
        "data_code": place.code,
        "data_class": place.kind,
        "fill": f"url(#{pattern})" if style["hatch"] else style["fill"] or "none",
        "fill_rule": "evenodd",
        "stroke": tone.faint if place.hollow else tone.paper,
        "stroke_width": _fine(strokes.on(view, 1.2)),
        "stroke_linejoin": "round",
    }


def names(written: Iterable[Name], *, tone: Tone, em: float, area: bool = False) -> str:
    """Names where they were placed, each with its mark; ``area`` for those of townships over their villages."""
    return element("g", *(_name(name, tone=tone, em=em, area=area) for name in written), class_="names")


def faded_names(written: Iterable[Name], *, tone: Tone, em: float) -> str:
    """Names of the faded neighbours."""
    shown = [_text(name, x=name.x, tone_fill=tone.quiet, halo=tone.wash, em=em, weight=400) for name in written]
    return element("g", *shown, class_="names faded")


def _name(name: Name, *, tone: Tone, em: float, area: bool) -> str:
    way, style = name.way, name.place.style
    ink = tone.ink if area else style["ink"] or tone.ink
    halo = tone.paper if area else tone.blank if style["hatch"] else style["fill"] or tone.paper
    mark_wide = MARK_EM * MARK_WIDTH * em if way.mark else 0.0
    left = name.x - way.wide / 2
    if way.stacked or not way.words:
        up = way.size * 0.52 if way.stacked else 0.0
        mark = mark_shape(way.mark, x=name.x, y=name.y - up, em=MARK_EM * em, fill=ink, halo=halo)
        lowered = replace(name, y=name.y + way.size * 0.48) if way.stacked else name
        words = _text(lowered, x=name.x, tone_fill=ink, halo=halo, em=em) if way.words else ""
        return _labelled(name, mark + words)
    mark = mark_shape(way.mark, x=left + mark_wide / 2, y=name.y, em=MARK_EM * em, fill=ink, halo=halo)
    ahead = mark_wide + GAP * em if way.mark else 0.0
    middle = left + ahead + (way.wide - ahead) / 2
    return _labelled(name, mark + _text(name, x=middle, tone_fill=ink, halo=halo, em=em))


def _labelled(name: Name, content: str) -> str:
    box = " ".join(number(side) for side in name.box)
    return element("g", content, class_="name", data_for=name.place.code, data_box=box)


def _text(name: Name, *, x: float, tone_fill: str, halo: str, em: float, weight: int = 700) -> str:
    return words_in(
        "text",
        name.way.words,
        x=x,
        y=name.y + name.way.size * BASELINE,
        font_size=name.way.size,
        font_weight=weight,
        text_anchor="middle",
        fill=tone_fill,
        stroke=halo,
        stroke_width=em * 0.16,
        stroke_linejoin="round",
        paint_order="stroke",
    )


def links(small: Box, pane: Box, *, tone: Tone, unit: float) -> str:
    """The frame around what an inset enlarges, and where the two stand side by side thin lines between them."""
    look = {"fill": "none", "stroke": tone.muted, "stroke_width": 1.4 * unit}
    frame = rectangle(small, class_="small", **look)
    if pane.left > small.right:
        near, far = small.right, pane.left
    elif pane.right < small.left:
        near, far = small.left, pane.right
    else:
        return frame
    ends = ((small.top, pane.top), (small.bottom, pane.bottom))
    lines = "".join(f"M{number(near)} {number(at)}L{number(far)} {number(end)}" for at, end in ends)
    dashes = f"{number(3 * unit)} {number(5 * unit)}"
    return element("path", d=lines, **look, stroke_dasharray=dashes, stroke_opacity=0.5, class_="link") + frame


def leader(start: tuple[float, float], end: tuple[float, float], *, tone: Tone, unit: float) -> str:
    """The line from a place to its name outside, with a dot in the place."""
    (x, y), (to_x, to_y) = start, end
    line = f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}"
    casing = element("path", d=line, fill="none", stroke=tone.paper, stroke_width=3.6 * unit)
    ink = element("path", d=line, class_="leader", fill="none", stroke=tone.ink, stroke_width=1.4 * unit)
    dot = element("circle", cx=x, cy=y, r=3.2 * unit, fill=tone.ink, stroke=tone.paper, stroke_width=1.2 * unit)
    return casing + ink + dot


def seen_part(area: Place, *, view: View, stage: Box) -> Place | None:
    """A faded neighbour with the point and room of its name inside the part that ``stage`` shows; None if it is off."""
    rings = [shapely.Polygon(ring) for ring in path_rings(area.path) if len(ring) > 3]
    corners = ((stage.left, stage.top), (stage.right, stage.bottom))
    (left, top), (right, bottom) = (((x - view.tx) / view.k, (y - view.ty) / view.k) for x, y in corners)
    whole = shapely.make_valid(reduce(shapely.symmetric_difference, rings, shapely.Polygon()))
    parts = shapely.get_parts(shapely.intersection(whole, shapely.box(left, top, right, bottom)))
    polygons = [part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]
    if not polygons:
        return None
    space = label_room(max(polygons, key=lambda part: part.area))
    return replace(area, x=space.x, y=space.y, room=space.width)
