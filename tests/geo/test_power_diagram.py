"""Power diagrams: every point belongs to the seat of least power distance, and weights can give any areas."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.power_diagram import balancing_weights, power_diagram

SQUARE = shapely.box(0, 0, 10, 10)
L_SHAPE = shapely.Polygon([(0, 0), (10, 0), (10, 3), (3, 3), (3, 10), (0, 10)])
RING = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior.coords, [shapely.box(3, 3, 7, 7).exterior.coords])
REGIONS = (SQUARE, L_SHAPE, RING)


def seats_inside(region: shapely.Polygon, count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    points: list[np.ndarray] = []
    while len(points) < count:
        point = random.uniform(0, 10, 2)
        if shapely.contains_xy(region, *point):
            points.append(point)
    return np.array(points)


@settings(deadline=None, derandomize=True, max_examples=18)
@given(st.integers(1, 30), st.integers(0, 10**6), st.sampled_from(REGIONS), st.floats(0, 8))
def test_every_point_lies_in_the_cell_of_its_least_power_distance(
    count: int, seed: int, region: shapely.Polygon, heaviest: float
) -> None:
    """The slow twin: the distance of each of many points to each seat."""
    random = np.random.default_rng(seed)
    seats = random.uniform(-1, 11, (count, 2))
    weights = random.uniform(0, heaviest, count)
    diagram = power_diagram(seats, weights, region)
    points = random.uniform(0, 10, (600, 2))
    points = points[shapely.contains_xy(region, points)]
    power = np.sum((points[:, None, :] - seats[None, :, :]) ** 2, axis=2) - weights
    ranked = np.sort(power, axis=1)
    clear = ranked[:, 1] - ranked[:, 0] > 1e-6 if count > 1 else np.ones(len(points), dtype=bool)
    for point, nearest in zip(points[clear], np.argmin(power[clear], axis=1), strict=True):
        assert list(np.flatnonzero(shapely.contains_xy(diagram.cells, *point))) == [nearest]
    assert diagram.areas.sum() == pytest.approx(region.area, rel=1e-9)


def test_equal_weights_give_the_voronoi_diagram() -> None:
    seats = seats_inside(SQUARE, 12, 3)
    drawn = power_diagram(seats, np.full(12, 4.0), SQUARE)
    voronoi = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seats), extend_to=SQUARE))
    for cell, seat in zip(drawn.cells, seats, strict=True):
        other = next(one for one in voronoi if shapely.contains_xy(one, *seat))
        assert shapely.symmetric_difference(cell, shapely.intersection(other, SQUARE)).area < 1e-9


def test_two_seats_are_parted_by_the_line_of_equal_power() -> None:
    """|x - 2|² - 12 = |x - 8|² gives x = 6, on paper."""
    diagram = power_diagram(np.array([[2.0, 5.0], [8.0, 5.0]]), np.array([12.0, 0.0]), SQUARE)
    assert diagram.areas == pytest.approx([60, 40])
    assert diagram.pairs.tolist() == [[0, 1]]
    assert shapely.get_coordinates(diagram.borders[0])[:, 0] == pytest.approx([6, 6])


def test_seats_in_a_row_or_on_a_circle_are_no_special_case() -> None:
    row = np.column_stack([np.arange(1, 10, 2.0), np.full(5, 5.0)])
    assert power_diagram(row, np.zeros(5), SQUARE).areas == pytest.approx(np.full(5, 20.0))
    angles = np.arange(8) * np.pi / 4
    circle = 5 + 3 * np.column_stack([np.cos(angles), np.sin(angles)])
    areas = power_diagram(circle, np.zeros(8), SQUARE).areas
    assert areas[::2] == pytest.approx(np.full(4, areas[0])) and areas.sum() == pytest.approx(100)


def test_a_seat_with_too_small_a_weight_has_an_empty_cell() -> None:
    seats = np.array([[5.0, 5.0], [2.0, 5.0], [8.0, 5.0]])
    diagram = power_diagram(seats, np.array([-20.0, 0.0, 0.0]), SQUARE)
    assert diagram.cells[0].is_empty
    assert diagram.areas == pytest.approx([0, 50, 50])


@settings(deadline=None, derandomize=True, max_examples=18)
@given(st.integers(1, 30), st.integers(0, 10**6), st.sampled_from(REGIONS))
def test_weights_are_found_for_any_areas(count: int, seed: int, region: shapely.Polygon) -> None:
    seats = seats_inside(region, count, seed)
    apart = shapely.STRtree(shapely.points(seats)).query(shapely.points(seats), "dwithin", distance=0.05)
    assume(apart.shape[1] == count)
    wanted = np.random.default_rng(seed).uniform(0.2, 3, count)
    wanted *= region.area / wanted.sum()
    weights, diagram = balancing_weights(seats, wanted, region)
    assert diagram.areas == pytest.approx(wanted, rel=2e-4)
    assert power_diagram(seats, weights, region).areas == pytest.approx(diagram.areas)


def test_a_border_lies_between_the_two_cells_it_is_said_to_part() -> None:
    diagram = power_diagram(seats_inside(RING, 15, 8), np.zeros(15), RING)
    for (one, other), border in zip(diagram.pairs, diagram.borders, strict=True):
        middle = shapely.line_interpolate_point(shapely.get_parts(border)[0], 0.5, normalized=True)
        assert one < other
        assert max(shapely.distance(diagram.cells[[one, other]], middle)) < 1e-9


@pytest.mark.parametrize(
    ("seats", "weights", "region", "reason"),
    [
        ([[np.nan, 1]], [0], SQUARE, "finite"),
        ([[1, 1]], [0, 0], SQUARE, "finite"),
        ([[1, 1]], [0], shapely.Polygon(), "nothing to divide"),
        ([[1, 1], [500, 1]], [0, 0], SQUARE, "far outside"),
    ],
)
def test_what_cannot_be_divided_is_refused_with_a_reason(
    seats: list, weights: list, region: shapely.Polygon, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        power_diagram(np.array(seats, dtype=float), np.array(weights, dtype=float), region)


def test_areas_that_do_not_fit_and_seats_in_one_point_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        balancing_weights(np.array([[1.0, 1], [2, 2]]), np.array([10.0, 20.0]), SQUARE)
    with pytest.raises(ValueError, match="two seats are one"):
        balancing_weights(np.array([[1.0, 1], [1, 1]]), np.array([50.0, 50.0]), SQUARE)
