"""A polygon divided into compact pieces of given areas: centroidal power diagrams with one piece for each place.

Seats move to the middle of their cells (Lloyd 1982, Least squares quantization in PCM) while the weights keep every
cell at its area, as in capacity-constrained Voronoi tessellations (Balzer & Heck 2008) and Voronoi treemaps (Nocaj &
Brandes 2012, Computing Voronoi treemaps). Where a bay or a spit of the polygon cuts a cell in parts, the largest part
stays and each stray part goes to the cell along which it has the longest border; the areas asked of the diagram are
then corrected by what was gained and lost, until the pieces themselves have their areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.planar_faces import joined, one_piece_each, planar_faces
from geo.power_diagram import PowerDiagram, balancing_weights

ACCEPTED: Final = 0.005
"""Relative error of a piece below which no further attempt is made; half of what is promised of the finished layer."""

ROUNDS: Final = 40
ROUNDS_WITH_SEATS: Final = 2
CORRECTIONS: Final = 20
ATTEMPTS: Final = 4
CAUTION: Final = 0.6
"""Share of a piece's error that is corrected at once: strays come and go, and full corrections would swing."""

GRID_SHARE: Final = 1e-7
"""Grid of the dividing lines as a share of the polygon's extent: millimetres for a district."""

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class BalancedCells:
    """Pieces (n,) that cover the polygon, each in one part; the seats (n × 2) they grew from; and the largest relative
    error of an area."""

    pieces: Shapes
    seats: Floats
    error: float


