"""Power diagrams of seats inside a polygon, and the weights that give every cell its area.

A point belongs to the seat with the least power distance |x - seat|² - weight (Aurenhammer 1987, Power diagrams:
properties, algorithms and applications). Lifting every seat to height |seat|² - weight makes the diagram the dual of
the lower convex hull. For any seats and any areas that add up there are weights whose cells have those areas
(Aurenhammer, Hoffmann & Aronov 1998, Minkowski-type theorems and least-squares clustering); they are the maximum of a
concave function, found here with the damped Newton method of Kitagawa, Mérigot & Thibert (2019, Convergence of a
Newton algorithm for semi-discrete optimal transport).

Everything is in one flat plane; the unit is the caller's (kilometres in ``geo.schematic``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

FAR: Final = 64.0
"""Distance of the helping seats around the diagram, in radii of the polygon: they bound every cell far outside it."""

NEAR: Final = 8.0
"""How far from the polygon a seat may lie, in radii of the polygon."""

SMALLEST_STEP: Final = 2.0**-14

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class PowerDiagram:
    """The cells of n seats inside a polygon.

    cells    (n,) geometries: what of the polygon belongs to each seat; in several parts where the polygon bends away,
             empty where a seat's weight is too small to win any point
    pairs    (k, 2) seats whose cells have a border in common, the smaller number first, sorted
    borders  (k,) the common border of each pair inside the polygon
    """

    cells: Shapes
    pairs: Indices
    borders: Shapes

    @property
    def areas(self) -> Floats:
        """Area of each cell, (n,)."""
        return np.asarray(shapely.area(self.cells), dtype=np.float64)


def power_diagram(seats: Floats, weights: Floats, region: shapely.Polygon) -> PowerDiagram:
    """The power diagram of ``seats`` (n × 2) with ``weights`` (n, squared lengths), clipped to ``region``.

    Raises ValueError for seats or weights that are not finite, seats very far outside, or an empty polygon.
    """
    if not (len(seats) and len(seats) == len(weights) and np.isfinite(seats).all() and np.isfinite(weights).all()):
        raise ValueError("every seat needs two finite coordinates and a finite weight.")
    if region.is_empty or not region.area > 0:
        raise ValueError("there is nothing to divide: the polygon has no area.")
    west, south, east, north = region.bounds
    centre = np.array([(west + east) / 2, (south + north) / 2])
    radius = float(np.hypot(east - west, north - south)) / 2
    placed = (seats - centre) / radius
    if np.abs(placed).max() > NEAR:
        raise ValueError("a seat lies far outside the polygon that is to be divided.")
    corners, triangles = _dual(placed, (weights - weights.max()) / radius**2)
    corners = corners * radius + centre
    shapely.prepare(region)
    cells = _clipped(_hulls(corners, triangles, count=len(seats)), region)
    pairs, lines = _ridges(corners, triangles, count=len(seats))
    borders = _clipped(lines, region)
    shared = shapely.length(borders) > 0
    return PowerDiagram(cells, pairs[shared], borders[shared])


def balancing_weights(
    seats: Floats,
    areas: Floats,
    region: shapely.Polygon,
    *,
    weights: Floats | None = None,
    tolerance: float = 1e-4,
    steps: int = 60,
) -> tuple[Floats, PowerDiagram]:
    """Weights for which every cell has its area, and the diagram they give.

    areas      (n,) wanted areas, all above zero, with the polygon's area as their sum
    weights    where to start from, such as those of seats that lay almost here; not used where a cell would be empty
    tolerance  largest relative error of a cell at which to stop
    steps      most Newton steps; after them, or where no step helps any more, the best so far is returned

    Raises ValueError where areas do not fit the polygon, or two seats are one or a seat's nearest points all lie
    outside (a cell that is empty even without weights).
    """
    if not (areas > 0).all() or abs(areas.sum() - region.area) > 1e-6 * region.area:
        raise ValueError("the wanted areas must be above zero and add up to the area of the polygon.")
    now = np.zeros(len(seats)) if weights is None else weights - weights.mean()
    diagram = power_diagram(seats, now, region)
    if weights is not None and diagram.areas.min() <= 0:
        now = np.zeros(len(seats))
        diagram = power_diagram(seats, now, region)
    floor = min(diagram.areas.min(), areas.min()) / 2
    if floor <= 0:
        raise ValueError("two seats are one, or a seat lies too far outside the polygon.")
    for _ in range(steps):
        missing = areas - diagram.areas
        if np.max(np.abs(missing) / areas) <= tolerance:
            break
        direction = _newton_step(seats, diagram, missing)
        step = 1.0
        while step >= SMALLEST_STEP:
            tried = power_diagram(seats, now + step * direction, region)
            worst = np.linalg.norm(areas - tried.areas)
            if tried.areas.min() >= floor and worst <= (1 - step / 2) * np.linalg.norm(missing):
                break
            step /= 2
        else:
            break
        now, diagram = now + step * direction, tried
    return now, diagram


def _newton_step(seats: Floats, diagram: PowerDiagram, missing: Floats) -> Floats:
    """The change of the weights that would close the gaps if areas were linear in them.

    A cell grows along each border by length / (2 × distance of the two seats) for each unit of weight.
    """
    one, other = diagram.pairs.T
    distance = np.hypot(*(seats[one] - seats[other]).T)
    flow = shapely.length(diagram.borders) / (2 * distance)
    growth = np.zeros((len(seats), len(seats)))
    np.add.at(growth, (one, other), -flow)
    np.add.at(growth, (other, one), -flow)
    growth[np.diag_indices(len(seats))] = -growth.sum(axis=1)
    return np.asarray(np.linalg.lstsq(growth, missing, rcond=None)[0], dtype=np.float64)


def _dual(seats: Floats, weights: Floats) -> tuple[Floats, Indices]:
    """Corners of the diagram and, for each, the three seats that meet there; numbers from n on are helping seats."""
    angles = np.arange(8) * (np.pi / 4) + 0.1
    around = FAR * np.column_stack([np.cos(angles), np.sin(angles)])
    points = np.vstack([seats, around])
    heights = np.sum(points**2, axis=1) - np.concatenate([weights, np.zeros(len(around))])
    hull = ConvexHull(np.column_stack([points, heights]))
    lower = hull.equations[:, 2] < 0
    plane = hull.equations[lower]
    return -plane[:, :2] / (2 * plane[:, 2:3]), hull.simplices[lower].astype(np.int64)


def _hulls(corners: Floats, triangles: Indices, *, count: int) -> Shapes:
    """The whole cell of each seat, as the hull of its corners; an empty polygon where it has none."""
    owners = triangles.ravel()
    points = np.repeat(corners, 3, axis=0)
    order = np.argsort(owners, kind="stable")
    order = order[owners[order] < count]
    present, group = np.unique(owners[order], return_inverse=True)
    cells = np.full(count, shapely.Polygon(), dtype=object)
    hulls = shapely.convex_hull(shapely.multipoints(points[order], indices=group))
    cells[present] = np.where(shapely.get_dimensions(hulls) == 2, hulls, shapely.Polygon())
    return cells


def _ridges(corners: Floats, triangles: Indices, *, count: int) -> tuple[Indices, Shapes]:
    """The pairs of seats that meet along a line, and that line between the two corners at its ends."""
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    ends = np.tile(np.arange(len(triangles)), 3)
    kept = sides[:, 1] < count
    sides, ends = sides[kept], ends[kept]
    order = np.lexsort((ends, sides[:, 1], sides[:, 0]))
    sides, ends = sides[order].reshape(-1, 2, 2), ends[order].reshape(-1, 2)
    return sides[:, 0], shapely.linestrings(corners[ends])


def _clipped(shapes: Shapes, region: shapely.Polygon) -> Shapes:
    """``shapes`` inside ``region``; those wholly inside stay as they are."""
    clipped = np.asarray(shapes, dtype=object)
    cut = ~shapely.contains_properly(region, clipped)
    clipped[cut] = shapely.intersection(clipped[cut], region)
    return clipped
