"""Deliveries of an office, whole and damaged, in every format and coordinate system, come in as they should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from sqlalchemy.engine import Engine

from data_access.boundaries import read_layers
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.delivery import look_at_delivery
from data_access.errors import UserError
from geo.coordinates import wgs84_to_bd09, wgs84_to_gcj02
from tests.data_access.delivered import VILLAGE_LAYER, bring, farthest, gpkg, require_sound, said, shapes_of
from tests.data_access.office_deliveries import (
    FORMATS,
    damaged,
    shapefile_zip,
    villages,
)
from tests.data_access.small_district import registers
from tests.data_access.surveyed_district import survey
from tests.geo.damaged_layers import KINDS


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The registers of the small district under a schematic layer that lies where the district lies."""
    made = registers(f"sqlite:///{tmp_path / 'district.db'}", tmp_path)
    survey(made, precision="schematic")
    yield made
    made.dispose()


# ---- formats and encodings


@pytest.mark.parametrize("name", [one for one in FORMATS if one != "Shapefile without .prj"])
def test_every_format_and_encoding_comes_in(engine: Engine, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    path = FORMATS[name](villages(), folder)
    looked = look_at_delivery(engine, path)
    (layer,) = looked["layers"]
    guess = layer["guess"]
    assert (guess["level"], guess["matched"], layer["features"]) == ("village", 6, 6)
    assert looked["places"] == {"township": 2, "village": 6}
    assert guess["system"] in ("EPSG:4490", "EPSG:4326")
    if "Shapefile" in name:
        assert (
            layer["columns"]["名称"] == ("城兴社区", "东裕社区", "翻石渡村")
            or layer["columns"]["名称"][0] == "城兴社区"
        )
    found = bring(engine, path, DeliveryChoices(villages=layer["name"]))
    require_sound(engine, found["layer"], villages())
    assert farthest(engine, found["layer"]) < 1e-5
    assert "6 个图形中有 6 个对上了村社名录" in said(found)
    assert said(found, kind="look") == ""


@pytest.mark.parametrize(("encoding", "words"), [("GB18030", "文字按 GB18030 读取"), ("UTF-8", "文字按 UTF-8 读取")])
def test_texts_without_a_named_encoding_are_judged_and_that_is_said(
    engine: Engine, tmp_path: Path, encoding: str, words: str
) -> None:
    path = shapefile_zip(villages().drop(columns="代码"), tmp_path, encoding=encoding, cpg=False, prj=True)
    found = bring(engine, path)
    assert words in said(found)
    assert found["townships"] == 2 and found["villages"] == 6  # by their names alone


def test_the_columns_that_were_used_and_the_choices_stand_in_the_report(engine: Engine, tmp_path: Path) -> None:
    found = bring(engine, gpkg(villages(), tmp_path))
    assert {name: found["columns"]["village"][name] for name in ("code", "name", "township")} == {
        "code": "代码", "name": "名称", "township": "镇街",
    }  # fmt: skip
    assert DeliveryChoices.from_json(found["choices"]) == VILLAGE_LAYER
    (layer, _) = read_layers(engine)
    assert layer.origin.report == {name: value for name, value in found.items() if name != "layer"}


# ---- damage


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_damage_is_mended(engine: Engine, tmp_path: Path, kind: str) -> None:
    path = gpkg(damaged(kind), tmp_path, geometry_type="Unknown")
    found = bring(engine, path)
    require_sound(engine, found["layer"], villages())
    assert found["villages"] == 6


DAMAGE_WORDS = {
    "repeated": "2 个村社有不止一个图形，已合并",
    "halves": "2 个村社有不止一个图形，已合并",
    "overlap": "对地方互相重叠",
    "bow_tie": "个面自相交，已修复",
    "collection": "2 个混合图形只保留了其中的面",
}


@pytest.mark.parametrize("kind", DAMAGE_WORDS)
def test_what_was_mended_is_said(engine: Engine, tmp_path: Path, kind: str) -> None:
    found = bring(engine, gpkg(damaged(kind), tmp_path, geometry_type="Unknown"))
    assert DAMAGE_WORDS[kind] in said(found)
    assert said(found, "en").count("\n") == said(found).count("\n")


def test_a_narrow_gap_between_villages_is_closed_and_that_is_said(engine: Engine, tmp_path: Path) -> None:
    frame = villages()
    sliver = shapely.box(121.53999, 29.805, 121.54003, 29.815)  # 4 m wide, between the second and the third
    frame.geometry = frame.geometry.difference(sliver)
    found = bring(engine, gpkg(frame, tmp_path))
    require_sound(engine, found["layer"], villages())
    assert "1 处窄于 5 米的缝隙" in said(found) and "已并入相邻的地方" in said(found)


def test_a_hole_inside_a_village_stays_a_hole(engine: Engine, tmp_path: Path) -> None:
    frame = villages()
    pond = shapely.box(121.545, 29.808, 121.549, 29.812)
    frame.geometry = frame.geometry.difference(pond)
    found = bring(engine, gpkg(frame, tmp_path))
    require_sound(engine, found["layer"], frame)
    village = shapes_of(engine, found["layer"]).set_index("code").geometry["330212110001"]
    assert len(village.interiors) == 1
    assert "保留为空白" in said(found)


# ---- coordinate systems

CITY = "+proj=tmerc +lat_0=0 +lon_0=121.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
TOLD = ("EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:4528", "EPSG:4550", "EPSG:4529", "EPSG:32651", "EPSG:3857", CITY)


@pytest.mark.parametrize("crs", TOLD)
def test_a_declared_system_is_followed(engine: Engine, tmp_path: Path, crs: str) -> None:
    found = bring(engine, gpkg(villages().to_crs(crs), tmp_path))
    assert farthest(engine, found["layer"]) < 1e-5
    assert "按文件声明读取" in said(found)


@pytest.mark.parametrize("crs", ["EPSG:4528", "EPSG:4529", "EPSG:4549", "EPSG:3857", CITY])
def test_a_system_that_is_not_declared_is_recognised_and_said_to_be_assumed(
    engine: Engine, tmp_path: Path, crs: str
) -> None:
    path = shapefile_zip(villages().to_crs(crs), tmp_path, encoding="GB18030", cpg=False, prj=False)
    found = bring(engine, path)
    assert farthest(engine, found["layer"]) < 1e-5
    assert "文件没有声明坐标系" in said(found, kind="look")


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4528", "EPSG:4490"])
def test_swapped_axes_are_recognised(engine: Engine, tmp_path: Path, crs: str) -> None:
    frame = villages().to_crs(crs)
    frame.geometry = gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]))
    frame = frame.set_crs(crs)
    path = shapefile_zip(frame, tmp_path, encoding="GB18030", cpg=False, prj=False)
    guess = look_at_delivery(engine, path)["layers"][0]["guess"]
    assert guess["swapped"] is True
    found = bring(engine, path)
    assert farthest(engine, found["layer"]) < 1e-5
    assert "先北后东" in said(found)


