"""The components' browser side, mounted on an empty page: order, hover, keyboard, pick, download, theme."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from ui import component_base, findings_list, gap_strips, place_table, scoreboard
from ui.findings_list import FindingText
from ui.gap_strips import Side, Strip
from ui.place_table import Cell, Column, Download, Row
from ui.scoreboard import Point, Tile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

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
  const call = (next) => component({
    data: next, parentElement: root, setTriggerValue: (name, value) => window.picks.push([name, value]),
  });
  window.again = (next) => { window.end = call(next); };
  window.again(data);
}
"""


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page that fails the test when a script on it throws."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    opened.on("pageerror", lambda problem: problems.append(str(problem)))
    yield opened
    opened.close()
    assert problems == []


def mount(page: "Page", module: ModuleType, data: dict[str, Any]) -> None:
    folder = Path(str(module.__file__)).parent
    parts = {"script": component_base.read_script(folder), "style": component_base.read_style(folder)}
    page.evaluate(MOUNT, {**parts, "html": component_base.HTML, "data": json.loads(json.dumps(data, allow_nan=False))})


def table_data(**changes: Any) -> dict[str, Any]:
    columns = [
        Column("no", "序号", "index"),
        Column("name", "单位", "name"),
        Column("rate", "满意\n率", "rate"),
        Column("change", "较上月", "text"),
    ]
    figures: list[tuple[str, str, float | None, str | None, str]] = [
        ("01", "姜山镇", 0.97, "worse", "-0.4"),
        ("02", "=SUM(A1)", 0.99, "better", "+0.3"),
        ("03", "东钱湖镇", 1.0, "too_few", "@x"),
        ("04", "云龙镇", None, "no_data", "-1+2"),
        ("05", "下应街道", 0.98, "similar", ""),
    ]
    rows = [
        Row(
            code,
            {"name": Cell(name, name), "rate": Cell(f"{rate}", rate, verdict), "change": Cell(change, change)},
            group="镇" if code < "05" else "街道",
        )
        for code, name, rate, verdict, change in figures
    ]
    total = Row("330212", {"name": Cell("全区"), "rate": Cell("0.98", 0.98)}, total=True)
    plain: dict[str, Any] = {
        "columns": columns,
        "rows": [total, *rows],
        "lang": "zh",
        "download": Download("通报.csv", mark="演示数据", notes=["版本 17"]),
    }
    return place_table.payload(**{**plain, **changes})


def order(page: "Page") -> list[str]:
    return [str(line.get_attribute("data-code")) for line in page.locator("tr[data-code]").all()]


def test_rows_sort_both_ways_with_unjudged_then_missing_ones_last_and_the_district_first(page: "Page") -> None:
    mount(page, place_table, table_data())
    assert order(page) == ["330212", "01", "02", "03", "04", "05"]
    page.locator("button[data-sort=rate]").click()
    assert order(page) == ["330212", "02", "05", "01", "03", "04"]
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator("button[data-sort=rate]").click()
    assert order(page) == ["330212", "01", "05", "02", "03", "04"]
    assert page.locator("td.kind-index").all_inner_texts() == ["", "1", "2", "3", "4", "5"]


def test_a_narrow_table_names_the_columns_it_leaves_out(page: "Page") -> None:
    columns = [Column("name", "单位", "name"), Column("change", "较\n上月", "text", wide_only=True)]
    rows = [Row("01", {"name": Cell("姜山镇"), "change": Cell("+0.3")})]
    mount(page, place_table, place_table.payload(columns=columns, rows=rows, lang="zh"))
    page.set_viewport_size({"width": 700, "height": 600})
    assert not page.locator("td.wide-only").is_visible()
    assert page.locator(".narrow-only").inner_text().endswith("：较上月")
    page.set_viewport_size({"width": 1400, "height": 600})
    assert page.locator("td.wide-only").is_visible()
    assert not page.locator(".narrow-only").is_visible()


def test_the_readers_order_outlives_new_figures(page: "Page") -> None:
    mount(page, place_table, table_data())
    page.locator("button[data-sort=rate]").click()
    page.evaluate("data => window.again(data)", table_data(selected="05", footnotes=["新"]))
    assert order(page)[1] == "02"
    assert page.locator("tr.selected").get_attribute("data-code") == "05"


def test_groups_keep_their_order_and_count_from_one(page: "Page") -> None:
    mount(page, place_table, table_data(sort=("rate", "desc")))
    page.locator("input[type=checkbox]").check()
    assert page.locator("tr.group").all_inner_texts() == ["镇", "街道"]
    assert page.locator("td.kind-index").all_inner_texts() == ["", "1", "2", "3", "4", "1"]


def test_hover_is_told_to_the_page_and_heard_from_it(page: "Page") -> None:
    mount(page, place_table, table_data())
    page.locator("tr[data-code='02']").hover()
    assert page.evaluate("window.hovers.at(-1)") == "02"
    page.evaluate("document.dispatchEvent(new CustomEvent('place-hover', {detail: {code: '05'}}))")
    assert page.locator("tr.lit").get_attribute("data-code") == "05"
    page.evaluate("window.end()")
    page.evaluate("document.dispatchEvent(new CustomEvent('place-hover', {detail: {code: '01'}}))")
    assert page.locator("tr.lit").get_attribute("data-code") == "05"


def test_a_row_is_picked_by_click_and_by_keyboard(page: "Page") -> None:
    mount(page, place_table, table_data())
    page.locator("tr[data-code='02']").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("window.picks") == [["pick", "02"], ["pick", "04"]]
    assert page.locator("tr[tabindex='0']").count() == 1


