"""Differences against zero, and all gaps as dots: what is drawn is what was given, and who is behind is said."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go
import pytest

from tests.charts.sample_rows import GROUPS, words
from ui.charts.gap_dots import GapDot, gap_dots
from ui.charts.gap_intervals import DifferenceRow, gap_intervals
from ui.charts.tone import DARK, LIGHT, Tone

ROWS = [
    DifferenceRow("不作调整", "whole", -0.03, -0.05, -0.01, "a", n=900),
    DifferenceRow("同一镇街", "whole", -0.002, -0.02, 0.016, "none", n=900),
    DifferenceRow("其中：构成", "part", 0.01, 0.004, 0.016, "b", n=900),
    DifferenceRow("老村社", "stratum", 0.0, -0.02, 0.02, "none", n=300, code="established"),
    DifferenceRow("新村社", "stratum", -0.2, math.nan, math.nan, None, reason="样本少"),
    DifferenceRow("不明", "stratum", math.nan, math.nan, math.nan, None, reason="无数据"),
]


def drawn(rows: list[DifferenceRow] = ROWS, *, tone: Tone = LIGHT, lower: bool = False) -> go.Figure:
    return gap_intervals(rows, groups=GROUPS, lower_better=lower, words=words(), tone=tone)


def dots(figure: go.Figure) -> Any:
    return next(trace for trace in figure.data if trace.mode == "markers")


@pytest.mark.parametrize("tone", [LIGHT, DARK])
def test_each_dot_stands_at_its_difference_in_the_colour_of_the_group_behind(tone: Tone) -> None:
    marks = dots(drawn(tone=tone))
    assert list(marks.x) == [-0.03, -0.002, 0.01, 0.0, -0.2]
    assert list(marks.y) == [0, 1, 2, 3, 4]
    assert list(marks.marker.color) == [tone.group_a, tone.unclear, tone.group_b, tone.unclear, tone.ground]
    assert list(marks.customdata)[3] == "established"


def test_zero_is_printed_as_a_figure_and_a_missing_one_as_its_reason() -> None:
    printed = {}
    for trace in drawn().data:
        if trace.mode == "text":
            for at, text in zip(trace.y, trace.text, strict=True):
                printed.setdefault(at, []).append(text)
    assert printed[3][0] == "<b>0.0</b>" and "−2.0" in printed[3][1]
    assert printed[4] == ["", "样本少"]
    assert printed[5] == ["", "无数据"]


def test_what_is_not_judged_stretches_the_axis_by_its_dot_alone() -> None:
    start, end = drawn().layout.xaxis.range
    assert start < -0.2 and end > 0.02
    assert drawn(ROWS[:4]).layout.xaxis.range[0] > -0.06


def test_the_sides_of_zero_name_the_group_behind_and_turn_round_where_low_is_good() -> None:
    rows = [DifferenceRow("一", "whole", -0.03, -0.05, 0.05, "none", n=100)]
    said = [note.text for note in drawn(rows).layout.annotations]
    assert said[:2] == [f"◀ {GROUPS[0]}落后", f"{GROUPS[1]}落后 ▶"]
    said = [note.text for note in drawn(rows, lower=True).layout.annotations]
    assert said[:2] == [f"◀ {GROUPS[1]}落后", f"{GROUPS[0]}落后 ▶"]


PAIRINGS = {"u": ("城乡落差", "城市社区", "农村"), "e": ("小区管理落差", "业主自治", "物业管理")}


def dot(row: str, lead: float, *, stands: bool = True, touches: float = 10) -> GapDot:
    return GapDot(row, lead, stands, touches, code=f"{row}{lead}", hover="")


@pytest.mark.parametrize("tone", [LIGHT, DARK])
def test_gaps_that_stand_are_coloured_by_who_is_behind_and_sized_by_what_they_touch(tone: Tone) -> None:
    given = [dot("u", -0.1, touches=400), dot("u", 0.04, touches=100), dot("e", 0.01, stands=False), dot("x", 0.9)]
    faint, firm = gap_dots(given, rows=PAIRINGS, words=words(), tone=tone).data
    assert list(faint.x) == [0.01] and list(faint.marker.color) == [tone.unclear]
    assert list(firm.x) == [-0.1, 0.04]
    assert list(firm.marker.color) == [tone.group_a, tone.group_b]
    assert firm.marker.size[0] > firm.marker.size[1] > max(faint.marker.size)
    assert list(firm.customdata) == ["u-0.1", "u0.04"]
    assert all(-0.5 < y < 0.5 for y in firm.y) and all(0.5 < y < 1.5 for y in faint.y)


def test_dots_beyond_the_axis_stop_at_its_end() -> None:
    figure = gap_dots([dot("u", -0.1), dot("u", 0.6, stands=False)], rows=PAIRINGS, words=words(), tone=LIGHT)
    assert list(figure.data[0].x) == [0.1]
    assert figure.layout.xaxis.range[1] > 0.1


def test_a_figure_without_dots_still_names_its_rows() -> None:
    figure = gap_dots([], rows=PAIRINGS, words=words(), tone=LIGHT)
    assert [label.replace("&nbsp;", "") for label in figure.layout.yaxis.ticktext] == [
        "<b>城乡落差</b>", "<b>小区管理落差</b>",
    ]  # fmt: skip
