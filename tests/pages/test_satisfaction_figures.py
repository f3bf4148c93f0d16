"""The figures of the page on satisfaction against a slow count of the issues themselves, one by one."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_access.engine import create_engine
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.nonresponse import NoComparison, satisfaction_table
from ui.measures import View
from ui.payloads.satisfaction_charts import bounds_figure, months_figure
from ui.payloads.satisfaction_figures import (
    REACH,
    SATISFACTION,
    SOLVED,
    _withheld,
    group_rows,
    places_of,
    survey_of,
    township_row,
)
from ui.payloads.satisfaction_page import groups_table, mounted_satisfaction, satisfaction_page
from ui.payloads.satisfaction_words import borne_out, sentences, title_text
from ui.texts import number, percent, text

CATALOGUE = load_catalogue()
JIANGSHAN, BAIZHANG = "330212110", "330212008"
FIRST, LAST = 202201, 202211


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """2022 up to its last settled month, as the page would ask for it."""
    return view_on(demo_sqlite, monkeypatch)


def view_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    return View(
        root="330212", villages_of=None, first=FIRST, last=202212, township_set="all", version=version.number,
        first_month=version.first_month, provisional_from=version.provisional_from, lang="zh",
    )  # fmt: skip


@pytest.fixture(scope="module")
def issues(demo_sqlite: Path) -> list[dict[str, Any]]:
    """Every issue of the settled months of 2022 as it was delivered, with the management of its estate."""
    with sqlite3.connect(demo_sqlite) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            "SELECT i.*, CASE WHEN s.kind = 'estate' THEN coalesce(e.management, 'unknown') END AS management "
            "FROM issue i LEFT JOIN estate e ON e.code = i.estate_code LEFT JOIN site s ON s.code = e.code "
            "WHERE i.superseded_by IS NULL AND i.month BETWEEN ? AND ?",
            (FIRST, LAST),
        ).fetchall()
    return [dict(row) for row in rows]


def counted(issues: list[dict[str, Any]], key: Callable[[dict[str, Any]], Any] = lambda _: None) -> dict[Any, Counter]:
    """closed, called_back, reached, satisfied, unhappy_solved by key, one issue at a time."""
    found: dict[Any, Counter] = {}
    for issue in issues:
        group = found.setdefault(key(issue), Counter())
        group["closed"] += issue["closed_at"] is not None and issue["accepted_at"] is not None
        for name in ("called_back", "reached"):
            group[name] += bool(issue[name])
        group["satisfied"] += bool(issue["satisfied"])
        group["solved_reached"] += bool(issue["reached"] and issue["solved"])
        group["unhappy_solved"] += bool(issue["reached"] and issue["solved"] and issue["satisfied"] == 0)
    return found


def bounds_of(found: Counter) -> tuple[float, float]:
    """All silent dissatisfied, and all of them satisfied."""
    low = Fraction(found["satisfied"], found["called_back"])
    return float(low), float(low + Fraction(found["called_back"] - found["reached"], found["called_back"]))


@pytest.mark.parametrize("township", [None, JIANGSHAN])
def test_the_survey_of_an_area_is_that_of_its_issues(
    view: View, issues: list[dict[str, Any]], township: str | None
) -> None:
    mine = [issue for issue in issues if township is None or str(issue["place_code"]).startswith(township)]
    found = counted(mine)[None]
    survey = survey_of(view, township)
    assert (survey["closed"], survey["invited"], survey["answered"], survey["satisfied"]) == (
        found["closed"], found["called_back"], found["reached"], found["satisfied"],
    )  # fmt: skip
    assert (survey["solved_dissatisfied"], survey["solved_reached"]) == (
        found["unhappy_solved"], found["solved_reached"],
    )  # fmt: skip
    assert (survey["sure_low"], survey["sure_high"]) == pytest.approx(bounds_of(found))


@pytest.mark.parametrize("dimension", ["category", "channel", "management"])
@pytest.mark.parametrize("township", [None, JIANGSHAN])
def test_groups_are_the_issues_sorted_into_them(
    view: View, issues: list[dict[str, Any]], dimension: str, township: str | None
) -> None:
    mine = [
        issue for issue in issues
        if (township is None or str(issue["place_code"]).startswith(township)) and issue[dimension] is not None
    ]  # fmt: skip
    found = counted(mine, lambda issue: issue[dimension])
    rows = group_rows(view, township, dimension).set_index("group")
    asked = {group for group, counts in found.items() if group != "unknown"}
    assert set(rows.index) - {"unknown"} == asked and len(asked) >= 2
    table, _ = groups_table(view, township, True, dimension=dimension)
    cells = {row.code: row.cells for row in table["rows"]}
    for group in asked:
        counts, row = found[group], rows.loc[group]
        assert (row["invited"], row["answered"], row["satisfied"]) == (
            counts["called_back"], counts["reached"], counts["satisfied"],
        ), group  # fmt: skip
        if not counts["called_back"]:
            continue
        assert (row["sure_low"], row["sure_high"]) == pytest.approx(bounds_of(counts))
        if counts["reached"]:
            unhappy = counts["reached"] - counts["satisfied"]
            assert cells[group][SATISFACTION].text == percent(counts["satisfied"], counts["reached"])
            assert cells[group]["unhappy"].text == number(unhappy)
            assert cells[group]["per_thousand"].text == number(unhappy / counts["reached"] * 1000, decimals=1)
        if counts["solved_reached"]:
            assert cells[group][SOLVED].text == percent(counts["unhappy_solved"], counts["solved_reached"])


def test_township_rows_are_their_own_issues_and_judged_against_the_others(
    view: View, issues: list[dict[str, Any]]
) -> None:
    found = counted(issues, lambda issue: str(issue["place_code"])[:9])
    places = places_of(view, None)
    assert places is not None and len(places.rows) == 25
    whole = counted(issues)[None]
    for row in places.rows.to_dict("records"):
        counts = found[row["place"]]
        assert (row["invited"], row["answered"]) == (counts["called_back"], counts["reached"])
        assert row["rest_n"] == whole["reached"] - counts["reached"], (
            "a township is not part of what it is held against"
        )
        assert (row["sure_low"], row["sure_high"]) == pytest.approx(bounds_of(counts))
    board = satisfaction_page(view, None, True)
    assert board.places is not None
    cells = {row.code: row.cells for row in board.places.table["rows"]}
    for code, counts in found.items():
        unhappy = counts["reached"] - counts["satisfied"]
        assert cells[code]["per_thousand"].text == number(unhappy / counts["reached"] * 1000, decimals=1)
        assert cells[code][REACH].text == percent(counts["reached"], counts["called_back"])
    assert borne_out(survey_of(view, None), 0.985) == "open_met"
    assert board.tiles[0].target_state == "unclear", "a target that hangs on the silent is not called met"
    total = next(row for row in board.places.table["rows"] if row.total)
    assert total.cells[SATISFACTION].text == percent(whole["satisfied"], whole["reached"])
    assert township_row(view, JIANGSHAN)["x"] == found[JIANGSHAN]["satisfied"]


def test_the_weighted_rate_lets_every_kind_of_issue_weigh_as_it_was_called(
    view: View, issues: list[dict[str, Any]]
) -> None:
    places = places_of(view, None)
    assert places is not None
    rows = places.rows.set_index("place")
    for township in (JIANGSHAN, BAIZHANG, "330212104"):
        mine = [issue for issue in issues if str(issue["place_code"]).startswith(township)]
        kinds = counted(mine, lambda issue: issue["category"])
        told = {kind: one for kind, one in kinds.items() if one["reached"]}
        weight = sum(one["called_back"] for one in told.values())
        expected = sum(one["called_back"] / weight * one["satisfied"] / one["reached"] for one in told.values())
        assert rows.at[township, "weighted"] == pytest.approx(expected)


def test_the_lines_over_time_are_the_issues_month_by_month(view: View, demo_sqlite: Path) -> None:
    drawn = months_figure(view, JIANGSHAN, REACH, place="姜山镇", tone="light", last_month=202212)
    assert drawn.figure is not None
    with sqlite3.connect(demo_sqlite) as connection:
        raw = connection.execute(
            "SELECT month, sum(called_back), sum(reached) FROM issue WHERE superseded_by IS NULL "
            "AND place_code LIKE ? AND called_back GROUP BY month ORDER BY month", (f"{JIANGSHAN}%",),
        ).fetchall()  # fmt: skip
    dots = [trace for trace in drawn.figure.to_dict()["data"] if trace["mode"] == "markers"]
    assert list(dots[0]["y"]) == pytest.approx([reached / called for _, called, reached in raw], abs=1e-6)
    assert "其余镇街" in json.dumps(drawn.figure.to_dict()["layout"], ensure_ascii=False)
    assert drawn.alt.startswith("姜山镇有效回访率逐月变化")


def test_the_bounds_are_drawn_for_the_area_first_and_then_for_every_group(view: View) -> None:
    drawn = bounds_figure(view, None, "category", place="全区", tone="dark")
    assert drawn.figure is not None
    data = drawn.figure.to_dict()["data"]
    band = [x for x in next(trace for trace in data if trace["mode"] == "lines" and trace["line"]["width"] == 13)["x"]]
    survey, rows = survey_of(view, None), group_rows(view, None, "category")
    expected = [end for row in [survey, *rows.to_dict("records")] for end in (row["sure_low"], row["sure_high"])]
    assert [x for x in band if x is not None] == pytest.approx(expected, abs=1e-6)


def survey(invited: int, answered: int, satisfied: int, **more: int) -> dict[str, Any]:
    counts = {"called_back": invited, "reached": answered, "satisfied": satisfied}
    row = satisfaction_table(pd.DataFrame([counts]), by=()).to_dict("records")[0]
    return {**row, "closed": invited, "solved_reached": answered, "solved_dissatisfied": 0, **more}


@pytest.mark.parametrize(
    ("invited", "answered", "satisfied", "expected", "said"),
    [
        (1000, 1000, 990, "complete_met", "达到98.5%"),
        (1000, 1000, 980, "complete_missed", "未达到98.5%"),
        (1000, 998, 996, "supported", "达到98.5%站得住"),
        (1000, 500, 480, "refuted", "达不到98.5%"),
        (1000, 400, 394, "open_met", "39.4%–99.4%之间，98.5%尚不能认定"),
        (1000, 400, 393, "open_missed", "是否达标不能认定"),
    ],
)
def test_the_title_says_whether_the_target_outlives_the_silent(
    invited: int, answered: int, satisfied: int, expected: str, said: str
) -> None:
    row = survey(invited, answered, satisfied)
    assert borne_out(row, 0.985) == expected
    assert said in title_text(row, CATALOGUE[SATISFACTION], place="全区", months="2022年", lang="zh")


@pytest.mark.parametrize(
    ("invited", "answered", "said"),
    [(0, 0, "没有回访记录"), (12, 0, "无人接通"), (12, 9, "样本少，不作判断")],
)
def test_hardly_anybody_reached_is_no_rate(invited: int, answered: int, said: str) -> None:
    row = survey(invited, answered, answered)
    assert said in title_text(row, CATALOGUE[SATISFACTION], place="全区", months="2022年", lang="zh")


def test_the_sentences_say_how_many_of_the_silent_it_would_take() -> None:
    told = " ".join(sentences(survey(1000, 400, 394), CATALOGUE[SATISFACTION], "zh"))
    assert "没接通的600件中至少要有591件满意（98.5%）" in told  # 985 - 394
    assert "约为92.5%" in told
    assert "不满意的6件，每千件接通回访15.0件" in told
    assert text("satisfaction.facts.no_reasons", "zh") in told
    assert sentences(survey(0, 0, 0), CATALOGUE[SATISFACTION], "zh") == ()


@pytest.mark.parametrize(
    ("verdict", "ends", "together", "expected"),
    [
        ("much_worse", (0.90, 0.97), False, None),
        ("worse", (0.95, 0.99), False, "weighting"),
        ("better", (0.985, 0.999), False, None),
        ("better", (0.97, 0.999), False, "weighting"),
        ("better", (0.97, 0.999), True, None),
        ("similar", (0.97, 0.999), False, None),
    ],
)
def test_where_reach_differs_widely_only_what_weighting_confirms_is_said(
    verdict: str, ends: tuple[float, float], together: bool, expected: str | None
) -> None:
    row = {"verdict": verdict, "reason": None, "weighted_low": ends[0], "weighted_high": ends[1], "rest_value": 0.98}
    assert _withheld(row, together=together) == expected


def test_fewer_than_one_in_five_reached_is_not_judged() -> None:
    row = {"verdict": "much_worse", "reason": NoComparison.LOW_RESPONSE}
    assert _withheld(row, together=True) == "low_response"


def test_without_the_right_to_them_no_village_is_in_what_the_page_mounts(view: View) -> None:
    board = satisfaction_page(replace(view, villages_of=(BAIZHANG,)), JIANGSHAN, True)
    assert board.places is None
    sent = json.dumps([tile.to_dict() for tile in board.tiles], ensure_ascii=False) + "".join(board.facts)
    assert "翻石渡" not in sent and "330212110214" not in sent
    assert satisfaction_page(replace(view, villages_of=(JIANGSHAN,)), JIANGSHAN, True).places is not None


def test_villages_are_shown_over_twelve_months_and_never_ranked(view: View) -> None:
    board = satisfaction_page(replace(view, first=202205, last=202206), JIANGSHAN, True)
    assert board.places is not None
    assert text("satisfaction.period.wider", "zh", months="2021年7月–2022年6月") in board.places.notes
    assert not {column.kind for column in board.places.table["columns"]} & {"index", "rank"}


@pytest.fixture
def without_call_backs(demo_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[View]:
    """A copy of the demonstration in which nobody was called back in the settled months of 2022."""
    path = tmp_path / "silent.db"
    shutil.copyfile(demo_sqlite, path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE issue_monthly SET called_back = 0, reached = 0, satisfied = 0, solved_reached = 0, "
            "solved_dissatisfied = 0 WHERE month BETWEEN ? AND ?", (FIRST, LAST),
        )  # fmt: skip
    yield view_on(path, monkeypatch)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_months_in_which_nobody_was_called_are_said_to_hold_nothing(
    without_call_backs: View, fresh_caches: None, lang: str
) -> None:
    view = replace(without_call_backs, lang=lang)
    for township in (None, JIANGSHAN):
        board = satisfaction_page(view, township, True)
        assert not board.asked and board.facts == () and board.places_with_data is not None
        assert board.places_with_data[0] == 0 or township
        assert ("没有回访记录" if lang == "zh" else "no call-backs") in board.title
        assert bounds_figure(view, township, "category", place=board.name, tone="light").figure is None
        assert mounted_satisfaction(view, township, True).places
    assert math.isnan(survey_of(view, None)["rate"])


def test_without_a_target_the_title_and_the_sentences_judge_nothing() -> None:
    free = CATALOGUE[SATISFACTION].model_copy(update={"target": None})
    said = title_text(survey(1000, 400, 394), free, place="全区", months="2022年", lang="zh")
    assert "39.4%–99.4%之间" in said
    told = " ".join([said, *sentences(survey(1000, 400, 394), free, "zh")])
    assert "（0%）" not in told
    assert "达" not in said
    assert "约为92.5%" in told
