"""The pages of a township and of a village: who sees what, in which words, and with which figures."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data_access.counts import read_counts
from data_access.engine import create_engine
from data_access.permissions import NotPermitted, Scope
from data_access.places import read_places
from data_access.releases import current_data_version
from indicators.catalogue import Catalogue, load_catalogue
from indicators.rankings import rank_table
from indicators.targets import cases_short
from indicators.values import rate_table
from indicators.verdicts import verdict_table
from tests.pages.conftest import Open, words
from ui import measures, place_table
from ui.measures import View
from ui.navigation import HEADLINE
from ui.payloads.finding_words import finding_text
from ui.payloads.place_matters import place_matters
from ui.payloads.place_tiles import Circle
from ui.payloads.township_payload import township_page
from ui.payloads.village_payload import village_page, village_title
from ui.payloads.village_table import by_evidence
from ui.texts import number, percent, text

pytestmark = pytest.mark.shared_caches

JIANGSHAN, BAIZHANG = "330212110", "330212008"
FANSHIDU = "330212110214"
LEVELS = {
    "resolution_rate": ("verified_solved", "due"),
    "satisfaction_rate": ("satisfied", "reached"),
    "on_time_rate": ("closed_on_time", "due"),
    "prevention_compliance": ("items_passed", "items_checked"),
}


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """All townships over 2022, as the page would ask for it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(
        root="330212",
        villages_of=None,
        first=202201,
        last=202212,
        township_set="all",
        version=version.number,
        first_month=version.first_month,
        provisional_from=version.provisional_from,
        lang="zh",
    )


def direct(demo: Path, indicator: str, *, level: str, within: str | None, months: tuple[int, int]) -> pd.DataFrame:
    """place, x, n straight from the counts, without anything of ui."""
    source = "inspections" if indicator == "prevention_compliance" else "issues"
    counts = read_counts(
        create_engine(f"sqlite:///{demo}"), scope=Scope(root="330212"), source=source, level=level, within=within,
        first=months[0], last=months[1],
    )  # fmt: skip
    numerator, denominator = LEVELS[indicator]
    return counts.rename(columns={numerator: "x", denominator: "n"})[["place", "x", "n"]]


# Opening the pages


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("indicator", ["resolution_rate", "overdue_open_rate", "issues_per_1000"])
def test_a_township_page_names_place_and_indicator_in_its_title(open_app: Open, lang: str, indicator: str):
    app = open_app("places/township", lang=lang, tn=JIANGSHAN, ind=indicator)
    assert not app.exception and not app.error
    title = title_of(words(app))
    assert ("姜山镇" if lang == "zh" else "Jiangshan Town") in title
    assert load_catalogue()[indicator].name[lang] in title
    if lang == "en":
        assert not re.search(r"[一-鿿]", title)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_village_page_names_the_village_and_the_way_back(open_app: Open, lang: str):
    app = open_app("places/village", lang=lang, tn=JIANGSHAN, vl=FANSHIDU)
    assert not app.exception and not app.error
    name, town = ("翻石渡村", "姜山镇") if lang == "zh" else ("Fanshidu Village", "Jiangshan Town")
    assert name in title_of(words(app))
    assert [app.button(key="crumb_1").label, name in words(app)] == [town, True]


def test_choosing_another_township_shows_that_township(open_app: Open):
    app = open_app("places/township", tn=JIANGSHAN)
    app.selectbox(key="filter_township").set_value(BAIZHANG).run()
    assert title_of(words(app)).startswith("百丈街道")


@pytest.mark.parametrize("address", [{"tn": "999"}, {"tn": JIANGSHAN, "vl": "330212110999"}, {"vl": "<script>"}])
@pytest.mark.parametrize("page", ["places/township", "places/village"])
def test_an_address_with_an_unknown_place_still_opens_a_page(open_app: Open, page: str, address: dict[str, str]):
    app = open_app(page, **address)
    assert not app.exception and not app.error
    assert title_of(words(app))
    assert "<script>" not in words(app)


