"""A dot with its interval per row: places, or the items of a checklist, against the district."""

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
    note,
    percent_ticks,
    records,
    row_guides,
    share_range,
    transparent,
)
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.numbers import is_missing, percent, percent_interval, whole
from ui.charts.printed_columns import axis_title, column_headings, printed_columns, row_names
from ui.charts.tone import Tone

ROW_HEIGHT = 27
TOP, BOTTOM = 40, 46
PLOT_END = 0.68
COLUMNS = {"value": 0.26, "interval": 0.68, "n": 0.985}
OUTLINED = ("too_few", "similar", "better", "worse", "higher", "lower", "much_lower")
SYMBOLS = {"▲": "triangle-up", "▼": "triangle-down", "●": "circle", "○": "circle"}


def interval_bars(
    rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    words: Words,
    tone: Tone,
    key: str = "place",
    district: float | None = None,
    target: float | None = None,
    verdict_names: Mapping[str, str] | None = None,
) -> go.Figure:
    """Rows from the top in the order given: a dot at the value, a thin line over its interval, numbers beside it.

    ``rows``: columns ``key`` (place, item, ...), x, n, value, low, high (shares), state, and verdict where there is
    one: the dot then takes the verdict's colour and mark, else the ink. ``names``: key to the name shown.
    ``district`` and ``target`` (shares) are upright rules. ``verdict_names``: verdict to its words, for the hover.
    """
    shown = records(rows)
    height = [float(position) for position in range(len(shown))]
    known = [(at, row) for at, row in zip(height, shown, strict=True) if not is_missing(row["value"])]
    references = [share for share in (district, target) if share is not None]
    start, end = share_range([*_reach([row for _, row in known]), *references], room=0.006)
    clipped = any(row["low"] < start for _, row in known)
    said = [axis_note(start, words), words["clipped"] if clipped else ""]
    shapes, notes = _references(district=district, target=target, words=words, tone=tone)
    return figure(
        [
            row_guides(height, start=start, end=end, tone=tone),
            _intervals(known, start=start, tone=tone),
            _dots(known, key=key, names=names, words=words, tone=tone, verdict_names=verdict_names or {}),
            *_columns(shown, height=height, words=words, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(shown), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=axis_of_values(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            title=axis_title(" · ".join(part for part in said if part), tone=tone),
            **percent_ticks(start, end),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=row_names([names[row[key]] for row in shown], height=height, tone=tone),
        hovermode="closest",
        shapes=shapes,
        annotations=[*notes, *column_headings(COLUMNS, words=words, tone=tone)],
    )


def _reach(known: list[Record]) -> list[float]:
    """All values, and the intervals of rows large enough to judge: a tiny row must not stretch the axis for all."""
    judged = [row for row in known if row["state"] == "value"]
    return [*(row["value"] for row in known), *(end for row in judged for end in (row["low"], row["high"]))]


def _intervals(known: list[tuple[float, Record]], *, start: float, tone: Tone) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, row in known:
        xs += [max(row["low"], start), row["high"], None]
        ys += [at, at, None]
    line = {"color": transparent(tone.ink, 0.45), "width": 2}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _dots(
    known: list[tuple[float, Record]],
    *,
    key: str,
    names: Mapping[str, str],
    words: Words,
    tone: Tone,
    verdict_names: Mapping[str, str],
) -> go.Scatter:
    fills, edges, symbols = [], [], []
    for _, row in known:
        verdict = row.get("verdict") or ("too_few" if row["state"] == "too_few" else None)
        symbols.append(SYMBOLS.get(palette.MARKS[verdict], "circle") if verdict else "circle")
        fill = tone.ink if verdict is None else palette.VERDICT_COLOURS[verdict]
        fills.append(tone.ground if verdict == "too_few" else fill)
        edges.append(tone.soft if verdict in OUTLINED else fill)
    return go.Scatter(
        x=[row["value"] for _, row in known],
        y=[at for at, _ in known],
        mode="markers",
        marker={"size": 13, "symbol": symbols, "color": fills, "line": {"width": 1.2, "color": edges}},
        customdata=[row[key] for _, row in known],
        hovertext=[_hover(row, key=key, names=names, words=words, verdict_names=verdict_names) for _, row in known],
        hoverinfo="text",
        cliponaxis=False,
    )


def _hover(row: Record, *, key: str, names: Mapping[str, str], words: Words, verdict_names: Mapping[str, str]) -> str:
    interval = percent_interval(row["low"], row["high"], n=row["n"])
    lines = [
        f"<b>{names[row[key]]}</b>",
        words["hover_value"].format(
            value=percent(row["value"], n=row["n"]), interval=interval, x=whole(row["x"]), n=whole(row["n"])
        ),
    ]
    verdict = row.get("verdict")
    if verdict is not None and verdict in verdict_names:
        lines.append(f"{palette.MARKS[verdict]} {verdict_names[verdict]}".strip())
    elif row["state"] == "too_few":
        lines.append(words["state_too_few"])
    return "<br>".join(lines)


def _columns(rows: list[Record], *, height: list[float], words: Words, tone: Tone) -> list[go.Scatter]:
    values, intervals, counts = [], [], []
    for row in rows:
        missing = is_missing(row["value"])
        values.append("" if missing else f"<b>{percent(row['value'], n=row['n'])}</b>")
        reason = words[f"state_{row['state']}"]
        intervals.append(reason if missing else percent_interval(row["low"], row["high"], n=row["n"]))
        counts.append("" if missing else whole(row["n"]))
    return printed_columns(
        {"value": values, "interval": intervals, "n": counts}, at=COLUMNS, height=height, strong="value", tone=tone
    )


def _references(
    *, district: float | None, target: float | None, words: Words, tone: Tone
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Upright rules for district and target; their names stand on the outer sides so that they never meet."""
    rules = []
    if district is not None:
        rules.append((district, words["district"].format(value=percent(district)), "solid"))
    if target is not None:
        rules.append((target, words["target"].format(target=f"{target * 100:g}%"), "dash"))
    rules.sort(key=lambda rule: rule[0])
    shapes, notes = [], []
    for order, (at, text, dash) in enumerate(rules):
        shapes.append(
            {
                "type": "line",
                "layer": "below",
                "xref": "x",
                "x0": at,
                "x1": at,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": tone.rule, "width": 1.3, "dash": dash},
            }
        )
        side = {"xanchor": "right", "xshift": -2} if order == 0 and len(rules) > 1 else {"xanchor": "left", "xshift": 2}
        notes.append(note(text, tone=tone, x=at, xref="x", y=1, yanchor="bottom", yshift=4, **side))
    return shapes, notes
