"""Every page, in light and in dark, holds up to axe: no serious or critical fault."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser

from scripts.running_app import RunningApp
from ui.navigation import PAGES

pytestmark = pytest.mark.browser
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")


def faults(page: Any) -> list[str]:
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{fault['id']} ({len(fault['nodes'])}): {fault['nodes'][0]['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
    ]


def at_rest(page: Any) -> None:
    page.locator(".gb-footer").wait_for(timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)


def open_as_steward(page: Any, url: str, name: str) -> None:
    """The role is chosen in the header, the page found by the search: a new address would be a new session."""
    page.goto(f"{url}/definitions")
    at_rest(page)
    page.locator(".st-key-header_viewer button").click()
    page.locator(".st-key-viewer_choice label").last.click()
    page.wait_for_timeout(800)
    at_rest(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.locator(".st-key-header_search li").first.wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{name}*")
    at_rest(page)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.key)
def test_no_page_has_a_serious_fault_in_light_or_dark(demo_app: RunningApp, browser: Browser, entry: Any) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        if "leader" in entry.roles:
            page.goto(f"{demo_app.url}/{entry.url_path}")
            at_rest(page)
        else:
            open_as_steward(page, demo_app.url, entry.key.rpartition("/")[2])
        page.evaluate(AXE)
        assert faults(page) == []
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(1_500)  # components take the new colours a moment later
        assert faults(page) == []
    finally:
        page.close()
