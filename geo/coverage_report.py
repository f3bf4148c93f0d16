"""What is wrong with a layer of places, in numbers and in sentences: before it is cleaned and after.

A layer is a coverage when its polygons do not overlap and neighbours share every vertex of their common border (so
GEOS defines it, and checks it with ``coverage_is_valid``). Everything is measured on the degrees as they are
stored, in which borders are straight lines. Areas of places are geodesic on the GRS80 ellipsoid of CGCS2000 (Karney
2013, Algorithms for geodesics); overlaps and gaps, which are small, are planar areas times the square metres
of a square degree there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.metres import geodesic_areas, metres_per_degree
from geo.shape_repair import Shapes, has_equal_rings, unite

SMALLEST_AREA: Final = 0.01
"""Square metres below which an overlap or a gap is the noise of computing with doubles."""

MOST_DIFFERENCE: Final = 0.10
"""Share of the registered area by which a drawn area may differ before it is worth a question."""

TOUCHING: Final = 1e-7
"""Degrees (a centimetre) within which a place lies beside a gap."""

REASONS: Final[Mapping[str, str]] = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "self_intersection",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "nested",
    "Nested shells": "nested",
    "Duplicate Rings": "duplicate_ring",
    "Interior is disconnected": "disconnected",
    "Too few points in geometry component": "collapsed",
    "Ring is not closed": "collapsed",
    "Invalid Coordinate": "bad_coordinate",
}
"""What GEOS says about an invalid polygon, and the class it is counted under; anything else counts as "other"."""


@dataclass(frozen=True, eq=False)
class CoverageFaults:
    """A layer in numbers. Codes are texts; areas are square metres; empty means that nothing of the kind was found.

    features        rows of the layer
    vertices        coordinates of all rows
    invalid         class of fault -> codes, one entry for each faulty row, in their order
    repeated        codes drawn in more than one row
    differing       repeated codes whose rows say different things, such as two names
    not_polygons    codes with points or lines among their shapes
    without_area    codes that have no polygon at all
    unmatched       codes with a border that is not exactly, vertex by vertex, the border of the neighbour
    in_parts        code -> number of parts, for places of more than one
    overlaps        columns code, other, area_m2: pairs of places, the largest overlap first
    gaps            columns lon, lat, area_m2, narrow, beside: holes that no place covers, the largest first; ``narrow``
                    where no circle of ``gap_width`` metres fits in, ``beside`` the codes around it
    areas           geodesic area of each code, NaN without a polygon
    """

    features: int
    vertices: int
    gap_width: float
    invalid: Mapping[str, tuple[str, ...]] = field(repr=False)
    repeated: tuple[str, ...] = field(repr=False)
    differing: tuple[str, ...] = field(repr=False)
    not_polygons: tuple[str, ...] = field(repr=False)
    without_area: tuple[str, ...] = field(repr=False)
    unmatched: tuple[str, ...] = field(repr=False)
    in_parts: Mapping[str, int] = field(repr=False)
    overlaps: pd.DataFrame = field(repr=False)
    gaps: pd.DataFrame = field(repr=False)
    areas: pd.Series = field(repr=False)

    @property
    def places(self) -> int:
        """Number of different codes."""
        return len(self.areas)

    @property
    def overlap_area(self) -> float:
        """Square metres of all overlapping pairs together; what three places cover counts for each pair."""
        return float(self.overlaps["area_m2"].sum())

    def gap_area(self, *, narrow: bool) -> float:
        """Square metres of all narrow, or of all wide, gaps."""
        return float(self.gaps.loc[self.gaps["narrow"] == narrow, "area_m2"].sum())


@dataclass(frozen=True, eq=False)
class CleaningReport:
    """What cleaning found and did.

    before, after   the layer in numbers
    snap, gap       metres, as asked for
    tolerance       metres, None where borders were not simplified
    strips          number and square metres of narrow gaps open to the outside that were closed
    narrowed        number and square metres of gaps that became narrow by simplifying or rounding, and were filled then
    crumbs          number and square metres of loose bits of a place that went to the place around them
    decimals        decimals of the coordinates
    renoded         whether rounding made borders cross, so that all borders were cut anew on the grid of the decimals
    """

    before: CoverageFaults
    after: CoverageFaults
    snap: float
    gap: float
    tolerance: float | None
    strips: tuple[int, float]
    narrowed: tuple[int, float]
    crumbs: tuple[int, float]
    decimals: int
    renoded: bool

    @property
    def changes(self) -> pd.DataFrame:
        """Area of every place before and after, see :func:`compare`."""
        return compare(self.before, self.after)


def measure_faults(frame: gpd.GeoDataFrame, *, gap: float = 5.0) -> CoverageFaults:
    """What is wrong with a layer (``code``, geometry; EPSG:4490 degrees); ``gap`` in metres is the width of a gap that
    counts as narrow. Rows of one code are one place. Nothing is changed.

    Raises ValueError where the frame has another coordinate system.
    """
    if frame.crs is None or frame.crs.to_epsg() != 4490:
        raise ValueError(f"The layer must be in EPSG:4490 degrees, not in {frame.crs}.")
    codes = frame["code"].astype(str)
    drawn = np.asarray(frame.geometry.values, dtype=object)
    repeated = codes[codes.duplicated(keep=False)]
    places = unite(frame)
    names, shapes = places["code"].astype(str).to_numpy(), np.asarray(places.geometry.values, dtype=object)
    there = ~shapely.is_missing(shapes)
    names_there, shapes_there = names[there], shapes[there]
    parts = shapely.get_num_geometries(shapes_there)
    unmatched = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes_there)) if there.any() else np.array([], bool)
    areas = pd.Series(np.nan, index=pd.Index(names, name="code"), name="area_m2")
    areas[there] = _areas_of(shapes_there)
    stray = [code for code, shape in zip(codes, drawn, strict=True) if _has_stray_parts(shape)]
    return CoverageFaults(
        features=len(frame),
        vertices=int(shapely.get_num_coordinates(drawn).sum()),
        gap_width=gap,
        invalid=_invalid(codes.tolist(), drawn),
        repeated=tuple(dict.fromkeys(repeated)),
        differing=_differing(frame, codes),
        not_polygons=tuple(dict.fromkeys(stray)),
        without_area=tuple(names[~there]),
        unmatched=tuple(names_there[unmatched]),
        in_parts={str(code): int(count) for code, count in zip(names_there, parts, strict=True) if count > 1},
        overlaps=_overlaps(names_there, shapes_there),
        gaps=_gaps(names_there, shapes_there, gap),
        areas=areas,
    )


def compare(before: CoverageFaults, after: CoverageFaults) -> pd.DataFrame:
    """Area of every code before and after: columns code, area_before, area_after (m²), change_percent (of before).

    NaN where a code has no area on that side; the largest change first, what cannot be compared on top.
    """
    both = pd.DataFrame({"area_before": before.areas, "area_after": after.areas}).rename_axis("code").reset_index()
    both["change_percent"] = (both["area_after"] / both["area_before"] - 1) * 100
    order = both["change_percent"].abs().fillna(np.inf).sort_values(ascending=False, kind="stable").index
    return both.loc[order].reset_index(drop=True)


def area_against_register(
    frame: gpd.GeoDataFrame, register_km2: Mapping[str, float], *, most: float = MOST_DIFFERENCE
) -> pd.DataFrame:
    """Places whose drawn area differs by more than ``most`` (a share) from the registered one, the largest first.

    Columns code, drawn_km2, register_km2, difference_percent (of the registered area; infinite where that is 0).
    A place without a registered area, or with NaN, is not judged; a registered place that is not drawn is no row.
    """
    areas = measure_areas(frame) / 1e6
    known = pd.Series({str(code): float(area) for code, area in register_km2.items()}, dtype=float)
    both = pd.DataFrame({"drawn_km2": areas, "register_km2": known.reindex(areas.index)}).rename_axis("code").dropna()
    with np.errstate(divide="ignore", invalid="ignore"):
        both["difference_percent"] = (both["drawn_km2"] / both["register_km2"] - 1) * 100
    over = both[both["difference_percent"].abs() > most * 100]
    return over.sort_values("difference_percent", key=np.abs, ascending=False, kind="stable").reset_index()


def measure_areas(frame: gpd.GeoDataFrame) -> pd.Series:
    """Geodesic area (m²) by code of a layer in degrees; NaN without a polygon. Rows of one code are one place."""
    places = unite(frame)
    shapes = np.asarray(places.geometry.values, dtype=object)
    areas = pd.Series(np.nan, index=pd.Index(places["code"].astype(str), name="code"), name="area_m2")
    there = ~shapely.is_missing(shapes)
    areas[there] = _areas_of(shapes[there])
    return areas


def _areas_of(shapes: Shapes) -> NDArray[np.float64]:
    return geodesic_areas(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4490"))


def _has_stray_parts(shape: shapely.Geometry | None) -> bool:
    if shape is None or shape.geom_type == "Polygon":
        return False
    parts = getattr(shape, "geoms", None)
    return True if parts is None else any(_has_stray_parts(part) for part in parts)


def _invalid(codes: list[str], drawn: Shapes) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in np.flatnonzero(~(shapely.is_valid(drawn) | shapely.is_missing(drawn))):
        found.setdefault(_reason(drawn[row]), []).append(codes[row])
    return {reason: tuple(faulty) for reason, faulty in found.items()}


def _reason(shape: shapely.Geometry) -> str:
    reason = REASONS.get(shapely.is_valid_reason(shape).split("[")[0], "other")
    if reason != "self_intersection":
        return reason
    if has_equal_rings(shape):
        return "duplicate_ring"
    return "spike" if any(_has_spike(ring) for ring in shapely.get_rings(shapely.get_parts(shape))) else reason


def _has_spike(ring: shapely.Geometry) -> bool:
    corners = shapely.get_coordinates(shapely.remove_repeated_points(ring))[:-1]
    arriving, leaving = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
    cross = arriving[:, 0] * leaving[:, 1] - arriving[:, 1] * leaving[:, 0]
    ahead = (arriving * leaving).sum(axis=1)
    return bool(((ahead < 0) & (np.abs(cross) <= -1e-9 * ahead)).any())


def _differing(frame: gpd.GeoDataFrame, codes: pd.Series) -> tuple[str, ...]:
    said = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(code=codes)
    said = said[codes.duplicated(keep=False)].astype(str).drop_duplicates()
    return tuple(dict.fromkeys(said.loc[said["code"].duplicated(), "code"]))


def _overlaps(codes: NDArray[np.object_], shapes: Shapes) -> pd.DataFrame:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.intersection(shapes[one], shapes[other])
    areas = _planar_areas(shared)
    found = pd.DataFrame({"code": codes[one], "other": codes[other], "area_m2": areas})
    found = found[found["area_m2"] >= SMALLEST_AREA]
    return found.sort_values(["area_m2", "code", "other"], ascending=[False, True, True]).reset_index(drop=True)


def _gaps(codes: NDArray[np.object_], shapes: Shapes, width: float) -> pd.DataFrame:
    holes = find_holes(shapes)
    areas = _planar_areas(holes)
    holes, areas = holes[areas >= SMALLEST_AREA], areas[areas >= SMALLEST_AREA]
    centres = shapely.get_coordinates(shapely.point_on_surface(holes)).reshape(-1, 2)
    hole, place = shapely.STRtree(shapes).query(holes, predicate="dwithin", distance=TOUCHING)
    around = np.split(place, np.flatnonzero(np.diff(hole)) + 1)
    found = pd.DataFrame({"lon": centres[:, 0], "lat": centres[:, 1], "area_m2": areas})
    found["narrow"] = np.array([not _holds_circle(one, width) for one in holes], dtype=bool)
    found["beside"] = pd.Series([tuple(sorted(codes[places])) for places in around if len(places)], dtype=object)
    return found.sort_values(["area_m2", "lon", "lat"], ascending=[False, True, True]).reset_index(drop=True)


def find_holes(shapes: Shapes) -> Shapes:
    """The gaps that polygons leave among each other: holes of their union, without the islands that lie in them."""
    parts = shapely.get_parts(shapely.union_all(shapes))
    rings = [ring for part in parts for ring in part.interiors]
    holes = np.empty(len(rings), dtype=object)
    holes[:] = [shapely.polygons(ring) for ring in rings]
    hole, island = shapely.STRtree(parts).query(holes, predicate="covers")
    for row in np.unique(hole):
        filled = [shapely.polygons(part.exterior) for part in parts[island[hole == row]]]
        holes[row] = shapely.difference(holes[row], shapely.union_all(filled))
    return shapely.get_parts(holes)


def _holds_circle(hole: shapely.Geometry, width: float) -> bool:
    scale = metres_per_degree(hole.centroid.y)
    return not shapely.buffer(shapely.transform(hole, lambda xy: xy * scale), -width / 2).is_empty


def _planar_areas(shapes: Shapes) -> NDArray[np.float64]:
    middles = np.nan_to_num(shapely.bounds(shapes).reshape(-1, 4)[:, [1, 3]].mean(axis=1))
    return shapely.area(shapes) * metres_per_degree(middles).prod(axis=-1)
