"""The page on satisfaction: it opens for the district and for a township, and every choice stands in the address."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.pages.conftest import PROJECT, Open, words
from tests.pages.test_overview_page import component, page_title
from ui.component_base import unpacked
from ui.payloads.satisfaction_figures import SATISFACTION
from ui.texts import text

PAGE = "service/satisfaction"
JIANGSHAN = "330212110"


def table(app, key: str) -> dict:
    """The table mounted under ``key``."""
    return next(
        unpacked(one.proto.bytes) for one in app.get("bidi_component")
        if one.proto.component_name.endswith("place_table") and key in one.proto.id
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_district_opens_whole_with_its_townships(open_app: Open, lang: str) -> None:
    app = open_app(PAGE, lang=lang)
    assert not app.exception and not app.error
    shown = words(app)
    assert "98.5%" in page_title(app)
    assert text("satisfaction.facts.no_reasons", lang) in shown
    assert len(component(app, "scoreboard")["tiles"]) == 4
    assert len(component(app, "choropleth")["classes"]) == 25
    assert len(table(app, "survey_places")["rows"]) == 26
    assert len(app.get("plotly_chart")) == 3
    if lang == "en":
        assert not re.search(r"[一-鿿]", page_title(app) + " ".join(app.caption[1:][0].value))


def test_choosing_a_township_shows_its_villages_and_the_way_back(open_app: Open) -> None:
    app = open_app(PAGE)
    app.selectbox(key="filter_township").set_value(JIANGSHAN).run()
    assert not app.exception and not app.error
    assert "姜山镇" in page_title(app)
    rows = {row["code"] for row in table(app, "survey_places")["rows"]}
    assert rows and all(code.startswith(JIANGSHAN) and len(code) == 12 for code in rows)
    app.button(key="crumb_0").click().run()
    assert page_title(app).count("全区") == 1


def test_the_split_stands_in_the_address_and_changes_figure_and_table(open_app: Open) -> None:
    app = open_app(PAGE, sby="firm_size")
    assert {row["code"] for row in table(app, "survey_groups")["rows"]} >= {"large", "medium", "small", "micro"}
    app.segmented_control(key="sby_choice").set_value("channel").run()
    assert not app.exception
    assert {row["code"] for row in table(app, "survey_groups")["rows"]} >= {"hotline", "web"}
    assert app.text_input(key="sby").value == "channel"
    unknown = open_app(PAGE, sby="nonsense")
    assert {row["code"] for row in table(unknown, "survey_groups")["rows"]} >= {"complaint", "hazard"}


def test_a_head_sees_every_township_but_only_the_own_villages(open_app: Open) -> None:
    other = open_app(PAGE, role="head", tn=JIANGSHAN)
    assert not other.exception and not other.error
    assert "姜山镇" in page_title(other)
    assert text("township.villages.not_permitted", "zh", township="姜山镇") in words(other)
    sent = [
        unpacked(one.proto.bytes) for one in other.get("bidi_component") if "place_table" in one.proto.component_name
    ]
    assert not re.search(rf"{JIANGSHAN}\d\d\d", str(sent))


def test_a_month_that_is_not_wholly_due_is_said_to_be_provisional(open_app: Open) -> None:
    app = open_app(PAGE, role="steward", from_="202212", to="202212")
    assert not app.exception and not app.error
    assert text("page_head.provisional", "zh", month="2022年12月") in words(app)


def test_where_nobody_was_called_back_the_page_says_so(
    open_app: Open, demo_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "silent.db"
    shutil.copyfile(demo_sqlite, path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE issue_monthly SET called_back = 0, reached = 0, satisfied = 0, solved_reached = 0, "
            "solved_dissatisfied = 0"
        )
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    app = open_app(PAGE, tn=JIANGSHAN)
    assert not app.exception and not app.error
    assert "没有回访过任何问题" in words(app)
    assert text("satisfaction.months.nothing", "zh") in words(app)
    assert not app.get("plotly_chart")
    tile = next(tile for tile in component(app, "scoreboard")["tiles"] if tile["code"] == SATISFACTION)
    assert tile["state"] == "no_data"


def test_the_page_only_arranges() -> None:
    script = (PROJECT / "pages" / "service" / "satisfaction.py").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 120
    assert not re.search(r"[一-鿿]", script.split('"""', 2)[2])
