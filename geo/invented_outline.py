"""An outline for a district nobody has drawn, and seats inside an outline from positions on a tile grid."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

WAVES: Final = (2, 3, 4, 5)
WAVE_HEIGHT: Final = 0.05
CORNERS: Final = 144

Floats = NDArray[np.float64]


def invented_outline(seats: Floats, total: float, *, seed: int) -> tuple[shapely.Polygon, Floats]:
    """A rounded blob of area ``total`` around ``seats`` (n × 2, one plane), and the seats as they then lie.

    The hull of the seats is widened until it has the area; where the hull alone is larger already, it is shrunk and
    the seats with it. Slow waves keep it from looking drawn with compasses. Seats that are NaN are left aside; where
    none is known the blob lies around (0, 0). The same input gives the same outline.
    """
    if not total > 0:
        raise ValueError("an outline needs an area above zero.")
    known = seats[np.isfinite(seats).all(axis=1)]
    hull = shapely.convex_hull(shapely.multipoints(known if len(known) else np.zeros((1, 2))))
    centre = shapely.get_coordinates(shapely.centroid(hull))[0]
    radius = np.sqrt(total / np.pi)
    most = 0.6 * total
    shrink = min(1.0, float(np.sqrt(most / hull.area))) if hull.area > 0 else 1.0
    moved = (seats - centre) * shrink + centre
    core = shapely.transform(hull, lambda points: (points - centre) * shrink + centre)
    near, far = 0.0, 2 * radius
    for _ in range(60):
        middle = (near + far) / 2
        near, far = (middle, far) if core.buffer(middle).area < total else (near, middle)
    blob = core.buffer(far)
    random = np.random.default_rng([seed, 7])
    angles = np.arange(CORNERS) * (2 * np.pi / CORNERS)
    rays = shapely.linestrings(
        [[centre, centre + 10 * (radius + far) * np.array([np.cos(angle), np.sin(angle)])] for angle in angles]
    )
    reach = shapely.length(shapely.intersection(rays, blob))
    for wave in WAVES:
        height, turn = WAVE_HEIGHT * random.normal() / np.sqrt(wave), random.uniform(0, 2 * np.pi)
        reach = reach * (1 + height * np.sin(wave * angles + turn))
    ring = centre + reach[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    outline = shapely.Polygon(ring)
    factor = np.sqrt(total / outline.area)
    return shapely.transform(outline, lambda points: (points - centre) * factor + centre), moved


def seats_from_grid(columns: Floats, rows: Floats, areas: Floats, region: shapely.Geometry) -> Floats:
    """Seats (n × 2) in ``region`` for places known only by their square of a tile grid (row 0 in the north).

    A tile grid gives every place the same room, an area does not: a column is put where as much of the region's area
    lies west of it as the places of the columns west of it need, and so are the rows from the north.
    """
    west, south, east, north = region.bounds
    step = np.sqrt((east - west) * (north - south) / 10_000)
    x, y = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
    inside = shapely.contains_xy(region, x, y)
    return np.column_stack([_marginal(columns, areas, x[inside]), -_marginal(rows, areas, -y[inside])])


def _marginal(positions: Floats, areas: Floats, samples: Floats) -> Floats:
    _, group = np.unique(positions, return_inverse=True)
    room = np.bincount(group, weights=areas)
    middle = (np.cumsum(room) - room / 2) / room.sum()
    return np.asarray(np.quantile(samples, middle)[group], dtype=np.float64)
