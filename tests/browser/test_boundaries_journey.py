"""A steward brings an office's boundaries: a GBK Shapefile without .prj and with three bad names, until maps use it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data_access.boundaries import present_layer, read_boundary_layer, read_layers
from data_access.engine import create_engine
from scripts.running_app import RunningApp, running_app
from tests.data_access.office_deliveries import shapefile_zip

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SIZE = {"width": 1440, "height": 900}
NAMED, LEFT_OUT, STAYS = 5, 9, 20
"""Shapes with a bad name: one that gets its place, one that is left out, one that nobody decides upon."""


@pytest.fixture
def steward_app(demo_sqlite: Path, tmp_path: Path) -> Iterator[RunningApp]:
    """The dashboard on a copy of the demonstration district that may be written to."""
    shutil.copy(demo_sqlite, tmp_path / "district.db")
    settings = {"UPLOAD_FOLDER": str(tmp_path / "uploads")}
    with running_app(database_url=f"sqlite:///{tmp_path / 'district.db'}", environment=settings) as app:
        yield app


def office_file(database: Path, folder: Path) -> tuple[Path, gpd.GeoDataFrame]:
    """The district's villages as an office might draw them, bent by some 20 metres, and the shapes as they were."""
    engine = create_engine(f"sqlite:///{database}")
    layer = present_layer(engine)
    assert layer is not None
    drawn = read_boundary_layer(engine, layer=layer.id, level="village")
    engine.dispose()
    frame = drawn[["code", "name", "geometry"]].to_crs("EPSG:4528")
    frame.geometry = gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), bent), crs=frame.crs)
    frame = frame.rename(columns={"code": "代码", "name": "名称"})
    frame.loc[[NAMED, LEFT_OUT, STAYS], "代码"] = None
    frame.loc[[NAMED, LEFT_OUT, STAYS], "名称"] = ["某某新村", "水库", "飞地"]
    return shapefile_zip(frame, folder, encoding="GB18030", cpg=False, prj=False), drawn


def bent(points: np.ndarray) -> np.ndarray:
    return points + 20 * np.column_stack([np.sin(points[:, 1] / 3000), np.cos(points[:, 0] / 3000)])


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").first.click()


def as_steward(page: Page, app: RunningApp) -> None:
    page.goto(app.url)
    page.wait_for_selector("h1.gb-title", timeout=60_000)
    press(page, "header_viewer")
    page.locator(".st-key-viewer_choice").get_by_text("数据管理", exact=True).click()
    menu = page.get_by_test_id("stTopNavSection").filter(has_text="数据管理")
    menu.wait_for(timeout=30_000)
    page.keyboard.press("Escape")
    menu.click()
    page.locator('a[href*="/boundaries"]').first.click()


def choose(page: Page, row: int, words: str) -> None:
    """Choose a place in the last column of the table of shapes that nobody could tell."""
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] - 120, box["y"] + 35 * (row + 1.5))
    page.keyboard.type(words)
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    page.keyboard.press("Escape")


def drawing(page: Page, app: RunningApp) -> tuple[str, str]:
    """The address of the shapes on the map of townships, and what is printed in its corner."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/geometry/" in request.url else None)
    page.goto(f"{app.url}/township")
    page.wait_for_selector("svg.drawing[data-painted]", timeout=60_000)
    return asked[0], page.locator("svg.drawing .watermark").first.text_content() or ""


def test_boundaries_of_an_office_are_put_in_matched_looked_at_and_used(
    steward_app: RunningApp, browser: Browser, tmp_path: Path
) -> None:
    office, drawn = office_file(tmp_path / "district.db", tmp_path)
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    before, said = drawing(page, steward_app)
    assert "示意图" in said

    as_steward(page, steward_app)
    page.locator("input[type=file]").first.set_input_files(office)
    page.wait_for_selector(".st-key-boundary_bring", timeout=60_000)
    assert page.get_by_text(f"{len(drawn)}个图形中{len(drawn) - 3}个对得上名录").count() == 1
    press(page, "boundary_bring")
    page.wait_for_selector(".st-key-boundary_accept", timeout=120_000)
    assert page.get_by_text("3个图形没有对上村社").count() == 1
    page.locator("svg.drawing[data-painted]").nth(1).wait_for(timeout=60_000)  # the present layer and the new one
    assert drawing_of_others(steward_app, context.new_page()) == before  # nothing counts yet

    choose(page, 0, str(drawn["code"][NAMED]))
    choose(page, 1, "不导入")
    press(page, "boundary_again")
    page.get_by_text("1个图形没有对上村社").wait_for(timeout=120_000)
    press(page, "boundary_accept")
    page.get_by_text("各页地图即刻使用").wait_for(timeout=60_000)
    assert "换了村社" in page.get_by_test_id("stAlert").first.inner_text()
    page.wait_for_function("() => document.querySelector('h1.gb-title').innerText === '地图使用村界'", timeout=30_000)

    engine = create_engine(f"sqlite:///{tmp_path / 'district.db'}")
    layer = present_layer(engine)
    assert layer is not None and layer.surveyed and len(read_layers(engine)) == 2
    codes = set(read_boundary_layer(engine, layer=layer.id, level="village")["code"])
    engine.dispose()
    assert codes == set(drawn["code"]) - {drawn["code"][LEFT_OUT], drawn["code"][STAYS]}
    page.close()
    after, said = drawing(context.new_page(), steward_app)
    assert after != before
    assert "示意图" not in said
    assert failures == []
    context.close()


def drawing_of_others(app: RunningApp, page: Page) -> str:
    """The address of the shapes that somebody else sees meanwhile."""
    address, _ = drawing(page, app)
    page.close()
    return address
