"""Lines put on one grid, the faces they enclose, and faces joined so that every owner has one piece.

All lines are noded together by snap rounding (Hobby 1999, Practical segment intersection with finite precision
output; in GEOS: OverlayNG with a grid), so faces that meet share the very same points, whatever came in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class PlanarFaces:
    """What a set of lines encloses.

    faces  (m,) polygons without overlap that meet edge to edge
    edges  (e,) lines between nodes
    sides  (e, 2) the faces on the two sides of each edge, -1 for none (outside)
    """

    faces: Shapes
    edges: Shapes
    sides: Indices


def planar_faces(lines: Shapes, *, grid: float) -> PlanarFaces:
    """Node ``lines`` on a grid of ``grid`` units and find the faces; lines that lead nowhere bound none."""
    noded = shapely.union_all(lines, grid_size=grid)
    edges = shapely.get_parts(noded)
    edges = edges[shapely.length(edges) > 0]
    faces = np.asarray(shapely.get_parts(shapely.polygonize(edges)), dtype=object)
    sides = np.full((len(edges), 2), -1, dtype=np.int64)
    if len(faces):
        edge, face = shapely.STRtree(faces).query(edges, predicate="covered_by").astype(np.int64)
        order = np.lexsort((face, edge))
        edge, face = edge[order], face[order]
        second = np.r_[False, edge[1:] == edge[:-1]]
        sides[edge[~second], 0] = face[~second]
        sides[edge[second], 1] = face[second]
    return PlanarFaces(faces, edges, sides)


def one_piece_each(found: PlanarFaces, owners: Indices) -> Indices:
    """``owners`` of the faces (-1: nobody's), changed so that the faces of one owner hang together.

    Of an owner's faces that do not hang together the largest piece stays; each other face goes to the owner along
    whose faces it has the longest border, larger faces first, until none is left that touches somebody.
    """
    first, second = found.sides.T
    lengths = shapely.length(found.edges)
    inner = (first >= 0) & (second >= 0)
    inner[inner] = (owners[first[inner]] >= 0) & (owners[second[inner]] >= 0)
    links = list(zip(first[inner].tolist(), second[inner].tolist(), lengths[inner].tolist(), strict=True))
    touching: dict[int, list[tuple[int, float]]] = {}
    for one, other, length in links:
        touching.setdefault(one, []).append((other, length))
        touching.setdefault(other, []).append((one, length))
    areas = shapely.area(found.faces)
    settled = _largest_pieces(touching, owners, areas)
    changed = owners.copy()
    waiting = [int(face) for face in np.argsort(-areas, kind="stable") if owners[face] >= 0 and not settled[face]]
    moved = True
    while waiting and moved:
        moved = False
        for face in list(waiting):
            along: dict[int, float] = {}
            for other, length in touching.get(face, []):
                if settled[other]:
                    owner = int(changed[other])
                    along[owner] = along.get(owner, 0.0) + length
            if along:
                changed[face] = min(along, key=lambda owner: (-along[owner], owner))
                settled[face] = moved = True
                waiting.remove(face)
    return changed


def joined(found: PlanarFaces, owners: Indices, *, count: int) -> Shapes:
    """The union of each owner's faces, (count,); an empty polygon for an owner without any."""
    shapes = np.full(count, shapely.Polygon(), dtype=object)
    for owner in np.unique(owners[owners >= 0]):
        shapes[owner] = shapely.coverage_union_all(found.faces[owners == owner])
    parts = np.array([len(shapely.get_parts(shape)) for shape in shapes])
    shapes[parts == 1] = [shapely.get_geometry(shape, 0) for shape in shapes[parts == 1]]
    return shapes


def owners_by_overlap(faces: Shapes, shapes: Shapes) -> Indices:
    """For each face the number of the shape that covers most of it; -1 where all together leave more than half free."""
    owners = np.full(len(faces), -1, dtype=np.int64)
    if not len(faces):
        return owners
    face, shape = shapely.STRtree(shapes).query(faces, predicate="intersects")
    common = shapely.area(shapely.intersection(faces[face], shapes[shape]))
    covered = np.bincount(face, weights=common, minlength=len(faces)) > shapely.area(faces) / 2
    order = np.lexsort((shape, -common, face))
    face, shape = face[order], shape[order]
    best = np.r_[True, face[1:] != face[:-1]] & covered[face]
    owners[face[best]] = shape[best]
    return owners


def _largest_pieces(
    touching: dict[int, list[tuple[int, float]]], owners: Indices, areas: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which faces belong to the largest connected piece of their owner."""
    piece = np.full(len(owners), -1, dtype=np.int64)
    for start in range(len(owners)):
        if owners[start] < 0 or piece[start] >= 0:
            continue
        piece[start] = start
        stack = [start]
        while stack:
            face = stack.pop()
            for other, _ in touching.get(face, []):
                if piece[other] < 0 and owners[other] == owners[start]:
                    piece[other] = start
                    stack.append(other)
    settled = np.zeros(len(owners), dtype=bool)
    for owner in np.unique(owners[owners >= 0]):
        faces = np.flatnonzero(owners == owner)
        _, group = np.unique(piece[faces], return_inverse=True)
        largest = int(np.argmax(np.bincount(group, weights=areas[faces])))
        settled[faces[group == largest]] = True
    return settled
