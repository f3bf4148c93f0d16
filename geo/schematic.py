"""A boundary layer for a district that has none: invented polygons, one for each township and village.

Nothing here was surveyed. The layer shows which places there are and colours them; where a village lies in its
township, whose neighbour it is and how its border runs are made up. Such a layer must never be used to find the place
of a point, to measure a distance or to look for clusters of neighbours, and every map drawn from it says so. Each
feature carries ``precision`` "schematic" by which all that is refused.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.balanced_cells import balanced_cells
from geo.errors import LayerError
from geo.invented_outline import invented_outline, seats_from_grid
from geo.natural_borders import natural_borders, on_grid
from geo.schematic_places import schematic_places
from geo.svg_paths import label_room

CRS: Final = "EPSG:4490"
PRECISION: Final = "schematic"
DECIMALS: Final = 5

NOWHERE: Final = (105.0, 35.0)
"""Longitude and latitude around which a district is drawn of which no coordinate at all is known."""

ROUNDS_FROM_GRID: Final = 6
"""How often seats read off a tile grid move to the middle of their pieces: they were rough to begin with."""

TOWNSHIP_LINES: Final = 20
VILLAGE_LINES: Final = 6
"""How finely borders between townships and between villages are bent."""

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def schematic_coverage(
    places: pd.DataFrame,
    *,
    outline: shapely.Geometry | None = None,
    townships: gpd.GeoDataFrame | None = None,
    seed: int = 0,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Invent the polygons of a district's villages and townships: (villages, townships), EPSG:4490, sorted by code.

    places     one row for each township (9 digits) and village (12 digits), other levels are passed over: code, name;
               where known parent (else from the code), lon and lat of the seat (degrees), area_km2, residents,
               grid_column and grid_row (squares of a tile grid, row 0 in the north). Missing areas are guessed from
               residents: :func:`geo.schematic_places.schematic_places`.
    outline    the district's polygon in degrees; None invents one of the right area around the seats
    townships  polygons of all townships (columns code, geometry, a clean coverage in a geographic CRS): they are kept
               and only divided into villages; ``outline`` is then not used
    seed       another number gives another drawing; the same input gives the same coordinates

    Both frames: code, name, parent, label_lon, label_lat (a point inside with room for the name), precision
    ("schematic"), wanted_km2 (the area the place should have, after areas were scaled to the polygon they share),
    area_km2 (the area it has, equal-area projection on GRS80), geometry. Together they are a valid coverage at five
    decimals; a township is exactly the union of its villages, or stands alone if it has none. Areas are within 1 % of
    wanted_km2, except where a polygon is so bent or so small that nothing better was found: compare the two columns.
    A place has one polygon; only where the outline or a township itself has islands, each island goes whole to the
    nearest place.

    Method: area-constrained centroidal power diagrams (:mod:`geo.balanced_cells`), borders bent by midpoint
    displacement (:mod:`geo.natural_borders`), snap rounding. Seats are those given; for townships without any, the
    squares of the tile grid where all have one; else strewn by lot and spread evenly.

    Raises LayerError for a list that cannot be read, townships without polygon or polygons without township, polygons
    that overlap, and places too small to be drawn.
    """
    listed = schematic_places(places)
    upper, lower = listed.townships, listed.villages
    given = None if townships is None else _given_polygons(townships, upper["code"])
    whole = _usable_outline(outline) if given is None and outline is not None else None
    plane = _Plane.around(whole if given is None else shapely.union_all(given), upper)
    if given is None:
        shapes = _township_shapes(upper, whole, plane, seed=seed)
    else:
        shapes = plane.flatten(given)
        upper["area_km2"] = shapely.area(shapes)
    flat: dict[str, shapely.Geometry] = {}
    wanted = _scaled(upper, float(shapely.area(shapes).sum()))
    for code, shape in zip(upper["code"], shapes, strict=True):
        inside = lower[lower["parent"] == code]
        members = inside if len(inside) else upper[upper["code"] == code]
        seats = plane.seats(members)
        areas, own_seed = members["area_km2"].to_numpy(), seed + zlib.crc32(code.encode())
        divided = _divided(shape, areas, seats, seed=own_seed, across=VILLAGE_LINES)
        flat.update(zip(members["code"], divided, strict=True))
        if len(inside):
            wanted.update(_scaled(inside, shape.area))
    drawn = dict(zip(flat, on_grid(plane.degrees(_array(flat.values())), decimals=DECIMALS), strict=True))
    _check_drawn(drawn)
    members_of = {code: list(group) for code, group in lower.groupby("parent")["code"]}
    for code in upper["code"]:
        drawn.setdefault(code, shapely.coverage_union_all([drawn[one] for one in members_of.get(code, [code])]))
    return _frame(lower, drawn, wanted, plane), _frame(upper, drawn, wanted, plane)


