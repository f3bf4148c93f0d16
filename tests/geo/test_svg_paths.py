"""Drawing geometry: the paths keep shape, area and shared borders, and names get room inside their place."""

import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import svg_paths
from geo.svg_paths import Grid, drawing_bytes, drawing_geometry, label_room, path_rings, svg_path

GEOGRAPHY = Path(__file__).resolve().parents[2] / "data_access" / "demo_data" / "geography"
UNIT_GRID = Grid(west=0.0, north=0.0, shrink=1.0, scale=1.0, width=4000, height=4000)


def frame(shapes: dict[str, shapely.Geometry], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": list(shapes), "name": [f"名{code[-2:]}村" for code in shapes], **columns},
        geometry=list(shapes.values()),
        crs=4490,
    )


def to_polygon(path: str) -> shapely.Geometry:
    """The filled area of a path under the even-odd rule that nested rings amount to."""
    area = shapely.Polygon()
    for ring in path_rings(path):
        area = shapely.symmetric_difference(area, shapely.make_valid(shapely.Polygon(ring)))
    return area


@pytest.fixture(scope="module")
def layers() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    read = [gpd.read_file(GEOGRAPHY / f"{level}_schematic.geojson") for level in ("villages", "townships")]
    villages, townships = (layer.set_crs(4490, allow_override=True) for layer in read)
    return villages, townships


@pytest.fixture(scope="module")
def drawing(layers: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> dict:
    return drawing_geometry(*layers)


def test_every_place_is_drawn_once_and_the_whole_stays_about_a_hundred_kilobytes(drawing: dict, layers: tuple) -> None:
    villages, townships = layers
    assert sorted(row[0] for row in drawing["villages"]) == sorted(villages["code"])
    assert sorted(drawing["boxes"]) == sorted(townships["code"]) == [row[0] for row in drawing["townships"]]
    assert len(drawing_bytes(drawing)) < 120_000
    assert json.loads(drawing_bytes(drawing)) == json.loads(json.dumps(drawing))


def test_areas_survive_the_grid(drawing: dict, layers: tuple) -> None:
    villages, _ = layers
    grid = Grid.around(tuple(villages.total_bounds), width=drawing["w"])
    for row in drawing["villages"]:
        true = shapely.transform(villages.set_index("code").geometry[row[0]], grid.place)
        assert abs(to_polygon(row[3]).area - true.area) <= 0.75 * true.length, row[1]


def test_a_kilometre_is_as_long_to_the_north_as_to_the_east(drawing: dict, layers: tuple) -> None:
    west, south, east, north = layers[1].total_bounds
    middle = math.radians((south + north) / 2)
    expected = (east - west) * math.cos(middle) / (north - south)
    assert drawing["w"] / drawing["h"] == pytest.approx(expected, rel=1e-3)


def test_north_is_up(drawing: dict, layers: tuple) -> None:
    latitudes = shapely.get_y(shapely.centroid(layers[1].geometry.to_numpy()))
    northern = layers[1]["code"].iloc[int(np.argmax(latitudes))]
    southern = layers[1]["code"].iloc[int(np.argmin(latitudes))]
    assert drawing["boxes"][northern][1] < drawing["boxes"][southern][1]


def test_neighbours_share_the_very_same_border(drawing: dict) -> None:
    """Villages tile their township: every border edge inside it is drawn twice, by its two neighbours."""
    for township in drawing["townships"]:
        edges: dict[frozenset, int] = {}
        for row in drawing["villages"]:
            if row[2] != township[0]:
                continue
            for ring in path_rings(row[3]):
                for start, end in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
                    edge = frozenset((tuple(start), tuple(end)))
                    edges[edge] = edges.get(edge, 0) + 1
        assert max(edges.values()) <= 2
        rim = {frozenset((tuple(start), tuple(end))) for start, end in _edges_of(township[3])}
        inner = {edge for edge, count in edges.items() if count == 2}
        assert not inner & rim
        assert {point for edge in rim for point in edge} <= {point for edge in edges for point in edge}


def _edges_of(path: str) -> list[tuple[list[int], list[int]]]:
    return [pair for ring in path_rings(path) for pair in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True)]


def test_a_name_starts_inside_its_place_and_its_room_does_not_reach_outside(drawing: dict) -> None:
    for row in drawing["villages"] + drawing["townships"]:
        _, name, _, path, x, y, room = row[:7]
        area = to_polygon(path).buffer(1.5)
        line = shapely.LineString([(x - room / 2, y), (x + room / 2, y)])
        assert room > 0, name
        assert area.covers(line), name


def test_villages_may_be_left_out_and_the_same_layer_gives_the_same_bytes(layers: tuple) -> None:
    small = drawing_bytes(drawing_geometry(None, layers[1]))
    shuffled = drawing_geometry(None, layers[1].sample(frac=1, random_state=4))
    assert json.loads(small)["villages"] == []
    assert len(small) < 20_000
    assert svg_paths.content_hash(drawing_bytes(shuffled)) == svg_paths.content_hash(small)


