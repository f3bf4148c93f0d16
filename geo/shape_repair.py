"""Shapes that are not valid polygons made valid, and the rows of one code joined into one place.

Self-crossing rings, spikes, doubled rings, holes outside their shell, nested shells, collapsed parts, and points and
lines among the polygons are what offices' layers hold.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]


def unite(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row for each ``code``, in the order and with the columns and index of its first row.

    The shapes are mended, all rows of a code become one polygon or multipolygon; None where there is none.
    """
    codes = frame["code"].astype(str)
    mended = mend(np.asarray(frame.geometry.values, dtype=object))
    first = ~codes.duplicated().to_numpy()
    rows = pd.Series(range(len(codes)), dtype=int).groupby(codes.to_numpy(), sort=False).indices
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [mended[found[0]] if len(found) == 1 else _joined(mended[found]) for found in rows.values()]
    united = frame[first].copy()
    return united.set_geometry(gpd.GeoSeries(shapes, index=united.index, crs=frame.crs))


def mend(shapes: Shapes) -> Shapes:
    """Valid polygons and multipolygons of any geometries, one for each; None where no polygon with an area is left.

    Points and lines are left out, and of equal rings of one polygon all but the first. Shells and holes keep their
    meaning (the "structure" way of GEOS); spikes and collapsed parts go, and so does the third dimension. A shape with
    a coordinate that is no number counts as none.
    """
    flat = shapely.force_2d(np.asarray(shapes, dtype=object))
    mended = np.empty(len(flat), dtype=object)
    mended[:] = [polygons_only(shape) for shape in flat]
    wrong = ~(shapely.is_valid(mended) | shapely.is_missing(mended))
    once = np.empty(int(wrong.sum()), dtype=object)
    once[:] = [_each_ring_once(shape) for shape in mended[wrong]]
    valid = shapely.make_valid(once, method="structure", keep_collapsed=False)
    mended[wrong] = [polygons_only(shape) for shape in valid]
    mended[~(shapely.area(mended) > 0)] = None
    return mended


def polygons_only(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The polygons of a geometry as they stand, valid or not; None where there is none or a coordinate is no number."""
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all():
        return None
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    polygons = _polygons_in(shape)
    return shapely.multipolygons(polygons) if polygons else None


def has_equal_rings(shape: shapely.Geometry) -> bool:
    """Whether two rings of one polygon of the shape are the same, wherever they begin and whichever way they run."""
    return any(len(_different_rings(part)) < shapely.get_num_interior_rings(part) + 1 for part in _polygons_in(shape))


def _polygons_in(shape: shapely.Geometry) -> list[shapely.Geometry]:
    if shape.geom_type == "Polygon":
        return [] if shape.is_empty else [shape]
    return [one for part in getattr(shape, "geoms", ()) for one in _polygons_in(part)]


def _different_rings(polygon: shapely.Geometry) -> list[shapely.Geometry]:
    rings: dict[bytes, shapely.Geometry] = {}
    for ring in shapely.get_rings(polygon):
        rings.setdefault(shapely.normalize(shapely.polygons(ring)).wkb, ring)
    return list(rings.values())


def _each_ring_once(shape: shapely.Geometry) -> shapely.Geometry:
    kept = []
    for part in _polygons_in(shape):
        shell, *holes = _different_rings(part)
        kept.append(shapely.Polygon(shell, holes))
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _joined(shapes: Shapes) -> shapely.Geometry | None:
    there = shapes[~shapely.is_missing(shapes)]
    return polygons_only(shapely.union_all(there)) if len(there) else None
