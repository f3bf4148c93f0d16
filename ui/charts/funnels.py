"""The funnel: each place at its number of cases and its rate, between the limits that chance allows for its size."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Record, Words, coloured, figure, note, percent_ticks, records, text_width, transparent
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.interval_rows import SYMBOLS
from ui.charts.numbers import percent, whole
from ui.charts.tone import Tone

HEIGHT: Final = 470
ASSUMED_WIDTH: Final = 1150.0
ASSUMED_HEIGHT: Final = HEIGHT - 96.0
LINE: Final = 16.0
PER: Final = 1000
Box = tuple[float, float, float, float]


def funnel_plot(
    rows: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    names: Mapping[str, str],
    hovers: Mapping[str, str],
    words: Words,
    tone: Tone,
    rate: float,
    target: float | None = None,
    misses: bool = False,
    turned: bool = False,
    adjusted: bool = False,
) -> go.Figure:
    """Cases to the right on a logarithmic scale, the rate upward, limits at 95 % and 99.8 % around ``rate``.

    ``rows``: columns place, n, value (share), state and verdict (a word of the palette for where the place lies:
    similar inside the limits, too_few where not tested); rows without a value are left out. Only places outside the
    limits are named, as far as the names do not cover each other; hover names all. ``limits``: the frame
    ``indicators.funnels.Funnel.limits``; with ``adjusted`` the wider limits are drawn and the exact ones are dotted.
    ``misses`` draws what went wrong per 1,000 cases instead of the share; ``turned`` says that these are the cases
    that are not in the share (1 − value), not the share itself. ``rate`` and ``target`` are shares.
    """
    scale = _Scale(misses=misses, turned=turned)
    shown = [row for row in records(rows) if not _absent(row)]
    prefix = "adjusted_" if adjusted else ""
    curves = {name: scale.of(limits[f"{prefix}{name}"]) for name in ("low998", "low95", "high95", "high998")}
    values = [scale.one(row["value"]) for row in shown]
    references = [scale.one(share) for share in (rate, target) if share is not None]
    ends = [float(curve.iloc[0]) for curve in curves.values() if len(curve)]
    y_range = scale.range([*values, *references, *ends])
    cases = [float(row["n"]) for row in shown] or [10.0, 1000.0]
    x_range = (math.log10(min(cases)) - 0.04, math.log10(max(cases)) + 0.06)
    places = _label_places(shown, values, names=names, x_range=x_range, y_range=y_range)
    lines = [_curves(limits["n"], curves, tone=tone)]
    if adjusted:
        exact = {name: scale.of(limits[name]) for name in ("low998", "high998")}
        lines.append([_line(limits["n"], curve, tone=tone, dash="dot", width=1.0) for curve in exact.values()])
    return figure(
        [
            *(trace for traces in lines for trace in traces),
            _dots(shown, values, places, names=names, hovers=hovers, tone=tone),
        ],
        tone=tone,
        height=HEIGHT,
        margin={"t": 40, "r": _reference_room(_references(rate, target, words, scale)), "b": 56},
        xaxis=axis_of_values(
            tone=tone,
            type="log",
            range=list(x_range),
            tickmode="array",
            tickvals=case_ticks(*x_range),
            ticktext=[whole(tick) for tick in case_ticks(*x_range)],
            title=_title(words["cases_axis"], tone=tone),
        ),
        yaxis=axis_of_values(
            tone=tone,
            range=list(y_range),
            automargin=True,
            title=_title(_value_title(y_range, words=words, scale=scale), tone=tone),
            **scale.ticks(y_range),
        ),
        hovermode="closest",
        shapes=[_rule(at, tone=tone, dash=dash) for at, dash, _ in _references(rate, target, words, scale)],
        annotations=[
            _legend(shown, words=words, tone=tone, adjusted=adjusted),
            *_reference_notes(_references(rate, target, words, scale), tone=tone),
        ],
    )


class _Scale:
    """From shares to what the upward axis shows: the share, or what went wrong per 1,000."""

    def __init__(self, *, misses: bool, turned: bool) -> None:
        self.misses, self.turned = misses, turned

    def one(self, share: float) -> float:
        if not self.misses:
            return share
        return (1 - share if self.turned else share) * PER

    def of(self, shares: pd.Series) -> pd.Series:
        if not self.misses:
            return shares
        return (1 - shares if self.turned else shares) * PER

    def range(self, values: Sequence[float]) -> tuple[float, float]:
        known = [value for value in values if not math.isnan(value)]
        low, high = (min(known), max(known)) if known else (0.0, float(PER if self.misses else 1))
        pad = max((high - low) * 0.07, 0.4 if self.misses else 0.0004)
        top = float(PER) if self.misses else 1.0
        return max(low - pad, -pad / 3), min(high + pad, top + pad / 3)

    def ticks(self, y_range: tuple[float, float]) -> dict[str, Any]:
        if self.misses:
            return {"nticks": 8, "rangemode": "nonnegative"}
        return percent_ticks(max(y_range[0], 0.0), y_range[1])

    def text(self, share: float) -> str:
        return f"{self.one(share):,.1f}" if self.misses else percent(share)


def case_ticks(low: float, high: float) -> list[int]:
    """Round numbers of cases (1, 2, 5 times a power of ten) between two decimal logarithms."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    ticks = [step * 10**power for power in powers if power >= 0 for step in (1, 2, 5)]
    return [tick for tick in ticks if low <= math.log10(tick) <= high]


