"""Invented boundaries: valid, nested, of the right areas, the same every time, and refused in plain words."""

import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.balanced_cells import balanced_cells
from geo.errors import LayerError
from geo.invented_outline import invented_outline, seats_from_grid
from geo.natural_borders import natural_borders, on_grid
from geo.planar_faces import one_piece_each, planar_faces
from geo.schematic import schematic_coverage
from geo.schematic_places import schematic_places
from scripts.schematic_layer import FILES, GEOGRAPHY, demonstration_layer, layer_bytes

GEOD = pyproj.Geod(ellps="GRS80")
L_SHAPE = shapely.Polygon([(0, 0), (10, 0), (10, 3), (3, 3), (3, 10), (0, 10)])
RING = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior.coords, [shapely.Point(5, 5).buffer(2.5).exterior.coords])
BAY = shapely.difference(shapely.box(0, 0, 12, 12), shapely.box(2, 2, 10, 13))
OUTLINES = {
    "none": None,
    "box": shapely.box(121.4, 29.6, 121.9, 29.9),
    "L": shapely.transform(L_SHAPE, lambda points: points / [20, 25] + [121.4, 29.5]),
    "ring": shapely.transform(RING, lambda points: points / [20, 25] + [121.4, 29.5]),
}


def listed(*counts: int, **columns: list) -> pd.DataFrame:
    """A list of places: one township for each count, with so many villages."""
    codes = [f"3302121{number:02d}" for number in range(len(counts))]
    villages = [f"{code}{number:03d}" for code, count in zip(codes, counts, strict=True) for number in range(count)]
    every = [*codes, *villages]
    return pd.DataFrame({"code": every, "name": [f"名{code[-3:]}" for code in every], **columns})


def check_coverage(villages: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> None:
    """What every schematic layer promises."""
    alone = townships[~townships["code"].isin(villages["parent"])]
    pieces = np.concatenate([villages.geometry.to_numpy(), alone.geometry.to_numpy()])
    for shapes in (pieces, townships.geometry.to_numpy()):
        assert set(shapely.get_type_id(shapes)) == {3}
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
        points = shapely.get_coordinates(shapes)
        assert (points == np.round(points, 5)).all()
    for code, shape in zip(townships["code"], townships.geometry, strict=True):
        inside = villages.geometry[villages["parent"] == code].to_numpy()
        assert not len(inside) or shapely.equals(shapely.coverage_union_all(inside), shape)
    for frame in (villages, townships):
        labels = shapely.points(frame["label_lon"], frame["label_lat"])
        assert shapely.contains(frame.geometry.to_numpy(), labels).all()
        assert set(frame["precision"]) <= {"schematic"} and frame.crs.to_epsg() == 4490


def worst(frame: gpd.GeoDataFrame) -> float:
    """Largest relative error of an area, measured on the ellipsoid."""
    areas = [abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6 for shape in frame.geometry]
    return float(np.max(np.abs(np.array(areas) / frame["wanted_km2"] - 1))) if len(frame) else 0.0


@settings(deadline=None, derandomize=True, max_examples=9)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.sampled_from(sorted(OUTLINES)), st.integers(0, 10**6))
def test_any_list_of_places_becomes_a_nested_coverage_with_its_areas(counts: list[int], kind: str, seed: int) -> None:
    places = listed(*counts)
    random = np.random.default_rng(seed)
    places["area_km2"] = random.uniform(0.5, 3, len(places))
    places.loc[places["code"].str.len() == 9, "area_km2"] *= 10
    villages, townships = schematic_coverage(places, outline=OUTLINES[kind], seed=seed)
    assert len(villages) == sum(counts) and len(townships) == len(counts)
    check_coverage(villages, townships)
    assert worst(villages) < 0.01 and worst(townships) < 0.01


def test_the_same_list_in_any_order_gives_the_same_coordinates_and_another_seed_others() -> None:
    places = listed(6, 3)
    first = schematic_coverage(places)
    again = schematic_coverage(places.sample(frac=1, random_state=1))
    for one, other in zip(first, again, strict=True):
        assert one.to_json() == other.to_json()
    assert schematic_coverage(places, seed=1)[0].to_json() != first[0].to_json()


def test_one_village_is_its_township_and_a_township_without_villages_stands_alone() -> None:
    villages, townships = schematic_coverage(listed(1, 0, 2), outline=OUTLINES["box"])
    check_coverage(villages, townships)
    assert list(villages["code"]) == ["330212100000", "330212102000", "330212102001"]
    assert shapely.equals(villages.geometry.iloc[0], townships.geometry.iloc[0])
    assert shapely.coverage_union_all(townships.geometry.to_numpy()).area == pytest.approx(0.15, rel=1e-3)
    nobody, alone = schematic_coverage(listed(0, 0))
    assert nobody.empty and len(alone) == 2


