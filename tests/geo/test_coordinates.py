"""GCJ-02 and BD-09: published positions, a scalar twin, the way there and back, and the edge of the box."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import root

from geo.coordinates import (
    CHINA,
    DATUMS,
    bd09_to_gcj02,
    bd09_to_wgs84,
    datum_shift,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_cgcs2000,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from geo.errors import LayerError
from geo.metres import distances

THERE_AND_BACK = [(wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02), (wgs84_to_bd09, bd09_to_wgs84)]
PAIRS = pytest.mark.parametrize(("there", "back"), THERE_AND_BACK, ids=["GCJ-02", "BD-09 from GCJ-02", "BD-09"])
IN_CHINA = st.tuples(st.floats(73, 135.5), st.floats(18, 53.6))
SHIFTED = {"GCJ-02": wgs84_to_gcj02, "BD-09": wgs84_to_bd09}


def point(lon: float, lat: float) -> np.ndarray:
    return np.array([[lon, lat]], dtype=float)


def spread(count: int, box: tuple[float, float, float, float], seed: int = 1) -> np.ndarray:
    west, south, east, north = box
    return np.random.default_rng(seed).uniform((west, south), (east, north), (count, 2))


@pytest.mark.parametrize(
    ("shift", "given_", "published"),
    [
        # googollee/eviltransform, the tests of its Python version
        (wgs84_to_gcj02, (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        (wgs84_to_gcj02, (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        (wgs84_to_gcj02, (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        # wandergis/coordtransform and the tests of its translations
        (wgs84_to_gcj02, (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
        (gcj02_to_bd09, (116.404, 39.915), (116.41036949371029, 39.92133699351021)),
        (wgs84_to_bd09, (116.404, 39.915), (116.41662724378733, 39.922699552216216)),
    ],
)
def test_published_positions_are_met_to_a_hundredth_of_a_micrometre(shift, given_, published) -> None:
    assert distances(shift(point(*given_)), point(*published))[0] < 1e-8


def scalar_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The published formula, term by term."""
    x, y, pi = lon - 105, lat - 35, math.pi
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    north += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    east += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    magic = 1 - ee * math.sin(lat / 180 * pi) ** 2
    east_degrees = east * 180 / (a / math.sqrt(magic) * math.cos(lat / 180 * pi) * pi)
    return lon + east_degrees, lat + north * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * pi)


def scalar_bd09(lon: float, lat: float) -> tuple[float, float]:
    k = math.pi * 3000 / 180
    radius = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * k)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * k)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


@settings(max_examples=100)
@given(IN_CHINA)
def test_arrays_agree_with_the_formula_for_one_point(at: tuple[float, float]) -> None:
    here = point(*at)
    assert distances(wgs84_to_gcj02(here), point(*scalar_gcj02(*at)))[0] < 1e-7
    assert distances(gcj02_to_bd09(here), point(*scalar_bd09(*at)))[0] < 1e-7
    assert distances(wgs84_to_bd09(here), point(*scalar_bd09(*scalar_gcj02(*at))))[0] < 1e-7


@settings(max_examples=25)
@given(IN_CHINA)
def test_the_inverse_agrees_with_a_general_root_finder(at: tuple[float, float]) -> None:
    there = wgs84_to_bd09(point(*at))
    solved = root(lambda p: np.subtract(scalar_bd09(*scalar_gcj02(*p)), there[0]), there[0], tol=1e-13)
    assert distances(bd09_to_wgs84(there), solved.x[None])[0] < 1e-5


@PAIRS
def test_all_of_china_comes_back_within_a_tenth_of_a_micrometre(there, back) -> None:
    everywhere = spread(60_000, (73, 18, 135.5, 53.6))
    assert distances(back(there(everywhere)), everywhere).max() < 1e-7


@PAIRS
def test_what_was_found_leads_back_to_the_shifted_position(there, back) -> None:
    shifted = spread(20_000, (73, 18, 135.5, 53.6), seed=2)
    assert distances(there(back(shifted)), shifted).max() < 1e-7


@PAIRS
def test_beside_the_meridian_105_a_micrometre_is_kept(there, back) -> None:
    beside = np.column_stack([105 + np.random.default_rng(3).normal(0, 1e-12, 2000), np.linspace(18, 53.6, 2000)])
    beside[0, 0] = 105
    assert distances(back(there(beside)), beside).max() < 1e-6


def test_the_district_is_shifted_by_484_to_505_metres_and_by_baidu_twice_as_far() -> None:
    district = spread(5000, (121.464, 29.620, 121.890, 29.910))
    gcj, bd = (distances(shift(district), district) for shift in (wgs84_to_gcj02, wgs84_to_bd09))
    assert gcj.min() > 484 and gcj.max() < 505
    assert bd.min() > 1000 and bd.max() < 1200


