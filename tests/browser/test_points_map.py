"""The page of points in a real Chromium: points that open their village, a base map's tiles, life without WebGL."""

from __future__ import annotations

import io
import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from data_access.boundaries import present_layer, read_boundary_layer
from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.positions import read_site_points
from data_access.releases import current_data_version
from geo.deck_specs import WORLD_PIXELS, fitting_view
from geo.point_marks import png
from scripts.chromium import ARGUMENTS, WEBGL_ARGUMENTS, find_chromium
from scripts.running_app import RunningApp, running_app
from tests.placed_points import placed_copy
from ui.charts import palette
from ui.payloads.points_ground import HEIGHT, WIDTH
from ui.payloads.site_points import KINDS
from ui.texts import text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
JIANGSHAN = "330212110"
SIZE = {"width": 1440, "height": 1000}
KEY, CREDIT = "NOT-TO-BE-LOGGED", "试验底图 审图号：GS(2026)0001号"
TILE = re.compile(r"/tiles/(\d+)/(\d+)/(\d+)\.png")
GREEN = (96, 192, 96)


class TileServer:
    """Answers every tile with the same green square and remembers what was asked."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()
        picture = png(np.full((256, 256, 4), (*GREEN, 255), dtype=np.uint8))

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(picture)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self._server.server_port}/tiles/{{z}}/{{x}}/{{y}}.png?tk={KEY}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def tiles(self) -> set[tuple[int, ...]]:
        """Zoom, column and row of every tile asked for."""
        found = [TILE.search(one) for one in self.asked]
        return {tuple(map(int, one.groups())) for one in found if one}

    def close(self) -> None:
        """End the thread."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def tiles() -> Iterator[TileServer]:
    server = TileServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def placed(demo_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return placed_copy(demo_sqlite, tmp_path_factory.mktemp("schematic"))


@pytest.fixture(scope="module")
def schematic_app(placed: Path, tiles: TileServer) -> Iterator[RunningApp]:
    with app_on(placed, tiles) as app:
        yield app


@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[[tuple[str, ...]], Browser]]:
    """Starts a Chromium with the arguments it is given; one Playwright for all of them, since two would not get on."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium was found: run `make test`, which installs one, or set CHROMIUM_PATH.")
    with sync_playwright() as playwright:
        yield lambda arguments: playwright.chromium.launch(executable_path=str(path), args=list(arguments))


@pytest.fixture(scope="module")
def webgl_browser(chromium: Callable[[tuple[str, ...]], Browser]) -> Iterator[Browser]:
    opened = chromium(WEBGL_ARGUMENTS)
    yield opened
    opened.close()


@contextmanager
def app_on(path: Path, tiles: TileServer) -> Iterator[RunningApp]:
    """The app on a database, with the tile server as its base map."""
    environment = {"BASE_MAP": tiles.address, "BASE_MAP_ATTRIBUTION": CREDIT}
    with running_app(database_url=f"sqlite:///{path}", environment=environment) as app:
        yield app


def open_points(app: RunningApp, browser: Browser, query: str, *, allowed: str = "") -> tuple[Page, list[str]]:
    """The page, and the requests to hosts other than the app's and ``allowed``'s, none of which is let through."""
    page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()
    outside: list[str] = []

    def look(route: object, request: object) -> None:
        address = urlsplit(request.url)  # type: ignore[attr-defined]
        own = {urlsplit(one).netloc for one in (app.url, allowed) if one}
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc not in own:
            outside.append(request.url)  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/*", look)
    page.goto(app.url)
    page.wait_for_selector("h1.gb-title", timeout=60_000)
    page.goto(f"{app.url}/points?{query}")
    page.wait_for_selector("[data-testid=stDataFrame]", timeout=60_000)
    return page, outside


def map_box(page: Page) -> dict[str, float]:
    box = page.locator("[data-testid=stDeckGlJsonChart]").bounding_box()
    assert box is not None
    return {name: float(value) for name, value in box.items()}


def shades(page: Page, box: dict[str, float]) -> set[tuple[int, ...]]:
    """Every colour that stands in a part of the page."""
    with Image.open(io.BytesIO(page.screenshot(clip=box))) as opened:  # type: ignore[arg-type]
        return set(map(tuple, np.asarray(opened.convert("RGB")).reshape(-1, 3).tolist()))


def wait_for_colour(page: Page, box: dict[str, float], colour: tuple[int, ...], *, tries: int = 60) -> None:
    for _ in range(tries):
        if colour in shades(page, box):
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{colour} was never painted.")


def township_view(path: Path) -> tuple[pd.DataFrame, float, float, float]:
    """The estates of Jiangshan as the page reads them, and longitude, latitude and zoom it opens with."""
    engine = create_engine(f"sqlite:///{path}")
    version, layer = current_data_version(engine), present_layer(engine)
    assert version is not None and version.last_month is not None and layer is not None
    sites = read_site_points(
        engine, scope=Scope(root="330212"), within=JIANGSHAN, kind=KINDS["estates"], month=version.last_month
    )
    villages = read_boundary_layer(engine, layer=layer.id, level="village")
    engine.dispose()
    bounds = villages[villages["parent"] == JIANGSHAN].total_bounds
    view = fitting_view(tuple(map(float, bounds)), width=WIDTH, height=HEIGHT)
    return sites, view.longitude, view.latitude, view.zoom


def tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int, int]:
    """The Web Mercator tile a point lies in (OpenStreetMap wiki, Slippy map tilenames)."""
    count = 2**zoom
    angle = math.radians(latitude)
    row = (1 - math.log(math.tan(angle) + 1 / math.cos(angle)) / math.pi) / 2 * count
    return zoom, int((longitude + 180) / 360 * count), int(row)


def on_screen(
    longitude: float, latitude: float, view: tuple[float, float, float], box: dict[str, float]
) -> list[float]:
    """Where a point of a flat map stands on the page, in pixels."""
    middle_lon, middle_lat, zoom = view
    scale = WORLD_PIXELS * 2**zoom / (2 * math.pi)
    up = [math.asinh(math.tan(math.radians(one))) for one in (latitude, middle_lat)]
    across = math.radians(longitude - middle_lon) * scale
    return [box["x"] + box["width"] / 2 + across, box["y"] + box["height"] / 2 - (up[0] - up[1]) * scale]


def test_points_are_drawn_say_four_lines_and_open_their_village_and_nobody_else_is_asked(
    schematic_app: RunningApp, webgl_browser: Browser, placed: Path, tiles: TileServer
) -> None:
    sites, *view = township_view(placed)
    failed = sites[sites["passed_items"] < sites["checked_items"]].iloc[0]
    page, outside = open_points(schematic_app, webgl_browser, f"tn={JIANGSHAN}")
    box = map_box(page)
    vermilion = tuple(int(palette.WORSE[start : start + 2], 16) for start in (1, 3, 5))
    wait_for_colour(page, box, vermilion)
    x, y = on_screen(failed["lon"], failed["lat"], (view[0], view[1], view[2]), box)
    page.mouse.move(x, y)
    hover = page.locator(".deck-tooltip")
    hover.wait_for(state="visible", timeout=20_000)
    lines = hover.inner_text().splitlines()
    assert len(lines) == 4 and lines[3].startswith("姜山镇")
    assert page.get_by_text(text("choropleth.watermark", "zh")).is_visible()
    assert page.get_by_text(text("points.no_base_map", "zh")).is_visible()
    assert page.get_by_text(CREDIT).count() == 0
    page.mouse.click(x, y)
    page.wait_for_url(re.compile(r"/village\?.*vl=330212110\d{3}"), timeout=30_000)
    assert outside == [] and tiles.tiles() == set()
    page.context.close()


@pytest.mark.parametrize("shown", ["columns", "heat"])
def test_issues_are_painted_as_columns_and_as_heat(
    schematic_app: RunningApp, webgl_browser: Browser, shown: str
) -> None:
    page, outside = open_points(schematic_app, webgl_browser, f"points={shown}")
    box = map_box(page)
    inside = {"x": box["x"] + box["width"] * 0.35, "y": box["y"] + 60, "width": 320, "height": 240}
    for _ in range(60):
        blue = [one for one in shades(page, inside) if one[2] - one[0] > 40]
        if len(blue) > 20:
            break
        page.wait_for_timeout(250)
    assert len(blue) > 20
    assert outside == []
    page.context.close()


def test_a_copied_link_opens_the_same_switch(schematic_app: RunningApp, webgl_browser: Browser) -> None:
    page, _ = open_points(schematic_app, webgl_browser, "")
    page.get_by_role("radio", name=text("points.shown.heat", "zh")).or_(
        page.get_by_role("button", name=text("points.shown.heat", "zh"))
    ).first.click()
    page.wait_for_url(re.compile(r"points=heat"), timeout=20_000)
    again, _ = open_points(schematic_app, webgl_browser, urlsplit(page.url).query)
    assert again.get_by_text(text("points.shown_notes.heat", "zh")).is_visible()
    for one in (page, again):
        one.context.close()


def test_without_webgl_the_page_says_so_and_shows_the_table(
    schematic_app: RunningApp, chromium: Callable[[tuple[str, ...]], Browser]
) -> None:
    browser = chromium((*ARGUMENTS, "--disable-3d-apis"))
    page, outside = open_points(schematic_app, browser, f"tn={JIANGSHAN}")
    page.get_by_text(text("points.no_webgl", "zh")).wait_for(state="visible", timeout=30_000)
    assert page.locator("[data-testid=stDeckGlJsonChart]").count() == 0
    assert page.locator("[data-testid=stDataFrame]").is_visible()
    assert outside == []
    browser.close()


def test_tiles_lie_under_a_surveyed_layer_with_their_attribution_and_the_key_is_in_no_log(
    demo_sqlite: Path, tmp_path: Path, webgl_browser: Browser, tiles: TileServer
) -> None:
    path = placed_copy(demo_sqlite, tmp_path, surveyed=True)
    _, longitude, latitude, zoom = township_view(path)
    tiles.asked.clear()
    with app_on(path, tiles) as app:
        page, outside = open_points(app, webgl_browser, f"tn={JIANGSHAN}", allowed=tiles.address)
        wait_for_colour(page, map_box(page), GREEN)
        assert page.get_by_text(CREDIT).is_visible() and page.get_by_text("试验测绘院").is_visible()
        # A tile of 256 pixels is a level finer than deck.gl's world of 512.
        level = round(zoom + 1)
        asked = tiles.tiles()
        wanted = tile_of(longitude, latitude, level)
        assert wanted in asked
        near = {one for one in asked if one[0] == level}
        assert all(abs(one[1] - wanted[1]) <= 5 and abs(one[2] - wanted[2]) <= 5 for one in near)
        assert all(KEY in one for one in tiles.asked)
        assert outside == []
        assert KEY not in app.log.read_text(errors="replace")
        page.context.close()
