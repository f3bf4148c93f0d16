"""The page of boundary layers, step by step: put in, read, matched, looked at, accepted, set aside, deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import streamlit as st
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from data_access import job_folders, job_watch
from data_access.boundaries import present_layer, read_boundary_layer, read_layers
from data_access.boundary_delivery.schematic import bring_schematic
from data_access.engine import create_engine
from tests.data_access.office_deliveries import shapefile_zip, townships, villages, written
from tests.data_access.small_district import issue_row, load, registers, write_issues
from tests.data_access.surveyed_district import FANSHIDU, LUJIAYAN, case_at, firm_at, middle, survey, write_rows
from tests.pages.conftest import PROJECT, words
from ui.texts import text

Page = Callable[..., AppTest]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Iterator[Engine]:
    """The small district with three cases where the page will work, without boundaries."""
    url = f"sqlite:///{tmp_path / 'district.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "uploads"))
    registers(url, tmp_path).dispose()
    made = create_engine(url)
    load(made, "issues", write_issues(tmp_path / "before.csv", [issue_row(number) for number in range(900, 903)]))
    yield made
    for folder in job_folders.folders("jobs"):
        job_watch.ask_to_stop(folder)
    job_watch.wake()
    until_ended()
    made.dispose()


@pytest.fixture
def page(engine: Engine) -> Page:
    """page(): the page as a steward who has just opened it sees it."""

    def open_one(role: str = "steward", lang: str = "zh") -> AppTest:
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        app.session_state["viewer_role"] = role
        app.query_params["lang"] = lang
        if role != "steward":
            app.run()  # AppTest refuses pages that are not there after a first run
        return app.switch_page("pages/manage/boundaries.py").run()

    return open_one


def until_ended() -> None:
    deadline = time.monotonic() + 60
    while not all(job_watch.outcome(folder) for folder in job_folders.folders("jobs")):
        assert time.monotonic() < deadline, "A job did not end."
        time.sleep(0.05)


def shown(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def drop(app: AppTest, path: Path) -> AppTest:
    """Put a file in and wait until it has been looked at."""
    app.file_uploader[0].upload(path.name, path.read_bytes())
    app.run()
    until_ended()
    return shown(app.run())


def press(app: AppTest, key: str) -> AppTest:
    """Press a button and wait for the job it started."""
    app.button(key=key).click().run()
    if not all(job_watch.outcome(folder) for folder in job_folders.folders("jobs")):
        until_ended()
        app.run()
    return shown(app)


def has(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


def title(app: AppTest) -> str:
    return next(one.value for one in app.html if "gb-title" in one.value)


def done(app: AppTest) -> str:
    return "\n".join(one.value for one in app.success)


def office_file(folder: Path, frame: gpd.GeoDataFrame | None = None) -> Path:
    """A zipped GBK Shapefile without .cpg and .prj, in zone 40."""
    whole = villages() if frame is None else frame
    return shapefile_zip(whole.to_crs("EPSG:4528"), folder, encoding="GB18030", cpg=False, prj=False)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_begins_with_a_field_and_the_whole_way(page: Page, lang: str) -> None:
    app = shown(page(lang=lang))
    assert text("boundaries.titles.none", lang) in title(app)
    assert len(app.file_uploader) == 1
    for step in ("drop", "look", "decide"):
        assert text(f"boundaries.{step}.title", lang) in words(app)
    assert not has(app, "boundary_bring") and not has(app, "boundary_accept")
    assert has(app, "boundary_draw_register")


@pytest.mark.parametrize("role", ["leader", "head", "researcher"])
def test_nobody_but_a_steward_finds_the_page(page: Page, role: str) -> None:
    with pytest.raises(ValueError, match="boundaries"):
        page(role=role)


def test_a_file_is_read_matched_looked_at_and_accepted(page: Page, engine: Engine, tmp_path: Path) -> None:
    survey(engine, precision="schematic")
    app = drop(page(), office_file(tmp_path))
    assert "6个图形中6个对得上名录" in words(app)
    assert "EPSG:4528" in words(app)
    app.text_input(key="boundary_name").set_value("2024 村社界")
    app.text_input(key="boundary_review").set_value("浙S(2024)12号")
    app = press(app, "boundary_bring")
    assert "示意" in title(app) and "另有1个图层待决定" in title(app)
    assert "整理后有2个镇街、6个村社的边界" in words(app)
    before = present_layer(engine)
    assert before is not None and not before.surveyed  # nothing counts before it is accepted
    app.segmented_control(key="boundary_level").set_value("village").run()
    shown(app)
    app = press(app, "boundary_accept")
    assert "已启用“2024 村社界”。各页地图即刻使用。" in done(app)
    assert "0 个对象、0 件工单换了村社" in done(app)
    assert "地图使用2024 村社界" in title(app)
    assert not has(app, "boundary_accept")
    assert text("boundaries.decide.is_accepted", "zh", name="2024 村社界") in words(app)
    present = present_layer(engine)
    assert present is not None and present.surveyed and present.origin.review_number == "浙S(2024)12号"


@pytest.mark.slow
def test_a_layer_that_is_left_is_forgotten_and_the_present_one_stays(
    page: Page, engine: Engine, tmp_path: Path
) -> None:
    number = survey(engine, precision="schematic")
    app = press(drop(page(), office_file(tmp_path)), "boundary_bring")
    app = press(app, "boundary_leave")
    assert text("boundaries.decide.left", "zh", name="村界") in done(app)
    assert [layer.id for layer in read_layers(engine)] == [number]


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_shapes_nobody_could_tell_are_answered_and_brought_again(
    page: Page, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    survey(engine, precision="schematic")
    frame = villages().drop(columns="镇街")
    frame.loc[[2, 4], "代码"] = None
    frame.loc[[2, 4], "名称"] = ["某某新村", "水库"]
    app = press(drop(page(lang=lang), office_file(tmp_path, frame)), "boundary_bring")
    assert "某某新村" in words(app)
    assert app.button(key="boundary_again").disabled
    answers = ["翻石渡村委会（330212110001）" if lang == "zh" else "翻石渡村委会 (330212110001)",
               text("boundaries.unmatched.leave_out", lang)]  # fmt: skip
    seen: list[pd.DataFrame] = []

    def answered(table: pd.DataFrame, **options: object) -> pd.DataFrame:
        seen.append(table)
        return table.assign(place=answers[: len(table)])

    monkeypatch.setattr(st, "data_editor", answered)
    app = shown(app.run())
    assert set(seen[0]["place"]) == {text("boundaries.unmatched.choose", lang)}
    app = press(app, "boundary_again")
    (layer, _) = read_layers(engine)
    codes = set(read_boundary_layer(engine, layer=layer.id, level="village")["code"])
    assert FANSHIDU in codes and len(codes) == 5
    assert not has(app, "boundary_again")


def test_a_file_that_is_no_layer_says_why_and_gives_way_to_another(page: Page, tmp_path: Path) -> None:
    (tmp_path / "说明.zip").write_bytes(b"PK\x03\x04 no zip at all")
    app = drop(page(), tmp_path / "说明.zip")
    assert "说明.zip" in words(app) and not has(app, "boundary_bring")
    app = press(app, "boundary_another")
    assert len(app.file_uploader) == 1 and "说明.zip" not in words(app)


@pytest.mark.slow
def test_a_reading_that_is_refused_can_be_mended_on_the_spot(page: Page, engine: Engine, tmp_path: Path) -> None:
    survey(engine, precision="schematic")
    app = drop(page(), office_file(tmp_path))
    app.selectbox(key="boundary_layer_village").select_index(0)
    app = press(app, "boundary_bring")
    assert "还没有选择图层" in words(app)
    app.selectbox(key="boundary_layer_village").set_value("村界")
    app = press(app, "boundary_bring")
    assert has(app, "boundary_accept")


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_layers_on_record_are_accepted_set_aside_and_deleted_after_a_question(
    page: Page, engine: Engine, lang: str
) -> None:
    number = survey(engine)
    app = page(lang=lang)
    name = "测绘 2020-01-01"
    app = press(app, f"boundary_set_aside_{number}")
    assert text("boundaries.list.set_aside_ask", lang, name=name) in unescape(words(app))
    app = press(app, f"boundary_no_{number}")
    assert read_layers(engine)[0].accepted
    app = press(press(app, f"boundary_set_aside_{number}"), f"boundary_set_aside_yes_{number}")
    assert text("boundaries.list.set_aside_done", lang, name=name) in done(app)
    assert text("boundaries.titles.none", lang) in title(app)
    app = press(press(app, f"boundary_accept_{number}"), f"boundary_accept_yes_{number}")
    assert text("boundaries.list.accept_done", lang, name=name) in done(app)
    app = press(press(app, f"boundary_set_aside_{number}"), f"boundary_set_aside_yes_{number}")
    app = press(press(app, f"boundary_drop_{number}"), f"boundary_drop_yes_{number}")
    assert text("boundaries.list.drop_done", lang, name=name) in done(app)
    assert read_layers(engine) == []


def test_a_layer_of_the_list_can_be_seen(page: Page, engine: Engine) -> None:
    number = survey(engine)
    app = press(page(), f"boundary_see_{number}")
    assert text("boundaries.decide.not_drawn", "zh", level="镇街") in words(app)
    app = press(app, f"boundary_see_{number}")
    assert text("boundaries.decide.not_drawn", "zh", level="镇街") not in words(app)


@pytest.mark.slow
def test_accepting_says_how_many_positions_changed_their_village(page: Page, engine: Engine, tmp_path: Path) -> None:
    survey(engine)
    load(engine, "firms", write_rows(tmp_path / "f.csv", [firm_at("P1", middle(FANSHIDU))]))
    load(engine, "issues", write_rows(tmp_path / "c.csv", [case_at(1, middle(LUJIAYAN), named=False)]))
    order = [one["代码"] for one in villages().to_dict("records")]
    frame = villages()
    frame["代码"] = [*order[:2], order[3], order[2], *order[4:]]
    frame = frame.drop(columns=["名称", "镇街"])
    app = press(drop(page(), office_file(tmp_path, frame)), "boundary_bring")
    app = press(app, "boundary_accept")
    assert "1 个对象、1 件工单换了村社" in done(app)


def test_a_layer_that_is_accepted_for_a_later_day_says_what_is_used_today(page: Page, engine: Engine) -> None:
    survey(engine)
    number = bring_schematic(engine, by="li")["layer"]
    app = press(page(lang="en"), f"boundary_accept_{number}")
    app = press(app, f"boundary_accept_yes_{number}")
    assert "Today '测绘 2020-01-01' is still in use" in done(app)
    assert "All maps use it" not in done(app)


def test_a_district_without_boundaries_draws_its_own(page: Page, engine: Engine) -> None:
    app = press(page(), "boundary_draw_register")
    assert text("boundaries.draw.done", "zh") in done(app)
    (layer,) = read_layers(engine)
    assert (layer.surveyed, layer.accepted, layer.villages, layer.townships) == (False, False, 6, 2)
    assert text("boundaries.titles.waiting", "zh", count="1") in title(app)
    app = press(press(app, f"boundary_accept_{layer.id}"), f"boundary_accept_yes_{layer.id}")
    assert not has(app, "boundary_draw_register")
    assert "形状为示意" in title(app)


@pytest.mark.slow
def test_townships_alone_offer_villages_drawn_inside_them(page: Page, engine: Engine, tmp_path: Path) -> None:
    survey(engine, precision="schematic")
    path = written(townships(), tmp_path / "镇界.gpkg", "GPKG", layer="镇界")
    app = press(drop(page(), path), "boundary_bring")
    assert text("boundaries.decide.townships_only", "zh") in words(app)
    app = press(app, "boundary_draw_within")
    assert text("boundaries.draw.done", "zh") in done(app)
    drawn, real = read_layers(engine)[:2]
    assert (drawn.surveyed, drawn.villages, real.surveyed, real.villages) == (False, 6, True, 0)
    assert not drawn.accepted and not real.accepted
