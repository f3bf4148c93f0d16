"""On which side of their deadline cases were closed, day by day: a heap on the last day stands out."""

from collections.abc import Mapping
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts.canvas import Words, figure, note, value_axis
from ui.charts.numbers import percent, whole
from ui.charts.tone import Tone

HEIGHT: Final = 300
REACH: Final = 15
"""Days shown on each side of the deadline; what lies farther is added to the outermost bar."""


def deadline_bars(closed: Mapping[tuple[int, bool], int], *, words: Words, tone: Tone) -> go.Figure:
    """``closed`` counts cases by (days from the deadline, negative before it; closed in time). Bars start at zero.

    The day of the deadline is parted into what was in time (dark) and what was late (pale, stacked on it).
    ``words``: axis, count_axis, deadline, earlier, later, hover (with day, count, share), day_before, day_on, day_after
    (each with days).
    """
    days = list(range(-REACH, REACH + 1))
    whole_count = sum(closed.values())
    in_time, late = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    for (day, timely), count in closed.items():
        side = in_time if timely else late
        side[min(max(day, -REACH), REACH)] += count
    colours = [tone.ink if day == 0 else tone.soft for day in days]
    return figure(
        [
            _bars(days, in_time, whole_count, colours=colours, words=words),
            _bars(days, late, whole_count, colours=[tone.unclear] * len(days), words=words),
        ],
        tone=tone,
        height=HEIGHT,
        margin={"t": 34, "r": 12, "b": 48},
        barmode="stack",
        bargap=0.18,
        xaxis=value_axis(
            tone=tone, showgrid=False, range=[-REACH - 0.7, REACH + 0.7], tickmode="array",
            tickvals=[-REACH, -10, -5, 0, 5, 10, REACH],
            ticktext=[words["earlier"].format(days=REACH), "−10", "−5", "0", "5", "10",
                      words["later"].format(days=REACH)],
            title={"text": words["axis"], "font": {"size": 12, "color": tone.soft}, "standoff": 8},
        ),
        yaxis=value_axis(
            tone=tone, rangemode="tozero", automargin=True,
            title={"text": words["count_axis"], "font": {"size": 12, "color": tone.soft}, "standoff": 8},
        ),
        shapes=[{"type": "line", "xref": "x", "x0": 0.5, "x1": 0.5, "yref": "paper", "y0": 0, "y1": 1,
                 "layer": "below", "line": {"color": tone.rule, "width": 1, "dash": "dash"}}],
        annotations=[note(words["deadline"], tone=tone, x=0.5, xref="x", y=1, xanchor="left", yanchor="top", xshift=4)],
    )  # fmt: skip


def _bars(days: list[int], counts: Mapping[int, int], whole_count: int, *, colours: list[str], words: Words) -> go.Bar:
    return go.Bar(
        x=days,
        y=[counts[day] for day in days],
        marker={"color": colours, "line": {"width": 0}},
        hovertext=[
            words["hover"].format(
                day=_day(day, words), count=whole(counts[day]),
                share=percent(counts[day] / whole_count if whole_count else None, n=whole_count),
            )
            for day in days
        ],
        hoverinfo="text",
    )  # fmt: skip


def _day(day: int, words: Words) -> Any:
    key = "day_on" if day == 0 else "day_before" if day < 0 else "day_after"
    return words[key].format(days=-day if day < 0 else day)
