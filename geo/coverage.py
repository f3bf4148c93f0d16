"""From the polygons of an office to one clean coverage: no overlaps, no slivers, neighbours with the same border.

The order matters: rows of one code become one place, invalid shapes are mended, the places are made a coverage
(GEOS ``CoverageCleaner``, GEOS 3.14), simplified with their borders shared (Visvalingam &
Whyatt 1993), and rounded so that the coverage is still valid as it is stored. All of it happens in metres of a plane
made for the layer: longitude and latitude times the metres of a degree in its middle. Unlike a transverse Mercator
projection this keeps a straight border straight (a border of 10 km would bend by a metre), so that cleaning does not
make the very slivers that it removes; within a degree of latitude its scale is off by less than 1 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.coverage_report import CleaningReport, find_holes, measure_faults
from geo.errors import LayerError
from geo.layer_checks import refuse_missing, refuse_unusable, refuse_vanished
from geo.metres import metres_per_degree
from geo.shape_repair import Shapes, mend, unite

MOST_VERTICES: Final = 5_000_000
"""Vertices that a layer may have: some three gigabytes of memory, and minutes."""

DECIMALS: Final = 5
"""Decimals of the stored degrees: a metre. With four, borders of villages cross."""

MOST_CHANGE: Final = 0.003
"""Share of its area by which simplifying may change a place or a lake; what would change more keeps more vertices."""


@dataclass(frozen=True, eq=False)
class CleanedCoverage:
    """``frame``: one row for each place, EPSG:4490, columns, order and index of the first row of each code."""

    frame: gpd.GeoDataFrame
    report: CleaningReport


def clean_coverage(
    frame: gpd.GeoDataFrame,
    *,
    snap: float = 2.0,
    gap: float = 5.0,
    tolerance: float | None = 30.0,
    most_vertices: int = MOST_VERTICES,
) -> CleanedCoverage:
    """A layer of places (columns ``code``, maybe more; polygons in EPSG:4490 degrees) as one clean coverage.

    snap       metres within which vertices become one; about three times the inaccuracy of the drawing
    gap        metres: a gap in which no wider circle fits goes to the place with the longest border on it, also where
               it is open to the outside; wider ones (lakes, enclaves of others) stay and are reported
    tolerance  metres: corners of less than its square are cut from borders; None keeps every corner. Places and lakes
               whose area would change by more than 0.3 % keep more of theirs.

    An overlap goes to the smaller of the places, so that a place drawn on top of another one is cut out of it.
    Raises LayerError for a layer that no cleaning can mend (no polygons, too many vertices, no codes, coordinates that
    are no degrees), and where a place would vanish. Raises ValueError for another coordinate system, for
    a frame without the column ``code``, and for negative distances.
    """
    if snap < 0 or gap < 0 or (tolerance is not None and tolerance < 0):
        raise ValueError(f"Distances cannot be negative: snap {snap}, gap {gap}, tolerance {tolerance}.")
    refuse_unusable(frame, most_vertices=most_vertices)
    before = measure_faults(frame, gap=gap)
    places = unite(frame)
    drawn = np.asarray(places.geometry.values, dtype=object)
    refuse_missing(places)
    west, south, east, north = shapely.total_bounds(drawn)
    origin, scale = np.array([(west + east) / 2, (south + north) / 2]), metres_per_degree((south + north) / 2)

    metres = mend(shapely.transform(drawn, lambda xy: (xy - origin) * scale))
    refuse_vanished(places, metres, drawn)
    shapes = _make_coverage(metres, snap=snap, gap=gap)
    shapes, strips, crumbs = _settle_bits(shapes, gap)
    refuse_vanished(places, shapes, metres)
    if tolerance:
        shapes = simplify_coverage(shapes, tolerance)
    stored, decimals, renoded = round_coverage(shapely.transform(shapes, lambda xy: xy / scale + origin))
    refuse_vanished(places, stored, drawn)
    cleaned = places.set_geometry(gpd.GeoSeries(stored, index=places.index, crs=frame.crs))
    after = measure_faults(cleaned, gap=gap)
    narrowed = (0, 0.0)
    if after.gaps["narrow"].any():  # a gap just wide enough to stay has become narrow by simplifying or rounding
        shapes, narrowed = _fill_narrow(shapely.transform(stored, lambda xy: (xy - origin) * scale), gap)
        stored, decimals, again = round_coverage(shapely.transform(shapes, lambda xy: xy / scale + origin))
        renoded |= again
        cleaned = cleaned.set_geometry(gpd.GeoSeries(stored, index=places.index, crs=frame.crs))
        after = measure_faults(cleaned, gap=gap)
    report = CleaningReport(before, after, snap, gap, tolerance, strips, narrowed, crumbs, decimals, renoded)
    return CleanedCoverage(cleaned, report)


def simplify_coverage(shapes: Shapes, tolerance: float, *, most_change: float = MOST_CHANGE) -> Shapes:
    """A valid coverage in metres with fewer vertices, still valid, shared borders still shared.

    In three steps up to ``tolerance`` (metres); a place or a lake whose area would change by more than ``most_change``
    (a share) keeps the borders of the step before. The land outside takes part, so that the outer border is treated
    like the others.
    """
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.total_bounds(shapes)
    frame = shapely.box(west - 1000, south - 1000, east + 1000, north + 1000)
    outside = shapely.get_parts(shapely.difference(frame, shapely.coverage_union_all(shapes)))
    faces = np.concatenate([shapes, outside])
    wanted = shapely.area(faces)
    held = np.zeros(len(faces), dtype=bool)
    for step in (tolerance / 16, tolerance / 4, tolerance):
        trial, worse = faces, ~held
        while worse.any() and not held.all():
            trial = faces.copy()
            trial[~held] = shapely.coverage_simplify(faces[~held], step, simplify_boundary=False)
            worse = ~held & (np.abs(shapely.area(trial) - wanted) > most_change * wanted)
            held |= worse
        faces = faces if held.all() else trial
    return faces[: len(shapes)]


def round_coverage(shapes: Shapes, *, decimals: int = DECIMALS) -> tuple[Shapes, int, bool]:
    """A valid coverage in degrees with rounded coordinates that is valid as stored; its decimals; whether re-noded.

    Rounding may move a vertex over a border. Then all borders are cut anew where they meet on the grid (snap rounding:
    Hobby 1999), and each face between them goes to the place that covered most of it. If even that fails, one decimal
    more is kept. A place of which nothing is left is None. Raises LayerError where the borders stay tangled.
    """
    for kept in (decimals, decimals + 1):
        rounded = shapely.remove_repeated_points(shapely.transform(shapes, lambda xy, to=kept: np.round(xy, to)))
        if _is_whole(rounded):
            return rounded, kept, False
        renoded = _renode(shapes, 10.0**kept)
        if _is_whole(renoded):
            return renoded, kept, True
    if not _is_whole(renoded, lost_allowed=True):
        raise _tangled()
    return renoded, kept, True


def _make_coverage(shapes: Shapes, *, snap: float, gap: float) -> Shapes:
    filled = mend(np.array([_without_pinholes(shape, gap) for shape in shapes], dtype=object))
    for closeness in (snap, snap / 4, 0.0):
        try:
            cleaned = shapely.coverage_clean(
                filled, snapping_distance=closeness, gap_width=gap, merge_strategy="min_area"
            )
            if _is_whole(cleaned, lost_allowed=True) and _keeps_ground(filled, cleaned, gap / 2 + 2 * snap + 1):
                return cleaned
        except shapely.errors.GEOSException:  # too tangled with this distance, maybe not with a shorter one
            continue
    raise _tangled()


def _without_pinholes(shape: shapely.Geometry, width: float) -> shapely.Geometry:
    """The place without holes in which no circle of ``width`` fits: GEOS takes the owner of a cleaned place from one
    point inside, and a place whose point lies in such a hole would be lost."""
    parts = []
    for part in shapely.get_parts(shape):
        rings = np.array(part.interiors, dtype=object)
        wide = ~shapely.is_empty(shapely.buffer(shapely.polygons(rings), -width / 2)) if len(rings) else []
        parts.append(part if np.all(wide) else shapely.Polygon(part.exterior, list(rings[wide])))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _keeps_ground(before: Shapes, after: Shapes, radius: float) -> bool:
    """Whether places won no ground, and no ground was left to nobody, in which a circle of ``radius`` metres fits."""
    won = shapely.buffer(shapely.difference(after, before), -radius)
    if not shapely.is_empty(won).all():
        return False
    lost = shapely.difference(before, after)
    for row in np.flatnonzero(~shapely.is_empty(shapely.buffer(lost, -radius))):
        now = shapely.union_all(after[shapely.STRtree(after).query(lost[row])])
        if not shapely.buffer(shapely.difference(lost[row], now), -radius).is_empty:
            return False
    return True


def _settle_bits(shapes: Shapes, gap: float) -> tuple[Shapes, tuple[int, float], tuple[int, float]]:
    """Close narrow gaps that are open to the outside, and hand loose bits of a place to the place around them."""
    bodies, crumbs = _without_crumbs(shapes, gap)
    strips = _open_strips(shapes, gap)
    bits = np.concatenate([strips, crumbs])
    if not len(bits):
        return shapes, (0, 0.0), (0, 0.0)
    return _hand_over(bodies, bits), _sum(strips), _sum(crumbs)


def _fill_narrow(shapes: Shapes, gap: float) -> tuple[Shapes, tuple[int, float]]:
    holes = find_holes(shapes)
    narrow = holes[shapely.is_empty(shapely.buffer(holes, -gap / 2))]
    return _hand_over(shapes, narrow), _sum(narrow)


def _hand_over(shapes: Shapes, bits: Shapes) -> Shapes:
    """The shapes with each of the bits between them added to the one it shares the longest border with."""
    pieces = _make_coverage(np.concatenate([shapes, bits]), snap=0.01, gap=0.0)
    settled, loose = pieces[: len(shapes)], pieces[len(shapes) :]
    gained: dict[int, list[shapely.Geometry]] = {}
    bit, place = shapely.STRtree(settled).query(loose, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapely.boundary(loose[bit]), shapely.boundary(settled[place])))
    for row in range(len(loose)):
        beside, border = place[bit == row], shared[bit == row]
        if len(beside) and border.max() > 0:
            gained.setdefault(int(beside[border.argmax()]), []).append(loose[row])
    for row, more in gained.items():
        settled[row] = shapely.coverage_union_all([settled[row], *more])
    return settled


def _without_crumbs(shapes: Shapes, gap: float) -> tuple[Shapes, Shapes]:
    """Places without the parts that lie on another place and hold no circle of ``gap`` metres; and these parts."""
    bodies, crumbs = shapes.copy(), []
    tree = shapely.STRtree(shapes)
    for row in np.flatnonzero(shapely.get_num_geometries(shapes) > 1):
        parts = shapely.get_parts(shapes[row])
        small = shapely.is_empty(shapely.buffer(parts, -gap / 2))
        small[shapely.area(parts).argmax()] = False
        beside = [bool(len(np.setdiff1d(tree.query(part, predicate="intersects"), [row]))) for part in parts]
        small &= np.array(beside)
        crumbs.extend(parts[small])
        kept = parts[~small]
        bodies[row] = kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
    return bodies, np.array(crumbs, dtype=object)


def _open_strips(shapes: Shapes, gap: float) -> Shapes:
    """Narrow gaps between places that reach the outside: what closing the union by half of ``gap`` fills in."""
    whole = shapely.coverage_union_all(shapes)
    closed = shapely.buffer(shapely.buffer(whole, gap / 2, quad_segs=4), -gap / 2, join_style="mitre")
    strips = shapely.get_parts(shapely.difference(closed, whole))
    strips = strips[(shapely.get_type_id(strips) == 3) & (shapely.area(strips) > gap * gap)]
    strip, _ = shapely.STRtree(shapes).query(strips, predicate="dwithin", distance=0.01)
    return strips[np.bincount(strip, minlength=len(strips)) > 1]


def _renode(shapes: Shapes, cells: float) -> Shapes:
    """The coverage cut anew on a grid of ``cells`` to the degree; None for a place of which nothing is left."""
    scaled = shapely.transform(shapes, lambda xy: xy * cells)
    lines = shapely.union_all(shapely.boundary(scaled), grid_size=1.0)
    faces = shapely.get_parts(shapely.polygonize([shapely.set_precision(lines, 0.0)]))
    face, place = shapely.STRtree(scaled).query(faces, predicate="intersects")
    shared = shapely.area(shapely.intersection(faces[face], scaled[place]))
    covered = np.bincount(face, weights=shared, minlength=len(faces)) * 2 > shapely.area(faces)
    order = np.lexsort((-shared, face))
    order = order[np.unique(face[order], return_index=True)[1]]
    owners: dict[int, list[int]] = {}
    for row, owner in zip(face[order], place[order], strict=True):
        if covered[row]:
            owners.setdefault(int(owner), []).append(int(row))
    renoded = np.full(len(shapes), None, dtype=object)
    for row, mine in owners.items():
        renoded[row] = shapely.coverage_union_all(faces[mine])
    return shapely.transform(renoded, lambda xy: np.round(xy) / cells)


def _is_whole(shapes: Shapes, *, lost_allowed: bool = False) -> bool:
    """Whether the shapes are a valid coverage of polygons, and no place is lost."""
    there = shapes[shapely.area(shapes) > 0]
    if not lost_allowed and len(there) < len(shapes):
        return False
    return bool(shapely.is_valid(there).all() and shapely.coverage_is_valid(there))


def _sum(shapes: Shapes) -> tuple[int, float]:
    return len(shapes), float(shapely.area(shapes).sum())


def _tangled() -> LayerError:
    return LayerError(
        zh="边界太乱，无法整理成互不重叠的一层；请在制图软件中检查拓扑后再导入。",
        en="The borders are too tangled to become one layer without overlaps; check the topology in the drawing "
        "software and import it again.",
    )