def test_the_file_holds_the_order_shown_the_mark_and_no_formula(page: "Page", tmp_path: Path) -> None:
    mount(page, place_table, table_data(sort=("rate", "asc")))
    with page.expect_download() as started:
        page.locator("button.download").click()
    path = tmp_path / "table.csv"
    started.value.save_as(path)
    assert started.value.suggested_filename == "通报.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert lines == [
        ["演示数据"],
        ["序号", "单位", "满意率", "较上月"],
        ["", "全区", "0.98", ""],
        ["1", "姜山镇", "0.97", "-0.4"],
        ["2", "下应街道", "0.98", ""],
        ["3", "'=SUM(A1)", "0.99", "+0.3"],
        ["4", "东钱湖镇", "1.0", "'@x"],
        ["5", "云龙镇", "None", "'-1+2"],
        ["版本 17"],
    ]


def test_names_are_text_and_never_markup(page: "Page") -> None:
    name = "<img src=x onerror=window.broken=1>"
    rows = [Row("1", {"name": Cell(name, name, title=name)})]
    mount(page, place_table, table_data(rows=rows, footnotes=[name]))
    assert page.locator("tr[data-code='1'] th").inner_text() == name
    assert page.locator("img").count() == 0


def test_a_tile_opens_its_figures_and_is_picked_with_enter(page: "Page") -> None:
    points = [Point("1月", 0.97, 0.96, 0.98), Point("2月", None), Point("3月", 0.9999, None, None, True)]
    details = [("分子", "12,418"), ("分母", "12,684")]
    tile = Tile(
        "r", "解决率", "97.9%", "解决率", points=points, target=0.98, details=details, link="http://127.0.0.1/?ind=r"
    )
    mount(page, scoreboard, scoreboard.payload(tiles=[tile], lang="zh"))
    assert page.locator("#drawer").is_hidden()
    page.locator("button.more").click()
    assert page.locator("#drawer dd").all_inner_texts() == ["12,418", "12,684"]
    page.locator("button.pick").press("Enter")
    assert page.evaluate("window.picks") == [["pick", "r"]]
    assert page.locator(".spark .dot.open").count() == 1
    assert page.locator(".spark .line").count() == 0  # a missing month leaves a gap, not a line across it
    box = page.locator(".spark").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 5)
    assert page.locator(".spark-ends").inner_text().split() == ["3月", "99.9%"]  # never 100.0% below one


def test_a_strip_marks_the_group_behind_and_names_a_missing_one(page: "Page") -> None:
    a, b = Side("城市", 0.919, 0.91, 0.92, "91.9%"), Side("农村", 0.951, 0.94, 0.96, "95.1%")
    strips = [
        Strip("one", "城乡", "农村领先", a, b, "a", "城乡"),
        Strip("two", "新老", "无法比较", a, Side("新村", None, n_text="未检查"), None, "新老"),
    ]
    mount(page, gap_strips, gap_strips.payload(strips=strips, lang="zh"))
    first, second = page.locator(".strip").all()
    assert first.locator("circle.spot.behind.a").count() == 1
    assert first.locator("rect.spot.behind").count() == 0
    assert second.locator(".bar").count() == 0
    assert "未检查" in second.inner_text()
    second.click()
    assert page.evaluate("window.picks") == [["pick", "two"]]


def test_the_names_of_a_strip_stand_clear_of_both_intervals_and_inside_the_drawing(page: "Page") -> None:
    a, b = (
        Side("Owner-governed estates", 0.951, 0.90, 0.99, "95.1%"),
        Side("Managed estates", 0.96, 0.955, 0.965, "96%"),
    )
    mount(
        page, gap_strips, gap_strips.payload(strips=[Strip("one", "Estates", "alike", a, b, "none", "one")], lang="en")
    )
    plot = page.locator(".plot svg").bounding_box()
    whiskers = [line.bounding_box() for line in page.locator(".plot .whisker").all()]
    left, right = (name.bounding_box() for name in page.locator(".side-name").all())
    assert plot and left and right and all(whiskers)
    assert left["x"] >= plot["x"] and right["x"] + right["width"] <= plot["x"] + plot["width"]
    assert left["x"] + left["width"] <= min(box["x"] for box in whiskers if box)
    assert right["x"] >= max(box["x"] + box["width"] for box in whiskers if box)


def test_findings_lead_to_their_evidence_and_an_empty_list_says_so(page: "Page") -> None:
    data = findings_list.payload(findings=[FindingText("gap:estate", "差距最大", "gap_a")], lang="zh")
    mount(page, findings_list, data)
    page.locator(".finding button").click()
    assert page.evaluate("window.picks") == [["pick", "gap:estate"]]
    page.evaluate("data => window.again(data)", findings_list.payload(findings=[], lang="zh"))
    assert page.locator(".finding").count() == 0
    assert page.locator(".nothing").is_visible()


def test_the_sheet_follows_the_theme_of_the_page(page: "Page") -> None:
    data = findings_list.payload(findings=[], lang="zh")
    page.add_style_tag(content=":root { --st-background-color: #10161d; --st-text-color: #e8e6e1; }")
    mount(page, findings_list, data)
    assert page.locator(".sheet").get_attribute("data-shade") == "dark"
    page.evaluate("document.documentElement.style.setProperty('--st-background-color', '#f7f5f0')")
    page.evaluate("data => window.again(data)", data)
    assert page.locator(".sheet").get_attribute("data-shade") == "light"
