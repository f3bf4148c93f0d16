"""Borders that look grown and not ruled: straight dividing lines bent a little, and shapes put on one grid.

Each border between two pieces is bent once, by midpoint displacement (Fournier, Fussell & Carpenter 1982, Computer
rendering of stochastic models), and the bend is levelled so that it gives as much area as it takes: the pieces keep
their areas. Where a bent line would cross another, it is bent less, in the end not at all.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.planar_faces import joined, one_piece_each, owners_by_overlap, planar_faces

SWING: Final = 0.1
"""First displacement of a border's middle as a share of its length (standard deviation)."""

ROUGHNESS: Final = 0.55
"""How much smaller the displacement is at each halving."""

FARTHEST: Final = 1.5
"""Largest displacement, in standard deviations of the first."""

PIECES_ACROSS: Final = 7
"""About how many short lines make up a border as long as a piece is wide, where the caller has no wish."""

GRID_SHARE: Final = 1e-7
STRICTLY_APART: Final = "FF*F*****"
"""DE-9IM: neither line's inside meets the other's inside or ends, so they touch at common ends at most."""

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def natural_borders(pieces: Shapes, *, seed: int, across: int = PIECES_ACROSS) -> Shapes:
    """``pieces`` (n polygons of one plane that meet edge to edge) with the borders between them bent.

    ``across`` is about how many short lines make up a border as long as an average piece is wide.
    The outer border stays as it is; so does the area of each piece, to within the bends left out at tight corners.
    The same pieces and seed give the same borders.
    """
    if len(pieces) < 2:
        return pieces
    west, south, east, north = shapely.total_bounds(pieces)
    grid = GRID_SHARE * max(east - west, north - south)
    found = planar_faces(shapely.boundary(pieces), grid=grid)
    owners = owners_by_overlap(found.faces, pieces)
    sided = np.where(found.sides >= 0, owners[found.sides], -1)
    between = (sided[:, 0] != sided[:, 1]) & (sided >= 0).all(axis=1)
    bent = _bent(found.edges, between, step=_width(pieces) / across, seed=seed)
    redrawn = planar_faces(bent, grid=grid)
    owners = one_piece_each(redrawn, owners_by_overlap(redrawn.faces, pieces))
    return joined(redrawn, owners, count=len(pieces))


def on_grid(pieces: Shapes, *, decimals: int = 5) -> Shapes:
    """``pieces`` of one coverage with all coordinates at ``decimals`` places, still a valid coverage.

    Points where a border of one piece ends in the middle of another's edge are given to both. A piece keeps its parts
    (islands). A piece too small for the grid comes back empty: the caller says what to do.
    """
    fine = 10**decimals
    parts, place = shapely.get_parts(pieces, return_index=True)
    large = shapely.transform(parts, lambda points: points * fine)
    found = planar_faces(shapely.boundary(large), grid=1.0)
    owners = one_piece_each(found, owners_by_overlap(found.faces, large))
    places = np.where(owners >= 0, place[owners], -1)
    shapes = joined(found, places, count=len(pieces))
    return np.asarray(shapely.transform(shapes, lambda points: np.round(points / fine, decimals)), dtype=object)


def _width(pieces: Shapes) -> float:
    return float(np.sqrt(np.mean(shapely.area(pieces))))


def _bent(edges: Shapes, which: NDArray[np.bool_], *, step: float, seed: int) -> Shapes:
    """The edges with those of ``which`` bent as far as they can be without crossing."""
    random = np.random.default_rng([seed, len(edges)])
    offsets = [_offsets(edge, step, random) if bend else None for edge, bend in zip(edges, which, strict=True)]
    factors = np.where(which, SWING, 0.0)
    bent = edges.copy()
    todo = np.flatnonzero(which)
    for attempt in range(8):
        for number in todo:
            bends = offsets[number]
            assert bends is not None
            bent[number] = _bend(edges[number], bends, factors[number])
        todo = np.intersect1d(_crossing(bent), np.flatnonzero(which))
        if not len(todo):
            break
        factors[todo] = factors[todo] / 2 if attempt < 6 else 0.0
    return bent


def _crossing(lines: Shapes) -> NDArray[np.int64]:
    """Numbers of lines that are not simple or meet another anywhere but at common ends."""
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    bad = ~shapely.relate_pattern(lines[one], lines[other], STRICTLY_APART)
    return np.unique(np.concatenate([one[bad], other[bad], np.flatnonzero(~shapely.is_simple(lines))]))


def _offsets(edge: shapely.LineString, step: float, random: np.random.Generator) -> list[Floats]:
    """For each straight part of an edge, displacements (in lengths of the part) at evenly spaced points inside it."""
    points = shapely.get_coordinates(edge)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    return [_levelled(_midpoints(length, step, random)) for length in lengths]


def _midpoints(length: float, step: float, random: np.random.Generator) -> Floats:
    """Displacements at 2^k + 1 points, zero at both ends, by halving until parts are about ``step`` long."""
    halvings = int(np.clip(np.rint(np.log2(max(length / step, 1.0))), 0, 6))
    values = np.zeros(2)
    size = 1.0
    for _ in range(halvings):
        middles = (values[1:] + values[:-1]) / 2 + size * random.normal(size=len(values) - 1)
        values = np.insert(values, np.arange(1, len(values)), middles)
        size *= ROUGHNESS
    return values


def _levelled(values: Floats) -> Floats:
    """``values`` calmed towards both ends and shifted so that they add up to zero."""
    calm = np.sin(np.linspace(0, np.pi, len(values)))
    calm[-1] = 0.0
    if len(values) <= 3:
        return np.zeros(len(values))
    levelled = calm * (values - np.sum(calm * values) / np.sum(calm))
    return np.asarray(levelled * min(1.0, FARTHEST / np.abs(levelled).max()), dtype=np.float64)


def _bend(edge: shapely.LineString, offsets: list[Floats], factor: float) -> shapely.LineString:
    points = shapely.get_coordinates(edge)
    rows = [points[:1]]
    for start, end, values in zip(points[:-1], points[1:], offsets, strict=True):
        along = np.linspace(0, 1, len(values))[1:, None]
        across = np.array([start[1] - end[1], end[0] - start[0]])
        rows.append(start + along * (end - start) + factor * values[1:, None] * across)
        rows[-1][-1] = end
    return shapely.LineString(np.vstack(rows))
