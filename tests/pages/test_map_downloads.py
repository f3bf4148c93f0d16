"""A map taken away says the same as the one on the screen; the public is shown tiles; layers say whose they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import text as sql

from data_access.engine import create_engine, writing
from data_access.releases import DataVersion, current_data_version
from tests.pages.conftest import Open
from tests.pages.test_overview_page import component
from ui import cached_reads
from ui.address import MAP_COLOURS
from ui.map_downloads import FORMATS, file_name, map_file
from ui.measures import View, present_layer_number
from ui.payloads.map_ground import map_drawing
from ui.payloads.overview_payload import drawn_map, overview
from ui.payloads.township_payload import township_page

STATIC = Path(__file__).resolve().parents[2] / "static"


@pytest.fixture
def surveyed(demo_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> None:
    """The demonstration with its layer said to be surveyed, with a review number and an attribution."""
    copy = tmp_path / "surveyed.db"
    shutil.copy(demo_sqlite, copy)
    engine = create_engine(f"sqlite:///{copy}")
    with writing(engine) as connection:
        connection.execute(sql("UPDATE boundary_layer SET precision='surveyed', review_number='浙S(2026)1号', "
                               "attribution='某测绘院'"))  # fmt: skip
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{copy}")


def a_view(lang: str = "zh") -> tuple[View, DataVersion]:
    version = current_data_version(cached_reads.engine())
    assert version is not None and version.first_month is not None
    view = View(root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
                first_month=version.first_month, provisional_from=version.provisional_from, lang=lang,
                layer=present_layer_number())  # fmt: skip
    return view, version


def words_of(svg: bytes) -> str:
    return "".join(ElementTree.fromstring(svg.decode()).itertext())


@pytest.mark.parametrize("colours", MAP_COLOURS)
def test_the_sheet_holds_title_legend_source_and_watermark(
    demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None, colours: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    view, version = a_view()
    drawn = drawn_map(view, "resolution_rate", True, colours)
    shown = overview(view, "resolution_rate", True)
    sheet = map_file("svg", drawn, view=view, version=version, title=shown.title, period=shown.map_period)
    words = words_of(sheet).replace("\n", "")
    assert "示意图，非测绘成果，不代表行政区域界线" in words
    assert "演示数据" in words
    assert f"数据版本 {version.number}" in words
    for entry in drawn["legend"]:
        assert entry.word in words


def test_villages_are_taken_away_as_picture_and_as_page(
    demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    view, version = a_view("en")
    villages = township_page(view, "330212110", "prevention_compliance", True).villages
    assert villages is not None
    given = {"view": view, "version": version, "title": villages.map_title, "period": villages.map_period}
    files = {kind: map_file(kind, villages.drawn("verdict"), **given) for kind in FORMATS}
    assert files["png"].startswith(b"\x89PNG")
    assert files["pdf"].startswith(b"%PDF")
    assert files["svg"].startswith(b"<svg")
    assert file_name("a/b: c", "2022", version, kind="png", lang="en") == "Demonstration data_a_b_c_2022.png".replace(
        " ", "_"
    )


def test_a_surveyed_layer_names_its_maker_and_review_number_on_screen_and_paper(surveyed: None) -> None:
    view, version = a_view()
    drawn = drawn_map(view, "resolution_rate", True, "verdict")
    assert drawn["watermark"] == "某测绘院 · 审图号：浙S(2026)1号"
    words = words_of(map_file("svg", drawn, view=view, version=version, title="标题", period="2022年"))
    assert words.count("审图号：浙S(2026)1号") == 1
    assert "示意图" not in words


def test_screens_for_the_public_show_tiles_instead_of_invented_shapes(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAP_PUBLIC_MODE", "1")  # an installation has it from its start: what is cached has one value
    tiles = component(open_app(), "choropleth")
    assert "方格图" in tiles["watermark"]
    drawing = json.loads((STATIC.parent / tiles["geometry"].removeprefix("app/")).read_text(encoding="utf-8"))
    boxes = {tuple(round(part, -1) for part in (box[2] - box[0], box[3] - box[1])) for box in drawing["boxes"].values()}
    assert len(boxes) == 1
    assert set(drawing["boxes"]) == set(tiles["classes"])


def test_surveyed_shapes_are_shown_to_the_public_too(surveyed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    view, _ = a_view()
    before = map_drawing(view, level="township")
    monkeypatch.setenv("MAP_PUBLIC_MODE", "1")
    after = map_drawing(view, level="township")
    assert before is not None and after is not None and before.address == after.address