def test_township_polygons_are_kept_and_only_divided() -> None:
    edge = shapely.Polygon([(121.5, 29.7), (121.6, 29.7), (121.58, 29.76), (121.6, 29.8), (121.5, 29.8)])
    other = shapely.difference(shapely.box(121.5, 29.7, 121.7, 29.8), edge)
    given_shapes = gpd.GeoDataFrame({"code": ["330212101", "330212100"]}, geometry=[other, edge], crs=4490)
    villages, townships = schematic_coverage(listed(7, 5), townships=given_shapes)
    check_coverage(villages, townships)
    assert worst(villages) < 0.01
    for code, shape in zip(given_shapes["code"], given_shapes.geometry, strict=True):
        drawn = townships.geometry[townships["code"] == code].iloc[0]
        assert shapely.symmetric_difference(drawn, shape).area < 1e-6 * 50
        assert {(121.6, 29.8)} <= set(map(tuple, shapely.get_coordinates(drawn)))


def test_an_island_of_a_township_goes_whole_to_one_village() -> None:
    island = shapely.box(121.65, 29.72, 121.66, 29.73)
    both = shapely.MultiPolygon([shapely.box(121.5, 29.7, 121.6, 29.8), island])
    layer = gpd.GeoDataFrame({"code": ["330212100"]}, geometry=[both], crs=4490)
    villages, _ = schematic_coverage(listed(4), townships=layer)
    several = villages[villages.geom_type == "MultiPolygon"]
    assert len(several) == 1 and shapely.covers(several.geometry.iloc[0], island)
    assert shapely.coverage_is_valid(villages.geometry.to_numpy())


def test_seats_that_fit_the_areas_lie_in_their_own_polygons() -> None:
    lon, lat = np.meshgrid([121.45, 121.55, 121.65, 121.75], [29.65, 29.75, 29.85])
    places = listed(*[0] * 12, lon=list(lon.ravel()), lat=list(lat.ravel()), area_km2=[100.0] * 12)
    _, townships = schematic_coverage(places, outline=shapely.box(121.4, 29.6, 121.8, 29.9))
    assert shapely.contains(townships.geometry.to_numpy(), shapely.points(lon.ravel(), lat.ravel())).all()
    _, free = schematic_coverage(places)
    assert shapely.contains(free.geometry.to_numpy(), shapely.points(lon.ravel(), lat.ravel())).sum() >= 8


def test_seats_in_one_point_and_seats_outside_still_give_everyone_a_polygon() -> None:
    places = listed(5, lon=[121.6] * 6, lat=[29.7] * 6)
    villages, townships = schematic_coverage(places, outline=OUTLINES["box"])
    check_coverage(villages, townships)
    assert worst(villages) < 0.01
    outside, whole = schematic_coverage(places.assign(lon=125.0), outline=OUTLINES["L"])
    check_coverage(outside, whole)
    assert worst(outside) < 0.01


def test_squares_of_a_tile_grid_say_who_lies_west_and_north_of_whom() -> None:
    columns, rows = [0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1]
    places = listed(*[0] * 6, grid_column=columns, grid_row=rows, area_km2=[5.0, 20, 60, 8, 30, 40])
    for outline in (None, OUTLINES["box"]):
        _, townships = schematic_coverage(places, outline=outline)
        x, y = shapely.get_coordinates(shapely.centroid(townships.geometry.to_numpy())).T
        assert (np.diff(x.reshape(2, 3), axis=1) > 0).all()
        assert (y[:3] > y[3:]).all()
        assert worst(townships) < 0.01


def test_an_invented_district_has_the_area_of_its_townships() -> None:
    _, townships = schematic_coverage(listed(0, 0, 0, area_km2=[40.0, 25.0, 10.0]))
    assert townships["area_km2"].to_numpy() == pytest.approx([40, 25, 10], rel=0.01)
    far_apart = np.array([[0.0, 0.0], [500.0, 0.0], [250.0, 400.0], [np.nan, np.nan]])
    outline, moved = invented_outline(far_apart, 75.0, seed=1)
    assert outline.area == pytest.approx(75) and outline.is_valid
    assert shapely.contains_xy(outline.buffer(0.5), moved[:3]).all()


