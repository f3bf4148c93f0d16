"""The colours of a sheet around the fills of its places: paper, ink and what lies between, light or dark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ui.charts import palette


@dataclass(frozen=True)
class Tone:
    """Colours (#RRGGBB) of one sheet, the same shares of ink and paper as the map on the screen.

    muted is for sentences beside the map, quiet for the names of faded neighbours, faint for outlines of empty places,
    rule and wash for the borders and fills of neighbours; blank and hatching make the hatch of too few cases.
    """

    ink: str
    paper: str
    muted: str
    quiet: str
    faint: str
    rule: str
    wash: str
    blank: str
    hatching: str


def mixed(colour: str, share: float, other: str) -> str:
    """``share`` of ``colour`` (#RRGGBB) and the rest of ``other``, channel by channel in sRGB."""
    pairs = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one * share + two * (1 - share)):02X}" for one, two in pairs)


def _tone(ink: str, paper: str, *, blank: str, hatching: str) -> Tone:
    return Tone(
        ink=ink,
        paper=paper,
        muted=mixed(ink, 0.72, paper),
        quiet=mixed(ink, 0.58, paper),
        faint=mixed(ink, 0.38, paper),
        rule=mixed(ink, 0.2, paper),
        wash=mixed(ink, 0.05, paper),
        blank=blank,
        hatching=hatching,
    )


TONES: Final[Mapping[str, Tone]] = MappingProxyType(
    {
        "light": _tone(palette.INK, palette.PAPER, blank="#FFFFFF", hatching="#8D959C"),
        "dark": _tone(
            palette.INK_DARK,
            palette.PAPER_DARK,
            blank=mixed(palette.PAPER_DARK, 0.84, "#FFFFFF"),
            hatching=mixed(palette.PAPER_DARK, 0.48, "#FFFFFF"),
        ),
    }
)
"""Tone name ("light", "dark") to its colours."""
