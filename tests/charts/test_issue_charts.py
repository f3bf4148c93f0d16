"""The chain of steps, the curves of open cases, the table of counts in colour and the control chart."""

import math

import pandas as pd
import pytest

from tests.charts.sample_rows import MONTHS
from tests.charts.sample_rows import words as shared_words
from ui.charts import palette
from ui.charts.chains import ChainStep, step_chain
from ui.charts.control_lines import control_lines
from ui.charts.deadline_bars import REACH, deadline_bars
from ui.charts.heat_table import count_heat
from ui.charts.months import month_index
from ui.charts.survival import OpenShare, open_curves
from ui.charts.tone import DARK, LIGHT
from ui.payloads.issue_chain import section_words

CHAIN = section_words("issues.chain.chart.", "zh")
CURVES = section_words("issues.durations.chart.", "zh")
HEAT = section_words("issues.backlog.chart.", "zh")
BARS = section_words("issues.perfection.chart.", "zh")
CONTROL = section_words("issues.months.chart.", "zh")
STEPS = [ChainStep("发现", 1000, 0, ""), ChainStep("受理", 990, 10, "10件未受理"), ChainStep("回访", 700, 290, "290件")]


def test_the_bars_of_a_chain_start_at_zero_and_a_loss_fills_what_the_step_before_had() -> None:
    figure = step_chain(STEPS, words=CHAIN, tone=LIGHT)
    passed, lost = (trace for trace in figure.data if trace.type == "bar")
    assert list(passed.base) == [0, 0, 0] and list(passed.x) == [1000, 990, 700]
    assert [base + loss for base, loss in zip(lost.base, lost.x, strict=True)] == [1000, 1000, 990]
    assert figure.layout.xaxis.range[0] == 0


@pytest.mark.parametrize("tone", [LIGHT, DARK])
def test_only_the_largest_loss_bears_the_colour_for_worse(tone) -> None:  # type: ignore[no-untyped-def]
    figure = step_chain(STEPS, words=CHAIN, tone=tone)
    lost = [trace for trace in figure.data if trace.type == "bar"][1]
    assert [colour.startswith("rgba(213,94,0") for colour in lost.marker.color] == [False, False, True]
    none_lost = step_chain([ChainStep("发现", 5, 0, ""), ChainStep("受理", 5, 0, "")], words=CHAIN, tone=tone)
    assert not any("213,94,0" in colour for colour in none_lost.data[1].marker.color)


def test_a_chain_prints_counts_shares_of_the_first_step_and_losses_with_a_minus() -> None:
    columns = [list(trace.text) for trace in step_chain(STEPS, words=CHAIN, tone=LIGHT).data if trace.type == "scatter"]
    assert columns == [
        ["<b>1,000</b>", "<b>990</b>", "<b>700</b>"], ["100%", "99.0%", "70.0%"],
        ["", "<b>−10</b>", "<b>−290</b>"], ["", "10件未受理", "290件"],
    ]  # fmt: skip


def test_a_chain_without_a_single_case_can_be_drawn() -> None:
    figure = step_chain([ChainStep("发现", 0, 0, ""), ChainStep("受理", 0, 0, "")], words=CHAIN, tone=LIGHT)
    assert [list(trace.text) for trace in figure.data if trace.type == "scatter"][1] == ["–", "–"]


def curve(name: str = "投诉", *, until: float = math.inf, days: int = 4) -> OpenShare:
    shares = [0.8, 0.5, 0.2, 0.1][:days]
    return OpenShare(
        name, [1.0, 3.0, 8.0, 40.0][:days], shares, [one - 0.05 for one in shares], [one + 0.05 for one in shares],
        [100.0, 80.0, 50.0, 20.0][:days], until,
    )  # fmt: skip


def test_a_curve_begins_with_all_cases_open_and_falls_in_steps() -> None:
    figure = open_curves([curve()], words=CURVES, tone=LIGHT)
    line = next(trace for trace in figure.data if trace.name == "投诉")
    assert list(line.x) == [0, 1, 3, 8, 40] and list(line.y) == [1, 0.8, 0.5, 0.2, 0.1]
    assert line.line.shape == "hv"
    assert figure.layout.yaxis.range[0] == 0
    assert [shape.x0 for shape in figure.layout.shapes] == [7, 15, 30]


def test_a_curve_ends_where_too_few_are_left_and_one_that_cannot_be_read_is_left_out() -> None:
    figure = open_curves([curve("甲", until=5), curve("乙", until=-1), curve("丙")], words=CURVES, tone=LIGHT)
    lines = {trace.name: list(trace.x) for trace in figure.data if trace.name}
    assert lines == {"甲": [0, 1, 3], "丙": [0, 1, 3, 8, 40]}
    legend = figure.layout.annotations[0].text
    assert "甲" in legend and "丙" in legend and "乙" not in legend