def test_columns_of_a_tile_grid_stand_where_their_areas_end() -> None:
    """Three columns that need 10, 30 and 60 % of a square: their middles are at 5, 25 and 70 %."""
    seats = seats_from_grid(np.array([0.0, 1, 2]), np.zeros(3), np.array([10.0, 30, 60]), shapely.box(0, 0, 100, 100))
    assert seats[:, 0] == pytest.approx([5, 25, 70], abs=0.6)
    assert seats[:, 1] == pytest.approx(50, abs=0.6)


def test_missing_areas_are_guessed_from_siblings_and_residents() -> None:
    places = listed(4, 2)
    villages = places["code"].str.len() == 12
    places.loc[villages, "residents"] = [100.0, 400, np.nan, 1e9, np.nan, np.nan]
    places.loc[villages, "area_km2"] = [2.0, np.nan, np.nan, np.nan, 3.0, 5.0]
    read = schematic_places(places)
    mean = (100 + 400 + 1e9) / 3
    assert read.villages["area_km2"].tolist() == pytest.approx([2, 2 / 3, 2, 2 * (1e9 / mean) ** 0.5, 3, 5])
    assert 400 / mean < 1 / 9
    assert read.townships["area_km2"].tolist() == pytest.approx([8, 8])


@pytest.mark.parametrize("region", [L_SHAPE, RING, BAY], ids=["L", "ring", "bay"])
@pytest.mark.parametrize("count", [2, 7, 30])
def test_bent_polygons_are_divided_into_whole_pieces_of_equal_shape_and_given_area(
    region: shapely.Polygon, count: int
) -> None:
    areas = np.random.default_rng(count).uniform(1, 3, count)
    found = balanced_cells(region, areas, seed=2)
    wanted = areas * region.area / areas.sum()
    assert set(shapely.get_type_id(found.pieces)) == {3}
    reached = shapely.area(found.pieces)
    assert reached == pytest.approx(wanted, rel=0.005)
    assert found.error == pytest.approx(np.max(np.abs(reached / wanted - 1)), abs=1e-6)
    roundness = 4 * np.pi * reached / shapely.length(found.pieces) ** 2
    assert count < 30 or roundness.min() > 0.4


def test_bends_change_every_inner_border_and_no_area_and_no_outer_border() -> None:
    straight = balanced_cells(L_SHAPE, np.ones(9), seed=1).pieces
    bent = natural_borders(straight, seed=5)
    assert shapely.coverage_is_valid(bent)
    assert shapely.area(bent) == pytest.approx(shapely.area(straight), rel=0.002)
    assert shapely.symmetric_difference(shapely.union_all(bent), L_SHAPE).area < 1e-4
    assert (shapely.length(bent) > shapely.length(straight)).sum() >= 7
    assert shapely.hausdorff_distance(bent, straight).max() < 0.6


def test_areas_hold_where_stray_parts_change_hands() -> None:
    """Three deep teeth: one of the three cells comes in parts, and what it loses must be made up for."""
    teeth = [shapely.box(x, 0, x + 2, 9) for x in (0, 4.5, 9)]
    comb = shapely.union_all([shapely.box(0, 0, 11, 3), *teeth])
    areas = np.random.default_rng(3).uniform(1, 3, 3)
    found = balanced_cells(comb, areas)
    assert set(shapely.get_type_id(found.pieces)) == {3}
    assert shapely.area(found.pieces) == pytest.approx(areas * comb.area / areas.sum(), rel=0.005)


def test_borders_close_to_each_other_are_bent_less_and_never_cross() -> None:
    """A strip of a hundredth of the width: bent freely, its two long sides would cross many times."""
    strips = np.array([shapely.box(0, 0, 10, 4), shapely.box(0, 4, 10, 4.1), shapely.box(0, 4.1, 10, 8)], dtype=object)
    for seed in range(5):
        bent = natural_borders(strips, seed=seed)
        assert shapely.area(bent) == pytest.approx([40, 1, 39], rel=1e-4)
        assert shapely.coverage_is_valid(bent) and set(shapely.get_type_id(bent)) == {3}


def test_shapes_put_on_a_grid_share_points_they_did_not_share_before() -> None:
    left = shapely.box(0, 0, 1, 1)
    right = [shapely.box(1, 0, 2, 0.333333333), shapely.box(1, 0.333333333, 2, 1)]
    rounded = on_grid(np.array([left, *right], dtype=object), decimals=2)
    assert shapely.coverage_is_valid(rounded)
    assert (1.0, 0.33) in set(map(tuple, shapely.get_coordinates(rounded[0])))


