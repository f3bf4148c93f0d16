"""Shapes are fetched once in a visit; what a choice changes is told without them."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, expect

from indicators.catalogue import load_catalogue
from scripts.running_app import RunningApp
from scripts.screenshots import wait_until_drawn

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["", "township?tn=330212110"])
def test_another_indicator_asks_for_no_shapes(demo_app: RunningApp, browser: Browser, path: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    shapes: list[str] = []
    page.on("request", lambda request: shapes.append(request.url) if "/geometry/" in request.url else None)
    page.goto(f"{demo_app.url}/{path}")
    wait_until_drawn(page, with_map=True)
    assert len(shapes) == 1
    alt = page.locator("svg.drawing").first.get_attribute("aria-label") or ""
    page.locator(".st-key-filter_indicator input").first.click()
    page.get_by_role("option", name=load_catalogue()["prevention_compliance"].name["zh"], exact=True).click()
    expect(page.locator("svg.drawing").first).not_to_have_attribute("aria-label", alt)
    wait_until_drawn(page, with_map=True)
    assert len(shapes) == 1
    page.close()
