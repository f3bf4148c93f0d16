"""Layers and specifications for WebGL: what is sent, that it is compact, and that nothing is asked of another host."""

from __future__ import annotations

import json
import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pydeck as pdk
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.base_maps import base_map
from geo.deck_specs import NO_BASE_MAP, deck, fitting_view
from geo.map_layers import (
    area_layer,
    area_rows,
    compact_json,
    issue_columns,
    issue_heat,
    label_layer,
    outline_layer,
    outline_rows,
    site_layer,
)
from geo.point_cells import count_in_cells
from geo.point_marks import Mark

MARKS = {"bad": Mark("down", "#D55E00", "#F7F5F0"), "good": Mark("up", "#0072B2", "#F7F5F0")}
SHADES = [(198, 220, 239), (91, 141, 190), (31, 78, 121)]
VIEW = pdk.ViewState(longitude=121.6, latitude=29.8, zoom=10)


def sent(layer: pdk.Layer) -> dict[str, Any]:
    """The layer as the browser gets it."""
    whole = json.loads(deck([layer], VIEW).to_json())
    return dict(whole["layers"][0])


def squares(*corners: tuple[float, float], side: float = 0.01) -> gpd.GeoDataFrame:
    shapes = [shapely.box(x, y, x + side, y + side) for x, y in corners]
    return gpd.GeoDataFrame({"name": [f"第{i}村" for i in range(len(shapes))]}, geometry=shapes, crs="EPSG:4490")


def issues() -> pd.DataFrame:
    return pd.DataFrame({
        "lon": [121.5, 121.5001, 121.5002, 121.6], "lat": [29.8, 29.8001, 29.8, 29.9],
        "solved": [True, False, None, True],
    })  # fmt: skip


def test_points_are_sent_with_their_marks_five_decimals_and_what_they_carry() -> None:
    frame = pd.DataFrame({
        "lon": [121.1234567, 121.2], "lat": [29.7654321, 29.8], "mark": ["bad", "good"], "n": ["甲", None],
        "secret": ["x", "y"],
    })  # fmt: skip
    layer = sent(site_layer(frame, marks=MARKS, carried=("n",)))
    assert layer["@@type"] == "IconLayer" and layer["pickable"] is True
    assert layer["data"] == [
        {"p": [121.12346, 29.76543], "mark": "bad", "n": "甲"},
        {"p": [121.2, 29.8], "mark": "good", "n": ""},
    ]
    assert layer["getPosition"] == "@@=p" and layer["getIcon"] == "@@=mark"
    assert layer["iconAtlas"].startswith("data:image/png;base64,")
    assert set(layer["iconMapping"]) == set(MARKS)
    assert layer["sizeUnits"] == "meters"


def test_a_point_without_coordinates_or_with_a_mark_nobody_draws_is_refused() -> None:
    frame = pd.DataFrame({"lon": [121.1], "lat": [29.7], "mark": ["bad"]})
    with pytest.raises(ValueError, match="coordinates"):
        site_layer(frame.assign(lon=float("nan")), marks=MARKS)
    with pytest.raises(ValueError, match="odd"):
        site_layer(frame.assign(mark="odd"), marks=MARKS)


def test_columns_count_what_is_solved_unsolved_and_not_known_yet() -> None:
    layer, cells = issue_columns(issues(), cell_metres=500, colours=SHADES, tallest_metres=300)
    assert cells[["count", "solved", "unsolved", "open"]].to_numpy().tolist() == [[1, 1, 0, 0], [3, 1, 1, 1]]
    assert cells["step"].tolist() == [0, 2]
    columns = sent(layer)
    assert [row["count"] for row in columns["data"]] == [1, 3]
    assert [tuple(row["c"]) for row in columns["data"]] == [SHADES[0], SHADES[2]]
    assert columns["elevationScale"] * 3 == pytest.approx(300)
    assert columns["radius"] * math.sqrt(2) == pytest.approx(500)


def test_columns_of_nothing_and_of_single_issues_are_drawn_without_fault() -> None:
    layer, cells = issue_columns(issues().iloc[:0], cell_metres=500, colours=SHADES)
    assert sent(layer)["data"] == [] and cells.empty
    _, single = issue_columns(issues().iloc[[0, 3]], cell_metres=500, colours=SHADES)
    assert single["step"].tolist() == [0, 0]


