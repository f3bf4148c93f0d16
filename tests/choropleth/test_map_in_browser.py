"""The map in a real browser: pointing, picking, zooming, the keyboard, and what happens without its shapes."""

import importlib
import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.running_app import RunningApp, running_app
from ui.static_files import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROJECT = Path(__file__).resolve().parents[2]
JIANGSHAN = "330212110"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def map_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("map-page")
    shutil.copy(Path(__file__).parent / "map_page.py", folder / "map_page.py")
    importlib.import_module("ui.choropleth")  # publishes the component's script beside the project's app
    shutil.copytree(STATIC / "components", folder / "static" / "components")
    texts = tomllib.loads((PROJECT / "ui" / "languages" / "zh" / "choropleth.toml").read_text(encoding="utf-8"))
    environment = {
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
        "STREAMLIT_SERVER_ENABLE_STATIC_SERVING": "true",
        "GEOGRAPHY": str(PROJECT / "data_access" / "demo_data" / "geography"),
        "TEXTS": json.dumps(texts),
    }
    with running_app(database_url="sqlite://", script=folder / "map_page.py", environment=environment) as app:
        yield app


@pytest.fixture
def page(browser: "Browser", map_app: RunningApp) -> Iterator["Page"]:
    opened = browser.new_page(viewport={"width": 1000, "height": 800})
    opened.errors = []  # type: ignore[attr-defined]
    opened.requests = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))  # type: ignore[attr-defined]
    opened.on("request", lambda request: opened.requests.append(request.url))  # type: ignore[attr-defined]
    opened.goto(map_app.url)
    opened.wait_for_selector("svg.drawing[data-painted]")
    yield opened
    assert opened.errors == []  # type: ignore[attr-defined]
    opened.close()


def place(page: "Page", code: str = JIANGSHAN):
    return page.locator(f'.land path.place[data-code="{code}"]')


def painted(page: "Page") -> int:
    return int(page.locator("svg.drawing").get_attribute("data-painted") or 0)


def wait_for_paint(page: "Page", *, after: int) -> None:
    page.wait_for_selector(f"svg.drawing:not([data-painted='{after}'])")


def test_pointing_shows_four_lines_as_plain_text_and_tells_the_page(page: "Page") -> None:
    page.evaluate("window.heard = []; document.addEventListener('place-hover', (e) => heard.push(e.detail.code))")
    place(page).hover()
    assert page.locator(".tip").inner_text().split("\n") == ["<b>名</b>", "97.9%", "无变化", "全区 98.1%"]
    assert page.evaluate("heard") == [JIANGSHAN]
    page.mouse.move(900, 790)
    assert page.evaluate("heard") == [JIANGSHAN, None]
    assert not page.locator(".tip").is_visible()


def test_a_place_lit_elsewhere_is_lit_on_the_map_and_a_village_lights_its_township(page: "Page") -> None:
    lit = page.locator(".land .line.lit")
    for code in (JIANGSHAN, "330212110233"):
        page.evaluate("(code) => document.dispatchEvent(new CustomEvent('place-hover', { detail: { code } }))", code)
        assert lit.get_attribute("d") == place(page).get_attribute("d")
    page.evaluate("document.dispatchEvent(new CustomEvent('place-hover', { detail: { code: null } }))")
    assert lit.get_attribute("d") is None


def test_a_click_picks_and_escape_goes_back(page: "Page") -> None:
    before = painted(page)
    place(page).click()
    page.get_by_text(f"事件：{JIANGSHAN}").wait_for()
    wait_for_paint(page, after=before)
    page.keyboard.press("Escape")
    page.get_by_text(f"事件：{JIANGSHAN} back").wait_for()


def test_zoom_needs_a_key_held_and_stays_over_a_rerun(page: "Page") -> None:
    svg = page.locator("svg.drawing")
    frame = svg.bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 300, frame["y"] + 280)
    page.mouse.wheel(0, -240)
    assert svg.get_attribute("data-zoom") == "1.000"
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    page.locator("svg.drawing.moved").wait_for()
    zoom, before = svg.get_attribute("data-zoom"), painted(page)
    kind = place(page).get_attribute("data-class")
    page.get_by_role("button", name="再来一次").click()
    wait_for_paint(page, after=before)
    assert svg.get_attribute("data-zoom") == zoom != "1.000"
    assert place(page).get_attribute("data-class") != kind
    page.get_by_role("button", name="回到全图").click()
    page.locator("svg.drawing:not(.moved)").wait_for()
    assert len([url for url in page.requests if "/geometry/" in url]) == 1  # type: ignore[attr-defined]


def test_the_keyboard_walks_from_place_to_place_with_one_tab_stop(page: "Page") -> None:
    stop = page.locator('path.place[tabindex="0"]')
    assert stop.count() == 1
    stop.focus()
    first = stop.get_attribute("data-code")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    assert stop.count() == 1
    page.keyboard.press("ArrowRight")
    chosen = stop.get_attribute("data-code")
    assert stop.get_attribute("aria-label")
    page.keyboard.press("Enter")
    page.get_by_text(f"事件：{chosen}").wait_for()
    assert first


def test_names_do_not_cover_each_other_at_any_zoom(page: "Page") -> None:
    for fewest in (8, 4, 2):
        boxes = page.locator(".drawing > .names .name").evaluate_all(
            "(all) => all.filter((name) => name.style.display !== 'none').map((name) => {"
            " const box = name.getBBox(); return [box.x, box.y, box.x + box.width, box.y + box.height]; })"
        )
        assert len(boxes) >= fewest
        for number, one in enumerate(boxes):
            for other in boxes[:number]:
                wide = min(one[2], other[2]) - max(one[0], other[0])
                high = min(one[3], other[3]) - max(one[1], other[1])
                # a line box is a little higher than the letters in it
                assert wide <= 1 or high <= 6, (one, other)
        page.get_by_role("button", name="放大", exact=True).click()
        page.wait_for_timeout(300)


def test_crowded_places_are_drawn_a_second_time_larger(page: "Page") -> None:
    small = place(page, "330212008").bounding_box()
    large = page.locator('.magnifier path.place[data-code="330212008"]').bounding_box()
    assert small and large
    assert large["width"] > 1.6 * small["width"]
    page.locator('.magnifier path.place[data-code="330212008"]').click(position={"x": 20, "y": 30})
    page.get_by_text("事件：330212008").wait_for()


def test_the_watermark_is_part_of_the_drawing(page: "Page") -> None:
    assert page.locator("svg.drawing .watermark").text_content() == "示意图，非测绘成果，不代表行政区域界线"


def test_without_its_shapes_the_map_says_so_in_plain_words(browser: "Browser", map_app: RunningApp) -> None:
    opened = browser.new_page()
    opened.goto(f"{map_app.url}/?broken=1")
    opened.get_by_text("地图图形没有取到").wait_for()
    opened.close()
