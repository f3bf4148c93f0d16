"""In which place a point lies: many points against the polygons of a surveyed layer, once, when data come in.

Each polygon looks only at the points inside its bounding box (the points are kept in order of longitude, so a box is a
slice of them) and asks GEOS about those, with the polygon prepared. A point on a border belongs to the first of the
places that share it, by code; so does a point where two polygons overlap. A point on no polygon belongs to the nearest
one within a stated distance, and the answer says so. Only surveyed boundaries can tell; a schematic drawing is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import LayerError
from geo.metres import metric_crs, require_degrees

NEAREST: Final = 200.0
"""Metres from a polygon within which a point on none is given to it."""

Degrees = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LocatedPoints:
    """Where points lie, in the order in which they were given.

    codes   (n,) code of the place, None where there is none
    how     (n,) "inside" a polygon or on its border, "nearest" to one, "" where there is none
    """

    codes: NDArray[np.object_]
    how: NDArray[np.str_]


class PlaceIndex:
    """The polygons of a layer, made ready to be asked about points; make one and ask it often.

    Parameters
    ----------
    shapes
        ``code`` and polygons in longitude and latitude (EPSG:4490); rows without a shape are left out. Invalid polygons
        are mended first. A column ``precision``, when there is one, must hold "surveyed" alone.

    Raises
    ------
    LayerError
        For a schematic layer, one without shapes, or one not in degrees.
    ValueError
        For a repeated code or a shape that is no polygon.
    """

    def __init__(self, shapes: gpd.GeoDataFrame) -> None:
        _require_surveyed(shapes)
        require_degrees(shapes)
        areas = shapes.geometry.to_numpy()
        drawn = shapes[~(shapely.is_missing(areas) | shapely.is_empty(areas))].sort_values("code")
        if drawn["code"].duplicated().any():
            raise ValueError(f"The code {drawn['code'][drawn['code'].duplicated()].iloc[0]} stands in the layer twice.")
        plane = metric_crs(drawn)  # raises LayerError for a layer without shapes
        self.codes: NDArray[np.object_] = drawn["code"].to_numpy(dtype=object)
        self._areas = shapely.make_valid(drawn.geometry.to_numpy())
        if (shapely.get_dimensions(self._areas) != 2).any():
            raise ValueError("The layer holds points or lines; a place must be a polygon.")
        self._boxes = shapely.bounds(self._areas)
        shapely.prepare(self._areas)
        to_plane = pyproj.Transformer.from_crs("EPSG:4490", plane, always_xy=True)
        self._project = lambda degrees: np.column_stack(to_plane.transform(*degrees.T))
        self._plane_areas = shapely.transform(self._areas, self._project)
        shapely.prepare(self._plane_areas)
        self._tree = shapely.STRtree(self._plane_areas)
        self._rows = {code: row for row, code in enumerate(self.codes)}

    def locate(self, lon: ArrayLike, lat: ArrayLike, *, nearest: float = NEAREST) -> LocatedPoints:
        """The place of each point.

        Parameters
        ----------
        lon, lat
            (n,) degrees (CGCS2000); a point with NaN, None or an infinite number is not found.
        nearest
            Metres, 0 or more: a point on no polygon is given to the nearest one within this distance (measured in an
            equal-area plane about the layer's middle: true to 8 in a million 50 km from there); of equally near ones
            to the first by code. 0 leaves it without a place.

        Raises
        ------
        ValueError
            When `lon` and `lat` are not equally many, or `nearest` is negative.
        """
        points = _points(lon, lat)
        if not nearest >= 0:
            raise ValueError(f"nearest is {nearest}; it must be 0 or more metres.")
        rows = np.full(len(points), -1, dtype=np.int64)
        given = np.flatnonzero(np.isfinite(points).all(axis=1))
        rows[given] = self._inside(points[given])
        how = np.where(rows >= 0, "inside", "").astype("<U7")
        alone = given[rows[given] < 0]
        if nearest > 0 and len(alone):
            rows[alone] = self._nearest(points[alone], nearest)
            how[alone[rows[alone] >= 0]] = "nearest"
        named = np.array([*self.codes, None], dtype=object)  # row -1 is the None
        return LocatedPoints(named[rows], how)

    def metres_from(self, lon: ArrayLike, lat: ArrayLike, codes: Sequence[Any] | NDArray[np.object_]) -> Degrees:
        """(n,) metres from each point to the polygon of the place beside it: 0 inside it and on its border.

        NaN where the point is unknown or the layer has no shape of the code. Measured as in :meth:`locate`.
        """
        points = _points(lon, lat)
        rows = np.array([self._rows.get(code, -1) for code in codes], dtype=np.int64)
        if len(rows) != len(points):
            raise ValueError(f"There are {len(points)} points and {len(rows)} codes.")
        known = np.flatnonzero((rows >= 0) & np.isfinite(points).all(axis=1))
        metres = np.full(len(points), np.nan)
        metres[known] = shapely.distance(self._plane_areas[rows[known]], shapely.points(self._project(points[known])))
        return metres

    def _inside(self, points: Degrees) -> NDArray[np.int64]:
        """The row of the first polygon that holds each point, -1 for none."""
        order = np.argsort(points[:, 0], kind="stable")
        lon, lat = np.ascontiguousarray(points[order].T)
        starts = np.searchsorted(lon, self._boxes[:, 0], side="left")
        ends = np.searchsorted(lon, self._boxes[:, 2], side="right")
        found = np.full(len(points), -1, dtype=np.int64)
        for row, (area, box) in enumerate(zip(self._areas, self._boxes, strict=True)):
            part = slice(starts[row], ends[row])
            near = (lat[part] >= box[1]) & (lat[part] <= box[3]) & (found[part] < 0)
            asked = starts[row] + np.flatnonzero(near)
            found[asked[shapely.intersects_xy(area, lon[asked], lat[asked])]] = row
        rows = np.empty_like(found)
        rows[order] = found
        return rows

    def _nearest(self, points: Degrees, within: float) -> NDArray[np.int64]:
        """The row of the nearest polygon within so many metres of each point, -1 for none."""
        one, area = self._tree.query_nearest(
            shapely.points(self._project(points)), max_distance=within, all_matches=True
        )
        rows = np.full(len(points), len(self.codes), dtype=np.int64)
        np.minimum.at(rows, one, area)
        return np.where(rows == len(self.codes), -1, rows)


def _points(lon: ArrayLike, lat: ArrayLike) -> Degrees:
    columns = [np.asarray(column, dtype=np.float64).reshape(-1) for column in (lon, lat)]
    if len(columns[0]) != len(columns[1]):
        raise ValueError(f"There are {len(columns[0])} longitudes and {len(columns[1])} latitudes.")
    return np.column_stack(columns)


def _require_surveyed(shapes: gpd.GeoDataFrame) -> None:
    if "precision" in shapes.columns and (shapes["precision"] != "surveyed").any():
        raise LayerError(
            zh="现用边界是示意图，不是测绘成果，不能据此判断坐标落在哪个村社；请先导入并启用测绘边界。",
            en="The present boundaries are schematic, not surveyed: they cannot tell in which village a position lies. "
            "Import surveyed boundaries and accept them first.",
        )