def test_heat_sends_weighted_cells_and_no_single_issue() -> None:
    layer = sent(issue_heat(issues(), colours=SHADES))
    cells = count_in_cells(issues(), cell_metres=100)
    assert sum(row["count"] for row in layer["data"]) == len(issues())
    assert len(layer["data"]) == len(cells) < len(issues())
    assert layer["aggregation"] == "SUM" and layer["getWeight"] == "@@=count"


def test_areas_are_flat_outlines_with_the_number_of_their_place() -> None:
    rows = area_rows(squares((121.5, 29.8), (121.51, 29.8)))
    assert [row["i"] for row in rows] == [0, 1]
    assert [row["n"] for row in rows] == ["第0村", "第1村"]
    assert len(rows[0]["p"]) == 10 and rows[0]["p"][:2] == rows[0]["p"][-2:]


def test_a_hole_inside_an_area_stays_a_hole_and_parts_share_their_number() -> None:
    outer, hole = shapely.box(0, 0, 1, 1), shapely.box(0.4, 0.4, 0.6, 0.6)
    shapes = gpd.GeoDataFrame(
        geometry=[outer.difference(hole), shapely.MultiPolygon([shapely.box(2, 0, 3, 1), shapely.box(4, 0, 5, 1)]),
                  shapely.Polygon()], crs="EPSG:4490"
    )  # fmt: skip
    rows = area_rows(shapes)
    assert [row["i"] for row in rows] == [0, 1, 1]
    start = rows[0]["p"]["holeIndices"][0]
    ring = np.array(rows[0]["p"]["positions"][start:]).reshape(-1, 2)
    assert shapely.Polygon(ring).equals(hole)


@given(classes=st.lists(st.integers(0, 9), min_size=1, max_size=40))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_the_expression_gives_each_place_the_colour_of_its_class(classes: list[int]) -> None:
    fills = [(number, 2 * number, 255 - number) for number in range(10)]
    layer = sent(area_layer("app/static/x.json", fills=fills, classes=classes))
    expression = layer["getFillColor"]
    assert expression.startswith("@@=([[") and layer["data"] == "app/static/x.json"
    # The same signs mean the same to Python: a list, and a text whose sign is a number.
    colours, _, signs = expression.removeprefix("@@=(").rpartition(")[('")
    found = [json.loads(colours)[int(signs.partition("')[i]]")[0][index])] for index in range(len(classes))]
    assert [tuple(one) for one in found] == [fills[one] for one in classes]


def test_other_classes_are_another_trigger_and_the_same_are_the_same() -> None:
    def trigger(*classes: int) -> Any:
        return sent(area_layer("x.json", fills=SHADES, classes=classes))["updateTriggers"]

    assert trigger(0, 1) == trigger(0, 1) != trigger(1, 0)


def test_classes_that_do_not_fit_are_refused() -> None:
    two = squares((121.5, 29.8), (121.51, 29.8))
    with pytest.raises(ValueError, match="2 shapes and 1"):
        area_layer(two, fills=SHADES, classes=[0])
    with pytest.raises(ValueError, match="no colour"):
        area_layer(two, fills=SHADES, classes=[0, 3])
    with pytest.raises(ValueError, match="no colour"):
        area_layer(two, fills=SHADES, classes=[0, -1])
    with pytest.raises(ValueError, match="11 fills"):
        area_layer(two, fills=[SHADES[0]] * 11, classes=[0, 0])


def test_the_border_of_two_neighbours_is_drawn_once() -> None:
    shapes = squares((121.5, 29.8), (121.51, 29.8))
    lines = [np.array(row["p"]).reshape(-1, 2) for row in outline_rows(shapes)]
    length = sum(float(np.abs(np.diff(line, axis=0)).sum()) for line in lines)
    assert length == pytest.approx(0.07)
    assert sent(outline_layer(shapes, colour=(1, 2, 3)))["data"] == outline_rows(shapes)
    assert sent(outline_layer("app/static/o.json", colour=(1, 2, 3)))["data"] == "app/static/o.json"


