"""The figures of the grassroots pages: the checklist, hands against work, two groups, parts of wholes."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from ui.charts import palette
from ui.charts.canvas import text_width
from ui.charts.group_rows import GroupRow, group_rows
from ui.charts.part_bars import Part, part_bars
from ui.charts.state_grid import MARKS, Cell, Column, broken, state_grid
from ui.charts.tone import DARK, LIGHT, Tone
from ui.charts.workload_fields import Load, workload_fields

NAMES = {"a": "姜山镇", "b": "横溪镇"}
STATES = {"yes": "达到", "no": "未达到", "stale": "过期"}


def grid(cells: dict[tuple[str, str], Cell], *, tone: Tone = LIGHT, **changes: Any) -> go.Figure:
    options: dict[str, Any] = {
        "places": ["b", "a"], "names": NAMES, "columns": [Column("plans", "预案", ("6/25",)), Column("drills", "演练")],
        "states": STATES, "tone": tone, **changes,
    }  # fmt: skip
    return state_grid(cells, **options)


def test_each_cell_carries_its_mark_its_words_and_its_place_in_the_order_given() -> None:
    figure = grid({("a", "plans"): Cell("yes", "97%", ("姜山镇",)), ("b", "plans"): Cell("stale", "过期")})
    words = figure.data[2]
    assert list(words.text) == ["◇ 过期", "", "✓ 97%", ""]
    assert list(words.customdata) == ["b", "b", "a", "a"]
    assert list(words.y) == [0, 0, 1, 1] and figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert words.hovertext[2] == "姜山镇"
    assert figure.layout.xaxis.ticktext == ("预案<br><b>6/25</b>", "演练")


def test_only_what_is_known_is_filled_and_all_else_is_outlined() -> None:
    figure = grid({("b", "plans"): Cell("yes"), ("b", "drills"): Cell("no"), ("a", "plans"): Cell("stale")})
    filled = figure.data[0].z
    assert filled[0][0] is not None and filled[0][1] is not None and filled[0][0] != filled[0][1]
    assert list(filled[1]) == [None, None]
    assert figure.data[1].x.count(None) == 2  # the stale cell and the one that nobody reported


def test_a_fill_has_the_colour_of_its_state() -> None:
    figure = grid({("b", "plans"): Cell("yes"), ("b", "drills"): Cell("no")})
    heat = figure.data[0]
    span = heat.zmax - heat.zmin

    def colour(code: float) -> str:
        share = (code - heat.zmin) / span
        return next(one for at, one in reversed(heat.colorscale) if at <= share)

    assert colour(heat.z[0][0]) == palette.BETTER and colour(heat.z[0][1]) == palette.WORSE


def test_the_key_names_every_state_it_is_given_with_its_mark_and_an_empty_grid_still_draws() -> None:
    key = grid({}).layout.annotations[0].text
    assert all(words in key for words in STATES.values())
    assert MARKS["yes"] in key and MARKS["stale"] in key
    assert grid({}, places=[], columns=[], tone=DARK).layout.height > 0


@pytest.mark.parametrize("text", ["公卫分类联控落实率", "Grid workers per 1,000 households", "Plans", ""])
@pytest.mark.parametrize("width", [40.0, 63.0, 120.0])
def test_a_broken_heading_loses_nothing_and_keeps_its_width_where_words_allow(text: str, width: float) -> None:
    lines = broken(text, width=width)
    assert (" " if " " in text else "").join(lines) == text
    longest = max((text_width(word, size=12.0) for word in (text.split(" ") if " " in text else [""])), default=0.0)
    assert all(text_width(line, size=12.0) <= max(width, longest) + 0.01 for line in lines) or " " not in text


@pytest.mark.parametrize(
    ("text", "lines"),
    [("便民服务中心达标率", ["便民服务", "中心达标率"]), ("部门联镇街/村社覆盖率", ["部门联镇街/", "村社覆盖率"])],
)
def test_a_broken_chinese_heading_keeps_the_last_word_whole_and_begins_no_line_with_a_stroke(
    text: str, lines: list[str]
) -> None:
    assert broken(text, width=90.0) == lines


def row(code: str, a: float | None, b: float | None, ahead: str | None) -> GroupRow:
    return GroupRow(code, code, a, b, ahead, str(a), str(b), "差", "提示")


def groups(*rows: GroupRow) -> go.Figure:
    return group_rows(rows, groups=("新", "老"), heads=("尺度", "差"), keys=("新落后", "老落后", "不明显"), tone=LIGHT)


def test_each_row_of_two_groups_has_its_own_scale_from_zero_and_the_colour_of_the_group_behind() -> None:
    figure = groups(row("x", 1.0, 2.0, "b"), row("y", 90.0, 45.0, "a"), row("z", 5.0, 5.0, "none"))
    bars = [trace for trace in figure.data if trace.mode == "lines" and trace.line.width == 5]
    assert [bar.x[0] / bar.x[1] for bar in bars] == pytest.approx([0.5, 2.0, 1.0])
    assert [bar.line.color for bar in bars] == [LIGHT.group_a, LIGHT.group_b, LIGHT.unclear]
    assert all(0 <= x <= 1 for bar in bars for x in bar.x)


def test_a_missing_group_has_no_mark_zero_has_one_and_what_cannot_be_judged_is_hollow() -> None:
    figure = groups(row("x", None, 2.0, None), row("y", 0.0, 0.0, "none"))
    squares, circles = [trace for trace in figure.data if trace.mode == "markers"]
    assert list(squares.y) == [0, 1] and list(circles.y) == [1]
    assert squares.marker.color[0] == LIGHT.ground and squares.marker.color[1] == LIGHT.group_b
    assert list(circles.x) == [0.0]


def bars(*parts: Part, target: float | None = 0.85) -> go.Figure:
    return part_bars(parts, target=target, target_text="要求85%", heads=("比例", "已有/应有"), tone=LIGHT)


def test_bars_begin_at_zero_and_blue_is_at_what_is_asked_vermillion_below_it() -> None:
    figure = bars(Part("a", "甲", 0.9, "90%", "9/10", True), Part("b", "乙", 0.8, "80%", "8/10", False),
                  Part("c", "丙", None, "无数据", ""))  # fmt: skip
    whole, done = figure.data[0], figure.data[1]
    assert figure.layout.xaxis.range[0] == 0
    assert list(done.x) == [0.9, 0.8] and list(whole.x) == [1.0, 1.0]
    assert list(done.marker.color) == [palette.BETTER, palette.WORSE]
    assert figure.layout.shapes[0].x0 == 0.85
    assert not bars(Part("a", "甲", 0.9, "90%", "9/10"), target=None).layout.shapes


def fields(*loads: Load) -> go.Figure:
    return workload_fields(
        loads, names=NAMES | {"c": "云龙镇"}, middle=(3.5, 3.0), axes=("人手", "工作量"),
        corners={"strained": "人少活重", "easy": "人多活轻"}, keys={"strained": "一", "easy": "二", "other": "三"},
        district="全区", tone=LIGHT,
    )  # fmt: skip


def test_strained_and_easy_townships_differ_in_mark_and_colour_and_are_named() -> None:
    figure = fields(
        Load("a", 3.0, 4.0, "strained", "甲"), Load("b", 4.5, 2.0, "easy", "乙"), Load("c", 3.6, 3.1, "", "")
    )
    dots = figure.data[0]
    assert list(dots.marker.symbol) == ["triangle-down", "triangle-up", "circle"]
    assert list(dots.marker.color) == [palette.WORSE, palette.BETTER, LIGHT.unclear]
    assert dots.text[0] == "姜山镇" and dots.text[1] == "横溪镇"
    assert list(dots.customdata) == ["a", "b", "c"]


def test_the_rules_cross_at_the_values_of_all_together_and_one_township_alone_still_draws() -> None:
    figure = fields(Load("a", 3.5, 3.0, "", ""))
    upright, across = figure.layout.shapes
    assert upright.x0 == upright.x1 == 3.5 and across.y0 == across.y1 == 3.0
    low, high = figure.layout.xaxis.range
    assert low < 3.5 < high


def test_heads_break_below_the_name_in_all_columns_or_in_none() -> None:
    columns = [Column("plans", "预案", ("98.05%", "12/25")), Column("drills", "演练", ("9.0%", "1/25"))]
    wide, narrow = grid({}, columns=columns, room=600.0), grid({}, columns=columns, room=230.0)
    assert all("·" in head for head in wide.layout.xaxis.ticktext)
    assert all("·" not in head and head.count("<br>") == 2 for head in narrow.layout.xaxis.ticktext)
