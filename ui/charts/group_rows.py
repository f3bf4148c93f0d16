"""Two groups of places in many indicators: one row an indicator, each on its own scale, with the difference printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts.canvas import figure, hidden_axis, key_line, note, row_guides
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.dumbbells import MARK_A, MARK_B, behind_of
from ui.charts.tone import Tone

ROW_HEIGHT: Final = 34
TOP: Final = 56
PLOT_END: Final = 0.5
ROOM: Final = 0.13
COLUMNS: Final = {"a": 0.17, "b": 0.36, "difference": 0.98}


@dataclass(frozen=True)
class GroupRow:
    """One indicator. ``a`` and ``b`` are values in the indicator's unit, None where there is none; ``ahead`` as in a
    gap table ("a", "b", "none", None); the texts are printed as they are. Marks are hollow where nothing is known."""

    code: str
    name: str
    a: float | None
    b: float | None
    ahead: str | None
    a_text: str
    b_text: str
    difference_text: str
    hover: str = ""


def group_rows(
    rows: Sequence[GroupRow], *, groups: tuple[str, str], heads: tuple[str, str], keys: tuple[str, str, str], tone: Tone
) -> go.Figure:
    """Rows from the top: A a circle, B a square, the bar between them in the colour of the group that is behind.

    Every row has its own scale, from zero to a little more than its larger value: rows differ in unit, and the length
    of a bar says how far the groups are apart in proportion. ``heads``: the title of the plot and of the printed
    differences; ``keys``: what the three colours of the bar mean (A behind, B behind, no clear difference).
    """
    height = [float(position) for position in range(len(rows))]
    traces: list[Any] = [row_guides(height, start=0.0, end=1.0, tone=tone)]
    places = [_positions(row) for row in rows]
    for at, row, (a, b) in zip(height, rows, places, strict=True):
        if a is not None and b is not None:
            colour = tone.behind(behind_of(row.ahead))
            line = {"color": colour, "width": 5}
            traces.append(go.Scatter(x=[a, b], y=[at, at], mode="lines", line=line, opacity=0.55, hoverinfo="skip"))
    for side, colour, shape, size in (("b", tone.group_b, "square", 11), ("a", tone.group_a, "circle", 12)):
        index = 0 if side == "a" else 1
        known = [
            (at, row, place)
            for at, row, place in zip(height, rows, (pair[index] for pair in places), strict=True)
            if place is not None
        ]
        full = [row.ahead is not None for _, row, _ in known]
        traces.append(
            go.Scatter(
                x=[x for _, _, x in known],
                y=[at for at, _, _ in known],
                mode="markers",
                marker={
                    "symbol": shape,
                    "size": size,
                    "color": [colour if one else tone.ground for one in full],
                    "line": {"width": 2, "color": colour},
                },
                hovertext=[row.hover for _, row, _ in known],
                hoverinfo="text",
                cliponaxis=False,
            )
        )
    for column, x in COLUMNS.items():
        texts = [getattr(row, f"{column}_text") for row in rows]
        strong = column == "difference"
        traces.append(
            go.Scatter(
                x=[x] * len(rows),
                y=height,
                xaxis="x2",
                mode="text",
                text=texts,
                textposition="middle left",
                textfont={
                    "size": 12.5,
                    "color": [_ink(row.ahead, tone) for row in rows] if strong else tone.ink,
                },
                hoverinfo="skip",
                cliponaxis=False,
            )
        )
    return figure(
        traces,
        tone=tone,
        height=TOP + 14 + ROW_HEIGHT * max(len(rows), 1),
        margin={"t": TOP, "b": 14},
        xaxis=axis_of_values(
            tone=tone, showgrid=False, showticklabels=False, domain=[0, PLOT_END], range=[-0.02, 1.02]
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=axis_of_values(
            tone=tone,
            showgrid=False,
            range=[len(rows) - 0.4, -0.6],
            tickmode="array",
            tickvals=height,
            ticktext=[f"{row.name}&nbsp;&nbsp;" for row in rows],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        annotations=_headings(groups=groups, heads=heads, keys=keys, tone=tone),
    )


def _positions(row: GroupRow) -> tuple[float | None, float | None]:
    """Both values as shares of the row's own scale."""
    top = max((value for value in (row.a, row.b) if value is not None), default=0.0) * (1 + ROOM)
    return _place(row.a, top), _place(row.b, top)


def _place(value: float | None, top: float) -> float | None:
    return None if value is None else value / top if top > 0 else 0.0


def _ink(ahead: str | None, tone: Tone) -> str:
    return tone.behind(behind_of(ahead)) if ahead in ("a", "b") else tone.soft


def _headings(
    *, groups: tuple[str, str], heads: tuple[str, str], keys: tuple[str, str, str], tone: Tone
) -> list[dict[str, Any]]:
    legend = key_line(
        [
            (MARK_A, tone.group_a, groups[0]),
            (MARK_B, tone.group_b, groups[1]),
            ("━", tone.group_a, keys[0]),
            ("━", tone.group_b, keys[1]),
            ("━", tone.unclear, keys[2]),
        ]
    )

    def heading(text: str, x: float, xref: str, anchor: str) -> dict[str, Any]:
        return note(text, tone=tone, x=x, xref=xref, xanchor=anchor, y=1, yanchor="bottom", yshift=4)

    return [
        note(legend, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=28),
        heading(heads[0], 0, "paper", "left"),
        heading(MARK_A, COLUMNS["a"], "x2", "right"),
        heading(MARK_B, COLUMNS["b"], "x2", "right"),
        heading(heads[1], COLUMNS["difference"], "x2", "right"),
    ]
