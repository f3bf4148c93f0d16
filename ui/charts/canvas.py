"""What all figures share: ground, type, axes, the notes around the plot, and how tall it is."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.tone import Tone

Words = Mapping[str, str]
"""Phrases of the section ``charts`` in one language; templates are filled with ``str.format``."""

Record = dict[str, Any]
"""One row of a frame."""

CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True}
"""The ``config`` for st.plotly_chart: no tool bar over the figure, no accidental zoom."""

TEXT_SIZE: Final = 13
SMALL_SIZE: Final = 12
NO_TEMPLATE: Final = go.layout.Template()


def records(frame: pd.DataFrame) -> list[Record]:
    """The rows of a frame as dicts; in columns of text a missing value is None, in columns of numbers NaN."""
    columns = {
        column: frame[column]
        if pd.api.types.is_numeric_dtype(frame[column].dtype)
        else frame[column].astype(object).where(frame[column].notna(), None)
        for column in frame.columns
    }
    return cast("list[Record]", pd.DataFrame(columns).to_dict("records"))


def figure(traces: Sequence[Any], *, tone: Tone, height: int, margin: Mapping[str, int], **layout: Any) -> go.Figure:
    """A figure on transparent ground with our type and without plotly's template (3.4 KB that would go along)."""
    return go.Figure(
        data=list(traces),
        layout=go.Layout(
            template=NO_TEMPLATE,
            height=height,
            margin={"l": 8, "r": 8, "t": 8, "b": 8, "pad": 0, **margin},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            font={"family": palette.FONTS, "size": TEXT_SIZE, "color": tone.ink},
            hoverlabel={
                "bgcolor": tone.ground,
                "bordercolor": tone.rule,
                "font": {"family": palette.FONTS, "size": TEXT_SIZE, "color": tone.ink},
                "align": "left",
            },
            showlegend=False,
            dragmode=False,
            **layout,
        ),
    )


def value_axis(*, tone: Tone, **changes: Any) -> dict[str, Any]:
    """An axis of values: faint grid, soft tick labels, no line, no zoom."""
    return {
        "showgrid": True,
        "gridcolor": tone.faint,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "tickfont": {"size": SMALL_SIZE, "color": tone.soft},
        "ticks": "",
        "ticklabelstandoff": 4,
        **changes,
    }


def row_guides(height: Sequence[float], *, start: float, end: float, tone: Tone) -> go.Scatter:
    """A faint line per row, from the name to the end of the plot and no further: printed columns stay clean."""
    xs = [x for _ in height for x in (start, end, None)]
    ys = [y for at in height for y in (at, at, None)]
    return go.Scatter(x=xs, y=ys, mode="lines", line={"color": tone.faint, "width": 1}, hoverinfo="skip")


def hidden_axis(**changes: Any) -> dict[str, Any]:
    """An axis that only places text."""
    return {"visible": False, "fixedrange": True, "range": [0, 1], **changes}


def note(text: str, *, tone: Tone, x: float, y: float, **changes: Any) -> dict[str, Any]:
    """A line of small soft text at ``x``, ``y`` of the plot area (0..1 unless xref or yref says otherwise)."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": SMALL_SIZE, "color": tone.soft},
        "align": "left",
        **changes,
    }


def coloured(text: str, colour: str) -> str:
    """A piece of a note in a colour of its own."""
    return f'<span style="color:{colour}">{text}</span>'


def key_line(parts: Iterable[tuple[str, str, str]], *, gap: str = "&nbsp;&nbsp;&nbsp;&nbsp;") -> str:
    """A legend in one line: (mark, colour, words), each mark in its colour."""
    return gap.join(f"{coloured(mark, colour)}&nbsp;{words}" for mark, colour, words in parts)


def share_range(
    values: Iterable[float], *, room: float = 0.012, step: float = 0.05, top: float | None = None
) -> tuple[float, float]:
    """Range of an axis of shares that holds ``values``: starts at a round number at or above zero, ends near 100 %.

    Dots may stand on an axis that does not start at zero (bars never); :func:`axis_note` then says where it starts.
    Without values the whole range 0..1.
    """
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if high - low < 0.08:
        step = min(step, 0.02)
    start = max(0.0, math.floor(round((low - room) / step, 6)) * step)
    end = math.ceil(round((high + room) / step, 6)) * step if top is None else top
    return round(start, 4), round(min(end, 1.0 + room), 4)


def axis_note(start: float, words: Words) -> str:
    """The sentence that states a broken axis, empty when the axis starts at zero."""
    return "" if start <= 0 else words["axis_starts_at"].format(start=f"{start:.0%}")


def percent_ticks(start: float, end: float) -> dict[str, Any]:
    """Ticks at round percentages between ``start`` and ``end``, about six of them."""
    span = end - start
    step = next((s for s in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if span / s <= 7), 0.25)
    first = math.ceil(round(start / step, 6))
    last = math.floor(round(min(end, 1.0) / step, 6))
    values = [round(index * step, 4) for index in range(first, last + 1)]
    places = 1 if step < 0.01 else 0
    return {"tickmode": "array", "tickvals": values, "ticktext": [f"{value * 100:.{places}f}%" for value in values]}


def transparent(colour: str, opacity: float) -> str:
    """A hex colour as rgba with ``opacity``."""
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def text_width(text: str, *, size: float = TEXT_SIZE) -> float:
    """Pixels a line of text takes, roughly: a Chinese letter is as wide as it is tall, others a little over half."""
    return sum(size if ord(letter) > 0x2E80 else size * 0.58 for letter in text)
