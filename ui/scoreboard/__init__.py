"""The scoreboard: a row of large calm figures, each against its target, with its change and its months.

Every figure can be opened: the disclosure under a tile lists what it is made of, and a click on the tile picks it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2.bidi_component import ComponentResult

from ui import component_base as base
from ui.component_base import Point, PointLike

__all__ = ["Point", "Tile", "scoreboard"]

STATES: Final = ("value", "no_data", "too_few", "hidden", "not_applicable")
TARGET_STATES: Final = ("met", "missed", "unclear", None)
CHANGE_STATES: Final = ("up_better", "down_better", "up_worse", "down_worse", "up", "down", "none", None)
SCALES: Final = ("percent", "count")
LABELS: Final = (
    "open_details", "close_details", "met", "missed", "unclear", "link", "copy_link", "copied",
    "key_target", "key_interval", "key_provisional",
)  # fmt: skip

_mount = base.register("scoreboard", folder=Path(__file__).parent)


@dataclass(frozen=True)
class Tile:
    """One figure of the scoreboard. All texts come ready formatted and translated.

    code            handed back when the tile is picked
    value_text      "97.9%"; where ``state`` is not "value", the words that stand in its place ("无数据")
    target_state    whether the target is met for certain: "met", "missed", "unclear" (cannot tell), None (no target)
    change_state    direction and meaning of a real change ("up_better", "down_worse", ..., "up"/"down" for figures
                    that are neither good nor bad), "none" within usual variation, None not comparable
    points          months of the sparkline (Point or the tuple month, value, low, high, provisional); values in the
                    unit of ``scale``: proportions 0..1 for "percent", plain numbers for "count"; None is a gap
    target          height of the target rule in the same unit
    details         label and text pairs of the disclosure: numerator, denominator, interval, definition, owner, ...
    link            address of exactly this number; None leaves it out
    alt             the tile in one sentence, for screen readers
    """

    code: str
    name: str
    value_text: str
    alt: str
    unit_text: str = ""
    state: str = "value"
    target_text: str = ""
    target_state: str | None = None
    interval_text: str = ""
    change_text: str = ""
    change_state: str | None = None
    points: Sequence[PointLike] = ()
    target: float | None = None
    details: Sequence[tuple[str, str]] = ()
    link: str | None = None
    scale: str = "percent"

    def __post_init__(self) -> None:
        base.require_text(code=self.code, name=self.name, value_text=self.value_text, alt=self.alt)
        base.require_choice("state", value=self.state, allowed=STATES)
        base.require_choice("target_state", value=self.target_state, allowed=TARGET_STATES)
        base.require_choice("change_state", value=self.change_state, allowed=CHANGE_STATES)
        base.require_choice("scale", value=self.scale, allowed=SCALES)
        if self.target_state is not None and not self.target_text:
            raise ValueError(f"{self.code}: target_state is {self.target_state!r} but target_text is empty.")
        base.points_payload(self.points)

    def to_dict(self) -> dict[str, Any]:
        """The tile as plain JSON values; NaN and infinity become None."""
        return {
            "code": self.code,
            "name": self.name,
            "value_text": self.value_text,
            "unit_text": self.unit_text,
            "state": self.state,
            "target_text": self.target_text,
            "target_state": self.target_state,
            "interval_text": self.interval_text,
            "change_text": self.change_text,
            "change_state": self.change_state,
            "points": base.points_payload(self.points),
            "target": base.figure(self.target),
            "details": [[str(label), str(text)] for label, text in self.details],
            "link": self.link,
            "scale": self.scale,
            "alt": self.alt,
        }


def payload(*, tiles: Sequence[Tile], lang: str) -> dict[str, Any]:
    """What the browser gets. Raises ValueError where two tiles share a code."""
    base.require_unique([tile.code for tile in tiles], what="Tiles")
    return {
        "tiles": [tile.to_dict() for tile in tiles],
        "labels": base.labels("scoreboard", names=LABELS, lang=lang),
        "colours": base.colours(),
        "lang": lang,
    }


def scoreboard(
    *, tiles: Sequence[Tile], key: str, lang: str = "zh", on_pick: Callable[[], None] | None = None
) -> ComponentResult:
    """Show ``tiles`` in one row. A pick (click, Enter) puts the tile's code in ``st.session_state[key].pick``."""
    return mount(base.packed(payload(tiles=tiles, lang=lang)), key=key, on_pick=on_pick)


def mount(data: bytes, *, key: str, on_pick: Callable[[], None] | None = None) -> ComponentResult:
    """Show a scoreboard whose ``payload`` was packed before, for pages that keep it."""
    return _mount(key=key, data=data, height="content", **base.triggers(pick=on_pick))
