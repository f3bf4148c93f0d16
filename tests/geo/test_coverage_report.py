"""Faults in numbers: against slow twins, areas that can be computed by hand, and the sentences a reader gets."""

import math
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.coverage import clean_coverage
from geo.coverage_report import (
    area_against_register,
    compare,
    find_holes,
    measure_areas,
    measure_faults,
)
from geo.coverage_sentences import describe_cleaning, describe_faults, describe_register
from geo.metres import metres_per_degree
from geo.shape_repair import mend, unite
from tests.geo.damaged_layers import METRES, damaged_layer, sound_layer, to_degrees, to_metres

SQUARE = [(0, 0), (900, 0), (900, 900), (0, 900)]


def layer(shapes: list[BaseGeometry], codes: list[str] | None = None) -> gpd.GeoDataFrame:
    codes = codes or [f"{row + 1:03d}" for row in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=[to_degrees(shape) for shape in shapes], crs="EPSG:4490")


def test_the_area_between_two_parallels_and_meridians_is_that_of_the_ellipsoid() -> None:
    # Snyder 1987, Map Projections, 3-12: the area of a zone by its authalic q; GRS80 a and f
    a, f = 6378137.0, 1 / 298.257222101
    e = math.sqrt(f * (2 - f))

    def q(degrees: float) -> float:
        s = math.sin(math.radians(degrees))
        return (1 - e * e) * (s / (1 - e * e * s * s) + math.atanh(e * s) / e)

    west, south, east, north = 121.55, 29.70, 121.75, 29.90
    zone = a * a * math.radians(east - west) * (q(north) - q(south)) / 2
    assert np.prod(metres_per_degree(29.8)) * 0.04 == pytest.approx(zone, rel=1e-5)


def test_a_degree_of_latitude_is_as_long_as_the_tables_say() -> None:
    # length of a degree of latitude / longitude at 0 and 45 degrees on GRS80 / WGS 84 (NGA, to the metre)
    np.testing.assert_allclose(metres_per_degree(0.0), [111_320, 110_574], atol=1)
    np.testing.assert_allclose(metres_per_degree(45.0), [78_847, 111_132], atol=1)


def test_a_hole_is_taken_off_and_the_way_round_does_not_matter() -> None:
    square = shapely.box(0, 0, 1000, 1000)
    holed = square.difference(shapely.box(200, 200, 700, 600))
    found = measure_areas(layer([holed, shapely.reverse(holed)]))
    assert found.tolist() == pytest.approx([800_000, 800_000], rel=1e-4)


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6))
def test_overlaps_and_gaps_are_those_a_slow_look_at_every_pair_finds(seed: int) -> None:
    made = damaged_layer(seed, ["overlap", "gap", "jitter", "tiny_hole"], villages=14, lake=True, island=True)
    found = measure_faults(made.damaged)
    shapes = shapely.make_valid(to_metres(made.damaged.geometry.values), method="structure", keep_collapsed=False)
    codes = made.damaged["code"].tolist()
    slow = {
        (codes[i], codes[j]): shapes[i].intersection(shapes[j]).area for i, j in combinations(range(len(shapes)), 2)
    }
    slow = {pair: area for pair, area in slow.items() if area >= 0.01}
    fast = {(row.code, row.other): row.area_m2 for row in found.overlaps.itertuples()}
    assert {pair for pair, area in slow.items() if area > 0.02} <= set(fast)
    assert found.overlap_area == pytest.approx(sum(slow.values()), rel=0.01, abs=0.05)
    assert found.overlaps["area_m2"].is_monotonic_decreasing

    rest = shapely.box(-99_999, -99_999, 99_999, 99_999)
    for shape in shapes:
        rest = rest.difference(shape)
    inner = [part for part in rest.geoms if not part.exterior.distance(shapely.Point(99_999, 0)) < 1]
    assert found.gaps["area_m2"].sum() == pytest.approx(sum(part.area for part in inner), rel=0.01)
    slow_narrow = sum(part.area for part in inner if part.buffer(-2.5).is_empty)
    assert found.gap_area(narrow=True) == pytest.approx(slow_narrow, rel=0.01, abs=0.05)


def test_the_island_in_a_lake_is_no_part_of_the_hole_and_a_pond_on_the_island_is_a_hole_of_its_own() -> None:
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(10, 10, 90, 90))
    island = shapely.box(30, 30, 60, 60).difference(shapely.box(40, 40, 50, 50))
    assert sorted(shapely.area(find_holes(np.array([ring, island])))) == [100, 80 * 80 - 30 * 30]


