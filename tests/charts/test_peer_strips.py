"""One village among those of its type: everybody else is a dot without a name."""

import math
from typing import Any

import plotly.graph_objects as go

from tests.charts.sample_rows import words
from ui.charts import palette
from ui.charts.peer_strips import Strip, peer_strips
from ui.charts.tone import LIGHT

OWN = {
    "column_own": "本村社", "column_middle": "同类中间一半", "key_others": "同类村社", "key_middle": "中间一半",
    "hover_other": "同类村社之一 {value}（n={n}）", "few_others": "同类太少",
}  # fmt: skip


def strip(**changes: Any) -> Strip:
    fields = {
        "name": "问题解决率", "x": 38, "n": 40, "value": 0.95, "low": 0.835, "high": 0.986, "state": "value",
        "verdict": "similar", "others": (0.9, 0.95, 1.0, 1.0, 1.0), "cases": (30, 40, 12, 13, 14),
        "middle": (0.95, 1.0),
    }  # fmt: skip
    return Strip(**{**fields, **changes})


def drawn(*strips: Strip) -> go.Figure:
    names = {"worse": "较差（待观察）", "similar": "无明显差异", "too_few": "样本少"}
    return peer_strips(strips, place="翻石渡村", words={**words(), **OWN}, tone=LIGHT, verdict_names=names)


def markers(figure: go.Figure) -> tuple[go.Scatter, go.Scatter]:
    """The dots of the others, and the place's own."""
    others, own = (trace for trace in figure.data if trace.mode == "markers")
    return others, own


def test_the_others_are_drawn_one_dot_each_and_carry_no_name() -> None:
    others, own = markers(drawn(strip()))
    assert sorted(others.x) == [0.9, 0.95, 1.0, 1.0, 1.0]
    assert len(set(zip(others.x, others.y, strict=True))) == 5, "equal rates do not cover each other"
    assert others.customdata is None and "翻石渡村" not in "".join(others.hovertext)
    assert all(said.startswith("同类村社之一") for said in others.hovertext)
    assert own.hovertext[0].startswith("<b>翻石渡村</b>")


def test_the_middle_half_of_the_others_is_shaded_and_printed() -> None:
    figure = drawn(strip(), strip(middle=None), strip(middle=(1.0, 1.0)))
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(0.95, 1.0), (1.0, 1.0)]
    printed = [list(trace.text) for trace in figure.data if trace.mode == "text"][1]
    assert printed == ["95.0–100%", "同类太少", "100%"]


def test_a_verdict_shows_as_colour_and_as_mark_and_too_few_as_a_hollow_dot() -> None:
    _, own = markers(drawn(strip(verdict="worse"), strip(verdict="too_few", state="too_few")))
    assert list(own.marker.symbol) == ["triangle-down", "circle"]
    assert list(own.marker.color) == [palette.WORSE_TINT, LIGHT.ground]


def test_a_place_without_a_rate_leaves_the_others_and_says_why() -> None:
    nothing = {"value": math.nan, "low": math.nan, "high": math.nan, "x": math.nan, "n": math.nan}
    figure = drawn(strip(state="no_data", verdict="no_data", **nothing))
    others, own = markers(figure)
    assert len(others.x) == 5 and len(own.x) == 0
    assert "无数据" in [text for trace in figure.data if trace.mode == "text" for text in trace.text]
