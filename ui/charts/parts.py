"""What each part adds to a distance, in cases: bars to the left and right of nothing, what pulls down on top."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from ui.charts.canvas import Words, figure, hidden_axis, note, records, transparent, value_axis
from ui.charts.tone import Tone

ROW_HEIGHT: Final = 27
TOP, BOTTOM = 34, 30
PLOT_END: Final = 0.66
COLUMNS: Final[Mapping[str, float]] = {"cases": 0.48, "counts": 0.99}
"""Right edges of the printed columns, as shares of the space beside the plot."""


def part_bars(rows: pd.DataFrame, *, words: Words, tone: Tone) -> go.Figure:
    """Rows from the top in the order given; the bar of a row with ``down`` is dark, the others light.

    ``rows``: code, name, cases (more or fewer than the reference gives; the sign decides the side), down (whether it
    pulls the whole down), total (the row that sums them up: set off, its bar outlined), and what is printed:
    cases_text, counts_text, hover. ``words``: axis, column_cases, column_counts. Colours are no verdicts: nothing is
    tested here.
    """
    shown = records(rows)
    heights = [float(at) for at in range(len(shown))]
    reach = max([*(max(row["cases"], -row["cases"]) for row in shown), 1e-9]) * 1.08
    ink = transparent(tone.ink, 0.78)
    pale = transparent(tone.ink, 0.25)
    bars = go.Bar(
        x=[row["cases"] for row in shown],
        y=heights,
        orientation="h",
        width=0.62,
        marker={
            "color": ["rgba(0,0,0,0)" if row["total"] else ink if row["down"] else pale for row in shown],
            "line": {"width": [1.4 if row["total"] else 0 for row in shown], "color": tone.ink},
        },
        hovertext=[row["hover"] for row in shown],
        hoverinfo="text",
        customdata=[row["code"] for row in shown],
    )
    return figure(
        [bars, *_columns(shown, heights, tone=tone)],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(shown), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=value_axis(
            tone=tone, domain=[0, PLOT_END], range=[-reach, reach], nticks=5, zeroline=True, zerolinecolor=tone.rule,
            zerolinewidth=1.2, tickformat=".1~f",
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=value_axis(
            tone=tone, showgrid=False, range=[len(shown) - 0.4, -0.6], tickmode="array", tickvals=heights,
            ticktext=[_tick(row) for row in shown], tickfont={"size": 13, "color": tone.ink}, automargin=True,
        ),
        hovermode="closest",
        shapes=[_rule(at, tone=tone) for at, row in zip(heights, shown, strict=True) if row["total"]],
        annotations=[
            note(words["axis"], tone=tone, x=0, xref="x", xanchor="center", y=1, yanchor="bottom", yshift=6),
            *(note(words[f"column_{column}"], tone=tone, x=x, xref="x2", y=1, xanchor="right", yanchor="bottom",
                   yshift=6) for column, x in COLUMNS.items()),
        ],
    )  # fmt: skip


def _tick(row: Mapping[str, Any]) -> str:
    name = f"<b>{row['name']}</b>" if row["total"] else str(row["name"])
    return f"{name}&nbsp;&nbsp;"


def _columns(shown: Sequence[Mapping[str, Any]], heights: Sequence[float], *, tone: Tone) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=[COLUMNS[column]] * len(shown), y=list(heights), xaxis="x2", mode="text",
            text=[f"<b>{row[f'{column}_text']}</b>" if column == "cases" else row[f"{column}_text"] for row in shown],
            textposition="middle left", hoverinfo="skip", cliponaxis=False,
            textfont={"size": 12.5, "color": tone.ink if column == "cases" else tone.soft},
        )
        for column in COLUMNS
    ]  # fmt: skip


def _rule(at: float, *, tone: Tone) -> dict[str, Any]:
    """A line that parts the sum from what it adds up."""
    return {"type": "line", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": at - 0.5,
            "y1": at - 0.5, "line": {"color": tone.rule, "width": 1}}  # fmt: skip
