"""Schematic layers drawn from the register, for a district without boundaries or inside given townships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.boundaries import LayerOrigin, add_layer, read_layers
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.schematic import bring_schematic
from data_access.engine import writing
from data_access.errors import UserError
from tests.data_access.delivered import bring, gpkg, said, shapes_of
from tests.data_access.office_deliveries import (
    townships,
)
from tests.data_access.small_district import registers
from tests.data_access.surveyed_district import VILLAGES, squares, survey


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The registers of the small district under a schematic layer that lies where the district lies."""
    made = registers(f"sqlite:///{tmp_path / 'district.db'}", tmp_path)
    survey(made, precision="schematic")
    yield made
    made.dispose()


# ---- schematic layers from the register


def test_a_schematic_layer_is_drawn_from_the_register_and_waits(engine: Engine) -> None:
    found = bring_schematic(engine, by="li", at="10.0.0.8")
    layer = read_layers(engine)[0]
    assert (layer.id, layer.accepted, layer.surveyed) == (found["layer"], False, False)
    assert (layer.townships, layer.villages) == (2, 6)
    below, above = shapes_of(engine, layer.id), shapes_of(engine, layer.id, "township")
    for frame in (below, above):
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())
        assert frame.contains(
            gpd.GeoSeries(gpd.points_from_xy(frame["label_lon"], frame["label_lat"]), crs=frame.crs)
        ).all()
    assert "虚构" in said(found, kind="look") and "invented" in said(found, "en", kind="look")


def test_villages_are_drawn_inside_the_townships_of_a_layer(engine: Engine, tmp_path: Path) -> None:
    choices = DeliveryChoices(townships="镇界", source="规划局", review_number="浙S1", attribution="测绘院")
    real = bring(engine, gpkg(townships(), tmp_path, layer="镇界"), choices)
    found = bring_schematic(engine, within=real["layer"], by="li")
    layer = next(one for one in read_layers(engine) if one.id == found["layer"])
    assert not layer.surveyed and layer.origin.name.startswith("村界（村社为示意）")
    assert (layer.origin.source, layer.origin.review_number, layer.origin.attribution) == ("规划局", "浙S1", "测绘院")
    true = shapes_of(engine, real["layer"], "township").geometry.to_numpy()
    drawn = shapes_of(engine, layer.id, "township").geometry.to_numpy()
    assert shapely.area(shapely.symmetric_difference(true, drawn)).max() < 1e-6
    assert len(shapes_of(engine, layer.id)) == 6
    assert {one.id for one in read_layers(engine) if not one.accepted} == {real["layer"], layer.id}


def test_places_of_townships_without_a_polygon_are_named_and_left_out(engine: Engine, tmp_path: Path) -> None:
    real = bring(engine, gpkg(townships().iloc[[1]], tmp_path, layer="镇界"), DeliveryChoices(townships="镇界"))
    found = bring_schematic(engine, within=real["layer"], by="li")
    assert (found["townships"], found["villages"]) == (
        1,
        len([one for one in VILLAGES if one[:9] == only(engine, real)]),
    )
    assert "未画出" in said(found, kind="look")


def only(engine: Engine, found: dict[str, Any]) -> str:
    (code,) = shapes_of(engine, found["layer"], "township")["code"]
    return str(code)


def test_a_schematic_layer_drawn_again_takes_the_place_of_the_one_that_waited(engine: Engine) -> None:
    first = bring_schematic(engine, by="li")["layer"]
    other = bring_schematic(engine, by="wang")["layer"]
    second = bring_schematic(engine, by="li")["layer"]
    assert {one.id for one in read_layers(engine) if not one.accepted} == {second, other}
    assert first not in {second, other}


def test_seats_of_villages_are_read_off_the_sites_in_them(engine: Engine) -> None:
    with writing(engine) as connection:
        moved = sa.text("UPDATE site SET lon = 121.6, lat = 29.8, place_code = '330212110001', located_by = 'stated'")
        connection.execute(moved)
    found = bring_schematic(engine, by="li")
    frame = shapes_of(engine, found["layer"])
    west, south, east, north = frame.total_bounds
    assert west < 121.6 < east and south < 29.8 < north
    assert not found["unplaced"] and "1 个村社的大致位置取自其中小区和企业的坐标" in said(found)


def test_a_layer_without_townships_cannot_be_divided(engine: Engine) -> None:
    number = add_layer(engine, squares(), LayerOrigin(name="只有村", source="x"), by="li")
    with pytest.raises(UserError, match="no townships to be divided"):
        bring_schematic(engine, within=number, by="li")
