"""The sheet of paper that everything is written on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ui.exports.tones import Tone
from ui.exports.typeface import Typeface

USUAL: Final = (1600, 1000)
"""Width and height of the sheet all sizes are meant for; on another one they grow or shrink with it."""

MARGIN: Final = 44.0


@dataclass(frozen=True)
class Paper:
    """The sheet itself: its width and height, colours, face, and ``unit``: 1 on a sheet of 1600 × 1000."""

    width: int
    height: int
    unit: float
    tone: Tone
    face: Typeface

    @property
    def inside(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN * self.unit

    @property
    def margin(self) -> float:
        """The empty rim of the sheet."""
        return MARGIN * self.unit
