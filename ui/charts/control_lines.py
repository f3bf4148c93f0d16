"""A control chart: a rate month by month between the limits of what an unchanged process does by chance."""

import math
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Record, Words, figure, key_line, note, percent_ticks, records, value_axis
from ui.charts.months import month_axis, month_index, provisional_marks, runs
from ui.charts.numbers import is_missing, percent, percent_interval, whole
from ui.charts.tone import Tone

HEIGHT = 340


def control_lines(
    rows: pd.DataFrame,
    *,
    months: Mapping[int, str],
    words: Words,
    shared: Words,
    tone: Tone,
    target: float | None = None,
    provisional_from: int | None = None,
) -> go.Figure:
    """Points with the centre, the limits as a grey band and the target; a point with a sign takes its colour and mark.

    ``rows``: month (YYYYMM), x, n, value, centre, low_limit, high_limit (shares; NaN where there is none), signal
    (None or "none" without a sign) and good (true, false or None). ``months``: every month of the axis to its label.
    ``words``: hover, hover_ordinary, hover_signal, legend_good, legend_bad, legend_ordinary, legend_limits;
    ``shared`` is the section of all figures (provisional, target, axis).
    """
    shown = list(months)
    known = [row for row in records(rows[rows["month"].isin(shown)].sort_values("month"))
             if not is_missing(row["value"])]  # fmt: skip
    ends = [row[name] for row in known for name in ("value", "low_limit", "high_limit") if not is_missing(row[name])]
    ends += [target] if target is not None else []
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = max((high - low) * 0.12, 0.002)
    start, end = max(0.0, low - room), min(1.0 + room / 2, high + room)
    shapes, notes = provisional_marks(shown, provisional_from=provisional_from, words=shared, tone=tone)
    if target is not None:
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": target, "y1": target,
                       "line": {"color": tone.rule, "width": 1.2, "dash": "dash"}})  # fmt: skip
        above = any(row["value"] > target for row in known[-3:])
        notes.append(note(shared["target"].format(target=f"{target * 100:g}%"), tone=tone, x=1, xanchor="right",
                          yref="y", y=target, yanchor="top" if above else "bottom"))  # fmt: skip
    legend = key_line(
        [("▲", _colour(True, tone), words["legend_good"]), ("▼", _colour(False, tone), words["legend_bad"]),
         ("●", tone.unclear, words["legend_ordinary"]), ("▬", tone.rule, words["legend_limits"])]
    )  # fmt: skip
    notes.append(note(legend, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=18))
    if start > 0:
        starts_at = shared["vertical_axis_starts_at"].format(start=percent(start))
        notes.append(note(starts_at, tone=tone, x=0, y=0, xanchor="left", yanchor="top", yshift=-26))
    return figure(
        [*_limits(known, tone=tone), _line(known, tone=tone), _points(known, months=months, words=words, tone=tone)],
        tone=tone,
        height=HEIGHT,
        margin={"t": 48, "r": 16, "b": 48},
        xaxis=month_axis(shown, labels=months, tone=tone),
        yaxis=value_axis(tone=tone, range=[start, end], automargin=True, **percent_ticks(start, end)),
        hovermode="closest",
        shapes=shapes,
        annotations=notes,
    )


def _colour(good: bool | None, tone: Tone) -> str:
    if good is None:
        return tone.ink
    strong, pale = (palette.BETTER, palette.BETTER_TINT) if good else (palette.WORSE, palette.WORSE_TINT)
    return strong if tone.name == "light" else pale


def _has_sign(row: Record) -> bool:
    return row["signal"] not in (None, "none") and not (isinstance(row["signal"], float) and math.isnan(row["signal"]))


def _limits(known: list[Record], *, tone: Tone) -> list[go.Scatter]:
    """The band between the limits and the centre, month by month, broken where months are missing."""
    judged = [row for row in known if not is_missing(row["low_limit"])]
    traces = []
    for stretch in runs([row["month"] for row in judged]):
        part = [judged[at] for at in stretch]
        xs = [at for row in part for at in (month_index(row["month"]) - 0.5, month_index(row["month"]) + 0.5)]
        ups, downs, centre = ([row[name] for row in part for _ in range(2)]
                              for name in ("high_limit", "low_limit", "centre"))  # fmt: skip
        traces.append(
            go.Scatter(
                x=[*xs, *reversed(xs)],
                y=[*ups, *reversed(downs)],
                mode="lines",
                fill="toself",
                fillcolor=tone.band,
                line={"width": 1, "color": tone.faint},
                hoverinfo="skip",
            )
        )
        traces.append(go.Scatter(x=xs, y=centre, mode="lines", line={"color": tone.rule, "width": 1.2},
                                 hoverinfo="skip"))  # fmt: skip
    return traces


def _line(known: list[Record], *, tone: Tone) -> go.Scatter:
    xs: list[int | None] = []
    ys: list[float | None] = []
    for stretch in runs([row["month"] for row in known]):
        xs += [*(month_index(known[at]["month"]) for at in stretch), None]
        ys += [*(known[at]["value"] for at in stretch), None]
    return go.Scatter(x=xs, y=ys, mode="lines", line={"color": tone.soft, "width": 1.6}, hoverinfo="skip")


def _points(known: list[Record], *, months: Mapping[int, str], words: Words, tone: Tone) -> go.Scatter:
    colours, symbols, hovers = [], [], []
    for row in known:
        sign = _has_sign(row)
        good = row["good"] if sign else None
        colours.append(_colour(good, tone) if sign else tone.unclear)
        symbols.append("circle" if good is None else "triangle-up" if good else "triangle-down")
        lines = [
            words["hover"].format(month=months[row["month"]], value=percent(row["value"], n=row["n"]),
                                  x=whole(row["x"]), n=whole(row["n"])),
        ]  # fmt: skip
        if not is_missing(row["low_limit"]):
            between = percent_interval(row["low_limit"], row["high_limit"], n=row["n"])
            lines.append(words["hover_signal" if sign else "hover_ordinary"].format(interval=between))
        hovers.append("<br>".join(lines))
    return go.Scatter(
        x=[month_index(row["month"]) for row in known],
        y=[row["value"] for row in known],
        mode="markers",
        marker={"size": 11, "color": colours, "symbol": symbols, "line": {"width": 1, "color": tone.ground}},
        customdata=[row["month"] for row in known],
        hovertext=hovers,
        hoverinfo="text",
        cliponaxis=False,
    )
