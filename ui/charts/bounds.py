"""What a survey leaves open: per row the rate of those who answered, and where that of all who were asked may lie."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import (
    Record,
    Words,
    axis_note,
    figure,
    hidden_axis,
    key_line,
    note,
    percent_ticks,
    records,
    row_guides,
    share_range,
    transparent,
    value_axis,
)
from ui.charts.numbers import is_missing, percent, percent_interval, whole
from ui.charts.printed_columns import axis_title, column_headings, printed_columns, row_names
from ui.charts.tone import Tone

ROW_HEIGHT = 30
TOP, BOTTOM = 66, 46
PLOT_END = 0.6
COLUMNS = {"rate": 0.22, "reach": 0.5, "sure": 0.985}
BAND_WIDTH = 13
OUTLINED = ("too_few", "similar", "better", "worse")
SYMBOLS = {"▲": "triangle-up", "▼": "triangle-down"}


def bound_rows(
    rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    words: Words,
    tone: Tone,
    key: str = "group",
    target: float | None = None,
    verdict_names: Mapping[str, str] | None = None,
) -> go.Figure:
    """Rows from the top in the order given: a pale band for what is possible, a dot for those who answered.

    ``rows``: columns ``key``, rate, low, high (of those who answered; shares), sure_low, sure_high (of all who were
    asked, whatever the silent think), middle (a tick), reach, invited, answered, satisfied, state, and verdict where
    there is one: the dot then takes its colour and mark. A row nobody was asked in keeps its place and says so.
    ``names``: key to the name shown. ``target`` (share) is an upright rule. ``verdict_names``: verdict to its words,
    for the hover.
    """
    shown = records(rows)
    height = [float(position) for position in range(len(shown))]
    asked = [(at, row) for at, row in zip(height, shown, strict=True) if not is_missing(row["sure_low"])]
    start, end = share_range(
        [*(row["sure_low"] for _, row in asked), *(row["sure_high"] for _, row in asked),
         *([] if target is None else [target])],
        room=0.01,
    )  # fmt: skip
    shapes, notes = _target(target, words=words, tone=tone)
    return figure(
        [
            row_guides(height, start=start, end=end, tone=tone),
            _bands(asked, tone=tone),
            _intervals(asked, tone=tone),
            _middles(asked, tone=tone),
            _dots(asked, key=key, names=names, words=words, tone=tone, verdict_names=verdict_names or {}),
            *_columns(shown, height=height, words=words, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(shown), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=value_axis(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            title=axis_title(axis_note(start, words), tone=tone),
            **percent_ticks(start, end),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=row_names([names[row[key]] for row in shown], height=height, tone=tone),
        hovermode="closest",
        shapes=shapes,
        annotations=[*notes, *column_headings(COLUMNS, words=words, tone=tone), _key(words=words, tone=tone)],
    )


def _bands(asked: list[tuple[float, Record]], *, tone: Tone) -> go.Scatter:
    """The share of all who were asked may lie anywhere on the band."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, row in asked:
        xs += [row["sure_low"], row["sure_high"], None]
        ys += [at, at, None]
    line = {"color": transparent(tone.ink, 0.2), "width": BAND_WIDTH}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _intervals(asked: list[tuple[float, Record]], *, tone: Tone) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, row in asked:
        if is_missing(row["low"]):
            continue
        xs += [row["low"], row["high"], None]
        ys += [at, at, None]
    line = {"color": tone.ink, "width": 2}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _middles(asked: list[tuple[float, Record]], *, tone: Tone) -> go.Scatter:
    known = [(at, row) for at, row in asked if not is_missing(row["middle"])]
    return go.Scatter(
        x=[row["middle"] for _, row in known],
        y=[at for at, _ in known],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 12, "color": tone.ink, "line": {"width": 2, "color": tone.ink}},
        hoverinfo="skip",
    )


