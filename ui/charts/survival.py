"""How long until closed: the share of cases still open, day by day, of one or several groups."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts.canvas import Words, figure, key_line, note, transparent, value_axis
from ui.charts.numbers import percent, percent_interval, whole
from ui.charts.tone import Tone

HEIGHT = 400
MARKS: Final = (7, 15, 30)
DASHES: Final = ("solid", "dot")
LEGEND_ROW: Final = 3
MOST_BANDS: Final = 2
"""With more groups than this their bands would cover each other: intervals then stand in the hover and the table."""


@dataclass(frozen=True)
class OpenShare:
    """One curve: on each of ``days`` (ascending, days with a closing) the share still open after it, its interval.

    ``until`` is the last day up to which the curve may be read (infinite: to its end; below 0: not at all).
    """

    name: str
    days: Sequence[float]
    share: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    at_risk: Sequence[float]
    until: float


def open_curves(curves: Sequence[OpenShare], *, words: Words, tone: Tone, marks: Sequence[int] = MARKS) -> go.Figure:
    """Steps downward from 100 %, ended where too few cases are left; upright rules at ``marks`` days.

    At most six curves: three colours without a verdict, solid and dotted. ``words``: days_axis, open_axis, day_mark
    (with days), hover (with name, days, share, interval, at_risk), nothing.
    """
    read = [(place, _readable(curve)) for place, curve in enumerate(curves)]
    shown = [(place, curve) for place, curve in read if curve is not None]
    if not shown:
        return figure(
            [], tone=tone, height=120, margin={}, xaxis={"visible": False}, yaxis={"visible": False},
            annotations=[note(words["nothing"], tone=tone, x=0.5, y=0.5, xanchor="center")],
        )  # fmt: skip
    end = max(max(marks) + 5.0, min(max(curve.days[-1] for _, curve in shown), 60.0))
    traces: list[go.Scatter] = []
    for place, curve in shown:
        colour, dash = _style(place, tone=tone)
        if len(shown) <= MOST_BANDS:
            traces.append(_band(curve, colour=colour))
        traces.append(_steps(curve, colour=colour, dash=dash, words=words))
    keys = [
        ("━━" if _style(place, tone=tone)[1] == "solid" else "┅┅", _style(place, tone=tone)[0], curve.name)
        for place, curve in shown
    ]
    lines = [keys[at : at + LEGEND_ROW] for at in range(0, len(keys), LEGEND_ROW)]
    legend = "<br>".join(key_line(line) for line in lines)
    notes = [note(legend, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=10)]
    notes += [
        note(words["day_mark"].format(days=day), tone=tone, x=day, xref="x", y=1, xanchor="left", yanchor="top",
             xshift=3)
        for day in marks
    ]  # fmt: skip
    return figure(
        traces,
        tone=tone,
        height=HEIGHT,
        margin={"t": 20 + 20 * len(lines), "r": 16, "b": 48},
        xaxis=value_axis(tone=tone, range=[0, end], nticks=12, title=_title(words["days_axis"], tone=tone),
                         zeroline=False),
        yaxis=value_axis(tone=tone, range=[0, 1.02], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1], tickformat=".0%",
                         automargin=True, title=_title(words["open_axis"], tone=tone)),
        hovermode="closest",
        shapes=[
            {"type": "line", "xref": "x", "x0": day, "x1": day, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
             "line": {"color": tone.rule, "width": 1, "dash": "dash"}}
            for day in marks
        ],
        annotations=notes,
    )  # fmt: skip


def _readable(curve: OpenShare) -> OpenShare | None:
    """The curve cut where it may no longer be read; None where nothing is left."""
    kept = [at for at, day in enumerate(curve.days) if day <= curve.until]
    if not kept:
        return None
    parts = ([list(part)[at] for at in kept] for part in (curve.days, curve.share, curve.low, curve.high,
                                                           curve.at_risk))  # fmt: skip
    days, share, low, high, at_risk = parts
    return OpenShare(curve.name, days, share, low, high, at_risk, curve.until)


def _style(place: int, *, tone: Tone) -> tuple[str, str]:
    colours = (tone.ink, tone.group_a, tone.group_b)
    return colours[place % len(colours)], DASHES[place // len(colours) % len(DASHES)]


def _steps(curve: OpenShare, *, colour: str, dash: str, words: Words) -> go.Scatter:
    hovers = [words["hover_start"].format(name=curve.name)]
    hovers += [
        words["hover"].format(
            name=curve.name, days=whole(day), share=percent(share),
            interval=percent_interval(None if math.isnan(low) else low, high), at_risk=whole(risk),
        )
        for day, share, low, high, risk in zip(
            curve.days, curve.share, curve.low, curve.high, curve.at_risk, strict=True
        )
    ]  # fmt: skip
    return go.Scatter(
        x=[0, *curve.days],
        y=[1, *curve.share],
        mode="lines",
        name=curve.name,
        line={"color": colour, "width": 2.4, "dash": dash, "shape": "hv"},
        hovertext=hovers,
        hoverinfo="text",
    )


def _band(curve: OpenShare, *, colour: str) -> go.Scatter:
    known = [at for at, low in enumerate(curve.low) if not math.isnan(low)]
    days = [curve.days[at] for at in known]
    xs, highs = _stairs(days, [curve.high[at] for at in known])
    _, lows = _stairs(days, [curve.low[at] for at in known])
    return go.Scatter(
        x=[*xs, *reversed(xs)],
        y=[*highs, *reversed(lows)],
        mode="lines",
        fill="toself",
        fillcolor=transparent(colour, 0.14),
        line={"width": 0},
        hoverinfo="skip",
    )


def _stairs(days: list[float], levels: list[float]) -> tuple[list[float], list[float]]:
    """The corners of a step line: level until the next day, then the next level."""
    xs: list[float] = []
    ys: list[float] = []
    for at, (day, level) in enumerate(zip(days, levels, strict=True)):
        if at:
            xs.append(day)
            ys.append(levels[at - 1])
        xs.append(day)
        ys.append(level)
    return xs, ys


def _title(text: str, *, tone: Tone) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": tone.soft}, "standoff": 8}
