"""Months from left to right: a gap with its interval, or the rates of one or two groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ui.charts.canvas import Record, Words, figure, note, percent_ticks, records, share_range, text_width, value_axis
from ui.charts.dumbbells import behind_of, gap_words
from ui.charts.month_lines import Campaign, campaign_marks, dots, end_names, level_rule, lines_through
from ui.charts.months import month_axis, provisional_marks
from ui.charts.numbers import is_missing, percent, percent_interval, whole
from ui.charts.tone import Tone

HEIGHT = 320


@dataclass(frozen=True)
class TimeLine:
    """One line of :func:`rate_over_time`.

    ``rows``: columns month (YYYYMM, ascending), x, n, value, low, high (shares), state. ``role`` gives its colour and
    dash: "place" (ink), "rest" (soft and dashed), "a" or "b" (the colours of the two groups).
    """

    name: str
    rows: pd.DataFrame
    role: str = "place"


def gap_over_time(
    rows: pd.DataFrame,
    *,
    months: Mapping[int, str],
    groups: tuple[str, str],
    words: Words,
    tone: Tone,
    provisional_from: int | None = None,
    campaigns: Sequence[Campaign] = (),
) -> go.Figure:
    """The gap a − b month by month, in percentage points, with the interval as a band and zero as the rule to read by.

    ``rows``: column month (YYYYMM) and the gap columns of :func:`ui.charts.dumbbells.dumbbell`; months without a gap
    break the line. ``months``: every month of the axis to its label, ascending; it decides what the axis shows.
    Dots take the colour of the group that is behind, grey where the interval covers zero.
    """
    shown = list(months)
    ordered = rows[rows["month"].isin(shown)].sort_values("month")
    known = [row for row in records(ordered) if not is_missing(row["difference"])]
    if not known:
        return _nothing(words=words, tone=tone)
    traces = lines_through(
        known,
        values=[row["difference"] * 100 for row in known],
        lows=[row["low"] * 100 for row in known],
        highs=[row["high"] * 100 for row in known],
        judged=[row["ahead"] in ("a", "b", "none") for row in known],
        colour=tone.ink,
    )
    traces.append(_gap_dots(known, months=months, groups=groups, words=words, tone=tone, late=provisional_from))
    shapes, notes = provisional_marks(shown, provisional_from=provisional_from, words=words, tone=tone)
    reach = _points_reach(known)
    shapes.append(level_rule(0, tone=tone, width=1.5))
    side: dict[str, Any] = {"x": 0, "xanchor": "left", "yref": "y", "xshift": 6, "y": 0}
    notes += [
        note(words["higher"].format(group=groups[0]), tone=tone, yanchor="bottom", yshift=2, **side),
        note(words["higher"].format(group=groups[1]), tone=tone, yanchor="top", yshift=-2, **side),
    ]
    starts, start_names = campaign_marks(campaigns, shown=shown, tone=tone)
    return figure(
        traces,
        tone=tone,
        height=HEIGHT,
        margin={"t": 34, "r": 16, "b": 34},
        xaxis=month_axis(shown, labels=months, tone=tone),
        yaxis=value_axis(
            tone=tone,
            range=reach,
            nticks=7,
            automargin=True,
            title={"text": words["points_axis"], "font": {"size": 12, "color": tone.soft}, "standoff": 8},
        ),
        hovermode="closest",
        shapes=[*shapes, *starts],
        annotations=[*notes, *start_names],
    )


def rate_over_time(
    lines: Sequence[TimeLine],
    *,
    months: Mapping[int, str],
    words: Words,
    tone: Tone,
    target: float | None = None,
    provisional_from: int | None = None,
    campaigns: Sequence[Campaign] = (),
) -> go.Figure:
    """Rates month by month with their Wilson intervals: one place, a place against the rest, or two groups.

    A month without data breaks the line; a month with too few cases is a hollow dot apart from it. Names stand at the
    line ends.
    ``target`` (share) is a dashed rule; ``months`` as in :func:`gap_over_time`.
    """
    shown = list(months)
    parts = [(line, _known(line.rows, shown=shown)) for line in lines]
    parts = [(line, known) for line, known in parts if known]
    if not parts:
        return _nothing(words=words, tone=tone)
    start, end, clipped = _rate_range([row for _, known in parts for row in known], target=target)
    traces: list[go.Scatter] = []
    ends: list[tuple[float, str, str]] = []
    for line, known in parts:
        colour, dash = _style(line.role, tone=tone)
        traces += lines_through(
            known,
            values=[row["value"] for row in known],
            lows=[row["low"] for row in known],
            highs=[row["high"] for row in known],
            judged=[row["state"] == "value" for row in known],
            colour=colour,
            dash=dash,
        )
        traces.append(_rate_dots(line, known, months=months, words=words, tone=tone, late=provisional_from))
        last = known[-1]
        ends.append((last["value"], f"{line.name} {percent(last['value'], n=last['n'])}", colour))
    shapes, notes = provisional_marks(shown, provisional_from=provisional_from, words=words, tone=tone)
    if target is not None:
        shapes.append(level_rule(target, tone=tone, width=1.2, dash="dash"))
        text = words["target"].format(target=f"{target * 100:g}%")
        notes.append(note(text, tone=tone, x=0, xanchor="left", xshift=6, yref="y", y=target, yanchor="bottom"))
    starts, start_names = campaign_marks(campaigns, shown=shown, tone=tone)
    said = [words["vertical_axis_starts_at"].format(start=f"{start:.0%}")] if start > 0 else []
    said += [words["clipped"]] if clipped else []
    notes.append(note(" · ".join(said), tone=tone, x=0, y=0, xanchor="left", yanchor="top", yshift=-26))
    return figure(
        traces,
        tone=tone,
        height=HEIGHT,
        margin={"t": 34, "r": 20 + round(max(text_width(text) for _, text, _ in ends)), "b": 50},
        xaxis=month_axis(shown, labels=months, tone=tone),
        yaxis=value_axis(tone=tone, range=[start, end], automargin=True, **percent_ticks(start, end)),
        hovermode="closest",
        shapes=[*shapes, *starts],
        annotations=[*notes, *start_names, *end_names(ends, reach=end - start, tone=tone)],
    )


def _known(rows: pd.DataFrame, *, shown: Sequence[int]) -> list[Record]:
    ordered = rows[rows["month"].isin(shown)].sort_values("month")
    return [row for row in records(ordered) if not is_missing(row["value"])]


def _gap_dots(
    known: list[Record],
    *,
    months: Mapping[int, str],
    groups: tuple[str, str],
    words: Words,
    tone: Tone,
    late: int | None,
) -> go.Scatter:
    colours = [tone.behind(behind_of(row["ahead"])) for row in known]
    judged = [row["ahead"] in ("a", "b", "none") for row in known]
    hovers = []
    for row in known:
        lines = [f"<b>{months[row['month']]}</b>", gap_words(row, groups=groups, words=words)]
        for side, name in zip("ab", groups, strict=True):
            value = percent(row[f"{side}_value"], n=row[f"{side}_n"])
            lines.append(words["hover_group"].format(group=name, value=value, n=whole(row[f"{side}_n"])))
        hovers.append("<br>".join([*lines, *_late_line(row["month"], late=late, words=words)]))
    return dots(
        known, [row["difference"] * 100 for row in known], colours=colours, filled=judged, hovers=hovers, tone=tone
    )


def _rate_dots(
    line: TimeLine,
    known: list[Record],
    *,
    months: Mapping[int, str],
    words: Words,
    tone: Tone,
    late: int | None,
) -> go.Scatter:
    colour, _ = _style(line.role, tone=tone)
    hovers = []
    for row in known:
        interval = percent_interval(row["low"], row["high"], n=row["n"])
        value = words["hover_value"].format(
            value=percent(row["value"], n=row["n"]), interval=interval, x=whole(row["x"]), n=whole(row["n"])
        )
        lines = [f"<b>{line.name}</b> · {months[row['month']]}", value]
        lines += [words["state_too_few"]] if row["state"] == "too_few" else []
        hovers.append("<br>".join([*lines, *_late_line(row["month"], late=late, words=words)]))
    filled = [row["state"] == "value" for row in known]
    values = [row["value"] for row in known]
    return dots(known, values, colours=[colour] * len(known), filled=filled, hovers=hovers, tone=tone)


def _late_line(month: int, *, late: int | None, words: Words) -> list[str]:
    return [words["provisional_hover"]] if late is not None and month >= late else []


def _style(role: str, *, tone: Tone) -> tuple[str, str]:
    """Colour and dash of a line. The rest is a comparison, so it stays in the background."""
    return {"a": (tone.group_a, "solid"), "b": (tone.group_b, "solid"), "rest": (tone.soft, "dot")}.get(
        role, (tone.ink, "solid")
    )


def _points_reach(known: list[Record]) -> list[float]:
    """A range in points that holds zero, every gap, and the intervals of the months that can be judged."""
    values = [row["difference"] * 100 for row in known] + [0.0]
    judged = [row for row in known if row["ahead"] in ("a", "b", "none")]
    low = min(values + [row["low"] * 100 for row in judged])
    high = max(values + [row["high"] * 100 for row in judged])
    room = max((high - low) * 0.08, 0.4)
    return [round(low - room, 2), round(high + room, 2)]


def _rate_range(known: list[Record], *, target: float | None) -> tuple[float, float, bool]:
    """Axis range that holds every rate and the intervals of judged months; and whether another interval leaves it."""
    judged = [row for row in known if row["state"] == "value"]
    ends = [end for row in judged for end in (row["low"], row["high"])]
    start, end = share_range(
        [*ends, *(row["value"] for row in known), *([] if target is None else [target])], room=0.004, step=0.02
    )
    return start, end, min(row["low"] for row in known) < start


def _nothing(*, words: Words, tone: Tone) -> go.Figure:
    blank = {"visible": False, "fixedrange": True}
    text = note(words["nothing_to_draw"], tone=tone, x=0.5, y=0.5, xanchor="center")
    return figure(
        [go.Scatter(x=[], y=[])], tone=tone, height=160, margin={}, xaxis=blank, yaxis=blank, annotations=[text]
    )
