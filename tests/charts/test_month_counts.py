"""Counts month by month: a month without any is zero, a mark stands at the begin of its month and inside the figure."""

from __future__ import annotations

import pytest

from ui.charts.month_counts import counts_over_time
from ui.charts.month_lines import Campaign
from ui.charts.months import month_index
from ui.charts.tone import tone_named

MONTHS = {202101 + number: f"{number + 1}月" for number in range(12)}
WORDS = {"count_hover": "{count} 件"}


def drawn(counts: dict[int, int], *marks: Campaign):
    return counts_over_time(counts, months=MONTHS, words=WORDS, tone=tone_named("light"), marks=marks)


def test_a_month_without_any_is_zero_and_the_line_does_not_break() -> None:
    line, points = drawn({202101: 4, 202103: 2}).data
    assert list(line.y) == [4, 0, 2, *[0] * 9]
    assert list(line.x) == [month_index(month) for month in MONTHS]
    assert points.hovertext[0] == "<b>1月</b><br>4 件"


@pytest.mark.parametrize(("month", "side"), [(202103, "left"), (202111, "right")])
def test_a_mark_stands_before_its_month_and_its_words_stay_inside(month: int, side: str) -> None:
    figure = drawn({202101: 10}, Campaign(month, "合并而成"))
    (shape,), (name,) = figure.layout.shapes, figure.layout.annotations
    assert shape.x0 == shape.x1 == name.x == month_index(month) - 0.5
    assert (name.xanchor, name.text) == (side, "合并而成")
    assert figure.layout.yaxis.range[1] > drawn({202101: 10}).layout.yaxis.range[1], "room for the words above the line"


def test_a_mark_outside_the_months_is_not_drawn() -> None:
    assert drawn({202101: 1}, Campaign(201907, "早于数据")).layout.shapes == ()
