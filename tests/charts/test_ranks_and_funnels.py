"""The caterpillar of ranks, the funnel, the bars of bands and the rows of ratios."""

from __future__ import annotations

import math
import tomllib
from typing import Any

import pandas as pd
import pytest

from indicators.funnels import limit_curves
from tests.charts.sample_rows import LANGUAGES, NAMES
from tests.charts.sample_rows import words as chart_words
from ui.charts import palette
from ui.charts.band_bars import BANDS, band_bars
from ui.charts.caterpillars import rank_caterpillar, rank_ticks
from ui.charts.funnels import case_ticks, funnel_plot
from ui.charts.interval_rows import interval_bars
from ui.charts.ratio_rows import ratio_bars
from ui.charts.tone import DARK, LIGHT

HOVERS = {code: f"hover {code}" for code in NAMES}


def words() -> dict[str, str]:
    own = tomllib.loads((LANGUAGES / "zh" / "rankings.toml").read_text(encoding="utf-8"))["chart"]
    return {**chart_words(), **own, "value_axis": "问题解决率", "all_together": "全区 {value}", "unit_axis": "件/千人",
            "misses_axis": "每千件未解决数", "cases_axis": "件数"}  # fmt: skip


def rank_row(
    place: str, rank: float | None, low: float | None, high: float | None, standing: str | None, **more: Any
) -> dict[str, Any]:
    alike = None if low is None or high is None else high - low
    return {"place": place, "rank": rank, "tied": False, "rank_low": low, "rank_high": high, "alike": alike,
            "standing": standing, "state": "value", **more}  # fmt: skip


