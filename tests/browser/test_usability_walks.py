"""Three people with one question each, in a real Chromium: how many clicks until the answer stands on the screen?

A press of a button, a row, or an entry of a list counts as one click each. Choosing the role in the header stands for
signing in and does not count.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.running_app import RunningApp

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
SIZE = {"width": 1440, "height": 900}
POINTS = r"[+−]?\d+\.\d+个百分点"
ENDS = r"[+−]?\d+\.\d+ ?至 ?[+−]?\d+\.\d+"
WORDS_OF = """root => { const said = []; const walk = node => {
    if (node.nodeType === 3) { const words = node.textContent.trim(); if (words) said.push(words); return; }
    if (['STYLE', 'SCRIPT'].includes(node.tagName)) return;
    if (node.shadowRoot) [...node.shadowRoot.childNodes].forEach(walk);
    [...node.childNodes].forEach(walk); };
  walk(root); return said.join('\\n'); }"""


class Walk:
    """A reader in front of the page, whose clicks are counted."""

    def __init__(self, app: RunningApp, browser: Browser, path: str) -> None:
        context = browser.new_context(viewport=SIZE, locale="zh-CN", accept_downloads=True)
        self.page: Page = context.new_page()
        self.clicks: list[str] = []
        self.page.goto(f"{app.url}{path}")
        self.rest()

    def sign_in_as(self, role: str) -> None:
        """Choose the role in the header; not counted."""
        header = self.page.locator(".st-key-header_viewer button").first
        before = header.inner_text()
        header.click()
        self.page.locator(".st-key-viewer_choice label").filter(has_text=role).click()
        self.page.wait_for_function(
            "before => document.querySelector('.st-key-header_viewer button')?.innerText !== before", arg=before
        )
        self.page.keyboard.press("Escape")
        self.rest()

    def press(self, where: Locator, *, leads_to: str = "") -> None:
        """One click, and wait until the address says what it leads to (part of a pattern)."""
        self.clicks.append(" ".join(where.inner_text().split()) or str(where.get_attribute("aria-label") or where))
        where.click()
        if leads_to:
            self.page.wait_for_url(re.compile(leads_to), timeout=60_000)
            self.rest()

    def choose(self, key: str, words: str, *, leads_to: str) -> None:
        """Open a pick-list and take one entry: two clicks."""
        field = self.page.locator(f".st-key-{key} [data-testid='stSelectbox'] [data-baseweb='select'], "
                                  f".st-key-{key} input").first  # fmt: skip
        self.press(field)
        self.press(self.page.get_by_role("option", name=words, exact=True), leads_to=leads_to)

    def rest(self) -> None:
        """Wait until the script has ended and the page is drawn to its foot."""
        self.page.wait_for_selector("h1.gb-title", timeout=60_000)
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
        self.page.wait_for_selector(".gb-footer", timeout=60_000)

    def title(self) -> str:
        """The heading of the page, which is a sentence."""
        return self.page.locator("h1.gb-title").inner_text()

    def words(self, selector: str = "[data-testid=stMain]") -> str:
        """Every word of a part of the page, line by line, those drawn by components and figures too."""
        return str(self.page.locator(selector).first.evaluate(WORDS_OF))

    def seen_at_once(self, selector: str) -> bool:
        """Whether a part begins inside the window without scrolling."""
        box = self.page.locator(selector).first.bounding_box()
        return box is not None and 0 <= box["y"] < SIZE["height"]

    def end(self, *, at_most: int) -> None:
        """Say how many clicks it took, and that it took no more than allowed."""
        print(f"{len(self.clicks)} of {at_most} clicks: {' → '.join(self.clicks) or 'none'}")
        assert len(self.clicks) <= at_most
        self.page.context.close()


def test_a_leader_finds_the_largest_gap_where_it_is_and_whether_it_shrinks_in_three_clicks(
    demo_app: RunningApp, browser: Browser
) -> None:
    walk = Walk(demo_app, browser, "/")
    walk.page.locator("article.strip .digits").nth(2).wait_for(timeout=60_000)
    strips = {
        strip.locator("button.pick").inner_text(): float(strip.locator(".digits").inner_text())
        for strip in walk.page.locator("article.strip").all()
    }
    assert set(strips) == {"城乡落差", "小区管理落差", "企业规模落差"}
    largest = max(strips, key=lambda name: strips[name])

    walk.press(walk.page.get_by_role("button", name=re.compile(f"^{largest}")).first, leads_to=r"/pairings\?.*pair=")
    walk.page.wait_for_selector("svg[data-painted]", timeout=60_000)
    which = re.search(r"：(\S+?)领先(\S+?)(\d+\.\d)个百分点", walk.title())
    assert which is not None and walk.seen_at_once("h1.gb-title")
    ahead, behind, size = which.groups()
    assert float(size) == pytest.approx(strips[largest], abs=0.051)
    assert re.search(r"，差距(在缩小|在扩大|没有明显变化)；", walk.title())

    counted = re.search(r"可比的(\d+)个镇街(?:各自也都是如此|中有(\d+)个各自也是如此)", walk.title())
    assert counted is not None and walk.seen_at_once("svg[data-painted]")
    places = int(counted.group(2) or counted.group(1))
    legend = re.search(rf"{behind}落后\n(\d+)", walk.words(".st-key-gap_map"))
    assert legend is not None and int(legend.group(1)) == places
    rows = walk.words(".st-key-gap_table").splitlines()
    assert rows.count(behind) >= places and any(name.endswith(("街道", "镇")) for name in rows)
    assert ahead in rows or ahead in walk.words()
    walk.end(at_most=3)


def test_a_head_reads_rank_neighbour_villages_and_cases_short_in_three_clicks(
    demo_app: RunningApp, browser: Browser
) -> None:
    walk = Walk(demo_app, browser, "/township")
    walk.sign_in_as("镇街负责人")
    four_answers(walk)
    assert walk.seen_at_once(".gb-standing")

    walk.press(walk.page.get_by_role("button", name=re.compile("^防控措施落实率")).first, leads_to="ind=prevention")
    walk.page.wait_for_function("document.querySelector('.gb-standing')?.innerText.includes('防控措施落实率')")
    named = four_answers(walk)
    table = walk.page.locator("tr[data-code^='330212']")
    table.first.wait_for(timeout=60_000)
    listed = {row.get_attribute("data-code"): row.inner_text() for row in table.all()}
    assert named and all(any(name in row for row in listed.values()) for name in named)

    code = next(code for code, row in listed.items() if named[0] in row)
    walk.press(walk.page.locator(f"tr[data-code='{code}']").first, leads_to=rf"/village\?.*vl={code}")
    walk.page.wait_for_function(f"document.querySelector('h1.gb-title')?.innerText.includes('{named[0]}')")
    walk.end(at_most=3)


def four_answers(walk: Walk) -> list[str]:
    """Check the four short answers of a township's page; the villages that are named."""
    walk.page.locator("[data-answer]").nth(3).wait_for(timeout=60_000)
    said = {
        str(card.get_attribute("data-answer")): card.inner_text().replace("\n\n", "\n")
        for card in walk.page.locator("[data-answer]").all()
    }
    assert list(said) == ["rank", "next", "villages", "needed"]
    assert re.search(r"我排第几？\n(并列)?第\d+名", said["rank"])
    assert re.search(r"可能区间第\d+–\d+名|名次确定", said["rank"])
    assert re.search(r"(分不出先后|确有差别|样本少，不作判断)\n[前后]一名：\S+，\d+\.\d+%", said["next"])
    assert re.search(rf"与它相差(?:{POINTS}|不足0\.1个百分点)（可能区间{ENDS}个百分点）", said["next"])
    assert re.search(r"离目标还差几件？\n(还差\d+(件|项次)|已达\d+(\.\d+)?%)", said["needed"])
    answer = said["villages"].split("\n")[1]
    if answer.startswith("没有村社"):
        return []
    names = answer.split("、")
    assert 1 <= len(names) <= 3
    amounts = re.search(r"(?:依次)?[少多]((?:\d+\.\d)(?:、\d+\.\d)*)", said["villages"])
    assert amounts is not None and len(amounts.group(1).split("、")) == len(names)
    return names


