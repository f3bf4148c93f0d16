"""The shifted coordinates of Chinese web maps: GCJ-02 and BD-09, to and from CGCS2000, exactly.

Maps published in China are shifted by 50 to 700 m: the maps of AMap and Tencent are in GCJ-02, those of Baidu in
BD-09, which shifts GCJ-02 once more. CGCS2000 and WGS 84 are one system here: their numbers differ by less than a
metre. No standard prints the formulas; those used here are the ones that every published converter agrees on
(googollee/eviltransform, wandergis/coordtransform), constants included.

All of it is plain arithmetic on (n, 2) arrays of longitude and latitude in degrees. NaN stays NaN.

**The inverses** are fixed points of ``p = shifted - offset(p)``: the offset changes by at most 2 % of the way moved,
so each step leaves at most a fiftieth of the error. What remains is below 1e-7 m, but below 1e-6 m within a few
micrometres of the meridian 105, where the published formula (a square root of the distance from it) gives some
positions twice. (The customary "inverse" formulas are off by 1-2 m.)

**The edge.** Outside China's usual box (:data:`CHINA`) nothing is shifted, as published. The map is therefore torn
along the edge of the box: a shifted position up to 1 km outside the box belongs to two true ones, and it is read as
the shifted one, so every point of the box survives the way there and back, and every point outside it that lies
farther than its shift from the edge. Positions inside the box that belong to no true one, equally near the edge, are
read as if the box reached farther. All of this lies abroad or at sea.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.metres import median_distance, require_degrees, shared_centroids

Degrees = NDArray[np.float64]
Offsets = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

DATUMS: Final = ("CGCS2000", "GCJ-02", "BD-09")
CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east and north of the box in which positions are shifted, degrees; the edge belongs to the box."""

FEWEST_SHARED: Final = 5
"""Below this many places in common, nothing is said about a layer's datum."""

_SEMI_MAJOR: Final = 6378245.0  # Krasovsky's ellipsoid, metres
_ECCENTRICITY: Final = 0.00669342162296594323  # squared
_BAIDU: Final = np.pi * 3000 / 180
_REACH: Final = 0.1  # degrees: more than any shift
_ENOUGH: Final = 1e-11  # degrees: a last step this small leaves 2e-13 degrees, 0.02 micrometres
_ROWS: Final = 1 << 14  # rows at a time, so that the work stays in the processor's cache


def wgs84_to_gcj02(points: Degrees) -> Degrees:
    """GCJ-02 of (n, 2) longitudes and latitudes in WGS 84 or CGCS2000."""
    return _shift(points, (_gcj_offsets,))


def gcj02_to_wgs84(points: Degrees) -> Degrees:
    """WGS 84 (CGCS2000) of (n, 2) longitudes and latitudes in GCJ-02."""
    return _unshift(points, (_gcj_offsets,))


def gcj02_to_bd09(points: Degrees) -> Degrees:
    """BD-09 of (n, 2) longitudes and latitudes in GCJ-02."""
    return _shift(points, (_bd_offsets,))


def bd09_to_gcj02(points: Degrees) -> Degrees:
    """GCJ-02 of (n, 2) longitudes and latitudes in BD-09."""
    return _unshift(points, (_bd_offsets,))


def wgs84_to_bd09(points: Degrees) -> Degrees:
    """BD-09 of (n, 2) longitudes and latitudes in WGS 84 or CGCS2000."""
    return _shift(points, (_gcj_offsets, _bd_offsets))


def bd09_to_wgs84(points: Degrees) -> Degrees:
    """WGS 84 (CGCS2000) of (n, 2) longitudes and latitudes in BD-09."""
    return _unshift(points, (_gcj_offsets, _bd_offsets))


