"""The systems worked out for a district: published eastings, names of the registry, and layers converted by them."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo.candidate_systems import candidates, declared_candidate, positions, to_lonlat
from geo.errors import LayerError
from geo.metres import distances

YINZHOU = (121.30, 29.45, 121.95, 29.98)
CITY = "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"


@pytest.mark.parametrize(
    ("crs", "easting", "northing"),
    [
        ("EPSG:4549", 659579, None),
        ("EPSG:4528", 40659579, None),
        ("EPSG:4550", 369438, 3295382),
        ("EPSG:4529", 41369438, 3295382),
        ("EPSG:32651", 369490, 3294063),
        (CITY.format(121), 562861, None),
        (CITY.format(121.5), 514506, None),
        ("EPSG:3857", 13542016, None),
    ],
)
def test_the_known_eastings_of_a_point_in_yinzhou_belong_to_their_systems(crs, easting, northing) -> None:
    usual, swapped = (one for one in candidates(YINZHOU) if one.crs == crs)
    assert not usual.swapped and swapped.swapped
    east, north = pyproj.Transformer.from_crs("EPSG:4490", usual.crs, always_xy=True).transform(121.65, 29.77)
    assert round(east) == easting and northing in (None, round(north))
    known = np.array([[121.65, 29.77]])
    assert distances(positions(usual, np.array([[round(east), round(north)]])), known)[0] < 1
    assert distances(positions(swapped, np.array([[round(north), round(east)]])), known)[0] < 1


@pytest.mark.parametrize("west", [73.6, 79.9, 87.3, 95, 103.6, 110, 116.2, 121.3, 127, 134.2])
def test_zones_worked_out_from_the_box_bear_the_names_of_the_registry(west: float) -> None:
    found = candidates((west, 30, west + 0.6, 30.5))
    assert len({(one.crs, one.swapped) for one in found}) == len(found)
    for one in found:
        assert (one.older, one.swapped) == (("1980" in one.en or "1954" in one.en), "northing first" in one.en)
        if "Gauss-Kruger," not in one.en:
            continue
        registered = pyproj.CRS(one.crs).name
        datum, rest = registered.replace("Xian", "Xi'an").split(" / ")
        assert one.en.startswith(datum) and ("3-degree" in one.en) == rest.startswith("3-degree")
        said = f"zone {rest.split('zone ')[1]} " if "zone" in rest else f"meridian {rest.split('CM ')[1][:-1]}°E"
        assert said in one.en


@pytest.mark.parametrize("west", [74.5, 88.9, 104.2, 113.4, 119.9, 121.3, 131.0])
def test_the_official_zone_of_a_district_and_its_neighbours_are_among_the_candidates(west: float) -> None:
    near = {one.crs for one in candidates((west, 30, west + 0.6, 30.5))}
    for longitude in (west, west + 0.6):
        three, six = round(longitude / 3), int(longitude // 6) + 1
        assert {f"EPSG:{4513 + three - 25}", f"EPSG:{4534 + three - 25}", f"EPSG:{4491 + six - 13}"} <= near
        assert {f"EPSG:{4502 + six - 13}", f"EPSG:{32600 + six + 30}"} <= near


def test_a_box_that_is_none_is_a_fault() -> None:
    with pytest.raises(ValueError, match="is not a box"):
        candidates((369438, 3294063, 400000, 3300000))


def test_a_converted_layer_keeps_its_rows_columns_and_heights() -> None:
    shapes = [shapely.Point(3295381.6, 369438, 7.5), None, shapely.box(3295381, 369438, 3296381, 370438)]
    layer = gpd.GeoDataFrame({"code": ["a", "b", "c"], "shape": shapes}, index=[5, 5, 2], geometry="shape", crs=32651)
    swapped = next(one for one in candidates(YINZHOU) if one.crs == "EPSG:4550" and one.swapped)
    moved = to_lonlat(layer, swapped)
    assert moved.crs.to_epsg() == 4490 and moved.geometry.name == "shape" and moved.index.tolist() == [5, 5, 2]
    assert moved["code"].tolist() == ["a", "b", "c"] and moved.geometry.isna().tolist() == [False, True, False]
    point = moved.geometry.iloc[0]
    assert point.z == 7.5 and (point.x, point.y) == pytest.approx((121.65, 29.77), abs=1e-6)
    assert layer.crs.to_epsg() == 32651 and layer.geometry.iloc[0].x == 3295381.6


def test_features_without_a_position_are_counted_not_lost() -> None:
    layer = gpd.GeoDataFrame(geometry=[shapely.Point(369438, 3295381), shapely.Point(4.1e9, 1)])
    plain = next(one for one in candidates(YINZHOU) if one.crs == "EPSG:4550")
    with pytest.raises(LayerError, match=r"1 个地物没有有效位置.*1 features have no position"):
        to_lonlat(layer, plain)


def test_a_declaration_is_known_by_its_code_and_otherwise_bears_its_own_name() -> None:
    known = candidates(YINZHOU)
    assert declared_candidate(4550, known) == known[2] and known[2].crs == "EPSG:4550"
    city = declared_candidate("+proj=tmerc +lon_0=121.5 +x_0=500000 +ellps=GRS80", known)
    assert city in known and city.crs == CITY.format(121.5)
    far = declared_candidate("EPSG:2435", known)
    assert far.older and "Beijing 1954" in far.en and far.crs == "EPSG:2435"
    assert declared_candidate("no such thing", known) is None


def test_a_declared_grid_with_its_own_false_northing_is_not_taken_for_the_national_one() -> None:
    shifted = pyproj.CRS("EPSG:4550").to_wkt("WKT1_ESRI").replace('"False_Northing",0.0', '"False_Northing",-3000000.0')
    found = declared_candidate(shifted, candidates(YINZHOU))
    assert found is not None and not found.crs.startswith("EPSG:")
    here = positions(found, np.array([[369438.0, 295382.0]]))
    assert distances(here, np.array([[121.65, 29.77]]))[0] < 1


def test_what_is_no_place_on_earth_is_missing() -> None:
    degrees = candidates(YINZHOU)[0]
    points = np.array([[121.6, 29.7], [369438.0, 3295382.0], [np.nan, 29.7], [29.7, 121.6]])
    assert np.isnan(positions(degrees, points)).all(axis=1).tolist() == [False, True, True, True]
    np.testing.assert_array_equal(positions(degrees, points)[0], points[0])


def test_a_zone_number_is_not_read_as_part_of_another_zones_easting() -> None:
    """Zone 40 at Ningbo: read as zone 41 it would lie in Henan, as zone 44 in Qinghai."""
    at = np.array([[40_659_579.0, 3_294_063.0]])
    china = (73.0, 17.0, 136.0, 54.0)
    numbered = {f"EPSG:{code}" for code in range(4525, 4534)}
    zones = [one for one in candidates(china) if not one.swapped and one.crs in numbered]
    assert len(zones) == 9
    assert [one.crs for one in zones if np.isfinite(positions(one, at)).all()] == ["EPSG:4528"]
