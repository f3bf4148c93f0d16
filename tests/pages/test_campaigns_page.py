"""The page of the campaigns: five side by side, one closer, and notes on its trends."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from data_access.annotations import Author, add_annotation
from data_access.engine import create_engine
from tests.pages.conftest import Open, words
from tests.pages.test_pairings_page import charts, component, page_title
from ui.component_base import unpacked
from ui.payloads.campaign_figures import NAMED

PAGE = "service/campaigns"


def slow_rates(path: Path, townships: set[str], first: int, last: int) -> tuple[float, float]:
    """Items passed of items checked, inside and outside, from the results themselves."""
    with sqlite3.connect(path) as raw:
        rows = raw.execute(
            "SELECT substr(place_code, 1, 9), sum(passed), count(*) FROM inspection_result WHERE superseded_by IS NULL "
            "AND recheck = 0 AND month BETWEEN ? AND ? GROUP BY 1",
            (first, last),
        ).fetchall()
    sums = {True: [0, 0], False: [0, 0]}
    for place, passed, checked in rows:
        side = sums[place in townships]
        side[0] += passed
        side[1] += checked
    return sums[True][0] / sums[True][1], sums[False][0] / sums[False][1]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["leader", "head"])
def test_the_page_loads_whole_in_both_languages(open_app: Open, lang: str, role: str) -> None:
    app = open_app(PAGE, lang=lang, role=role)
    assert not app.exception
    assert charts(app) == 2
    assert [row["code"] for row in component(app, "place_table")["rows"]] == list(NAMED)


def test_the_change_inside_and_outside_is_what_the_results_say(open_app: Open, demo_sqlite: Path) -> None:
    app = open_app(PAGE, campaign="community_nuisance", outcome="prevention_compliance")
    tables = [one for one in app.get("bidi_component") if one.proto.component_name == "place_table"]
    shown = {row["code"]: row["cells"] for row in unpacked(tables[1].proto.bytes)["rows"]}
    with sqlite3.connect(demo_sqlite) as raw:
        issues = raw.execute(
            "SELECT month, substr(place_code, 1, 9) FROM issue WHERE campaign = 'community_nuisance' "
            "AND superseded_by IS NULL"
        ).fetchall()
    start = min(month for month, _ in issues)
    townships = {place for _, place in issues}
    assert start == 202009
    inside, outside = slow_rates(demo_sqlite, townships, 202001, 202008)
    assert shown["inside"]["before"]["sort"] == pytest.approx(inside)
    assert shown["outside"]["before"]["sort"] == pytest.approx(outside)
    later_inside, later_outside = slow_rates(demo_sqlite, townships, 202009, 202108)
    assert shown["inside"]["change"]["sort"] == pytest.approx(later_inside - inside)
    assert shown["outside"]["change"]["sort"] == pytest.approx(later_outside - outside)


def test_choosing_a_campaign_and_an_outcome_changes_the_page_and_the_address(open_app: Open) -> None:
    app = open_app(PAGE)
    before = page_title(app)
    app.selectbox(key="campaign_choice").set_value("rental_housing").run()
    app.selectbox(key="outcome_choice").set_value("satisfaction_rate").run()
    assert not app.exception
    assert app.query_params["campaign"] in ("rental_housing", ["rental_housing"])
    assert "出租房屋联动治理自2020年6月起" in words(app)
    assert "群众满意率变化" in words(app)
    assert page_title(app) == before


def test_an_unknown_campaign_in_the_address_shows_the_first(open_app: Open) -> None:
    app = open_app(PAGE, campaign="bake_sale")
    assert not app.exception
    assert "物居业综合治理自" in words(app)


@pytest.fixture
def own_copy(demo_sqlite: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy.db"
    shutil.copy(demo_sqlite, copy)
    return copy


def test_a_note_is_entered_drawn_signed_and_withdrawn(
    open_app: Open, own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{own_copy}")
    app = open_app(PAGE)
    app.selectbox(key="annotation_month").set_value(202105)
    app.text_input(key="annotation_text").set_value("物业换届")
    app.button(key="annotation_save").click().run()
    assert not app.exception
    assert "2021年5月：物业换届（" in words(app)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["annotations"]
    assert "物业换届" in [one["text"] for one in drawn]
    app.button(key="withdraw_note_1").click().run()
    assert "物业换届" not in words(app)


def test_an_empty_note_is_refused_with_a_sentence(
    open_app: Open, own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{own_copy}")
    app = open_app(PAGE)
    app.button(key="annotation_save").click().run()
    assert "请写明发生了什么" in words(app)


@pytest.mark.parametrize("role", ["researcher", "head"])
def test_who_may_not_write_on_the_district_finds_no_form(open_app: Open, role: str) -> None:
    app = open_app(PAGE, role=role)
    assert not [one for one in app.button if one.key == "annotation_save"]


@pytest.mark.parametrize(
    ("page", "address"), [("gaps/pairings", {"ind": "satisfaction_rate"}), ("service/satisfaction", {})]
)
def test_a_note_on_the_district_stands_on_the_trends_of_other_pages(
    open_app: Open, own_copy: Path, monkeypatch: pytest.MonkeyPatch, page: str, address: dict[str, str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{own_copy}")
    engine = create_engine(f"sqlite:///{own_copy}")
    add_annotation(
        engine, author=Author("王主任", "leader"), place_code="330212", month=202103, text="回访改短信",
        indicator="satisfaction_rate",
    )  # fmt: skip
    engine.dispose()
    app = open_app(page, **address)
    assert not app.exception
    assert "2021年3月：回访改短信（王主任" in words(app)
    drawn = [json.loads(one.proto.spec)["layout"].get("annotations", []) for one in app.get("plotly_chart")]
    assert any(note["text"] == "回访改短信" for notes in drawn for note in notes)
