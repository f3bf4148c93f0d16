"""What is brought changes nothing, and what cannot be used is refused with a sentence, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access import job_folders, job_watch
from data_access.boundaries import present_layer, read_layers
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.delivery import look_at_delivery
from data_access.boundary_delivery.schematic import bring_schematic
from data_access.engine import writing
from data_access.errors import UserError
from data_access.jobs import start_job, wait_for
from tests.data_access.delivered import VILLAGE_LAYER, both, bring, farthest, gpkg, require_sound, shapes_of
from tests.data_access.office_deliveries import (
    packed_bomb,
    scribble,
    villages,
)
from tests.data_access.small_district import registers
from tests.data_access.surveyed_district import survey


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The registers of the small district under a schematic layer that lies where the district lies."""
    made = registers(f"sqlite:///{tmp_path / 'district.db'}", tmp_path)
    survey(made, precision="schematic")
    yield made
    made.dispose()


# ---- nothing counts, nothing is kept


def test_what_is_brought_waits_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    before = present_layer(engine)
    bring(engine, gpkg(villages(), tmp_path))
    assert present_layer(engine) == before


REFUSED = {
    "no such layer": (lambda frame: frame, DeliveryChoices(villages="别的"), "没有图层“别的”"),
    "no layer chosen": (lambda frame: frame, DeliveryChoices(), "还没有选择图层"),
    "one layer twice": (
        lambda frame: frame, DeliveryChoices(villages="村界", townships="村界"), "不能既是村社又是镇街"),
    "an unknown datum": (
        lambda frame: frame, DeliveryChoices(villages="村界", datum="XX-1"), "没有名为“XX-1”的坐标基准"),
    "too coarse": (lambda frame: frame, DeliveryChoices(villages="村界", tolerance=5000.0), "请填 0 到 500 之间的数"),
    "no such column": (
        lambda frame: frame, DeliveryChoices(villages="村界", columns={"village": {"code": "编码"}}),
        "没有“编码”这一列"),
    "no place named": (
        lambda frame: frame[["geometry"]].assign(面积=range(6)), VILLAGE_LAYER, "看不出哪一列写明了村社"),
    "strange names": (
        lambda frame: frame[["geometry"]].assign(n=[f"外地{one}" for one in range(6)]),
        DeliveryChoices(villages="村界", columns={"village": {"name": "n"}}), "没有一个图形对得上村社名录"),
    "of the other level": (lambda frame: frame, DeliveryChoices(townships="村界"), "看不出哪一列写明了镇街"),
    "far away": (
        lambda frame: frame.set_geometry(frame.geometry.translate(-30, 5)), VILLAGE_LAYER, "请指定坐标系"),
    "scribbled": (lambda frame: scribble(60_000), VILLAGE_LAYER, "反复自相交"),
    "answered wrongly": (
        lambda frame: frame, DeliveryChoices(villages="村界", answers={"village": {0: "1"}}),
        "没有代码为 1 的现有村社"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_with_what_to_do_and_nothing_is_kept(
    engine: Engine, tmp_path: Path, case: str
) -> None:
    change, choices, words = REFUSED[case]
    path = gpkg(change(villages()), tmp_path)
    with pytest.raises(UserError) as refused:
        bring(engine, path, choices)
    assert words in refused.value.zh
    assert refused.value.en.isascii() or any(name in refused.value.en for name in ("村界", "编码", "别的", "代码"))
    assert len(read_layers(engine)) == 1


HOSTILE = {
    "v.mdb": (b"\0\1\0\0Standard Jet DB\0" + bytes(200), "Access"),
    "v.zip": (b"PK\x03\x04" + bytes(50), "zip"),
    "v.gpkg": (b"SQLite format 3\0" + bytes(300), "重新导出"),
    "v.geojson": (b'{"type":"FeatureCollection","features":[', "重新导出"),
    "v.exe": (b"MZ" + bytes(500), "GeoPackage"),
    "v.json": (b"", "空"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_layer_is_refused_in_both_languages(engine: Engine, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name][0])
    with pytest.raises(UserError) as refused:
        look_at_delivery(engine, tmp_path / name)
    assert "“v" in refused.value.zh and refused.value.zh.endswith("。")
    assert "“v" in refused.value.en and refused.value.en.endswith(".")
    assert HOSTILE[name][1] in refused.value.zh


@pytest.mark.parametrize("path", ["/vsicurl/http://example.org/a.geojson", "/vsizip//tmp/a.zip/b.shp", "没有的.gpkg"])
def test_addresses_and_paths_into_archives_are_never_opened(engine: Engine, path: str) -> None:
    with pytest.raises(UserError, match="Upload it again"):
        look_at_delivery(engine, Path(path))


def test_more_layers_than_are_looked_at_are_named_as_such(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_access.boundary_delivery.delivery.MOST_LAYERS", 1)
    layers = look_at_delivery(engine, both(tmp_path))["layers"]
    assert "guess" in layers[0] and "guess" not in layers[1]
    assert "单独存成一个文件" in layers[1]["why_not"][0]


@pytest.mark.slow
def test_a_layer_drawn_around_an_invented_place_does_not_say_where_the_district_lies(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE boundary_layer SET accepted_at = NULL"))
    number = bring_schematic(engine, by="li")["layer"]
    with writing(engine) as connection:
        connection.execute(sa.text(f"UPDATE boundary_layer SET accepted_at = brought_at WHERE id = {number}"))
    assert shapes_of(engine, number).total_bounds[0] < 110  # far from Ningbo
    found = bring(engine, gpkg(villages(), tmp_path))
    assert farthest(engine, found["layer"]) < 1e-5


# ---- jobs


@pytest.fixture
def jobs_folder(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where jobs run, on the database of the test, with little memory."""
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "uploads"))
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    yield
    for folder in job_folders.folders("jobs"):
        job_watch.ask_to_stop(folder)
    job_watch.wake()


@pytest.mark.usefixtures("jobs_folder")
@pytest.mark.parametrize("kind", ["look_boundaries", "bring_boundaries"])
def test_a_bomb_in_a_zip_is_refused_by_the_job(engine: Engine, tmp_path: Path, kind: Any) -> None:
    path = packed_bomb(tmp_path / "炸弹.zip", 60)
    assert path.stat().st_size < 200_000
    job = start_job(kind, by="li", path=path, file_name=path.name, choices=VILLAGE_LAYER.to_json())
    state = wait_for(job, by="li", seconds=60)
    assert state.state == "refused" and "炸弹.zip" in state.zh
    assert len(read_layers(engine)) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("jobs_folder")
def test_a_million_vertices_that_cross_themselves_are_refused_by_the_job(engine: Engine, tmp_path: Path) -> None:
    path = gpkg(scribble(1_000_000), tmp_path)
    job = start_job("bring_boundaries", by="li", path=path, file_name=path.name, choices=VILLAGE_LAYER.to_json())
    state = wait_for(job, by="li", seconds=120)
    assert state.state == "refused" and "反复自相交" in state.zh
    assert len(read_layers(engine)) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("jobs_folder")
def test_a_hundred_thousand_vertices_with_knots_are_mended_by_the_job(engine: Engine, tmp_path: Path) -> None:
    frame = villages()
    shapes = shapely.segmentize(frame.geometry.to_numpy(), 0.08 / 17_000)
    frame.geometry = gpd.GeoSeries([knotted(shape) for shape in shapes], crs=frame.crs)
    assert shapely.get_num_coordinates(frame.geometry.to_numpy()).sum() > 100_000
    assert not frame.is_valid.any()
    path = gpkg(frame, tmp_path)
    job = start_job("bring_boundaries", by="li", path=path, file_name=path.name, choices=VILLAGE_LAYER.to_json())
    state = wait_for(job, by="li", seconds=240)
    assert state.state == "done", (state.zh, state.en)
    require_sound(engine, (state.result or {})["layer"], villages())


def knotted(shape: shapely.Polygon) -> shapely.Polygon:
    """Every tenth pair of corners changed round, so that the border runs back upon itself and crosses."""
    points = shapely.get_coordinates(shape.exterior)[:-1]
    order = np.arange(len(points))
    at = np.arange(5, len(points) - 2, 10)
    order[at], order[at + 1] = at + 1, at
    bent = points[order] + np.column_stack([np.sin(order * 1.3), np.cos(order * 1.7)]) * 1e-7
    return shapely.Polygon([*bent, bent[0]])
