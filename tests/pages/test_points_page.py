"""The page of points under AppTest: who sees which points, and what each choice and setting changes."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import PROJECT, words
from tests.placed_points import layer_of, placed_copy, reading
from ui.measures import present_layer_number
from ui.payloads.map_ground import shows_tiles
from ui.payloads.points_page import SHOWN
from ui.texts import text
from ui.webgl_check import ANSWER

JIANGSHAN, BAIZHANG = "330212110", "330212008"
TILES = "http://tiles.example/{z}/{x}/{y}.png?tk=KEY"


@pytest.fixture(scope="module")
def placed(demo_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return placed_copy(demo_sqlite, tmp_path_factory.mktemp("placed"))


@pytest.fixture(scope="module", autouse=True)
def database(placed: Path) -> Iterator[None]:
    """The placed district for all tests of this file, with caches that know nothing of another."""
    with reading(placed):
        yield


def open_points(
    *, role: str = "leader", township: str | None = None, webgl: bool | None = True, **address: str
) -> AppTest:
    """The page after its first run, in a browser that has, or has not, or has not yet said whether it has WebGL."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.session_state["viewer_role"] = role
    if township:
        app.session_state["viewer_township"] = township
    if webgl is not None:
        app.session_state[ANSWER] = webgl
    for name, value in address.items():
        app.query_params[name.rstrip("_")] = value
    app.switch_page("pages/places/points.py").run()
    assert not app.exception
    return app


def charts(app: AppTest) -> list[dict[str, object]]:
    """The specifications of the WebGL maps on the page."""
    return [json.loads(one.proto.json) for one in app.get("deck_gl_json_chart")]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("shown", SHOWN)
def test_every_switch_draws_one_map_and_its_table(shown: str, lang: str) -> None:
    app = open_points(points=shown, lang=lang)
    assert len(charts(app)) == 1
    assert len(app.dataframe) == 1 and len(app.dataframe[0].value) > 10
    assert text("choropleth.watermark", lang) in words(app)
    assert text("points.no_base_map", lang) not in words(app)
    assert charts(app)[0]["mapStyle"] == "__MAP_STYLE__"


def test_the_switch_changes_the_map_and_an_unknown_one_shows_the_first() -> None:
    app = open_points()
    assert layer_of(charts(app)[0], "sites")
    app.button_group(key="points_choice").set_value("columns").run()
    assert not app.exception and layer_of(charts(app)[0], "issues")["@@type"] == "ColumnLayer"
    assert layer_of(charts(open_points(points="nonsense"))[0], "sites")


def test_the_whole_district_is_offered_and_a_township_narrows_it() -> None:
    app = open_points()
    assert app.selectbox(key="filter_township").value == ""
    whole = len(app.dataframe[0].value)
    app.selectbox(key="filter_township").set_value(JIANGSHAN).run()
    assert not app.exception
    township = app.dataframe[0].value[text("points.columns.township", "zh")]
    assert 0 < len(township) < whole and set(township) == {"姜山镇"}
    app.selectbox(key="filter_township").set_value("").run()
    assert len(app.dataframe[0].value) == whole


def test_the_period_moves_the_day_that_inspections_are_seen_from() -> None:
    newest, older = open_points(), open_points(from_="202001", to="202003")
    assert "2020年3月" in words(older) and words(newest) != words(older)
    days = older.dataframe[0].value[text("points.columns.inspected_on", "zh")].dropna()
    assert len(days) and max(days).strftime("%Y%m") <= "202003"


@pytest.mark.parametrize("role", ["leader", "researcher", "steward"])
def test_every_role_of_the_district_sees_all_of_it(role: str) -> None:
    assert len(charts(open_points(role=role))) == 1


def test_a_head_sees_the_own_township_whatever_the_address_says() -> None:
    for address in ({}, {"tn": BAIZHANG}):
        app = open_points(role="head", township=JIANGSHAN, **address)
        assert list(app.selectbox(key="filter_township").options) == ["姜山镇"]
        assert set(app.dataframe[0].value[text("points.columns.township", "zh")]) == {"姜山镇"}
        points = layer_of(charts(app)[0], "sites")["data"]
        assert isinstance(points, list) and all(point["c"].startswith(JIANGSHAN) for point in points)


def test_without_webgl_the_sentence_and_the_table_stand_and_no_map() -> None:
    app = open_points(webgl=False)
    assert charts(app) == []
    assert text("points.no_webgl", "zh") in words(app)
    assert len(app.dataframe[0].value) > 10


def test_until_the_browser_has_answered_there_is_the_table_and_neither_map_nor_complaint() -> None:
    app = open_points(webgl=None)
    assert charts(app) == [] and text("points.no_webgl", "zh") not in words(app)
    assert len(app.dataframe[0].value) > 10


def test_a_public_screen_draws_no_points_on_invented_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAP_PUBLIC_MODE", "1")
    app = open_points()
    assert charts(app) == [] and text("points.hidden_from_public", "zh") in words(app)
    assert len(app.dataframe) == 1


def test_a_configured_base_map_is_said_to_be_off_on_schematic_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_MAP", TILES)
    monkeypatch.setenv("BASE_MAP_ATTRIBUTION", "试验底图")
    app = open_points()
    assert text("points.no_base_map", "zh") in words(app) and "试验底图" not in words(app)
    assert "tiles.example" not in json.dumps(charts(app))


def test_on_a_surveyed_layer_the_base_map_lies_under_and_is_named(
    demo_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASE_MAP", TILES)
    monkeypatch.setenv("BASE_MAP_ATTRIBUTION", "试验底图")
    monkeypatch.setenv("MAP_PUBLIC_MODE", "1")
    with reading(placed_copy(demo_sqlite, tmp_path, surveyed=True)):
        app = open_points(tn=JIANGSHAN)
        assert not shows_tiles(present_layer_number())
    style = charts(app)[0]["mapStyle"]
    assert isinstance(style, list) and style[0]["sources"]["ground"]["tiles"] == [TILES]
    assert text("points.base_map", "zh", attribution="试验底图") in words(app) and "试验测绘院" in words(app)
    assert text("choropleth.watermark", "zh") not in words(app)
    layers = charts(app)[0]["layers"]
    assert isinstance(layers, list) and "paper" not in {layer["id"] for layer in layers}


def test_where_nothing_has_a_position_the_page_says_so(placed: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copy(placed, tmp_path / "bare.db"))
    with closing(sqlite3.connect(bare)) as connection:
        for table in ("site", "issue"):
            connection.execute(f"UPDATE {table} SET lon = NULL, lat = NULL, located_by = NULL")
        connection.commit()
    with reading(bare):
        for shown in ("estates", "columns"):
            app = open_points(points=shown, tn=JIANGSHAN)
            assert charts(app) == [] and len(app.dataframe) == 0
            assert text("points.none", "zh") in words(app) and "没有坐标" in words(app)
