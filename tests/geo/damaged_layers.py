"""Random layers of villages nested in townships, sound at first, and then damaged as offices' layers are damaged.

Everything follows from the seed. ``disputed`` keeps, for each village, the area (m²) that a damage has taken from a
border without saying whose it is: that much a cleaned village may honestly differ from the sound one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

CENTRE = (121.6, 29.8)
METRES = (96679.2, 110849.1)  # of a degree of longitude and latitude at 29.8 N, from the tables of the GRS80 ellipsoid


@dataclass
class Layer:
    """``sound``: a valid coverage, columns code, name, parent; ``damaged``: the same villages, in as bad a state."""

    sound: gpd.GeoDataFrame
    damaged: gpd.GeoDataFrame
    disputed: dict[str, float] = field(default_factory=dict)


def to_degrees(shape: BaseGeometry) -> BaseGeometry:
    """Metres east and north of the centre as degrees, to 1e-8."""
    return shapely.transform(shape, lambda xy: np.round(xy / METRES + CENTRE, 8))


def to_metres(shapes: Sequence[BaseGeometry]) -> np.ndarray:
    """Degrees as metres east and north of the centre."""
    return shapely.transform(np.asarray(shapes, dtype=object), lambda xy: (xy - CENTRE) * METRES)


def layer(shapes: Sequence[BaseGeometry], *, codes: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """Shapes in metres around the centre as a layer of places named by letters."""
    codes = codes or [f"{row + 1:03d}" for row in range(len(shapes))]
    names = [f"{'甲乙丙丁'[row]}村" for row in range(len(shapes))]
    degrees = [to_degrees(shape) for shape in shapes]
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=degrees, crs="EPSG:4490")


def sound_layer(
    seed: int, *, villages: int = 20, townships: int = 3, lake: bool = False, island: bool = False
) -> gpd.GeoDataFrame:
    """A valid coverage of Voronoi cells of 1.4 km² on average with gently curved borders.

    ``lake`` leaves a pond of 240 m across where villages meet; ``island`` gives the first village a second part and
    adds a village of its own out at sea.
    """
    rng = np.random.default_rng(seed)
    width = 1200.0 * np.sqrt(villages)
    side = int(np.ceil(np.sqrt(villages)))
    cells = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    chosen = cells[rng.permutation(len(cells))[:villages]]
    seats = (chosen + rng.uniform(0.2, 0.8, (villages, 2)) - side / 2) * width / side
    square = shapely.box(-width / 2, -width / 2, width / 2, width / 2)
    drawn = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=square, ordered=True))
    drawn = shapely.coverage_clean(shapely.intersection(drawn, square), snapping_distance=0.5)
    if lake:
        middle = shapely.get_coordinates(drawn[villages // 2])[0]
        inland = np.clip(middle, -width / 2 + 400, width / 2 - 400)
        pond = shapely.buffer(shapely.points(inland), 120, quad_segs=4)
        drawn = shapely.coverage_clean(shapely.difference(drawn, pond), snapping_distance=0.5)
    # one straight border is one edge for both sides; its points lie where the rounded ends put them
    drawn = _wavy(shapely.coverage_clean(_segmented(drawn, 120.0), snapping_distance=0.01))
    parents = np.argmin(np.hypot(*(seats[:, None] - seats[None, :townships]).transpose(2, 0, 1)), axis=1)
    if island:
        drawn[0] = shapely.union_all([drawn[0], shapely.box(width, -200, width + 500, 250)])
        drawn = np.append(drawn, shapely.buffer(shapely.points(width + 900, 900), 450, quad_segs=6))
        parents = np.append(parents, parents[0])
    parent = [f"3302122{one + 1:02d}" for one in parents]
    frame = gpd.GeoDataFrame(
        {
            "code": [f"{above}{row + 1:03d}" for row, above in enumerate(parent)],
            "name": [f"第{row + 1}村" for row in range(len(parent))],
            "parent": parent,
        },
        geometry=[to_degrees(shape) for shape in drawn],
        crs="EPSG:4490",
    )
    assert shapely.coverage_is_valid(frame.geometry.values) and frame.is_valid.all()
    return frame


def _segmented(shapes: np.ndarray, longest: float) -> np.ndarray:
    """Edges cut into equal pieces, computed from the same end for both sides of a border."""

    def cut(ring: np.ndarray) -> list[tuple[float, float]]:
        points = []
        for start, end in itertools.pairwise(ring):
            low, high = sorted((tuple(start), tuple(end)))
            count = max(1, int(np.ceil(np.hypot(high[0] - low[0], high[1] - low[1]) / longest)))
            steps = [tuple(np.array(low) + (np.array(high) - low) * k / count) for k in range(count)] + [high]
            points.extend(steps[:-1] if tuple(start) == low else steps[:0:-1])
        return [*points, points[0]]

    def polygon(shape: BaseGeometry) -> BaseGeometry:
        return shapely.Polygon(
            cut(shapely.get_coordinates(shape.exterior)),
            [cut(shapely.get_coordinates(ring)) for ring in shape.interiors],
        )

    return np.array([shapely.MultiPolygon([polygon(p) for p in shapely.get_parts(s)]) for s in shapes], dtype=object)


def _wavy(shapes: np.ndarray) -> np.ndarray:
    def bend(xy: np.ndarray) -> np.ndarray:
        return xy + 40 * np.column_stack(
            [np.sin(xy[:, 1] / 211 + xy[:, 0] / 877), np.sin(xy[:, 0] / 233 - xy[:, 1] / 911)]
        )

    return shapely.transform(shapes, bend)


Damage = Callable[[list[BaseGeometry], int, np.random.Generator], float | None]


def damaged_layer(seed: int, kinds: Sequence[str], *, times: int = 2, **options: int | bool) -> Layer:
    """A layer of :func:`sound_layer` with each kind of damage done ``times`` times, to villages drawn by lot."""
    sound = sound_layer(seed, **options)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed + 1)
    shapes = list(to_metres(sound.geometry.values))
    disputed = dict.fromkeys(sound["code"], 0.0)
    rows = list(range(len(shapes)))
    extra: list[tuple[int, BaseGeometry]] = []
    spoilt: set[frozenset[int]] = set()
    for kind in kinds:
        for _ in range(times):
            row = int(rng.choice(rows))
            if kind in ROW_DAMAGES:
                shapes[row], more = ROW_DAMAGES[kind](shapes[row])
                extra.append((row, more))
            elif kind in BORDER_DAMAGES:
                other = _neighbour(shapes, row, rng)
                if other is not None and frozenset((row, other)) not in spoilt:
                    spoilt.add(frozenset((row, other)))
                    area = BORDER_DAMAGES[kind](shapes, row, other, rng)
                    for one in (row, other):
                        disputed[sound["code"].iloc[one]] += area
            else:
                shapes[row] = SHAPE_DAMAGES[kind](shapes[row], rng)
                if kind == "jitter":
                    disputed[sound["code"].iloc[row]] += 0.1 * shapes[row].length
    order = [*rows, *(row for row, _ in extra)]
    drawn = [to_degrees(shape) for shape in [*shapes, *(shape for _, shape in extra)]]
    columns = pd.DataFrame(sound.drop(columns="geometry")).iloc[order].reset_index(drop=True)
    return Layer(sound, gpd.GeoDataFrame(columns, geometry=drawn, crs=sound.crs), disputed)


def _neighbour(shapes: list[BaseGeometry], row: int, rng: np.random.Generator) -> int | None:
    mended = shapely.make_valid(np.array(shapes, dtype=object), method="structure", keep_collapsed=False)
    near = [
        one for one in range(len(shapes)) if one != row and mended[one].intersection(mended[row].buffer(3)).area > 600
    ]
    return int(rng.choice(near)) if near else None


def _strip(shapes: list[BaseGeometry], row: int, other: int, rng: np.random.Generator) -> BaseGeometry:
    """A strip of 0.3 to 3 m in ``other`` along its border with ``row``."""
    mine, theirs = shapely.make_valid([shapes[row], shapes[other]], method="structure", keep_collapsed=False)
    return mine.buffer(float(rng.uniform(0.3, 3.0)), join_style="mitre").intersection(theirs)


def _gap(shapes: list[BaseGeometry], row: int, other: int, rng: np.random.Generator) -> float:
    strip = _strip(shapes, row, other, rng)
    shapes[other] = shapely.make_valid(shapes[other], method="structure", keep_collapsed=False).difference(strip)
    return float(strip.area)


def _overlap(shapes: list[BaseGeometry], row: int, other: int, rng: np.random.Generator) -> float:
    strip = _strip(shapes, row, other, rng)
    shapes[row] = shapely.make_valid(shapes[row], method="structure", keep_collapsed=False).union(strip)
    return float(strip.area)


def _with_shell(shape: BaseGeometry, change: Callable[[np.ndarray], np.ndarray]) -> BaseGeometry:
    """The shape with the open list of corners of its largest part's shell changed."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    largest = max(range(len(parts)), key=lambda one: parts[one].area)
    shell = change(shapely.get_coordinates(parts[largest].exterior)[:-1])
    parts[largest] = shapely.Polygon([*shell, shell[0]], parts[largest].interiors)
    others = [part for part in getattr(shape, "geoms", []) if part.geom_type != "Polygon"]
    if others:
        return shapely.GeometryCollection([*parts, *others])
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _insert(
    shape: BaseGeometry, rng: np.random.Generator, made: Callable[[np.ndarray, np.ndarray], list]
) -> BaseGeometry:
    """New corners after a random corner; ``made`` gets that corner and the unit vector to the next one."""

    def change(corners: np.ndarray) -> np.ndarray:
        at = int(rng.integers(len(corners) - 1))
        along = corners[at + 1] - corners[at]
        length = float(np.hypot(*along)) or 1.0
        return np.insert(corners, at + 1, made((corners[at] + corners[at + 1]) / 2, along / length), axis=0)

    return _with_shell(shape, change)


