"""The marks of points on a map: triangle up, triangle down, disc and ring in one small picture for the browser.

A class of points is told by its shape as well as by its colour. Each mark is drawn from its distance field, so its
edges are smooth at any size, and has a rim that keeps it apart from whatever lies under it.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SHAPES: Final = ("up", "down", "disc", "ring")
CELL: Final = 64
"""Pixels of one mark in the picture, each way."""
_RADIUS: Final = {"up": 12.5, "down": 12.5, "disc": 19.0, "ring": 19.0}
"""Of the inscribed circle, in pixels of the picture."""
_RIM: Final = 5.0
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")

Field = NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """One mark: ``shape`` out of :data:`SHAPES`, ``fill`` and ``rim`` written #RRGGBB. Raises ValueError otherwise."""

    shape: str
    fill: str
    rim: str

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape is {self.shape!r}; write one of {', '.join(SHAPES)}.")
        rgb(self.fill)
        rgb(self.rim)


def rgb(colour: str) -> tuple[int, int, int]:
    """#RRGGBB as three numbers from 0 to 255. Raises ValueError for anything else."""
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"{colour!r} is no colour written #RRGGBB.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mark_atlas(marks: Mapping[str, Mark]) -> tuple[str, dict[str, dict[str, Any]]]:
    """The marks side by side as a PNG in a data address, and where each stands in it, for deck.gl's IconLayer.

    Keys of the second part are those of ``marks``. Raises ValueError where there are none.
    """
    if not marks:
        raise ValueError("there are no marks to draw.")
    picture = np.concatenate([mark_pixels(mark) for mark in marks.values()], axis=1)
    places = {
        key: {"x": index * CELL, "y": 0, "width": CELL, "height": CELL, "mask": False}
        for index, key in enumerate(marks)
    }
    return f"data:image/png;base64,{base64.b64encode(png(picture)).decode('ascii')}", places


def mark_picture(mark: Mark) -> str:
    """One mark as a PNG in a data address, for a legend."""
    return mark_atlas({"": mark})[0]


def mark_pixels(mark: Mark) -> NDArray[np.uint8]:
    """One mark as CELL × CELL pixels of red, green, blue and opacity, 0 to 255."""
    distance = _distance(mark.shape)
    outer, inner = np.clip(0.5 + _RIM - distance, 0, 1), np.clip(0.5 - distance, 0, 1)
    colour = inner[..., None] * np.array(rgb(mark.fill)) + (1 - inner[..., None]) * np.array(rgb(mark.rim))
    return np.dstack([np.rint(colour), np.rint(outer * 255)]).astype(np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (height × width × 4) as a PNG file: 8 bits a channel, filter 0 (ISO/IEC 15948)."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + pixels[row].tobytes() for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _distance(shape: str) -> Field:
    """Pixels from each pixel's middle to the edge of the shape; negative inside."""
    row, column = np.mgrid[0:CELL, 0:CELL] + 0.5
    x, y, radius = column - CELL / 2, row - CELL / 2, _RADIUS[shape]
    if shape in ("disc", "ring"):
        return np.asarray(np.hypot(x, y) - radius, dtype=np.float64)
    # An equilateral triangle is where all three sides are less than the inscribed circle's radius away. Its middle is
    # put so that the mark's box, not its circle, is centred.
    down = 1.0 if shape == "down" else -1.0
    y = down * y + radius / 2
    sides = (-y, 0.5 * y + np.sqrt(0.75) * x, 0.5 * y - np.sqrt(0.75) * x)
    return np.asarray(np.maximum.reduce(sides) - radius, dtype=np.float64)
