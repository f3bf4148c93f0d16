"""Bounds of a survey: the band is what the silent leave open, the dot those who answered."""

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tests.charts.sample_rows import words
from ui.charts import palette
from ui.charts.bounds import bound_rows
from ui.charts.tone import DARK, LIGHT

NAMES = {"whole": "全区", "a": "投诉", "b": "建议", "c": "无人"}
OWN = {
    "column_rate": "满意率", "column_reach": "接通", "column_sure": "连同没接通者", "key_rate": "接通者",
    "key_sure": "可能范围", "key_middle": "若低10个百分点", "hover_reach": "接通{value}（{x}/{n}）",
    "hover_sure": "连同没接通者{interval}；约{middle}",
}  # fmt: skip


def row(group: str, **changes: object) -> dict[str, object]:
    """394 of 400 answers among 1,000, changed as asked."""
    return {
        "group": group, "rate": 0.985, "low": 0.968, "high": 0.993, "sure_low": 0.394, "sure_high": 0.994,
        "middle": 0.925, "reach": 0.4, "invited": 1000, "answered": 400, "satisfied": 394, "state": "value",
        "verdict": None, **changes,
    }  # fmt: skip


def silent(group: str) -> dict[str, object]:
    nothing = dict.fromkeys(("rate", "low", "high", "sure_low", "sure_high", "middle", "reach"), math.nan)
    return row(group, invited=0, answered=0, satisfied=0, state="no_data", **nothing)


def drawn(*rows: dict[str, object], **options: Any) -> go.Figure:
    settings = {"names": NAMES, "words": {**words(), **OWN}, "tone": LIGHT} | options
    return bound_rows(pd.DataFrame(rows), **settings)


def lines(figure: go.Figure, width: int) -> list[tuple[float, float]]:
    """Ends of the strokes of one width, from the top."""
    xs = next(trace.x for trace in figure.data if trace.mode == "lines" and trace.line.width == width)
    known = [x for x in xs if x is not None]
    return list(zip(known[::2], known[1::2], strict=True))


def dots(figure: go.Figure) -> go.Scatter:
    return next(trace for trace in figure.data if trace.mode == "markers" and trace.hovertext is not None)


def test_the_band_reaches_from_all_silent_dissatisfied_to_all_satisfied() -> None:
    figure = drawn(row("whole"))
    assert lines(figure, 13) == [(0.394, 0.994)]
    assert lines(figure, 2) == [(0.968, 0.993)]
    assert list(dots(figure).x) == [0.985]
    ticks = next(trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol == "line-ns-open")
    assert list(ticks.x) == [0.925]


def test_a_row_in_which_nobody_was_called_keeps_its_place_and_says_so() -> None:
    figure = drawn(row("whole"), silent("c"))
    assert len(figure.layout.yaxis.ticktext) == 2
    assert len(lines(figure, 13)) == 1
    printed = [text for trace in figure.data if trace.mode == "text" for text in trace.text]
    assert "无数据" in printed


def test_a_row_in_which_nobody_was_reached_is_wholly_open_and_has_no_dot() -> None:
    nobody = row("c", rate=math.nan, low=math.nan, high=math.nan, middle=math.nan, sure_low=0.0, sure_high=1.0,
                 reach=0.0, answered=0, satisfied=0, state="no_data")  # fmt: skip
    figure = drawn(row("whole"), nobody)
    assert lines(figure, 13)[1] == (0.0, 1.0)
    assert len(dots(figure).x) == 1
    printed = [text for trace in figure.data if trace.mode == "text" for text in trace.text]
    assert "0%" in printed, "a reach of nought is a figure, not a gap"


def test_a_verdict_shows_as_colour_and_as_mark_and_too_few_as_a_hollow_dot() -> None:
    figure = drawn(row("a", verdict="much_worse"), row("b", verdict="too_few", state="too_few"), row("whole"))
    assert list(dots(figure).marker.symbol) == ["triangle-down", "circle", "circle"]
    assert list(dots(figure).marker.color) == [palette.WORSE, LIGHT.ground, LIGHT.ink]


def test_the_axis_holds_every_band_and_the_target() -> None:
    figure = drawn(row("whole", sure_low=0.95), target=0.9)
    start, end = figure.layout.xaxis.range
    assert start <= 0.9 and end >= 0.994
    assert figure.layout.shapes[0].x0 == 0.9
    assert any("90%" in note.text for note in figure.layout.annotations)


def test_the_hover_tells_rate_reach_and_bounds_with_their_counts() -> None:
    told = dots(drawn(row("a"))).hovertext[0]
    assert told.startswith("<b>投诉</b>")
    for said in ("98.5%", "394/400", "接通40.0%（400/1,000）", "39.4–99.4%", "92.5%"):
        assert said in told


def test_without_any_row_there_is_still_a_figure() -> None:
    columns = list(row("a"))
    figure = bound_rows(pd.DataFrame(columns=columns), names=NAMES, words={**words(), **OWN}, tone=DARK)
    assert list(figure.layout.xaxis.range) == [0, 1]
