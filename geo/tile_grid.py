"""A tile for each place, all equal: the map for screens that may show no boundaries, not even invented ones.

The tiles stand in for shapes in the same frame of degrees, so everything that draws a layer draws them unchanged. They
are a table in the form of a map: no tile lies where its place lies, and nothing may be located or measured with them.
"""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import LayerError
from geo.neighbours import find_neighbours
from geo.tile_arrangement import Shape, block_arrangement, free_arrangement, middles, side_by_side

CRS: Final = "EPSG:4490"
PRECISION: Final = "tiles"
NOWHERE: Final = (105.0, 35.0)
TILE_DEGREES: Final = 0.03
"""Height of a tile of a district; only its proportion to the whole is ever seen."""

FILLED: Final = 0.92
"""Share of the width of a township's tile that its block of villages takes up."""

INSCRIBED: Final[dict[Shape, float]] = {"square": 1.0, "hexagon": math.sqrt(3) - 1}
"""Side of the largest upright square inside a tile, in tile widths."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def tile_grid(places: pd.DataFrame, *, shape: Shape = "square", block: bool = False) -> gpd.GeoDataFrame:
    """One tile for each place: code, name, parent, grid_column, grid_row, label_lon, label_lat, precision ("tiles"),
    geometry; EPSG:4490 in form only, sorted by code, a valid coverage around the middle of the places.

    places  places of one level: code, name, where known parent; and, the first of these that all have:
            grid_column and grid_row (whole numbers, row 0 in the north), taken as they are; polygons in degrees (a
            GeoDataFrame), whose middles and neighbours are kept as well as tiles can; lon and lat; else the order of
            the codes
    shape   "square" or "hexagon" (odd rows half a tile to the east)
    block   True fills a compact block, as for the villages of a township, and leaves given squares aside

    Raises LayerError for two places in one square, squares that are not whole numbers, or a repeated code; ValueError
    for an empty list.
    """
    listed = _sorted_places(places)
    squares = None if block else _given_squares(listed)
    if squares is None:
        squares = _arranged(listed, shape, block=block)
    centre = _centre(listed)
    middle = middles(squares, shape)
    half = (middle.min(axis=0) + middle.max(axis=0)) / 2
    stretch = 1 / math.cos(math.radians(centre[1]))
    step = np.array([TILE_DEGREES * stretch, -TILE_DEGREES])
    return _frame(listed, squares, shape, step=step, origin=np.array(centre) - half * step)


def tile_layers(
    villages: pd.DataFrame, townships: pd.DataFrame, *, shape: Shape = "square"
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Tiles of both levels in one drawing: (villages, townships), columns as in :func:`tile_grid`.

    The villages of a township are a compact block of equal tiles that fills the township's tile, so a page on one
    township shows them as large as they go. ``villages`` needs a column parent with the township's code. Raises as
    tile_grid, and LayerError for a village whose township is not among ``townships``.
    """
    upper = tile_grid(townships, shape=shape)
    lower = _sorted_places(villages)
    lost = sorted(set(lower.loc[~lower["parent"].isin(upper["code"]), "code"]))
    if lost:
        raise LayerError(
            zh=f"以下村社区所属的镇街没有方格：{'、'.join(lost[:5])}。请补上镇街或改正所属代码。",
            en=f"These villages belong to a township without a tile: {', '.join(lost[:5])}. Add it or correct it.",
        )
    frames = []
    for code, tile in zip(upper["code"], upper.geometry, strict=True):
        inside = lower[lower["parent"] == code].reset_index(drop=True)
        if inside.empty:
            continue
        squares = _arranged(inside, shape, block=True)
        frames.append(_frame(inside, squares, shape, **_fitted(squares, shape, tile)))
    empty = _frame(lower.iloc[:0], np.empty((0, 2), np.int64), shape, step=np.ones(2), origin=np.zeros(2))
    return (pd.concat(frames, ignore_index=True) if frames else empty), upper


def kept_neighbours(tiles: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame, *, shape: Shape = "square") -> float:
    """Share of the pairs of neighbours among ``shapes`` (code, polygons) whose tiles share an edge; NaN without pairs.

    Squares have four neighbours where places have five or six on average, so about two thirds is the most they can
    keep; hexagons have six.
    """
    cells = {
        code: (int(column), int(row))
        for code, column, row in zip(tiles["code"], tiles["grid_column"], tiles["grid_row"], strict=True)
    }
    found = find_neighbours(shapes.set_index("code").geometry, nearest=0)
    pairs = [(found.ids[one], found.ids[other]) for one, other in found.pairs.tolist() if one < other]
    known = [(cells[one], cells[other]) for one, other in pairs if one in cells and other in cells]
    return sum(side_by_side(one, other, shape) for one, other in known) / len(known) if known else math.nan


def _sorted_places(places: pd.DataFrame) -> pd.DataFrame:
    if places.empty:
        raise ValueError("there are no places to make tiles for.")
    listed = places.assign(code=places["code"].astype(str)).sort_values("code", kind="stable", ignore_index=True)
    twice = sorted(set(listed.loc[listed["code"].duplicated(), "code"]))
    if twice:
        raise LayerError(
            zh=f"清单中有重复代码：{'、'.join(twice[:5])}。请每个地点只保留一行。",
            en=f"These codes are there more than once: {', '.join(twice[:5])}. Keep one row for each place.",
        )
    if "parent" not in listed.columns:
        listed["parent"] = None
    return listed


