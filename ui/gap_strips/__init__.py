"""The gaps as strips: two groups on one axis, who is behind, by how much, and where the gap is going."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2.bidi_component import ComponentResult

from ui import component_base as base
from ui.component_base import Point, PointLike

__all__ = ["Point", "Side", "Strip", "axis_ticks", "gap_strips"]

BEHIND: Final = ("a", "b", "none", None)
LABELS: Final = (
    "key_a",
    "key_b",
    "key_behind_a",
    "key_behind_b",
    "key_unclear",
    "key_trend",
    "key_provisional",
    "missing",
)

_mount = base.register("gap_strips", folder=Path(__file__).parent)


@dataclass(frozen=True)
class Side:
    """One group of a gap: its name, its rate (a proportion 0..1; None where there is none), interval and counts.

    value_text and n_text are what is printed ("91.9%", "n=412"); n_text may say why there is no value.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    value_text: str = ""
    n_text: str = ""

    def __post_init__(self) -> None:
        base.require_text(name=self.name)
        if base.figure(self.value) is not None:
            base.require_text(value_text=self.value_text)

    def to_dict(self) -> dict[str, Any]:
        """The group as plain JSON values; NaN and infinity become None."""
        return {
            "name": self.name,
            "value": base.figure(self.value),
            "low": base.figure(self.low),
            "high": base.figure(self.high),
            "value_text": self.value_text,
            "n_text": self.n_text,
        }


@dataclass(frozen=True)
class Strip:
    """One gap. All texts come ready formatted and translated.

    code            handed back when the strip is picked
    behind          the group that is behind for certain ("a" or "b"), "none" where the interval of the difference
                    covers zero, None where the gap cannot be computed (then ``sentence`` says why)
    figure_text     the size of the gap, large ("3.2"), with ``figure_unit`` ("个百分点"); empty where there is none
    points          the gap month by month, a − b as a proportion (Point or tuple)
    above, below    what the trend means above and below its zero rule ("城市领先", "农村领先")
    alt             the strip in one sentence, for screen readers
    """

    code: str
    name: str
    sentence: str
    a: Side
    b: Side
    behind: str | None
    alt: str
    figure_text: str = ""
    figure_unit: str = ""
    measure: str = ""
    points: Sequence[PointLike] = ()
    above: str = ""
    below: str = ""

    def __post_init__(self) -> None:
        base.require_text(code=self.code, name=self.name, sentence=self.sentence, alt=self.alt)
        base.require_choice("behind", value=self.behind, allowed=BEHIND)
        missing = [side.name for side in (self.a, self.b) if base.figure(side.value) is None]
        if self.behind is not None and missing:
            raise ValueError(f"{self.code}: behind is {self.behind!r} but {', '.join(missing)} has no value.")
        base.points_payload(self.points)

    def to_dict(self) -> dict[str, Any]:
        """The strip as plain JSON values."""
        return {
            "code": self.code,
            "name": self.name,
            "measure": self.measure,
            "sentence": self.sentence,
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "behind": self.behind,
            "figure_text": self.figure_text,
            "figure_unit": self.figure_unit,
            "points": base.points_payload(self.points),
            "above": self.above,
            "below": self.below,
            "alt": self.alt,
        }


def axis_ticks(levels: Sequence[float | None], *, wanted: int = 5) -> list[float]:
    """Round tick values (proportions) that cover ``levels``, first and last being the ends of the axis.

    Missing levels are passed over; without any, the whole 0..1 is the axis. Never leaves 0..1.
    """
    known = [level for level in map(base.figure, levels) if level is not None]
    if not known:
        return [0.0, 0.25, 0.5, 0.75, 1.0]
    span = max(max(known) - min(known), 0.004)
    rough = span / max(wanted - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.floor(min(known) / step + 1e-9)
    last = max(math.ceil(max(known) / step - 1e-9), first + 1)
    ticks = [round(place * step, 10) for place in range(first, last + 1)]
    inside = [tick for tick in ticks if 0.0 <= tick <= 1.0]
    return inside if len(inside) > 1 else [0.0, 1.0]


def payload(*, strips: Sequence[Strip], lang: str) -> dict[str, Any]:
    """What the browser gets: the strips on one common axis. Raises ValueError where two strips share a code."""
    base.require_unique([strip.code for strip in strips], what="Strips")
    sides = [side for strip in strips for side in (strip.a, strip.b)]
    ticks = axis_ticks([level for side in sides for level in (side.value, side.low, side.high)])
    digits = 0 if all(abs(tick * 100 - round(tick * 100)) < 1e-6 for tick in ticks) else 1
    return {
        "strips": [strip.to_dict() for strip in strips],
        "ticks": [[tick, f"{tick:.{digits}%}"] for tick in ticks],
        "labels": base.labels("gap_strips", names=LABELS, lang=lang),
        "colours": base.colours(),
        "lang": lang,
    }


def gap_strips(
    *, strips: Sequence[Strip], key: str, lang: str = "zh", on_pick: Callable[[], None] | None = None
) -> ComponentResult:
    """Show ``strips`` under one axis. A pick (click, Enter) puts the strip's code in ``st.session_state[key].pick``."""
    return mount(base.packed(payload(strips=strips, lang=lang)), key=key, on_pick=on_pick)


def mount(data: bytes, *, key: str, on_pick: Callable[[], None] | None = None) -> ComponentResult:
    """Show strips whose ``payload`` was packed before, for pages that keep it."""
    return _mount(key=key, data=data, height="content", **base.triggers(pick=on_pick))
