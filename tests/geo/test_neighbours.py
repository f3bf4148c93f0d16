"""Neighbours: squares on a grid, corners, gaps, and the counties that ship with libpysal."""

import geopandas as gpd
import libpysal
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.neighbours import Neighbours, UnusableBoundaries, find_neighbours


def squares(cells: list[tuple[float, float]], *, crs: str | None = None) -> gpd.GeoSeries:
    """Unit squares with their south-west corner in each of the cells, named by row."""
    boxes = [shapely.box(x, y, x + 1, y + 1) for x, y in cells]
    return gpd.GeoSeries(boxes, index=[f"{row:03d}" for row in range(len(cells))], crs=crs)


def named(found: Neighbours) -> set[tuple[str, str]]:
    return {(found.ids[i], found.ids[j]) for i, j in found.pairs}


@settings(max_examples=40)
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_squares_are_neighbours_when_a_king_could_step_from_one_to_the_other(cells: set[tuple[int, int]]) -> None:
    places = sorted(cells)
    found = find_neighbours(squares(places), nearest=0)
    naive = {
        (f"{i:03d}", f"{j:03d}")
        for i, (x1, y1) in enumerate(places)
        for j, (x2, y2) in enumerate(places)
        if i != j and max(abs(x1 - x2), abs(y1 - y2)) <= 1
    }
    assert named(found) == naive
    assert set(found.islands) == set(found.ids) - {one for one, _ in naive}
    assert found.filled == ()


@settings(max_examples=30)
@given(st.permutations(range(12)))
def test_the_order_of_the_rows_changes_nothing(order: list[int]) -> None:
    shapes = squares([(x, y) for x in range(3) for y in range(3)] + [(9, 0), (0, 9), (20, 20)])
    first, second = find_neighbours(shapes), find_neighbours(shapes.iloc[order])
    assert first.ids == second.ids and first.filled == second.filled and first.islands == second.islands
    np.testing.assert_array_equal(first.pairs, second.pairs)


def test_an_island_is_linked_both_ways_to_its_four_nearest_and_listed() -> None:
    found = find_neighbours(squares([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (10, 0)]))
    assert found.filled == ("005",) and found.islands == ()
    assert {j for i, j in named(found) if i == "005"} == {"001", "002", "003", "004"}
    assert {i for i, j in named(found) if j == "005"} == {"001", "002", "003", "004"}
    assert ("005", "000") not in named(found)


def test_at_equal_distance_the_smaller_code_is_the_neighbour() -> None:
    found = find_neighbours(squares([(0, 1), (0, 0), (5, 0.5)]), nearest=1)
    assert named(found) == {("000", "001"), ("001", "000"), ("002", "000"), ("000", "002")}


def test_one_area_alone_stays_an_island_and_no_area_gives_no_pairs() -> None:
    alone = find_neighbours(squares([(0, 0)]))
    assert alone.islands == ("000",) and alone.filled == () and alone.pairs.shape == (0, 2)
    nobody = find_neighbours(squares([]))
    assert nobody.ids == () and nobody.pairs.shape == (0, 2)


def test_distance_in_degrees_is_measured_on_the_ground() -> None:
    # At 60° north a degree from west to east is half as long as one from south to north.
    cells = [(0, 59), (4, 59), (5, 59), (0, 62), (0, 63)]
    assert ("000", "001") in named(find_neighbours(squares(cells, crs="EPSG:4326"), nearest=1))
    flat = named(find_neighbours(squares(cells), nearest=1))
    assert ("000", "003") in flat and ("000", "001") not in flat


def test_a_corner_on_the_middle_of_an_edge_makes_neighbours_where_shared_vertices_would_not() -> None:
    shapes = gpd.GeoSeries([shapely.box(0, 0, 2, 2), shapely.box(2, 0.5, 3, 1.5)], index=["a", "b"])
    assert named(find_neighbours(shapes, nearest=0)) == {("a", "b"), ("b", "a")}
    by_vertices = libpysal.graph.Graph.build_contiguity(shapes, rook=False)
    assert by_vertices.n_edges == 0


def test_on_the_columbus_quarters_the_neighbours_are_those_of_libpysal() -> None:
    # libpysal's documentation prints 9.83 % of all pairs for these 49 quarters (queen contiguity).
    shapes = gpd.read_file(libpysal.examples.get_path("columbus.shp"))
    shapes.index = [f"{row:02d}" for row in range(len(shapes))]
    found = find_neighbours(shapes)
    assert round(100 * len(found.pairs) / 49**2, 2) == 9.83
    theirs = libpysal.weights.Queen.from_dataframe(shapes, use_index=True)
    assert named(found) == {(one, other) for one, others in theirs.neighbors.items() for other in others}


def test_a_repeated_code_and_a_missing_polygon_are_named() -> None:
    shapes = squares([(0, 0), (1, 0)])
    shapes.index = ["a", "a"]
    with pytest.raises(UnusableBoundaries, match="more than one polygon") as twice:
        find_neighbours(shapes)
    assert twice.value.places == ("a",)
    with pytest.raises(UnusableBoundaries, match="no polygon") as missing:
        find_neighbours(gpd.GeoSeries([shapely.box(0, 0, 1, 1), None, shapely.Point(0, 0)], index=["a", "b", "c"]))
    assert missing.value.places == ("b", "c")


def test_thousands_of_areas_have_the_neighbours_of_a_grid() -> None:
    side = 60
    found = find_neighbours(squares([(x, y) for x in range(side) for y in range(side)]))
    assert len(found.pairs) == 4 * side * (side - 1) + 4 * (side - 1) ** 2
