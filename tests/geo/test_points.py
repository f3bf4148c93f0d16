"""Points get the place whose polygon holds them: fast, and the same as asking one polygon after the other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.points import NEAREST, PlaceIndex

WEST, SOUTH, STEP = 121.5, 29.75, 0.01
EARTH = pyproj.Geod(ellps="GRS80")


def square(column: float, row: float, size: float = 1.0) -> shapely.Polygon:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(west, south, west + size * STEP, south + size * STEP)


def layer(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": list(shapes), "geometry": list(shapes.values())}, crs="EPSG:4490")


def at(column: float, row: float) -> tuple[list[float], list[float]]:
    return [WEST + column * STEP], [SOUTH + row * STEP]


TWO = layer(b=square(0, 0), a=square(1, 0))


def test_a_point_gets_the_polygon_that_holds_it() -> None:
    found = PlaceIndex(TWO).locate([WEST + 0.5 * STEP, WEST + 1.5 * STEP], [SOUTH + 0.5 * STEP] * 2)
    assert found.codes.tolist() == ["b", "a"]
    assert found.how.tolist() == ["inside", "inside"]


def test_a_point_on_a_common_border_belongs_to_the_first_by_code_whatever_the_order_of_the_rows() -> None:
    for shapes in (TWO, TWO.iloc[::-1]):
        found = PlaceIndex(shapes).locate(*at(1, 0.5))
        assert (found.codes[0], found.how[0]) == ("a", "inside")


def test_a_point_in_a_hole_is_not_inside() -> None:
    ring = square(0, 0, 4).difference(square(1, 1, 2))
    found = PlaceIndex(layer(ring=ring)).locate(*at(2, 2))
    assert (found.codes[0], found.how[0]) == (None, "")


def test_a_point_outside_goes_to_the_nearest_within_two_hundred_metres_and_says_so() -> None:
    index = PlaceIndex(TWO)
    metres_north = EARTH.inv(WEST, SOUTH + STEP, WEST, SOUTH + STEP + 0.001)[2] / 0.001
    near, far = (SOUTH + STEP + metres / metres_north for metres in (NEAREST - 0.5, NEAREST + 0.5))
    found = index.locate([WEST + 1.5 * STEP] * 2, [near, far])
    assert found.codes.tolist() == ["a", None]
    assert found.how.tolist() == ["nearest", ""]
    assert index.locate([WEST + 1.5 * STEP], [near], nearest=0).how.tolist() == [""]


def test_of_two_equally_near_polygons_the_first_by_code_counts() -> None:
    found = PlaceIndex(TWO).locate(*at(1, 1.05))
    assert (found.codes[0], found.how[0]) == ("a", "nearest")


def test_unknown_positions_are_not_found() -> None:
    found = PlaceIndex(TWO).locate([None, np.nan, np.inf, WEST + 0.001], [SOUTH + 0.001, 29.755, 29.755, None])
    assert found.codes.tolist() == [None] * 4 and found.how.tolist() == [""] * 4
    assert PlaceIndex(TWO).locate([], []).codes.tolist() == []


def test_schematic_boundaries_locate_nothing() -> None:
    with pytest.raises(LayerError) as refused:
        PlaceIndex(TWO.assign(precision="schematic"))
    assert "示意图" in refused.value.zh and "schematic" in refused.value.en
    assert PlaceIndex(TWO.assign(precision="surveyed")).codes.tolist() == ["a", "b"]


def test_layers_that_cannot_be_asked_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        PlaceIndex(gpd.GeoDataFrame({"code": ["a", "a"], "geometry": [square(0, 0), square(1, 0)]}, crs=4490))
    with pytest.raises(ValueError, match="polygon"):
        PlaceIndex(layer(a=shapely.Point(WEST, SOUTH)))
    with pytest.raises(LayerError):
        PlaceIndex(TWO.to_crs("EPSG:4549"))
    with pytest.raises(LayerError):
        PlaceIndex(TWO.iloc[:0])
    with pytest.raises(ValueError, match="latitudes"):
        PlaceIndex(TWO).locate([121.5], [])
    with pytest.raises(ValueError, match="nearest"):
        PlaceIndex(TWO).locate([121.5], [29.8], nearest=-1)


def test_a_place_without_a_shape_is_left_out() -> None:
    index = PlaceIndex(layer(a=square(0, 0), b=None, c=shapely.Polygon()))
    assert index.codes.tolist() == ["a"]
    assert np.isnan(index.metres_from(*at(0.5, 0.5), ["b"]))[0]


def test_metres_from_a_polygon_agree_with_the_ellipsoid() -> None:
    index = PlaceIndex(TWO)
    lon, lat = WEST - 0.02, SOUTH + 0.004
    metres = index.metres_from([lon, WEST + 0.001], [lat, SOUTH + 0.001], ["b", "b"])
    line = EARTH.inv(lon, lat, WEST, lat)[2]
    assert metres[0] == pytest.approx(line, rel=1e-5) and metres[1] == 0
    with pytest.raises(ValueError, match="codes"):
        index.metres_from([lon], [lat], ["a", "b"])


def naive(shapes: gpd.GeoDataFrame, lon: float, lat: float, nearest: float) -> tuple[str | None, str]:
    """One polygon after the other, by code; distances along the ellipsoid to points set closely along the outline."""
    rows = sorted(zip(shapes["code"], shapes.geometry, strict=True))
    point = shapely.Point(lon, lat)
    for code, area in rows:
        if area.intersects(point):
            return code, "inside"
    away = []
    for code, area in rows:
        near = shapely.shortest_line(area, point).coords[0]
        outline = [near, *shapely.segmentize(area.boundary, STEP / 400).coords]
        lons, lats = np.array(outline).T
        away.append((EARTH.inv(lons, lats, np.full(len(lons), lon), np.full(len(lons), lat))[2].min(), code))
    metres, code = min(away)
    return (code, "nearest") if metres <= nearest else (None, "")


@st.composite
def some_layer(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Rectangles and triangles on a grid that touch, overlap and leave gaps, in any order."""
    corners = st.tuples(st.integers(0, 3), st.integers(0, 3))
    shapes = {}
    for number in draw(st.permutations(range(draw(st.integers(1, 5))))):
        column, row = draw(corners)
        size = draw(st.sampled_from((0.5, 1.0, 1.5)))
        area = square(column, row, size)
        if draw(st.booleans()):
            area = shapely.Polygon(list(area.exterior.coords)[:3])
        shapes[f"p{number}"] = area
    return layer(**shapes)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(shapes=some_layer(), seed=st.integers(0, 10_000))
