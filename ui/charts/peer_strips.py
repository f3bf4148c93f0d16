"""One place among others like it: per indicator a strip of dots without names, with the place itself marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import (
    Words,
    axis_note,
    figure,
    hidden_axis,
    key_line,
    note,
    percent_ticks,
    row_guides,
    share_range,
    transparent,
    value_axis,
)
from ui.charts.numbers import is_missing, percent, percent_interval, whole
from ui.charts.printed_columns import column_headings, printed_columns
from ui.charts.tone import Tone

ROW_HEIGHT = 62
TOP, BOTTOM = 62, 46
PLOT_END = 0.66
COLUMNS = {"own": 0.42, "middle": 0.985}
LIFT, STEPS = 0.11, (0, 1, -1, 2, -2)
OUTLINED = ("too_few", "similar", "better", "worse")
SYMBOLS = {"▲": "triangle-up", "▼": "triangle-down"}


@dataclass(frozen=True)
class Strip:
    """One row: the place's own rate (NaN where it has none) and those of the others, all shares.

    ``others`` are the rates of the others that have enough cases, ``cases`` how many each has; ``middle`` the ends of
    the middle half of them (None: too few). ``state`` and ``verdict`` are those of the place against the others.
    """

    name: str
    x: float
    n: float
    value: float
    low: float
    high: float
    state: str
    verdict: str
    others: Sequence[float]
    cases: Sequence[float]
    middle: tuple[float, float] | None


def peer_strips(
    strips: Sequence[Strip], *, place: str, words: Words, tone: Tone, verdict_names: Mapping[str, str]
) -> go.Figure:
    """The strips from the top in the order given. ``place`` names the place, ``verdict_names`` verdict to its words."""
    height = [float(position) for position in range(len(strips))]
    rows = list(zip(height, strips, strict=True))
    start, end = share_range(
        [value for strip in strips for value in (*strip.others, strip.value) if not is_missing(value)], room=0.01
    )
    shapes = [_middle_half(at, strip.middle, tone=tone) for at, strip in rows if strip.middle is not None]
    return figure(
        [
            row_guides(height, start=start, end=end, tone=tone),
            _others(rows, words=words, tone=tone),
            _interval(rows, start=start, tone=tone),
            _own(rows, place=place, words=words, tone=tone, verdict_names=verdict_names),
            *_columns(rows, words=words, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(strips), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=value_axis(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            title={"text": axis_note(start, words), "font": {"size": 12, "color": tone.soft}, "standoff": 10},
            **percent_ticks(start, end),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=value_axis(
            tone=tone,
            showgrid=False,
            range=[len(strips) - 0.45, -0.55],
            tickmode="array",
            tickvals=height,
            ticktext=[f"{strip.name}&nbsp;&nbsp;" for strip in strips],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        shapes=shapes,
        annotations=[*column_headings(COLUMNS, words=words, tone=tone), _key(place=place, words=words, tone=tone)],
    )


def _middle_half(at: float, ends: tuple[float, float], *, tone: Tone) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "yref": "y",
        "x0": ends[0],
        "x1": ends[1],
        "y0": at - 0.3,
        "y1": at + 0.3,
        "fillcolor": transparent(tone.ink, 0.08),
        "line": {"width": 0},
    }


def _others(rows: list[tuple[float, Strip]], *, words: Words, tone: Tone) -> go.Scatter:
    """The others without names. Equal rates are stacked around the row so that every dot is seen."""
    xs, ys, hovers = [], [], []
    for at, strip in rows:
        seen: dict[float, int] = {}
        for value, n in sorted(zip(strip.others, strip.cases, strict=True)):
            turn = seen.get(round(value, 3), 0)
            seen[round(value, 3)] = turn + 1
            xs.append(value)
            ys.append(at + LIFT * STEPS[turn % len(STEPS)])
            hovers.append(words["hover_other"].format(value=percent(value, n=n), n=whole(n)))
    return go.Scatter(
        x=xs,
        y=ys,
        mode="markers",
        marker={"size": 8, "color": transparent(tone.ink, 0.28), "line": {"width": 0}},
        hovertext=hovers,
        hoverinfo="text",
        cliponaxis=False,
    )


def _interval(rows: list[tuple[float, Strip]], *, start: float, tone: Tone) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, strip in rows:
        if not is_missing(strip.low):
            xs += [max(strip.low, start), strip.high, None]
            ys += [at, at, None]
    return go.Scatter(x=xs, y=ys, mode="lines", line={"color": tone.ink, "width": 2}, hoverinfo="skip")


def _own(
    rows: list[tuple[float, Strip]], *, place: str, words: Words, tone: Tone, verdict_names: Mapping[str, str]
) -> go.Scatter:
    known = [(at, strip) for at, strip in rows if not is_missing(strip.value)]
    fills, edges, symbols, hovers = [], [], [], []
    for _, strip in known:
        fill = palette.VERDICT_COLOURS.get(strip.verdict, tone.ink)
        fills.append(tone.ground if strip.verdict in ("too_few", "not_applicable") else fill)
        edges.append(tone.ink if strip.verdict in (*OUTLINED, "not_applicable") else fill)
        symbols.append(SYMBOLS.get(palette.MARKS.get(strip.verdict, ""), "circle"))
        counted = words["hover_value"].format(
            value=percent(strip.value, n=strip.n),
            interval=percent_interval(strip.low, strip.high, n=strip.n), x=whole(strip.x), n=whole(strip.n),
        )  # fmt: skip
        hovers.append(f"<b>{place}</b><br>{counted}<br>{verdict_names.get(strip.verdict, '')}")
    return go.Scatter(
        x=[strip.value for _, strip in known],
        y=[at for at, _ in known],
        mode="markers",
        marker={"size": 15, "symbol": symbols, "color": fills, "line": {"width": 1.6, "color": edges}},
        hovertext=hovers,
        hoverinfo="text",
        cliponaxis=False,
    )


def _columns(rows: list[tuple[float, Strip]], *, words: Words, tone: Tone) -> list[go.Scatter]:
    own, middle = [], []
    for _, strip in rows:
        known = not is_missing(strip.value)
        own.append(f"<b>{percent(strip.value, n=strip.n)}</b>" if known else words[f"state_{strip.state}"])
        middle.append(_ends(strip.middle) if strip.middle is not None else words["few_others"])
    return printed_columns(
        {"own": own, "middle": middle}, at=COLUMNS, height=[at for at, _ in rows], strong="own", tone=tone
    )


def _ends(middle: tuple[float, float]) -> str:
    """Both ends of the middle half; one figure where they print alike."""
    low, high = (percent(end) for end in middle)
    return low if low == high else f"{low.removesuffix('%')}–{high}"


def _key(*, place: str, words: Words, tone: Tone) -> dict[str, Any]:
    parts = [
        ("◉", tone.ink, place),
        ("●", transparent(tone.ink, 0.4), words["key_others"]),
        ("▬", transparent(tone.ink, 0.2), words["key_middle"]),
    ]
    return note(key_line(parts), tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=32)
