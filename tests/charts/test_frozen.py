"""The frozen figure: what Streamlit sends is the same, and nothing is validated on the way."""

import json
import pickle

import plotly.graph_objects as go
import plotly.io
import pytest
from streamlit.testing.v1 import AppTest

from tests.charts.sample_rows import GROUPS, NAMES, gap_rows, words
from ui.charts.dumbbells import dumbbell
from ui.charts.frozen import Frozen
from ui.charts.tone import LIGHT


def figure() -> go.Figure:
    return dumbbell(gap_rows(), names=NAMES, groups=GROUPS, words=words(), tone=LIGHT, district="d")


def app() -> None:
    import plotly.graph_objects
    import streamlit as st

    from tests.charts.test_frozen import figure
    from ui.charts.canvas import CONFIG
    from ui.charts.frozen import Frozen

    frozen = Frozen(figure())

    def validated(*_: object, **__: object) -> None:
        raise AssertionError("the frozen figure was validated again")

    original = plotly.graph_objects.Figure.__init__
    plotly.graph_objects.Figure.__init__ = validated  # type: ignore[method-assign,assignment]
    try:
        st.plotly_chart(frozen, theme=None, config=CONFIG, key="chart", on_select="rerun", selection_mode="points")
    finally:
        plotly.graph_objects.Figure.__init__ = original  # type: ignore[method-assign]


def test_streamlit_sends_a_frozen_figure_whole_and_without_validating_it() -> None:
    page = AppTest.from_function(app, default_timeout=30).run()
    assert not page.exception
    sent = json.loads(page.get("plotly_chart")[0].proto.spec)
    assert sent == json.loads(plotly.io.to_json(Frozen(figure()), validate=False))
    assert len(sent["data"]) == len(figure().data)
    assert sent["layout"]["height"] == figure().layout.height


def test_to_dict_answers_with_the_same_object_every_time() -> None:
    frozen = Frozen(figure())
    assert frozen.to_dict() is frozen.to_dict()


def test_numbers_are_shortened_and_missing_ends_of_lines_stay_missing() -> None:
    frozen = Frozen(go.Figure(go.Scatter(x=[1 / 3, None, 2], y=[0, 1, 2])))
    assert frozen.to_dict()["data"][0]["x"] == [0.333333, None, 2]


def test_a_frozen_figure_refuses_to_change_or_to_be_pickled() -> None:
    frozen = Frozen(figure())
    with pytest.raises(TypeError, match="shared between sessions"):
        frozen.layout = {}
    with pytest.raises(TypeError, match="cache_resource"):
        pickle.dumps(frozen)


def test_a_figure_carries_no_template_and_stays_small() -> None:
    spec = plotly.io.to_json(Frozen(figure()), validate=False)
    assert len(json.dumps(json.loads(spec)["layout"]["template"])) < 100
    assert len(spec) < 12_000
