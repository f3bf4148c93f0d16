"""The coordinate system of an office's layer: what the file says, checked against where the district lies.

Layers arrive with a coordinate system declared, forgotten, or wrong. Every system that a layer of the district could
be in (:mod:`geo.candidate_systems`) is tried; one is accepted only if it puts the features into the district's box,
and what was assumed is said. Two systems that both do so, and differ by more than the older datums differ, are told
apart by shapes whose position is known, or a person is asked. Systems with local parameters that are not public
(shifted or turned city grids) fit nothing here and are reported as unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.candidate_systems import Box, Candidate, Points, alike, candidates, declared_candidate, positions, to_lonlat
from geo.coordinates import to_cgcs2000
from geo.metres import (
    along_outline,
    bounds_of,
    geodesic_areas,
    median_distance,
    metric_crs,
    outline_of,
    shared_centroids,
)
from geo.recognition import COMPARABLE, SAME_PLACE, Fit, Recognition, describe

__all__ = ["Candidate", "Recognition", "candidates", "geodesic_areas", "metric_crs", "recognise", "to_lonlat"]

WIDENED: Final = 0.2
"""Share by which the district's box is widened, half of it on either side."""

MOST_POINTS: Final = 2000
"""Of a layer with more features, this many, evenly spread over its rows, stand for all."""

_LEAST_SHARE: Final = 0.5  # of the features, inside the box: below it a system does not fit
_NEAR_BEST: Final = 0.8  # of the best system's share: below it a system is out of the question
_STRAY: Final = 0.05  # of the features, on each side, may lie astray (at 0, 0) and not make the layer look larger
_FEWEST_SHARED: Final = 3


def recognise(
    layer: gpd.GeoDataFrame | Box,
    *,
    box: Box,
    declared: pyproj.CRS | str | int | None = None,
    reference: gpd.GeoDataFrame | None = None,
    key: str = "code",
) -> Recognition:
    """Which coordinate system ``layer`` is in.

    layer      shapes, or the bounds (least x, least y, greatest x, greatest y) of them as they stand in the file
    box        west, south, east, north of the district, degrees
    declared   what the file says; the frame's own CRS if left out
    reference  shapes whose position is known, in degrees: places with the same codes in column ``key``, or else shapes
               with the same outline

    A declared system stands if half of the features fall into the widened box, or the layer reaches over half of the
    box, unless the known shapes contradict it. A guess needs half of the features inside. Raises LayerError for a
    layer without any shape.
    """
    bounds, points = _representatives(layer)
    known = candidates(box)
    if declared is None and isinstance(layer, gpd.GeoDataFrame):
        declared = layer.crs
    said = None if declared is None else declared_candidate(declared, known)
    measure = _measure(layer, reference, key)
    fits = [_fit(one, points, box) for one in known]
    best = max(one.share for one in fits)
    fits = [one for one in fits if one.share >= max(_LEAST_SHARE, _NEAR_BEST * best)]
    first = _fit(said, points, box) if said else None
    if first and (first.share >= _LEAST_SHARE or _covers(first.candidate, bounds, box)):
        fits.insert(0, first)
    fits = [replace(one, distance=measure(one.candidate)) for one in _distinct(fits)]
    first = next((one for one in fits if one.candidate == said), first)
    rivals = _not_ruled_out(fits)
    chosen = _choose(rivals, said, box)
    if chosen is not None:
        fits.sort(key=lambda one: one is not chosen)
    return describe(chosen, fits, rivals, first, unreadable=declared is not None and said is None)


