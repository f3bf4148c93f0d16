"""Parts of wholes as bars from zero: what is done of what was to be done, kind by kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import figure, hidden_axis, note
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.tone import Tone

ROW_HEIGHT: Final = 34
PLOT_END: Final = 0.5
VALUE_AT, COUNTS_AT = 0.42, 0.985
TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Part:
    """One kind: its share (0..1; None without data), what is printed beside the bar, and whether it is at what is
    asked for (None: nothing is asked)."""

    code: str
    name: str
    share: float | None
    value_text: str
    counts_text: str
    reached: bool | None = None
    hover: str = ""


def part_bars(
    parts: Sequence[Part], *, target: float | None, target_text: str, heads: tuple[str, str], tone: Tone
) -> go.Figure:
    """Bars from the top in the order given, on an axis from 0 to 100 %; the rest of the whole is an outline.

    ``target`` is a dashed rule, named ``target_text``; ``heads``: titles of the two printed columns.
    """
    height = [float(position) for position in range(len(parts))]
    known = [(at, part) for at, part in zip(height, parts, strict=True) if part.share is not None]
    colours = {True: palette.BETTER, False: palette.WORSE, None: palette.NEUTRAL_HIGH_TINT}
    traces = [
        go.Bar(
            x=[1.0] * len(known),
            y=[at for at, _ in known],
            orientation="h",
            width=0.56,
            marker={"color": "rgba(0,0,0,0)", "line": {"color": tone.rule, "width": 1}},
            hoverinfo="skip",
        ),
        go.Bar(
            x=[part.share for _, part in known],
            y=[at for at, _ in known],
            orientation="h",
            width=0.56,
            marker={"color": [colours[part.reached] for _, part in known], "line": {"width": 0}},
            customdata=[part.code for _, part in known],
            hovertext=[part.hover for _, part in known],
            hoverinfo="text",
        ),
        *(
            go.Scatter(
                x=[x] * len(parts),
                y=height,
                xaxis="x2",
                mode="text",
                text=texts,
                textposition="middle left",
                textfont={"size": 12.5, "color": ink},
                hoverinfo="skip",
                cliponaxis=False,
            )
            for x, texts, ink in (
                (VALUE_AT, [f"<b>{part.value_text}</b>" for part in parts], tone.ink),
                (COUNTS_AT, [part.counts_text for part in parts], tone.soft),
            )
        ),
    ]
    top = 34
    annotations: list[dict[str, Any]] = [
        note(head, tone=tone, x=x, xref="x2", y=1, xanchor="right", yanchor="bottom", yshift=4)
        for head, x in zip(heads, (VALUE_AT, COUNTS_AT), strict=True)
    ]
    shapes = []
    if target is not None:
        line = {"color": tone.ink, "width": 1.4, "dash": "dash"}
        shapes.append({"type": "line", "xref": "x", "x0": target, "x1": target, "yref": "paper", "y0": 0, "y1": 1,
                       "line": line})  # fmt: skip
        annotations.append(
            note(target_text, tone=tone, x=target, xref="x", y=1, xanchor="right", yanchor="bottom", yshift=4)
        )
    return figure(
        traces,
        tone=tone,
        height=top + 40 + ROW_HEIGHT * max(len(parts), 1),
        margin={"t": top, "b": 40},
        barmode="overlay",
        xaxis=axis_of_values(
            tone=tone,
            domain=[0, PLOT_END],
            range=[0, 1.005],
            tickmode="array",
            tickvals=list(TICKS),
            ticktext=[f"{tick:.0%}" for tick in TICKS],
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=axis_of_values(
            tone=tone,
            showgrid=False,
            range=[len(parts) - 0.4, -0.6],
            tickmode="array",
            tickvals=height,
            ticktext=[f"{part.name}&nbsp;&nbsp;" for part in parts],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        shapes=shapes,
        annotations=annotations,
    )
