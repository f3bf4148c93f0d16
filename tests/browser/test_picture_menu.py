"""A figure is taken away: as a drawing and as a picture, with heading, source and watermark."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser

from scripts.running_app import RunningApp
from ui.texts import text

pytestmark = pytest.mark.browser


def test_a_figure_leaves_as_svg_and_png_with_heading_source_and_watermark(
    demo_app: RunningApp, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(f"{demo_app.url}/campaigns")
        page.locator(".gb-footer").wait_for(timeout=60_000)
        page.locator(".st-key-campaign_counts .js-plotly-plot .main-svg").first.wait_for()
        buttons = page.locator(".st-key-campaign_counts_picture button")
        buttons.first.wait_for()
        before = len(asked)
        files = {}
        for button, kind in ((buttons.last, "svg"), (buttons.first, "png")):
            with page.expect_download() as coming:
                button.click()
            assert coming.value.suggested_filename.endswith(f".{kind}")
            files[kind] = Path(coming.value.path()).read_bytes()
        outside = [one for one in asked[before:] if not one.startswith(("blob:", "data:", demo_app.url))]
        assert outside == []
    finally:
        page.close()
    drawing = ElementTree.fromstring(files["svg"])
    words = "".join("".join(part.itertext()) for part in drawing.iter() if part.tag.endswith("text"))
    assert "物居业综合治理逐月问题数" in words
    assert text("frame.demonstration.band", "zh") in words
    assert text("frame.product", "zh") in words
    picture = Image.open(io.BytesIO(files["png"]))
    assert picture.width == 3 * round(float(drawing.get("width")))
    assert len(picture.convert("RGB").getcolors(maxcolors=1_000_000)) > 3
