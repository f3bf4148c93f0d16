"""The tartan rug: what it sends, what it refuses, and how cells are reached, read and picked in the browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ui import component_base, tartan_rug
from ui.tartan_rug import Cell, Line, Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOUNT = """
async ({script, style, html, data}) => {
  const root = document.body.appendChild(document.createElement("div")).attachShadow({mode: "open"});
  const sheet = root.appendChild(document.createElement("style"));
  sheet.textContent = style;
  root.appendChild(document.createRange().createContextualFragment(html));
  const address = URL.createObjectURL(new Blob([script], {type: "text/javascript"}));
  const {default: component} = await import(address);
  window.picks = [];
  window.hovers = [];
  document.addEventListener("place-hover", (event) => window.hovers.push(event.detail.code));
  window.again = (next) => { window.end = component({
    data: next, parentElement: root, setTriggerValue: (name, value) => window.picks.push([name, value]),
  }); };
  window.again(data);
  window.focused = () => root.activeElement?.getAttribute("aria-label") ?? root.activeElement?.textContent ?? null;
}
"""
PLACES = [Place("330212110", "姜山镇", 1, 0, group="镇"), Place("330212006", "首南街道", 0, 2, group="街道")]


def line(code: str, *, domain: str = "问题化解", **cell: Any) -> Line:
    plain: dict[str, Any] = {
        "text": "97.1",
        "verdict": "worse",
        "value": "97.1%（971/1,000）",
        "words": "较差（待观察）",
    }
    cells = [Cell(**plain | cell), Cell(**plain | {"text": "", "verdict": "no_data", "value": "无数据", "words": ""})]
    return Line(code, f"名{code}", "%", domain, f"说明{code}", "98.2", "98.2%（982/1,000）", cells)


def data(**changes: Any) -> dict[str, Any]:
    lines = [
        line("resolution_rate"),
        line("on_time_rate"),
        line("drills_done", domain="应急准备", verdict="much_worse"),
    ]
    plain = {"lines": lines, "places": PLACES, "mode": "values", "lang": "zh", "total": "全区", "caption": "总表"}
    return json.loads(json.dumps(tartan_rug.payload(**(plain | changes)), allow_nan=False))


def test_a_cell_without_trend_is_sent_without_its_fields() -> None:
    sent = data()["lines"][0]["cells"]
    assert sent[0] == ["97.1", "worse", "97.1%（971/1,000）", "较差（待观察）"]
    moved = data(lines=[line("a", trend="up", good=True, change="+1.2", trend_words="上升")])["lines"][0]["cells"][0]
    assert moved[4:] == ["up", True, "+1.2", "上升"]


def test_only_verdicts_that_occur_are_explained() -> None:
    assert list(data()["verdicts"]) == ["worse", "much_worse", "no_data"]


def test_impossible_rugs_are_refused() -> None:
    with pytest.raises(ValueError, match="number of cells"):
        data(places=PLACES[:1])
    with pytest.raises(ValueError, match="same code"):
        data(lines=[line("a"), line("a")])
    with pytest.raises(ValueError, match="mode"):
        data(mode="colours")
    with pytest.raises(ValueError, match="verdict"):
        Cell("", "splendid", "", "")
    with pytest.raises(ValueError, match="trend"):
        Cell("", "similar", "", "", trend="sideways")


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page that fails the test when a script on it throws."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    opened.on("pageerror", lambda problem: problems.append(str(problem)))
    yield opened
    opened.close()
    assert problems == []


def mount(page: "Page", payload: dict[str, Any]) -> None:
    folder = Path(str(tartan_rug.__file__)).parent
    parts = {"script": component_base.read_script(folder), "style": component_base.read_style(folder)}
    page.evaluate(MOUNT, {**parts, "html": component_base.HTML, "data": payload})


@pytest.mark.browser
def test_arrow_keys_move_one_focus_through_the_cells_and_enter_picks(page: "Page") -> None:
    mount(page, data())
    assert page.locator(".rug [tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("window.focused()") == "姜山镇"
    page.keyboard.press("ArrowDown")
    assert "名resolution_rate · 97.1%（971/1,000） · 较差（待观察）" in page.evaluate("window.focused()")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Enter")  # the corner opens nothing
    picks = [code for _, code in page.evaluate("window.picks")]
    assert picks == ["330212110|resolution_rate", "330212006|on_time_rate", "|on_time_rate"]
    assert page.locator(".rug [tabindex='0']").count() == 1


@pytest.mark.browser
def test_the_card_says_value_verdict_and_definition_and_goes_away(page: "Page") -> None:
    mount(page, data())
    page.locator("td.cell").first.hover()
    card = page.locator(".card")
    told = card.inner_text()
    for words in (
        "姜山镇 · 名resolution_rate",
        "97.1%（971/1,000）",
        "较差（待观察）",
        "98.2%（982/1,000）",
        "说明resolution_rate",
    ):
        assert words in told.replace("\u2060", "")
    assert page.evaluate("window.hovers.at(-1)") == "330212110"
    page.locator("td.cell").nth(1).hover()
    assert "无数据" in card.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.mouse.move(1400, 890)
    assert card.is_hidden()


@pytest.mark.browser
def test_headings_open_the_township_and_the_definition(page: "Page") -> None:
    mount(page, data())
    page.locator("th.turned[data-column='1']").click()
    page.locator("tr[data-row='2'] th").click()
    page.locator("td.cell").nth(4).click()
    assert [code for _, code in page.evaluate("window.picks")] == [
        "330212006|",
        "|drills_done",
        "330212110|drills_done",
    ]


@pytest.mark.browser
def test_a_place_lit_elsewhere_is_lit_in_its_column(page: "Page") -> None:
    mount(page, data())
    page.evaluate("document.dispatchEvent(new CustomEvent('place-hover', {detail: {code: '330212006'}}))")
    assert page.locator(".cell.lit").count() == 3
    page.evaluate("window.end()")
    page.evaluate("document.dispatchEvent(new CustomEvent('place-hover', {detail: {code: null}}))")
    assert page.locator(".cell.lit").count() == 3


@pytest.mark.browser
def test_trends_colour_the_cells_and_say_which_way_is_good(page: "Page") -> None:
    lines = [
        line("a", trend="up", good=True, change="+1.2", trend_words="上升，向好"),
        line("b", trend="up", good=None, trend_words="上升"),
        line("c", trend="unknown", trend_words="不判断"),
    ]
    mount(page, data(lines=lines, mode="trends"))
    cells = page.locator("tr[data-row] td.cell[data-column='0']")
    assert [one.get_attribute("data-trend") for one in cells.all()] == ["better", "up", "unknown"]
    assert cells.first.inner_text().replace("\n", "") == "↑+1.2"
    assert page.locator(".key-line .swatch.trend").count() == 3
    page.evaluate("data => window.again(data)", data(lines=lines, mode="both"))
    assert cells.first.get_attribute("data-verdict") == "worse"
    assert "▼" in cells.first.inner_text() and "+1.2" in cells.first.inner_text()


@pytest.mark.browser
def test_headings_stay_in_sight_when_the_rug_is_scrolled(page: "Page") -> None:
    many = [Place(f"33021{number:04}", f"第{number}镇", 0, 0) for number in range(60)]
    cells = [Cell("97.1", "similar", "97.1%", "无")] * 60
    lines = [Line(f"i{number}", f"指标{number}", "%", "域", "说明", "98", "98%", cells) for number in range(60)]
    mount(page, data(lines=lines, places=many))
    page.evaluate("document.querySelector('div').shadowRoot.querySelector('.scroller').scrollTo(900, 700)")
    name, head = (
        page.locator("tr[data-row='40'] th").bounding_box(),
        page.locator("th.turned[data-column='30']").bounding_box(),
    )
    scroller = page.locator(".scroller").bounding_box()
    assert name is not None and head is not None and scroller is not None
    assert abs(name["x"] - scroller["x"]) < 3 and abs(head["y"] - scroller["y"]) < 30