class _Plane:
    """An equal-area plane in kilometres (Lambert azimuthal, GRS80) around the middle of the district."""

    def __init__(self, lon: float, lat: float) -> None:
        flat = pyproj.CRS.from_proj4(f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +ellps=GRS80 +units=km")
        self._forth = pyproj.Transformer.from_crs(flat.geodetic_crs, flat, always_xy=True)

    @classmethod
    def around(cls, ground: shapely.Geometry | None, townships: pd.DataFrame) -> _Plane:
        """Around a polygon in degrees, else around the seats known, else around the middle of the country."""
        if ground is not None:
            west, south, east, north = ground.bounds
            return cls((west + east) / 2, (south + north) / 2)
        seats = townships[["lon", "lat"]].dropna()
        return cls(*NOWHERE) if seats.empty else cls(float(seats["lon"].mean()), float(seats["lat"].mean()))

    def seats(self, places: pd.DataFrame) -> Floats:
        """Seats of places on the plane, n × 2, NaN where unknown."""
        degrees = places[["lon", "lat"]].to_numpy(dtype=np.float64)
        known = np.isfinite(degrees).all(axis=1)
        seats = np.full(degrees.shape, np.nan)
        seats[known] = self._convert(degrees[known], "FORWARD")
        return seats

    def flatten(self, shapes: Shapes) -> Shapes:
        """Shapes in degrees brought to the plane."""
        return np.asarray(shapely.transform(shapes, lambda points: self._convert(points, "FORWARD")), dtype=object)

    def degrees(self, shapes: Shapes) -> Shapes:
        """Shapes of the plane in degrees."""
        return np.asarray(shapely.transform(shapes, lambda points: self._convert(points, "INVERSE")), dtype=object)

    def _convert(self, points: Floats, direction: str) -> Floats:
        return np.column_stack(self._forth.transform(points[:, 0], points[:, 1], direction=direction))


def _township_shapes(townships: pd.DataFrame, outline: shapely.Geometry | None, plane: _Plane, *, seed: int) -> Shapes:
    """Townships inside the outline, or inside an invented one, on the plane."""
    areas = townships["area_km2"].to_numpy()
    seats = plane.seats(townships)
    squares = townships[["grid_column", "grid_row"]].to_numpy(dtype=np.float64)
    by_grid = not np.isfinite(seats).any() and bool(np.isfinite(squares).all())
    if outline is not None:
        whole = plane.flatten(_array([outline]))[0]
        if by_grid:
            seats = seats_from_grid(squares[:, 0], squares[:, 1], areas, whole)
    else:
        start = squares * [1.0, -1.0] * math.sqrt(areas.mean()) if by_grid else seats
        whole, seats = invented_outline(start, float(areas.sum()), seed=seed)
    return _divided(whole, areas, seats, seed=seed, across=TOWNSHIP_LINES, rounds=ROUNDS_FROM_GRID if by_grid else None)


def _divided(
    shape: shapely.Geometry, areas: Floats, seats: Floats, *, seed: int, across: int, rounds: int | None = None
) -> Shapes:
    """One piece of ``shape`` for each area; the largest part is divided, every other goes to the nearest piece."""
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    if len(areas) == 1:
        return _array([shape])
    straight = balanced_cells(parts[0], areas, seats=seats, rounds=rounds, seed=seed).pieces
    pieces = natural_borders(straight, seed=seed, across=across)
    for island in parts[1:]:
        nearest = int(np.argmin(shapely.distance(pieces, island)))
        pieces[nearest] = shapely.MultiPolygon([*shapely.get_parts(pieces[nearest]), island])
    return pieces


def _scaled(places: pd.DataFrame, whole: float) -> dict[str, float]:
    """The area each place should have so that all together have ``whole`` km²."""
    return dict(zip(places["code"], places["area_km2"] * (whole / places["area_km2"].sum()), strict=True))


def _frame(
    places: pd.DataFrame, drawn: dict[str, shapely.Geometry], wanted: dict[str, float], plane: _Plane
) -> gpd.GeoDataFrame:
    shapes = _array([drawn[code] for code in places["code"]])
    flat = plane.flatten(shapes)
    rooms = [label_room(shape) for shape in flat]
    labels = plane.degrees(shapely.points([(room.x, room.y) for room in rooms])) if rooms else _array([])
    return gpd.GeoDataFrame(
        {
            "code": places["code"],
            "name": places["name"],
            "parent": places["parent"],
            "label_lon": np.round(shapely.get_x(labels), DECIMALS),
            "label_lat": np.round(shapely.get_y(labels), DECIMALS),
            "precision": PRECISION,
            "wanted_km2": [wanted[code] for code in places["code"]],
            "area_km2": shapely.area(flat),
        },
        geometry=shapes,
        crs=CRS,
    )


def _given_polygons(townships: gpd.GeoDataFrame, codes: pd.Series) -> Shapes:
    """The polygons of the townships in the order of ``codes``, in degrees."""
    if townships.crs is None or not townships.crs.is_geographic:
        raise LayerError(
            zh="镇街边界不是经纬度坐标，或没有写明坐标系。请先转换为 CGCS2000 经纬度（EPSG:4490）。",
            en="The township polygons are not in degrees, or do not say so. Bring them to EPSG:4490 first.",
        )
    layer = townships.set_index(townships["code"].astype(str))
    without, strange = sorted(set(codes) - set(layer.index)), sorted(set(layer.index) - set(codes))
    if without or strange or layer.index.has_duplicates:
        faulty = "、".join((without or strange or sorted(layer.index[layer.index.duplicated()]))[:5])
        raise LayerError(
            zh=f"镇街边界与地点清单对不上：{faulty}。每个镇街须有且只有一个边界，边界也须都在清单中。",
            en=f"Township polygons and the list of places do not match: {faulty}. Every township needs exactly "
            "one polygon, and every polygon a township in the list.",
        )
    shapes = _array(layer.to_crs(CRS).geometry.loc[list(codes)])
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    if not polygonal.all() or not shapely.is_valid(shapes).all() or not shapely.coverage_is_valid(shapes):
        raise LayerError(
            zh="镇街边界有空缺、自相交或相互重叠。请先清理该图层，再在其中划分村社区。",
            en="The township polygons are empty, cross themselves or overlap. Clean the layer before dividing it.",
        )
    return shapes


def _usable_outline(outline: shapely.Geometry) -> shapely.Geometry:
    west, south, east, north = outline.bounds if not outline.is_empty else (math.nan,) * 4
    in_degrees = -180 <= west < east <= 180 and -90 <= south < north <= 90
    if outline.geom_type not in ("Polygon", "MultiPolygon") or not outline.is_valid or not in_degrees:
        raise LayerError(
            zh="区界不是有效的经纬度面。请提供一个不自相交、以度为单位的多边形。",
            en="The outline is not a valid polygon in degrees. Give one that does not cross itself, in EPSG:4490.",
        )
    return outline


def _check_drawn(drawn: dict[str, shapely.Geometry]) -> None:
    gone = [code for code, shape in drawn.items() if shape.is_empty]
    if gone:
        raise LayerError(
            zh=f"以下地点的面积太小，画不出来：{'、'.join(gone[:5])}。请检查区界范围或面积数据。",
            en=f"These places are too small to be drawn: {', '.join(gone[:5])}. Check the outline or the areas.",
        )


def _array(shapes: Iterable[shapely.Geometry]) -> Shapes:
    listed = list(shapes)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
