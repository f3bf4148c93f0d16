"""Who gets which room on a sheet: the land as much as possible, the legend what its words need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ui.exports.map_legend import Legend, laid_out
from ui.exports.paper import Paper
from ui.exports.places import Box, View

LEGEND_SIZE: Final = 20.0
GAP: Final = 30.0
RIM: Final = 0.04
"""How much of the neighbours is shown around one township, as a share of its larger side."""


@dataclass(frozen=True)
class Arrangement:
    """Where the land and the legend go: the boxes of both, the view that fits the land, and its bounds there."""

    stage: Box
    legend: Legend
    legend_box: Box
    view: View
    bounds: tuple[float, float, float, float]


def arranged(paper: Paper, drawing: Mapping[str, Any], data: Mapping[str, Any], content: Box) -> Arrangement:
    """The legend beside the land or under it, whichever leaves the land larger.

    Raises ValueError where the legend leaves no room for the map.
    """
    within = data["within"]
    bounds = _with_rim(drawing["boxes"][within]) if within else (0.0, 0.0, float(drawing["w"]), float(drawing["h"]))
    unit, face = paper.unit, paper.face
    size, gap = LEGEND_SIZE * unit, GAP * unit
    column = laid_out(data, face=face, size=size, width=min(380 * unit, content.width * 0.32), column=True)
    beside = Box(content.left, content.top, content.right - column.width - gap, content.bottom)
    row = laid_out(data, face=face, size=size, width=content.width, column=False)
    over = Box(content.left, content.top, content.right, content.bottom - row.height - gap / 2)
    options = []
    if column.height <= content.height and beside.width > 0:
        box = Box(beside.right + gap, content.bottom - column.height, content.right, content.bottom)
        options.append(Arrangement(beside, column, box, View.fitted(bounds, beside), bounds))
    if over.height > 0:
        box = Box(content.left, over.bottom + gap / 2, content.left + row.width, content.bottom)
        options.append(Arrangement(over, row, box, View.fitted(bounds, over), bounds))
    if not options:
        raise ValueError("the legend leaves no room for the map: take a larger sheet.")
    return max(options, key=lambda option: option.view.k)


def _with_rim(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = bounds
    rim = RIM * max(right - left, bottom - top)
    return left - rim, top - rim, right + rim, bottom + rim
