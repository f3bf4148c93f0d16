"""Pointing at a place anywhere lights it everywhere: on the map, in the figures beside it, in the table below."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page

from scripts.running_app import RunningApp
from scripts.screenshots import wait_until_drawn

pytestmark = pytest.mark.browser
JIANGSHAN = "330212110"
POINT = """(code) => {
  const plot = document.querySelector(".js-plotly-plot"), box = plot.getBoundingClientRect(), layout = plot._fullLayout;
  const at = (list, index) => list[index] ?? list._inputArray[index];
  for (const trace of plot.data) {
    const index = [...(trace.customdata ?? [])].findIndex((one) => String([].concat(one)[0]) === code);
    if (index >= 0) return [box.left + layout.xaxis._offset + layout.xaxis.d2p(at(trace.x, index)),
                            box.top + layout.yaxis._offset + layout.yaxis.d2p(at(trace.y, index))];
  }
}"""


@pytest.fixture
def page(demo_app: RunningApp, browser: Browser):
    opened = browser.new_page(viewport={"width": 1440, "height": 1400})
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{demo_app.url}/pairings")
    wait_until_drawn(opened, with_map=True)
    opened.locator(".js-plotly-plot .trace").first.wait_for()
    yield opened
    assert faults == []
    opened.close()


def test_a_place_pointed_at_on_the_map_is_ringed_in_the_figures(page: Page) -> None:
    place = page.locator(f'path.place[data-code="{JIANGSHAN}"]').first
    place.scroll_into_view_if_needed()
    place.hover()
    page.locator(".place-rings circle").first.wait_for(state="attached")
    ring = page.locator(".place-rings circle").first.bounding_box()
    assert ring
    x, y = page.evaluate(POINT, JIANGSHAN)
    rings = page.locator(".place-rings circle").all()
    centres = [
        (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for one in rings if (box := one.bounding_box())
    ]
    assert any(abs(one[0] - x) < 1.5 and abs(one[1] - y) < 1.5 for one in centres)
    page.mouse.move(2, 2)
    page.wait_for_function("document.querySelectorAll('.place-rings').length === 0")


def test_a_mark_pointed_at_in_the_figure_is_outlined_on_the_map(page: Page) -> None:
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    x, y = page.evaluate(POINT, JIANGSHAN)
    page.mouse.move(x - 30, y)
    page.mouse.move(x, y)
    shape = page.locator(f'path.place[data-code="{JIANGSHAN}"]').first.get_attribute("d")
    outline = page.locator(".outlines .lit.line").first
    page.wait_for_timeout(300)
    assert outline.get_attribute("d") == shape