@PAIRS
def test_abroad_nothing_is_shifted(there, back) -> None:
    abroad = np.array([[2.35, 48.86], [139.7, 35.7], [121.0, -8.0], [110.0, 56.0], [71.9, 40.0], [-74.0, 90.0]])
    np.testing.assert_array_equal(there(abroad), abroad)
    np.testing.assert_array_equal(back(abroad), abroad)


def along_the_edge(inward: float) -> np.ndarray:
    """Points on all four sides of the box and its corners, moved inward by so many degrees."""
    west, south, east, north = CHINA[0] + inward, CHINA[1] + inward, CHINA[2] - inward, CHINA[3] - inward
    sides = np.linspace(0, 1, 300)
    lon, lat = west + sides * (east - west), south + sides * (north - south)
    rows = [(lon, np.full(300, side)) for side in (south, north)] + [(np.full(300, side), lat) for side in (west, east)]
    return np.concatenate([np.column_stack(row) for row in rows])


@PAIRS
@pytest.mark.parametrize("inward", [0, 1e-9, 1e-4, 0.004, 0.02])
def test_every_point_of_the_box_survives_up_to_its_very_edge(there, back, inward: float) -> None:
    edge = along_the_edge(inward)
    assert distances(there(edge), edge).min() > 10
    assert distances(back(there(edge)), edge).max() < 1e-7


@PAIRS
def test_outside_the_box_points_survive_from_three_hundredths_of_a_degree_on(there, back) -> None:
    outside = along_the_edge(-0.03)
    np.testing.assert_array_equal(back(there(outside)), outside)


def test_just_outside_the_box_a_position_is_read_as_the_shifted_one() -> None:
    inside = point(137.8340, 40.0)
    shifted = wgs84_to_gcj02(inside)
    assert shifted[0, 0] > CHINA[2], "the shift carries it over the edge"
    np.testing.assert_array_equal(wgs84_to_gcj02(shifted), shifted)
    assert distances(gcj02_to_wgs84(shifted), inside)[0] < 1e-7


def test_just_inside_the_box_where_nothing_is_shifted_to_the_formula_goes_on() -> None:
    unreached = point(72.0041, 40.0)
    found = gcj02_to_wgs84(unreached)
    assert found[0, 0] < CHINA[0] and 100 < distances(found, unreached)[0] < 1000


@PAIRS
def test_missing_coordinates_stay_missing_and_disturb_no_other(there, back) -> None:
    points = np.array([[121.6, 29.8], [np.nan, np.nan], [121.7, np.nan], [np.inf, 29.8], [121.5, 29.7]])
    for convert in (there, back):
        together = convert(points)
        np.testing.assert_array_equal(together[1:4], points[1:4])
        np.testing.assert_allclose(together[[0, 4]], convert(points[[0, 4]]), rtol=0, atol=1e-12)


@PAIRS
def test_the_points_given_are_left_as_they_are_and_none_is_fine(there, back) -> None:
    points = spread(40_000, (121, 29, 122, 30))
    before = points.copy()
    for convert in (there, back):
        all_at_once = convert(points)
        np.testing.assert_array_equal(points, before)
        np.testing.assert_allclose(all_at_once[30_000:], convert(points[30_000:]), rtol=0, atol=1e-12)
        assert convert(np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("wrong", [[121.6, 29.8], [[121.6, 29.8, 5.0]], [[[121.6, 29.8]]]])
def test_other_shapes_than_pairs_are_a_fault(wrong) -> None:
    with pytest.raises(ValueError, match="longitudes and latitudes"):
        wgs84_to_gcj02(np.array(wrong))


def places(count: int, crs: str | None = "EPSG:4490") -> gpd.GeoDataFrame:
    """Uneven polygons of about a kilometre in the district, with codes."""
    centres = spread(count, (121.464, 29.620, 121.890, 29.910), seed=7)
    shapes = shapely.buffer(shapely.points(centres), np.linspace(0.003, 0.008, count))
    codes = [f"3302121{number:05d}" for number in range(count)]
    return gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=shapes, crs=crs)


def shifted_layer(layer: gpd.GeoDataFrame, convert) -> gpd.GeoDataFrame:
    return layer.set_geometry(gpd.GeoSeries(shapely.transform(layer.geometry.values, convert), layer.index, layer.crs))


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_layer_is_brought_back_with_all_it_carries(datum: str) -> None:
    shapes = [shapely.Point(121.6, 29.8, 12.5), None, shapely.box(121.5, 29.7, 121.6, 29.8), shapely.Polygon()]
    columns = {"code": ["a", "b", "c", "d"], "value": [1.0, np.nan, 0.0, 3.0]}
    layer = gpd.GeoDataFrame(columns, index=[7, 3, 3, 1], geometry=shapes, crs="EPSG:4326").rename_geometry("shape")

    def shift(vertices: np.ndarray) -> np.ndarray:
        return np.column_stack([SHIFTED[datum](vertices[:, :2]), vertices[:, 2:]])

    shifted = layer.assign(shape=shapely.transform(shapes, shift, include_z=None)).set_geometry("shape", crs=4326)
    back = to_cgcs2000(shifted, datum=datum)
    assert back.crs.to_epsg() == 4490 and back.geometry.name == "shape"
    pd.testing.assert_frame_equal(pd.DataFrame(back.drop(columns="shape")), pd.DataFrame(layer.drop(columns="shape")))
    assert back.geometry.isna().tolist() == [False, True, False, False] and back.geometry.iloc[3].is_empty
    assert back.geometry.iloc[0].z == 12.5
    for row in (0, 2):
        assert not shapely.equals_exact(shifted.geometry.iloc[row], shapes[row], 1e-3)
        assert shapely.equals_exact(back.geometry.iloc[row], shapes[row], 1e-11)


