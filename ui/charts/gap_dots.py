"""All gaps that were tested as dots, a row each pairing: left the first group is behind, right the second."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts.canvas import Words, figure, note, value_axis
from ui.charts.tone import Tone

ROW_HEIGHT: Final = 112
TOP, BOTTOM = 22, 46
SPREAD: Final = 0.52
"""How much of a row its dots take up."""
GOLDEN: Final = 0.6180339887498949
SMALLEST, LARGEST = 6.0, 26.0


@dataclass(frozen=True)
class GapDot:
    """One gap. ``lead``: by how much group A is better than B (shares; below zero it is behind).

    stands   whether the gap is borne out among all that were tested
    touches  how many cases of the group behind it stands for; the area of the dot
    code     what a click hands over; ``hover`` what is said beside the pointer
    """

    row: str
    lead: float
    stands: bool
    touches: float
    code: str
    hover: str


def gap_dots(
    dots: Sequence[GapDot], *, rows: Mapping[str, tuple[str, str, str]], words: Words, tone: Tone
) -> go.Figure:
    """``rows``: key to (name, name of group A, name of group B), from the top. Dots of other rows are left out."""
    order = {key: float(at) for at, key in enumerate(rows)}
    shown = [dot for dot in dots if dot.row in order]
    reach = _reach(shown)
    largest = max((dot.touches for dot in shown if dot.stands), default=1.0)
    faint = [dot for dot in shown if not dot.stands]
    firm = sorted((dot for dot in shown if dot.stands), key=lambda dot: -dot.touches)
    return figure(
        [
            _trace(faint, order, reach, sizes=[5.0] * len(faint), colours=[tone.unclear] * len(faint), opacity=0.45,
                   tone=tone),
            _trace(firm, order, reach, sizes=[_size(dot.touches, largest) for dot in firm],
                   colours=[tone.behind("a" if dot.lead < 0 else "b") for dot in firm], opacity=0.8, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(rows), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=value_axis(
            tone=tone,
            range=[-reach * 1.04, reach * 1.04],
            title={"text": words["points_axis"], "font": {"size": 12, "color": tone.soft}, "standoff": 8},
            **_ticks(reach),
        ),
        yaxis=value_axis(
            tone=tone,
            showgrid=False,
            range=[len(rows) - 0.5, -0.5],
            tickmode="array",
            tickvals=list(order.values()),
            ticktext=[f"<b>{name}</b>&nbsp;&nbsp;" for name, _, _ in rows.values()],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        shapes=[_zero(tone), *(_division(at, tone) for at in range(1, len(rows)))],
        annotations=[one for key, names in rows.items() for one in _sides(order[key], names, words=words, tone=tone)],
    )  # fmt: skip


def _reach(dots: Sequence[GapDot]) -> float:
    """As far as what stands goes, or everything where nothing stands; at least five percentage points."""
    sizes = [abs(dot.lead) for dot in dots if dot.stands] or [abs(dot.lead) for dot in dots]
    return max(0.05, *(math.ceil(size * 20) / 20 for size in sizes)) if sizes else 0.05


def _size(touches: float, largest: float) -> float:
    return SMALLEST + (LARGEST - SMALLEST) * math.sqrt(max(touches, 0.0) / max(largest, 1e-9))


def _trace(
    dots: Sequence[GapDot],
    order: Mapping[str, float],
    reach: float,
    *,
    sizes: list[float],
    colours: list[str],
    opacity: float,
    tone: Tone,
) -> go.Scatter:
    """Dots beyond the axis stand at its end; their true figure is said beside the pointer."""
    return go.Scatter(
        x=[min(max(dot.lead, -reach), reach) for dot in dots],
        y=[order[dot.row] + ((at * GOLDEN) % 1 - 0.5) * SPREAD + 0.1 for at, dot in enumerate(dots)],
        mode="markers",
        marker={"size": sizes, "color": colours, "opacity": opacity, "line": {"width": 0.8, "color": tone.ground}},
        customdata=[dot.code for dot in dots],
        hovertext=[dot.hover for dot in dots],
        hoverinfo="text",
        cliponaxis=False,
    )


def _ticks(reach: float) -> dict[str, Any]:
    step = next((one for one in (0.01, 0.02, 0.05, 0.1, 0.2) if reach / one <= 5), 0.25)
    count = math.floor(round(reach / step, 6))
    values = [round(at * step, 4) for at in range(-count, count + 1)]
    return {"tickmode": "array", "tickvals": values,
            "ticktext": ["0" if not value else f"{abs(value) * 100:.0f}" for value in values]}  # fmt: skip


def _sides(at: float, names: tuple[str, str, str], *, words: Words, tone: Tone) -> list[dict[str, Any]]:
    """On both ends of a row who is behind there."""
    return [
        note(f"◀ {words['behind'].format(group=names[1])}", tone=tone, x=0, y=at - 0.36, yref="y", xanchor="left",
             yanchor="middle", font={"size": 12, "color": tone.group_a}),
        note(f"{words['behind'].format(group=names[2])} ▶", tone=tone, x=1, y=at - 0.36, yref="y", xanchor="right",
             yanchor="middle", font={"size": 12, "color": tone.group_b}),
    ]  # fmt: skip


def _zero(tone: Tone) -> dict[str, Any]:
    return {"type": "line", "layer": "below", "xref": "x", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": tone.rule, "width": 1.3}}  # fmt: skip


def _division(at: int, tone: Tone) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": at - 0.5, "y1": at - 0.5,
            "line": {"color": tone.faint, "width": 1.5}}  # fmt: skip
