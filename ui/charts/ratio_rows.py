"""A figure that is no share - issues per 1,000 residents - as a dot with its interval, one row a place."""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Words, figure, hidden_axis, note, records, row_guides, transparent
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.interval_rows import BOTTOM, COLUMNS, PLOT_END, ROW_HEIGHT, SYMBOLS, TOP
from ui.charts.numbers import MISSING, is_missing, whole
from ui.charts.printed_columns import axis_title, printed_columns, row_names
from ui.charts.tone import Tone

ROOM: Final = 0.04


def ratio_bars(
    rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    hovers: Mapping[str, str],
    words: Words,
    tone: Tone,
    all_together: float | None = None,
) -> go.Figure:
    """Rows from the top in the order given, as tall as those of :func:`ui.charts.interval_rows.interval_bars`.

    ``rows``: columns place, n, value, low, high (in the indicator's unit), state and verdict. ``hovers``: place to
    what hovering says; ``all_together``: the figure of all places, an upright rule; ``words["unit_axis"]``: the unit.
    """
    shown = records(rows)
    height = [float(position) for position in range(len(shown))]
    known = [(at, row) for at, row in zip(height, shown, strict=True) if not is_missing(row["value"])]
    ends = [row[name] for _, row in known for name in ("low", "value", "high") if not is_missing(row[name])]
    ends += [all_together] if all_together is not None else []
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    pad = (high - low) * ROOM or 1.0
    start, end = max(0.0, low - pad), high + pad
    starts = words["axis_starts_at"].format(start=f"{start:.1f}") if start > 0 else ""
    return figure(
        [
            row_guides(height, start=start, end=end, tone=tone),
            _intervals(known, tone=tone),
            _dots(known, hovers=hovers, tone=tone),
            *_columns(shown, height=height, words=words, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(shown), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=axis_of_values(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            nticks=7,
            title=axis_title(" · ".join(part for part in (words["unit_axis"], starts) if part), tone=tone),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=row_names([names[row["place"]] for row in shown], height=height, tone=tone),
        hovermode="closest",
        shapes=_rule(all_together, tone=tone),
        annotations=_notes(all_together, words=words, tone=tone),
    )


def _intervals(known: list[tuple[float, Any]], *, tone: Tone) -> go.Scatter:
    ranged = [(at, row) for at, row in known if not is_missing(row["low"])]
    xs = [x for _, row in ranged for x in (row["low"], row["high"], None)]
    ys = [y for at, _ in ranged for y in (at, at, None)]
    line = {"color": transparent(tone.ink, 0.45), "width": 2}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _dots(known: list[tuple[float, Any]], *, hovers: Mapping[str, str], tone: Tone) -> go.Scatter:
    verdicts = [str(row["verdict"]) for _, row in known]
    return go.Scatter(
        x=[row["value"] for _, row in known],
        y=[at for at, _ in known],
        mode="markers",
        marker={
            "size": 13,
            "symbol": [SYMBOLS.get(palette.MARKS[verdict], "circle") for verdict in verdicts],
            "color": [tone.ground if one == "too_few" else palette.VERDICT_COLOURS[one] for one in verdicts],
            "line": {"width": 1.2, "color": tone.soft},
        },
        customdata=[row["place"] for _, row in known],
        hovertext=[hovers[row["place"]] for _, row in known],
        hoverinfo="text",
        cliponaxis=False,
    )


def _columns(rows: list[Any], *, height: list[float], words: Words, tone: Tone) -> list[go.Scatter]:
    printed: dict[str, list[str]] = {"value": [], "interval": [], "n": []}
    for row in rows:
        missing = is_missing(row["value"])
        printed["value"].append("" if missing else f"<b>{row['value']:,.1f}</b>")
        printed["interval"].append(words[f"state_{row['state']}"] if missing else _interval(row["low"], row["high"]))
        printed["n"].append("" if missing else whole(row["n"]))
    return printed_columns(printed, at=COLUMNS, height=height, strong="value", tone=tone)


def _interval(low: float, high: float) -> str:
    """Rounded outward to one decimal."""
    if is_missing(low) or is_missing(high):
        return MISSING
    return f"{math.floor(round(low * 10, 6)) / 10:,.1f}–{math.ceil(round(high * 10, 6)) / 10:,.1f}"


def _rule(at: float | None, *, tone: Tone) -> list[dict[str, Any]]:
    if at is None:
        return []
    line = {"color": tone.rule, "width": 1.3}
    return [{"type": "line", "layer": "below", "xref": "x", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1,
             "line": line}]  # fmt: skip


def _notes(at: float | None, *, words: Words, tone: Tone) -> list[dict[str, Any]]:
    above: dict[str, Any] = {"y": 1, "yanchor": "bottom", "yshift": 4}
    heads = [
        note(words[f"column_{column}"], tone=tone, x=x, xref="x2", xanchor="right", **above)
        for column, x in COLUMNS.items()
    ]
    if at is None:
        return heads
    named = words["all_together"].format(value=f"{at:,.1f}")
    return [note(named, tone=tone, x=at, xref="x", xanchor="left", xshift=2, **above), *heads]
