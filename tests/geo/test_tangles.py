"""Shapes that cross themselves all over are refused in time; knots that can be mended are not."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity

from geo.errors import LayerError
from geo.tangles import MOST_CROSSINGS, refuse_tangles


def scribble(sides: int, seed: int = 1) -> shapely.Polygon:
    points = np.random.default_rng(seed).uniform(0, 1, (sides, 2))
    return shapely.Polygon([*points, points[0]])


def knotted(sides: int) -> shapely.Polygon:
    """A ring with a bow tie at every fourth side."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    order = np.arange(sides).reshape(-1, 4)[:, [0, 2, 1, 3]].ravel()
    points = np.column_stack([np.cos(angle), np.sin(angle)])[order]
    return shapely.Polygon([*points, points[0]])


def layer(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(list(shapes)))


def crossings(shape: shapely.Polygon) -> int:
    """The slow twin: every side against every other."""
    sides = [shapely.LineString(pair) for pair in zip(shape.exterior.coords, shape.exterior.coords[1:], strict=False)]
    return sum(sides[a].crosses(sides[b]) for a in range(len(sides)) for b in range(a))


def test_a_tangle_is_refused_by_its_number_and_with_what_to_do() -> None:
    with pytest.raises(LayerError) as refused:
        refuse_tangles(layer(shapely.box(0, 0, 1, 1), scribble(2000)))
    assert "第 2 个图形反复自相交" in refused.value.zh and "重新导出" in refused.value.zh
    assert "number 2;" in refused.value.en


def test_a_large_tangle_is_refused_without_counting_its_crossings_one_by_one() -> None:
    with pytest.raises(LayerError, match="cross themselves all over"):
        refuse_tangles(layer(scribble(200_000)))


def test_many_knots_of_few_sides_pass() -> None:
    shape = knotted(100_000)
    assert not shape.is_valid
    refuse_tangles(layer(shape, None, shapely.box(0, 0, 1, 1)))


def test_a_valid_comb_of_long_teeth_passes() -> None:
    teeth = [(x / 1000, y) for x in range(0, 1200, 4) for y in ((0.01, 0.99), (0.99, 0.01))[x // 4 % 2]]
    comb = shapely.affinity.rotate(shapely.Polygon([(-0.01, 0), *teeth, (1.3, 1), (1.3, 0)]), 30)
    shape = comb if comb.is_valid else pytest.fail("The comb is meant to be valid.")
    refuse_tangles(layer(shape), most=100)


@pytest.mark.parametrize("sides", [10, 40, 150])
def test_what_crosses_seldom_in_all_passes_and_the_bound_lies_above_its_crossings(sides: int) -> None:
    shape = scribble(sides)
    assert crossings(shape) < MOST_CROSSINGS
    refuse_tangles(layer(shape))
    if sides > 40:
        with pytest.raises(LayerError):
            refuse_tangles(layer(shape), most=crossings(shape))


def test_the_bound_is_for_the_whole_layer() -> None:
    shapes = [scribble(300, seed) for seed in range(12)]
    refuse_tangles(layer(*shapes[:4]))
    with pytest.raises(LayerError):
        refuse_tangles(layer(*shapes))
