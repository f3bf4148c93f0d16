"""Every page is reached through the front door, by every role, in both languages, with any address."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from ui import navigation
from ui.navigation import PAGES
from ui.texts import text

PROJECT = Path(__file__).resolve().parents[2]
KEYS = [entry.key for entry in PAGES]


@pytest.mark.parametrize(("page", "role"), [(entry.key, role) for entry in PAGES for role in entry.roles])
def test_a_page_opens_for_every_role_that_may_see_it(open_app: Open, page: str, role: str):
    app = open_app(page, role=role)
    assert not app.exception
    assert not app.error
    shown = words(app)
    assert 'class="gb-title"' in shown
    assert text("frame.demonstration.band", "zh") in shown
    assert text("frame.viewer.local", "zh") in shown
    assert "gb-footer" in shown


@pytest.mark.parametrize("page", KEYS)
def test_a_page_opens_in_english_and_holds_no_chinese_frame(open_app: Open, page: str):
    app = open_app(page, role=navigation.page_entry(page).roles[-1], lang="en")
    assert not app.exception
    shown = words(app)
    assert text("frame.demonstration.band", "en") in shown
    assert text("frame.demonstration.note", "zh") not in shown  # the band itself stands in names of files, too
    assert text("frame.product", "zh") not in shown


@pytest.mark.parametrize("page", KEYS)
def test_a_page_run_by_itself_shows_nothing_but_the_way_to_the_front_door(
    page: str, demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None
):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    app = AppTest.from_file(str(PROJECT / "pages" / f"{page}.py"), default_timeout=60).run()
    assert not app.exception
    told = [text("frame.messages.front_door", lang) for lang in ("zh", "en")]
    assert [one.value.split("  \n")[0] for one in app.warning] == told
    assert len(app.html) == len(app.markdown) == len(app.dataframe) == len(app.button) == 0


@pytest.mark.parametrize("page", KEYS)
def test_session_state_cannot_stand_in_for_the_front_door(page: str, fresh_caches: None):
    app = AppTest.from_file(str(PROJECT / "pages" / f"{page}.py"), default_timeout=60)
    for name in ("visit", "_VISIT", "viewer", "viewer_role", "front_door"):
        app.session_state[name] = "steward"
    app.run()
    assert len(app.warning) == 2
    assert len(app.html) == 0


def test_a_role_that_may_not_see_a_page_does_not_find_it(open_app: Open, monkeypatch: pytest.MonkeyPatch):
    only_stewards = tuple(replace(e, roles=("steward",)) if e.key == "about/definitions" else e for e in PAGES)
    monkeypatch.setattr(navigation, "PAGES", only_stewards)
    with pytest.raises(ValueError, match="definitions"):
        open_app("about/definitions", role="leader")
    assert not open_app("about/definitions", role="steward").exception


def test_a_page_refuses_a_role_even_when_the_menu_lets_it_pass(open_app: Open, monkeypatch: pytest.MonkeyPatch):
    refused = replace(navigation.page_entry("about/definitions"), roles=("steward",))
    monkeypatch.setattr("ui.session.page_entry", lambda _key: refused)
    app = open_app("about/definitions", role="leader")
    assert "gb-title" not in words(app)
    assert text("frame.roles.leader", "zh") in app.warning[0].value


def test_the_language_switch_turns_the_page_and_back(open_app: Open):
    app = open_app("about/definitions")
    app.button(key="other_language").click().run()
    assert text("definitions.lead", "en") in words(app)
    assert app.session_state["lang"] == "en"
    app.button(key="other_language").click().run()
    assert text("definitions.lead", "zh") in words(app)
    assert app.session_state["lang"] == ""


def test_a_local_viewer_changes_role_and_becomes_head_of_a_township(open_app: Open):
    app = open_app("places/village")
    everywhere = len(app.selectbox(key="filter_township").options)
    app.radio(key="viewer_role").set_value("head").run()
    app.selectbox(key="viewer_township").set_value("330212110").run()
    assert app.selectbox(key="filter_township").options == ["姜山镇"]
    assert everywhere == 25
    app.switch_page("pages/places/township.py").run()
    assert app.radio(key="viewer_role").value == "head"
    assert app.selectbox(key="filter_township").value == "330212110"


def test_a_head_does_not_reach_another_townships_villages_by_link(open_app: Open):
    app = open_app("places/village", role="head", tn="330212110", vl="330212110200")
    assert not app.exception
    assert app.selectbox(key="filter_township").value == "330212001"
    assert app.selectbox(key="filter_village").value.startswith("330212001")
    assert text("filters.problems.not_permitted", "zh") in words(app)


def test_filters_are_kept_from_page_to_page(open_app: Open):
    app = open_app(set="towns", from_="202001", to="202004")
    assert app.selectbox(key="filter_period").value == "epidemic"
    app.switch_page("pages/gaps/pairings.py").run()
    assert app.selectbox(key="filter_township_set").value == "towns"
    assert app.selectbox(key="filter_period").value == "epidemic"


def test_choosing_writes_codes_into_the_address_and_the_default_leaves_it(open_app: Open):
    app = open_app()
    app.selectbox(key="filter_township_set").set_value("subdistricts").run()
    assert app.session_state["set"] == "subdistricts"
    app.selectbox(key="filter_indicator").set_value("satisfaction_rate").run()
    assert app.session_state["ind"] == "satisfaction_rate"
    app.selectbox(key="filter_township_set").set_value("all").run()
    assert app.session_state["set"] == ""
    assert app.session_state["ind"] == "satisfaction_rate"


def test_a_period_can_be_chosen_month_by_month_and_never_stands_upside_down(open_app: Open):
    app = open_app()
    app.selectbox(key="filter_period").set_value("custom").run()
    last = app.selectbox(key="filter_last").value
    app.selectbox(key="filter_last").set_value(202003).run()
    assert not app.exception
    assert (app.session_state["from"], app.session_state["to"]) == ("202003", "202003")
    app.selectbox(key="filter_first").set_value(202001).run()
    assert (app.session_state["from"], app.session_state["to"]) == ("202001", "202003")
    app.selectbox(key="filter_period").set_value("last12").run()
    assert (app.session_state["from"], app.session_state["to"]) == ("", "")
    assert last != 202003
    assert all(box.key != "filter_last" for box in app.selectbox)


@pytest.mark.parametrize(
    "address",
    [
        {"tn": "zzz", "set": "<script>", "from_": "202005", "to": "202001", "ind": "__import__", "pair": "x"},
        {"vl": "1", "lang": "fr"},
        {"from_": "999999"},
        {"ind": "resolution_rate' or 1=1 --"},
    ],
)
def test_a_bad_address_opens_the_default_with_a_sentence(open_app: Open, address: dict[str, str]):
    app = open_app("about/definitions", **address)
    assert not app.exception
    opened = open_app(**address)
    assert not opened.exception
    assert "gb-notice" in words(opened)
    assert "<script>" not in words(opened)
    opened.run()
    assert "gb-notice" not in words(opened)


def test_a_changed_township_forgets_the_village(open_app: Open):
    app = open_app("places/village", tn="330212110", vl="330212110200")
    assert app.selectbox(key="filter_township").value == "330212110"
    app.selectbox(key="filter_township").set_value("330212001").run()
    assert app.session_state["vl"] == ""
    assert app.selectbox(key="filter_village").value.startswith("330212001")


@pytest.mark.parametrize("made", [False, True])
def test_an_empty_database_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches, made: bool):
    from data_access import schema
    from data_access.engine import create_engine

    url = f"sqlite:///{tmp_path / 'empty.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    if made:
        engine = create_engine(url)
        schema.upgrade(engine)
        engine.dispose()
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert app.warning[0].value == text(f"frame.messages.{'nothing_loaded' if made else 'no_database'}", "zh")


@pytest.mark.parametrize(("claims", "sentence"), [
    ({"is_logged_in": False}, None),
    ({"is_logged_in": True, "email": "x@example.cn", "exp": 1}, "login_expired"),
    ({"is_logged_in": True, "email": "x@example.cn", "exp": 9_999_999_999}, "login_unknown"),
])  # fmt: skip
def test_with_sign_in_configured_a_stranger_sees_only_the_sign_in(
    claims: dict, sentence: str | None, demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None
):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.secrets["auth"] = {"client_id": "x"}
    app.user = claims
    app.run()
    assert not app.exception
    assert app.button(key="log_in").label == text("frame.viewer.log_in", "zh")
    assert len(app.selectbox) == len(app.radio) == 0
    assert "gb-title" not in words(app)
    if sentence:
        facts = {"email": "x@example.cn"} if sentence == "login_unknown" else {}
        assert app.warning[0].value == text(f"frame.messages.{sentence}", "zh", **facts)


def test_with_sign_in_configured_a_known_head_sees_the_own_township(
    demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None
):
    from data_access.people import Person

    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    known = Person(email="li@example.cn", name="李_明", role="head", township="330212110")
    monkeypatch.setattr("data_access.people.find_person", lambda _engine, *, email: known)
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.secrets["auth"] = {"client_id": "x"}
    app.user = {"is_logged_in": True, "email": "li@example.cn", "exp": 9_999_999_999}
    app.session_state["viewer_role"] = "steward"  # what a local viewer could choose counts for nothing here
    app.run()
    app.switch_page("pages/places/village.py").run()
    assert not app.exception
    assert app.selectbox(key="filter_township").options == ["姜山镇"]
    assert len(app.radio) == 0
    assert text("frame.viewer.local", "zh") not in words(app)
    assert app.button(key="log_out")
