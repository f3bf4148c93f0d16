"""Deliveries brought on record in tests: short words for what every test of them does and asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from sqlalchemy.engine import Engine

from data_access.boundaries import read_boundary_layer
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.delivery import bring_delivery
from geo.metres import geodesic_areas
from tests.data_access.office_deliveries import (
    townships,
    villages,
    written,
)

VILLAGE_LAYER = DeliveryChoices(villages="村界")


def gpkg(frame: gpd.GeoDataFrame, folder: Path, *, layer: str = "村界", **options: object) -> Path:
    return written(frame, folder / "村界.gpkg", "GPKG", layer=layer, **options)


def bring(engine: Engine, path: Path, choices: DeliveryChoices = VILLAGE_LAYER) -> dict[str, Any]:
    return bring_delivery(engine, path, choices, by="li")


def said(found: dict[str, Any], lang: str = "zh", *, kind: str | None = None) -> str:
    return "\n".join(one[lang] for one in found["sentences"] if kind in (None, one["kind"]))


def shapes_of(engine: Engine, number: int, level: str = "village") -> gpd.GeoDataFrame:
    return read_boundary_layer(engine, layer=number, level=level)


def require_sound(engine: Engine, number: int, truth: gpd.GeoDataFrame, *, allowed: float = 0.005) -> None:
    """Both levels are valid coverages, townships are their villages put together, and areas are those of `truth`."""
    below, above = shapes_of(engine, number), shapes_of(engine, number, "township")
    for frame in (below, above):
        assert frame.is_valid.all()
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    joined = below.dissolve(by="parent").geometry
    for code, shape in zip(above["code"], above.geometry, strict=True):
        assert shapely.equals(shapely.normalize(joined[code]), shapely.normalize(shape))
    wanted = dict(zip(truth["代码"], geodesic_areas(truth), strict=True))
    for code, area in zip(below["code"], geodesic_areas(below), strict=True):
        assert area == pytest.approx(wanted[code], rel=allowed)
    assert list(below["code"]) == sorted(wanted)


def farthest(engine: Engine, number: int) -> float:
    """Greatest distance in degrees of a village's middle from where it truly is."""
    frame = shapes_of(engine, number).set_index("code")
    true = villages().set_index("代码")
    apart = [frame.geometry[code].centroid.distance(true.geometry[code].centroid) for code in true.index]
    return max(apart)


def both(folder: Path, below: gpd.GeoDataFrame | None = None) -> Path:
    path = gpkg(villages() if below is None else below, folder)
    return written(townships(), path, "GPKG", layer="镇界", append=True)
