"""Whole journeys in a real Chromium, as a leader makes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts.running_app import RunningApp

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
JIANGSHAN = "330212110"
SIZE = {"width": 1440, "height": 900}


def painted(page: Page) -> None:
    """Wait until the map of the page is drawn."""
    page.wait_for_selector("svg[data-painted]", timeout=60_000)


def title(page: Page) -> str:
    page.wait_for_selector("h1.gb-title", timeout=60_000)
    return page.locator("h1.gb-title").inner_text()


def place(page: Page, code: str):
    """The drawn shape of a place on the map (not its copy in the magnifier)."""
    return page.locator(f'svg[data-painted] [data-code="{code}"]').first


def test_from_the_overview_to_a_township_and_back_and_the_link_shows_the_same(
    demo_app: RunningApp, browser: Browser
) -> None:
    context = browser.new_context(viewport=SIZE, locale="zh-CN", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{demo_app.url}/?from=202001&to=202004")
    painted(page)
    assert "问题解决率" in title(page)
    assert page.locator("svg[data-painted]").first.locator("[data-code]").count() >= 25

    page.get_by_role("button", name="English").click()
    page.wait_for_function("document.querySelector('h1.gb-title')?.innerText.includes('Resolution rate')")
    page.wait_for_url(re.compile(r"[?&]lang=en"))
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("document.querySelector('h1.gb-title')?.innerText.includes('问题解决率')")

    painted(page)
    place(page, JIANGSHAN).click()
    page.wait_for_url(re.compile(r"/township\?"))
    page.wait_for_function("document.querySelector('h1.gb-title')?.innerText.includes('姜山镇')", timeout=60_000)
    address = parse_qs(urlsplit(page.url).query)
    assert (address["tn"], address["from"], address["to"]) == ([JIANGSHAN], ["202001"], ["202004"])
    painted(page)
    told = title(page)

    page.go_back()
    page.wait_for_function(
        "document.querySelector('h1.gb-title')?.innerText.includes('姜山镇') === false", timeout=60_000
    )
    painted(page)
    assert "/township" not in page.url
    page.go_forward()
    page.wait_for_function("document.querySelector('h1.gb-title')?.innerText.includes('姜山镇')", timeout=60_000)

    page.get_by_role("button", name="复制链接").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(link).path.endswith("/township")
    context.close()

    fresh = browser.new_context(viewport=SIZE, locale="zh-CN")
    other = fresh.new_page()
    other.goto(link)
    other.wait_for_function("document.querySelector('h1.gb-title')?.innerText.includes('姜山镇')", timeout=60_000)
    painted(other)
    assert title(other) == told
    fresh.close()


def test_hovering_a_row_of_the_table_lights_the_place_on_the_map(demo_app: RunningApp, browser: Browser) -> None:
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    page = context.new_page()
    page.goto(demo_app.url)
    painted(page)
    heard = """() => { window.__heard = []; document.addEventListener('place-hover',
        event => window.__heard.push(event.detail.code)); }"""
    page.evaluate(heard)
    row = page.get_by_role("row").filter(has_text="姜山镇").first
    row.scroll_into_view_if_needed()
    row.hover()
    page.wait_for_function(f"window.__heard.includes('{JIANGSHAN}')")
    row.click()
    page.wait_for_url(re.compile(rf"/township\?.*tn={JIANGSHAN}"))
    context.close()


def test_the_overview_says_what_to_do_when_the_address_holds_nonsense(demo_app: RunningApp, browser: Browser) -> None:
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: failures.append(dialog.message))
    page.goto(f"{demo_app.url}/?ind=<script>alert(1)</script>&from=209913&set=moon")
    painted(page)
    assert "问题解决率" in title(page)
    assert page.locator(".gb-notice").count() == 1
    assert failures == []
    context.close()
