"""On the page of ranks, which has no map, a township pointed at in one place is lit in the others."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser

from scripts.running_app import RunningApp
from scripts.screenshots import wait_until_drawn

pytestmark = pytest.mark.browser
JIANGSHAN = "330212110"


def test_a_row_pointed_at_is_ringed_in_ranks_rates_and_funnel_and_a_click_opens_it(
    demo_app: RunningApp, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 3600})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{demo_app.url}/rankings")
    wait_until_drawn(page, with_map=False)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .trace').length > 3")
    row = page.locator(f"tr[data-code='{JIANGSHAN}']").first
    row.hover()
    page.wait_for_function("document.querySelectorAll('.place-rings circle').length === 3")
    page.mouse.move(2, 2)
    page.wait_for_function("document.querySelectorAll('.place-rings').length === 0")
    row.click()
    page.wait_for_url("**/township?**")
    assert f"tn={JIANGSHAN}" in page.url
    assert faults == []
    page.close()
