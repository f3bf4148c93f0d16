"""Entering, previewing and undoing changes of places on the page; notes on the pages of places."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data_access.demo_data.merged_village import MERGED_CODE
from tests.pages.conftest import Open, words
from ui import cached_reads, navigation, session
from ui.navigation import ROLES
from ui.payloads.place_notes import called
from ui.texts import text

PAGE = "manage/place_changes"
TOWN = "330212110"
FANSHIDU, SHANXI = "330212110214", "330212110200"
FORM = "place_change_form_"
STEWARDS_ONLY = navigation.page_entry(PAGE)


@pytest.fixture
def database(
    demo_sqlite: Path, tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sqlite3.Connection]:
    """A copy of the demonstration, which `open_app` now opens and a test may change."""
    path = tmp_path / "copy.db"
    shutil.copy(demo_sqlite, path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    cached_reads.engine().dispose()
    connection.close()


def fill_merger(app: AppTest, *, name: str = "新合村委会", on: dt.date | None = dt.date(2022, 7, 1)) -> None:
    app.selectbox(key=f"{FORM}from_town").set_value(TOWN).run()
    app.multiselect(key=f"{FORM}before_{TOWN}").set_value([FANSHIDU, SHANXI])
    app.radio(key=f"{FORM}how").set_value("new").run()
    app.text_input(key=f"{FORM}code_new").set_value("330212110950")
    app.text_input(key=f"{FORM}name_new").set_value(name)
    app.date_input(key=f"{FORM}on").set_value(on)
    app.text_input(key=f"{FORM}document").set_value("鄞民〔2022〕7号")
    app.button(key="place_change_preview").click().run()


def successors(database: sqlite3.Connection) -> set[tuple]:
    return set(database.execute("SELECT code, successor FROM place WHERE successor IS NOT NULL").fetchall())


@pytest.mark.parametrize("role", ["leader", "researcher", "head"])
def test_only_stewards_find_the_page_and_the_page_refuses_others_too(
    open_app: Open, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="place_changes"):
        open_app(PAGE, role=role)
    open_to_all = tuple(replace(one, roles=ROLES) if one.key == PAGE else one for one in navigation.PAGES)
    monkeypatch.setattr(navigation, "PAGES", open_to_all)  # the menu lets it pass
    monkeypatch.setattr(session, "page_entry", lambda _key: STEWARDS_ONLY)
    app = open_app(PAGE, role=role)
    assert "gb-title" not in words(app)
    assert text(f"frame.roles.{role}", "zh") in app.warning[0].value


def months_chart(app: AppTest) -> Any:
    """The village's cases by month, among the charts of its page."""
    return next(one for one in app.get("plotly_chart") if one.key == "village_months")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_lists_the_merger_that_the_register_brought(open_app: Open, lang: str) -> None:
    app = open_app(PAGE, role="steward", lang=lang)
    assert not app.exception
    assert text("place_changes.kinds.merge", lang) in words(app)
    assert text("place_changes.list.register_only", lang).split(",")[0].split("，")[0] in words(app)
    assert not [one for one in app.button if one.key.startswith("undo_")]


def test_a_merger_is_previewed_entered_and_undone(open_app: Open, database: sqlite3.Connection) -> None:
    known = successors(database)
    app = open_app(PAGE, role="steward")
    fill_merger(app)
    assert not app.exception
    assert "山西村" in words(app) and "姜山镇合计不变" in words(app) and "330212110950" in words(app)
    assert successors(database) == known, "a preview does nothing"
    version = database.execute("SELECT max(number) FROM data_version").fetchone()[0]
    app.button(key="place_change_yes").click().run()
    assert not app.exception
    assert text("place_changes.preview.done", "zh", change="")[:4] in app.success[0].value
    assert successors(database) - known == {(FANSHIDU, "330212110950"), (SHANXI, "330212110950")}
    assert cached_reads.data_version().number == version + 1
    assert "鄞民〔2022〕7号" in words(app)
    assert app.date_input(key=f"{FORM}on_1").value is None, "the form is empty again"
    assert app.multiselect[0].value == []
    number = database.execute("SELECT max(id) FROM place_change").fetchone()[0]
    app.button(key=f"undo_{number}").click().run()
    assert successors(database) != known, "it asks first"
    app.button(key="undo_no").click().run()
    assert not [one for one in app.button if one.key == "undo_yes"]
    app.button(key=f"undo_{number}").click().run()
    app.button(key="undo_yes").click().run()
    assert not app.exception
    assert successors(database) == known
    assert database.execute("SELECT count(*) FROM place WHERE code = '330212110950'").fetchone() == (0,)
    assert app.success


