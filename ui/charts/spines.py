"""The spine: every indicator of one place on its own scale, right is better, the others' rate as the common middle."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Record, Words, figure, hidden_axis, key_line, note, records, value_axis
from ui.charts.numbers import is_missing
from ui.charts.tone import Tone

ROW_HEIGHT: Final = 23
TOP, BOTTOM = 84, 12
PLOT_END: Final = 0.6
COLUMNS: Final[Mapping[str, float]] = {"value": 0.28, "rest": 0.52, "peer": 0.76, "n": 0.99}
"""Right edges of the printed columns, as shares of the space beside the plot."""
EDGE: Final = 1.07
"""Where a mark stands that lies beyond the worst or the best: only figures left out of those can."""
UNTESTED: Final = "not_applicable"
"""The verdict of a figure that chance does not bear on: a dash marks it."""
SYMBOLS: Final = {"▲": "triangle-up", "▼": "triangle-down", "●": "circle", "○": "circle", "—": "line-ew"}
BAR: Final = {"light": ("#A9ADB0", "#D9DBDB"), "dark": ("#59626B", "#8A939B")}
"""Worst to best, and the lighter middle half, on each ground."""


class Spine(NamedTuple):
    """Where everything of one row stands: 0 is the others' rate, 1 the farther of best and worst, right is better.

    NaN for what is not there.
    """

    worst: float
    best: float
    quartile_low: float
    quartile_high: float
    value: float
    peer: float


def spine_of(row: Record) -> Spine:
    """The positions of a row: x = (figure − centre) / m, turned round where low is good.

    ``row``: value, rest_value (the centre), worst, best, quartile_low, quartile_high, peer_value in units of the
    indicator, and lower (whether low is good). m is the larger distance of best and worst from the centre; without
    two townships to span a range, or without a centre, everything is NaN. Where all are equal everything is 0.
    """
    centre, ends = row["rest_value"], (row["worst"], row["best"])
    if is_missing(centre) or any(is_missing(end) for end in ends):
        return Spine(*[math.nan] * 6)
    reach = max(max(end - centre, centre - end) for end in ends)
    sign = -1.0 if row["lower"] else 1.0

    def at(figure_: float) -> float:
        if is_missing(figure_):
            return math.nan
        place = sign * (figure_ - centre) / reach if reach else 0.0
        return min(max(place, -EDGE), EDGE)

    quartiles = sorted(at(row[name]) for name in ("quartile_low", "quartile_high"))
    return Spine(at(ends[0]), at(ends[1]), quartiles[0], quartiles[1], at(row["value"]), at(row["peer_value"]))


def spine_chart(rows: pd.DataFrame, *, words: Words, verdict_names: Mapping[str, str], tone: Tone) -> go.Figure:
    """Rows from the top in the order given, a heading over each domain.

    ``rows``: indicator, domain (the heading's words), name, verdict, state, lower, the figures of :func:`spine_of`,
    and what is printed: value_text, rest_text, peer_text, n_text, hover. ``words``: column_value, column_rest,
    column_peer, column_n, key_range, key_half, key_peer, key_centre, worse_side, better_side. ``verdict_names`` gives
    the words of the marks in the key. The first part of a mark's customdata is the indicator's code.
    """
    shown = records(rows)
    heights, headings, total = _heights(shown)
    spines = [spine_of(row) for row in shown]
    middle = go.Scatter(x=[0, 0], y=[-0.5, total - 0.5], mode="lines", line={"color": tone.ink, "width": 1.4},
                        hoverinfo="skip")  # fmt: skip
    wide, light = BAR[tone.name]
    return figure(
        [
            _bars([(one.worst, one.best) for one in spines], heights, colour=wide, width=11),
            _bars([(one.quartile_low, one.quartile_high) for one in spines], heights, colour=light, width=11),
            middle,
            _diamonds(shown, spines, heights, tone=tone),
            _dots(shown, spines, heights, tone=tone),
            *_columns(shown, heights, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(total, 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=value_axis(tone=tone, domain=[0, PLOT_END], range=[-1.12, 1.12], showgrid=False, showticklabels=False),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=value_axis(
            tone=tone, showgrid=False, range=[total - 0.4, -0.6], tickmode="array",
            tickvals=[*heights, *(at for at, _ in headings)],
            ticktext=[*(f"{row['name']}&nbsp;&nbsp;" for row in shown),
                      *(f"<b>{name}</b>&nbsp;&nbsp;" for _, name in headings)],
            tickfont={"size": 12.5, "color": tone.ink}, automargin=True,
        ),
        hovermode="closest",
        shapes=[_rule(at, tone=tone) for at, _ in headings],
        annotations=_notes(words=words, verdict_names=verdict_names, verdicts={row["verdict"] for row in shown},
                           tone=tone),
    )  # fmt: skip


def _heights(shown: Sequence[Record]) -> tuple[list[float], list[tuple[float, str]], int]:
    """The height of each row, of each heading, and how many lines there are."""
    heights: list[float] = []
    headings: list[tuple[float, str]] = []
    line = 0
    domain: str | None = None
    for row in shown:
        if row["domain"] != domain:
            domain = row["domain"]
            headings.append((float(line), str(domain)))
            line += 1
        heights.append(float(line))
        line += 1
    return heights, headings, line


def _bars(ends: Sequence[tuple[float, float]], heights: Sequence[float], *, colour: str, width: int) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for (start, end), at in zip(ends, heights, strict=True):
        if not math.isnan(start) and not math.isnan(end):
            xs += [start, end, None]
            ys += [at, at, None]
    return go.Scatter(x=xs, y=ys, mode="lines", line={"color": colour, "width": width}, hoverinfo="skip")


def _diamonds(shown: Sequence[Record], spines: Sequence[Spine], heights: Sequence[float], *, tone: Tone) -> go.Scatter:
    known = [(row, one.peer, at) for row, one, at in zip(shown, spines, heights, strict=True)
             if not math.isnan(one.peer)]  # fmt: skip
    return go.Scatter(
        x=[x for _, x, _ in known],
        y=[at for _, _, at in known],
        mode="markers",
        marker={"symbol": "diamond-open", "size": 13, "color": tone.ink, "line": {"width": 1.6, "color": tone.ink}},
        hovertext=[row["hover"] for row, _, _ in known],
        hoverinfo="text",
        customdata=[row["indicator"] for row, _, _ in known],
    )


def _dots(shown: Sequence[Record], spines: Sequence[Spine], heights: Sequence[float], *, tone: Tone) -> go.Scatter:
    known = [(row, one.value, at) for row, one, at in zip(shown, spines, heights, strict=True)
             if not math.isnan(one.value)]  # fmt: skip
    widths = [3.0 if row["verdict"] == UNTESTED else 1.2 for row, _, _ in known]
    fills, edges, symbols = [], [], []
    for row, _, _ in known:
        verdict = str(row["verdict"])
        fill = palette.VERDICT_COLOURS[verdict]
        symbols.append(SYMBOLS.get(palette.MARKS[verdict], "circle"))
        fills.append(tone.ground if verdict == "too_few" else tone.ink if verdict == UNTESTED else fill)
        edges.append(tone.ink)
    return go.Scatter(
        x=[x for _, x, _ in known],
        y=[at for _, _, at in known],
        mode="markers",
        marker={"size": 14, "symbol": symbols, "color": fills, "line": {"width": widths, "color": edges}},
        hovertext=[row["hover"] for row, _, _ in known],
        hoverinfo="text",
        customdata=[row["indicator"] for row, _, _ in known],
        cliponaxis=False,
    )


def _columns(shown: Sequence[Record], heights: Sequence[float], *, tone: Tone) -> list[go.Scatter]:
    texts = {
        "value": [f"<b>{row['value_text']}</b>" for row in shown],
        "rest": [row["rest_text"] for row in shown],
        "peer": [row["peer_text"] for row in shown],
        "n": [row["n_text"] for row in shown],
    }
    return [
        go.Scatter(
            x=[COLUMNS[column]] * len(shown), y=list(heights), xaxis="x2", mode="text", text=text,
            textposition="middle left", hoverinfo="skip", cliponaxis=False,
            textfont={"size": 12.5, "color": tone.ink if column == "value" else tone.soft},
        )
        for column, text in texts.items()
    ]  # fmt: skip


def _rule(at: float, *, tone: Tone) -> dict[str, Any]:
    """A faint line under the heading of a domain, over the whole width."""
    return {"type": "line", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": at + 0.45,
            "y1": at + 0.45, "line": {"color": tone.faint, "width": 1}}  # fmt: skip


def _notes(*, words: Words, verdict_names: Mapping[str, str], verdicts: set[str], tone: Tone) -> list[dict[str, Any]]:
    wide, light = BAR[tone.name]
    marks = [
        (
            palette.MARKS[verdict],
            tone.soft if verdict in ("too_few", UNTESTED) else palette.VERDICT_COLOURS[verdict],
            name,
        )
        for verdict, name in verdict_names.items()
        if verdict in verdicts and palette.MARKS[verdict]
    ]
    shapes = [("◇", tone.ink, words["key_peer"]), ("▬", wide, words["key_range"]), ("▬", light, words["key_half"]),
              ("│", tone.ink, words["key_centre"])]  # fmt: skip
    legends = [
        note(key_line(parts, gap="&nbsp;&nbsp;&nbsp;"), tone=tone, x=-1.12, xref="x", y=1, xanchor="left",
             yanchor="bottom", yshift=shift)
        for parts, shift in ((marks, 54), (shapes, 32))
    ]  # fmt: skip
    sides = [
        note(words[name], tone=tone, x=x, xref="x", y=1, yanchor="bottom", xanchor=anchor, yshift=6)
        for name, x, anchor in (("worse_side", -1.08, "left"), ("better_side", 1.08, "right"))
    ]
    heads = [
        note(words[f"column_{column}"], tone=tone, x=x, xref="x2", y=1, xanchor="right", yanchor="bottom", yshift=6)
        for column, x in COLUMNS.items()
    ]
    return [*legends, *sides, *heads]