def test_the_fast_method_says_what_the_slow_one_says(shapes: gpd.GeoDataFrame, seed: int) -> None:
    rng = np.random.default_rng(seed)
    on_grid = rng.integers(-1, 10, (6, 2)) / 2
    anywhere = rng.uniform(-0.5, 5, (10, 2))
    columns, rows = np.vstack([on_grid, anywhere]).T
    lon, lat = WEST + columns * STEP, SOUTH + rows * STEP
    found = PlaceIndex(shapes).locate(lon, lat)
    for number in range(len(lon)):
        slow = naive(shapes, lon[number], lat[number], NEAREST)
        if slow != (found.codes[number], found.how[number]):  # equally near, or two hundred metres away to the metre
            assert found.how[number] != "inside" and slow[1] != "inside"
            codes = [code for code in (slow[0], found.codes[number]) if code]
            metres = PlaceIndex(shapes).metres_from([lon[number]] * len(codes), [lat[number]] * len(codes), codes)
            near = [*metres, NEAREST] if len(codes) == 1 else metres
            assert max(near) - min(near) < 0.05


@settings(deadline=None, derandomize=True, max_examples=15)
@given(shapes=some_layer(), seed=st.integers(0, 10_000))
def test_neither_the_order_of_points_nor_that_of_places_matters(shapes: gpd.GeoDataFrame, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lon, lat = WEST + rng.uniform(-1, 5, 50) * STEP, SOUTH + rng.uniform(-1, 5, 50) * STEP
    mixed = rng.permutation(50)
    one = PlaceIndex(shapes).locate(lon, lat)
    other = PlaceIndex(shapes.sample(frac=1, random_state=seed)).locate(lon[mixed], lat[mixed])
    assert one.codes[mixed].tolist() == other.codes.tolist()
    assert one.how[mixed].tolist() == other.how.tolist()


def test_a_spatial_join_finds_the_same_places() -> None:
    rng = np.random.default_rng(1)
    shapes = layer(**{f"p{column}{row}": square(column, row) for column in range(8) for row in range(8)})
    lon, lat = WEST + rng.uniform(0, 8, 5000) * STEP, SOUTH + rng.uniform(0, 8, 5000) * STEP
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4490")
    joined = gpd.sjoin(points, shapes, predicate="intersects").sort_values("code")
    expected = joined["code"][~joined.index.duplicated()].sort_index()
    assert PlaceIndex(shapes).locate(lon, lat).codes.tolist() == expected.tolist()
