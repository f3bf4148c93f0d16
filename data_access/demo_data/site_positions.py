"""Where the estates and firms of the demonstration stand: invented points in the invented polygons of their villages.

Each site draws from a generator of its own, so that positions change no other draw and a site's position does not
depend on how many others there are. A few sites have none, and a few come from a web map and are shifted as its
positions are.
"""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd
import shapely

from data_access.demo_data.places import GEOGRAPHY, District
from data_access.demo_data.registers import Registers
from geo.coordinates import wgs84_to_gcj02

BLANK_SHARE = 0.03
SHIFTED_SHARE = 0.0012  # about seven sites
SHIFTED_WORD = "高德"
_STREAM = 70
_TRIES = 24  # points thrown into the bounding box at once
_DIGITS = 6


def with_positions(seed: int, district: District, registers: Registers) -> Registers:
    """The registers with three columns more each: ``lon`` and ``lat`` as the file writes them (text in degrees, "" for
    none), and ``coordinate_system``, "" but for the few in GCJ-02; and ``true_lon``, ``true_lat`` (CGCS2000, text)."""
    areas = _areas(tuple(district.villages["code"]))
    return Registers(
        estates=_positioned(registers.estates, areas, (seed, _STREAM, 0)),
        firms=_positioned(registers.firms, areas, (seed, _STREAM, 1)),
    )


@cache
def _areas(codes: tuple[str, ...]) -> list[shapely.Geometry]:
    """The polygon of each village, in order."""
    read = json.loads((GEOGRAPHY / "villages_schematic.geojson").read_text(encoding="utf-8"))
    drawn = {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in read["features"]}
    areas = [drawn[code] for code in codes]
    shapely.prepare(areas)
    return areas


def _positioned(sites: pd.DataFrame, areas: list[shapely.Geometry], stream: tuple[int, int, int]) -> pd.DataFrame:
    points = np.empty((len(sites), 2))
    drawn = np.empty(len(sites))
    for number, village in enumerate(sites["village"]):
        rng = np.random.default_rng([*stream, number])
        drawn[number] = rng.random()
        points[number] = _point_in(rng, areas[village])
    points = points.round(_DIGITS)
    blank = drawn < BLANK_SHARE
    shifted = (drawn >= BLANK_SHARE) & (drawn < BLANK_SHARE + SHIFTED_SHARE)
    written = points.copy()
    written[shifted] = wgs84_to_gcj02(points[shifted])
    texts = {
        name: np.where(blank, "", [f"{degree:.{_DIGITS}f}" for degree in column])
        for name, column in zip(("lon", "lat", "true_lon", "true_lat"), (*written.T, *points.T), strict=True)
    }
    return sites.assign(**texts, coordinate_system=np.where(shifted, SHIFTED_WORD, ""))


def _point_in(rng: np.random.Generator, area: shapely.Geometry) -> np.ndarray:
    """A point evenly spread over the polygon: the first of those thrown into its bounding box that falls inside."""
    west, south, east, north = area.bounds
    while True:
        tries = rng.random((_TRIES, 2)) * (east - west, north - south) + (west, south)
        inside = np.flatnonzero(shapely.contains_xy(area, *tries.round(_DIGITS).T))
        if len(inside):
            return tries[inside[0]]