def test_fewer_than_twelve_months_are_widened_for_villages_and_it_is_said(open_app: Open):
    app = open_app("places/township", tn=JIANGSHAN, from_="202203", to="202204")
    assert text("township.villages.period_short", "zh", months="2021年5月–2022年4月") in words(app)
    app = open_app("places/village", vl=FANSHIDU, from_="202203", to="202204")
    assert text("village.period.short", "zh", months="2021年5月–2022年4月") in words(app)


def test_a_head_sees_the_villages_of_the_own_township_only(open_app: Open, demo_sqlite: Path):
    own = open_app("places/township", role="head", tn="330212001")
    assert text("township.section.villages_note", "zh") in words(own)
    other = open_app("places/township", role="head", tn=JIANGSHAN)
    assert not other.exception
    shown = words(other)
    assert "姜山镇" in title_of(shown)
    assert text("township.villages.not_permitted", "zh", township="姜山镇") in shown
    register = read_places(
        create_engine(f"sqlite:///{demo_sqlite}"), scope=Scope(root="330212"), level="village", within=JIANGSHAN
    )
    assert not [name for name in register["short_name"] if name in shown]


# Who may read what


def test_without_the_right_to_its_villages_nothing_of_them_is_in_what_a_township_page_mounts(
    view: View, demo_sqlite: Path
):
    page = township_page(replace(view, villages_of=(BAIZHANG,)), JIANGSHAN, "resolution_rate", True)
    assert page.villages is None
    sent = json.dumps([part.to_dict() for part in (*page.tiles, *page.highlights, *page.strips)], ensure_ascii=False)
    assert not re.search(rf"{JIANGSHAN}\d\d\d", sent)
    assert "330212110214" not in sent and "翻石渡" not in sent


def test_a_village_page_is_refused_without_the_right_to_it(view: View):
    with pytest.raises(NotPermitted):
        village_page(replace(view, villages_of=(BAIZHANG,)), FANSHIDU, None, True)


# Figures


@pytest.mark.parametrize("code", LEVELS)
def test_the_tiles_of_a_township_are_its_own_counts(view: View, demo_sqlite: Path, catalogue: Catalogue, code: str):
    page = township_page(view, JIANGSHAN, "resolution_rate", True)
    counts = direct(demo_sqlite, code, level="township", within=None, months=view.months(catalogue[code]))
    row = counts.set_index("place").loc[JIANGSHAN]
    tile = next(tile for tile in page.tiles if tile.code == code)
    assert tile.value_text + tile.unit_text == percent(int(row["x"]), int(row["n"]))
    rest = counts[counts["place"] != JIANGSHAN][["x", "n"]].sum()
    assert percent(int(rest["x"]), int(rest["n"])) in tile.interval_text


def test_the_title_gives_the_rank_among_the_chosen_set_with_its_range(
    view: View, demo_sqlite: Path, catalogue: Catalogue
):
    for township_set in ("all", "towns"):
        chosen = replace(view, township_set=township_set)
        page = township_page(chosen, JIANGSHAN, "satisfaction_rate", True)
        engine = create_engine(f"sqlite:///{demo_sqlite}")
        register = read_places(engine, scope=view.scope, level="township")
        codes = register["code"] if township_set == "all" else register.loc[register["kind"] == "town", "code"]
        counts = read_counts(
            engine, scope=view.scope, source="issues", level="township", first=view.first, last=view.months("issues")[1]
        )
        indicator = catalogue["satisfaction_rate"]
        table = rate_table(counts[counts["place"].isin(codes)], indicator, places=list(codes))
        row = rank_table(table, indicator).set_index("place").loc[JIANGSHAN]
        assert f"第{row['rank']}名（可能区间{row['rank_low']}–{row['rank_high']}）" in page.title
        assert str(len(codes)) in page.title