def test_holes_and_further_parts_are_drawn() -> None:
    ring = shapely.Polygon([(0, 0), (100, 0), (100, -100), (0, -100)], [[(20, -20), (20, -80), (80, -80), (80, -20)]])
    island = shapely.Polygon([(200, 0), (210, 0), (210, -10), (200, -10)])
    path = svg_path(shapely.MultiPolygon([ring, island]), UNIT_GRID)
    assert len(path_rings(path)) == 3
    assert to_polygon(path).area == 100 * 100 - 60 * 60 + 10 * 10


def test_a_place_smaller_than_the_grid_can_still_be_pointed_at() -> None:
    speck = shapely.box(10.1, -10.3, 10.2, -10.2)
    rings = path_rings(svg_path(speck, UNIT_GRID))
    assert len(rings) == 1
    assert shapely.Polygon(rings[0]).area == 1


@given(
    st.lists(
        st.tuples(st.floats(0, 3999, allow_nan=False), st.floats(-3999, 0, allow_nan=False)), min_size=3, max_size=12
    )
)
def test_every_polygon_comes_back_within_half_a_grid_unit(points: list[tuple[float, float]]) -> None:
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 50:
        return
    drawn = to_polygon(svg_path(hull, UNIT_GRID))
    true = shapely.transform(hull, UNIT_GRID.place)
    assert shapely.hausdorff_distance(drawn, true) <= math.sqrt(0.5) + 1e-9


@given(st.integers(2, 30), st.integers(0, 10**6))
def test_a_random_coverage_has_no_cracks(cells: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    seeds = shapely.MultiPoint(random.uniform(121.4, 121.9, (cells, 2)) - [0, 92])
    world = shapely.box(121.4, 29.4, 121.9, 29.9)
    parts = [
        shapely.intersection(part, world)
        for part in shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=world))
    ]
    shapes = {f"33021200{number:04d}": part for number, part in enumerate(parts) if part.area > 1e-7}
    if not shapely.coverage_is_valid(list(shapes.values())):
        return
    whole = frame({"330212001": world})
    rows = drawing_geometry(frame(shapes), whole)["villages"]
    counts: dict[frozenset, int] = {}
    for row in rows:
        for start, end in _edges_of(row[3]):
            edge = frozenset((tuple(start), tuple(end)))
            counts[edge] = counts.get(edge, 0) + 1
    assert max(counts.values()) <= 2
    total = sum(to_polygon(row[3]).area for row in rows)
    rim = sum(math.dist(*edge) for edge, count in counts.items() if count == 1)
    assert total == pytest.approx(4000 * drawing_geometry(None, whole)["h"], abs=rim + 4000)


def test_the_offices_own_label_point_is_kept_where_it_has_room() -> None:
    square = shapely.box(0, 0, 100, 100)
    assert label_room(square, wanted=(48.0, 30.0)).y == 30.0
    assert label_room(square, wanted=(500.0, 30.0)).y == pytest.approx(50, abs=35)
    assert label_room(square, wanted=(math.nan, 30.0)).width == pytest.approx(100)


def test_in_a_bent_place_the_name_goes_to_the_wide_part() -> None:
    stem = shapely.union(shapely.box(0, 0, 10, 100), shapely.box(0, 80, 100, 110))
    room = label_room(stem)
    assert 80 < room.y < 110
    assert room.width > 80


def test_a_short_name_is_given_only_where_no_sibling_has_it() -> None:
    boxes = {f"33021211000{number}": shapely.box(number, 0, number + 1, 1) for number in range(3)}
    layer = frame(boxes)
    layer["name"] = ["莫枝村", "莫枝社区", "韩岭村"]
    rows = drawing_geometry(layer, frame({"330212110": shapely.box(0, 0, 3, 1)}))["villages"]
    assert [row[1] for row in rows] == ["莫枝村", "莫枝社区", "韩岭村"]
    assert [row[7:] for row in rows] == [[], [], ["韩岭"]]


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (frame({"330212110": shapely.box(369000, 3290000, 370000, 3291000)}), "not degrees"),
        (frame({"330212110": shapely.LineString([(0, 0), (1, 1)])}), "without an area: 330212110"),
        (frame({}), "no places"),
    ],
)
def test_a_layer_that_cannot_be_drawn_is_refused_with_a_reason(layer: gpd.GeoDataFrame, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        drawing_geometry(None, layer)


def test_a_place_that_occurs_twice_is_refused() -> None:
    twice = gpd.GeoDataFrame(
        {"code": ["330212110", "330212110"], "name": ["姜山镇", "姜山镇"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs=4490,
    )
    with pytest.raises(ValueError, match="drawn twice: 330212110"):
        drawing_geometry(None, twice)
