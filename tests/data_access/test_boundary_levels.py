"""Villages, townships or both in one delivery; places that are missing, unknown, closed, answered or brought again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from data_access.boundaries import LayerOrigin, add_layer, read_layers
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.delivery import bring_delivery, look_at_delivery
from data_access.engine import writing
from data_access.tables import place
from tests.data_access.delivered import VILLAGE_LAYER, both, bring, gpkg, require_sound, said, shapes_of
from tests.data_access.office_deliveries import (
    townships,
    villages,
    written,
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


# ---- levels


BOTH = DeliveryChoices(villages="村界", townships="镇界")


def test_both_levels_come_in_and_nest(engine: Engine, tmp_path: Path) -> None:
    path = both(tmp_path)
    levels = {one["name"]: one["guess"]["level"] for one in look_at_delivery(engine, path)["layers"]}
    assert levels == {"村界": "village", "镇界": "township"}
    found = bring(engine, path, BOTH)
    require_sound(engine, found["layer"], villages())
    assert "每个村社都在自己的镇街之内" in said(found)
    assert {one.get("level") for one in found["sentences"]} == {"village", "township", None}


def test_townships_alone_come_in_without_villages(engine: Engine, tmp_path: Path) -> None:
    found = bring(engine, gpkg(townships(), tmp_path, layer="镇界"), DeliveryChoices(townships="镇界"))
    assert (found["townships"], found["villages"]) == (2, 0)
    assert list(shapes_of(engine, found["layer"], "township")["code"]) == ["330212005", "330212110"]
    assert shapes_of(engine, found["layer"]).empty


def test_villages_alone_make_their_townships(engine: Engine, tmp_path: Path) -> None:
    found = bring(engine, gpkg(villages(), tmp_path))
    assert (found["townships"], found["villages"]) == (2, 6)
    require_sound(engine, found["layer"], villages())


def test_names_alone_are_told_apart_by_the_township_they_lie_in(engine: Engine, tmp_path: Path) -> None:
    """茅山 means two places, but with the kind only one; the delivered townships say where each lies."""
    below = villages()[["名称", "geometry"]]
    found = bring(engine, both(tmp_path, below), BOTH)
    require_sound(engine, found["layer"], villages())


def test_a_village_that_lies_in_another_township_than_its_code_says_is_named(engine: Engine, tmp_path: Path) -> None:
    below = villages()
    below[["代码", "名称"]] = below[["代码", "名称"]].iloc[[0, 2, 1, 3, 4, 5]].to_numpy()
    found = bring(engine, both(tmp_path, below.drop(columns="镇街")), BOTH)
    assert "东裕社区" in said(found, kind="look") and "翻石渡村" in said(found, kind="look")
    assert set(shapes_of(engine, found["layer"])["code"]) == set(VILLAGES)


# ---- places that are missing, unknown, answered


def test_unknown_shapes_are_listed_and_answers_put_them_in(engine: Engine, tmp_path: Path) -> None:
    frame = villages()
    frame.loc[2, ["代码", "名称"]] = [None, "某某新村"]
    frame.loc[4, ["代码", "名称"]] = [None, "水库"]
    path = gpkg(frame.drop(columns="镇街"), tmp_path)
    first = bring(engine, path)
    assert [(row["row"], row["name"]) for row in first["unmatched"]["village"]] == [(2, "某某新村"), (4, "水库")]
    assert {code for code, _ in first["missing"]["village"]} == {"330212110001", "330212110003"}
    assert first["villages"] == 4
    answers = {"village": {2: "330212110001", 4: ""}}
    second = bring(engine, path, DeliveryChoices(villages="村界", answers=answers))
    assert second["unmatched"]["village"] == []
    assert set(shapes_of(engine, second["layer"])["code"]) == set(VILLAGES) - {"330212110003"}
    assert "1 个图形按选定没有导入" in said(second)
    assert "茅山社区" in said(second, kind="look")


def test_the_same_file_brought_again_takes_the_place_of_what_waited(engine: Engine, tmp_path: Path) -> None:
    path = gpkg(villages(), tmp_path)
    first = bring(engine, path)
    second = bring(engine, path, DeliveryChoices(villages="村界", name="再来"))
    other = bring_delivery(engine, path, VILLAGE_LAYER, by="wang")
    names = {layer.id: layer.origin.name for layer in read_layers(engine) if not layer.accepted}
    assert names == {second["layer"]: "再来", other["layer"]: "村界"}
    assert first["layer"] not in names


def test_another_layer_without_a_file_is_not_dropped_for_a_folder_that_is_brought(
    engine: Engine, tmp_path: Path
) -> None:
    drawn = add_layer(engine, squares(), LayerOrigin(name="示意", source="x", precision="schematic"), by="li")
    folder = written(villages(), tmp_path / "村.gdb", "OpenFileGDB", layer="cunjie")
    choices = DeliveryChoices(villages=look_at_delivery(engine, folder)["layers"][0]["name"])
    first, second = bring(engine, folder, choices), bring(engine, folder, choices)
    assert {layer.id for layer in read_layers(engine) if not layer.accepted} == {drawn, second["layer"]}
    assert first["layer"] != second["layer"]


def test_a_closed_place_goes_to_its_successor_and_that_is_said(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        closing = place.update().where(place.c.code == "330212110003")
        connection.execute(closing.values(valid_to=dt.date(2021, 1, 1), successor="330212110004"))
    found = bring(engine, gpkg(villages(), tmp_path))
    assert "茅山社区居委会 → 茅山村委会" in said(found, kind="look")
    frame = shapes_of(engine, found["layer"]).set_index("code")
    assert len(frame) == 5
    true = villages().set_index("代码").geometry
    whole = true["330212110003"].union(true["330212110004"])
    assert frame.geometry["330212110004"].symmetric_difference(whole).area < 1e-9