def test_what_is_smaller_than_the_grid_comes_back_empty() -> None:
    speck = shapely.box(0, 0, 1e-7, 1e-7)
    rounded = on_grid(np.array([speck, shapely.box(1, 1, 2, 2)], dtype=object))
    assert rounded[0].is_empty and rounded[1].area == 1


def test_a_hole_belongs_to_nobody() -> None:
    villages, townships = schematic_coverage(listed(6, 4), outline=OUTLINES["ring"])
    check_coverage(villages, townships)
    whole = shapely.coverage_union_all(villages.geometry.to_numpy())
    assert not shapely.contains(whole, shapely.Point(5 / 20 + 121.4, 5 / 25 + 29.5))
    assert whole.area == pytest.approx(OUTLINES["ring"].area, rel=1e-3)


def test_a_stray_face_goes_to_the_owner_with_the_longest_border() -> None:
    """Faces in a row: A A B A. The last A is cut off by B and must become B's."""
    boxes = np.array([shapely.box(x, 0, x + width, 1) for x, width in ((0, 2), (2, 2), (4, 1), (5, 1))], dtype=object)
    found = planar_faces(shapely.boundary(boxes), grid=1e-6)
    order = np.argsort(shapely.get_x(shapely.centroid(found.faces)))
    owners = np.empty(4, dtype=np.int64)
    owners[order] = [0, 0, 1, 0]
    assert one_piece_each(found, owners)[order].tolist() == [0, 0, 1, 1]
    assert sorted((found.sides >= 0).sum(axis=1).tolist()).count(2) == 3


BOX = shapely.box(121.5, 29.7, 121.6, 29.8)
LAYER = gpd.GeoDataFrame({"code": ["330212100"]}, geometry=[BOX], crs=4490)
FLAT = LAYER.to_crs(4550)
TWICE = pd.concat([LAYER, LAYER.assign(code="330212101")])
CROSSED = LAYER.set_geometry([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])


@pytest.mark.parametrize(
    ("places", "options", "reason"),
    [
        (listed(1).drop(columns="name"), {}, "lacks the column name"),
        (listed(1).replace("330212100", "33021210"), {}, "6, 9 or 12 digits"),
        (pd.concat([listed(1), listed(1)]), {}, "more than once: 330212100"),
        (listed(2).iloc[1:], {}, "no township"),
        (listed(2, 1).drop(index=0), {}, r"not in the list: 330212100000, 330212100001 \(2 in all\)"),
        (listed(401), {}, "at most 400"),
        (listed(0, lon=[29.8], lat=[121.5]), {}, "Seats out of range: 330212100"),
        (listed(1), {"townships": FLAT}, "not in degrees"),
        (listed(1, 1), {"townships": LAYER}, "do not match: 330212101"),
        (listed(1), {"townships": TWICE}, "do not match: 330212101"),
        (listed(1, 1), {"townships": TWICE}, "overlap"),
        (listed(1), {"townships": CROSSED}, "cross themselves"),
        (listed(1), {"outline": shapely.LineString([(0, 0), (1, 1)])}, "not a valid polygon in degrees"),
        (listed(1), {"outline": shapely.box(369000, 3290000, 370000, 3291000)}, "not a valid polygon in degrees"),
        (listed(9), {"outline": shapely.box(121.5, 29.7, 121.50001, 29.70001)}, "too small to be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_both_languages(places: pd.DataFrame, options: dict, reason: str) -> None:
    with pytest.raises(LayerError, match=reason) as refused:
        schematic_coverage(places, **options)
    assert any("一" <= letter <= "鿿" for letter in refused.value.zh)


@pytest.mark.slow
def test_the_demonstration_layer_is_what_its_script_draws() -> None:
    """Compared as shapes: another processor may round the last digit of a point to the other side."""
    layers = demonstration_layer()
    check_coverage(*layers)
    for name, layer in zip(FILES, layers, strict=True):
        stored = gpd.read_file(GEOGRAPHY / name).set_crs(4490, allow_override=True)
        drawn = gpd.read_file(io.BytesIO(layer_bytes(layer))).set_crs(4490, allow_override=True)
        columns = ["id", "code", "name", "label_lon", "label_lat", "precision"]
        assert list(stored.columns) == list(drawn.columns) == [*columns, "geometry"]
        assert list(stored["code"]) == list(drawn["code"]) and list(stored["name"]) == list(drawn["name"])
        pairs = stored.geometry.to_numpy(), drawn.geometry.to_numpy()
        assert (shapely.area(shapely.symmetric_difference(*pairs)) < 0.005 * shapely.area(pairs[0])).all()
        assert worst(layer) < 0.01
