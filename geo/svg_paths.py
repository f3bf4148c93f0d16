"""Polygons as small drawings: relative integer SVG paths on one grid, with the points where labels go.

The drawing is made once for a boundary layer and fetched by the browser; values never go into it. All points are put
on the grid before anything else, so a border between two neighbours is the same row of integers on both sides.
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.place_codes import label_names

DEFAULT_WIDTH: Final = 4000
"""Grid units from west to east: about ten metres each for a district forty kilometres wide."""

LABEL_ASPECT: Final = 2.4
"""How much wider than high the space looked for is: a label of two to four characters."""

NUMBER: Final = re.compile(r"-?\d+")

IntegerRing = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """The common integer grid of one drawing: equirectangular, true to shape at the middle latitude, north up."""

    west: float
    north: float
    shrink: float
    scale: float
    width: int
    height: int

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], *, width: int) -> "Grid":
        """A grid ``width`` units wide around (west, south, east, north) in degrees."""
        west, south, east, north = bounds
        if not (math.isfinite(west + south + east + north) and east > west and north > south):
            raise ValueError(f"nothing to draw inside {bounds}.")
        shrink = math.cos(math.radians((south + north) / 2))
        scale = width / ((east - west) * shrink)
        return cls(west, north, shrink, scale, width, max(1, math.ceil((north - south) * scale)))

    def place(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitude and latitude (n × 2, degrees) in grid units, x to the east and y to the south."""
        x = (lonlat[:, 0] - self.west) * self.shrink * self.scale
        y = (self.north - lonlat[:, 1]) * self.scale
        return np.column_stack([x, y])


@dataclass(frozen=True)
class LabelRoom:
    """Where a name goes (``x``, ``y``) and the free ``width`` it has there, all in grid units."""

    x: float
    y: float
    width: float


def drawing_geometry(
    villages: gpd.GeoDataFrame | None, townships: gpd.GeoDataFrame, *, width: int = DEFAULT_WIDTH
) -> dict[str, Any]:
    """The drawing of one boundary layer, ready for JSON.

    Both frames: EPSG:4490 (or 4326) with columns code, name, geometry and, where known, parent, label_lon, label_lat
    (degrees; missing or outside the polygon means: look for the best place). ``villages`` None leaves them out.
    Returns w, h (grid units), ``villages`` and ``townships``: lists of
    [code, name, parent, path, x, y, room, (short name)] and ``boxes``: township code → [left, top, right, bottom].
    A short name is given only where it is shorter and no other place of the same parent has it.
    Raises ValueError for a layer without places, a place without an area, or coordinates that are not degrees.
    """
    frames = [frame for frame in (townships, villages) if frame is not None]
    for frame in frames:
        _check(frame)
    bounds = np.array([frame.total_bounds for frame in frames])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    grid = Grid.around((float(west), float(south), float(east), float(north)), width=width)
    rows = _rows(townships, grid=grid, level="township")
    return {
        "w": grid.width,
        "h": grid.height,
        "townships": rows,
        "boxes": {row[0]: _box(path_rings(row[3])) for row in rows},
        "villages": [] if villages is None else _rows(villages, grid=grid, level="village"),
    }


