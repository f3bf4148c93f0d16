"""The colours of every figure, and what each one means.

One home for colour in Python: charts, maps, tables and exported files all read it here. The strong colours keep at
least 3:1 contrast with the page (the two group colours have a lighter twin for the dark page); tints are only used as
fills with an outline. No meaning is carried by red against green, and none by colour alone: each verdict also has a
mark (:data:`MARKS`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

BETTER: Final = "#0072B2"
BETTER_TINT: Final = "#7DB4D9"
WORSE: Final = "#D55E00"
WORSE_TINT: Final = "#EFA878"
SIMILAR: Final = "#BDBDBD"
TOO_FEW: Final = "#FFFFFF"
HIDDEN: Final = "#E8E4DA"
NO_DATA: Final = "rgba(0,0,0,0)"

NEUTRAL_HIGH: Final = "#1F4E79"
NEUTRAL_HIGH_TINT: Final = "#5B8DBE"
NEUTRAL_LOW: Final = "#C6DCEF"
NEUTRAL_LOW_TINT: Final = "#9CC0E0"

GAP_A: Final = "#117A65"
GAP_A_TINT: Final = "#7FC4B3"
GAP_B: Final = "#6C3483"
GAP_B_TINT: Final = "#BB9BCB"
GAP_A_ON_DARK: Final = "#3FB59B"
GAP_B_ON_DARK: Final = "#B98BD0"

INK: Final = "#1F2933"
INK_SOFT: Final = "#5B6770"
PAPER: Final = "#F7F5F0"
PAPER_DARK: Final = "#10161D"
INK_DARK: Final = "#E8E6E1"
INK_SOFT_DARK: Final = "#9AA5AF"
NAVY: Final = "#12304A"
ACCENT: Final = "#0B6E99"
DEMONSTRATION: Final = "#F2B544"

FONTS: Final = (
    '"Microsoft YaHei UI","Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Noto Sans SC",'
    '"Source Han Sans SC",system-ui,sans-serif'
)

MARKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "much_better": "▲",
        "better": "▲",
        "similar": "●",
        "worse": "▼",
        "much_worse": "▼",
        "much_higher": "▲",
        "higher": "▲",
        "lower": "▼",
        "much_lower": "▼",
        "too_few": "○",
        "hidden": "✱",
        "no_data": "",
        "not_applicable": "—",
    }
)
"""Verdict key to the mark printed beside its colour; an empty outline (no mark) means no data."""

VERDICT_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "much_better": BETTER,
        "better": BETTER_TINT,
        "similar": SIMILAR,
        "worse": WORSE_TINT,
        "much_worse": WORSE,
        "much_higher": NEUTRAL_HIGH,
        "higher": NEUTRAL_HIGH_TINT,
        "lower": NEUTRAL_LOW_TINT,
        "much_lower": NEUTRAL_LOW,
        "too_few": TOO_FEW,
        "hidden": HIDDEN,
        "no_data": NO_DATA,
        "not_applicable": NO_DATA,
    }
)
"""Verdict key to fill colour. ``too_few`` is white and wants a hatch; ``no_data`` is an outline without a fill."""

GAP_COLOURS: Final[Mapping[str, str]] = MappingProxyType({"a": GAP_A, "b": GAP_B, "none": SIMILAR})
"""The group that is *behind* to the colour of the gap; ``none`` where the interval of the gap covers zero."""
