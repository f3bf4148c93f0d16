"""The caterpillar of ranks: a dot at each rank, a bracket over the ranks it may plausibly be."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Record, Words, coloured, figure, hidden_axis, note, row_guides, transparent
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.interval_rows import BOTTOM, PLOT_END, ROW_HEIGHT, TOP
from ui.charts.numbers import is_missing
from ui.charts.printed_columns import axis_title, column_headings, printed_columns, row_names
from ui.charts.tone import Tone

COLUMNS: Final = {"rank": 0.24, "range": 0.62, "alike": 0.985}
"""Right edges of the printed columns, as shares of the space beside the plot."""
STANDINGS: Final = ("front", "rear", "unclear")
CAP: Final = 0.22
"""Half the height of a bracket's ends, in rows."""


def rank_caterpillar(
    rows: pd.DataFrame,
    *,
    names: Mapping[str, str],
    hovers: Mapping[str, str],
    words: Words,
    tone: Tone,
    neutral: bool = False,
) -> go.Figure:
    """One row a place from the top in the order given: dot at its rank, bracket from rank_low to rank_high.

    ``rows``: columns place, rank, rank_low, rank_high, alike (missing where not ranked), tied, standing ("front",
    "rear", "unclear", None) and state. ``hovers``: place code to what hovering says. ``neutral``: no rank is good or
    bad, so the colours are those of higher and lower. The front and the rear half are shaded only where the whole
    bracket of some place lies inside: elsewhere the halves would claim more than is known. Rows as tall as those of
    :func:`ui.charts.interval_rows.interval_bars`, so that both can stand side by side.
    """
    shown = _records(rows)
    height = [float(position) for position in range(len(shown))]
    ranked = [(at, row) for at, row in zip(height, shown, strict=True) if not is_missing(row["rank"])]
    size = max((row["rank_high"] for _, row in ranked if not is_missing(row["rank_high"])), default=float(len(ranked)))
    count = max(len(ranked), int(size), 1)
    standings = {row["standing"] for _, row in ranked}
    colours = _colours(tone, neutral=neutral)
    start, end = 0.4, count + 0.6
    return figure(
        [
            row_guides(height, start=start, end=end, tone=tone),
            _brackets(ranked, tone=tone),
            _dots(ranked, hovers=hovers, colours=colours, tone=tone),
            *_columns(shown, height=height, words=words, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(shown), 1),
        margin={"t": TOP, "b": BOTTOM},
        xaxis=axis_of_values(
            tone=tone,
            domain=[0, PLOT_END],
            range=[start, end],
            tickmode="array",
            tickvals=rank_ticks(count),
            ticktext=[str(tick) for tick in rank_ticks(count)],
            title=axis_title(words["rank_axis_neutral" if neutral else "rank_axis"], tone=tone),
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=row_names([names[row["place"]] for row in shown], height=height, tone=tone),
        hovermode="closest",
        shapes=_zones(count, standings=standings, colours=colours),
        annotations=[
            _legend(standings, colours=colours, words=words, tone=tone),
            *column_headings(COLUMNS, words=words, tone=tone),
        ],
    )


def rank_ticks(count: int) -> list[int]:
    """The first and the last rank, and round ones between that do not crowd them."""
    step = 1 if count <= 6 else 5 if count <= 40 else 10 * round(count / 60 + 0.5)
    between = [rank for rank in range(step, count, step) if rank > 1 and count - rank >= max(1, step * 0.6)]
    return list(dict.fromkeys([1, *between, count]))


def _records(rows: pd.DataFrame) -> list[Record]:
    """Rows as dicts, numbers as floats with NaN where missing."""
    numbers = {name: rows[name].astype("float64") for name in ("rank", "rank_low", "rank_high", "alike")}
    plain = rows.assign(**numbers)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _colours(tone: Tone, *, neutral: bool) -> dict[str | None, str]:
    front, rear = (palette.NEUTRAL_HIGH_TINT, palette.NEUTRAL_LOW_TINT) if neutral else (palette.BETTER, palette.WORSE)
    return {"front": front, "rear": rear, "unclear": palette.SIMILAR, None: tone.ink}


def _zones(count: int, *, standings: set[Any], colours: Mapping[str | None, str]) -> list[dict[str, Any]]:
    half = count // 2
    ends = {"front": (0.5, half + 0.5), "rear": (count - half + 0.5, count + 0.5)}
    return [
        {
            "type": "rect",
            "layer": "below",
            "xref": "x",
            "x0": first,
            "x1": last,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"width": 0},
            "fillcolor": transparent(colours[standing], 0.11),
        }
        for standing, (first, last) in ends.items()
        if standing in standings
    ]


def _brackets(ranked: list[tuple[float, Record]], *, tone: Tone) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, row in ranked:
        low, high = row["rank_low"], row["rank_high"]
        if is_missing(low) or is_missing(high):
            continue
        xs += [low, low, None, low, high, None, high, high, None]
        ys += [at - CAP, at + CAP, None, at, at, None, at - CAP, at + CAP, None]
    line = {"color": transparent(tone.ink, 0.5), "width": 1.8}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _dots(
    ranked: list[tuple[float, Record]],
    *,
    hovers: Mapping[str, str],
    colours: Mapping[str | None, str],
    tone: Tone,
) -> go.Scatter:
    symbols = {"front": "triangle-up", "rear": "triangle-down"}
    return go.Scatter(
        x=[row["rank"] for _, row in ranked],
        y=[at for at, _ in ranked],
        mode="markers",
        marker={
            "size": 13,
            "symbol": [symbols.get(row["standing"], "circle") for _, row in ranked],
            "color": [colours[row["standing"]] for _, row in ranked],
            "line": {"width": 1.2, "color": tone.soft},
        },
        customdata=[row["place"] for _, row in ranked],
        hovertext=[hovers[row["place"]] for _, row in ranked],
        hoverinfo="text",
        cliponaxis=False,
    )


def _columns(rows: list[Record], *, height: list[float], words: Words, tone: Tone) -> list[go.Scatter]:
    printed: dict[str, list[str]] = {"rank": [], "range": [], "alike": []}
    for row in rows:
        ranked, ranged = not is_missing(row["rank"]), not is_missing(row["rank_low"])
        tied = words["tied_mark"] if row["tied"] else ""
        printed["rank"].append(f"<b>{tied}{row['rank']:.0f}</b>" if ranked else "")
        printed["range"].append(
            f"{row['rank_low']:.0f}–{row['rank_high']:.0f}" if ranged else "" if ranked else words["not_ranked"]
        )
        printed["alike"].append("" if is_missing(row["alike"]) else f"{row['alike']:.0f}")
    return printed_columns(printed, at=COLUMNS, height=height, strong="rank", tone=tone)


def _legend(standings: set[Any], *, colours: Mapping[str | None, str], words: Words, tone: Tone) -> dict[str, Any]:
    marks = {"front": "▲", "rear": "▼", "unclear": "●"}
    said = "&nbsp;&nbsp;&nbsp;".join(
        f"{coloured(marks[one], colours[one])}&nbsp;{words[f'standing_{one}']}" for one in STANDINGS if one in standings
    )
    return note(said, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=4)