def test_a_mistake_is_said_and_nothing_typed_is_lost(open_app: Open, database: sqlite3.Connection) -> None:
    known = successors(database)
    app = open_app(PAGE, role="steward")
    fill_merger(app, name=" ")
    assert not app.exception
    assert "请填写名称" in app.warning[0].value
    assert app.text_input(key=f"{FORM}code_new").value == "330212110950"
    assert app.multiselect(key=f"{FORM}before_{TOWN}").value == [FANSHIDU, SHANXI]
    app.text_input(key=f"{FORM}name_new").set_value("新合村委会").run()
    assert not app.warning, "what was mended is not said any more"
    app.button(key="place_change_preview").click().run()
    assert app.button(key="place_change_yes")
    app.button(key="place_change_no").click().run()
    assert not [one for one in app.button if one.key == "place_change_yes"]
    assert successors(database) == known


def test_a_missing_place_or_day_is_asked_for(open_app: Open, database: sqlite3.Connection) -> None:
    app = open_app(PAGE, role="steward")
    app.button(key="place_change_preview").click().run()
    assert text("place_changes.errors.choose_place", "zh") in app.warning[0].value
    fill_merger(app, on=None)
    assert text("place_changes.errors.choose_day", "zh") in app.warning[0].value


def test_splits_and_new_names_go_the_same_way(open_app: Open, database: sqlite3.Connection) -> None:
    app = open_app(PAGE, role="steward")
    app.button_group(key=f"{FORM}kind").set_value("split").run()
    app.selectbox(key=f"{FORM}from_town").set_value(TOWN).run()
    app.selectbox(key=f"{FORM}split_{TOWN}").set_value(FANSHIDU)
    app.text_input(key=f"{FORM}code_first").set_value("330212110951")
    app.text_input(key=f"{FORM}name_first").set_value("新分村委会")
    app.date_input(key=f"{FORM}on").set_value(dt.date(2022, 7, 1))
    app.button(key="place_change_preview").click().run()
    assert not app.exception
    assert "继续存续" in words(app)
    app.button(key="place_change_yes").click().run()
    assert database.execute("SELECT name FROM place WHERE code = '330212110951'").fetchone() == ("新分村委会",)
    app.button_group(key=f"{FORM}kind_1").set_value("rename").run()
    app.radio(key=f"{FORM}level_1").set_value("township").run()
    app.selectbox(key=f"{FORM}from_town_1").set_value(TOWN)
    app.text_input(key=f"{FORM}name_1").set_value("新姜山镇")
    app.date_input(key=f"{FORM}on_1").set_value(dt.date(2022, 8, 1))
    app.button(key="place_change_preview").click().run()
    app.button(key="place_change_yes").click().run()
    assert not app.exception
    assert database.execute("SELECT name FROM place WHERE code = ?", (TOWN,)).fetchone() == ("新姜山镇",)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_merged_village_shows_one_series_with_a_note(open_app: Open, lang: str) -> None:
    app = open_app("places/village", lang=lang, tn=TOWN, vl=MERGED_CODE)
    assert not app.exception
    chart = json.loads(months_chart(app).proto.spec)
    line = next(trace for trace in chart["data"] if trace.get("mode") == "lines")
    # A leader sees the released months: all but December 2022.
    assert len(line["x"]) == 35, "every month that is public, before and after the merger, on one line"
    sentence = "2021年7月由拟枫桥村、例柳湾村合并而成" if lang == "zh" else "Jul 2021: formed of "
    assert any(sentence in note["text"] for note in chart["layout"]["annotations"])
    assert len(chart["layout"]["shapes"]) == 1
    assert sentence in words(app)


def test_a_village_that_nothing_happened_to_has_no_note(open_app: Open) -> None:
    app = open_app("places/village", tn=TOWN, vl=FANSHIDU)
    chart = json.loads(months_chart(app).proto.spec)
    assert chart["layout"].get("shapes", []) == []
    assert "合并" not in " ".join(one.value for one in app.caption)


def test_the_township_remarks_on_its_merged_village(open_app: Open) -> None:
    app = open_app("places/township", tn=TOWN)
    assert not app.exception
    assert "景江岸村2021年7月由拟枫桥村、例柳湾村合并而成" in words(app)


@pytest.mark.parametrize(
    ("registered", "said"),
    [("翻石渡村委会", "翻石渡村"), ("景江岸村村委会", "景江岸村"), ("东兴社区居委会", "东兴社区"),
     ("韩岭居委会", "韩岭居委会"), ("姜山镇", "姜山镇"), ("甲村民委员会", "甲村")],
)  # fmt: skip
def test_a_registered_name_is_said_as_people_say_it(registered: str, said: str) -> None:
    assert called(registered, "zh") == said