def ranks(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    return table.astype({name: "Int64" for name in ("rank", "rank_low", "rank_high", "alike")})


def four(front: str | None = "front", rear: str | None = "rear") -> pd.DataFrame:
    return ranks(
        rank_row("p1", 1, 1, 2, front),
        rank_row("p2", 2, 1, 4, "unclear"),
        rank_row("p3", 3, 1, 4, "unclear"),
        rank_row("p4", 4, 3, 4, rear),
    )


def drawn(table: pd.DataFrame, **more: Any) -> Any:
    return rank_caterpillar(table, names=NAMES, hovers=HOVERS, words=words(), tone=LIGHT, **more)


def marks(figure: Any) -> Any:
    return next(trace for trace in figure.data if trace.mode in ("markers", "markers+text"))


def test_a_dot_stands_at_its_rank_with_the_colour_and_mark_of_where_it_surely_is() -> None:
    dots = marks(drawn(four()))
    assert list(dots.x) == [1, 2, 3, 4]
    assert list(dots.marker.symbol) == ["triangle-up", "circle", "circle", "triangle-down"]
    assert list(dots.marker.color) == [palette.BETTER, palette.SIMILAR, palette.SIMILAR, palette.WORSE]
    assert list(dots.customdata) == ["p1", "p2", "p3", "p4"]
    assert dots.hovertext[0] == "hover p1"


def test_halves_are_shaded_only_where_a_bracket_lies_wholly_in_them() -> None:
    def shaded(table: pd.DataFrame) -> list[tuple[float, float]]:
        return [(shape.x0, shape.x1) for shape in drawn(table).layout.shapes]

    assert shaded(four()) == [(0.5, 2.5), (2.5, 4.5)]
    assert shaded(four(front="unclear")) == [(2.5, 4.5)]
    assert shaded(four(front="unclear", rear="unclear")) == []


def test_the_bracket_spans_the_plausible_ranks() -> None:
    bracket = next(trace for trace in drawn(four()).data if trace.mode == "lines" and trace.line.width == 1.8)
    first = list(bracket.x)[:9]
    assert (min(x for x in first if x), max(x for x in first if x)) == (1, 2)


def test_a_place_without_a_rank_keeps_its_row_and_says_so() -> None:
    rows = pd.concat([four(), ranks(rank_row("p5", None, None, None, None, state="too_few"))], ignore_index=True)
    figure = drawn(rows)
    assert len(figure.layout.yaxis.ticktext) == 5
    assert "p5" not in marks(figure).customdata
    assert words()["not_ranked"] in [text for trace in figure.data if trace.mode == "text" for text in trace.text]


def test_higher_and_lower_are_no_better_and_worse() -> None:
    colours = set(marks(drawn(four(), neutral=True)).marker.color)
    assert not colours & {palette.BETTER, palette.WORSE}


def test_ranks_without_ranges_are_drawn_without_brackets() -> None:
    table = ranks(*(rank_row(f"p{one}", one, None, None, None) for one in (1, 2)))
    figure = drawn(table)
    assert list(marks(figure).x) == [1, 2]
    assert figure.layout.shapes == ()


@pytest.mark.parametrize(
    ("count", "ticks"), [(1, [1]), (4, [1, 2, 3, 4]), (25, [1, 5, 10, 15, 20, 25]), (26, [1, 5, 10, 15, 20, 26])]
)
def test_the_first_and_the_last_rank_are_always_on_the_axis(count: int, ticks: list[int]) -> None:
    assert rank_ticks(count) == ticks


def test_the_rows_of_ranks_and_of_values_are_equally_tall() -> None:
    values = pd.DataFrame(
        [
            {"place": code, "x": 95, "n": 100, "value": 0.95, "low": 0.9, "high": 0.98, "state": "value",
             "verdict": "similar"}
            for code in ("p1", "p2", "p3", "p4")
        ]
    )  # fmt: skip
    shares = interval_bars(values, names=NAMES, words=words(), tone=LIGHT)
    ratios = ratio_bars(values, names=NAMES, hovers=HOVERS, words=words(), tone=LIGHT, all_together=0.95)
    heights = {(one.layout.height, one.layout.margin.t, one.layout.margin.b) for one in (drawn(four()), shares, ratios)}
    assert len(heights) == 1


def ratio_rows() -> pd.DataFrame:
    nothing = {"value": math.nan, "low": math.nan, "high": math.nan}
    return pd.DataFrame(
        [
            {
                "place": "p1",
                "n": 1000,
                "value": 24.06,
                "low": 20.04,
                "high": 28.01,
                "state": "value",
                "verdict": "higher",
            },
            {"place": "p2", "n": 0, **nothing, "state": "no_data", "verdict": "no_data"},
            {"place": "p3", "n": 900, "value": 0.0, "low": 0.0, "high": 3.9, "state": "value", "verdict": "similar"},
        ]
    )


def test_a_ratio_of_zero_is_a_value_and_no_data_is_said() -> None:
    figure = ratio_bars(ratio_rows(), names=NAMES, hovers=HOVERS, words=words(), tone=DARK, all_together=12.0)
    assert list(marks(figure).customdata) == ["p1", "p3"] and list(marks(figure).x) == [24.06, 0.0]
    printed = [text for trace in figure.data if trace.mode == "text" for text in trace.text]
    assert "无数据" in printed and "<b>0.0</b>" in printed and "20.0–28.1" in printed
    assert figure.layout.shapes[0].x0 == 12.0


# The funnel


def funnel_rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"place": "p1", "x": 880, "n": 1000, "value": 0.88, "state": "value", "verdict": "much_worse"},
            {"place": "p2", "x": 97, "n": 100, "value": 0.97, "state": "value", "verdict": "similar"},
            {"place": "p3", "x": 3, "n": 4, "value": 0.75, "state": "too_few", "verdict": "too_few"},
            {"place": "p4", "x": 0, "n": 0, "value": math.nan, "state": "no_data", "verdict": "too_few"},
            {"place": "p5", "x": 500, "n": 500, "value": 1.0, "state": "value", "verdict": "better"},
        ]
    )


def funnel(**more: Any) -> Any:
    rows = funnel_rows()
    return funnel_plot(rows, limit_curves(rows["n"], 0.95), names=NAMES, hovers=HOVERS, words=words(), tone=LIGHT,
                       rate=0.95, **more)  # fmt: skip