def _gcj_offsets(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """How far GCJ-02 lies east and north of a true position, degrees: a slope, a bend and waves, given in metres."""
    x, y = lon - 105, lat - 35
    both = 0.1 * x * y + _waves(x, (20, 6), (20, 2))
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * root + both
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.2 * root + both
    east += _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    north += _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    latitude = np.radians(lat)
    flattening = 1 - _ECCENTRICITY * np.sin(latitude) ** 2
    across = _SEMI_MAJOR / np.sqrt(flattening)
    along = across * (1 - _ECCENTRICITY) / flattening
    return np.degrees(east / (across * np.cos(latitude))), np.degrees(north / along)


def _waves(at: Degrees, *waves: tuple[float, float]) -> Degrees:
    """Sum of sines, each (metres, half waves per degree); all stand in the formula with two thirds of their height."""
    heights = np.zeros_like(at)
    for metres, half_waves in waves:
        heights += metres * 2 / 3 * np.sin(np.pi * half_waves * at)
    return heights


def _bd_offsets(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """How far BD-09 lies east and north of a GCJ-02 position, degrees: a little stretch, a little turn, and a step."""
    stretch = 1 + 2e-5 * np.sin(_BAIDU * lat) / np.hypot(lon, lat)
    turn = 3e-6 * np.cos(_BAIDU * lon)
    sine, cosine = np.sin(turn), np.cos(turn)
    return (lon * cosine - lat * sine) * stretch + 0.0065 - lon, (lon * sine + lat * cosine) * stretch + 0.006 - lat


def _shift(points: Degrees, steps: tuple[Offsets, ...]) -> Degrees:
    shifted = _checked(points)
    for rows in _portions(np.flatnonzero(_in_china(shifted))):
        lon, lat = shifted[rows].T
        for offsets in steps:
            east, north = offsets(lon, lat)
            lon, lat = lon + east, lat + north
        shifted[rows, 0], shifted[rows, 1] = lon, lat
    return shifted


def _unshift(points: Degrees, steps: tuple[Offsets, ...]) -> Degrees:
    found = _checked(points)
    for rows in _portions(np.flatnonzero(_in_china(found, margin=_REACH))):
        given = found[rows]
        true = given.T
        for offsets in reversed(steps):
            true = _fixed_point(true, offsets)
        # The margin: a point on the very edge must not be lost to the last digit.
        shifted = _in_china(true.T, margin=_ENOUGH) | _in_china(given)
        found[rows] = np.where(shifted[:, None], true.T, given)
    return found


def _fixed_point(shifted: Degrees, offsets: Offsets) -> Degrees:
    guess = shifted
    for _ in range(30):  # about 5 are taken for GCJ-02, 7 for BD-09
        better = shifted - np.stack(offsets(*guess))
        step = np.abs(better - guess).max(initial=0)
        guess = better
        if step < _ENOUGH:
            break
    return guess


def _checked(points: Degrees) -> Degrees:
    copy = np.array(points, dtype=np.float64)
    if copy.ndim != 2 or copy.shape[1] != 2:
        raise ValueError(f"Give (n, 2) longitudes and latitudes, not an array of shape {copy.shape}.")
    return copy


def _in_china(points: Degrees, *, margin: float = 0.0) -> NDArray[np.bool_]:
    west, south, east, north = CHINA
    lon, lat = points.T
    wide = (lon >= west - margin) & (lon <= east + margin)
    return np.asarray(wide & (lat >= south - margin) & (lat <= north + margin))


def _portions(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]


_TO_CGCS2000: Final = {"GCJ-02": gcj02_to_wgs84, "BD-09": bd09_to_wgs84}


def to_cgcs2000(frame: gpd.GeoDataFrame, *, datum: str) -> gpd.GeoDataFrame:
    """The layer with every vertex taken from ``datum`` (one of :data:`DATUMS`) to CGCS2000, in EPSG:4490.

    ``frame`` holds longitudes and latitudes in degrees: no CRS, or a geographic one on the ellipsoid of WGS 84 or
    CGCS2000. Columns, index, order, heights and missing geometries stay as they are. Raises LayerError for a layer
    in metres or on an older ellipsoid, ValueError for an unknown datum.
    """
    if datum not in DATUMS:
        raise ValueError(f"{datum!r} is not one of the datums {', '.join(DATUMS)}.")
    require_degrees(frame)
    moved = frame.copy()
    if datum != "CGCS2000":
        undo = _TO_CGCS2000[datum]

        def true_position(vertices: Degrees) -> Degrees:
            return np.column_stack([undo(vertices[:, :2]), vertices[:, 2:]])

        geometry = shapely.transform(frame.geometry.values, true_position, include_z=None)
        moved = moved.set_geometry(gpd.GeoSeries(geometry, index=frame.index, name=frame.geometry.name, crs=frame.crs))
    return moved.set_crs("EPSG:4490", allow_override=True)


@dataclass(frozen=True)
class DatumGuess:
    """Which datum a layer most probably is in, seen from places whose position is known.

    datum      one of :data:`DATUMS`, or None when the shapes cannot tell
    residuals  metres by datum: median distance to the known places if the layer is in that datum; NaN without any
    shared     number of places that both layers have
    zh, en     the same in a sentence
    """

    datum: str | None
    residuals: dict[str, float]
    shared: int
    zh: str
    en: str

    @property
    def shift(self) -> float:
        """Median distance between the layer as it stands and the known places, metres; NaN without any."""
        return self.residuals["CGCS2000"]


def datum_shift(frame: gpd.GeoDataFrame, reference: gpd.GeoDataFrame, *, key: str = "code") -> DatumGuess:
    """Which datum the longitudes and latitudes of ``frame`` are in, compared with ``reference`` (believed CGCS2000).

    Shapes with the same value in the column ``key`` are compared by their centroids, after undoing each datum. The
    datum with the least median distance is named if that distance is at most a third of what separates it from the
    other datums; otherwise the shapes differ too much to tell, and with fewer than :data:`FEWEST_SHARED` shared places
    nothing is said either. Raises LayerError for layers not in degrees, ValueError when one lacks the column.
    """
    known = to_cgcs2000(reference, datum="CGCS2000")
    pairs = {datum: shared_centroids(to_cgcs2000(frame, datum=datum), known, key=key) for datum in DATUMS}
    residuals = {datum: median_distance(*pair) for datum, pair in pairs.items()}
    shared = len(pairs["CGCS2000"][0])
    best = min(DATUMS, key=residuals.__getitem__)
    apart = min(median_distance(pairs[best][0], pairs[other][0]) for other in DATUMS if other != best)
    told = shared >= FEWEST_SHARED and residuals[best] <= apart / 3
    zh, en = _datum_sentences(best if told else None, residuals, shared)
    return DatumGuess(best if told else None, residuals, shared, zh, en)


def _datum_sentences(datum: str | None, residuals: dict[str, float], shared: int) -> tuple[str, str]:
    if shared < FEWEST_SHARED:
        return (
            f"只有 {shared} 个地方能与已有图层对上编码，不足以判断图层是否有地图偏移。",
            f"Only {shared} places match the known layer by code: too few to tell whether this layer is shifted.",
        )
    shift = f"{residuals['CGCS2000']:,.0f}"
    if datum is None:
        return (
            f"图层与已有图层的形状差别太大（{shared} 个地方，中位相差 {shift} 米），不能判断是否有地图偏移。",
            f"The shapes differ too much from the known layer (median {shift} m over {shared} places) to tell whether "
            "this layer is shifted.",
        )
    if datum == "CGCS2000":
        return (
            f"图层没有地图偏移：{shared} 个地方与已有图层中位相差 {shift} 米。",
            f"The layer is not shifted: median {shift} m from the known layer over {shared} places.",
        )
    left = f"{residuals[datum]:,.0f}"
    return (
        f"图层看起来像 {datum} 那样整体偏移了约 {shift} 米（{shared} 个地方）；还原后中位相差 {left} 米。",
        f"The layer looks shifted by about {shift} m like {datum} (over {shared} places); undone, {left} m remain.",
    )
