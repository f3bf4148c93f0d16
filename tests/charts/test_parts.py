"""Bars of contributions: to which side they go, which are dark, and the sum below them."""

from __future__ import annotations

import pandas as pd

from ui.charts.parts import part_bars
from ui.charts.tone import DARK, LIGHT

WORDS = {"axis": "cases", "column_cases": "difference", "column_counts": "actual"}


def drawn(tone=LIGHT):
    rows = [("1", "A", -4.0, True, False), ("2", "B", 1.5, False, False), ("total", "Sum", -2.5, True, True)]
    names = ("code", "name", "cases", "down", "total")
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return part_bars(
        frame.assign(cases_text=frame["cases"].map(str), counts_text="1/2", hover=frame["name"]), words=WORDS, tone=tone
    )


def test_bars_go_to_the_side_of_their_sign_from_nothing_in_the_middle():
    figure = drawn()
    assert list(figure.data[0].x) == [-4.0, 1.5, -2.5]
    low, high = figure.layout.xaxis.range
    assert low == -high and high > 4
    assert list(figure.data[0].customdata) == ["1", "2", "total"]


def test_what_pulls_down_is_darker_and_the_sum_is_outlined_only():
    for tone in (LIGHT, DARK):
        colours, widths = drawn(tone).data[0].marker.color, drawn(tone).data[0].marker.line.width
        opacity = [float(colour.rstrip(")").split(",")[-1]) for colour in colours]
        assert opacity[0] > opacity[1] > opacity[2] == 0
        assert list(widths) == [0, 0, 1.4]


def test_the_sum_is_set_off_and_bold():
    figure = drawn()
    assert len(figure.layout.shapes) == 1 and figure.layout.shapes[0].y0 == 1.5
    assert [("<b>" in name) for name in figure.layout.yaxis.ticktext] == [False, False, True]


def test_no_rows_make_an_empty_figure():
    frame = pd.DataFrame(columns=["code", "name", "cases", "down", "total", "cases_text", "counts_text", "hover"])
    assert len(part_bars(frame, words=WORDS, tone=LIGHT).data[0].x or ()) == 0