def test_a_gap_is_narrow_when_no_circle_of_the_width_fits_in_however_long_it_is() -> None:
    whole = shapely.box(0, 0, 3000, 300)
    slit, pond = shapely.box(100, 50, 2100, 54), shapely.box(2500, 100, 2508, 108)
    found = measure_faults(layer([whole.difference(shapely.union_all([slit, pond]))]), gap=5.0)
    assert found.gaps["narrow"].tolist() == [True, False]
    assert found.gaps["area_m2"].tolist() == pytest.approx([8000, 64], rel=0.001)
    assert found.gaps["beside"].tolist() == [("001",), ("001",)]
    at = to_metres(shapely.points(found.gaps[["lon", "lat"]].to_numpy()))
    assert slit.covers(at[0]) and pond.covers(at[1])


FAULTS = {
    "self_intersection": shapely.Polygon([(0, 0), (900, 900), (900, 0), (0, 900)]),
    "spike": shapely.Polygon([*SQUARE[:2], (900, 400), (1300, 400), (900, 400), *SQUARE[2:]]),
    "duplicate_ring": shapely.Polygon(SQUARE, [[*SQUARE[2::-1], SQUARE[3]]]),  # from another corner, the other way
    "hole_outside": shapely.Polygon(SQUARE, [[(2000, 0), (2100, 0), (2100, 100)]]),
    "nested": shapely.MultiPolygon([shapely.Polygon(SQUARE), shapely.box(100, 100, 200, 200)]),
    "disconnected": shapely.Polygon(SQUARE, [[(0, 450), (450, 500), (900, 450), (450, 400)]]),
    "collapsed": shapely.MultiPolygon([shapely.Polygon(SQUARE), shapely.Polygon([(5, 5), (9, 9), (5, 5), (5, 5)])]),
}
AREAS = {"self_intersection": 405_000, "hole_outside": 815_000, "disconnected": 810_000 - 45_000}


@pytest.mark.parametrize("kind", FAULTS)
def test_every_kind_of_invalid_polygon_is_classed_counted_mended_and_said(kind: str) -> None:
    frame = layer([FAULTS[kind], shapely.box(900, 0, 1200, 900)])
    found = measure_faults(frame)
    assert found.invalid == {kind: ("001",)}
    assert found.areas["001"] == pytest.approx(AREAS.get(kind, 810_000), rel=0.001)
    mended = mend(frame.geometry.values)
    assert shapely.is_valid(mended).all()
    said = describe_cleaning(clean_coverage(frame, tolerance=None).report, {"001": "下应村"})
    mended_sentences = [one for one in said if "已修复" in one.zh]
    assert len(mended_sentences) == 1 and mended_sentences[0].zh.startswith("1 个面")
    assert "001 下应村" in mended_sentences[0].zh and "mended (001 下应村)" in mended_sentences[0].en


def test_twelve_crossing_polygons_are_said_as_twelve_with_the_first_five_named() -> None:
    eight = FAULTS["self_intersection"]
    shapes = [shapely.transform(eight, lambda xy, at=row: np.add(xy, (2000 * at, 0))) for row in range(12)]
    said = describe_cleaning(clean_coverage(layer(shapes), tolerance=None).report)
    assert any(one.zh == "12 个面自相交，已修复：001、002、003、004、005 等。" for one in said)
    assert any(one.en.startswith("Polygons that cross themselves: 12, mended (001, 002,") for one in said)


def test_points_and_lines_are_left_out_and_named_and_a_place_of_nothing_else_has_no_area() -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 900, 900), shapely.LineString([(0, 0), (50, 2000)])])
    nested = shapely.GeometryCollection([shapely.GeometryCollection([shapely.box(2000, 0, 2900, 900)])])
    found = measure_faults(layer([mixed, shapely.LineString([(0, 0), (9, 9)]), nested]))
    assert found.not_polygons == ("001", "002") and found.without_area == ("002",)
    assert found.areas["001"] == pytest.approx(found.areas["003"], rel=1e-6) and math.isnan(found.areas["002"])
    assert any(one.zh == "1 个地方没有面：002。" for one in describe_faults(found))


def test_rows_without_a_shape_and_shapes_with_a_third_dimension_do_no_harm() -> None:
    frame = layer([shapely.box(0, 0, 900, 900), shapely.box(900, 0, 1800, 900)])
    frame.loc[2] = ["003", None]
    frame["geometry"] = shapely.force_3d(frame.geometry.values, 7.0)
    found = measure_faults(frame)
    assert found.without_area == ("003",) and found.places == 3 and found.features == 3
    assert not shapely.has_z(mend(frame.geometry.values)[:2]).any()