def test_a_township_outside_the_chosen_set_is_compared_with_all(view: View):
    page = township_page(replace(view, township_set="towns"), BAIZHANG, "resolution_rate", True)
    assert text("township.where.all", "zh", count=25) in page.title


def test_a_missed_target_says_exactly_how_many_cases_are_short(view: View, demo_sqlite: Path, catalogue: Catalogue):
    found = 0
    for township in (JIANGSHAN, BAIZHANG, "330212001", "330212005"):
        places = tuple(measures.townships(view)["code"])
        circle = Circle(level="township", within=None, places=places, rest="all")
        told = place_matters(view, catalogue, circle, place=township, gaps=(), limit=99).findings
        for code in LEVELS:
            row = direct(
                demo_sqlite, code, level="township", within=township, months=view.months(catalogue[code])
            ).iloc[0]
            short = cases_short(int(row["x"]), int(row["n"]), target=catalogue[code].target or 0)
            for finding in told:
                if finding.indicator == code and finding.rule in ("place_target_missed", "place_target_open"):
                    assert finding.facts["short"] == finding.touches == short
                    assert f"还差{number(short)}" in finding_text(finding, catalogue, {}, view).text
                    found += 1
    assert found


@pytest.mark.parametrize("code", LEVELS)
def test_village_rows_are_the_villages_own_counts_and_verdicts(
    view: View, demo_sqlite: Path, catalogue: Catalogue, code: str
):
    page = township_page(view, JIANGSHAN, code, True)
    assert page.villages is not None
    indicator = catalogue[code]
    months = view.months(indicator)
    numerator, denominator = LEVELS[code]
    counts = direct(demo_sqlite, code, level="village", within=JIANGSHAN, months=months)
    counts = counts.rename(columns={"x": numerator, "n": denominator})
    register = read_places(
        create_engine(f"sqlite:///{demo_sqlite}"), scope=view.scope, level="village", within=JIANGSHAN
    )
    judged = verdict_table(rate_table(counts, indicator, places=list(register["code"])), indicator).set_index("place")
    rows = {row.code: row.cells for row in page.villages.table["rows"]}
    assert set(rows) == set(register["code"])
    for place, row in judged.iterrows():
        cells = rows[str(place)]
        assert cells["verdict"].text == text(f"components.verdicts.{row['verdict']}", "zh")
        assert page.villages.map["classes"][place] == row["verdict"]
        if row["n"] > 0:
            assert cells[code].text == percent(row["x"], row["n"])
            assert (cells["cases"].text, cells["misses"].text) == (number(row["n"]), number(row["n"] - row["x"]))
        else:
            assert cells[code].text == text("frame.states.no_data", "zh")
            assert cells["cases"].text == ""


def test_worst_evidence_comes_first_whichever_way_is_better(catalogue: Catalogue):
    counts = pd.DataFrame({
        "place": ["good", "bad", "tiny", "middle", "empty"],
        "due": [400, 200, 4, 300, 0],
        "verified_solved": [400, 180, 1, 293, 0],
        "overdue_open": [0, 20, 3, 7, 0],
    })  # fmt: skip
    for code in ("resolution_rate", "overdue_open_rate"):
        indicator = catalogue[code]
        ordered = by_evidence(verdict_table(rate_table(counts, indicator), indicator), indicator)
        assert list(ordered["place"]) == ["bad", "middle", "good", "tiny", "empty"], code


@pytest.mark.parametrize("code", HEADLINE)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_villages_are_never_ranked(view: View, code: str, lang: str):
    page = township_page(replace(view, lang=lang), JIANGSHAN, code, True)
    assert page.villages is not None
    sent = place_table.payload(**page.villages.table, lang=lang)
    assert not {column["kind"] for column in sent["columns"]} & {"index", "rank"}
    every = json.dumps([sent["rows"], page.villages.map["hover"]], ensure_ascii=False)
    assert not re.search(r"第\d+名|\d(st|nd|rd|th)\b", every)


