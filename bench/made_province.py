"""A made-up province of many villages: cells of a grid whose shared borders wander, so that neighbours fit exactly."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

BOX = (118.0, 27.0, 122.9, 31.2)
"""West, south, east, north in degrees: about the extent of Zhejiang."""
SIDE_POINTS = 11
"""Points of one side of a cell without its end: 44 a village, as the district's villages have on average."""


def made_province(places: int, *, seed: int = 1) -> gpd.GeoDataFrame:
    """About ``places`` polygons (whole rows of a grid) with code, name and geometry (EPSG:4490)."""
    rows = max(1, round(places**0.5))
    columns = max(1, -(-places // rows))
    random = np.random.default_rng(seed)
    corners = _corners(rows, columns, random)
    across = _sides(corners[:, :-1], corners[:, 1:], random)
    along = _sides(corners[:-1, :], corners[1:, :], random)
    back, down = _backwards(across[1:], corners[1:, 1:]), _backwards(along[:, :-1], corners[1:, :-1])
    rings = np.concatenate([across[:-1], along[:, 1:], back, down], axis=2).reshape(rows * columns, -1, 2)[:places]
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    count = len(rings)
    owners = np.repeat(np.arange(count), rings.shape[1])
    shapes = shapely.polygons(shapely.linearrings(rings.reshape(-1, 2), indices=owners))
    names = [f"第{number}村" for number in range(1, count + 1)]
    codes = [f"{33_000_000_0000 + number}" for number in range(count)]
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=shapes, crs="EPSG:4490")


def _corners(rows: int, columns: int, random: np.random.Generator) -> NDArray[np.float64]:
    west, south, east, north = BOX
    x, y = np.meshgrid(np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1))
    step = np.array([(east - west) / columns, (north - south) / rows])
    moved = np.stack([x, y], axis=-1) + random.uniform(-0.25, 0.25, (rows + 1, columns + 1, 2)) * step
    return np.asarray(moved, dtype=np.float64)


def _sides(start: NDArray[np.float64], end: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Points from each start towards its end (not with it), off the straight line by up to a fiftieth of its length."""
    share = np.arange(SIDE_POINTS) / SIDE_POINTS
    line = start[:, :, None] + (end - start)[:, :, None] * share[:, None]
    length = np.linalg.norm(end - start, axis=-1)[:, :, None, None]
    shake = random.uniform(-0.02, 0.02, line.shape) * length
    shake[:, :, 0] = 0
    return np.asarray(line + shake, dtype=np.float64)


def _backwards(sides: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same sides walked from their end: the end first, the start left out."""
    return np.concatenate([end[:, :, None], sides[:, :, :0:-1]], axis=2)
