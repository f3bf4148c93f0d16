"""The page of all indicators: both languages, every choice in the address, what a pick opens, and its empty state."""

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from tests.pages.conftest import Open, words
from ui.payloads import rug_picks
from ui.payloads.rug_payload import MODES, ORDERS
from ui.texts import text

PAGE = "places/all_indicators"


def test_the_page_opens_and_its_choices_stand_in_the_address(open_app: Open):
    app = open_app(PAGE)
    assert not app.exception
    assert "明显较差" in words(app) and "偶然也会出现" in words(app)
    assert text("rug.notes.absent", "zh", names="办结时长") in words(app)
    for parameter, codes in (("rugshow", MODES), ("rugsort", ORDERS)):
        app.segmented_control(key=f"{parameter}_choice").set_value(codes[1]).run()
        assert not app.exception
        assert app.session_state[parameter] == codes[1]
    assert text("rug.modes.trends", "zh") in "".join(app.segmented_control(key="rugshow_choice").options)
    assert "Mann–Kendall" in words(app)


def test_a_link_opens_the_same_view_in_english(open_app: Open):
    app = open_app(PAGE, lang="en", rugshow="both", rugsort="name", set="towns")
    assert not app.exception
    assert app.segmented_control(key="rugshow_choice").value == "both"
    assert app.segmented_control(key="rugsort_choice").value == "name"
    assert "clearly worse" in words(app) and "chance alone" in words(app)


def test_an_address_that_says_nonsense_opens_the_first_choice(open_app: Open):
    app = open_app(PAGE, rugshow="x", role="head")
    assert not app.exception
    assert app.segmented_control(key="rugshow_choice").value == MODES[0]


def test_months_without_any_data_say_so(open_app: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ui.payloads.rug_payload.rug_figures", lambda view: None)
    app = open_app(PAGE)
    assert not app.exception
    assert text("rug.nothing", "zh") in words(app)


@pytest.mark.parametrize(
    ("pick", "page", "changes"),
    [
        ("330212110|satisfaction_rate", "places/township",
         {"township": "330212110", "village": None, "indicator": "satisfaction_rate"}),
        ("330212110|resolution_rate", "places/township", {"township": "330212110", "village": None, "indicator": None}),
        ("330212110|", "places/township", {"township": "330212110", "village": None}),
        ("330212110|drills_done", "about/definitions", {"township": "330212110", "indicator": "drills_done"}),
        ("|resolution_rate", "about/definitions", {"indicator": "resolution_rate"}),
        (None, None, None),
    ],
)  # fmt: skip
def test_a_pick_opens_what_it_names(pick: str | None, page: str | None, changes: Any, monkeypatch: pytest.MonkeyPatch):
    opened: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(rug_picks, "go_to", lambda page, **changes: opened.append((page, changes)))
    monkeypatch.setattr(st, "session_state", {rug_picks.KEY: SimpleNamespace(pick=pick)})
    rug_picks.open_cell()
    assert opened == ([] if page is None else [(page, changes)])