def test_a_researcher_holds_the_age_of_estates_alike_and_takes_the_data_away_in_six_clicks(
    demo_app: RunningApp, browser: Browser, tmp_path: Path
) -> None:
    walk = Walk(demo_app, browser, "/query")
    walk.sign_in_as("政策研究")
    walk.choose("qi_choice", "防控措施落实率", leads_to="qi=prevention_compliance")
    assert re.search(r"：\S+领先业主自治小区\d+\.\d个百分点|业主自治小区与物业管理小区没有明显差别", walk.title())
    answered(walk, "镇街")
    walk.choose("adjust_choice", "小区楼龄", leads_to="adjust=estate_age")
    sentence = answered(walk, "小区楼龄")

    with walk.page.expect_download(timeout=60_000) as taken:
        walk.press(walk.page.locator(".st-key-query_file button"))
    file = tmp_path / "taken.csv"
    taken.value.save_as(file)
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert taken.value.suggested_filename.endswith(".csv")
    assert any(row and row[0] == "问题" and "防控措施落实率" in row[1] for row in rows)
    begin = next(number for number, row in enumerate(rows) if row[:2] == ["place", "name"])
    data = [dict(zip(rows[begin], row, strict=True)) for row in rows[begin + 1 :] if len(row) == len(rows[begin])]
    assert len(data) == 25
    together = re.search(r"业主自治小区\s*\d+\.\d+%（([\d,]+)/([\d,]+)）", walk.words(".gb-query-tests"))
    assert together is not None
    x, n = (int(one.replace(",", "")) for one in together.groups())
    assert (sum(int(row["a_x"]) for row in data), sum(int(row["a_n"]) for row in data)) == (x, n)
    assert any(sentence in "".join(row) for row in rows)
    walk.end(at_most=6)


def answered(walk: Walk, alike: str) -> str:
    """The sentence that says what is left of the gap where ``alike`` is the same."""
    walk.page.wait_for_function(
        "words => [...document.querySelectorAll('.gb-query-tests')].some(one => one.innerText.includes(words))",
        arg=f"同一{alike}之内相差",
    )
    said = "\n".join(walk.page.locator(".gb-query-tests").all_inner_texts())
    found = re.search(
        r"(差距仍在|差距不再明显|这样比才显出差距|仍没有明显差别|方向反了)：同一"
        rf"{alike}之内相差{POINTS}（{ENDS}[^）]*），p[=<]0\.\d+；不分层时相差{POINTS}", said,
    )  # fmt: skip
    assert found is not None, said
    return found.group(0)
