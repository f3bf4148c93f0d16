"""The dumbbell says who is behind, and says when it cannot."""

from typing import Any

import plotly.graph_objects as go
import pytest

from tests.charts.sample_rows import GROUPS, NAMES, gap_row, gap_rows, words
from ui.charts.dumbbells import dumbbell, gap_words
from ui.charts.tone import DARK, LIGHT, Tone


def drawn(tone: Tone = LIGHT, **changes: Any) -> go.Figure:
    options: dict[str, Any] = {
        "names": NAMES,
        "groups": GROUPS,
        "words": words(),
        "tone": tone,
        "district": "d",
        **changes,
    }
    return dumbbell(gap_rows(), **options)


def segments(figure: go.Figure) -> dict[tuple[str, int], list[float]]:
    """Colour and row of every bar to its ends."""
    found: dict[tuple[str, int], list[float]] = {}
    for trace in figure.data:
        if trace.mode == "lines" and trace.line.width >= 5:
            for at in range(0, len(trace.x), 3):
                found[trace.line.color, trace.y[at]] = [trace.x[at], trace.x[at + 1]]
    return found


def printed(figure: go.Figure) -> dict[float, list[str]]:
    """Row to everything printed beside the plot."""
    found: dict[float, list[str]] = {}
    for trace in figure.data:
        if trace.mode == "text":
            for at, text in zip(trace.y, trace.text, strict=True):
                found.setdefault(at, []).append(text)
    return found


@pytest.mark.parametrize("tone", [LIGHT, DARK])
def test_the_bar_takes_the_colour_of_the_group_that_is_behind(tone: Tone) -> None:
    bars = segments(drawn(tone))
    assert bars[tone.group_b, 1] == [0.96, 0.9], "p1: rural is behind"
    assert bars[tone.group_a, 3] == [0.88, 0.9], "p3: urban is behind"
    assert (tone.unclear, 2) in bars, "p2: the interval covers zero"
    assert (tone.unclear, 5) in bars, "p5: too few to judge"
    assert len(bars) == 5, "p4 lacks a group and has no bar"


def test_the_district_goes_on_top_and_the_rest_keeps_its_order() -> None:
    labels = [label.replace("&nbsp;", "") for label in drawn().layout.yaxis.ticktext]
    assert labels == ["<b>全区</b>", "姜山镇", "云龙镇", "东吴镇", "横溪镇", "塘溪镇"]


def test_a_missing_group_is_said_in_words_and_keeps_the_other_dot() -> None:
    figure = drawn()
    assert any("■" in text and "无数据" in text for text in printed(figure)[4])
    circles = next(trace for trace in figure.data if trace.marker.symbol == "circle")
    squares = next(trace for trace in figure.data if trace.marker.symbol == "square")
    assert "p4" in circles.customdata
    assert "无农村数据" in circles.hovertext[list(circles.customdata).index("p4")]
    assert "p4" not in squares.customdata


def test_groups_too_small_to_judge_are_hollow_and_print_no_difference() -> None:
    figure = drawn()
    circles = next(trace for trace in figure.data if trace.marker.symbol == "circle")
    fills = dict(zip(circles.customdata, circles.marker.color, strict=True))
    assert fills["p5"] == LIGHT.ground
    assert fills["p1"] == LIGHT.group_a
    assert "样本少，不作判断" in printed(figure)[5]
    assert not any("21.0" in text for text in printed(figure)[5])


def test_a_gap_of_zero_is_a_gap_and_not_a_missing_one() -> None:
    figure = drawn()
    assert "<b>0.0</b>" in printed(figure)[0]
    assert (LIGHT.unclear, 0) in segments(figure)


def test_the_difference_stands_beside_its_interval_and_both_n() -> None:
    assert printed(drawn())[1] == ["<b>+6.0</b>", "+3.2 至 +9.1", "1,000", "500"]


def test_a_broken_axis_says_where_it_starts() -> None:
    axis = drawn().layout.xaxis
    assert axis.range[0] == pytest.approx(0.7)
    assert axis.title.text == "横轴从 70% 起"


def test_the_figure_grows_with_its_rows() -> None:
    few = dumbbell(gap_rows().head(2), names=NAMES, groups=GROUPS, words=words(), tone=LIGHT)
    assert drawn().layout.height - few.layout.height == 4 * 27


def test_no_rows_make_an_empty_figure_and_no_error() -> None:
    empty = dumbbell(gap_rows().head(0), names=NAMES, groups=GROUPS, words=words(), tone=LIGHT, district="d")
    assert empty.layout.height > 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "农村落后：相差 +6.0 个百分点（95%区间 +3.2 至 +9.1）"),
        ({"ahead": "b"}, "城市落后：相差 +6.0 个百分点（95%区间 +3.2 至 +9.1）"),
        ({"ahead": "none"}, "相差 +6.0 个百分点（95%区间 +3.2 至 +9.1），在正常波动范围内"),
        ({"a_n": 0}, "无城市数据"),
        ({"a_n": 0, "b_n": 0}, "无城市和农村数据"),
        ({"difference": float("nan"), "state": "hidden"}, "✱ 已隐去（人数过少）"),
    ],
)
def test_a_gap_is_said_in_words(changes: dict[str, Any], said: str) -> None:
    assert gap_words(gap_row("p1", **changes), groups=GROUPS, words=words()) == said