def balanced_cells(
    region: shapely.Polygon,
    areas: Floats,
    *,
    seats: Floats | None = None,
    rounds: int | None = None,
    seed: int = 0,
) -> BalancedCells:
    """Divide ``region`` into one piece for each of the n ``areas`` (any unit: their proportions count).

    seats  (n × 2) where the places lie, in the plane of the polygon; NaN or None for those nobody knows, which are
           strewn by lot (``seed``). Seats outside are moved inside first, and seats in one point are pulled apart
    rounds how often every seat moves to the middle of its piece. None: twice where all are known, so that the
           arrangement stays and needles go; forty times where some are not, which spreads them evenly. Where areas
           are missed by more than 0.5 % it is tried again, with up to forty moves or seats strewn anew
    The same input gives the same pieces. Raises ValueError for areas that are not above zero or a region without area.
    """
    wanted = np.asarray(areas, dtype=np.float64)
    if not len(wanted) or not (np.isfinite(wanted).all() and (wanted > 0).all()):
        raise ValueError("every piece needs an area above zero.")
    if not region.area > 0:
        raise ValueError("there is nothing to divide: the polygon has no area.")
    wanted = wanted * (region.area / wanted.sum())
    known = np.full((len(wanted), 2), np.nan) if seats is None else np.asarray(seats, dtype=np.float64)
    if len(wanted) == 1:
        return BalancedCells(np.array([region], dtype=object), _start(region, known, seed), 0.0)
    if rounds is None:
        rounds = ROUNDS_WITH_SEATS if np.isfinite(known).all() else ROUNDS
    best: BalancedCells | None = None
    for attempt in range(ATTEMPTS):
        start = _start(region, known, seed + attempt)
        found = _divided(region, wanted, start, rounds=max(rounds, ROUNDS * attempt // (ATTEMPTS - 1)))
        if best is None or found.error < best.error:
            best = found
        if best.error <= ACCEPTED:
            break
    assert best is not None
    return best


def _divided(region: shapely.Polygon, wanted: Floats, seats: Floats, *, rounds: int) -> BalancedCells:
    weights: Floats | None = None
    asked = wanted
    random = np.random.default_rng([rounds, len(wanted)])
    for _ in range(rounds):
        weights, diagram = balancing_weights(seats, asked, region, weights=weights, tolerance=0.02, steps=12)
        pieces = _pieces(region, seats, weights, diagram)
        asked = _corrected(asked, wanted, shapely.area(pieces))
        middles = shapely.get_coordinates(shapely.centroid(pieces))
        seats = _apart(region, _inside(region, middles), random)
    best: BalancedCells | None = None
    for _ in range(CORRECTIONS):
        weights, diagram = balancing_weights(seats, asked, region, weights=weights)
        pieces = _pieces(region, seats, weights, diagram)
        reached = shapely.area(pieces)
        found = BalancedCells(pieces, seats, float(np.max(np.abs(reached / wanted - 1))))
        if best is None or found.error < best.error:
            best = found
        if best.error <= ACCEPTED / 4:
            break
        asked = _corrected(asked, wanted, reached)
    assert best is not None
    return best


def _corrected(asked: Floats, wanted: Floats, reached: Floats) -> Floats:
    """What to ask of the diagram so that the pieces, with strays won and lost, come nearer to their areas."""
    corrected = np.clip(asked + CAUTION * (wanted - reached), wanted / 4, wanted * 4)
    return np.asarray(corrected * (wanted.sum() / corrected.sum()), dtype=np.float64)


def _pieces(region: shapely.Polygon, seats: Floats, weights: Floats, diagram: PowerDiagram) -> Shapes:
    """The cells with every stray part given to a neighbour."""
    if (shapely.get_num_geometries(diagram.cells) == 1).all():
        return diagram.cells
    west, south, east, north = region.bounds
    lines = np.concatenate([diagram.borders, [region.boundary]])
    found = planar_faces(lines, grid=GRID_SHARE * max(east - west, north - south))
    points = shapely.get_coordinates(shapely.point_on_surface(found.faces))
    distance = np.sum((points[:, None, :] - seats[None, :, :]) ** 2, axis=2) - weights
    owners = np.where(shapely.contains_xy(region, points), np.argmin(distance, axis=1), -1)
    return joined(found, one_piece_each(found, owners), count=len(seats))


def _start(region: shapely.Polygon, seats: Floats, seed: int) -> Floats:
    """All seats inside the polygon and apart from each other."""
    random = np.random.default_rng([seed, len(seats)])
    west, south, east, north = region.bounds
    placed = seats.copy()
    missing = np.flatnonzero(~np.isfinite(placed).all(axis=1))
    while len(missing):
        points = random.uniform((west, south), (east, north), (len(missing), 2))
        hit = shapely.contains_xy(region, points)
        placed[missing[hit]] = points[hit]
        missing = missing[~hit]
    return _apart(region, _inside(region, placed), random)


def _apart(region: shapely.Polygon, seats: Floats, random: np.random.Generator) -> Floats:
    """``seats`` with every one that lies almost on an earlier one moved a little, at random, until none does."""
    placed = seats.copy()
    near = 0.025 * np.sqrt(region.area / len(placed))
    order = np.arange(len(placed))
    for _ in range(50):
        distance = np.hypot(*(placed[:, None, :] - placed[None, :, :]).transpose(2, 0, 1))
        close = np.any((distance < near) & (order[:, None] > order[None, :]), axis=1)
        if not close.any():
            break
        placed[close] = _inside(region, placed[close] + random.normal(0, 2 * near, (int(close.sum()), 2)))
    return placed


def _inside(region: shapely.Polygon, points: Floats) -> Floats:
    """``points`` with those outside (or on the edge) moved to the nearest place a little inside."""
    moved = points.copy()
    outside = np.flatnonzero(~shapely.contains_xy(region, points))
    if not len(outside):
        return moved
    reach = np.sqrt(region.area) / 50
    core = region.buffer(-reach)
    while core.is_empty:
        reach /= 4
        core = region.buffer(-reach)
    nearest = shapely.shortest_line(shapely.points(points[outside]), core)
    moved[outside] = shapely.get_coordinates(nearest).reshape(-1, 2, 2)[:, 1]
    return moved