def _absent(row: Record) -> bool:
    return row["state"] not in ("value", "too_few") or math.isnan(row["value"]) or not row["n"] > 0


def _curves(n: pd.Series, curves: Mapping[str, pd.Series], *, tone: Tone) -> list[go.Scatter]:
    inner = {"fill": "tonexty", "fillcolor": tone.band}
    return [
        _line(n, curves["low95"], tone=tone, dash="dash", width=1.2),
        _line(n, curves["high95"], tone=tone, dash="dash", width=1.2, **inner),
        _line(n, curves["low998"], tone=tone, dash="solid", width=1.5),
        _line(n, curves["high998"], tone=tone, dash="solid", width=1.5),
    ]


def _line(n: pd.Series, curve: pd.Series, *, tone: Tone, dash: str, width: float, **fill: Any) -> go.Scatter:
    return go.Scatter(
        x=[float(cases) for cases in n],
        y=[float(value) for value in curve],
        mode="lines",
        line={"color": transparent(tone.ink, 0.5), "width": width, "dash": dash},
        hoverinfo="skip",
        **fill,
    )


def _dots(
    rows: list[Record],
    values: list[float],
    places: list[str | None],
    *,
    names: Mapping[str, str],
    hovers: Mapping[str, str],
    tone: Tone,
) -> go.Scatter:
    verdicts = [row["verdict"] for row in rows]
    fills = [tone.ground if verdict == "too_few" else palette.VERDICT_COLOURS[verdict] for verdict in verdicts]
    return go.Scatter(
        x=[float(row["n"]) for row in rows],
        y=values,
        mode="markers+text",
        marker={
            "size": [13 if _outside(row) else 10 for row in rows],
            "symbol": [SYMBOLS.get(palette.MARKS[verdict], "circle") for verdict in verdicts],
            "color": fills,
            "line": {"width": 1.2, "color": tone.soft},
        },
        text=[names[row["place"]] if place else "" for row, place in zip(rows, places, strict=True)],
        textposition=[place or "middle right" for place in places],
        textfont={"size": 12.5, "color": tone.ink},
        customdata=[row["place"] for row in rows],
        hovertext=[hovers[row["place"]] for row in rows],
        hoverinfo="text",
        cliponaxis=False,
    )


def _outside(row: Record) -> bool:
    return row["verdict"] not in ("similar", "too_few")


def _title(text: str, *, tone: Tone) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": tone.soft}, "standoff": 8}


def _value_title(y_range: tuple[float, float], *, words: Words, scale: _Scale) -> str:
    if scale.misses:
        return words["misses_axis"]
    said = words["vertical_axis_starts_at"].format(start=percent(y_range[0])) if y_range[0] > 0 else ""
    return " · ".join(part for part in (words["value_axis"], said) if part)


