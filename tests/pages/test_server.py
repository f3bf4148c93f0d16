"""The running server: what it answers before, beside and inside the pages."""

import json
import os
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from scripts.running_app import RunningApp, running_app
from ui.navigation import PAGES, page_entry
from ui.texts import text

PROJECT = Path(__file__).resolve().parents[2]


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, {k.lower(): v for k, v in refused.headers.items()}, refused.read()


def test_the_server_says_that_it_is_ready_and_with_which_data(demo_app: RunningApp):
    status, headers, body = fetch(f"{demo_app.url}/readyz")
    assert status == 200
    assert json.loads(body)["ready"] is True
    assert json.loads(body)["data_version"] >= 1
    assert "content-security-policy" in headers


def test_the_bundles_go_out_compressed(demo_app: RunningApp):
    _, _, page = fetch(demo_app.url)
    script = re.search(rb"static/js/index[^\"]*\.js", page).group().decode()
    _, headers, small = fetch(f"{demo_app.url}/{script}", accept_encoding="gzip")
    _, _, whole = fetch(f"{demo_app.url}/{script}")
    assert headers["content-encoding"] == "gzip"
    assert len(small) < len(whole) / 2


def test_no_page_is_served_as_a_file(demo_app: RunningApp):
    for entry in PAGES:
        for path in (entry.script, f"app/static/../{entry.script}", f"app/static/%2e%2e/{entry.script}"):
            _, _, body = fetch(f"{demo_app.url}/{path}")
            assert b"open_page" not in body


@pytest.mark.browser
def test_a_page_served_by_itself_shows_only_the_way_to_the_front_door(demo_sqlite: Path, browser):
    # One page in a real server; test_front_door.py tries every one of them in AppTest.
    with running_app(
        database_url=f"sqlite:///{demo_sqlite}",
        script=PROJECT / PAGES[0].script,
        environment={"PYTHONPATH": str(PROJECT)},
    ) as app:
        page = browser.new_page()
        page.goto(app.url)
        page.get_by_text(text("frame.messages.front_door", "zh")).wait_for(timeout=60_000)
        page.wait_for_timeout(500)
        assert page.locator("[data-testid=stMain] [data-testid=stAlert]").count() == 2
        assert page.locator("[data-testid=stMain] [data-testid=stElementContainer]").count() == 2
        page.close()


@pytest.mark.browser
def test_the_root_sends_a_leader_to_the_overview_and_keeps_what_was_asked(demo_app: RunningApp, browser):
    page = browser.new_page()
    page.goto(f"{demo_app.url}/?set=towns&lang=en")
    page.wait_for_url("**/overview?**", timeout=60_000)
    page.locator(".gb-footer").wait_for(timeout=60_000)
    assert "set=towns" in page.url
    assert "lang=en" in page.url
    page.close()


@pytest.mark.browser
def test_the_first_reader_of_a_fresh_server_comes_through_the_front_door_by_deep_link(demo_sqlite: Path, browser):
    with running_app(database_url=f"sqlite:///{demo_sqlite}") as app:
        page = browser.new_page()
        page.goto(f"{app.url}/definitions?lang=en&ind=resolution_rate")
        page.locator(".gb-footer").wait_for(timeout=60_000)
        assert page.locator(".gb-band").inner_text().startswith(text("frame.demonstration.band", "en"))
        page.wait_for_timeout(1_000)
        assert page.get_by_role("dialog").count() == 0  # "Page not found", which the old rules would say
        page.close()


@pytest.mark.browser
def test_no_page_asks_another_host_or_is_stopped_by_the_content_policy(demo_app: RunningApp, browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for entry in PAGES:
        if "leader" in entry.roles:
            page.goto(f"{demo_app.url}/{entry.url_path}")
            page.locator(".gb-footer").wait_for(timeout=60_000)
            page.wait_for_timeout(500)
    become_steward(page)
    for entry in PAGES:
        if "leader" not in entry.roles:
            open_from_menu(page, entry.key)
            page.wait_for_url(f"**/{entry.url_path}*")
            page.wait_for_timeout(1_500)
    own = (demo_app.url, demo_app.url.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    # Below a deep link Streamlit first looks for itself in the wrong folder: two answers 404, its own doing.
    assert [one for one in complaints if "404" not in one] == []
    context.close()


def open_from_menu(page, key: str) -> None:
    """Follow the menu to a page: its section, then its name."""
    entry = page_entry(key)
    section = text(f"navigation.sections.{entry.section}", "zh")
    page.locator("[data-testid=stTopNavSection]", has_text=section).click()
    page.get_by_text(entry.title("zh"), exact=True).first.click()


def become_steward(page) -> None:
    """A local viewer looks on as a data steward."""
    page.locator(".st-key-header_viewer button").first.click()
    page.locator(".st-key-viewer_role").get_by_text(text("frame.roles.steward", "zh"), exact=True).click()
    page.locator(".st-key-header_viewer button", has_text=text("frame.roles.steward", "zh")).wait_for()
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)


@pytest.mark.browser
def test_choices_follow_the_address_through_pages_and_back(demo_app: RunningApp, browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{demo_app.url}/?set=towns&from=202001&to=202004")
    page.locator(".gb-footer").wait_for(timeout=60_000)
    open_from_menu(page, "gaps/pairings")
    page.wait_for_url("**/pairings?*")
    open_from_menu(page, "about/definitions")
    page.wait_for_url("**/definitions?*")
    assert {"set=towns", "from=202001", "to=202004"} <= set(page.url.split("?")[1].split("&"))
    page.get_by_role("button", name=text("frame.header.language", "zh")).click()
    page.wait_for_url("**lang=en**")
    page.get_by_text(text("definitions.lead", "en")).wait_for()
    page.get_by_role("button", name=text("page_head.copy_link", "en")).click()
    page.get_by_role("button", name=text("page_head.copied", "en")).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.go_back()
    page.get_by_text(text("definitions.lead", "zh")).wait_for()
    assert "lang=en" not in page.url
    page.go_back()
    page.wait_for_url("**/pairings?*")
    epidemic = text("filters.periods.epidemic", "zh")
    page.wait_for_function(
        "wanted => document.querySelector('.st-key-filter_period input')?.value === wanted", arg=epidemic
    )
    context.close()


@pytest.mark.browser
def test_a_database_that_does_not_answer_becomes_a_sentence_with_a_number_on_the_screen_and_in_the_log(browser):
    unreachable = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2"
    with running_app(database_url=unreachable, environment={**os.environ, "PGCONNECT_TIMEOUT": "2"}) as app:
        status, _, body = fetch(f"{app.url}/readyz")
        assert (status, json.loads(body)) == (503, {"ready": False})
        page = browser.new_page()
        page.goto(app.url)
        alert = page.locator("[data-testid=stAlert]")
        alert.wait_for(timeout=60_000)
        told = alert.inner_text()
        page.close()
        reference = re.search(r"[0-9A-F]{8}", told).group()
        assert text("frame.messages.not_read_before", "zh", reference=reference) in told
        assert "psycopg" not in told and "Traceback" not in told
        log = app.log.read_text(encoding="utf-8", errors="replace")
        assert reference in log and "OperationalError" in log
