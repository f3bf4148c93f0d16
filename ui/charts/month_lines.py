"""The pieces that figures over time are made of: bands, lines, dots, rules, campaign starts, names at line ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from ui.charts.canvas import Record, note, transparent
from ui.charts.months import month_index, runs
from ui.charts.tone import Tone


@dataclass(frozen=True)
class Campaign:
    """A campaign's start, drawn as a dotted upright line with its name."""

    month: int
    name: str


def band(xs: list[int], lows: list[float], highs: list[float], *, colour: str) -> go.Scatter:
    """The interval of one stretch of months as a pale area; a lone month has no width and gets an upright stroke."""
    if len(xs) == 1:
        return whisker(xs[0], lows[0], highs[0], colour=colour)
    return go.Scatter(
        x=[*xs, *reversed(xs)],
        y=[*lows, *reversed(highs)],
        mode="lines",
        fill="toself",
        fillcolor=transparent(colour, 0.12),
        line={"width": 0},
        hoverinfo="skip",
    )


def whisker(x: int, low: float, high: float, *, colour: str) -> go.Scatter:
    """The interval of one month by itself."""
    line = {"color": transparent(colour, 0.35), "width": 1.3}
    return go.Scatter(x=[x, x], y=[low, high], mode="lines", line=line, hoverinfo="skip")


def stroke(xs: list[int], ys: list[float], colour: str, *, dash: str = "solid") -> go.Scatter:
    """The line through one stretch of months."""
    return go.Scatter(x=xs, y=ys, mode="lines", line={"color": colour, "width": 2, "dash": dash}, hoverinfo="skip")


def dots(
    records: list[Record],
    values: list[float],
    *,
    colours: list[str],
    filled: list[bool],
    hovers: list[str],
    tone: Tone,
) -> go.Scatter:
    """The dots of all stretches, hollow where ``filled`` says no; they carry the hover text and the month."""
    return go.Scatter(
        x=[month_index(row["month"]) for row in records],
        y=values,
        mode="markers",
        marker={
            "size": 8,
            "color": [colour if full else tone.ground for colour, full in zip(colours, filled, strict=True)],
            "line": {
                "width": [1.5 if full else 2 for full in filled],
                "color": [tone.ground if full else colour for colour, full in zip(colours, filled, strict=True)],
            },
        },
        customdata=[row["month"] for row in records],
        hovertext=hovers,
        hoverinfo="text",
        cliponaxis=False,
    )


def lines_through(
    known: list[Record],
    *,
    values: list[float],
    lows: list[float],
    highs: list[float],
    judged: list[bool],
    colour: str,
    dash: str = "solid",
) -> list[go.Scatter]:
    """Bands and lines through the months that can be judged; a month too small to judge stands alone with a whisker."""
    traces: list[go.Scatter] = []
    firm = [position for position, good in enumerate(judged) if good]
    for stretch in runs([known[position]["month"] for position in firm]):
        part = [firm[position] for position in stretch]
        xs = [month_index(known[position]["month"]) for position in part]
        traces.append(band(xs, [lows[at] for at in part], [highs[at] for at in part], colour=colour))
        traces.append(stroke(xs, [values[at] for at in part], colour, dash=dash))
    for position, good in enumerate(judged):
        if not good:
            at = month_index(known[position]["month"])
            traces.append(whisker(at, lows[position], highs[position], colour=colour))
    return traces


def level_rule(level: float, *, tone: Tone, width: float, dash: str = "solid") -> dict[str, Any]:
    """A level line across the whole plot."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": level,
        "y1": level,
        "line": {"color": tone.rule, "width": width, "dash": dash},
    }


def campaign_marks(
    campaigns: Sequence[Campaign], *, shown: Sequence[int], tone: Tone
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Upright lines at campaign starts; names of starts in one month share a line, neighbours take turns in height."""
    by_month: dict[int, list[str]] = {}
    for campaign in sorted(campaigns, key=lambda one: one.month):
        if campaign.month in shown:
            by_month.setdefault(campaign.month, []).append(campaign.name)
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for turn, (month, names) in enumerate(by_month.items()):
        at = month_index(month) - 0.5
        place = {"type": "line", "xref": "x", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1}
        shapes.append({**place, "layer": "below", "line": {"color": tone.rule, "width": 1, "dash": "dot"}})
        text = "<br>".join(names)
        notes.append(
            note(text, tone=tone, x=at, xref="x", y=1 - 0.09 * (turn % 3), xanchor="left", yanchor="top", xshift=4)
        )
    return shapes, notes


def end_names(ends: list[tuple[float, str, str]], *, reach: float, tone: Tone) -> list[dict[str, Any]]:
    """Names beside the last dots, pushed apart where they would touch."""
    apart = reach * 0.085
    placed: list[dict[str, Any]] = []
    previous = math.inf
    for value, text, colour in sorted(ends, key=lambda one: -one[0]):
        at = min(value, previous - apart)
        previous = at
        font = {"size": 12.5, "color": colour}
        placed.append(note(text, tone=tone, x=1, xanchor="left", xshift=8, yref="y", y=at, yanchor="middle", font=font))
    return placed
