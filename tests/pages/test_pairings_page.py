"""The page of the gaps: it loads for everyone, and every choice changes what it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from indicators.catalogue import load_catalogue
from tests.pages.conftest import Open, words
from ui import selections
from ui.component_base import unpacked
from ui.navigation import ROLES

pytestmark = pytest.mark.shared_caches

PAGE = "gaps/pairings"
CATALOGUE = load_catalogue()
CHINESE = re.compile(r"[一-鿿]")


def component(app: AppTest, name: str) -> dict[str, Any]:
    """The data that the component `name` was sent."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == name:
            return unpacked(element.proto.bytes)
    raise AssertionError(f"{name} is not on the page.")


def table(app: AppTest, column: str) -> dict[str, Any]:
    """The data of the table that has this column."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "place_table":
            data = unpacked(element.proto.bytes)
            if column in {one["code"] for one in data["columns"]}:
                return data
    raise AssertionError(f"No table with the column {column} is on the page.")


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def row_names(app: AppTest) -> list[str]:
    """The names beside the dumbbell from the top, without markup."""
    labels = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["yaxis"]["ticktext"]
    return [re.sub(r"<[^>]+>", "", label).replace("&nbsp;", " ").strip() for label in labels]


def page_title(app: AppTest) -> str:
    shown = next(one.value for one in app.html if "gb-title" in one.value)
    return re.sub(r"<[^>]+>", "", shown)


# Opening the page


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_loads_whole_for_every_role_in_both_languages(open_app: Open, role: str, lang: str) -> None:
    app = open_app(PAGE, role=role, lang=lang, reach="target")
    assert not app.exception
    assert charts(app) == 5
    assert len(table(app, "adds")["rows"]) > 10
    assert table(app, "objects")["rows"][0]["total"]
    assert ("Breslow–Day" in words(app)) == (role == "researcher")
    assert len(component(app, "choropleth")["classes"]) == 25
    assert [strip["code"] for strip in component(app, "gap_strips")["strips"]] == [
        "prevention_compliance", "resolution_rate", "satisfaction_rate",
    ]  # fmt: skip
    assert len(table(app, "behind")["rows"]) == 26
    assert len(row_names(app)) == 26
    assert ("演示数据" if lang == "zh" else "Demonstration data") in words(app)


def test_nothing_chinese_is_left_on_the_english_page(open_app: Open) -> None:
    app = open_app(PAGE, lang="en", pair="firm_size", sort="change")
    shown = [page_title(app), *row_names(app)]
    for chart in app.get("plotly_chart"):
        shown += [note["text"] for note in json.loads(chart.proto.spec)["layout"]["annotations"]]
    mounted = component(app, "choropleth")
    shown += [line for lines in mounted["hover"].values() for line in lines] + [mounted["alt"], mounted["legend_title"]]
    for column in ("behind", "adds", "objects", "interval"):
        for row in table(app, column)["rows"]:
            shown += [one for cell in row["cells"].values() for one in (cell.get("text", ""), cell.get("title", ""))]
    shown += [one.value for one in app.html if "gb-makeup" in one.value and "<style" not in one.value]
    assert [line for line in shown if CHINESE.search(line)] == []


@pytest.mark.parametrize("pairing", list(CATALOGUE.pairings))
def test_each_pairing_names_its_groups_and_colours_the_map(open_app: Open, pairing: str) -> None:
    app = open_app(PAGE, pair=pairing, from_="202001", to="202004")
    assert not app.exception
    groups = CATALOGUE.pairings[pairing]
    assert groups.a.name["zh"] in page_title(app) and groups.b.name["zh"] in page_title(app)
    mounted = component(app, "choropleth")
    assert set(mounted["classes"].values()) <= set(mounted["styles"])
    legend = {entry["key"]: entry["count"] for entry in mounted["legend"]}
    assert sum(legend.values()) == 25


@pytest.mark.parametrize(("township_set", "size"), [("district_run", 21), ("towns", 10), ("subdistricts", 15)])
def test_a_township_set_cuts_map_rows_and_table_alike(open_app: Open, township_set: str, size: int) -> None:
    app = open_app(PAGE, set=township_set, pair="estate_management")
    assert not app.exception
    assert len(component(app, "choropleth")["classes"]) == size
    assert len(table(app, "behind")["rows"]) == len(row_names(app)) == size + 1


def test_subdistricts_without_villages_are_said_not_to_be_comparable(open_app: Open) -> None:
    app = open_app(PAGE, set="subdistricts")
    assert not app.exception
    assert "不能比较" in page_title(app)
    assert set(component(app, "choropleth")["classes"].values()) == {"not_applicable"}
    assert "无从拆分" in words(app)
    assert "预计也有约" not in words(app)
    assert app.segmented_control[0].options == ["按落差", "按城市社区", "按农村"]


def test_without_an_earlier_period_there_is_no_order_by_change_and_the_map_says_so(open_app: Open) -> None:
    app = open_app(PAGE, from_="202001", to="202004", sort="change")
    assert not app.exception
    assert app.segmented_control[0].options == ["按落差", "按城市社区", "按农村"]
    assert app.segmented_control[0].value == "gap"
    assert all(lines[3] == "没有可比的时段" for lines in component(app, "choropleth")["hover"].values())
    assert "差距在" not in page_title(app)


def test_a_measure_that_is_no_share_comes_as_a_table_instead_of_charts(open_app: Open) -> None:
    app = open_app(PAGE, ind="officials_per_1000")
    assert not app.exception
    assert charts(app) == 0
    assert "此指标不是比例" in words(app)
    assert len(table(app, "behind")["rows"]) == 26
    assert len(component(app, "gap_strips")["strips"]) == 3


def test_choosing_an_order_changes_the_rows_and_stands_in_the_address(open_app: Open) -> None:
    app = open_app(PAGE, pair="firm_size")
    by_gap = row_names(app)
    app.segmented_control[0].set_value("a").run()
    assert app.session_state["sort"] == "a"
    assert app.query_params["sort"] in ("a", ["a"])
    by_group = row_names(app)
    assert by_group != by_gap
    assert sorted(by_group) == sorted(by_gap)
    assert by_group[0] == "全区"
    app.segmented_control[0].set_value("gap").run()
    assert app.session_state["sort"] == ""
    assert row_names(app) == by_gap


def test_one_click_holds_the_age_of_estates_alike_and_the_address_keeps_it(open_app: Open) -> None:
    app = open_app(PAGE, pair="estate_management")
    within = next(one for one in app.segmented_control if one.label == "同等条件")
    assert within.value == "township" and "“镇街”相同的条件下" in words(app)
    within.set_value("estate_age").run()
    assert not app.exception
    assert "“小区楼龄”相同的条件下" in words(app)
    assert app.query_params["within"] in ("estate_age", ["estate_age"])
    strata = {row["code"] for row in table(app, "interval")["rows"]}
    assert {"before_2000", "from_2000", "from_2010"} <= strata
    goal = next(one for one in app.segmented_control if one.label == "补到哪里")
    goal.set_value("target").run()
    assert not app.exception
    assert app.query_params["reach"] in ("target", ["target"])
    assert table(app, "objects")["comparison"] == "以目标95%为准"


def test_issues_are_told_apart_by_kind_and_a_condition_of_another_pairing_falls_back(open_app: Open) -> None:
    app = open_app(PAGE, pair="firm_size", ind="resolution_rate", within="estate_age", reach="<b>")
    assert not app.exception
    assert next(one for one in app.segmented_control if one.label == "同等条件").value == "township"
    assert "差在哪几类问题" in words(app)
    assert {row["code"] for row in table(app, "adds")["rows"]} > {"complaint", "dispute"}


def test_where_shortfalls_lie_on_no_objects_cases_alone_are_counted(open_app: Open) -> None:
    app = open_app(PAGE, pair="firm_size", ind="inspection_coverage")
    assert not app.exception
    assert "不能拆到单个检查项目" in words(app)
    codes = {one["code"] for one in table(app, "needed")["columns"]}
    assert "objects" not in codes


def test_an_order_in_the_address_is_followed_and_a_wrong_one_is_not(open_app: Open) -> None:
    assert open_app(PAGE, sort="b").segmented_control[0].value == "b"
    assert open_app(PAGE, sort="<b>zzz").segmented_control[0].value == "gap"


def test_wrong_parts_of_the_address_fall_back_and_are_reported(open_app: Open) -> None:
    app = open_app(PAGE, pair="no_such_pairing", ind="<script>", from_="999999")
    assert not app.exception
    assert "城市社区" in page_title(app)
    assert "<script>" not in words(app)
    app.run()  # the fields are emptied before they are drawn again
    assert app.session_state["pair"] == app.session_state["ind"] == app.session_state["from"] == ""


def test_an_indicator_the_pairing_does_not_offer_gives_way_to_its_first(open_app: Open) -> None:
    app = open_app(PAGE, pair="firm_size", ind="officials_per_1000")
    assert page_title(app).startswith("防控措施落实率")


# Picking


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[Any]]:
    """Click a mark that carries `customdata`; the pages that were asked for."""

    def click(customdata: Any) -> list[Any]:
        asked: list[Any] = []
        points = [] if customdata is None else [{"customdata": customdata}]
        state = {"figure": SimpleNamespace(selection=SimpleNamespace(points=points))}
        monkeypatch.setattr(selections, "st", SimpleNamespace(session_state=state))
        monkeypatch.setattr(selections, "go_to", lambda page, **changes: asked.append((page, changes)))
        selections.open_township_of_figure("figure")()
        return asked

    return click


def test_a_mark_opens_its_township_and_the_mark_of_the_district_opens_nothing(
    opened: Callable[[Any], list[Any]],
) -> None:
    assert opened("330212110") == [("places/township", {"township": "330212110", "village": None})]
    assert opened(["330212110"]) == opened("330212110")
    assert opened("330212") == []
    assert opened(None) == []