def test_villages_with_too_few_cases_are_not_judged_and_stand_last(view: View):
    page = township_page(
        replace(view, first=view.first_month, last=view.first_month), JIANGSHAN, "resolution_rate", True
    )
    assert page.villages is not None
    verdicts = [row.cells["resolution_rate"].verdict for row in page.villages.table["rows"]]
    few = [place for place, verdict in enumerate(verdicts) if verdict in ("too_few", None)]
    assert few and few == list(range(len(verdicts) - len(few), len(verdicts)))


# One village


def test_a_village_page_lists_its_sites_with_those_never_inspected_first(view: View, demo_sqlite: Path):
    engine = create_engine(f"sqlite:///{demo_sqlite}")
    register = read_places(engine, scope=view.scope, level="village")
    as_of = dt.date(2022, 12, 31)
    never, listed = text("village.register.never", "zh"), 0
    for code in register["code"].iloc[::40]:
        page = village_page(view, code, as_of, True)
        for table in (page.sites, page.firms):
            days = [row.cells["days"].sort for row in (table["rows"] if table else [])]
            assert days == sorted(days, reverse=True)
            listed += len(days)
            for row in table["rows"] if table else []:
                assert (row.cells["inspected_on"].text == never) == (row.cells["passed"].text == "")
    assert listed


def test_a_village_page_puts_the_townships_figure_beside_its_own(view: View):
    page = village_page(view, FANSHIDU, dt.date(2022, 12, 31), True)
    assert page.strength is not None
    cells = {row.code: row.cells for row in page.strength["rows"]}
    assert cells["officials_per_1000"]["own"].text
    assert cells["officials_per_1000"]["township"].text
    assert set(cells) >= {"volunteers_per_1000", "post_vacancy", "migrants_registered"}


@pytest.mark.parametrize(
    ("x", "n", "verdict", "expected"),
    [
        (0, 0, "no_data", "无从判断"),
        (3, 3, "too_few", "3件问题全部解决；样本少，不作判断"),
        (5, 7, "too_few", "7件问题中2件未解决；样本少，不作判断"),
        (
            20,
            20,
            "similar",
            "20件问题全部解决；真实水平可能在83.8%–100.0%，尚不能认定高于本镇街其余村社（需245件以上）",
        ),
        (300, 300, "similar", "与本镇街其余村社分不出高低"),
        (300, 300, "better", "好于本镇街其余村社，待观察"),
        (19, 20, "similar", "20件问题中1件未解决，解决率95.0%（可能区间76.3%–99.2%），与本镇街其余村社无明显差别"),
    ],
)
def test_small_numbers_are_said_honestly(view: View, catalogue: Catalogue, x: int, n: int, verdict: str, expected: str):
    indicator = catalogue["resolution_rate"]
    counts = pd.DataFrame({"place": ["here"], "verified_solved": [x], "due": [n]})
    row = rate_table(counts, indicator).iloc[0].to_dict() | {"verdict": verdict, "rest_value": 0.985}
    assert expected in village_title(view, "翻石渡村", row, indicator)


def test_faultless_neighbours_leave_no_number_of_cases_to_ask_for(view: View, catalogue: Catalogue):
    indicator = catalogue["resolution_rate"]
    counts = pd.DataFrame({"place": ["here"], "verified_solved": [20], "due": [20]})
    row = rate_table(counts, indicator).iloc[0].to_dict() | {"verdict": "similar", "rest_value": 1.0}
    assert "分不出高低" in village_title(view, "翻石渡村", row, indicator)


def title_of(shown: str) -> str:
    """The words of the page's one heading."""
    return re.findall(r'<h1 class="gb-title">(.*?)</h1>', shown)[-1]


def test_a_township_whose_villages_all_have_too_few_cases_still_opens(open_app: Open) -> None:
    app = open_app("places/township", tn="330212110", from_="202001", to="202001")
    assert not app.exception
    assert "姜山镇" in words(app)
    assert "gb-footer" in words(app)
