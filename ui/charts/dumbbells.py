"""The dumbbell: two groups of every place on one axis, the gap between them as the bar."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ui.charts.canvas import (
    Record,
    Words,
    axis_note,
    coloured,
    figure,
    hidden_axis,
    key_line,
    note,
    percent_ticks,
    records,
    row_guides,
    share_range,
)
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.numbers import is_missing, percent, point_ends, points, whole
from ui.charts.tone import Tone

ROW_HEIGHT = 27
TOP, BOTTOM = 62, 46
MARK_A, MARK_B = "●", "■"
PLOT_END = 0.635
COLUMNS = {"difference": 0.16, "interval": 0.52, "a_n": 0.76, "b_n": 0.985}
"""Right edges of the printed columns, as shares of the space beside the plot."""


def dumbbell(
    gap_rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    groups: tuple[str, str],
    words: Words,
    tone: Tone,
    district: str | None = None,
) -> go.Figure:
    """Two groups per place: A a circle, B a square, the bar between them in the colour of the group that is behind.

    ``gap_rows``: one row a place, drawn from the top in the order given; columns place, a_n, a_value, b_n, b_value
    (shares 0..1, NaN where the group is missing or hidden), difference, low, high (a − b, as shares), ahead
    ("a", "b", "none" where the interval covers zero, None where not to be judged) and state.
    ``names``: place code to the name shown; ``groups``: names of A and B; ``district``: the row that goes on top, set
    off from the rest. Groups too small to judge are drawn hollow, and a missing group is said in words.
    """
    rows = _district_first(gap_rows, district=district)
    count = len(rows)
    start, end = share_range([*rows["a_value"].astype(float), *rows["b_value"].astype(float)])
    height = [float(position) for position in range(count)]
    traces = [
        row_guides(height, start=start, end=end, tone=tone),
        *_bars(rows, tone=tone, district=district),
        _marks(rows, side="b", height=height, names=names, groups=groups, words=words, tone=tone),
        _marks(rows, side="a", height=height, names=names, groups=groups, words=words, tone=tone),
        *_columns(rows, height=height, words=words, tone=tone),
    ]
    labels = [names[code] for code in rows["place"]]
    if district is not None and count:
        labels[0] = f"<b>{labels[0]}</b>"
    return figure(
        traces,
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(count, 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=axis_of_values(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            title={"text": axis_note(start, words), "font": {"size": 12, "color": tone.soft}, "standoff": 10},
            **percent_ticks(start, end),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=axis_of_values(
            tone=tone,
            showgrid=False,
            range=[count - 0.4, -0.6],
            tickmode="array",
            tickvals=height,
            ticktext=[f"{label}&nbsp;&nbsp;" for label in labels],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        annotations=_headings(groups=groups, words=words, tone=tone),
        shapes=[_district_rule(tone)] if district is not None and count > 1 else [],
    )


def gap_words(row: Record, *, groups: tuple[str, str], words: Words) -> str:
    """One gap said in words: who is behind by how much with the interval, or why it is not judged."""
    a_missing, b_missing = _absent(row["a_n"]), _absent(row["b_n"])
    if a_missing or b_missing:
        missing = [name for name, absent in zip(groups, (a_missing, b_missing), strict=True) if absent]
        return words["no_group"].format(group=words["and"].join(missing))
    if is_missing(row["difference"]):
        return words["state_hidden"] if row["state"] == "hidden" else words["state_too_few"]
    fewest = min(row["a_n"], row["b_n"])
    low, high = point_ends(row["low"], row["high"], n=fewest)
    facts = {"difference": points(row["difference"], n=fewest), "low": low, "high": high}
    if row["ahead"] == "none":
        return words["gap_unclear"].format(**facts)
    if row["ahead"] not in ("a", "b"):
        return words["gap_too_few"].format(**facts)
    return words["gap_behind"].format(behind=groups[1] if row["ahead"] == "a" else groups[0], **facts)


def behind_of(ahead: object) -> str | None:
    """The side that is behind, from the side that is ahead; "none" and None stay."""
    if ahead == "a":
        return "b"
    if ahead == "b":
        return "a"
    return "none" if ahead == "none" else None


def _district_first(gap_rows: pd.DataFrame, *, district: str | None) -> pd.DataFrame:
    if district is None:
        return gap_rows.reset_index(drop=True)
    on_top = gap_rows["place"] == district
    return pd.concat([gap_rows[on_top], gap_rows[~on_top]], ignore_index=True)


def _absent(n: float | None) -> bool:
    return n is None or is_missing(n) or n == 0


def _judged(row: Record) -> bool:
    return row["ahead"] in ("a", "b", "none")


def _bars(rows: pd.DataFrame, *, tone: Tone, district: str | None) -> list[go.Scatter]:
    """One trace per colour and weight: the segments are parted by None."""
    segments: dict[tuple[str, int], tuple[list[float | None], list[float | None]]] = {}
    for position, row in enumerate(records(rows)):
        if is_missing(row["a_value"]) or is_missing(row["b_value"]):
            continue
        thick = 7 if row["place"] == district else 5
        xs, ys = segments.setdefault((tone.behind(behind_of(row["ahead"])), thick), ([], []))
        xs += [row["a_value"], row["b_value"], None]
        ys += [position, position, None]
    return [
        go.Scatter(x=xs, y=ys, mode="lines", line={"color": colour, "width": thick}, opacity=0.55, hoverinfo="skip")
        for (colour, thick), (xs, ys) in segments.items()
    ]


def _marks(
    rows: pd.DataFrame,
    *,
    side: str,
    height: list[float],
    names: Mapping[str, str],
    groups: tuple[str, str],
    words: Words,
    tone: Tone,
) -> go.Scatter:
    colour, shape, size = (tone.group_a, "circle", 12) if side == "a" else (tone.group_b, "square", 11)
    known = [(at, row) for at, row in zip(height, records(rows), strict=True) if not is_missing(row[f"{side}_value"])]
    filled = [_judged(row) or _absent(row["a_n"]) or _absent(row["b_n"]) for _, row in known]
    return go.Scatter(
        x=[row[f"{side}_value"] for _, row in known],
        y=[at for at, _ in known],
        mode="markers",
        marker={
            "symbol": shape,
            "size": size,
            "color": [colour if full else tone.ground for full in filled],
            "line": {
                "width": [1 if full else 2 for full in filled],
                "color": [tone.ground if full else colour for full in filled],
            },
        },
        customdata=[row["place"] for _, row in known],
        hovertext=[_hover(row, names=names, groups=groups, words=words) for _, row in known],
        hoverinfo="text",
    )


def _hover(row: Record, *, names: Mapping[str, str], groups: tuple[str, str], words: Words) -> str:
    lines = [f"<b>{names[row['place']]}</b>"]
    for side, name in zip("ab", groups, strict=True):
        if not _absent(row[f"{side}_n"]):
            lines.append(
                words["hover_group"].format(
                    group=name, value=percent(row[f"{side}_value"], n=row[f"{side}_n"]), n=whole(row[f"{side}_n"])
                )
            )
    lines.append(gap_words(row, groups=groups, words=words))
    return "<br>".join(lines)


def _columns(rows: pd.DataFrame, *, height: list[float], words: Words, tone: Tone) -> list[go.Scatter]:
    """The printed columns beside the plot; where there is no gap to print, the reason stands in their place."""
    texts: dict[str, list[str]] = {column: [] for column in COLUMNS}
    colours: list[str] = []
    reasons: list[tuple[float, str]] = []
    for at, row in zip(height, records(rows), strict=True):
        fewest = math.nan if _absent(row["a_n"]) or _absent(row["b_n"]) else min(row["a_n"], row["b_n"])
        low, high = point_ends(row["low"], row["high"], n=fewest)
        judged = _judged(row)
        if judged:
            texts["difference"].append(f"<b>{points(row['difference'], n=fewest)}</b>")
            texts["interval"].append(words["interval"].format(low=low, high=high))
        else:
            texts["difference"].append("")
            texts["interval"].append("")
            reasons.append((at, _reason(row, words=words, tone=tone)))
        colours.append(tone.behind(behind_of(row["ahead"])) if row["ahead"] in ("a", "b") else tone.soft)
        for side in "ab":
            texts[f"{side}_n"].append("" if _absent(row[f"{side}_n"]) else whole(row[f"{side}_n"]))
    traces = [
        _text_column(x=x, y=height, text=texts[column], colour=colours if column == "difference" else tone.soft)
        for column, x in COLUMNS.items()
    ]
    if reasons:
        traces.append(
            _text_column(
                x=COLUMNS["interval"],
                y=[at for at, _ in reasons],
                text=[reason for _, reason in reasons],
                colour=tone.soft,
            )
        )
    return traces


def _reason(row: Record, *, words: Words, tone: Tone) -> str:
    """Why there is no gap to print, short enough for the column: the marks of the groups that are missing."""
    sides = (("a", MARK_A, tone.group_a), ("b", MARK_B, tone.group_b))
    missing = [coloured(mark, colour) for side, mark, colour in sides if _absent(row[f"{side}_n"])]
    if missing:
        return f"{' '.join(missing)} {words['state_no_data']}"
    return words["state_hidden"] if row["state"] == "hidden" else words["state_too_few"]


def _text_column(*, x: float, y: list[float], text: list[str], colour: str | list[str]) -> go.Scatter:
    return go.Scatter(
        x=[x] * len(y),
        y=y,
        xaxis="x2",
        mode="text",
        text=text,
        textposition="middle left",
        textfont={"size": 12.5, "color": colour},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _headings(*, groups: tuple[str, str], words: Words, tone: Tone) -> list[dict[str, Any]]:
    legend = key_line(
        [
            (MARK_A, tone.group_a, groups[0]),
            (MARK_B, tone.group_b, groups[1]),
            (f"━{coloured('━', tone.group_b)}", tone.group_a, words["bar_colour"]),
            ("━", tone.unclear, words["unclear"]),
            ("○", tone.soft, words["state_too_few"]),
        ]
    )

    def heading(text: str, column: str) -> dict[str, Any]:
        x = COLUMNS[column]
        return note(text, tone=tone, x=x, xref="x2", xanchor="right", y=1, yanchor="bottom", yshift=4)

    return [
        note(legend, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=32),
        heading(
            words["column_difference"].format(a=coloured(MARK_A, tone.group_a), b=coloured(MARK_B, tone.group_b)),
            "difference",
        ),
        heading(words["column_interval"], "interval"),
        heading(f"n {coloured(MARK_A, tone.group_a)}", "a_n"),
        heading(f"n {coloured(MARK_B, tone.group_b)}", "b_n"),
    ]


def _district_rule(tone: Tone) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": 0.5,
        "y1": 0.5,
        "line": {"color": tone.rule, "width": 1},
    }
