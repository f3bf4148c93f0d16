"""How many villages of each township are in which band: counts as stacked bars from zero."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from ui.charts import palette
from ui.charts.canvas import Words, coloured, figure, hidden_axis, note
from ui.charts.canvas import value_axis as axis_of_values
from ui.charts.tone import Tone

BANDS: Final = ("trailing", "middle", "leading", "few_cases", "no_data")
"""In the order of the bar, the ones to look at first at the axis."""
ROW_HEIGHT: Final = 27
TOP, BOTTOM = 40, 46
PLOT_END: Final = 0.72
COLUMNS: Final = {"trailing": 0.34, "leading": 0.66, "all": 0.985}
MARKS: Final = {"trailing": "▼", "middle": "●", "leading": "▲", "few_cases": "○", "no_data": "—"}


def band_bars(counts: pd.DataFrame, *, names: Mapping[str, str], words: Words, tone: Tone) -> go.Figure:
    """One bar a row of ``counts``, from the top in the order given: columns place and one count for each of `BANDS`.

    ``names``: place code to the name shown. Beside the bars stand the counts of both ends and of all villages.
    The bars carry no code: a click is known by its row.
    """
    used = [band for band in BANDS if counts[band].sum() > 0]
    height = [float(position) for position in range(len(counts))]
    totals = counts[list(BANDS)].sum(axis=1)
    longest = int(totals.max()) if len(counts) else 1
    return figure(
        [
            *(_part(counts, band, height=height, names=names, words=words, tone=tone) for band in used),
            *_columns(counts.assign(all=totals), height=height, tone=tone),
        ],
        tone=tone,
        height=TOP + BOTTOM + ROW_HEIGHT * max(len(counts), 1),
        margin={"t": TOP, "b": BOTTOM},
        barmode="stack",
        bargap=0.28,
        xaxis=axis_of_values(
            tone=tone,
            domain=[0, PLOT_END],
            range=[0, max(longest, 1) * 1.02],
            nticks=8,
            tickformat="d",
            title={"text": words["villages_axis"], "font": {"size": 12, "color": tone.soft}, "standoff": 10},
        ),
        xaxis2=hidden_axis(domain=[PLOT_END, 1]),
        yaxis=axis_of_values(
            tone=tone,
            showgrid=False,
            range=[len(counts) - 0.4, -0.6],
            tickmode="array",
            tickvals=height,
            ticktext=[f"{names[str(code)]}&nbsp;&nbsp;" for code in counts["place"]],
            tickfont={"size": 13, "color": tone.ink},
            automargin=True,
        ),
        hovermode="closest",
        annotations=[_legend(used, words=words, tone=tone), *_headings(words=words, tone=tone)],
    )


def _fill(band: str, tone: Tone) -> str:
    fills = {"leading": palette.BETTER, "trailing": palette.WORSE, "middle": palette.SIMILAR, "few_cases": tone.ground}
    return fills.get(band, palette.NO_DATA)


def _part(
    counts: pd.DataFrame, band: str, *, height: Sequence[float], names: Mapping[str, str], words: Words, tone: Tone
) -> go.Bar:
    """One band of every bar; where it is empty there is nothing, not even an outline."""
    numbers = [int(count) for count in counts[band]]
    return go.Bar(
        x=[count or None for count in numbers],
        y=list(height),
        orientation="h",
        marker={
            "color": _fill(band, tone),
            "line": {"width": 1, "color": tone.soft if band in ("few_cases", "no_data") else tone.ground},
            "pattern": {"shape": "/" if band == "few_cases" else "", "size": 6, "fgcolor": tone.soft},
        },
        hovertext=[
            f"<b>{names[str(code)]}</b><br>{words[f'band_{band}']} {count}"
            for code, count in zip(counts["place"], numbers, strict=True)
        ],
        hoverinfo="text",
    )


def _columns(counts: pd.DataFrame, *, height: Sequence[float], tone: Tone) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=[at] * len(height),
            y=list(height),
            xaxis="x2",
            mode="text",
            text=[f"<b>{count}</b>" if column != "all" and count else str(count) for count in counts[column]],
            textposition="middle left",
            textfont={"size": 12.5, "color": tone.soft if column == "all" else tone.ink},
            hoverinfo="skip",
        )
        for column, at in COLUMNS.items()
    ]


def _headings(*, words: Words, tone: Tone) -> list[dict[str, Any]]:
    heads = {
        "all": words["column_all"],
        **{one: coloured(MARKS[one], _fill(one, tone)) for one in ("trailing", "leading")},
    }
    return [
        note(heads[column], tone=tone, x=x, xref="x2", y=1, xanchor="right", yanchor="bottom", yshift=4)
        for column, x in COLUMNS.items()
    ]


def _legend(used: Sequence[str], *, words: Words, tone: Tone) -> dict[str, Any]:
    said = "&nbsp;&nbsp;&nbsp;".join(
        f"{coloured(MARKS[band], tone.soft if band in ('few_cases', 'no_data') else _fill(band, tone))}"
        f"&nbsp;{words[f'band_{band}']}"
        for band in used
    )
    return note(said, tone=tone, x=0, y=1, xanchor="left", yanchor="bottom", yshift=4)