def _references(rate: float, target: float | None, words: Words, scale: _Scale) -> list[tuple[float, str, str]]:
    """Level, dash and words of the rules across: the rate of all, and the target."""
    rules = [(scale.one(rate), "solid", words["all_together"].format(value=scale.text(rate)))]
    if target is not None:
        shown = scale.text(target) if scale.misses else f"{target * 100:g}%"
        rules.append((scale.one(target), "dash", words["target"].format(target=shown)))
    return sorted(rules)


def _rule(at: float, *, tone: Tone, dash: str) -> dict[str, Any]:
    across = {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": at, "y1": at}
    return {"type": "line", "layer": "below", "line": {"color": tone.rule, "width": 1.2, "dash": dash}, **across}


def _reference_room(rules: list[tuple[float, str, str]]) -> int:
    """Pixels at the right in which the longest name of a rule stands whole."""
    return max([110, *(math.ceil(text_width(text)) + 20 for _, _, text in rules)])


def _reference_notes(rules: list[tuple[float, str, str]], *, tone: Tone) -> list[dict[str, Any]]:
    """The names of the rules, right of the plot: the higher one above its line, the lower one below."""
    sides = ["middle"] if len(rules) == 1 else ["top", "bottom"]
    return [
        note(text, tone=tone, x=1, y=at, yref="y", xanchor="left", yanchor=side, xshift=6)
        for (at, _, text), side in zip(rules, sides, strict=True)
    ]


def _legend(rows: list[Record], *, words: Words, tone: Tone, adjusted: bool) -> dict[str, Any]:
    shown = {row["verdict"] for row in rows}
    parts = [f"━&nbsp;{words['limit_998']}", f"╍&nbsp;{words['limit_95']}"]
    if adjusted:
        parts.append(f"┈&nbsp;{words['limit_exact']}")
    for verdict, mark in palette.MARKS.items():
        if verdict in shown and f"funnel_{verdict}" in words:
            colour = tone.soft if verdict == "too_few" else palette.VERDICT_COLOURS[verdict]
            parts.append(f"{coloured(mark, colour)}&nbsp;{words[f'funnel_{verdict}']}")
    return note("&nbsp;&nbsp;&nbsp;&nbsp;".join(parts), tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=8)


def _label_places(
    rows: list[Record],
    values: list[float],
    *,
    names: Mapping[str, str],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> list[str | None]:
    """Where the name of each place outside goes; None inside, and where it would cover a mark or another name."""
    across, upward = x_range[1] - x_range[0], y_range[1] - y_range[0]
    marks = [
        (
            (math.log10(row["n"]) - x_range[0]) / across * ASSUMED_WIDTH,
            (y_range[1] - value) / upward * ASSUMED_HEIGHT,
        )
        for row, value in zip(rows, values, strict=True)
    ]
    taken: list[Box] = [(x - 7, y - 7, x + 7, y + 7) for x, y in marks]
    found: list[str | None] = [None] * len(rows)
    strength = {"much_better": 0, "much_worse": 0, "much_higher": 0, "much_lower": 0}
    outside = [index for index, row in enumerate(rows) if _outside(row)]
    for index in sorted(outside, key=lambda one: (strength.get(rows[one]["verdict"], 1), -rows[one]["n"])):
        x, y = marks[index]
        width = text_width(names[rows[index]["place"]])
        options: dict[str, Box] = {
            "middle right": (x + 8, y - LINE / 2, x + 8 + width, y + LINE / 2),
            "middle left": (x - 8 - width, y - LINE / 2, x - 8, y + LINE / 2),
            "top center": (x - width / 2, y - 8 - LINE, x + width / 2, y - 8),
            "bottom center": (x - width / 2, y + 8, x + width / 2, y + 8 + LINE),
        }
        others = taken[:index] + taken[index + 1 :]
        for place, box in options.items():
            if box[0] < 0 or box[2] > ASSUMED_WIDTH or any(_overlap(box, other) for other in others):
                continue
            found[index] = place
            taken.append(box)
            break
    return found


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