def test_bands_are_drawn_for_two_curves_and_not_for_three() -> None:
    for count, bands in ((1, 1), (2, 2), (3, 0)):
        figure = open_curves([curve(str(number)) for number in range(count)], words=CURVES, tone=LIGHT)
        assert sum(trace.fill == "toself" for trace in figure.data) == bands


def test_six_curves_differ_in_colour_or_dash_and_none_has_the_colour_of_a_verdict() -> None:
    figure = open_curves([curve(str(number)) for number in range(6)], words=CURVES, tone=LIGHT)
    styles = {(trace.line.color, trace.line.dash) for trace in figure.data if trace.name}
    assert len(styles) == 6
    assert not {colour for colour, _ in styles} & {palette.BETTER, palette.WORSE}


def test_without_a_readable_curve_the_figure_says_so() -> None:
    figure = open_curves([curve(until=-1)], words=CURVES, tone=LIGHT)
    assert not figure.data and figure.layout.annotations[0].text == CURVES["nothing"]


def test_counts_in_a_heat_table_print_zero_as_zero_and_only_the_bad_column_is_vermillion() -> None:
    figure = count_heat([[3, 0], [400, 12]], rows=["新", "旧"], columns=["超期", "未到"], words=HEAT, tone=LIGHT,
                        bad=[0])  # fmt: skip
    bad, other = (trace for trace in figure.data if trace.type == "heatmap")
    assert [list(line) for line in bad.z] == [[3], [400]] and bad.zmax == other.zmax == 400
    assert "213,94,0" in bad.colorscale[2][1] and "213,94,0" not in other.colorscale[2][1]
    printed = next(trace for trace in figure.data if trace.type == "scatter")
    assert list(printed.text) == ["<b>3</b>", "0", "<b>400</b>", "<b>12</b>"]
    assert bad.colorscale[0][1].endswith(",0)"), "a field without cases stays empty"


def control_rows() -> pd.DataFrame:
    months = [month for month in MONTHS if month != 202003]
    rows = pd.DataFrame({"month": months, "x": 95, "n": 100, "value": [0.95, 0.9, 0.99, 0.95, 0.96], "centre": 0.95,
                         "low_limit": 0.92, "high_limit": 0.98, "signal": "none", "good": None})  # fmt: skip
    rows.loc[1, ["signal", "good"]] = ["beyond_limit", False]
    rows.loc[2, ["signal", "good"]] = ["beyond_limit", True]
    rows.loc[4, ["low_limit", "high_limit", "centre"]] = math.nan
    rows.loc[4, "signal"] = None
    return rows


def test_signs_take_colour_and_mark_by_what_is_better_and_ordinary_months_stay_grey() -> None:
    figure = control_lines(
        control_rows(), months=MONTHS, words=CONTROL, shared=shared_words(), tone=LIGHT, target=0.95,
        provisional_from=202006,
    )  # fmt: skip
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    assert list(dots.marker.symbol) == ["circle", "triangle-down", "triangle-up", "circle", "circle"]
    assert list(dots.marker.color) == [LIGHT.unclear, palette.WORSE, palette.BETTER, LIGHT.unclear, LIGHT.unclear]
    assert "有变化的信号" in dots.hovertext[1] and "在正常范围内" in dots.hovertext[0]
    assert "正常范围" not in dots.hovertext[4], "a month that is not judged says nothing of limits"
    assert any(note.text == "暂定" for note in figure.layout.annotations)


def test_a_missing_month_breaks_the_line_and_the_band() -> None:
    figure = control_lines(control_rows(), months=MONTHS, words=CONTROL, shared=shared_words(), tone=LIGHT)
    line = next(trace for trace in figure.data if trace.mode == "lines" and trace.fill is None and None in trace.x)
    assert list(line.x)[2] is None and month_index(202003) not in list(line.x)
    assert sum(trace.fill == "toself" for trace in figure.data) == 2


def test_closings_far_from_the_deadline_are_added_to_the_outermost_bar_and_none_is_lost() -> None:
    closed = {(-40, True): 3, (-15, True): 2, (0, True): 7, (0, False): 1, (1, False): 4, (90, False): 5}
    in_time, late = deadline_bars(closed, words=BARS, tone=LIGHT).data
    early = dict(zip(in_time.x, in_time.y, strict=True))
    behind = dict(zip(late.x, late.y, strict=True))
    assert early[-REACH] == 5 and early[0] == 7 and behind[0] == 1 and behind[1] == 4 and behind[REACH] == 5
    assert sum(early.values()) + sum(behind.values()) == sum(closed.values())
    assert in_time.marker.color[REACH] == LIGHT.ink and in_time.hovertext[REACH].startswith("<b>到期当天办结</b>")
