"""A chain of steps: how many came through each, and how many were lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Words, figure, hidden_axis, note, transparent, value_axis
from ui.charts.numbers import percent, whole
from ui.charts.tone import Tone

ROW_HEIGHT = 40
TOP, BOTTOM = 34, 10
PLOT_END = 0.5
COLUMNS = {"count": (0.15, "middle left"), "share": (0.29, "middle left"), "lost": (0.42, "middle left"),
           "why": (0.45, "middle right")}  # fmt: skip


@dataclass(frozen=True)
class ChainStep:
    """One step: its name, the cases that came through it and all before, those lost on it, and why in words."""

    name: str
    count: int
    lost: int
    why: str


def step_chain(steps: Sequence[ChainStep], *, words: Words, tone: Tone) -> go.Figure:
    """Bars from the top in order, all from zero: a solid part that came through, a pale part lost on this step.

    ``words``: column_count, column_share, column_lost, column_why, and hover (with count, share, lost, name). The share
    is that of the first step. The largest loss is the only one in the colour for worse.
    """
    first = steps[0].count if steps else 0
    height = [float(position) for position in range(len(steps))]
    worst = max((step.lost for step in steps), default=0)
    faint, strong = transparent(tone.unclear, 0.75 if tone.name == "light" else 0.45), transparent(palette.WORSE, 0.75)
    pale = [strong if step.lost == worst > 0 else faint for step in steps]
    shares = [step.count / first if first else None for step in steps]
    hovers = [
        words["hover"].format(
            name=step.name, count=whole(step.count), share=percent(share, n=first), lost=whole(step.lost)
        )
        for step, share in zip(steps, shares, strict=True)
    ]
    return figure(
        [
            _bars(height, [step.count for step in steps], base=[0] * len(steps), colour=tone.soft, hovers=hovers),
            _bars(height, [step.lost for step in steps], base=[step.count for step in steps], colour=pale,
                  hovers=hovers),
            *_columns(steps, shares, height=height, first=first, worst=worst, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(steps), 1),
        margin={"t": TOP, "b": BOTTOM},
        barmode="overlay",
        bargap=0.42,
        xaxis=value_axis(tone=tone, domain=[0, PLOT_END], range=[0, max(first, 1)], showgrid=False,
                         showticklabels=False),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=value_axis(
            tone=tone,
            showgrid=False,
            range=[len(steps) - 0.4, -0.6],
            tickmode="array",
            tickvals=height,
            ticktext=[f"<b>{step.name}</b>&nbsp;&nbsp;" for step in steps],
            tickfont={"size": 14, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        annotations=[
            note(words[f"column_{column}"], tone=tone, x=x, xref="x2", y=1, yanchor="bottom", yshift=4,
                 xanchor="right" if place == "middle left" else "left")
            for column, (x, place) in COLUMNS.items()
        ],
    )  # fmt: skip


def _bars(height: list[float], lengths: list[int], *, base: list[int], colour: Any, hovers: list[str]) -> go.Bar:
    return go.Bar(
        x=lengths,
        y=height,
        base=base,
        orientation="h",
        marker={"color": colour, "line": {"width": 0}},
        hovertext=hovers,
        hoverinfo="text",
    )


def _columns(
    steps: Sequence[ChainStep],
    shares: list[float | None],
    *,
    height: list[float],
    first: int,
    worst: int,
    tone: Tone,
) -> list[go.Scatter]:
    loss = palette.WORSE if tone.name == "light" else palette.WORSE_TINT
    colours = [loss if step.lost == worst > 0 else tone.ink for step in steps]
    texts = {
        "count": [f"<b>{whole(step.count)}</b>" for step in steps],
        "share": [percent(share, n=first) for share in shares],
        "lost": [f"<b>−{whole(step.lost)}</b>" if step.lost else "" for step in steps],
        "why": [step.why for step in steps],
    }
    return [
        go.Scatter(
            x=[x] * len(steps),
            y=height,
            xaxis="x2",
            mode="text",
            text=texts[column],
            textposition=place,
            textfont={"size": 13.5, "color": colours if column == "lost" else tone.ink},
            hoverinfo="skip",
        )
        for column, (x, place) in COLUMNS.items()
    ]