def test_words_reach_deck_as_words_and_not_as_expressions() -> None:
    names = pd.DataFrame({"lon": [121.5], "lat": [29.8], "name": ["姜山镇"]})
    layer = sent(label_layer(names, colour=(0, 0, 0), halo=(255, 255, 255)))
    assert layer["characterSet"] == "auto"
    assert not layer["fontFamily"].startswith("@@")
    assert layer["data"] == [{"p": [121.5, 29.8], "name": "姜山镇"}]


def test_without_a_base_map_the_style_is_left_alone_and_no_address_is_named() -> None:
    frame = pd.DataFrame({"lon": [121.1], "lat": [29.7], "mark": ["bad"]})
    text = deck([site_layer(frame, marks=MARKS)], VIEW).to_json()
    # Streamlit drops exactly this word; any other absence makes it ask for a style outside.
    assert json.loads(text)["mapStyle"] == NO_BASE_MAP == pdk.Deck(map_provider=None).map_style
    assert "http" not in text and "mapProvider" not in text


def test_a_base_map_goes_in_as_a_style_in_a_list_or_as_an_address() -> None:
    tiles = base_map("http://tiles.example/{z}/{x}/{y}.png", attribution="x")
    style = json.loads(deck([], VIEW, under=tiles).to_json())["mapStyle"]
    assert isinstance(style, list) and style[0]["sources"]["ground"]["tiles"] == [
        "http://tiles.example/{z}/{x}/{y}.png"
    ]
    whole = base_map("http://tiles.example/style.json", attribution="x")
    assert json.loads(deck([], VIEW, under=whole).to_json())["mapStyle"] == "http://tiles.example/style.json"


def test_the_specification_says_what_pydeck_says_in_fewer_bytes() -> None:
    degrees = np.linspace(0, 1, 300)
    frame = pd.DataFrame({"lon": 121 + degrees, "lat": 29 + degrees, "mark": "good"})
    layer = site_layer(frame, marks=MARKS)
    compact = deck([layer], VIEW).to_json()
    theirs = pdk.Deck(layers=[layer], initial_view_state=VIEW, map_provider=None).to_json()
    for part in ("layers", "initialViewState", "mapStyle"):
        assert json.loads(compact)[part] == json.loads(theirs)[part]
    assert len(compact) < 0.6 * len(theirs)
    assert compact == deck([layer], VIEW).to_json()


def test_a_tooltip_travels_beside_the_specification() -> None:
    spec = deck([], VIEW, tooltip="<b>{n}</b>", tooltip_style={"color": "#fff"})
    assert spec._tooltip == {"html": "<b>{n}</b>", "style": {"color": "#fff"}}
    assert deck([], VIEW)._tooltip == {}


@given(
    west=st.floats(70, 130), south=st.floats(-60, 60), wide=st.floats(0.01, 20), high=st.floats(0.01, 20),
    width=st.integers(300, 2000), height=st.integers(200, 1200),
)  # fmt: skip
@settings(deadline=None, derandomize=True, max_examples=80)
def test_the_view_shows_all_of_the_bounds_and_touches_one_margin(
    west: float, south: float, wide: float, high: float, width: int, height: int
) -> None:
    east, north = west + wide, south + high
    view = fitting_view((west, south, east, north), width=width, height=height)
    scale = 512 * 2**view.zoom / 360

    def screen(latitude: float) -> float:
        return scale * math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)))

    across, along = wide * scale / width, (screen(north) - screen(south)) / height
    assert max(across, along) == pytest.approx(0.9, rel=0.01)
    assert screen(view.latitude) == pytest.approx((screen(north) + screen(south)) / 2, abs=max(1.0, scale * 1e-4))


def test_a_tilted_view_comes_closer_and_bounds_of_nothing_are_refused() -> None:
    bounds = (121.4, 29.6, 121.7, 30.0)
    flat, tilted = (fitting_view(bounds, width=1300, height=520, pitch=pitch).zoom for pitch in (0, 45))
    assert flat < tilted < flat + 0.5
    for nothing in ((1.0, 1.0, 1.0, 2.0), (1.0, 1.0, 2.0, float("nan")), (0.0, 80.0, 1.0, 89.0)):
        with pytest.raises(ValueError, match="bounds"):
            fitting_view(nothing, width=100, height=100)


def test_a_file_of_rows_is_compact_json() -> None:
    assert compact_json([{"i": 0, "n": "村", "p": [1.5, 2.5]}]).decode() == '[{"i":0,"n":"村","p":[1.5,2.5]}]'
