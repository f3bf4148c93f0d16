"""What rows of places share: their names at the left, and columns of figures printed at the right of the plot."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ui.charts.canvas import Words, note, value_axis
from ui.charts.tone import Tone


def printed_columns(
    texts: Mapping[str, Sequence[str]], *, at: Mapping[str, float], height: Sequence[float], strong: str, tone: Tone
) -> list[go.Scatter]:
    """Columns of text on the axis ``x2``, right-aligned at ``at`` (0..1); the column ``strong`` in ink, others soft.

    ``texts``: column to one text a row; ``height`` where the rows stand on the axis of rows.
    """
    return [
        go.Scatter(
            x=[at[column]] * len(height),
            y=list(height),
            xaxis="x2",
            mode="text",
            text=list(lines),
            textposition="middle left",
            textfont={"size": 12.5, "color": tone.ink if column == strong else tone.soft},
            hoverinfo="skip",
        )
        for column, lines in texts.items()
    ]


def column_headings(at: Mapping[str, float], *, words: Words, tone: Tone) -> list[dict[str, Any]]:
    """The words ``column_<name>`` over each printed column."""
    return [
        note(words[f"column_{column}"], tone=tone, x=x, xref="x2", y=1, xanchor="right", yanchor="bottom", yshift=4)
        for column, x in at.items()
    ]


def row_names(names: Sequence[str], *, height: Sequence[float], tone: Tone) -> dict[str, Any]:
    """The axis of rows: one name each, the first on top, no grid."""
    return value_axis(
        tone=tone,
        showgrid=False,
        range=[len(names) - 0.4, -0.6],
        tickmode="array",
        tickvals=height,
        ticktext=[f"{name}&nbsp;&nbsp;" for name in names],
        tickfont={"size": 13, "color": tone.ink},
        automargin=True,
    )


def axis_title(said: str, *, tone: Tone) -> dict[str, Any]:
    """The line of small soft words under an axis of values."""
    return {"text": said, "font": {"size": 12, "color": tone.soft}, "standoff": 10}
