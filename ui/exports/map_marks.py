"""The marks beside names and in the legend, drawn as shapes: not every Chinese font has ✱ or ◀."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ui.exports.svg_elements import element, number

MARK_WIDTH: Final = 0.72
"""Width of a drawn mark in em."""

_TRIANGLES: Final[Mapping[str, tuple[tuple[float, float], ...]]] = MappingProxyType(
    {
        "▲": ((-1.0, 0.85), (0.0, -0.9), (1.0, 0.85)),
        "▼": ((-1.0, -0.85), (0.0, 0.9), (1.0, -0.85)),
        "◀": ((0.85, -1.0), (-0.9, 0.0), (0.85, 1.0)),
        "▶": ((-0.85, -1.0), (0.9, 0.0), (-0.85, 1.0)),
        "◥": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.9)),
        "◢": ((-0.85, 0.85), (0.85, -0.9), (0.85, 0.85)),
    }
)


def mark_shape(mark: str, *, x: float, y: float, em: float, fill: str, halo: str | None = None) -> str:
    """One mark of the palettes around (x, y), as wide as :data:`MARK_WIDTH` em; "" for the empty mark.

    fill  colour of the mark; halo a line of this colour around it, so that it stands out on any ground.
    Raises ValueError for a mark that no palette has.
    """
    if not mark:
        return ""
    half = em * MARK_WIDTH / 2
    around = {} if halo is None else {"stroke": halo, "stroke_width": em * 0.15, "stroke_linejoin": "round"}
    look = {"class_": "mark", "fill": fill, "paint_order": "stroke", "data_mark": mark, **around}
    if mark in _TRIANGLES:
        points = [(x + half * across, y + half * down) for across, down in _TRIANGLES[mark]]
        return element("path", d=_closed(points), **look)
    if mark == "●":
        return element("circle", cx=x, cy=y, r=half * 0.72, **look)
    if mark == "○":
        ring = {**look, "fill": halo or "none", "stroke": fill, "stroke_width": em * 0.1}
        return element("circle", cx=x, cy=y, r=half * 0.66, **ring)
    if mark == "—":
        return element("path", d=_bar(x, y, half, 0.0, thick=em * 0.07), **look)
    if mark == "✱":
        bars = "".join(_bar(x, y, half * 0.85, math.radians(turn), thick=em * 0.075) for turn in (30, 90, 150))
        return element("path", d=bars, **look)
    raise ValueError(f"no shape is known for the mark {mark!r}.")


def _closed(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x, 2)} {number(y, 2)}" for x, y in points) + "z"


def _bar(x: float, y: float, half: float, turn: float, *, thick: float) -> str:
    """A bar through (x, y), 2 × ``half`` long and 2 × ``thick`` wide, turned by ``turn`` radians."""
    along = (math.cos(turn) * half, math.sin(turn) * half)
    across = (-math.sin(turn) * thick, math.cos(turn) * thick)
    corners = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    return _closed([(x + a * along[0] + c * across[0], y + a * along[1] + c * across[1]) for a, c in corners])
