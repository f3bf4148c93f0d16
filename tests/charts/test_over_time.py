"""Figures over months: gaps in the data stay gaps, late months are marked."""

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from tests.charts.sample_rows import GROUPS, MONTHS, gap_row, rate_row, words
from ui.charts.month_lines import Campaign
from ui.charts.months import month_axis, month_index, runs
from ui.charts.over_time import TimeLine, gap_over_time, rate_over_time
from ui.charts.tone import LIGHT


def rates(**by_month: dict[str, object]) -> pd.DataFrame:
    """A row for each month but April, changed as asked: m202002={...}."""
    months = [month for month in MONTHS if month != 202004]
    return pd.DataFrame([{"month": month, **rate_row(**by_month.get(f"m{month}", {}))} for month in months])


def drawn(rows: pd.DataFrame, **options: Any) -> go.Figure:
    return rate_over_time([TimeLine("姜山镇", rows)], months=MONTHS, words=words(), tone=LIGHT, **options)


def strokes(figure: go.Figure) -> list[list[int]]:
    return [list(trace.x) for trace in figure.data if trace.mode == "lines" and trace.line.width == 2]


def notes(figure: go.Figure) -> str:
    return " | ".join(annotation.text for annotation in figure.layout.annotations)


def test_december_and_january_are_neighbours() -> None:
    assert month_index(202101) - month_index(202012) == 1
    assert runs([202011, 202012, 202101, 202103]) == [[0, 1, 2], [3]]


def test_a_month_without_data_breaks_the_line() -> None:
    first, last = month_index(202001), month_index(202006)
    assert strokes(drawn(rates())) == [[first, first + 1, first + 2], [last - 1, last]]


def test_a_month_with_too_few_cases_stands_apart_as_a_hollow_dot() -> None:
    figure = drawn(rates(m202002={"n": 4, "x": 2, "value": 0.5, "low": 0.15, "high": 0.85, "state": "too_few"}))
    february = month_index(202002)
    assert all(february not in stroke for stroke in strokes(figure))
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    assert dict(zip(dots.customdata, dots.marker.color, strict=True))[202002] == LIGHT.ground


def test_an_interval_that_leaves_the_plot_is_stated() -> None:
    figure = drawn(rates(m202002={"n": 4, "x": 4, "value": 1.0, "low": 0.4, "high": 1.0, "state": "too_few"}))
    assert "个别区间超出图面" in notes(figure)
    assert "个别区间超出图面" not in notes(drawn(rates()))


def test_the_broken_axis_and_the_target_are_stated() -> None:
    figure = drawn(rates(), target=0.985)
    assert "纵轴从 90% 起" in notes(figure)
    assert "目标 98.5%" in notes(figure)
    assert figure.layout.yaxis.range[1] >= 0.985


def test_provisional_months_lie_in_a_band_and_say_so_on_hover() -> None:
    figure = drawn(rates(), provisional_from=202005)
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.x0, band.x1) == (month_index(202005) - 0.5, month_index(202006) + 0.5)
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    late = {month: "暂定" in text for month, text in zip(dots.customdata, dots.hovertext, strict=True)}
    assert late == {202001: False, 202002: False, 202003: False, 202005: True, 202006: True}


def test_a_rate_of_zero_is_drawn_and_a_missing_one_is_not() -> None:
    rows = rates(m202001={"x": 0, "value": 0.0, "low": 0.0, "high": 0.02}, m202002={"value": math.nan})
    dots = next(trace for trace in drawn(rows).data if trace.mode == "markers")
    assert 202001 in dots.customdata
    assert 202002 not in dots.customdata


def test_the_gap_takes_the_colour_of_the_group_behind_month_by_month() -> None:
    sides = {202001: "a", 202002: "none", 202003: "b", 202005: None}
    rows = pd.DataFrame([{**gap_row("p"), "month": month, "ahead": side} for month, side in sides.items()])
    figure = gap_over_time(rows, months=MONTHS, groups=GROUPS, words=words(), tone=LIGHT)
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    edges = zip(dots.marker.color, dots.marker.line.color, strict=True)
    assert list(edges) == [
        (LIGHT.group_b, LIGHT.ground),
        (LIGHT.unclear, LIGHT.ground),
        (LIGHT.group_a, LIGHT.ground),
        (LIGHT.ground, LIGHT.unclear),
    ]
    assert any(shape.y0 == shape.y1 == 0 for shape in figure.layout.shapes), "zero has its rule"


def test_campaigns_are_marked_where_they_start_and_only_inside_the_months_shown() -> None:
    rows = pd.DataFrame([{**gap_row("p"), "month": month} for month in MONTHS])
    campaigns = [Campaign(202003, "出租房屋"), Campaign(202003, "低散乱"), Campaign(201901, "从前")]
    figure = gap_over_time(rows, months=MONTHS, groups=GROUPS, words=words(), tone=LIGHT, campaigns=campaigns)
    assert "出租房屋<br>低散乱" in notes(figure)
    assert "从前" not in notes(figure)


def test_nothing_to_draw_is_said() -> None:
    empty = rates().assign(value=math.nan)
    assert notes(drawn(empty)) == "所选范围内没有可画的数据"


@pytest.mark.parametrize("count", [1, 7, 18, 60, 120])
def test_month_labels_never_crowd_and_keep_the_januaries(count: int) -> None:
    months = [(2015 + index // 12) * 100 + index % 12 + 1 for index in range(count)]
    axis = month_axis(months, labels={month: f"{month % 100}月" for month in months}, tone=LIGHT)
    assert 1 <= len(axis["tickvals"]) <= 18
    assert month_index(months[0]) in axis["tickvals"]
