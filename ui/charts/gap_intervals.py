"""Differences of two groups as dots with intervals against zero: as they stand, like for like, and in each stratum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from ui.charts.canvas import Words, figure, hidden_axis, note, row_guides, transparent, value_axis
from ui.charts.numbers import is_missing, point_ends, points
from ui.charts.tone import Tone

ROW_HEIGHT = 30
TOP, BOTTOM = 48, 44
PLOT_END = 0.7
COLUMNS = {"difference": 0.34, "interval": 0.985}
SYMBOLS = {"whole": "diamond", "part": "circle", "stratum": "circle"}
SIZES = {"whole": 14, "part": 10, "stratum": 11}


@dataclass(frozen=True)
class DifferenceRow:
    """One difference (group A minus group B, shares).

    kind    "whole" for the group as a whole, "part" for what it is made of, "stratum" for one condition
    behind  "a" or "b", the group whose colour the dot takes; "none" where the interval holds 0; None: not judged
    reason  what is printed where there is no difference to print
    n       the smaller number of cases, which decides the decimals; 0 where unknown
    code    what a click on the dot hands over
    """

    name: str
    kind: str
    value: float
    low: float
    high: float
    behind: str | None = "none"
    reason: str = ""
    n: float = 0
    code: str = ""


def gap_intervals(
    rows: Sequence[DifferenceRow], *, groups: tuple[str, str], lower_better: bool, words: Words, tone: Tone
) -> go.Figure:
    """The rows from the top in the order given, a dot each with its interval, numbers beside it, a rule at zero.

    ``groups``: names of A and B; the two sides of zero say which of them is behind. Rows of another kind than the one
    before are set off by a line. A bound that is NaN is left out of the interval.
    """
    height = [float(at) for at in range(len(rows))]
    known = [(at, row) for at, row in zip(height, rows, strict=True) if not is_missing(row.value)]
    start, end = _range([row for _, row in known])
    sides = (0, 1) if not lower_better else (1, 0)
    return figure(
        [
            row_guides(height, start=start, end=end, tone=tone),
            _intervals(known, start=start, end=end, tone=tone),
            _dots(known, words=words, tone=tone),
            *_columns(rows, height=height, tone=tone, words=words),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(rows), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=value_axis(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            title={"text": words["points_axis"], "font": {"size": 12, "color": tone.soft}, "standoff": 8},
            **_ticks(start, end),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=value_axis(
            tone=tone,
            showgrid=False,
            range=[len(rows) - 0.4, -0.6],
            tickmode="array",
            tickvals=height,
            ticktext=[f"<b>{row.name}</b>&nbsp;&nbsp;" if row.kind == "whole" else f"{row.name}&nbsp;&nbsp;"
                      for row in rows],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        shapes=[_zero(tone), *_divisions(rows, tone=tone)],
        annotations=_headings(tuple(groups[side] for side in sides), start=start, end=end, words=words, tone=tone),
    )  # fmt: skip


def _range(known: Sequence[DifferenceRow]) -> tuple[float, float]:
    """Holds zero, every value and the intervals of what is judged, with a little room."""
    judged = [row for row in known if row.behind is not None]
    ends = [end for row in judged for end in (row.low, row.high) if not is_missing(end)]
    reach = [0.0, *(row.value for row in known), *ends]
    room = max(0.06 * (max(reach) - min(reach)), 0.002)
    return min(reach) - room, max(reach) + room


def _ticks(start: float, end: float) -> dict[str, Any]:
    step = next((one for one in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if (end - start) / one <= 7), 0.5)
    values = [round(at * step, 4) for at in range(math.ceil(start / step), math.floor(end / step) + 1)]
    places = 1 if step < 0.01 else 0
    texts = ["0" if not value else f"{value * 100:+.{places}f}".replace("-", "−") for value in values]
    return {"tickmode": "array", "tickvals": values, "ticktext": texts}


def _intervals(known: Sequence[tuple[float, DifferenceRow]], *, start: float, end: float, tone: Tone) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, row in known:
        if not is_missing(row.low) and not is_missing(row.high):
            xs += [max(row.low, start), min(row.high, end), None]
            ys += [at, at, None]
    line = {"color": transparent(tone.ink, 0.45), "width": 2}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _dots(known: Sequence[tuple[float, DifferenceRow]], *, words: Words, tone: Tone) -> go.Scatter:
    colours = [tone.behind(row.behind) for _, row in known]
    hollow = [row.behind is None for _, row in known]
    return go.Scatter(
        x=[row.value for _, row in known],
        y=[at for at, _ in known],
        mode="markers",
        marker={
            "symbol": [SYMBOLS[row.kind] for _, row in known],
            "size": [SIZES[row.kind] for _, row in known],
            "color": [tone.ground if empty else colour for empty, colour in zip(hollow, colours, strict=True)],
            "line": {"width": 1.5, "color": colours},
        },
        customdata=[row.code for _, row in known],
        hovertext=[_hover(row, words=words) for _, row in known],
        hoverinfo="text",
        cliponaxis=False,
    )


def _hover(row: DifferenceRow, *, words: Words) -> str:
    low, high = point_ends(row.low, row.high, n=row.n)
    said = words["interval"].format(low=low, high=high)
    return f"<b>{row.name}</b><br>{points(row.value, n=row.n)} {words['points_axis']} · {said}"


def _columns(rows: Sequence[DifferenceRow], *, height: Sequence[float], tone: Tone, words: Words) -> list[go.Scatter]:
    differences, intervals, colours = [], [], []
    for row in rows:
        low, high = point_ends(row.low, row.high, n=row.n)
        printed = not is_missing(row.value) and row.behind is not None
        differences.append(f"<b>{points(row.value, n=row.n)}</b>" if printed else "")
        bounded = printed and not is_missing(row.low)
        intervals.append(words["interval"].format(low=low, high=high) if bounded else row.reason)
        colours.append(tone.behind(row.behind) if row.behind in ("a", "b") else tone.soft)
    return [
        go.Scatter(
            x=[COLUMNS[column]] * len(rows),
            y=list(height),
            xaxis="x2",
            mode="text",
            text=texts,
            textposition="middle left",
            textfont={"size": 12.5, "color": colour},
            hoverinfo="skip",
            cliponaxis=False,
        )
        for column, texts, colour in (("difference", differences, colours), ("interval", intervals, tone.soft))
    ]


def _zero(tone: Tone) -> dict[str, Any]:
    return {"type": "line", "layer": "below", "xref": "x", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": tone.rule, "width": 1.3}}  # fmt: skip


def _divisions(rows: Sequence[DifferenceRow], *, tone: Tone) -> list[dict[str, Any]]:
    return [
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": at - 0.5, "y1": at - 0.5,
         "line": {"color": tone.faint, "width": 1.5}}
        for at in range(1, len(rows))
        if rows[at].kind != rows[at - 1].kind
    ]  # fmt: skip


def _headings(behind: tuple[str, ...], *, start: float, end: float, words: Words, tone: Tone) -> list[dict[str, Any]]:
    """Over each side of zero the group that is behind there, where the side is wide enough to bear words."""
    width = end - start
    sides = [
        note(f"◀ {words['behind'].format(group=behind[0])}", tone=tone, x=0, xref="x", y=1, xanchor="right",
             yanchor="bottom", xshift=-6, yshift=6) if -start > 0.25 * width else None,
        note(f"{words['behind'].format(group=behind[1])} ▶", tone=tone, x=0, xref="x", y=1, xanchor="left",
             yanchor="bottom", xshift=6, yshift=6) if end > 0.25 * width else None,
    ]  # fmt: skip
    column = note(words["column_interval"], tone=tone, x=COLUMNS["interval"], xref="x2", xanchor="right", y=1,
                  yanchor="bottom", yshift=6)  # fmt: skip
    return [*(one for one in sides if one is not None), column]
