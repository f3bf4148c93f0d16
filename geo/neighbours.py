"""Which areas are neighbours: shared borders or corners, and what is done with an area that touches no other.

Every test of spatial clustering rests on this list. Two areas are neighbours when their polygons have at least one
point in common ("queen" contiguity, after the moves of the piece in chess; Cliff & Ord 1981, Spatial Processes). An
area without any such neighbour (an island, or a polygon drawn with a gap around it) is linked to the areas whose
centroids lie nearest, both ways, and listed, so that a reader can be told. Only boundaries that were surveyed say who
is whose neighbour; a schematic drawing does not, and its neighbours must not be tested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

NEAREST: Final = 4
"""How many areas an area without a touching neighbour is linked to."""

Indices = NDArray[np.int64]


class UnusableBoundaries(ValueError):
    """Boundaries from which no neighbours can be read. ``places`` names the areas at fault."""

    def __init__(self, sentence: str, *, places: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.places = places


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Who is whose neighbour, without geometry.

    ids      codes of the areas, sorted
    pairs    (k, 2) positions in ``ids``; every pair stands in both directions, none twice, sorted
    islands  areas without any neighbour at all (there is no other area, or nothing was filled in)
    filled   areas that touch no other and were linked to the nearest ones
    """

    ids: tuple[str, ...]
    pairs: Indices
    islands: tuple[str, ...]
    filled: tuple[str, ...]


def find_neighbours(shapes: gpd.GeoDataFrame | gpd.GeoSeries, *, nearest: int = NEAREST) -> Neighbours:
    """Neighbours of polygons whose index holds the place codes; the order of the rows does not matter.

    Polygons that share a border, a corner or a sliver of area are neighbours, also where a corner of one lies in the
    middle of the other's edge. ``nearest`` is the number of nearest centroids an area without a touching neighbour is
    linked to (equal distances: the smaller code); 0 leaves it an island. Degrees are shortened from west to east by
    the cosine of the middle latitude before distances are compared.

    Raises UnusableBoundaries for a repeated code, or an area without a polygon.
    """
    ids, areas = _sorted_areas(shapes)
    found = _touching(areas)
    alone = np.setdiff1d(np.arange(len(ids)), found[:, 0])
    centres = _centres(areas, degrees=shapes.crs is not None and shapes.crs.is_geographic)
    links = [_nearest(int(one), centres, nearest) for one in alone]
    pairs = np.unique(np.concatenate([found, *links, *(link[:, ::-1] for link in links)]), axis=0)
    left = np.setdiff1d(alone, pairs[:, 0])
    return Neighbours(
        ids=ids,
        pairs=pairs,
        islands=tuple(ids[one] for one in left),
        filled=tuple(ids[one] for one in np.setdiff1d(alone, left)),
    )


def _sorted_areas(shapes: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[tuple[str, ...], NDArray[np.object_]]:
    codes = np.array([str(code) for code in shapes.index], dtype=object)
    repeated = tuple(sorted({str(code) for code in shapes.index[shapes.index.duplicated()]}))
    if repeated:
        raise UnusableBoundaries(
            f"{', '.join(repeated[:5])}: there is more than one polygon with this code; join them into one.",
            places=repeated,
        )
    areas = np.asarray(shapes.geometry.values, dtype=object)
    wrong = shapely.is_missing(areas) | shapely.is_empty(areas) | (shapely.get_dimensions(areas) != 2)
    if wrong.any():
        faulty = tuple(sorted(codes[wrong]))
        raise UnusableBoundaries(
            f"{', '.join(faulty[:5])}: there is no polygon for this code; leave the row out or add its boundary.",
            places=faulty,
        )
    order = np.argsort(codes, kind="stable")
    return tuple(codes[order]), shapely.make_valid(areas[order])


def _touching(areas: NDArray[np.object_]) -> Indices:
    if not len(areas):
        return np.empty((0, 2), dtype=np.int64)
    found = shapely.STRtree(areas).query(areas, predicate="intersects").T.astype(np.int64)
    return found[found[:, 0] != found[:, 1]]


def _centres(areas: NDArray[np.object_], *, degrees: bool) -> NDArray[np.float64]:
    points = shapely.get_coordinates(shapely.centroid(areas))
    if degrees and len(points):
        _, south, _, north = shapely.total_bounds(areas)
        points[:, 0] *= math.cos(math.radians((south + north) / 2))
    return points


def _nearest(one: int, centres: NDArray[np.float64], count: int) -> Indices:
    distance = np.hypot(*(centres - centres[one]).T)
    others = np.argsort(distance, kind="stable")
    chosen = others[others != one][:count]
    return np.column_stack([np.full(len(chosen), one), chosen]).astype(np.int64)
