"""The order a reader gives a table stands in the link and survives other choices."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from scripts.running_app import RunningApp

pytestmark = pytest.mark.browser


def rows(page: Page) -> list[str]:
    page.locator(".st-key-circular tr[data-code]").first.wait_for(timeout=60_000)
    return page.locator(".st-key-circular tr[data-code]").evaluate_all("all => all.map((row) => row.dataset.code)")


def at_rest(page: Page) -> None:
    page.locator(".gb-footer").wait_for(timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)


def test_an_ordered_table_looks_the_same_under_its_link(demo_app: RunningApp, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{demo_app.url}/overview?lang=en")
    at_rest(page)
    before = rows(page)
    assert "#" not in page.url
    page.locator('.st-key-circular button[data-sort="name"]').click()
    ordered = rows(page)
    assert ordered != before
    assert page.url.endswith("#circular=name.asc")
    fresh = browser.new_page(viewport={"width": 1440, "height": 900})
    fresh.goto(page.url)
    at_rest(fresh)
    assert rows(fresh) == ordered
    page.locator('.st-key-circular button[data-sort="rank"]').click()
    assert rows(page) == before
    assert "#" not in page.url
    page.close()
    fresh.close()


def test_a_link_with_an_order_nobody_knows_shows_the_usual_one(demo_app: RunningApp, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{demo_app.url}/overview")
    at_rest(page)
    usual = rows(page)
    page.goto("about:blank")
    page.goto(f"{demo_app.url}/overview#circular=shoe_size.sideways")
    at_rest(page)
    assert rows(page) == usual
    page.close()