def _bow_tie(shape: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    size = float(rng.uniform(0.5, 1.8))

    def eight(middle: np.ndarray, along: np.ndarray) -> list:
        across = np.array([-along[1], along[0]])
        return [middle + size * (along + across), middle + size * (across - along), middle - size * across]

    return _insert(shape, rng, eight)


def _spike(shape: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    direction, length = rng.uniform(0, 2 * np.pi), rng.uniform(5, 80)
    tip = np.array([np.cos(direction), np.sin(direction)]) * length
    return _insert(shape, rng, lambda middle, _: [middle, middle + tip, middle])


def _tiny_hole(shape: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return valid.difference(valid.representative_point().buffer(float(rng.uniform(0.5, 1.5)), quad_segs=2))


def _collapsed(shape: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    x, y = shapely.get_coordinates(shape)[int(rng.integers(shapely.get_num_coordinates(shape)))]
    return shapely.MultiPolygon([*parts, shapely.Polygon([(x, y), (x + 40, y + 9), (x, y), (x, y)])])


def _collection(shape: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    x, y = shapely.get_coordinates(shape)[0]
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    line = shapely.LineString([(x, y), (x + 300, y + float(rng.uniform(-300, 300)))])
    return shapely.GeometryCollection([*parts, line, shapely.Point(x, y)])


def _halves(shape: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    west, south, east, north = valid.bounds
    left = shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)
    return valid.intersection(left), valid.difference(left)


ROW_DAMAGES: dict[str, Callable[[BaseGeometry], tuple[BaseGeometry, BaseGeometry]]] = {
    "repeated": lambda shape: (shape, shape),
    "halves": _halves,
}
BORDER_DAMAGES = {"gap": _gap, "overlap": _overlap}
SHAPE_DAMAGES: dict[str, Callable[[BaseGeometry, np.random.Generator], BaseGeometry]] = {
    "jitter": lambda shape, rng: _with_shell(shape, lambda corners: corners + rng.uniform(-0.7, 0.7, corners.shape)),
    "bow_tie": _bow_tie,
    "spike": _spike,
    "doubled_corners": lambda shape, rng: _with_shell(
        shape, lambda c: np.repeat(c, rng.integers(1, 4, len(c)), axis=0)
    ),
    "reversed": lambda shape, _: shapely.reverse(shape),
    "tiny_hole": _tiny_hole,
    "collapsed": _collapsed,
    "collection": _collection,
    "multi": lambda shape, _: shapely.MultiPolygon([p for p in getattr(shape, "geoms", [shape]) if p.area > 0]),
}
KINDS = (*ROW_DAMAGES, *BORDER_DAMAGES, *SHAPE_DAMAGES)
"""All kinds of damage: each on its own, or any of them one after the other."""
