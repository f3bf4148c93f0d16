"""Interval rows and the level-gap quadrant."""

import math

import pandas as pd
import pytest

from tests.charts.sample_rows import GROUPS, NAMES, gap_rows, rate_row, words
from ui.charts import palette
from ui.charts.interval_rows import interval_bars
from ui.charts.quadrants import level_gap_quadrant
from ui.charts.tone import LIGHT


def rate_rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"place": "p1", "verdict": "much_worse", **rate_row()},
            {"place": "p2", "verdict": "better", **rate_row(value=0.98, low=0.95, high=0.99)},
            {
                "place": "p3",
                "verdict": "too_few",
                **rate_row(n=4, x=2, value=0.5, low=0.15, high=0.85, state="too_few"),
            },
            {
                "place": "p4",
                "verdict": None,
                **rate_row(n=0, x=0, value=math.nan, low=math.nan, high=math.nan, state="no_data"),
            },
        ]
    )


def test_a_verdict_shows_as_colour_and_as_mark() -> None:
    figure = interval_bars(rate_rows(), names=NAMES, words=words(), tone=LIGHT, district=0.96, target=0.98)
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    assert list(dots.marker.symbol) == ["triangle-down", "triangle-up", "circle"]
    assert list(dots.marker.color) == [palette.WORSE, palette.BETTER_TINT, LIGHT.ground]


def test_a_place_without_data_keeps_its_row_and_says_so() -> None:
    figure = interval_bars(rate_rows(), names=NAMES, words=words(), tone=LIGHT)
    assert len(figure.layout.yaxis.ticktext) == 4
    printed = [text for trace in figure.data if trace.mode == "text" for text in trace.text]
    assert "无数据" in printed


def test_rows_may_be_the_items_of_a_checklist() -> None:
    rows = rate_rows().rename(columns={"place": "item"}).drop(columns="verdict")
    figure = interval_bars(rows, names=NAMES, words=words(), tone=LIGHT, key="item")
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    assert dots.marker.color[0] == LIGHT.ink
    assert dots.hovertext[0] == "<b>姜山镇</b><br>95.0%（95%区间 91.1–97.3%，190/200）"


def test_district_and_target_have_their_rules_and_names() -> None:
    figure = interval_bars(rate_rows(), names=NAMES, words=words(), tone=LIGHT, district=0.9613, target=0.98)
    assert {shape.x0 for shape in figure.layout.shapes} == {0.9613, 0.98}
    texts = {annotation.text for annotation in figure.layout.annotations}
    assert {"全区 96.1%", "目标 98%"} <= texts


def test_places_without_a_gap_stay_out_of_the_quadrant() -> None:
    rows = gap_rows().assign(level=0.95, level_n=1500)
    figure = level_gap_quadrant(rows, names=NAMES, groups=GROUPS, words=words(), tone=LIGHT, district_level=0.95)
    (dots,) = figure.data
    assert "p4" not in dots.customdata
    assert figure.layout.yaxis.range[0] == -figure.layout.yaxis.range[1], "zero is in the middle: no side looks larger"


def test_names_in_the_quadrant_do_not_cover_each_other() -> None:
    close = [gap_rows().iloc[0].to_dict() | {"place": f"q{index}", "level": 0.95, "level_n": 9} for index in range(12)]
    apart = {"place": "far", "level": 0.99, "difference": -0.06, "ahead": "b"}
    rows = pd.DataFrame([*close, close[0] | apart])
    names = {place: f"很长的地名{place}" for place in rows["place"]}
    figure = level_gap_quadrant(rows, names=names, groups=GROUPS, words=words(), tone=LIGHT, district_level=0.96)
    named = [text for text in figure.data[0].text if text]
    assert names["far"] in named
    assert len(named) < 6, "twelve dots in one spot cannot all be named"


@pytest.mark.parametrize("count", [0, 1])
def test_a_quadrant_with_hardly_a_place_still_draws(count: int) -> None:
    rows = gap_rows().assign(level=0.95, level_n=1500).head(count)
    figure = level_gap_quadrant(rows, names=NAMES, groups=GROUPS, words=words(), tone=LIGHT, district_level=0.95)
    assert len(figure.data[0].x) == count
