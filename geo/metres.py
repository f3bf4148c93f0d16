"""Distances, areas and planes in metres for layers in degrees, on the ellipsoid of CGCS2000 (GRS80)."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion

from geo.errors import LayerError

Points = NDArray[np.float64]

_EARTH: Final = pyproj.Geod(ellps="GRS80")
_CGCS2000: Final = "EPSG:4490"


def require_degrees(frame: gpd.GeoDataFrame) -> None:
    """Raise LayerError unless the layer holds longitudes and latitudes in WGS 84 or CGCS2000 (or no CRS and such
    numbers)."""
    crs = frame.crs
    if crs is None:
        fine = bool(np.all(np.abs(shapely.get_coordinates(frame.geometry.to_numpy())) <= (180, 90)))
    else:
        fine = crs.is_geographic and crs.ellipsoid.semi_major_metre == 6378137
    if not fine:
        raise LayerError(
            zh="图层的坐标不是 WGS 84 或 CGCS2000 的经纬度；请先确认它的坐标系并换算成经纬度，再做这一步。",
            en="The layer's coordinates are not longitudes and latitudes in WGS 84 or CGCS2000; confirm its coordinate "
            "system and convert it to degrees before this step.",
        )


def _in_cgcs2000(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    if frame.crs is None:
        require_degrees(frame)
        return frame.geometry.set_crs(_CGCS2000)
    return frame.geometry.to_crs(_CGCS2000)


def bounds_of(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Least x, least y, greatest x and greatest y of the layer, in its own units; only shapes with finite ones count.

    Raises LayerError when no shape is left.
    """
    bounds = shapely.bounds(frame.geometry.to_numpy())
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        raise LayerError(
            zh="图层里没有任何图形，或坐标不是数字；请向提供单位索要带图形的图层。",
            en="The layer holds no shape, or its coordinates are no numbers; ask the office for the layer with its "
            "shapes.",
        )
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def distances(one: Points, other: Points) -> NDArray[np.float64]:
    """Geodesic distances (n,) in metres between the rows of (n, 2) longitudes and latitudes; NaN where one is NaN."""
    return np.asarray(_EARTH.inv(*one.T, *other.T)[2])


def median_distance(one: Points, other: Points) -> float:
    """Median of the :func:`distances`; NaN without any row, or where one of them is NaN."""
    return float(np.median(distances(one, other))) if len(one) else float("nan")


def geodesic_areas(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Areas (n,) in square metres on the ellipsoid, one per row: holes left out, parts added up, edges geodesics.

    ``frame`` may be in any CRS; without one its numbers must be degrees (else LayerError). Parts that overlap count
    twice. Points and lines have no area (0); a missing geometry is NaN. Method: Karney 2013, "Algorithms for
    geodesics", Journal of Geodesy 87, as in PROJ.
    """
    shapes = _in_cgcs2000(frame).to_numpy()
    areas = np.where(shapely.is_missing(shapes), np.nan, 0.0)
    parts, rows = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # collections of multipolygons
    for polygon, row in zip(parts, rows[inner], strict=True):
        if polygon.geom_type == "Polygon" and not polygon.is_empty:
            areas[row] += _ring_area(polygon.exterior) - sum(_ring_area(hole) for hole in polygon.interiors)
    return areas


def _ring_area(ring: shapely.LinearRing) -> float:
    area, _ = _EARTH.polygon_area_perimeter(*shapely.get_coordinates(ring).T)
    return abs(float(area))


def metres_per_degree(latitude: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres of a degree of longitude and of latitude, last axis: radii of GRS80 (Snyder 1987, 4-18, 4-20)."""
    bend = 1 - _EARTH.es * np.sin(np.radians(latitude)) ** 2
    across = _EARTH.a / np.sqrt(bend) * np.cos(np.radians(latitude))
    return np.radians(np.stack([across, _EARTH.a * (1 - _EARTH.es) / bend**1.5], axis=-1))


def metric_crs(frame: gpd.GeoDataFrame) -> pyproj.CRS:
    """A plane in metres for the layer: Lambert's azimuthal equal-area projection of CGCS2000 about its middle.

    Areas are true; 50 km from the middle, distances are off by 8 parts in a million (Snyder 1987, Map Projections - A
    Working Manual, section 24: cos and sec of half the angle from the middle). The middle is that of the bounds,
    rounded to a hundredth of a degree. Raises LayerError for a layer without shapes, or without a CRS and not in
    degrees.
    """
    west, south, east, north = bounds_of(frame.set_geometry(_in_cgcs2000(frame)))
    longitude, latitude = round((west + east) / 2, 2), round((south + north) / 2, 2)
    return pyproj.crs.ProjectedCRS(
        LambertAzimuthalEqualAreaConversion(latitude_natural_origin=latitude, longitude_natural_origin=longitude),
        name=f"CGCS2000 / equal area about {longitude:g} {latitude:g}",
        geodetic_crs=pyproj.CRS(_CGCS2000),
    )


def shared_centroids(frame: gpd.GeoDataFrame, reference: gpd.GeoDataFrame, *, key: str) -> tuple[Points, Points]:
    """Centroids (n, 2) of the places that both layers have, in each layer's own units, in the order of their codes.

    Rows with the same value in the column ``key`` count as one place; rows without a code or a shape are left out.
    Raises ValueError for a layer without the column.
    """
    one, other = _centroids_by_code(frame, key), _centroids_by_code(reference, key)
    codes = sorted(one.keys() & other.keys())
    at_one, at_other = ([places[code] for code in codes] for places in (one, other))
    return np.array(at_one, dtype=float).reshape(-1, 2), np.array(at_other, dtype=float).reshape(-1, 2)


def _centroids_by_code(frame: gpd.GeoDataFrame, key: str) -> dict[str, Points]:
    if key not in frame.columns:
        raise ValueError(f"The layer has no column {key!r}.")
    known = frame[frame[key].notna() & frame.geometry.notna() & ~frame.geometry.is_empty]
    codes, places = np.unique(known[key].astype(str).to_numpy(dtype=object), return_inverse=True)
    order = np.argsort(places, kind="stable")
    gathered = shapely.geometrycollections(known.geometry.to_numpy()[order], indices=places[order])
    return dict(zip(codes, shapely.get_coordinates(shapely.centroid(gathered)), strict=True))


def along_outline(frame: gpd.GeoDataFrame, *, count: int = 400) -> Points:
    """``count`` points (n, 2), evenly spread along the outline of all areas of the layer together, in its own units.

    Gaps and overlaps between the areas add outlines of their own. None, (0, 2), for a layer without areas.
    """
    outline = outline_of(frame)
    if shapely.is_empty(outline):
        return np.empty((0, 2))
    along = shapely.line_interpolate_point(outline, np.arange(count) / count, normalized=True)
    return np.asarray(shapely.get_coordinates(along))


def outline_of(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    """Lines around all areas of the layer together, in its own units; empty for a layer without areas."""
    shapes = frame.geometry.dropna().to_numpy()
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    return shapely.boundary(shapely.union_all(shapely.make_valid(areas)))