def test_a_layer_already_in_cgcs2000_keeps_every_digit() -> None:
    layer = places(3, crs=None)
    same = to_cgcs2000(layer, datum="CGCS2000")
    assert same.crs.to_epsg() == 4490 and layer.crs is None
    assert shapely.equals_identical(same.geometry.values, layer.geometry.values).all()


@pytest.mark.parametrize("crs", ["EPSG:4550", "EPSG:4214"])
def test_metres_and_older_ellipsoids_are_sent_back_with_a_sentence(crs: str) -> None:
    for layer in (places(3).to_crs(crs), places(3).to_crs("EPSG:4550").set_crs(None, allow_override=True)):
        with pytest.raises(LayerError, match=r"经纬度.*longitudes"):
            to_cgcs2000(layer, datum="GCJ-02")


def test_an_unknown_datum_is_a_fault() -> None:
    with pytest.raises(ValueError, match="'GCJ02' is not one of"):
        to_cgcs2000(places(3), datum="GCJ02")


@pytest.mark.parametrize("datum", DATUMS)
def test_the_datum_of_a_layer_is_seen_although_its_shapes_are_drawn_otherwise(datum: str) -> None:
    known = places(40)
    drawn = known.set_geometry(known.geometry.simplify(0.002).translate(0.0003, -0.0002))
    layer = shifted_layer(drawn, SHIFTED.get(datum, np.copy)).sample(frac=1, random_state=1)
    guess = datum_shift(layer, known)
    assert guess.datum == datum and guess.shared == 40
    assert guess.residuals[datum] == min(guess.residuals.values()) and 20 < guess.residuals[datum] < 60
    assert guess.shift == guess.residuals["CGCS2000"]
    assert ("没有地图偏移" in guess.zh) == (datum == "CGCS2000") and (datum in guess.en or datum == "CGCS2000")


def test_a_layer_like_amap_is_said_to_be_490_metres_off() -> None:
    guess = datum_shift(shifted_layer(places(40), wgs84_to_gcj02), places(40))
    assert 484 < guess.shift < 505 and guess.residuals["GCJ-02"] < 1e-6
    assert f"{guess.shift:.0f} 米" in guess.zh and f"{guess.shift:.0f} m like GCJ-02" in guess.en


def test_nothing_is_said_from_four_places_or_none() -> None:
    guess = datum_shift(shifted_layer(places(4), wgs84_to_gcj02), places(40))
    assert (guess.datum, guess.shared) == (None, 4) and "4 个地方" in guess.zh
    empty = datum_shift(places(40), places(4).assign(code=["w", "x", "y", None]))
    assert (empty.datum, empty.shared) == (None, 0) and math.isnan(empty.shift)


def test_shapes_that_differ_by_more_than_the_shift_say_nothing() -> None:
    known = places(40)
    moves = np.random.default_rng(5).normal(0, 0.006, (40, 2))
    moved = [shapely.transform(one, lambda p, m=move: p + m) for one, move in zip(known.geometry, moves, strict=True)]
    guess = datum_shift(known.set_geometry(gpd.GeoSeries(moved, crs=known.crs)), known)
    assert guess.datum is None and guess.shared == 40 and "差别太大" in guess.zh


def test_a_layer_from_which_the_shift_was_taken_twice_is_not_called_right() -> None:
    guess = datum_shift(shifted_layer(places(40), gcj02_to_wgs84), places(40))
    assert guess.datum is None and 484 < guess.shift < 505


def test_a_place_in_several_rows_counts_once_with_all_its_parts() -> None:
    known = places(6)
    halves = [known.clip(box) for box in ((121, 29, 121.7, 30), (121.7, 29, 122, 30))]
    cut = pd.concat([known.set_geometry(known.intersection(shapely.box(*half.total_bounds))) for half in halves])
    cut = gpd.GeoDataFrame(cut[~cut.geometry.is_empty], crs=known.crs)
    guess = datum_shift(shifted_layer(pd.concat([cut, cut.iloc[:0]]), wgs84_to_gcj02), known)
    assert guess.datum == "GCJ-02" and guess.shared == 6 and guess.residuals["GCJ-02"] < 1e-6


def test_a_layer_without_the_column_of_codes_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no column 'code'"):
        datum_shift(places(6).drop(columns="code"), places(6))
