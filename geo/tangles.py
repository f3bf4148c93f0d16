"""Shapes that cross themselves so often that mending them would take hours: found in bounded time, and refused."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import LayerError
from geo.layer_checks import name_some

MOST_CROSSINGS: Final = 200_000
"""Pairs of sides that may cross in a whole layer; mending that many takes about half a minute."""

_USUAL: Final = 20  # sides whose boxes a side meets: in a drawn border seldom more than five, in a tangle most of them
_QUICKLY_JUDGED: Final = 50_000  # sides of a shape of which GEOS says within seconds whether it is valid
_SAMPLE: Final = 32  # sides of a shape that stand for all


def refuse_tangles(layer: gpd.GeoDataFrame, *, most: int = MOST_CROSSINGS) -> None:
    """Raise LayerError for shapes (polygons, any CRS, None is passed over) that cross themselves about ``most`` times.

    The crossings are estimated: of every shape 32 sides, evenly spread, are compared with all its sides by their
    bounding boxes; the median counts, so that a few long sides weigh nothing. That takes time in proportion to the
    vertices, whereas asking GEOS whether such a shape is valid takes a minute for a million. Borders with many knots
    of a few sides each pass.
    """
    shapes = np.asarray(layer.geometry.values, dtype=object)
    counts = np.array([0.0 if shape is None else _crossings(shape) for shape in shapes], dtype=np.float64)
    if counts.sum() <= most:
        return
    worst = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    numbers = [str(row + 1) for row in worst]
    about = f"{counts.sum():,.0f}"
    raise LayerError(
        zh=f"第 {name_some(numbers, '、', '等')} 个图形反复自相交（约 {about} 处），不是可用的边界；"
        "请提供单位检查这些图形，重新导出。",
        en=f"Shapes that cross themselves all over (number {name_some(numbers, ', ', ' and more')}; about {about} "
        "crossings) are no borders; ask the office to check them and export again.",
    )


def _crossings(shape: shapely.Geometry) -> float:
    """About how many pairs of sides may cross; 0 for a shape whose sides meet few others, or that is valid."""
    boxes = _side_boxes(shape)
    if len(boxes) <= _USUAL:
        return 0.0
    chosen = boxes[np.linspace(0, len(boxes) - 1, min(len(boxes), _SAMPLE)).astype(int)]
    met = [int(((boxes[:, :2] <= one[2:]) & (boxes[:, 2:] >= one[:2])).all(axis=1).sum()) for one in chosen]
    usual = float(np.median(met))
    if usual <= _USUAL or (len(boxes) <= _QUICKLY_JUDGED and shapely.is_valid(shape)):
        return 0.0
    return len(boxes) * usual / 2


def _side_boxes(shape: shapely.Geometry) -> NDArray[np.float64]:
    """xmin, ymin, xmax, ymax of every side of every ring."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = points[:-1][same], points[1:][same]
    return np.hstack([np.minimum(start, end), np.maximum(start, end)])