def _given_squares(places: pd.DataFrame) -> Indices | None:
    """Columns and rows as they stand in the list; None unless every place has both."""
    if not {"grid_column", "grid_row"} <= set(places.columns):
        return None
    given = places[["grid_column", "grid_row"]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(given).all():
        return None
    broken = sorted(places.loc[(given != np.rint(given)).any(axis=1) | (given < 0).any(axis=1), "code"])
    if broken:
        raise LayerError(
            zh=f"以下地点的格网位置不是从 0 起的整数：{'、'.join(broken[:5])}。请改正格网列和格网行。",
            en=f"The squares of {', '.join(broken[:5])} are not whole numbers from 0. Correct their column and row.",
        )
    squares = np.rint(given).astype(np.int64)
    shared = pd.DataFrame(squares).duplicated(keep=False).to_numpy()
    if shared.any():
        codes = list(places.loc[shared, "code"])
        raise LayerError(
            zh=f"以下地点占用了同一个格子：{'、'.join(codes[:6])}。请给每个地点不同的格网位置。",
            en=f"These places share a square with another: {', '.join(codes[:6])}. Give each a square of its own.",
        )
    return squares


def _arranged(places: pd.DataFrame, shape: Shape, *, block: bool) -> Indices:
    """Cells by position and neighbours; row by row in the order of the codes where no position is known."""
    known = _positions(places)
    if known is None:
        order = np.arange(len(places))
        wide = math.ceil(math.sqrt(len(places)))
        return np.column_stack([order % wide, order // wide]).astype(np.int64)
    return (block_arrangement if block else free_arrangement)(*known, shape)


def _positions(places: pd.DataFrame) -> tuple[Floats, Indices] | None:
    """Where the places lie (east, south; one unit both ways) and who is whose neighbour; None if nobody knows."""
    if isinstance(places, gpd.GeoDataFrame):
        found = find_neighbours(places.set_index("code").geometry, nearest=0)
        degrees = shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy()))
        return _flat(degrees), found.pairs[found.pairs[:, 0] < found.pairs[:, 1]]
    if {"lon", "lat"} <= set(places.columns):
        degrees = places[["lon", "lat"]].to_numpy(dtype=np.float64)
        if np.isfinite(degrees).all():
            return _flat(degrees), np.empty((0, 2), dtype=np.int64)
    return None


def _flat(degrees: Floats) -> Floats:
    middle = (degrees[:, 1].min() + degrees[:, 1].max()) / 2
    return np.column_stack([degrees[:, 0] * math.cos(math.radians(middle)), -degrees[:, 1]])


def _centre(places: pd.DataFrame) -> tuple[float, float]:
    if isinstance(places, gpd.GeoDataFrame):
        west, south, east, north = (float(edge) for edge in places.total_bounds)
        return (west + east) / 2, (south + north) / 2
    if {"lon", "lat"} <= set(places.columns):
        seats = places[["lon", "lat"]].dropna()
        if len(seats):
            return float(seats["lon"].mean()), float(seats["lat"].mean())
    return NOWHERE


def _fitted(squares: Indices, shape: Shape, tile: shapely.Polygon) -> dict[str, Floats]:
    """Size and place of a block that fills a township's tile: ``step`` and ``origin`` for :func:`_frame`."""
    west, south, east, north = tile.bounds
    middle = middles(squares, shape)
    low, high = middle.min(axis=0), middle.max(axis=0)
    tile_height = 1.0 if shape == "square" else 2 / math.sqrt(3)
    size = float(max(high[0] - low[0] + 1, high[1] - low[1] + tile_height))
    share = FILLED * INSCRIBED[shape] / size
    step = np.array([(east - west) * share, -(north - south) / tile_height * share])
    return {"step": step, "origin": np.array([(west + east) / 2, (south + north) / 2]) - (low + high) / 2 * step}


def _frame(places: pd.DataFrame, squares: Indices, shape: Shape, *, step: Floats, origin: Floats) -> gpd.GeoDataFrame:
    """Tiles around ``origin`` (degrees of the middle of cell 0, 0), ``step`` degrees to the east and to the south."""
    middle = middles(squares, shape) * step + origin
    return gpd.GeoDataFrame(
        {
            "code": list(places["code"]),
            "name": list(places["name"]),
            "parent": list(places["parent"]),
            "grid_column": squares[:, 0],
            "grid_row": squares[:, 1],
            "label_lon": middle[:, 0],
            "label_lat": middle[:, 1],
            "precision": PRECISION,
        },
        geometry=[shapely.Polygon(_corners(cell, shape) * step + origin) for cell in squares.tolist()],
        crs=CRS,
    )


def _corners(cell: list[int], shape: Shape) -> Floats:
    """Corners of a cell in cell widths. Counted on a lattice first, so that neighbours share the very same numbers."""
    column, row = cell
    if shape == "square":
        around = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)]) + np.array([2 * column, 2 * row])
        return np.asarray(around / 2.0, dtype=np.float64)
    around = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1)]) + np.array([2 * column + row % 2, 3 * row])
    return np.asarray(around / [2.0, 2 * math.sqrt(3)], dtype=np.float64)
