"""A steward who has never seen the page: a dirty file, its three wrong rows, mended, and in."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from python_calamine import load_workbook

from data_access.batches import read_batches
from data_access.engine import create_engine
from scripts.running_app import RunningApp, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SIZE = {"width": 1440, "height": 900}
HEADINGS = ("工单编号", "诉求时间", "渠道来源", "问题类型", "所属镇街", "所属村社", "村社代码", "受理时间", "办理时限",
            "办结时间", "办理结果")  # fmt: skip
GOOD = ("2022-12-05 09:00", "12345电话", "民生求助", "姜山镇", "翻石渡村", "330212110214", "2022-12-05 09:30",
        "2022-12-20 18:00", "2022-12-06 10:00", "已解决")  # fmt: skip


@pytest.fixture
def steward_app(demo_sqlite: Path, tmp_path: Path) -> Iterator[RunningApp]:
    """The dashboard on a copy of the demonstration district that may be written to."""
    shutil.copy(demo_sqlite, tmp_path / "district.db")
    settings = {"UPLOAD_FOLDER": str(tmp_path / "uploads")}
    with running_app(database_url=f"sqlite:///{tmp_path / 'district.db'}", environment=settings) as app:
        yield app


def dirty_file(path: Path) -> Path:
    """Twenty cases; a date, a place and a kind of problem are wrong."""
    rows = [[f"NEW{number:04d}", *GOOD] for number in range(20)]
    rows[3][1] = "2022年13月5日"
    rows[8][5], rows[8][6] = "无此村", ""
    rows[15][3] = "说不清"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def mend(downloaded: Path, path: Path) -> Path:
    """What a person does in the spreadsheet program: the three cells corrected, everything else as it came."""
    heading, *rows = load_workbook(downloaded).get_sheet_by_index(0).to_python()
    at = {name: heading.index(name) for name in HEADINGS}
    assert len(rows) == 3
    for row in rows:
        assert row[0], "Every row says why."
        row[at["诉求时间"]], row[at["问题类型"]] = GOOD[0], GOOD[2]
        row[at["所属村社"]], row[at["村社代码"]] = GOOD[4], GOOD[5]
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([heading, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, str(cell))
    return path


def title(page: Page, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('h1.gb-title')?.innerText.includes(words)", arg=words, timeout=60_000
    )


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").first.click()


def as_steward(page: Page, app: RunningApp) -> None:
    page.goto(app.url)
    page.wait_for_selector("h1.gb-title", timeout=60_000)
    press(page, "header_viewer")
    page.locator(".st-key-viewer_choice").get_by_text("数据管理", exact=True).click()
    menu = page.get_by_test_id("stTopNavSection").filter(has_text="数据管理")
    menu.wait_for(timeout=30_000)
    page.keyboard.press("Escape")
    menu.click()
    page.locator('a[href*="/upload"]').first.click()


def test_a_dirty_file_is_dropped_its_wrong_rows_are_mended_and_everything_is_in(
    steward_app: RunningApp, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=SIZE, locale="zh-CN", accept_downloads=True)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    as_steward(page, steward_app)
    title(page, "把部门送来的文件放进来")

    page.locator("input[type=file]").first.set_input_files(dirty_file(tmp_path / "工单_12月.csv"))
    title(page, "这是问题工单吗")
    press(page, "upload_check")
    title(page, "3行要改，其余17行可以载入")
    wrong = page.locator(".gb-problems tbody tr")
    assert wrong.count() == 3
    assert [wrong.nth(place).locator("td").first.inner_text() for place in range(3)] == ["5", "10", "17"]
    for said in ("2022年13月5日", "无此村", "说不清"):
        assert page.locator(".gb-problems td.found").get_by_text(said).count() == 1
    with page.expect_download() as download:
        press(page, "upload_download")
    download.value.save_as(tmp_path / "downloaded.xlsx")

    press(page, "upload_load")
    title(page, "已载入17行，还有3行没有进来")
    page.wait_for_selector(".gb-headline tbody tr")
    as_steward(page, steward_app)  # a new session, as after a reload: the work is where it was
    title(page, "已载入17行，还有3行没有进来")

    mended = mend(tmp_path / "downloaded.xlsx", tmp_path / "改好.xlsx")
    page.locator(".st-key-upload_mend input[type=file]").set_input_files(mended)
    title(page, "这是问题工单吗")
    press(page, "upload_check")
    title(page, "3行都可以载入")
    press(page, "upload_load")
    title(page, "已载入3行")

    engine = create_engine(f"sqlite:///{tmp_path / 'district.db'}")
    newest = read_batches(engine, limit=2)
    engine.dispose()
    assert list(newest["file_name"]) == ["改好.xlsx", "工单_12月.csv"]
    assert list(newest["rows_new"]) == [3, 17]
    assert failures == []
    context.close()
