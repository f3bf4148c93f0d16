"""Hands against work: one dot a township, in four fields parted by the values of all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import figure, key_line, note, text_width, value_axis
from ui.charts.tone import Tone

HEIGHT: Final = 470
ASSUMED: Final = (760.0, 360.0)
LINE: Final = 16.0


@dataclass(frozen=True)
class Load:
    """One township: hands per households to the right, issues per hand upward. ``field`` is "strained" (clearly few
    hands or a clearly heavy load, and on the wrong side in both), "easy" (the opposite) or "" (neither)."""

    place: str
    hands: float
    load: float
    field: str
    hover: str


def workload_fields(
    loads: Sequence[Load],
    *,
    names: Mapping[str, str],
    middle: tuple[float, float],
    axes: tuple[str, str],
    corners: Mapping[str, str],
    keys: Mapping[str, str],
    district: str,
    tone: Tone,
) -> go.Figure:
    """The scatter. ``middle``: hands and load of all together, where the rules cross; ``axes``: titles of x and y;
    ``corners``: words of the fields strained (upper left) and easy (lower right); ``keys``: words of the three colours
    by field; ``district``: what the rules are. Strained and easy townships are named, then those farthest out, as far
    as names do not cover each other."""
    x_range = _reach([one.hands for one in loads] + [middle[0]])
    y_range = _reach([one.load for one in loads] + [middle[1]])
    places = _label_places(loads, names=names, x_range=x_range, y_range=y_range)
    fills = {"strained": palette.WORSE, "easy": palette.BETTER, "": tone.unclear}
    symbols = {"strained": "triangle-down", "easy": "triangle-up", "": "circle"}
    dots = go.Scatter(
        x=[one.hands for one in loads],
        y=[one.load for one in loads],
        mode="markers+text",
        marker={
            "size": 13,
            "symbol": [symbols[one.field] for one in loads],
            "color": [fills[one.field] for one in loads],
            "line": {"width": 1, "color": tone.ground},
        },
        text=[names[one.place] if place else "" for one, place in zip(loads, places, strict=True)],
        textposition=[place or "middle right" for place in places],
        textfont={"size": 12.5, "color": tone.ink},
        customdata=[one.place for one in loads],
        hovertext=[one.hover for one in loads],
        hoverinfo="text",
        cliponaxis=False,
    )
    legend = key_line([("▼", palette.WORSE, keys["strained"]), ("▲", palette.BETTER, keys["easy"]),
                       ("●", tone.unclear, keys["other"])])  # fmt: skip
    rule = {"type": "line", "layer": "below", "line": {"color": tone.rule, "width": 1.2}}
    return figure(
        [dots],
        tone=tone,
        height=HEIGHT,
        margin={"t": 34, "r": 16, "b": 50},
        xaxis=value_axis(tone=tone, range=list(x_range), title=_title(axes[0], tone), nticks=8),
        yaxis=value_axis(tone=tone, range=list(y_range), title=_title(axes[1], tone), nticks=7, automargin=True),
        hovermode="closest",
        shapes=[
            {**rule, "xref": "x", "x0": middle[0], "x1": middle[0], "yref": "paper", "y0": 0, "y1": 1},
            {**rule, "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": middle[1], "y1": middle[1]},
        ],
        annotations=[
            note(legend, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=10),
            note(corners["strained"], tone=tone, x=0, y=1, xanchor="left", yanchor="top", xshift=6, yshift=-4),
            note(corners["easy"], tone=tone, x=1, y=0, xanchor="right", yanchor="bottom", xshift=-6, yshift=4),
            note(district, tone=tone, x=middle[0], xref="x", y=1, yanchor="top", xanchor="left", xshift=4, yshift=-4),
        ],
    )


def _title(text: str, tone: Tone) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": tone.soft}, "standoff": 8}


def _reach(values: Sequence[float]) -> tuple[float, float]:
    """A range a little wider than the values; some width also where all are equal."""
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or max(high * 0.1, 0.1)
    return max(low - room, 0.0), high + room


def _label_places(
    loads: Sequence[Load],
    *,
    names: Mapping[str, str],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> list[str | None]:
    """Where each name goes, None where it would cover a dot or another name."""
    width, height = ASSUMED
    x_span, y_span = x_range[1] - x_range[0], y_range[1] - y_range[0]
    dots = [((one.hands - x_range[0]) / x_span * width, (y_range[1] - one.load) / y_span * height) for one in loads]
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in dots]
    taken += [(0, 0, 210, 26), (width - 210, height - 26, width, height)]
    places: list[str | None] = [None] * len(loads)

    def importance(index: int) -> tuple[bool, float]:
        x, y = dots[index]
        return (not loads[index].field, -(((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2))

    for index in sorted(range(len(loads)), key=importance):
        x, y = dots[index]
        wide = text_width(names[loads[index].place])
        options = {
            "middle right": (x + 9, y - LINE / 2, x + 9 + wide, y + LINE / 2),
            "middle left": (x - 9 - wide, y - LINE / 2, x - 9, y + LINE / 2),
            "top center": (x - wide / 2, y - 8 - LINE, x + wide / 2, y - 8),
            "bottom center": (x - wide / 2, y + 8, x + wide / 2, y + 8 + LINE),
        }
        for place, box in options.items():
            others = taken[:index] + taken[index + 1 :]
            if box[0] >= 0 and box[2] <= width and not any(_overlap(box, other) for other in others):
                places[index] = place
                taken.append(box)
                break
    return places


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
