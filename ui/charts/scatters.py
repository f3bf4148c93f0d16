"""Two indicators of the same places against each other: one dot a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ui.charts.canvas import Record, Words, figure, note, percent_ticks, records, share_range, text_width, value_axis
from ui.charts.numbers import is_missing, percent, percent_interval, whole
from ui.charts.tone import Tone

HEIGHT = 520
SMALLEST, LARGEST = 9.0, 30.0
# Names are placed for a plot about this large, in pixels: a little wrong on other screens, never wildly.
ASSUMED_WIDTH, ASSUMED_HEIGHT, LINE = 900.0, 420.0, 16.0


@dataclass(frozen=True)
class ScatterAxis:
    """One axis: what it shows, whether values are shares, their unit (of ratios), the level of all places together."""

    title: str
    share: bool = True
    unit: str = ""
    level: float | None = None

    def text(self, value: float, n: float) -> str:
        """A value as it is printed."""
        return percent(value, n=n) if self.share else f"{value:,.1f} {self.unit}".strip()

    def evidence(self, row: Record, side: str, words: Words) -> str:
        """A value with interval and counts, for the hover."""
        value, n = self.text(row[f"{side}_value"], row[f"{side}_n"]), row[f"{side}_n"]
        if not self.share or is_missing(row[f"{side}_low"]):
            return f"{value} (n={whole(n)})"
        interval = percent_interval(row[f"{side}_low"], row[f"{side}_high"], n=n)
        return words["hover_value"].format(value=value, interval=interval, x=whole(row[f"{side}_x"]), n=whole(n))


def scatter(
    rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    axes: tuple[ScatterAxis, ScatterAxis],
    words: Words,
    tone: Tone,
    line: tuple[float, float] | None = None,
) -> go.Figure:
    """The first indicator to the right, the second upward; the area of a dot is its number of cases.

    ``rows``: columns place, a_x, a_n, a_value, a_low, a_high, b_… the same, cases (what a dot weighs), judged (enough
    cases on both sides; else hollow) and named (its name is written, as far as names do not cover each other). Rows
    without one of the values are left out. ``line``: slope and intercept of a line through the dots. The levels of all
    places together are faint rules. Dots have one colour: nothing here is better or worse.
    """
    known = rows[rows["a_value"].notna() & rows["b_value"].notna()]
    shown = records(known)
    spans = [_span(known, side, axis) for side, axis in zip("ab", axes, strict=True)]
    places = _label_places(shown, names=names, spans=(spans[0], spans[1]))
    judged = [bool(row["judged"]) for row in shown]
    dots = go.Scatter(
        x=[row["a_value"] for row in shown],
        y=[row["b_value"] for row in shown],
        mode="markers+text",
        marker={
            "size": _sizes(shown),
            "opacity": 0.82,
            "color": [tone.soft if full else tone.ground for full in judged],
            "line": {
                "width": [1.2 if full else 2 for full in judged],
                "color": [tone.ground if full else tone.soft for full in judged],
            },
        },
        text=[names[row["place"]] if place else "" for row, place in zip(shown, places, strict=True)],
        textposition=[place or "middle right" for place in places],
        textfont={"size": 12.5, "color": tone.ink},
        customdata=[row["place"] for row in shown],
        hovertext=[_hover(row, names=names, axes=axes, words=words) for row in shown],
        hoverinfo="text",
        cliponaxis=False,
    )
    (left, right), (bottom, top) = spans
    rules = [_rule(tone, axis.level, upright=side == 0) for side, axis in enumerate(axes) if axis.level is not None]
    return figure(
        [dots],
        tone=tone,
        height=HEIGHT,
        margin={"t": 34, "r": 24, "b": 56},
        xaxis=value_axis(tone=tone, range=[left, right], title=_title(axes[0], left, words, tone),
                         **_ticks(axes[0], left, right)),
        yaxis=value_axis(tone=tone, range=[bottom, top], automargin=True,
                         title=_title(axes[1], bottom, words, tone, upright=True), **_ticks(axes[1], bottom, top)),
        hovermode="closest",
        shapes=[*rules, *([_through(line, spans, tone)] if line else [])],
        annotations=[
            note(words["scatter_key"], tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=10),
            *([] if shown else [note(words["nothing_to_draw"], tone=tone, x=0.5, y=0.5, xanchor="center")]),
        ],
    )  # fmt: skip


def _span(known: pd.DataFrame, side: str, axis: ScatterAxis) -> tuple[float, float]:
    values = [float(value) for value in known[f"{side}_value"]] + ([] if axis.level is None else [axis.level])
    if axis.share:
        spread = max(values) - min(values) if values else 1.0
        return share_range(values, room=max(spread * 0.06, 0.002), step=0.01 if spread < 0.06 else 0.02)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = max((high - low) * 0.08, 1e-6)
    return max(0.0, low - room), high + room


def _ticks(axis: ScatterAxis, start: float, end: float) -> dict[str, Any]:
    return percent_ticks(start, end) if axis.share else {"nticks": 7}


def _title(axis: ScatterAxis, start: float, words: Words, tone: Tone, *, upright: bool = False) -> dict[str, Any]:
    key = "vertical_axis_starts_at" if upright else "axis_starts_at"
    said = words[key].format(start=f"{start:.0%}") if axis.share and start > 0 else axis.unit
    return {
        "text": " · ".join(part for part in (axis.title, said) if part),
        "font": {"size": 13, "color": tone.ink},
        "standoff": 10,
    }


def _sizes(rows: Sequence[Record]) -> list[float]:
    """Diameters whose squares go with the cases, between the smallest and the largest."""
    most = max((row["cases"] for row in rows), default=0.0) or 1.0
    return [round(max(SMALLEST, LARGEST * (row["cases"] / most) ** 0.5), 1) for row in rows]


def _rule(tone: Tone, level: float, *, upright: bool) -> dict[str, Any]:
    along = (
        {"xref": "x", "x0": level, "x1": level, "yref": "paper", "y0": 0, "y1": 1}
        if upright
        else {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": level, "y1": level}
    )
    return {"type": "line", "layer": "below", "line": {"color": tone.rule, "width": 1, "dash": "dot"}, **along}


def _through(line: tuple[float, float], spans: Sequence[tuple[float, float]], tone: Tone) -> dict[str, Any]:
    """The part of the line that lies inside the plot."""
    slope, intercept = line
    (left, right), (bottom, top) = spans
    ends = [left, right]
    if slope != 0:
        crossings = sorted(((bottom - intercept) / slope, (top - intercept) / slope))
        ends = [max(left, crossings[0]), min(right, crossings[1])]
    return {
        "type": "line", "layer": "below", "xref": "x", "yref": "y", "line": {"color": tone.ink, "width": 1.6},
        "x0": ends[0], "x1": ends[1], "y0": slope * ends[0] + intercept, "y1": slope * ends[1] + intercept,
    }  # fmt: skip


def _hover(row: Record, *, names: Mapping[str, str], axes: tuple[ScatterAxis, ScatterAxis], words: Words) -> str:
    lines = [f"<b>{names[row['place']]}</b>"]
    for side, axis in zip("ab", axes, strict=True):
        lines.append(f"{axis.title}: {axis.evidence(row, side, words)}")
    if not row["judged"]:
        lines.append(words["state_too_few"])
    return "<br>".join(lines)


def _label_places(
    rows: Sequence[Record], *, names: Mapping[str, str], spans: tuple[tuple[float, float], tuple[float, float]]
) -> list[str | None]:
    """Where the name of each row that is to be named goes; None where it would cover a dot or another name."""
    (left, right), (bottom, top) = spans
    centres = [
        ((row["a_value"] - left) / (right - left) * ASSUMED_WIDTH,
         (top - row["b_value"]) / (top - bottom) * ASSUMED_HEIGHT)
        for row in rows
    ]  # fmt: skip
    radii = [size / 2 for size in _sizes(rows)]
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(centres, radii, strict=True)]
    places: list[str | None] = [None] * len(rows)
    for index, row in enumerate(rows):
        if not row["named"]:
            continue
        (x, y), r, width = centres[index], radii[index] + 2, text_width(names[row["place"]])
        options = {
            "middle right": (x + r, y - LINE / 2, x + r + width, y + LINE / 2),
            "middle left": (x - r - width, y - LINE / 2, x - r, y + LINE / 2),
            "top center": (x - width / 2, y - r - LINE, x + width / 2, y - r),
            "bottom center": (x - width / 2, y + r, x + width / 2, y + r + LINE),
        }
        others = taken[:index] + taken[index + 1 :]
        for place, box in options.items():
            inside = box[0] >= 0 and box[2] <= ASSUMED_WIDTH and box[1] >= 0 and box[3] <= ASSUMED_HEIGHT
            if inside and not any(_overlap(box, other) for other in others):
                places[index] = place
                taken.append(box)
                break
    return places


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