def _dots(
    asked: list[tuple[float, Record]],
    *,
    key: str,
    names: Mapping[str, str],
    words: Words,
    tone: Tone,
    verdict_names: Mapping[str, str],
) -> go.Scatter:
    answered = [(at, row) for at, row in asked if not is_missing(row["rate"])]
    fills, edges, symbols = [], [], []
    for _, row in answered:
        verdict = str(row.get("verdict") or ("too_few" if row["state"] == "too_few" else ""))
        symbols.append(SYMBOLS.get(palette.MARKS.get(verdict, ""), "circle"))
        fill = tone.ink if verdict == "not_applicable" else palette.VERDICT_COLOURS.get(verdict, tone.ink)
        fills.append(tone.ground if verdict == "too_few" else fill)
        edges.append(tone.soft if verdict in OUTLINED else fill)
    return go.Scatter(
        x=[row["rate"] for _, row in answered],
        y=[at for at, _ in answered],
        mode="markers",
        marker={"size": 12, "symbol": symbols, "color": fills, "line": {"width": 1.2, "color": edges}},
        customdata=[row[key] for _, row in answered],
        hovertext=[
            _hover(row, key=key, names=names, words=words, verdict_names=verdict_names) for _, row in answered
        ],
        hoverinfo="text",
        cliponaxis=False,
    )  # fmt: skip


def _hover(row: Record, *, key: str, names: Mapping[str, str], words: Words, verdict_names: Mapping[str, str]) -> str:
    n, asked = row["answered"], row["invited"]
    lines = [
        f"<b>{names[row[key]]}</b>",
        words["hover_value"].format(
            value=percent(row["rate"], n=n), interval=percent_interval(row["low"], row["high"], n=n),
            x=whole(row["satisfied"]), n=whole(n),
        ),
        words["hover_reach"].format(value=percent(row["reach"], n=asked), x=whole(n), n=whole(asked)),
        words["hover_sure"].format(
            interval=percent_interval(row["sure_low"], row["sure_high"], n=asked),
            middle=percent(row["middle"], n=asked),
        ),
    ]  # fmt: skip
    verdict = row.get("verdict")
    if verdict is not None and verdict in verdict_names:
        lines.append(f"{palette.MARKS[verdict]} {verdict_names[verdict]}".strip())
    elif row["state"] == "too_few":
        lines.append(words["state_too_few"])
    return "<br>".join(lines)


def _columns(rows: list[Record], *, height: list[float], words: Words, tone: Tone) -> list[go.Scatter]:
    rates, reaches, sure = [], [], []
    for row in rows:
        silent = is_missing(row["rate"])
        rates.append("" if silent else f"<b>{percent(row['rate'], n=row['answered'])}</b>")
        reaches.append("" if is_missing(row["reach"]) else percent(row["reach"], n=row["invited"]))
        known = not is_missing(row["sure_low"])
        bounds = percent_interval(row["sure_low"], row["sure_high"], n=row["invited"]) if known else ""
        sure.append(bounds or words["state_no_data"])
    return printed_columns(
        {"rate": rates, "reach": reaches, "sure": sure}, at=COLUMNS, height=height, strong="rate", tone=tone
    )


def _key(*, words: Words, tone: Tone) -> dict[str, Any]:
    """What dot, band and tick mean, in one line above the plot."""
    parts = [
        ("●", tone.ink, words["key_rate"]),
        ("▬", transparent(tone.ink, 0.35), words["key_sure"]),
        ("│", tone.ink, words["key_middle"]),
    ]
    return note(key_line(parts), tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=34)


def _target(target: float | None, *, words: Words, tone: Tone) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if target is None:
        return [], []
    line = {
        "type": "line",
        "xref": "x",
        "x0": target,
        "x1": target,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": tone.rule, "width": 1.4, "dash": "dash"},
    }
    words_at = note(
        words["target"].format(target=f"{target * 100:g}%"),
        tone=tone, x=target, xref="x", y=1, xanchor="right", yanchor="bottom", xshift=2, yshift=4,
    )  # fmt: skip
    return [line], [words_at]