def test_a_sound_layer_has_nothing_wrong_and_one_sentence_says_so() -> None:
    found = measure_faults(sound_layer(4))
    assert [tuple(one) for one in describe_faults(found)] == [("没有发现问题。", "Nothing is wrong.")]
    assert found.overlap_area == 0 and found.gaps.empty and not found.unmatched and not found.in_parts


def test_sentences_give_the_figures_of_the_layer() -> None:
    around = shapely.box(-500, -500, 2500, 1500)
    pond, slit = shapely.box(100, 100, 300, 300), shapely.box(998, 100, 1000, 600)
    village = shapely.MultiPolygon([shapely.box(0, 0, 1000, 1000).difference(slit), shapely.box(2600, 0, 2800, 100)])
    rest = around.difference(shapely.box(10, 0, 1000, 1000))
    frame = layer([village.difference(pond), rest])
    found = measure_faults(frame)
    assert found.overlap_area == pytest.approx(10_000, rel=1e-3)
    assert found.gap_area(narrow=False) == pytest.approx(40_000, rel=1e-3)
    said = "\n".join(one.zh for one in describe_faults(found, {"001": "东村", "002": "西村"}))
    overlap, lake = f"{found.overlap_area:,.0f}", f"{found.gap_area(narrow=False):,.0f}"
    assert f"1 对地方互相重叠（合计 {overlap} 平方米），最大的是 001 东村 与 002 西村（{overlap} 平方米）。" in said
    assert "1 处窄于 5 米的空隙（合计 1,000 平方米）。" in said
    assert f"1 处宽于 5 米的空隙（合计 {lake} 平方米）。" in said
    assert "1 个地方由几块组成：001 东村。" in said
    done = describe_cleaning(clean_coverage(frame, tolerance=None).report)
    text = "\n".join(one.en for one in done)
    assert "Gaps narrower than 5 m: 1 (1,000 m²), given to the places beside them." in text
    assert "; given to the smaller place." in text and "; left empty." in text and "The largest change" in text
    assert all(one.zh.endswith("。") and one.en.endswith(".") for one in done)


def test_before_and_after_are_compared_by_code_with_the_largest_change_first() -> None:
    before = measure_faults(layer([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)], ["a", "b"]))
    after = measure_faults(layer([shapely.box(0, 0, 100, 90), shapely.box(0, 500, 10, 510)], ["a", "c"]))
    table = compare(before, after)
    assert list(table.columns) == ["code", "area_before", "area_after", "change_percent"]
    assert set(table["code"][:2]) == {"b", "c"} and table["change_percent"][:2].isna().all()
    assert table["code"][2] == "a" and table["change_percent"][2] == pytest.approx(-10, abs=0.01)


def test_areas_are_held_against_the_register_and_zero_is_not_missing() -> None:
    frame = layer([shapely.box(1000 * row, 0, 1000 * row + 1000, 1000) for row in range(5)])
    register = {"001": 1.05, "002": 0.8, "003": float("nan"), "004": 0.0, "999": 3.0}
    found = area_against_register(frame, register)
    assert found["code"].tolist() == ["004", "002"]
    assert found["difference_percent"].tolist() == [math.inf, pytest.approx(25, abs=0.1)]
    assert found["drawn_km2"].tolist() == pytest.approx([1, 1], rel=0.001)
    said = describe_register(found, {"002": "南村"})
    assert said[1].zh == "002 南村 图上 1.00 平方公里，登记 0.80 平方公里，相差 +25.0%。"
    assert area_against_register(frame, {"002": 0.8}, most=0.3).empty


def test_rows_of_one_code_are_one_place_and_a_frame_with_any_index_keeps_it() -> None:
    frame = layer(
        [shapely.box(0, 0, 100, 100), shapely.box(50, 0, 150, 100), shapely.box(200, 0, 300, 50)], ["x", "x", "y"]
    )
    united = unite(frame.set_index(pd.Index([5, 5, 5])))
    assert united["code"].tolist() == ["x", "y"] and united.index.tolist() == [5, 5]
    assert shapely.area(to_metres(united.geometry.values)).tolist() == pytest.approx([15_000, 5_000], rel=1e-4)
    found = measure_faults(frame)
    assert found.repeated == ("x",) and found.overlaps.empty and found.differing == ()


def test_another_coordinate_system_is_a_programming_fault() -> None:
    with pytest.raises(ValueError, match="EPSG:4490"):
        measure_faults(layer([shapely.box(0, 0, 9, 9)]).to_crs("EPSG:4550"))


def test_the_metres_of_the_tests_agree_with_the_ellipsoid() -> None:
    np.testing.assert_allclose(metres_per_degree(29.8), METRES, atol=0.1)
