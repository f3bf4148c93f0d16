"""Where each role begins, and whom a page compares with."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import Open, words
from ui.navigation import start_page

pytestmark = pytest.mark.shared_caches

TOWN = "330212110"


def title(app) -> str:
    shown = next(one.value for one in app.html if "gb-title" in one.value)
    return re.sub(r"<[^>]+>", "", shown.split("</h1>")[0])


@pytest.mark.parametrize(
    ("role", "page"),
    [("leader", "briefing/overview"), ("head", "places/township"), ("researcher", "research/query"),
     ("steward", "briefing/overview")],
)  # fmt: skip
def test_each_role_has_its_own_first_page(role: str, page: str) -> None:
    assert start_page(role) == page


def test_who_asks_for_no_page_is_sent_to_the_first_page_of_the_role(open_root: Open) -> None:
    app = open_root(role="head")
    assert not app.exception
    assert "名" in title(app)
    assert any("scoreboard" in element.proto.component_name for element in app.get("bidi_component"))


def test_peers_of_a_township_are_named_with_the_reason(open_app: Open) -> None:
    app = open_app("places/township", tn=TOWN, set="similar")
    assert not app.exception
    said = next(one.value for one in app.html if "gb-peers" in one.value)
    assert said.count("相近）") == 5
    assert "条件相近的6个镇街" in title(app)


def test_hand_picked_townships_are_compared_with_each_other_only(open_app: Open) -> None:
    app = open_app("briefing/overview", set="picked", with_="330212110,330212001,330212002")
    assert not app.exception
    assert title(app).startswith("自选3个镇街")


def test_one_hand_picked_township_compares_nothing_and_the_page_says_what_to_do(open_app: Open) -> None:
    app = open_app("briefing/overview", set="picked", with_=TOWN)
    assert not app.exception
    assert "请至少选两个镇街" in words(app)
    assert title(app).startswith("全区25个镇街")


def test_peers_without_a_township_fall_back_to_the_district_with_a_sentence(open_app: Open) -> None:
    app = open_app("briefing/overview", set="similar")
    assert not app.exception
    assert "需先选一个镇街" in words(app)


def test_a_head_is_compared_with_the_peers_of_the_own_township(open_app: Open) -> None:
    app = open_app("briefing/overview", role="head", set="same_kind", lang="en")
    assert not app.exception
    assert "of the same type" in words(app).lower() or "Townships of the same type" in words(app)


def test_an_unknown_hand_picked_code_is_reported_and_the_page_stays_whole(open_app: Open) -> None:
    app = open_app("briefing/overview", set="picked", with_="999999999,330212110")
    assert not app.exception
    assert "自选镇街" in words(app)
    assert title(app).startswith("全区25个镇街")


def test_picking_townships_writes_their_codes_into_the_address(open_app: Open) -> None:
    app = open_app("briefing/overview", set="picked")
    app.multiselect(key="filter_picked").set_value(["330212001", "330212110"]).run()
    assert not app.exception
    assert app.query_params["with"] in ("330212001,330212110", ["330212001,330212110"])
    assert title(app).startswith("自选2个镇街")