def test_two_systems_that_both_fit_are_asked_and_a_person_may_say(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    path = FORMATS["Shapefile without .prj"](villages(), folder)
    with pytest.raises(UserError) as refused:
        bring(engine, path)
    assert "EPSG:4550" in refused.value.zh and "请指定坐标系" in refused.value.zh
    assert len(read_layers(engine)) == 1
    found = bring(engine, path, DeliveryChoices(villages="村界", system="EPSG:4550"))
    assert farthest(engine, found["layer"]) < 1e-5
    assert "EPSG:4550" in said(found)
    assert said(found, kind="look") == ""


def test_shapes_whose_position_is_known_tell_them_apart(engine: Engine, tmp_path: Path) -> None:
    survey(engine)
    folder = tmp_path / "office"
    folder.mkdir()
    found = bring(engine, FORMATS["Shapefile without .prj"](villages(), folder))
    assert farthest(engine, found["layer"]) < 1e-5
    assert "EPSG:4550" in said(found)


def test_a_person_who_names_another_system_than_the_coordinates_is_warned(engine: Engine, tmp_path: Path) -> None:
    path = shapefile_zip(villages().to_crs("EPSG:4549"), tmp_path, encoding="GB18030", cpg=False, prj=False)
    found = bring(engine, path, DeliveryChoices(villages="村界", system="EPSG:4550"))
    assert "EPSG:4549" in said(found, kind="look") and "与指定的不同" in said(found)


@pytest.mark.parametrize("system", ["EPSG:99999", "宁波坐标系", "/etc/passwd", ""])
def test_a_name_that_is_no_system_is_refused(engine: Engine, tmp_path: Path, system: str) -> None:
    with pytest.raises(UserError, match="no known coordinate system"):
        bring(engine, gpkg(villages(), tmp_path), DeliveryChoices(villages="村界", system=system))


@pytest.mark.parametrize(("datum", "shift"), [("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)])
def test_a_shifted_layer_is_warned_of_beside_a_surveyed_one_then_converted_and_recorded(
    engine: Engine, tmp_path: Path, datum: str, shift: Any
) -> None:
    survey(engine)
    frame = villages()
    frame.geometry = gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), shift), crs="EPSG:4490")
    path = gpkg(frame, tmp_path)
    as_it_is = bring(engine, path)
    assert datum in said(as_it_is, kind="look")
    assert farthest(engine, as_it_is["layer"]) > 0.003
    found = bring(engine, path, DeliveryChoices(villages="村界", datum=datum))
    assert farthest(engine, found["layer"]) < 1e-5
    assert f"坐标已由 {datum} 换算为 CGCS2000" in said(found)
    assert said(found, kind="look") == ""
    assert read_layers(engine)[0].origin.datum == datum
