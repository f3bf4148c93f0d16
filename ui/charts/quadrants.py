"""Level against gap: is a place low, uneven, both or neither."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ui.charts.canvas import (
    Record,
    Words,
    figure,
    key_line,
    note,
    percent_ticks,
    records,
    share_range,
    text_width,
    value_axis,
)
from ui.charts.dumbbells import behind_of, gap_words
from ui.charts.numbers import is_missing, percent, whole
from ui.charts.tone import Tone

HEIGHT = 460
# Names are placed for a plot about this large, in pixels: a little wrong on other screens, never wildly.
ASSUMED_WIDTH, ASSUMED_HEIGHT, LINE = 900.0, 360.0, 16.0


def level_gap_quadrant(
    rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    groups: tuple[str, str],
    words: Words,
    tone: Tone,
    district_level: float,
) -> go.Figure:
    """One dot a place: its level to the right, its gap a − b upward; the district's level and no gap part four fields.

    ``rows``: columns place, level (share), level_n and the gap columns of :func:`ui.charts.dumbbells.dumbbell`.
    Places without a gap or without a level are left out. A dot takes the colour of the group that is behind. Named are
    the places whose gap is clear, then those farthest out, as far as names do not cover each other; hover names all.
    """
    known = rows[rows["difference"].notna() & rows["level"].notna()]
    shown = records(known)
    start, end = share_range([*known["level"].astype(float), district_level], room=0.01, step=0.02)
    gaps = [row["difference"] * 100 for row in shown] or [0.0]
    reach = max(abs(min(gaps)), abs(max(gaps)), 1.0) * 1.18
    places = _label_places(shown, names=names, x_range=(start, end), y_range=(-reach, reach))
    judged = [row["ahead"] in ("a", "b", "none") for row in shown]
    colours = [tone.behind(behind_of(row["ahead"])) for row in shown]
    dots = go.Scatter(
        x=[row["level"] for row in shown],
        y=gaps if shown else [],
        mode="markers+text",
        marker={
            "size": 12,
            "color": [colour if full else tone.ground for colour, full in zip(colours, judged, strict=True)],
            "line": {
                "width": [1 if full else 2 for full in judged],
                "color": [tone.ground if full else colour for colour, full in zip(colours, judged, strict=True)],
            },
        },
        text=[names[row["place"]] if place else "" for row, place in zip(shown, places, strict=True)],
        textposition=[place or "middle right" for place in places],
        textfont={"size": 12.5, "color": tone.ink},
        customdata=[row["place"] for row in shown],
        hovertext=[_hover(row, names=names, groups=groups, words=words) for row in shown],
        hoverinfo="text",
        cliponaxis=False,
    )
    return figure(
        [dots],
        tone=tone,
        height=HEIGHT,
        margin={"t": 36, "r": 16, "b": 52},
        xaxis=value_axis(
            tone=tone,
            range=[start, end],
            title=_title(_level_title(start, words), tone=tone),
            **percent_ticks(start, end),
        ),
        yaxis=value_axis(
            tone=tone,
            range=[-reach, reach],
            nticks=9,
            automargin=True,
            title=_title(words["gap_axis"].format(a=groups[0], b=groups[1]), tone=tone),
        ),
        hovermode="closest",
        shapes=[_rule(tone, x=district_level), _rule(tone, y=0.0)],
        annotations=_notes(groups=groups, words=words, tone=tone, district_level=district_level),
    )


def _level_title(start: float, words: Words) -> str:
    said = words["axis_starts_at"].format(start=f"{start:.0%}") if start > 0 else ""
    return " · ".join(part for part in (words["level_axis"], said) if part)


def _title(text: str, *, tone: Tone) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": tone.soft}, "standoff": 8}


def _rule(tone: Tone, *, x: float | None = None, y: float | None = None) -> dict[str, Any]:
    across = {"xref": "paper", "x0": 0, "x1": 1} if x is None else {"xref": "x", "x0": x, "x1": x}
    upright = {"yref": "paper", "y0": 0, "y1": 1} if y is None else {"yref": "y", "y0": y, "y1": y}
    return {"type": "line", "layer": "below", "line": {"color": tone.rule, "width": 1.2}, **across, **upright}


def _notes(*, groups: tuple[str, str], words: Words, tone: Tone, district_level: float) -> list[dict[str, Any]]:
    facts = {"a": groups[0], "b": groups[1]}
    corners = [
        ("quadrant_low_a", 0, 1, "left", "top"),
        ("quadrant_high_a", 1, 1, "right", "top"),
        ("quadrant_low_b", 0, 0, "left", "bottom"),
        ("quadrant_high_b", 1, 0, "right", "bottom"),
    ]
    inside = [
        note(words[key].format(**facts), tone=tone, x=x, y=y, xanchor=xanchor, yanchor=yanchor, xshift=6 - 12 * x)
        for key, x, y, xanchor, yanchor in corners
    ]
    legend = key_line(
        [
            ("●", tone.group_a, words["behind"].format(group=groups[0])),
            ("●", tone.group_b, words["behind"].format(group=groups[1])),
            ("●", tone.unclear, words["unclear"]),
            ("○", tone.soft, words["state_too_few"]),
        ]
    )
    level = words["district"].format(value=percent(district_level))
    return [
        *inside,
        note(legend, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=12),
        note(level, tone=tone, x=district_level, xref="x", y=0, yanchor="bottom", xanchor="left", xshift=4, yshift=18),
    ]


def _hover(row: Record, *, names: Mapping[str, str], groups: tuple[str, str], words: Words) -> str:
    lines = [
        f"<b>{names[row['place']]}</b>",
        words["hover_level"].format(value=percent(row["level"], n=row["level_n"]), n=whole(row["level_n"])),
        gap_words(row, groups=groups, words=words),
    ]
    for side, name in zip("ab", groups, strict=True):
        if not is_missing(row[f"{side}_value"]):
            value = percent(row[f"{side}_value"], n=row[f"{side}_n"])
            lines.append(words["hover_group"].format(group=name, value=value, n=whole(row[f"{side}_n"])))
    return "<br>".join(lines)


def _label_places(
    rows: Sequence[Record],
    *,
    names: Mapping[str, str],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> list[str | None]:
    """Where each name goes ("middle right", ...), None where it would cover a dot or another name."""
    span_x, span_y = x_range[1] - x_range[0], y_range[1] - y_range[0]
    dots = [
        ((row["level"] - x_range[0]) / span_x * ASSUMED_WIDTH, -row["difference"] * 100 / span_y * ASSUMED_HEIGHT)
        for row in rows
    ]
    half = ASSUMED_HEIGHT / 2
    corners = [(x, y, x + 150, y + 26) for x in (0, ASSUMED_WIDTH - 150) for y in (-half, half - 26)]
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in dots] + corners
    places: list[str | None] = [None] * len(rows)

    def importance(index: int) -> tuple[bool, float]:
        clear = rows[index]["ahead"] in ("a", "b")
        return (not clear, -abs(rows[index]["difference"]))

    for index in sorted(range(len(rows)), key=importance):
        x, y = dots[index]
        width = text_width(names[rows[index]["place"]])
        options = {
            "middle right": (x + 8, y - LINE / 2, x + 8 + width, y + LINE / 2),
            "middle left": (x - 8 - width, y - LINE / 2, x - 8, y + LINE / 2),
            "top center": (x - width / 2, y - 8 - LINE, x + width / 2, y - 8),
            "bottom center": (x - width / 2, y + 8, x + width / 2, y + 8 + LINE),
        }
        others = taken[:index] + taken[index + 1 :]
        for place, box in options.items():
            if box[0] < 0 or box[2] > ASSUMED_WIDTH or any(_overlap(box, other) for other in others):
                continue
            places[index] = place
            taken.append(box)
            break
    return places


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
