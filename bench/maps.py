"""The maps people see first, in Chromium: what a visit and a change of filter cost, and how soon they are painted.

Bytes are those of the network as the browser counts them (compressed where the server compresses) and those of the
websocket; seconds run from the click to the frame in which the map has its new colours. Streamlit's own files come from
the browser's cache from the second visit on, as for somebody who uses the dashboard daily.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from indicators.catalogue import load_catalogue
from scripts.chromium import ARGUMENTS, ensure_chromium
from scripts.running_app import running_app

HEADINGS: Final = (
    "page",
    "step",
    "times",
    "painted s",
    "websocket KB",
    "network KB",
    "geometry KB",
    "geometry requests",
)
PAGES: Final = (("briefing/overview", ""), ("places/township", "township?tn=330212110"))
INDICATORS: Final = ("satisfaction_rate", "on_time_rate", "prevention_compliance", "resolution_rate")
_PAINTED: Final = "svg.drawing[data-painted]"
_WAIT_MS: Final = 60_000


@dataclass(frozen=True)
class MapStep:
    """One kind of step on one page; medians over its times. ``geometry`` counts what came from /geometry/."""

    page: str
    step: str
    times: int
    seconds: float
    websocket_kb: float
    network_kb: float
    geometry_kb: float
    geometry_requests: float


@dataclass
class _Counted:
    websocket: int = 0
    network: int = 0
    geometry: int = 0
    requests: int = 0


def measure_maps(*, url: str | None, database_url: str, runs: int, say: Callable[[str], None]) -> list[MapStep]:
    """Measure the overview's and a township's map: a cold visit, a visit again, and changes of the indicator to
    something new and to something seen. ``url`` names an app that runs already; else one is started.
    """
    chromium = ensure_chromium()
    with _app(url, database_url) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(ARGUMENTS))
        try:
            found = []
            for page, path in PAGES:
                say(page)
                found += _measure_page(browser, address, page, path, runs)
            return found
        finally:
            browser.close()


@contextmanager
def _app(url: str | None, database_url: str) -> Iterator[str]:
    if url:
        yield url.rstrip("/")
        return
    with running_app(database_url=database_url) as app:
        yield app.url


def _measure_page(browser: Browser, address: str, name: str, path: str, runs: int) -> list[MapStep]:
    cold, again, new, seen = [], [], [], []
    for _ in range(runs):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page = context.new_page()
        counted = _count(page)
        cold.append(_visit(page, f"{address}/{path}", counted))
        again.append(_visit(page, f"{address}/{path}", counted))
        for code in INDICATORS:
            new.append(_change(page, code, counted))
        for code in INDICATORS:
            seen.append(_change(page, code, counted))
        context.close()
    steps = (("visit, cold", cold), ("visit, again", again), ("change, first", new), ("change, again", seen))
    return [_median(name, step, rows) for step, rows in steps]


def _visit(page: Page, url: str, counted: _Counted) -> tuple[float, _Counted]:
    before = _Counted(**vars(counted))
    page.goto(url)
    page.wait_for_selector(_PAINTED, timeout=_WAIT_MS, state="attached")
    seconds = page.evaluate("performance.now() / 1000")
    _settle(page)
    return seconds, _since(before, counted)


def _change(page: Page, code: str, counted: _Counted) -> tuple[float, _Counted]:
    """Choose another indicator as a reader does; seconds from the click on its name to the painted map."""
    before = _Counted(**vars(counted))
    page.locator(".st-key-filter_indicator [data-baseweb=select], .st-key-filter_indicator input").first.click()
    page.evaluate(_WATCH)
    page.get_by_role("option", name=load_catalogue()[code].name["zh"], exact=True).click()
    seconds = page.evaluate("() => globalThis.mapPainted")
    _settle(page)
    return seconds, _since(before, counted)


# The clock starts with the click that follows and stops in the frame after the map says that it was painted again.
_WATCH: Final = """() => {
  const svg = document.querySelector("svg.drawing") ?? [...document.querySelectorAll("*")]
    .map((one) => one.shadowRoot?.querySelector("svg.drawing")).find(Boolean);
  const before = svg.dataset.painted;
  let start = null;
  document.addEventListener("pointerdown", () => { start = performance.now(); }, { capture: true, once: true });
  globalThis.mapPainted = new Promise((done) => {
    const look = () => {
      const now = document.querySelector("svg.drawing") ?? [...document.querySelectorAll("*")]
        .map((one) => one.shadowRoot?.querySelector("svg.drawing")).find(Boolean);
      if (start !== null && now && (now !== svg || now.dataset.painted !== before)) {
        requestAnimationFrame(() => done((performance.now() - start) / 1000));
      } else requestAnimationFrame(look);
    };
    look();
  });
}"""


def _settle(page: Page) -> None:
    """Until the script has ended and nothing more arrives."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=_WAIT_MS)
    page.wait_for_timeout(400)


def _count(page: Page) -> _Counted:
    counted = _Counted()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}

    def asked(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["request"]["url"]
        if "/geometry/" in event["request"]["url"]:
            counted.requests += 1

    def loaded(event: dict[str, Any]) -> None:
        size = int(event["encodedDataLength"])
        counted.network += size
        if "/geometry/" in kinds.get(event["requestId"], ""):
            counted.geometry += size

    def heard(event: dict[str, Any]) -> None:
        payload, binary = event["response"]["payloadData"], event["response"]["opcode"] == 2
        counted.websocket += len(payload) * 3 // 4 if binary else len(payload.encode())

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", loaded)
    session.on("Network.webSocketFrameReceived", heard)
    return counted


def _since(before: _Counted, now: _Counted) -> _Counted:
    return _Counted(**{name: value - getattr(before, name) for name, value in vars(now).items()})


def _median(page: str, step: str, rows: list[tuple[float, _Counted]]) -> MapStep:
    def middle(name: str) -> float:
        return statistics.median(getattr(counted, name) for _, counted in rows)

    return MapStep(
        page=page,
        step=step,
        times=len(rows),
        seconds=round(statistics.median(seconds for seconds, _ in rows), 3),
        websocket_kb=round(middle("websocket") / 1024, 1),
        network_kb=round(middle("network") / 1024, 1),
        geometry_kb=round(middle("geometry") / 1024, 1),
        geometry_requests=middle("requests"),
    )