def test_only_places_outside_the_limits_are_named() -> None:
    dots = marks(funnel())
    assert dict(zip(dots.customdata, dots.text, strict=True)) == {"p1": "姜山镇", "p2": "", "p3": "", "p5": "塘溪镇"}
    assert dots.marker.color[2] == LIGHT.ground, "too few to judge is hollow"


def test_cases_are_on_a_logarithmic_axis_with_round_numbers() -> None:
    axis = funnel().layout.xaxis
    assert axis.type == "log"
    assert list(axis.ticktext) == ["5", "10", "20", "50", "100", "200", "500", "1,000"]
    assert case_ticks(math.log10(150), math.log10(450)) == [200]


def test_the_complement_turns_the_axis_and_leaves_every_place_where_it_was_against_its_limits() -> None:
    rate, misses = funnel(target=0.98), funnel(target=0.98, misses=True, turned=True)
    for one, other in zip(rate.data, misses.data, strict=True):
        assert [(1 - y) * 1000 for y in one.y] == pytest.approx(list(other.y))
    low, high = misses.layout.yaxis.range
    assert low < 0 <= min(y for trace in misses.data for y in trace.y) and high > 250
    levels = sorted(shape.y0 for shape in misses.layout.shapes)
    assert levels == pytest.approx([20.0, 50.0])
    assert {"全区 50.0", "目标 20.0"} <= {note.text for note in misses.layout.annotations}


def test_what_is_better_low_is_drawn_per_thousand_without_turning() -> None:
    assert list(marks(funnel(misses=True, turned=False)).y) == pytest.approx([880, 970, 750, 1000])


def test_widened_limits_come_with_the_exact_ones_dotted() -> None:
    rows = funnel_rows()
    limits = limit_curves(rows["n"], 0.95)
    for name in ("low998", "low95", "high95", "high998"):
        limits[f"adjusted_{name}"] = limits[name] * 0.99
    figure = funnel_plot(rows, limits, names=NAMES, hovers=HOVERS, words=words(), tone=LIGHT, rate=0.95, adjusted=True)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    dotted = [trace for trace in lines if trace.line.dash == "dot"]
    assert len(lines) == 6 and len(dotted) == 2
    assert list(dotted[0].y) == pytest.approx(list(limits["low998"]))
    assert words()["limit_exact"] in str([note.text for note in figure.layout.annotations])


def test_names_that_would_cover_each_other_give_way_to_the_stronger_one() -> None:
    close = [
        {
            "place": f"q{one}",
            "n": 500 + one,
            "value": 0.88,
            "state": "value",
            "verdict": "much_worse" if one else "worse",
        }
        for one in range(12)
    ]
    rows = pd.DataFrame([*close, {**close[0], "place": "far", "n": 40, "value": 0.99}])
    names = {place: f"很长的地名{place}" for place in rows["place"]}
    figure = funnel_plot(rows, limit_curves(rows["n"], 0.95), names=names, hovers=names, words=words(), tone=LIGHT,
                         rate=0.95)  # fmt: skip
    named = [text for text in marks(figure).text if text]
    assert names["far"] in named and names["q0"] not in named
    assert 1 <= len(named) - 1 < 6


# Bands


def test_bars_count_the_villages_of_each_band_and_draw_nothing_for_none() -> None:
    counts = pd.DataFrame(
        [
            {"place": "p1", "trailing": 6, "middle": 10, "leading": 0, "few_cases": 1, "no_data": 0},
            {"place": "p2", "trailing": 0, "middle": 4, "leading": 2, "few_cases": 0, "no_data": 0},
        ]
    )
    figure = band_bars(counts, names=NAMES, words=words(), tone=LIGHT)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert len(bars) == len(BANDS) - 1, "a band that nobody is in has no bar"
    assert [list(bar.x) for bar in bars] == [[6, None], [10, 4], [None, 2], [1, None]]
    assert figure.layout.xaxis.range[0] == 0
    printed = [list(trace.text) for trace in figure.data if trace.type == "scatter"]
    assert printed == [["<b>6</b>", "0"], ["0", "<b>2</b>"], ["17", "6"]]
    assert bars[0].marker.color == palette.WORSE and bars[2].marker.color == palette.BETTER
