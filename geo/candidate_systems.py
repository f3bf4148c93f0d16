"""Coordinate systems that a layer of a Chinese district may be in, worked out from where the district lies.

Zones and codes are those of the EPSG registry for CGCS2000, Xi'an 1980 and Beijing 1954, checked against it by the
tests. The two older systems are taken to CGCS2000 with the same longitudes and latitudes, for want of local
parameters: sheets then lie tens of metres off, up to about 120 (National Bureau of Surveying and Mapping, guide to the
introduction of CGCS2000, 2008).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from geo.errors import LayerError

Box = tuple[float, float, float, float]
Points = NDArray[np.float64]

# Names, and the first EPSG code of the 3-degree zones 25-45 (zone number in the easting, then without) and of the
# 6-degree zones 13-23 (likewise).
FARTHEST: Final = 8.0
"""Degrees from its central meridian within which a transverse Mercator system is believed."""

_CGCS2000: Final = ("CGCS2000", "CGCS2000", 4513, 4534, 4491, 4502)
_OLDER: Final = (
    ("西安 80", "Xi'an 1980", 2349, 2370, 2327, 2338),
    ("北京 54", "Beijing 1954", 2401, 2422, 21413, 21453),
)


@dataclass(frozen=True)
class Candidate:
    """A coordinate system that a layer may be in.

    crs      "EPSG:…", a PROJ string or WKT: what pyproj reads
    zh, en   its name
    swapped  the layer's first coordinate is the northing or latitude, its second the easting or longitude
    older    an older datum than CGCS2000, converted without local parameters
    """

    crs: str
    zh: str
    en: str
    swapped: bool = False
    older: bool = False


def candidates(box: Box) -> tuple[Candidate, ...]:
    """Systems that a layer of the district in ``box`` (west, south, east, north; degrees) may be in, likeliest first.

    Zones are taken when their central meridian lies within 3 degrees of the box (3-degree zones) or 6 (6-degree zones
    and UTM); city systems are transverse Mercator on GRS80 with a whole or half degree within 0.35 degrees of the box.
    Both orders of the axes are given, the usual one first. Raises ValueError for a box that is none.
    """
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -80 <= south < north <= 84):
        raise ValueError(f"{box} is not a box of west, south, east and north in degrees.")
    usual = [
        _epsg(4490, "CGCS2000 经纬度", "CGCS2000 longitude and latitude"),
        _epsg(4326, "WGS 84 经纬度", "WGS 84 longitude and latitude"),
        *_gauss_kruger(box, *_CGCS2000),
        *_utm(box),
        *_city(box),
        _epsg(3857, "Web 墨卡托", "Web Mercator"),
        replace(_epsg(4610, "西安 80 经纬度", "Xi'an 1980 longitude and latitude"), older=True),
        replace(_epsg(4214, "北京 54 经纬度", "Beijing 1954 longitude and latitude"), older=True),
        *(replace(one, older=True) for family in _OLDER for one in _gauss_kruger(box, *family)),
    ]
    return (*usual, *(_swapped(one) for one in usual))


def _epsg(code: int, zh: str, en: str) -> Candidate:
    return Candidate(f"EPSG:{code}", f"{zh}（EPSG:{code}）", f"{en} (EPSG:{code})")


def _swapped(one: Candidate) -> Candidate:
    return replace(one, swapped=True, zh=f"{one.zh}，先北后东", en=f"{one.en}, northing first")


def _near(box: Box, meridians: range, *, within: float) -> list[int]:
    """Central meridians at most ``within`` degrees outside the box, the one nearest its middle first."""
    west, _, east, _ = box
    near = [one for one in meridians if max(west - one, one - east) <= within]
    return sorted(near, key=lambda one: abs(one - (west + east) / 2))


def _gauss_kruger(
    box: Box, zh: str, en: str, zoned3: int, plain3: int, zoned6: int, plain6: int
) -> Iterator[Candidate]:
    for width, first, zoned, plain in ((3, 75, zoned3, plain3), (6, 75, zoned6, plain6)):
        for meridian in _near(box, range(first, 136, width), within=width):
            place = (meridian - first) // width
            number = meridian // 3 if width == 3 else (meridian + 3) // 6
            zh_band, en_band = f"{zh} {width} 度带", f"{en} {width}-degree Gauss-Kruger"
            yield _epsg(
                plain + place, f"{zh_band}，中央经线 {meridian}°，无带号", f"{en_band}, central meridian {meridian}°E"
            )
            yield _epsg(zoned + place, f"{zh_band}第 {number} 带，有带号", f"{en_band}, zone {number} in the easting")


def _utm(box: Box) -> Iterator[Candidate]:
    for meridian in _near(box, range(-177, 178, 6), within=6):
        zone = (meridian + 183) // 6
        yield _epsg(32600 + zone, f"WGS 84 UTM {zone}N 带", f"WGS 84 UTM zone {zone}N")


def _city(box: Box) -> Iterator[Candidate]:
    for halves in range(math.ceil((box[0] - 0.35) * 2), math.floor((box[2] + 0.35) * 2) + 1):
        if halves % 6:  # every third degree is a national zone already
            yield Candidate(
                f"+proj=tmerc +lat_0=0 +lon_0={halves / 2:g} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs",
                f"城市坐标系（高斯投影，中央经线 {halves / 2:g}°）",
                f"a city system (Gauss-Kruger on GRS80, central meridian {halves / 2:g}°E)",
            )


def declared_candidate(declared: pyproj.CRS | str | int, known: tuple[Candidate, ...]) -> Candidate | None:
    """The system a file declares, under its name among the ``known`` ones if it is one of them; None if unreadable."""
    try:
        crs = pyproj.CRS.from_user_input(declared)
    except CRSError:
        return None
    code = crs.to_epsg()
    for one in known:
        if one.crs == f"EPSG:{code}" if code else not one.crs.startswith("EPSG:") and pyproj.CRS(one.crs) == crs:
            return one
    text = crs.to_string()
    name = f"{crs.name} (EPSG:{code})" if code else crs.name if crs.name not in ("", "unknown") else text
    older = crs.ellipsoid is not None and crs.ellipsoid.semi_major_metre != 6378137
    return Candidate(text, name, name, older=older)


def positions(candidate: Candidate, points: Points) -> Points:
    """Longitudes and latitudes (n, 2) in EPSG:4490 of points (n, 2) in the system; NaN where there is no such place,
    and farther than `FARTHEST` from the central meridian of a transverse Mercator system, where nobody uses it."""
    first, second = points.T[::-1] if candidate.swapped else points.T
    found = np.full(points.shape, np.nan)
    try:
        found = np.column_stack(_to_degrees(candidate.crs).transform(first, second))
    except ProjError:  # a drawing's own grid, tied to no place on the earth
        return found
    found[~(np.abs(found) <= (180, 90)).all(axis=1)] = np.nan
    meridian = _central_meridian(candidate.crs)
    if meridian is not None:  # a zone number read as part of another zone's easting puts places into far lands
        found[np.abs(found[:, 0] - meridian) > FARTHEST] = np.nan
    return found


@lru_cache(maxsize=256)
def _central_meridian(crs: str) -> float | None:
    """Of a transverse Mercator system, in degrees from Greenwich; None for any other."""
    operation = pyproj.CRS(crs).coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    return next(float(one.value) for one in operation.params if one.name == "Longitude of natural origin")


@lru_cache(maxsize=256)
def _to_degrees(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)


def to_lonlat(frame: gpd.GeoDataFrame, candidate: Candidate) -> gpd.GeoDataFrame:
    """The layer in EPSG:4490, read as being in ``candidate`` whatever it declares; rows and columns stay as they are.

    Raises LayerError, saying how many, when features have no position in that system.
    """
    shapes = frame.geometry.to_numpy()

    def move(vertices: Points) -> Points:
        return np.column_stack([positions(candidate, vertices[:, :2]), vertices[:, 2:]])

    moved = shapely.transform(shapes, move, include_z=None)
    vertices, rows = shapely.get_coordinates(moved, return_index=True)
    lost = len(np.unique(rows[~np.isfinite(vertices).all(axis=1)]))
    if lost:
        raise LayerError(
            zh=f"按“{candidate.zh}”换算，{lost} 个地物没有有效位置；请另选坐标系，或请提供单位检查这些地物。",
            en=f"Read as {candidate.en}, {lost} features have no position; choose another coordinate system, or ask "
            "the office to check them.",
        )
    geometry = gpd.GeoSeries(moved, index=frame.index, name=frame.geometry.name, crs="EPSG:4490")
    return frame.set_geometry(geometry, crs="EPSG:4490")


def alike(one: Candidate, other: Candidate, box: Box) -> bool:
    """Two systems agree in the middle of the box, but for the order of axes and whole millions (zones) in easting."""
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    try:
        here, there = (_to_degrees(system.crs).transform(*middle, direction="INVERSE") for system in (one, other))
    except ProjError:
        return False
    east, north = there[0] - here[0], there[1] - here[1]
    return math.isfinite(east) and abs(north) < 0.01 and abs(east - 1e6 * round(east / 1e6)) < 0.01
