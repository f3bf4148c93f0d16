"""Where a sheet is still empty: for an inset, and for names that stand outside their place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geo.svg_paths import path_rings
from ui.exports.places import Box, Place, View

CELL: Final = 6
"""Side of the squares, in units of the sheet, in which free space is looked for."""


class FreeSpace:
    """The cells of ``room`` that neither land nor a box covers. All measures in units of the sheet."""

    def __init__(self, room: Box, *, land: Sequence[Place], view: View) -> None:
        self.room = room
        self._picture = Image.new("1", (math.ceil(room.width / CELL), math.ceil(room.height / CELL)))
        self._pen = ImageDraw.Draw(self._picture)
        self._sums: NDArray[np.int64] | None = None
        for place in land:
            for ring in path_rings(place.path):
                if len(ring) > 2:
                    x = (ring[:, 0] * view.k + view.tx - room.left) / CELL
                    y = (ring[:, 1] * view.k + view.ty - room.top) / CELL
                    self._pen.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), fill=1, outline=1)

    def block(self, box: Box) -> None:
        """Take ``box`` from the free space."""
        left, top = (box.left - self.room.left) / CELL, (box.top - self.room.top) / CELL
        right, bottom = (box.right - self.room.left) / CELL, (box.bottom - self.room.top) / CELL
        self._sums = None
        if right > left and bottom > top:
            self._pen.rectangle([left, top, right, bottom], fill=1)

    def corners(self, *, wide: float, high: float, to: tuple[float, float], clearance: float) -> NDArray[np.float64]:
        """The top left corners (n × 2) of all free boxes of this size with ``clearance`` around them.

        Those whose middle is nearest to the point ``to`` come first; of equally near ones the uppermost, then the
        leftmost. Corners lie on the cells, so boxes up to one cell apart are all that is told apart.
        """
        columns, rows = math.ceil((wide + 2 * clearance) / CELL), math.ceil((high + 2 * clearance) / CELL)
        sums = self._covered_up_to()
        if columns >= sums.shape[1] or rows >= sums.shape[0]:
            return np.empty((0, 2))
        covered = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
        tops, lefts = np.nonzero(covered == 0)
        found = np.column_stack([self.room.left + lefts * CELL, self.room.top + tops * CELL]) + clearance
        away = np.hypot(found[:, 0] + wide / 2 - to[0], found[:, 1] + high / 2 - to[1])
        return found[np.argsort(away, kind="stable")]

    def nearest(self, *, wide: float, high: float, to: tuple[float, float], clearance: float) -> Box | None:
        """The first free box of :meth:`corners`; None where there is none."""
        found = self.corners(wide=wide, high=high, to=to, clearance=clearance)
        if not len(found):
            return None
        left, top = float(found[0, 0]), float(found[0, 1])
        return Box(left, top, left + wide, top + high)

    def _covered_up_to(self) -> NDArray[np.int64]:
        """How many cells are covered above and left of each corner of the cells (a summed-area table)."""
        if self._sums is None:
            used = np.asarray(self._picture, dtype=np.int64)
            self._sums = np.zeros((used.shape[0] + 1, used.shape[1] + 1), dtype=np.int64)
            self._sums[1:, 1:] = used.cumsum(axis=0).cumsum(axis=1)
        return self._sums
