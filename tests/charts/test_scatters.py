"""The scatter of two indicators: every dot where its values are, as large as its cases, and named without covering."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ui.charts.scatters import LARGEST, ScatterAxis, scatter
from ui.charts.tone import DARK, LIGHT
from ui.texts import load_language

WORDS = {
    key.removeprefix("charts."): words for key, words in load_language("en").items() if key.startswith("charts.")
} | {"scatter_key": "dot size = cases"}
AXES = (ScatterAxis("Solved", level=0.97), ScatterAxis("Satisfied", level=0.95))


def rows(*values: tuple[str, float, float, int], named: bool = True, judged: bool = True) -> pd.DataFrame:
    made = []
    for place, a, b, n in values:
        row: dict[str, object] = {"place": place, "cases": n, "judged": judged, "named": named}
        for side, value in (("a", a), ("b", b)):
            row |= {f"{side}_x": value * n, f"{side}_n": n, f"{side}_value": value, f"{side}_low": value - 0.01,
                    f"{side}_high": min(value + 0.01, 1.0)}  # fmt: skip
        made.append(row)
    return pd.DataFrame(made)


NAMES = {letter: f"Town {letter}" for letter in "ABCDE"}
THREE = rows(("A", 0.95, 0.9, 100), ("B", 0.98, 0.96, 400), ("C", 0.99, 0.92, 25))


def test_dots_stand_at_their_values_and_carry_their_codes() -> None:
    dots = scatter(THREE, names=NAMES, axes=AXES, words=WORDS, tone=LIGHT).data[0]
    assert list(dots.customdata) == ["A", "B", "C"]
    assert list(zip(dots.x, dots.y, strict=True)) == [(0.95, 0.9), (0.98, 0.96), (0.99, 0.92)]


def test_the_area_of_a_dot_goes_with_its_cases() -> None:
    sizes = scatter(THREE, names=NAMES, axes=AXES, words=WORDS, tone=LIGHT).data[0].marker.size
    assert sizes[1] == LARGEST
    assert (sizes[1] / sizes[0]) ** 2 == pytest.approx(400 / 100, rel=0.02)
    assert sizes[2] >= 9  # the smallest can still be clicked


def test_places_with_too_few_cases_are_hollow_and_say_so() -> None:
    few = pd.concat([THREE, rows(("D", 1.0, 1.0, 4), judged=False)], ignore_index=True)
    dots = scatter(few, names=NAMES, axes=AXES, words=WORDS, tone=DARK).data[0]
    assert dots.marker.color[3] == DARK.ground != dots.marker.color[0]
    assert WORDS["state_too_few"] in dots.hovertext[3] and WORDS["state_too_few"] not in dots.hovertext[0]


def test_a_place_without_one_of_the_values_is_left_out() -> None:
    lacking = THREE.assign(b_value=[0.9, math.nan, 0.92])
    assert list(scatter(lacking, names=NAMES, axes=AXES, words=WORDS, tone=LIGHT).data[0].customdata) == ["A", "C"]


def test_without_any_place_the_figure_says_so() -> None:
    drawn = scatter(THREE.iloc[:0], names=NAMES, axes=AXES, words=WORDS, tone=LIGHT)
    assert WORDS["nothing_to_draw"] in [note.text for note in drawn.layout.annotations]


def test_names_are_written_where_they_cover_neither_dots_nor_each_other() -> None:
    close = rows(*((letter, 0.96 + 0.00001 * at, 0.93, 200) for at, letter in enumerate("ABCDE")))
    dots = scatter(close, names=NAMES, axes=AXES, words=WORDS, tone=LIGHT).data[0]
    assert sum(bool(name) for name in dots.text) < 5
    unnamed = scatter(THREE.assign(named=False), names=NAMES, axes=AXES, words=WORDS, tone=LIGHT).data[0]
    assert not any(unnamed.text)


def test_the_line_is_drawn_inside_the_plot_only() -> None:
    drawn = scatter(THREE, names=NAMES, axes=AXES, words=WORDS, tone=LIGHT, line=(2.0, -1.0))
    line = next(shape for shape in drawn.layout.shapes if shape.line.width == 1.6)
    (left, right), (bottom, top) = drawn.layout.xaxis.range, drawn.layout.yaxis.range
    for x, y in ((line.x0, line.y0), (line.x1, line.y1)):
        assert y == pytest.approx(2 * x - 1)
        assert left - 1e-9 <= x <= right + 1e-9 and bottom - 1e-9 <= y <= top + 1e-9


def test_a_ratio_has_its_unit_on_the_axis_and_no_percentages() -> None:
    ratio = THREE.assign(b_value=[12.0, 30.0, 21.0])
    axes = (AXES[0], ScatterAxis("Issues", share=False, unit="per 1,000", level=20.0))
    drawn = scatter(ratio, names=NAMES, axes=axes, words=WORDS, tone=LIGHT)
    assert drawn.layout.yaxis.title.text == "Issues · per 1,000"
    assert "12.0 per 1,000 (n=100)" in drawn.data[0].hovertext[0]
    low, high = drawn.layout.yaxis.range
    assert low < 12 and high > 30


def test_an_axis_that_does_not_start_at_zero_says_so() -> None:
    drawn = scatter(THREE, names=NAMES, axes=AXES, words=WORDS, tone=LIGHT)
    assert "axis starts at" in drawn.layout.xaxis.title.text
    rules = [shape for shape in drawn.layout.shapes if shape.line.dash == "dot"]
    assert {rule.x0 for rule in rules} >= {0.97} and {rule.y0 for rule in rules} >= {0.95}
