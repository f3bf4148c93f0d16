"""The four grassroots pages as a whole: both languages, the 平战 switch, every choice, and what stands without data."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from tests.pages.test_clusters_page import open_page
from tests.pages.test_overview_page import component, page_title
from tests.surveyed_figures import change, reading
from ui.component_base import unpacked
from ui.payloads import base_data_page, co_governance_page, readiness_page, staffing_page
from ui.texts import text

pytestmark = pytest.mark.shared_caches

PAGES = ("staffing", "readiness", "co_governance", "base_data")
CHARTS = {"staffing": 4, "readiness": 1, "co_governance": 3, "base_data": 2}
CODES = {
    "staffing": staffing_page.CODES, "readiness": readiness_page.CODES, "co_governance": co_governance_page.CODES,
    "base_data": base_data_page.CODES,
}  # fmt: skip


def plain(app: AppTest) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", words(app)))


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def table_of(app: AppTest) -> dict:
    """The last table of the page."""
    found = [one for one in app.get("bidi_component") if one.proto.component_name == "place_table"]
    return unpacked(found[-1].proto.bytes)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_whole_and_the_switch_changes_the_rules_but_not_the_figures(
    open_app: Open, page: str, lang: str
) -> None:
    app = open_app(f"grassroots/{page}", lang=lang)
    assert not app.exception and charts(app) == CHARTS[page]
    assert len(component(app, "choropleth")["classes"]) == 25
    table = table_of(app)
    assert len(table["rows"]) == 26
    assert {column["code"] for column in table["columns"]} >= set(CODES[page])
    assert all(column["hint"] for column in table["columns"] if column["code"] in CODES[page])
    calm_title, calm_total = page_title(app), table["rows"][0]["cells"]
    assert text("measured.mode.peace", lang).lower() in plain(app).lower()
    if lang == "en":
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"<[^>]+>", " ", page_title(app)))
    app.button_group(key="mode_choice").set_value("emergency").run()
    assert not app.exception
    assert app.session_state["mode"] == "emergency"
    assert page_title(app) != calm_title
    hints = {column["code"]: column["hint"] for column in table_of(app)["columns"]}
    assert hints != {column["code"]: column["hint"] for column in table["columns"]}
    if page != "readiness":
        assert {code: cell["text"] for code, cell in table_of(app)["rows"][0]["cells"].items()} == {
            code: cell["text"] for code, cell in calm_total.items()
        }


@pytest.mark.parametrize("page", ["staffing", "co_governance"])
def test_a_link_with_a_mode_that_does_not_exist_opens_in_peacetime(open_app: Open, page: str) -> None:
    app = open_app(f"grassroots/{page}", mode="war", set="towns")
    assert not app.exception
    assert app.button_group(key="mode_choice").value == "peace"
    assert len(component(app, "choropleth")["classes"]) == 10 and len(table_of(app)["rows"]) == 11


@pytest.fixture(scope="module")
def unmeasured(demo_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demonstration district to which no department has reported any measurement."""
    path = Path(shutil.copy(demo_sqlite, tmp_path_factory.mktemp("unmeasured") / "demonstration.db"))
    change(path, lambda one: one.execute("DELETE FROM measurement_monthly"))
    return path


@pytest.mark.parametrize("page", PAGES)
def test_without_any_report_the_page_says_so_and_what_to_choose_and_draws_nothing(unmeasured: Path, page: str) -> None:
    with reading(unmeasured):
        app = open_page(page=f"grassroots/{page}", mode="emergency")
    assert not app.exception
    assert text(f"{page}.empty", "zh") in plain(app)
    assert text(f"{page}.title_none", "zh", area="全区25个镇街") in page_title(app)
    assert charts(app) == 0 and "0/25" in plain(app)
    assert not any(one.proto.component_name == "place_table" for one in app.get("bidi_component"))


def test_staff_reported_every_quarter_is_missing_from_months_between(open_app: Open) -> None:
    app = open_app("grassroots/staffing", from_="202002", to="202002")
    assert text("staffing.empty", "zh") in plain(app) and charts(app) == 0


def test_months_with_some_indicators_only_show_those_and_name_the_others_as_missing(open_app: Open) -> None:
    app = open_app("grassroots/readiness", from_="202001", to="202001")
    assert not app.exception and charts(app) == 1
    first = next(row for row in table_of(app)["rows"] if not row["total"])
    assert first["cells"]["plans_current"]["text"] == "无数据"
    assert first["cells"]["order_relayed_in_time"]["text"] != "无数据"
    assert text("readiness.soon.nothing", "zh", days=30) in plain(app) or "天内有" in plain(app)


def test_the_map_the_pairing_and_the_table_follow_the_address(open_app: Open) -> None:
    app = open_app("grassroots/staffing", staff_map="post_vacancy", staff_gap="urban_rural", colours="groups")
    assert "岗位空缺率" in component(app, "choropleth")["alt"] and "五组" in component(app, "choropleth")["alt"]
    assert "城市社区与农村可比" in plain(app)
    app = open_app("grassroots/readiness", ready_map="drills_done")
    assert "演练完成率" in component(app, "choropleth")["alt"]
    app = open_app("grassroots/co_governance", body_table="bodies", body_map="fund_paid")
    codes = [column["code"] for column in table_of(app)["columns"]]
    assert codes[2:] == [
        "party_social",
        "party_volunteer",
        "firm_gentry",
        "department_association",
        "building_property",
    ]
    assert set(component(app, "choropleth")["classes"].values()) == {"not_applicable"}
    app = open_app("grassroots/base_data", base_table="months")
    assert {"late", "missing"} <= {column["code"] for column in table_of(app)["columns"]}


@pytest.mark.parametrize("page", ["readiness", "base_data"])
def test_a_township_head_sees_every_township_because_these_figures_are_of_townships(open_app: Open, page: str) -> None:
    app = open_app(f"grassroots/{page}", role="head")
    assert not app.exception and not app.error
    assert len(table_of(app)["rows"]) == 26
