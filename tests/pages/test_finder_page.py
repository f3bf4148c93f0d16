"""The page of gap findings: it loads for everyone, and every choice changes what it shows and stands in the address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from ui.component_base import unpacked

pytestmark = pytest.mark.shared_caches

PAGE = "gaps/finder"
CHINESE = re.compile(r"[一-鿿]")


def table(app: AppTest) -> dict[str, Any] | None:
    """The data of the table, or None where there is none."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "place_table":
            return unpacked(element.proto.bytes)
    return None


def page_title(app: AppTest) -> str:
    return re.sub(r"<[^>]+>", "", next(one.value for one in app.html if "<h1" in one.value))


@pytest.mark.parametrize(("role", "lang"), [("leader", "zh"), ("head", "en")])
def test_the_page_loads_whole_and_every_row_leads_to_its_gap(open_app: Open, role: str, lang: str) -> None:
    app = open_app(PAGE, role=role, lang=lang)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
    shown = table(app)
    assert shown is not None and shown["rows"]
    assert all(len(row["code"].split("|")) == 3 for row in shown["rows"])
    assert all(len(row["code"].split("|")[2]) == 9 for row in shown["rows"])
    if lang == "en":
        written = [cell.get("text", "") + cell.get("note", "") for row in shown["rows"]
                   for cell in row["cells"].values()]  # fmt: skip
        steps = next(one.value for one in app.html if "gb-steps" in one.value and "<style" not in one.value)
        assert [one for one in (page_title(app), steps, *written) if CHINESE.search(one)] == []


def test_each_choice_narrows_what_is_shown_and_stands_in_the_address(open_app: Open) -> None:
    app = open_app(PAGE)
    every = table(app)
    assert every is not None
    tested = next(one.value for one in app.html if "<h1" in one.value)
    app.selectbox(key="find_gap_choice").set_value("firm_size").run()
    assert not app.exception
    narrowed = table(app)
    assert narrowed is not None and 0 < len(narrowed["rows"]) < len(every["rows"])
    assert all(row["code"].startswith("firm_size|") for row in narrowed["rows"])
    assert app.query_params["find_gap"] in ("firm_size", ["firm_size"])
    assert next(one.value for one in app.html if "<h1" in one.value) == tested
    app.selectbox(key="find_topic_choice").set_value("strength").run()
    assert not app.exception
    assert table(app) is None and "没有可以检验的落差" in words(app)
    assert app.query_params["find_topic"] in ("strength", ["strength"])


def test_the_whole_area_is_tested_apart_and_a_link_to_it_is_followed(open_app: Open) -> None:
    app = open_app(PAGE, find_in="area", find_gap="estate_management", find_topic="<b>")
    assert not app.exception
    shown = table(app)
    assert app.segmented_control[0].value == "area"
    assert shown is None or all(row["code"].endswith("|") for row in shown["rows"])
    assert app.selectbox(key="find_topic_choice").value == "all"


def test_a_township_set_is_tested_alone(open_app: Open) -> None:
    app = open_app(PAGE, set="subdistricts", from_="202001", to="202001")
    assert not app.exception
    assert "15" in words(app)
