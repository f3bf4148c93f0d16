"""What each class of place looks like on the map: one mapping from class key to fill, mark and ink, per palette.

All colours come from :mod:`ui.charts.palette`. Palettes: "verdict" (better and worse), "neutral" (high and low without
good or bad), "gap" (which group is behind), "sequential" (five groups from low to high), "ramp" (21 steps from low to
high: what the eye takes for continuous), "clusters" (where failures gather: high among high is worse) and
"clusters_neutral" (the same without good or bad). Every palette also has the five ways of saying nothing: too_few,
hidden, no_data, not_applicable, and similar or none where it applies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from ui.charts import palette


@dataclass(frozen=True)
class ClassStyle:
    """The look of one class of place.

    fill    colour, or None for an empty outline
    mark    printed in the legend, and beside the name on the map where ``beside`` is set
    ink     colour of the name on this fill; None means the text colour of the page
    rank    which names are placed first (0 before 9)
    hatch   drawn hatched: too few cases to judge
    rim     outlined like an empty place, because the fill is close to the paper
    """

    fill: str | None
    mark: str = ""
    ink: str | None = palette.INK
    rank: int = 5
    beside: bool = False
    hatch: bool = False
    rim: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The style as plain values for the browser."""
        return {
            "fill": self.fill,
            "mark": self.mark,
            "ink": self.ink,
            "rank": self.rank,
            "beside": self.beside,
            "hatch": self.hatch,
            "rim": self.rim,
        }


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a colour written #RRGGBB: 0 black to 1 white."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio (WCAG 2) of two colours written #RRGGBB: 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(fill: str) -> str:
    """White or the dark ink, whichever reads better on ``fill``; white from 3.5:1 on, as names are bold."""
    return "#FFFFFF" if contrast("#FFFFFF", fill) >= 3.5 else palette.INK


def _verdict(key: str, *, rank: int = 5, beside: bool = False) -> ClassStyle:
    fill = palette.VERDICT_COLOURS[key]
    return ClassStyle(fill=fill, mark=palette.MARKS[key], ink=ink_on(fill), rank=rank, beside=beside)


def _blend(low: str, high: str, part: float) -> str:
    """The colour at ``part`` (0 to 1) of the way from one to the other."""
    pairs = [(int(low[at : at + 2], 16), int(high[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{int(one + (other - one) * part):02X}" for one, other in pairs)


def _sequential() -> dict[str, ClassStyle]:
    steps = (
        palette.NEUTRAL_LOW,
        palette.NEUTRAL_LOW_TINT,
        palette.NEUTRAL_HIGH_TINT,
        _blend(palette.NEUTRAL_HIGH_TINT, palette.NEUTRAL_HIGH, 0.5),
        palette.NEUTRAL_HIGH,
    )
    return {f"group_{number}": ClassStyle(fill=fill, ink=ink_on(fill)) for number, fill in enumerate(steps, start=1)}


RAMP_STEPS: Final = 21


def _ramp() -> dict[str, ClassStyle]:
    """The colours of the five groups, blended into 21 steps."""
    stops = [str(style.fill) for style in _sequential().values()]
    styles = {}
    for number in range(RAMP_STEPS):
        at = number / (RAMP_STEPS - 1) * (len(stops) - 1)
        low = min(int(at), len(stops) - 2)
        fill = _blend(stops[low], stops[low + 1], at - low)
        styles[f"step_{number + 1}"] = ClassStyle(fill=fill, ink=ink_on(fill))
    return styles


_SIMILAR: Final = _verdict("similar")
_SILENT: Final[dict[str, ClassStyle]] = {
    "too_few": ClassStyle(fill=palette.TOO_FEW, mark=palette.MARKS["too_few"], ink=None, rank=6, hatch=True),
    "hidden": replace(_verdict("hidden", rank=7, beside=True), rim=True),
    "no_data": ClassStyle(fill=None, mark=palette.MARKS["no_data"], ink=None, rank=8),
    "not_applicable": ClassStyle(fill=None, mark=palette.MARKS["not_applicable"], ink=None, rank=8, beside=True),
}


def _outlier(fill: str, mark: str, *, rank: int) -> ClassStyle:
    """A place unlike its neighbours: the lighter colour with a rim, and half of the mark of a cluster."""
    return ClassStyle(fill=fill, mark=mark, ink=ink_on(fill), rank=rank, beside=True, rim=True)


HALF_DOWN: Final = "◥"
HALF_UP: Final = "◢"
"""The left halves of ▼ and ▲; both are in GBK, so every Chinese font has them."""

PALETTES: Final[Mapping[str, Mapping[str, ClassStyle]]] = MappingProxyType(
    {
        "verdict": {
            "much_worse": _verdict("much_worse", rank=0, beside=True),
            "worse": _verdict("worse", rank=1, beside=True),
            "similar": _SIMILAR,
            "better": _verdict("better", rank=3, beside=True),
            "much_better": _verdict("much_better", rank=2, beside=True),
            **_SILENT,
        },
        "neutral": {
            "much_lower": _verdict("much_lower", rank=0, beside=True),
            "lower": _verdict("lower", rank=1, beside=True),
            "similar": _SIMILAR,
            "higher": _verdict("higher", rank=3, beside=True),
            "much_higher": _verdict("much_higher", rank=2, beside=True),
            **_SILENT,
        },
        "gap": {
            "a_behind": ClassStyle(palette.GAP_COLOURS["a"], "◀", ink_on(palette.GAP_COLOURS["a"]), 0, beside=True),
            "b_behind": ClassStyle(palette.GAP_COLOURS["b"], "▶", ink_on(palette.GAP_COLOURS["b"]), 1, beside=True),
            "none": _SIMILAR,
            **_SILENT,
        },
        "sequential": {**_sequential(), **_SILENT},
        "ramp": {**_ramp(), **_SILENT},
        "clusters": {
            "high_high": _verdict("much_worse", rank=0, beside=True),
            "high_low": _outlier(palette.WORSE_TINT, HALF_DOWN, rank=1),
            "none": _SIMILAR,
            "low_high": _outlier(palette.BETTER_TINT, HALF_UP, rank=3),
            "low_low": _verdict("much_better", rank=2, beside=True),
            **_SILENT,
        },
        "clusters_neutral": {
            "high_high": _verdict("much_higher", rank=0, beside=True),
            "high_low": _outlier(palette.NEUTRAL_HIGH_TINT, HALF_UP, rank=1),
            "none": _SIMILAR,
            "low_high": _outlier(palette.NEUTRAL_LOW_TINT, HALF_DOWN, rank=3),
            "low_low": _verdict("much_lower", rank=2, beside=True),
            **_SILENT,
        },
    }
)
"""Palette name to class key to style, in the order of the legend."""


def class_styles(name: str) -> Mapping[str, ClassStyle]:
    """The classes of one palette. Raises ValueError naming the palettes there are."""
    if name not in PALETTES:
        raise ValueError(f"palette is {name!r}; write one of {', '.join(PALETTES)}.")
    return PALETTES[name]
