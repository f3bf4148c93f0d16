"""The township's page below its scoreboard: what stands there on load, what changes it, and who does not see what."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from tests.pages.conftest import Open, words
from ui import township_picks
from ui.payloads.township_standing import Answer
from ui.standing_block import standing_block
from ui.texts import text

JIANGSHAN, OWN = "330212110", "330212001"


def standing_of(shown: str) -> str:
    """The block of short answers."""
    found = re.search(r'<section class="gb-standing".*?</section>', shown, flags=re.DOTALL)
    assert found is not None
    return found.group(0)


def figures(app: Any) -> set[str]:
    """Keys of the figures on the page."""
    return {one.proto.id.rsplit("-", 1)[-1] for one in app.get("plotly_chart")}


def test_the_four_questions_are_answered_on_load_and_every_part_follows(open_app: Open):
    app = open_app("places/township", tn=JIANGSHAN)
    assert not app.exception and not app.error
    shown = words(app)
    block = standing_of(shown)
    for question in ("rank.question", "next.question_ahead", "villages.question", "needed.question"):
        assert text(f"standing.{question}", "zh") in block
    for section in ("open_cases.section", "parts.section", "peers.section", "spine.section"):
        assert text(section, "zh") in shown
    assert {"part_villages", "part_groups", "peers", "spines"} <= figures(app)

    app.segmented_control(key="spine_choice").set_value("table").run()
    assert not app.exception
    assert app.query_params["spine"] in ("table", ["table"]) and "spines" not in figures(app)


def test_in_english_the_page_keeps_the_choices_of_its_address(open_app: Open):
    app = open_app("places/township", lang="en", tn=JIANGSHAN, spine="table", ind="satisfaction_rate", set="towns")
    assert not app.exception and not app.error
    shown = words(app)
    assert "spines" not in figures(app) and "peers" in figures(app)
    assert not re.search(r"[一-鿿]", standing_of(shown))
    assert "Public satisfaction" in standing_of(shown)
    for section in ("open_cases.section", "parts.section", "peers.section", "spine.section"):
        assert text(section, "en") in shown


def test_a_head_reads_neither_cases_nor_villages_of_another_township(open_app: Open):
    app = open_app("places/township", role="head", tn=JIANGSHAN)
    assert not app.exception and not app.error
    shown = words(app)
    assert text("open_cases.not_permitted", "zh") in shown
    assert text("standing.villages.not_permitted", "zh") in standing_of(shown)
    assert text("parts.empty.not_permitted", "zh") in shown
    assert "part_villages" not in figures(app) and {"part_groups", "peers", "spines"} <= figures(app)


def test_an_indicator_neither_good_nor_bad_is_not_taken_apart_and_an_odd_choice_counts_as_the_first(open_app: Open):
    app = open_app("places/township", tn=OWN, ind="issues_per_1000", spine="<script>")
    assert not app.exception and not app.error
    shown = words(app)
    assert text("parts.empty.neutral", "zh", indicator="每千人问题量") in shown
    assert text("peers.no_share", "zh", indicator="每千人问题量") in shown
    assert "spines" in figures(app) and "<script>" not in shown


# Clicks


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Where clicks lead, instead of going there."""
    done: list[tuple[Any, ...]] = []
    monkeypatch.setattr(township_picks, "go_to", lambda page, **choices: done.append((page, choices)))
    monkeypatch.setattr(township_picks, "choose", lambda **choices: done.append(("here", choices)))
    return done


def test_a_click_on_a_case_or_a_bar_opens_its_village(moves: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch):
    village = {"township": JIANGSHAN, "village": "330212110214"}
    state = {
        "open_cases": SimpleNamespace(pick="330212110214|YS1"),
        "part_villages": SimpleNamespace(selection=SimpleNamespace(points=[{"customdata": "330212110214"}])),
        "sum": SimpleNamespace(selection=SimpleNamespace(points=[{"customdata": "total"}])),
        "odd": SimpleNamespace(pick="nonsense"),
        "none": SimpleNamespace(selection=SimpleNamespace(points=[])),
    }
    monkeypatch.setattr(st, "session_state", state)
    township_picks.open_village_of_case("open_cases")()
    township_picks.open_village_of_mark("part_villages")()
    assert moves == [("places/village", village)] * 2
    township_picks.open_village_of_mark("sum")()
    township_picks.open_village_of_case("odd")()
    township_picks.open_village_of_mark("none")()
    assert len(moves) == 2


def test_a_click_on_an_indicator_shows_it_here_or_its_definition(
    moves: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
):
    def mark(code: object) -> SimpleNamespace:
        return SimpleNamespace(selection=SimpleNamespace(points=[{"customdata": code}]))

    state = {"a": mark(["on_time_rate"]), "b": mark("plans_current"), "c": SimpleNamespace(pick="resolution_rate"),
             "d": SimpleNamespace(pick=None)}  # fmt: skip
    monkeypatch.setattr(st, "session_state", state)
    township_picks.choose_indicator_of_mark("a")()
    township_picks.choose_indicator_of_mark("b")()
    township_picks.choose_indicator_of_row("c")()
    township_picks.choose_indicator_of_row("d")()
    assert moves == [
        ("here", {"indicator": "on_time_rate"}),
        ("about/definitions", {"indicator": "plans_current"}),
        ("here", {"indicator": None}),
    ]


def test_answers_are_written_as_words_and_none_at_all_says_why(monkeypatch: pytest.MonkeyPatch):
    written: list[str] = []
    monkeypatch.setattr(st, "html", written.append)
    standing_block([Answer("rank", "<b>?", "1 & 2", ("<i>",))], lang="zh")
    assert "&lt;b&gt;?" in written[0] and "1 &amp; 2" in written[0] and "<i>" not in written[0]
    standing_block((), lang="en")
    assert text("standing.none", "en") in written[1]