def _representatives(layer: gpd.GeoDataFrame | Box) -> tuple[Box, Points]:
    """Bounds of the layer without its outermost features, and a point in each feature, in its own numbers."""
    if isinstance(layer, gpd.GeoDataFrame):
        bounds_of(layer)  # says what to do about a layer without any shape
        shapes = layer.geometry.to_numpy()
        shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
        each = shapely.bounds(shapes)
        west, south = np.quantile(each[:, :2], _STRAY, axis=0, method="higher").tolist()
        east, north = np.quantile(each[:, 2:], 1 - _STRAY, axis=0, method="lower").tolist()
        some = shapes[np.linspace(0, len(shapes) - 1, min(len(shapes), MOST_POINTS)).astype(int)]
        return (west, south, east, north), shapely.get_coordinates(shapely.point_on_surface(some))
    if not np.isfinite(layer).all():
        raise ValueError(f"{layer} are no bounds.")
    return layer, _lattice(layer)


def _lattice(bounds: Box) -> Points:
    west, south, east, north = bounds
    return np.stack(np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9)), axis=-1).reshape(-1, 2)


def _fit(one: Candidate, points: Points, box: Box) -> Fit:
    places = positions(one, points)
    return Fit(one, places, share=float(np.mean(_inside(places, box))))


def _inside(places: Points, box: Box) -> NDArray[np.bool_]:
    low, high = np.array(box[:2]), np.array(box[2:])
    room = (high - low) * WIDENED / 2
    return np.asarray(((places >= low - room) & (places <= high + room)).all(axis=1))


def _covers(one: Candidate, bounds: Box, box: Box) -> bool:
    """The layer reaches over at least half of the box: a city's or a province's layer, of which this is a part."""
    places = positions(one, _lattice(bounds))
    if np.isnan(places).any():
        return False
    low, high = np.array(box[:2]), np.array(box[2:])
    common = np.minimum(places.max(axis=0), high) - np.maximum(places.min(axis=0), low)
    return bool(common.min() > 0 and common.prod() >= (high - low).prod() / 2)


def _distinct(fits: list[Fit]) -> list[Fit]:
    """The fits without those that say the same, to the centimetre, as an earlier one."""
    kept: list[Fit] = []
    for one in fits:
        if not any(one.apart(other) < 0.01 for other in kept):
            kept.append(one)
    return kept


def _measure(
    layer: gpd.GeoDataFrame | Box, reference: gpd.GeoDataFrame | None, key: str
) -> Callable[[Candidate], float]:
    """What gives the median distance in metres between the layer, read in a candidate, and the known shapes; or NaN."""
    if reference is None or not isinstance(layer, gpd.GeoDataFrame):
        return lambda one: np.nan
    known = to_cgcs2000(reference, datum="CGCS2000")
    if key in layer.columns and key in known.columns:
        centres, true_centres = shared_centroids(layer, known, key=key)
        if len(centres) >= _FEWEST_SHARED:
            return lambda one: median_distance(positions(one, centres), true_centres)
    outline = along_outline(layer)
    if not len(outline) or shapely.is_empty(outline_of(known)):
        return lambda one: np.nan
    plane = metric_crs(known)
    true_outline = outline_of(known.to_crs(plane))
    to_plane = pyproj.Transformer.from_crs("EPSG:4490", plane, always_xy=True)

    def from_outline(one: Candidate) -> float:
        points = shapely.points(np.column_stack(to_plane.transform(*positions(one, outline).T)))
        return float(np.median(shapely.distance(points, true_outline)))

    return from_outline


def _not_ruled_out(fits: list[Fit]) -> list[Fit]:
    """The fits that the known shapes leave possible: less than twice as far, or 10 metres farther, than the nearest."""
    measured = [one.distance for one in fits if not np.isnan(one.distance)]
    if not measured or min(measured) > COMPARABLE:
        return fits
    nearest = min(measured)
    return [one for one in fits if one.distance < max(2 * nearest, nearest + 10)]


def _choose(rivals: list[Fit], said: Candidate | None, box: Box) -> Fit | None:
    """What is declared if it is left; else its like (axes swapped, zone number written or not); else the only one."""
    for one in rivals:
        if one.candidate == said:
            return one
    for one in rivals:
        if said is not None and alike(said, one.candidate, box):
            return one
    if rivals and all(rivals[0].apart(one) <= SAME_PLACE for one in rivals):
        return rivals[0]
    return None