def drawing_bytes(drawing: dict[str, Any]) -> bytes:
    """``drawing`` as compact UTF-8 JSON; the same drawing always gives the same bytes."""
    return json.dumps(drawing, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def content_hash(content: bytes) -> str:
    """A short name for ``content`` that changes whenever it does: 20 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:20]


def svg_path(geometry: shapely.Geometry, grid: Grid) -> str:
    """A polygon or multipolygon (degrees) as an SVG path of whole numbers; holes and further parts follow.

    Parts and holes that shrink to nothing on the grid are left out; where nothing would remain, one grid unit is
    drawn so that the place can still be pointed at.
    """
    pieces = []
    for polygon in _polygons(geometry):
        exterior = _integer_ring(polygon.exterior, grid)
        if exterior is None:
            continue
        holes = [_integer_ring(hole, grid) for hole in polygon.interiors]
        pieces += [_ring_path(ring) for ring in [exterior, *holes] if ring is not None]
    if pieces:
        return "".join(pieces)
    point = shapely.point_on_surface(geometry)
    x, y = np.rint(grid.place(np.array([[point.x, point.y]], dtype=float)))[0].astype(int)
    return f"M{x} {y}h1v1h-1z"


def path_rings(path: str) -> list[IntegerRing]:
    """The rings (n × 2 integers, closed) of a path written by :func:`svg_path`: for tests and for exported files."""
    rings = []
    for piece in path.split("z"):
        if not piece:
            continue
        if "h" in piece:
            x, y = (int(number) for number in NUMBER.findall(piece)[:2])
            rings.append(np.array([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]], dtype=np.int64))
            continue
        steps = np.array([int(number) for number in NUMBER.findall(piece)], dtype=np.int64).reshape(-1, 2)
        points = np.cumsum(steps, axis=0)
        rings.append(np.vstack([points, points[:1]]))
    return rings


def label_room(geometry: shapely.Geometry, *, wanted: tuple[float, float] | None = None) -> LabelRoom:
    """Where a name fits best inside a polygon given in grid units, and how wide it may be.

    The middle of the widest flat ellipse in the largest part; ``wanted`` (the office's own label point) is taken
    instead when it offers at least three quarters of that width.
    """
    part = max(_polygons(geometry), key=lambda polygon: polygon.area)
    stretched = shapely.transform(part, lambda points: points * [1.0, LABEL_ASPECT])
    circle = shapely.maximum_inscribed_circle(stretched)
    if circle.is_empty or circle.length == 0:
        point = shapely.point_on_surface(part)
        return LabelRoom(float(point.x), float(point.y), 0.0)
    x, y = shapely.get_coordinates(circle)[0]
    half_height = circle.length / LABEL_ASPECT * 0.4
    best = _chord(part, x=float(x), y=float(y) / LABEL_ASPECT, half_height=half_height)
    if wanted is not None and all(math.isfinite(number) for number in wanted):
        own = _chord(part, x=wanted[0], y=wanted[1], half_height=half_height)
        if own.width >= 0.75 * best.width:
            return own
    return best


def _check(frame: gpd.GeoDataFrame) -> None:
    if frame.empty:
        raise ValueError("the boundary layer has no places.")
    west, south, east, north = frame.total_bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ValueError("coordinates are not degrees: bring the layer to EPSG:4490 first.")
    missing = frame.loc[~(shapely.area(frame.geometry.to_numpy()) > 0), "code"]
    if len(missing):
        raise ValueError(f"places without an area: {', '.join(map(str, missing))}.")
    twice = frame.loc[frame["code"].duplicated(), "code"]
    if len(twice):
        raise ValueError(f"places drawn twice: {', '.join(map(str, twice))}.")


def _rows(frame: gpd.GeoDataFrame, *, grid: Grid, level: str) -> list[list[Any]]:
    """One row for each place in the order of the codes."""
    ordered = frame.sort_values("code", kind="stable")
    parent_length = 9 if level == "village" else 6
    names = [label_names(str(name), level=level) for name in ordered["name"]]
    parents = [
        str(parent) if isinstance(parent, str) and parent else str(code)[:parent_length]
        for code, parent in zip(ordered["code"], ordered.get("parent", [None] * len(ordered)), strict=True)
    ]
    shorts = list(zip(parents, (forms[-1] for forms in names), strict=True))
    lons = ordered.get("label_lon", [math.nan] * len(ordered))
    lats = ordered.get("label_lat", [math.nan] * len(ordered))
    rows: list[list[Any]] = []
    columns = zip(ordered["code"], parents, names, ordered.geometry, lons, lats, strict=True)
    for code, parent, forms, geometry, lon, lat in columns:
        on_grid = shapely.transform(geometry, grid.place)
        wanted = None
        if lon is not None and lat is not None:
            wanted_x, wanted_y = grid.place(np.array([[lon, lat]], dtype=float))[0]
            wanted = (float(wanted_x), float(wanted_y))
        room = label_room(on_grid, wanted=wanted)
        row = [str(code), forms[0], parent, svg_path(geometry, grid), *(round(number) for number in _numbers(room))]
        if len(forms) > 1 and shorts.count((parent, forms[-1])) == 1:
            row.append(forms[-1])
        rows.append(row)
    return rows


def _numbers(room: LabelRoom) -> tuple[float, float, float]:
    return room.x, room.y, room.width


def _polygons(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(geometry, return_index=False) if isinstance(part, shapely.Polygon)]


def _integer_ring(ring: shapely.LinearRing, grid: Grid) -> IntegerRing | None:
    """The ring on the grid without repeated points and without its closing point; None if it encloses nothing."""
    points = np.rint(grid.place(shapely.get_coordinates(ring))).astype(np.int64)
    kept = points[np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]]
    if len(kept) > 1 and (kept[0] == kept[-1]).all():
        kept = kept[:-1]
    if len(kept) < 3:
        return None
    x, y = kept[:, 0], kept[:, 1]
    doubled_area = int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return kept if doubled_area else None


def _ring_path(ring: IntegerRing) -> str:
    first = f"M{ring[0, 0]} {ring[0, 1]}l"
    numbers = np.diff(ring, axis=0).ravel().tolist()
    text = "".join(str(number) if number < 0 or index == 0 else f" {number}" for index, number in enumerate(numbers))
    return f"{first}{text}z"


def _box(rings: list[IntegerRing]) -> list[int]:
    points = np.vstack(rings)
    return [int(number) for number in (*points.min(axis=0), *points.max(axis=0))]


def _chord(part: shapely.Polygon, *, x: float, y: float, half_height: float) -> LabelRoom:
    """The free width around (x, y) over the height of a label; width 0 where the point is outside."""
    if not shapely.contains_xy(part, x, y):
        return LabelRoom(x, y, 0.0)
    left, _, right, _ = part.bounds
    lows, highs = [], []
    for level in (y - half_height, y, y + half_height):
        cut = shapely.intersection(part, shapely.LineString([(left - 1, level), (right + 1, level)]))
        spans = [span.bounds for span in shapely.get_parts(cut) if span.length > 0]
        around = [span for span in spans if span[0] <= x <= span[2]]
        if not around:
            return LabelRoom(x, y, 0.0)
        lows.append(around[0][0])
        highs.append(around[0][2])
    west, east = max(lows), min(highs)
    return LabelRoom((west + east) / 2, y, east - west)
