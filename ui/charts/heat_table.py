"""Counts in rows and columns: the more cases, the deeper the field; one kind of column may stand out as bad."""

from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Words, figure, transparent, value_axis
from ui.charts.numbers import whole
from ui.charts.tone import Tone

ROW_HEIGHT = 46
TOP = 40


def count_heat(
    counts: Sequence[Sequence[int]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    words: Words,
    tone: Tone,
    bad: Collection[int] = (),
) -> go.Figure:
    """``counts[row][column]`` as fields with their number, rows from the top, column names above.

    The columns whose positions are in ``bad`` are drawn in the colour for worse, the others in neutral blue; depth
    goes by the largest count of all. A field without cases stays empty and prints 0. ``words``: hover (row, column,
    count).
    """
    most = max((count for line in counts for count in line), default=0)
    traces = []
    for column, name in enumerate(columns):
        colour = palette.WORSE if column in bad else palette.NEUTRAL_HIGH_TINT
        values = [line[column] for line in counts]
        traces.append(
            go.Heatmap(
                x=[column],
                y=list(range(len(rows))),
                z=[[value] for value in values],
                zmin=0,
                zmax=max(most, 1),
                colorscale=[[0, transparent(colour, 0.0)], [0.001, transparent(colour, 0.12)],
                            [1, transparent(colour, 0.8)]],
                showscale=False,
                xgap=4,
                ygap=4,
                hovertext=[
                    [words["hover"].format(row=row, column=name, count=whole(value))]
                    for row, value in zip(rows, values, strict=True)
                ],
                hoverinfo="text",
            )
        )  # fmt: skip
    cells = [(column, row) for row in range(len(rows)) for column in range(len(columns))]
    traces.append(
        go.Scatter(
            x=[column for column, _ in cells],
            y=[row for _, row in cells],
            mode="text",
            text=[f"<b>{whole(counts[row][column])}</b>" if counts[row][column] else "0" for column, row in cells],
            textfont={"size": 15, "color": [tone.ink if counts[row][column] else tone.soft for column, row in cells]},
            hoverinfo="skip",
        )
    )
    return figure(
        traces,
        tone=tone,
        height=TOP + ROW_HEIGHT * max(len(rows), 1) + 10,
        margin={"t": TOP},
        xaxis=value_axis(
            tone=tone, showgrid=False, side="top", range=[-0.5, len(columns) - 0.5], tickmode="array",
            tickvals=list(range(len(columns))), ticktext=list(columns), tickfont={"size": 13, "color": tone.ink},
        ),
        yaxis=value_axis(
            tone=tone, showgrid=False, range=[len(rows) - 0.5, -0.5], tickmode="array",
            tickvals=list(range(len(rows))), ticktext=[f"{row}&nbsp;&nbsp;" for row in rows],
            tickfont={"size": 13, "color": tone.ink}, automargin=True,
        ),
        hovermode="closest",
    )  # fmt: skip
