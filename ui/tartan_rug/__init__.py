"""The tartan rug: every indicator (rows, by domain) for every place (columns), coloured by verdict or by trend.

Names of places are turned, headings and the first column stay in sight, arrow keys move from cell to cell, and what a
cell rests on opens under the pointer or the keyboard.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2.bidi_component import ComponentResult

from ui import component_base as base

__all__ = ["Cell", "Line", "Place", "mount", "payload"]

MODES: Final = ("values", "trends", "both")
TRENDS: Final = ("up", "down", "none", "unknown")
LABELS: Final = (
    "indicator", "worse_count", "better_count", "legend", "trend_better", "trend_worse", "trend_up", "trend_down",
    "trend_none", "trend_unknown", "keys", "definition",
)  # fmt: skip
SEPARATOR: Final = "|"
"""Between place and indicator in a pick: "330212110|drills_done"; one side is empty where a heading was picked."""

_mount = base.register("tartan_rug", folder=Path(__file__).parent)


@dataclass(frozen=True)
class Place:
    """One column: the place's code and name, how many ▼ and ▲ it has, and the group its heading stands under."""

    code: str
    name: str
    worse: int
    better: int
    full_name: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        base.require_text(code=self.code, name=self.name)

    def to_list(self) -> list[Any]:
        """Code, name, full name, group, number of ▼, number of ▲: ready for JSON."""
        return [self.code, self.name, self.full_name or self.name, self.group, self.worse, self.better]


@dataclass(frozen=True)
class Cell:
    """One indicator of one place.

    text     what is printed in the cell (the unit stands in the row's heading); empty where there is no figure
    verdict  its verdict against the others
    value    the figure with interval and counts, or the words for its state
    words    the verdict as a phrase
    trend    "up", "down", "none", "unknown"; None where trends are not shown
    good     whether the trend goes the better way; None where that is not said
    change   the change per year as printed; ``trend_words`` the trend as a phrase
    """

    text: str
    verdict: str
    value: str
    words: str
    trend: str | None = None
    good: bool | None = None
    change: str = ""
    trend_words: str = ""

    def __post_init__(self) -> None:
        base.require_choice("verdict", value=self.verdict, allowed=base.VERDICTS)
        base.require_choice("trend", value=self.trend, allowed=(None, *TRENDS))

    def to_list(self) -> list[Any]:
        """The fields in order, without those of the trend where there is none: a rug has a thousand cells."""
        full = [self.text, self.verdict, self.value, self.words]
        return full if self.trend is None else [*full, self.trend, self.good, self.change, self.trend_words]


@dataclass(frozen=True)
class Line:
    """One row: an indicator, its figure for the places together (``total``), and one cell a place, in their order."""

    code: str
    name: str
    unit: str
    domain: str
    definition: str
    total: str
    total_words: str
    cells: Sequence[Cell]

    def __post_init__(self) -> None:
        base.require_text(code=self.code, name=self.name, domain=self.domain)


def payload(
    *,
    lines: Sequence[Line],
    places: Sequence[Place],
    mode: str,
    lang: str,
    total: str,
    caption: str,
    comparison: str = "",
    selected: str | None = None,
) -> dict[str, Any]:
    """What the browser gets.

    mode        one of ``MODES``: what the cells print, and whether their colour is the verdict or the trend
    total       heading of the column of all places together
    caption     the rug in a sentence, for screen readers
    comparison  what the colours compare with, printed before the legend
    selected    code of the place that is lit
    Raises ValueError for doubled codes or a line with another number of cells than there are places.
    """
    base.require_choice("mode", value=mode, allowed=MODES)
    base.require_unique([line.code for line in lines], what="Lines")
    base.require_unique([place.code for place in places], what="Places")
    wrong = [line.code for line in lines if len(line.cells) != len(places)]
    if wrong:
        raise ValueError(f"Lines with another number of cells than {len(places)}: {', '.join(wrong)}.")
    shown = {cell.verdict for line in lines for cell in line.cells}
    return {
        "lines": [
            {
                "code": line.code, "name": line.name, "unit": line.unit, "domain": line.domain,
                "definition": line.definition, "total": line.total, "total_words": line.total_words,
                "cells": [cell.to_list() for cell in line.cells],
            }
            for line in lines
        ],
        "places": [place.to_list() for place in places],
        "mode": mode,
        "total": total,
        "caption": caption,
        "comparison": comparison,
        "selected": selected,
        "labels": base.labels("tartan_rug", names=LABELS, lang=lang),
        "verdicts": base.labels("verdicts", names=[key for key in base.VERDICTS if key in shown], lang=lang),
        "colours": base.colours(),
        "lang": lang,
    }  # fmt: skip


def mount(data: bytes, *, key: str, on_pick: Callable[[], None] | None = None) -> ComponentResult:
    """Show a rug whose ``payload`` was packed; a pick puts "place|indicator" in ``st.session_state[key].pick``."""
    return _mount(key=key, data=data, height="content", **base.triggers(pick=on_pick))
