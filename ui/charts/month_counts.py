"""A count month by month: one line without a break, with marks where the place itself became another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from ui.charts.canvas import Words, figure, value_axis
from ui.charts.month_lines import Campaign, campaign_marks, dots, stroke
from ui.charts.months import month_axis, month_index
from ui.charts.numbers import whole
from ui.charts.tone import Tone

HEIGHT = 220
_HEADROOM = 1.32  # the marks' names stand above the line


def counts_over_time(
    counts: Mapping[int, int],
    *,
    months: Mapping[int, str],
    words: Words,
    tone: Tone,
    marks: Sequence[Campaign] = (),
) -> go.Figure:
    """How many there were each month.

    ``counts``: month (YYYYMM) to number; a month of ``months`` that is not among them had none. ``months``: every
    month of the axis to its label, ascending. ``marks`` are upright lines with a few words, at the begin of a month.
    """
    shown = list(months)
    values = [float(counts.get(month, 0)) for month in shown]
    at = [month_index(month) for month in shown]
    hovers = [
        f"<b>{months[month]}</b><br>{words['count_hover'].format(count=whole(value))}"
        for month, value in zip(shown, values, strict=True)
    ]
    points = dots(
        [{"month": month} for month in shown], values, colours=[tone.ink] * len(shown), filled=[True] * len(shown),
        hovers=hovers, tone=tone,
    )  # fmt: skip
    shapes, names = campaign_marks(marks, shown=shown, tone=tone)
    for shape in shapes:
        shape["line"] = {"color": tone.soft, "width": 1.2, "dash": "dot"}
    if at:
        middle = (at[0] + at[-1]) / 2
        for name in names:  # words in the right half stand to the left of their line, so that they stay in the figure
            if name["x"] > middle:
                name |= {"xanchor": "right", "xshift": -4}
    top = max([*values, 1.0]) * (_HEADROOM if names else 1.1)
    return figure(
        [stroke(at, values, tone.ink), points],
        tone=tone,
        height=HEIGHT,
        margin={"t": 12, "r": 16, "b": 34},
        xaxis=month_axis(shown, labels=months, tone=tone),
        yaxis=value_axis(tone=tone, range=[0, top], nticks=5, automargin=True, tickformat=",d"),
        hovermode="closest",
        shapes=shapes,
        annotations=names,
    )
