"""The checklist: places × items, each cell a state with its mark, what is printed and, under the pointer, the evidence.

Blue is at what is asked for, light vermillion partly, vermillion not; an outline without fill is what nobody knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import figure, hidden_axis, key_line, note, text_width
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.tone import Tone

ROW_HEIGHT: Final = 27
HEAD_LINE: Final = 17
BOTTOM: Final = 34
HALF: Final = 0.47
REACH: Final = 90
"""Pixels from the middle of a cell within which the pointer means it: all of a wide cell; of two the nearer."""

MARKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "yes": "✓",
        "partly": "▽",
        "no": "×",
        "stale": "◇",
        "too_few": "○",
        "hidden": "✱",
        "no_data": "",
        "not_applicable": "—",
        "not_set": "",
    }
)
"""State to the mark before what is printed in its cell."""

FILLS: Final[Mapping[str, str]] = MappingProxyType(
    {"yes": palette.BETTER, "partly": palette.WORSE_TINT, "no": palette.WORSE, "not_set": palette.SIMILAR}
)
"""State to the fill of its cell; the others are outlined."""
LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"yes": "#FFFFFF", "partly": palette.INK, "no": "#FFFFFF", "not_set": palette.INK}
)
_CODES: Final = tuple(FILLS)
_DASHED: Final = ("stale", "too_few", "hidden")


@dataclass(frozen=True)
class Column:
    """One item: ``name`` (broken into lines where it is long) and what stands below it, in one line where all fit."""

    code: str
    name: str
    below: Sequence[str] = ()


@dataclass(frozen=True)
class Cell:
    """One item in one place: its state, what is printed, and the lines under the pointer."""

    state: str
    text: str = ""
    hover: Sequence[str] = field(default_factory=tuple)


def state_grid(
    cells: Mapping[tuple[str, str], Cell],
    *,
    places: Sequence[str],
    names: Mapping[str, str],
    columns: Sequence[Column],
    states: Mapping[str, str],
    tone: Tone,
    room: float = 800.0,
) -> go.Figure:
    """The grid, places from the top in the order given, items from left to right.

    ``cells`` by (place, item); one that is left out is no_data. ``names``: place to the name shown; ``states``: state
    to its words, those to be listed in the key, in that order; ``room`` the width in pixels the heads are broken for.
    Each cell hands its place over as customdata.
    """
    side = max((text_width(names[place]) for place in places), default=60.0) + 24
    width = (room - side) / max(len(columns), 1)
    fits = all(text_width(" · ".join(column.below), size=12.0) <= width - 4 for column in columns)
    heads = [_head(column, width=width, glue=" · " if fits else "<br>") for column in columns]
    lines = max((head.count("<br>") + 1 for head in heads), default=1)
    top = 34 + HEAD_LINE * lines
    at = [(row, column) for row in range(len(places)) for column in range(len(columns))]
    known = [cells.get((places[row], columns[column].code), Cell("no_data")) for row, column in at]
    return figure(
        [
            _ground(known, rows=len(places), columns=len(columns)),
            _outlines(at, known, tone=tone),
            _words(at, known, places=places, tone=tone),
        ],
        tone=tone,
        height=top + BOTTOM + ROW_HEIGHT * max(len(places), 1),
        margin={"t": top, "b": BOTTOM},
        xaxis=axis_of_values(
            tone=tone,
            showgrid=False,
            side="top",
            range=[-0.5, len(columns) - 0.5],
            tickmode="array",
            tickvals=list(range(len(columns))),
            ticktext=heads,
            tickangle=0,
            tickfont={"size": 12, "color": tone.ink},
        )
        if columns
        else hidden_axis(),
        yaxis=axis_of_values(
            tone=tone,
            showgrid=False,
            range=[len(places) - 0.5, -0.5],
            tickmode="array",
            tickvals=list(range(len(places))),
            ticktext=[f"{names[place]}&nbsp;" for place in places],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        hoverdistance=REACH,
        annotations=[_key(states, tone=tone)],
    )


def _head(column: Column, *, width: float, glue: str) -> str:
    name = "<br>".join(broken(column.name, width=max(width - 6, 40.0)))
    below = glue.join(column.below)
    return f"{name}<br><b>{below}</b>" if below else name


def broken(text: str, *, width: float, size: float = 12.0) -> list[str]:
    """``text`` in lines of about ``width`` pixels: between words; in Chinese evenly, the longer lines last.

    Names of indicators end in a word of three letters (落实率), which the longer last line keeps whole.
    """
    whole = text_width(text, size=size)
    wanted = max(1, -(-int(whole) // int(width)))
    if wanted == 1:
        return [text]
    if " " not in text:
        return _even_lines(text, min(wanted, len(text)))
    target, lines, line = min(width, whole / wanted * 1.12), [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size=size) > target:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _even_lines(text: str, wanted: int) -> list[str]:
    """``text`` in ``wanted`` lines of as many letters, the longer ones last; no line begins with a stroke."""
    cuts = [len(text) * line // wanted for line in range(wanted + 1)]
    for line in range(1, wanted):
        if text[cuts[line]] == "/":
            cuts[line] += 1
    return [text[start:end] for start, end in pairwise(cuts)]


def _ground(known: list[Cell], *, rows: int, columns: int) -> go.Heatmap:
    """The fills: one number a state, nothing where a cell is only outlined."""
    codes = [_CODES.index(cell.state) if cell.state in FILLS else None for cell in known]
    share = 1 / len(_CODES)
    scale: list[list[Any]] = []
    for place, state in enumerate(_CODES):
        scale += [[place * share, FILLS[state]], [(place + 1) * share, FILLS[state]]]
    return go.Heatmap(
        z=[codes[row * columns : (row + 1) * columns] for row in range(rows)],
        x=list(range(columns)),
        y=list(range(rows)),
        colorscale=scale,
        zmin=-0.5,
        zmax=len(_CODES) - 0.5,
        showscale=False,
        xgap=4,
        ygap=3,
        hoverinfo="skip",
        opacity=0.9,
    )


def _outlines(at: list[tuple[int, int]], known: list[Cell], *, tone: Tone) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for (row, column), cell in zip(at, known, strict=True):
        if cell.state in FILLS:
            continue
        left, right, up, down = column - HALF, column + HALF, row - HALF + 0.06, row + HALF - 0.06
        xs += [left, right, right, left, left, None]
        ys += [up, up, down, down, up, None]
    line = {"color": tone.rule, "width": 1, "dash": "dot"}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip")


def _words(at: list[tuple[int, int]], known: list[Cell], *, places: Sequence[str], tone: Tone) -> go.Scatter:
    return go.Scatter(
        x=[column for _, column in at],
        y=[row for row, _ in at],
        mode="markers+text",
        marker={"size": 24, "symbol": "square", "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        text=[f"{MARKS[cell.state]} {cell.text}".strip() for cell in known],
        textposition="middle center",
        textfont={"size": 12, "color": [LETTERS.get(cell.state, tone.soft) for cell in known]},
        customdata=[places[row] for row, _ in at],
        hovertext=["<br>".join(cell.hover) for cell in known],
        hoverinfo="text",
        cliponaxis=False,
    )


def _key(states: Mapping[str, str], *, tone: Tone) -> dict[str, Any]:
    parts = [
        (f"■ {MARKS[state]}" if state in FILLS else MARKS[state] or "□", _ink(state, tone), words)
        for state, words in states.items()
    ]
    return note(key_line(parts), tone=tone, x=0, y=0, xanchor="left", yanchor="top", yshift=-8)


def _ink(state: str, tone: Tone) -> str:
    return FILLS.get(state, tone.soft)
