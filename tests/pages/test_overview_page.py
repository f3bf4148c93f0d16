"""The overview as a whole: it loads for everyone, and every choice changes what it shows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from ui.component_base import unpacked
from ui.navigation import HEADLINE, ROLES

pytestmark = pytest.mark.shared_caches


def component(app: AppTest, name: str) -> dict:
    """The data that the component mounted under `name` was sent."""
    for element in app.get("bidi_component"):
        proto = element.proto
        if name in proto.id or proto.component_name == name:
            return unpacked(proto.bytes)
    raise AssertionError(f"{name} is not on the page.")


def page_title(app: AppTest) -> str:
    return next(one.value for one in app.html if "gb-title" in one.value)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overview_loads_whole_for_every_role_in_both_languages(open_app: Open, role: str, lang: str) -> None:
    app = open_app(role=role, lang=lang)
    assert not app.exception
    assert len(component(app, "scoreboard")["tiles"]) == 5
    assert len(component(app, "gap_strips")["strips"]) == 3
    assert len(component(app, "choropleth")["classes"]) == 25
    assert len(component(app, "place_table")["rows"]) == 26
    assert len(component(app, "findings_list")["findings"]) <= 3
    assert ("演示数据" if lang == "zh" else "Demonstration data") in words(app)


def test_a_township_set_cuts_map_and_table_alike(open_app: Open) -> None:
    sizes = {"district_run": 21, "towns": 10, "subdistricts": 15}
    for township_set, size in sizes.items():
        app = open_app(set=township_set)
        assert len(component(app, "choropleth")["classes"]) == size
        assert len(component(app, "place_table")["rows"]) == size + 1
        assert str(size) in page_title(app)


@pytest.mark.parametrize("indicator", HEADLINE)
def test_each_indicator_colours_the_map_and_ranks_the_table(open_app: Open, indicator: str) -> None:
    app = open_app(ind=indicator)
    assert not app.exception
    rows = [row for row in component(app, "place_table")["rows"] if not row["total"]]
    assert all(row["cells"]["rank"]["text"] for row in rows)
    shown = component(app, "choropleth")
    assert set(shown["classes"].values()) <= set(shown["styles"])


def test_changing_the_period_changes_the_figures_and_the_address_keeps_it(open_app: Open) -> None:
    app = open_app()
    before = component(app, "scoreboard")["tiles"][0]["value_text"]
    app.selectbox(key="filter_period").set_value("epidemic").run()
    assert component(app, "scoreboard")["tiles"][0]["value_text"] != before
    assert (app.session_state["from"], app.session_state["to"]) == ("202001", "202004")


def test_without_an_earlier_period_the_tiles_say_so(open_app: Open) -> None:
    app = open_app(from_="202001", to="202004")
    tiles = component(app, "scoreboard")["tiles"]
    assert all(tile["change_state"] is None for tile in tiles)
    assert all("没有可比的时段" in tile["change_text"] for tile in tiles)


def test_a_provisional_month_is_marked_and_left_out_of_rates(open_app: Open) -> None:
    app = open_app(role="researcher")
    facts = next(one.value for one in app.html if "gb-facts" in one.value)
    assert "2022年12月起为暂定数" in facts
    resolution = component(app, "scoreboard")["tiles"][1]
    assert ["计算月份", "2022年1月–11月"] in resolution["details"]
    assert resolution["points"][-1][4] is True


def test_a_month_alone_that_is_not_due_yet_still_opens(open_app: Open) -> None:
    app = open_app(role="researcher", from_="202212", to="202212")
    assert not app.exception
    assert page_title(app)


def test_the_headline_speaks_of_the_chosen_indicator(open_app: Open) -> None:
    assert "群众满意率" in page_title(open_app(ind="satisfaction_rate"))
    assert "每千人问题量" in page_title(open_app(ind="issues_per_1000"))


def test_in_english_townships_outside_the_set_are_not_named_in_chinese(open_app: Open) -> None:
    labels = component(open_app(set="towns", lang="en"), "choropleth")["labels"]
    assert len(labels) == 25
    assert all(form.isascii() for forms in labels.values() for form in forms)
