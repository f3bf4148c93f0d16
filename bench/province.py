"""A province of 25,000 polygons through `geo.map_layers.area_layer`: bytes, seconds to write them, seconds to paint."""

import gzip
import io
import pickle
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.made_province import made_province
from geo.map_layers import area_rows, compact_json
from scripts.chromium import WEBGL_ARGUMENTS, find_chromium
from scripts.running_app import PROJECT, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Page

HEADINGS = ("step", "figure", "unit")
PAGE = Path(__file__).with_name("province_page.py")
LONGEST_SECONDS = 120
WAIT_MS = LONGEST_SECONDS * 1000


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    step: str
    figure: float
    unit: str


def measure_province(*, places: int, turns: int, say: Callable[[str], None]) -> list[Figure]:
    """Write the shapes once, open the map in Chromium, and colour it anew ``turns`` times.

    Raises LookupError where there is no Chromium, and for a map that never came to be painted.
    """
    chromium = find_chromium()
    if chromium is None:
        raise LookupError("No Chromium was found: install one or set CHROMIUM_PATH.")
    say(f"making {places:,} polygons")
    shapes = made_province(places)
    began = time.process_time()
    content = compact_json(area_rows(shapes))
    written = time.process_time() - began
    vertices = int(shapes.geometry.count_coordinates().sum())
    figures = [
        Figure("polygons", len(shapes), ""),
        Figure("vertices", vertices, ""),
        Figure("shapes, written once", round(written, 2), "CPU s"),
        Figure("shapes, one file", round(len(content) / 1e6, 2), "MB"),
        Figure("the same compressed", round(len(gzip.compress(content, 6)) / 1e6, 2), "MB"),
    ]
    with tempfile.TemporaryDirectory(prefix="bench-province-") as name:
        folder = Path(name)
        (folder / "static").mkdir()
        (folder / "static" / "province.json").write_bytes(content)
        known = folder / "known.pickle"
        known.write_bytes(pickle.dumps({"places": len(shapes), "bounds": tuple(map(float, shapes.total_bounds))}))
        script = Path(shutil.copy(PAGE, folder))
        environment = {
            "BENCH_PROVINCE": str(known), "PYTHONPATH": str(PROJECT), "STREAMLIT_SERVER_ENABLE_STATIC_SERVING": "true",
        }  # fmt: skip
        with running_app(database_url="sqlite://", script=script, environment=environment) as app:
            return figures + _painted(app.url, chromium=chromium, turns=turns, say=say)


def _painted(url: str, *, chromium: Path, turns: int, say: Callable[[str], None]) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(WEBGL_ARGUMENTS))
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        began = time.perf_counter()
        page.goto(url)
        shown = _wait_for_paint(page, before=None)
        first = time.perf_counter() - began
        say(f"first painted after {first:.1f} s")
        times, made, sent = [], [], []
        for turn in range(1, turns + 1):
            began = time.perf_counter()
            page.get_by_role("button", name="colour anew").click()
            page.wait_for_selector(f"#made[data-turn='{turn}']", timeout=WAIT_MS)
            shown = _wait_for_paint(page, before=shown)
            times.append(time.perf_counter() - began)
            about = page.locator("#made")
            made.append(float(about.get_attribute("data-ms") or "nan"))
            sent.append(int(about.get_attribute("data-bytes") or "0"))
            say(f"coloured anew after {times[-1]:.1f} s")
        browser.close()
    return [
        Figure("first visit until painted", round(first, 1), "s"),
        Figure("classes and specification, a change", round(statistics.median(made), 1), "ms"),
        Figure("sent, a change", round(statistics.median(sent) / 1000, 1), "kB"),
        Figure("a change until painted", round(statistics.median(times), 1), "s"),
    ]


def _wait_for_paint(page: "Page", *, before: bytes | None) -> bytes:
    """The middle of the map once it is coloured, differs from ``before``, and has come to rest."""
    page.wait_for_selector("[data-testid=stDeckGlJsonChart] canvas", timeout=WAIT_MS)
    ends, last = time.perf_counter() + LONGEST_SECONDS, b""
    while time.perf_counter() < ends:
        box = page.locator("[data-testid=stDeckGlJsonChart]").bounding_box()
        if box is not None:
            middle = {"x": box["x"] + box["width"] / 2 - 60, "y": box["y"] + 240, "width": 120, "height": 120}
            picture = page.screenshot(clip=middle)
            if picture == last and picture != before and _is_coloured(picture):
                return picture
            last = picture
        page.wait_for_timeout(50)
    raise LookupError(f"The map was not painted within {LONGEST_SECONDS} seconds.")


def _is_coloured(picture: bytes) -> bool:
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as opened:
        colours = opened.convert("RGB").getcolors(maxcolors=120 * 120)
    return colours is not None and len(colours) > 5
