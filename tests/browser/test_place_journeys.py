"""From a township into one of its villages and back, in a real Chromium."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scripts.running_app import RunningApp

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
JIANGSHAN, FANSHIDU = "330212110", "330212110214"
SIZE = {"width": 1440, "height": 900}


def wait_for_title(page: Page, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('h1.gb-title')?.innerText.includes(words)", arg=words, timeout=60_000
    )


def open_jiangshan(app: RunningApp, browser: Browser) -> Page:
    """The page of the town, opened as a reader does who has the overview open already."""
    page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()
    page.goto(app.url)
    page.wait_for_selector("h1.gb-title", timeout=60_000)
    page.goto(f"{app.url}/township?tn={JIANGSHAN}")
    wait_for_title(page, "姜山镇")
    page.wait_for_selector("svg[data-painted]", timeout=60_000)
    return page


def test_a_village_picked_in_the_table_opens_and_the_crumbs_lead_back(demo_app: RunningApp, browser: Browser) -> None:
    page = open_jiangshan(demo_app, browser)
    row = page.locator(f'tr[data-code="{FANSHIDU}"]')
    row.scroll_into_view_if_needed()
    row.hover()
    page.wait_for_selector("svg[data-painted] path.line.lit[d]", state="attached")
    row.click()
    page.wait_for_url(re.compile(rf"/village\?.*vl={FANSHIDU}"))
    wait_for_title(page, "翻石渡村")
    page.get_by_role("button", name="姜山镇").click()
    page.wait_for_url(re.compile(r"/township\?"))
    wait_for_title(page, "姜山镇")
    page.get_by_role("button", name="鄞州区").click()
    wait_for_title(page, "问题解决率")
    page.wait_for_function("document.querySelector('h1.gb-title')?.innerText.includes('姜山镇') === false")
    page.context.close()


def test_a_village_picked_on_the_map_opens(demo_app: RunningApp, browser: Browser) -> None:
    page = open_jiangshan(demo_app, browser)
    page.locator(f'svg[data-painted] [data-code="{FANSHIDU}"]').first.click()
    wait_for_title(page, "翻石渡村")
    page.context.close()


def test_a_tile_of_the_scoreboard_changes_the_indicator_of_the_whole_page(
    demo_app: RunningApp, browser: Browser
) -> None:
    page = open_jiangshan(demo_app, browser)
    page.get_by_role("button", name=re.compile("^防控措施落实率")).first.click()
    wait_for_title(page, "防控措施落实率")
    page.wait_for_url(re.compile(r"ind=prevention_compliance"))
    page.context.close()
