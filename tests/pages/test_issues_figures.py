"""Figures of the issues page against a slow count of the raw cases, one by one."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from data_access.engine import create_engine
from data_access.issue_durations import DEADLINES
from data_access.permissions import NotPermitted
from data_access.releases import current_data_version
from indicators.durations import share_open_at, time_until
from indicators.intervals import wilson
from tests.surveyed_figures import reading
from ui import cached_durations, cached_reads
from ui.measures import View
from ui.payloads.issue_backlog import backlog_part
from ui.payloads.issue_chain import STEPS, chain_part
from ui.payloads.issue_durations import duration_figures, duration_part
from ui.payloads.issue_hints import last_day_rows, perfect_records, unsolved_but_satisfied
from ui.payloads.issue_matrix import matrix_part, matrix_rows
from ui.payloads.issue_months import months_part, signal_rows
from ui.payloads.issue_perfection import perfection_part
from ui.payloads.issue_repeats import repeat_rows, repeats_part
from ui.payloads.issues_page import issue_view, issues_head
from ui.table_block import table_file
from ui.texts import number, percent, percent_interval

DISTRICT, JIANGSHAN, BAIZHANG = "330212", "330212110", "330212008"
Case = dict[str, Any]


@pytest.fixture(scope="module")
def demo(demo_sqlite: Path) -> Iterator[Path]:
    with reading(demo_sqlite):
        yield demo_sqlite


@pytest.fixture(scope="module")
def cases(demo: Path) -> list[Case]:
    """Every current case as it stands, with the village that carries its history."""
    with sqlite3.connect(demo) as connection:
        connection.row_factory = sqlite3.Row
        follows = dict(connection.execute("SELECT code, successor FROM place WHERE successor IS NOT NULL"))
        rows = [dict(row) for row in connection.execute("SELECT * FROM issue WHERE superseded_by IS NULL")]
    for row in rows:
        village = row["place_code"]
        while village in follows:
            village = follows[village]
        row["place"] = village
        for name in ("accepted_at", "assigned_at", "due_at", "closed_at"):
            row[name] = dt.datetime.fromisoformat(row[name]) if row[name] else None
    return rows


@pytest.fixture(scope="module")
def view(demo: Path) -> View:
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None and version.provisional_from == 202212
    return View(
        root=DISTRICT, villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
        first_month=version.first_month, provisional_from=version.provisional_from, lang="zh",
    )  # fmt: skip


@pytest.fixture(scope="module")
def as_of(demo: Path) -> dt.date:
    version = current_data_version(create_engine())
    assert version is not None and version.as_of is not None
    return version.as_of


def chosen(cases: list[Case], within: str, first: int, last: int) -> list[Case]:
    return [one for one in cases if one["place"].startswith(within) and first <= one["month"] <= last]


def is_due(one: Case, as_of: dt.date) -> bool:
    return bool(one["accepted_at"] and one["due_at"] and one["due_at"].date() <= as_of)


def on_time(one: Case, as_of: dt.date) -> bool:
    return is_due(one, as_of) and bool(one["closed_at"]) and one["closed_at"] <= one["due_at"]


@pytest.mark.parametrize("within", [DISTRICT, JIANGSHAN])
def test_the_chain_loses_at_each_step_what_a_count_of_single_cases_loses(
    view: View, as_of: dt.date, cases: list[Case], within: str
) -> None:
    left = chosen(cases, within, 202201, 202211)
    passed = {"found": len(left)}
    tests = {
        "accepted": lambda one: one["accepted_at"], "assigned": lambda one: one["assigned_at"],
        "on_time": lambda one: on_time(one, as_of), "solved": lambda one: one["solved"] == 1,
        "called_back": lambda one: one["called_back"], "reached": lambda one: one["reached"],
        "satisfied": lambda one: one["satisfied"] == 1,
    }  # fmt: skip
    late = 0
    for step, passes in tests.items():
        if step == "on_time":
            late = sum(1 for one in left if is_due(one, as_of) and one["closed_at"] and not on_time(one, as_of))
        left = [one for one in left if passes(one)]
        passed[step] = len(left)
    part = chain_part(view, within, as_of=as_of, tone="light")
    assert dict(part.counts.passed) == passed and tuple(passed) == STEPS
    assert part.counts.lost["on_time"]["late"] == late > 0
    for before, after in pairwise(STEPS):
        assert sum(part.counts.lost[after].values()) == passed[before] - passed[after]


def test_the_headline_figures_follow_from_the_chain_and_are_those_of_the_monthly_counts(
    view: View, as_of: dt.date, cases: list[Case]
) -> None:
    part = chain_part(view, DISTRICT, as_of=as_of, tone="light")
    counts, (found, resolved, content) = part.counts, part.headlines
    kept = cached_reads.counts(
        view.scope, source="issues", level="district", first=202201, last=202211, version=view.version
    ).iloc[0]
    assert (counts.due, counts.solved_due) == (kept["due"], kept["verified_solved"])
    assert (counts.reached, counts.satisfied) == (kept["reached"], kept["satisfied"])
    assert counts.passed["solved"] + counts.solved_late == counts.solved_due
    assert resolved.value == percent(counts.solved_due, counts.due) and number(counts.due) in resolved.how
    assert content.value == percent(counts.satisfied, counts.reached) and number(counts.reached) in content.how
    assert found.value == number(len(chosen(cases, DISTRICT, 202201, 202212)))
    assert number(len(chosen(cases, DISTRICT, 202212, 202212))) in found.how, "the provisional month is told apart"
    assert found.value in issues_head(replace(view, provisional_from=None), None, as_of=as_of, tone="light").title


@pytest.mark.parametrize("dimension", ["category", "area_type", "firm_size"])
def test_curves_and_medians_agree_with_a_naive_product_over_days(
    view: View, as_of: dt.date, cases: list[Case], dimension: str
) -> None:
    with sqlite3.connect(cached_reads.engine().url.database or "") as connection:
        known = {
            "area_type": dict(connection.execute("SELECT code, coalesce(area_type, 'unknown') FROM place")),
            "firm_size": dict(connection.execute("SELECT code, coalesce(size, 'unknown') FROM firm")),
        }
    groups: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for one in chosen(cases, DISTRICT, 202201, 202212):
        if not one["accepted_at"] or (dimension == "firm_size" and not one["firm_code"]):
            continue
        value = {
            "category": one["category"],
            "area_type": known["area_type"].get(one["place"]),
            "firm_size": known["firm_size"].get(one["firm_code"]),
        }[dimension]
        end = one["closed_at"].date() if one["closed_at"] else as_of
        groups[str(value)].append(((end - one["accepted_at"].date()).days, bool(one["closed_at"])))
    figures = duration_figures(view, DISTRICT, dimension, as_of=as_of)
    assert {one.value for one in figures.groups} == set(groups)
    for group in figures.groups:
        watched = groups[group.value]
        assert (group.cases, group.open) == (len(watched), sum(not closed for _, closed in watched))
        open_share, median, at = 1.0, None, {}
        for day in range(31):
            risk = sum(days >= day for days, _ in watched)
            ended = sum(days == day and closed for days, closed in watched)
            open_share *= 1 - ended / risk if risk else 1
            at[day] = open_share
            if median is None and open_share <= 0.5 + 1e-12:
                median = day
        found = share_open_at(group.curve, (7, 15, 30))
        for day, share, reason in zip((7, 15, 30), found.share, found.reason, strict=True):
            assert reason is not None or share == pytest.approx(at[day])
        assert time_until(group.curve).days == median


def test_the_words_on_durations_name_the_slowest_and_tell_only_experts_the_test(view: View, as_of: dt.date) -> None:
    plain = duration_part(view, DISTRICT, "category", as_of=as_of, tone="light", expert=False)
    expert = duration_part(view, DISTRICT, "category", as_of=as_of, tone="light", expert=True)
    assert "矛盾纠纷最慢" in plain.sentences[0] and "政策咨询最快" in plain.sentences[0]
    assert "χ²" not in plain.sentences[0] and "p<0.001" in expert.sentences[0]
    still = duration_figures(view, DISTRICT, "category", as_of=as_of).whole
    assert still is not None and f"仍有{number(still.open)}件在办" in plain.sentences[1]


def test_groups_too_small_to_be_read_say_so_instead_of_a_figure(view: View, as_of: dt.date) -> None:
    small = replace(view, first=202206, last=202206)
    tables = [
        duration_part(small, code, "firm_size", as_of=as_of, tone="light", expert=False).table
        for code in cached_reads.township_codes(version=view.version)
    ]
    rows = [row for table in tables if table for row in table.table["rows"]]
    few = [row for row in rows if row.cells["cases"].sort < 10 and row.cells["open"].sort]
    assert few
    for row in few:
        cells = [row.cells[name] for name in ("resolution_days", "open_7", "open_15", "open_30")]
        assert cells[-1].text == "样本少" and cells[-1].sort is None


def test_where_nothing_is_censored_the_interval_is_that_of_a_plain_proportion(view: View, as_of: dt.date) -> None:
    past = replace(view, first=202006, last=202006)
    checked = 0
    for code in cached_reads.township_codes(version=view.version):
        part = duration_part(past, code, "category", as_of=as_of, tone="light", expert=False)
        for row in part.table.table["rows"] if part.table else ():
            cell, cases = row.cells["open_30"], row.cells["cases"].sort
            if row.cells["open"].sort == 0 and cell.sort == 0 and cases >= 10:
                assert cell.note == percent_interval(0, float(wilson(0, cases).high), n=cases)
                checked += 1
    assert checked


@pytest.mark.parametrize("township", [None, JIANGSHAN])
def test_the_backlog_is_that_of_the_single_open_cases_and_its_columns_add_up(
    view: View, as_of: dt.date, cases: list[Case], township: str | None
) -> None:
    width = 12 if township else 9
    found: Counter[tuple[str, int, str]] = Counter()
    for one in cases:
        if one["accepted_at"] and not one["closed_at"] and one["place"].startswith(township or DISTRICT):
            age = (as_of - one["accepted_at"].date()).days
            left = None if one["due_at"] is None else (one["due_at"].date() - as_of).days
            deadline = "none" if left is None else "overdue" if left <= 0 else "soon" if left <= 7 else "later"
            found[one["place"][:width], sum(age > limit for limit in (7, 15, 30, 90)), deadline] += 1
    board = backlog_part(view, township, as_of=as_of, tone="light", demonstration=True)
    assert board.open == sum(found.values())
    assert board.overdue == sum(count for (_, _, deadline), count in found.items() if deadline == "overdue")
    assert board.part.table is not None
    total, *rows = board.part.table.table["rows"]
    for row in rows:
        for deadline in DEADLINES[:3]:
            expected = sum(n for (place, _, one), n in found.items() if place == row.code and one == deadline)
            assert row.cells[deadline].sort == expected
        for age in range(5):
            expected = sum(n for (place, one, _), n in found.items() if place == row.code and one == age)
            assert row.cells[f"age_{age}"].sort == expected
    assert total.cells["open"].sort == sum(row.cells["open"].sort for row in rows) == board.open


def test_the_overdue_of_the_backlog_are_those_of_the_monthly_counts(view: View, as_of: dt.date) -> None:
    kept = cached_reads.counts(
        view.scope, source="issues", level="district", first=190001, last=299912, version=view.version
    )
    board = backlog_part(view, None, as_of=as_of, tone="light", demonstration=True)
    assert board.overdue == int(kept["overdue_open"].sum())


def test_a_reader_of_released_months_is_told_that_newer_open_cases_are_left_out(view: View, as_of: dt.date) -> None:
    whole = backlog_part(view, None, as_of=as_of, tone="light", demonstration=True)
    released = backlog_part(replace(view, until=202211), None, as_of=as_of, tone="light", demonstration=True)
    assert released.open < whole.open
    assert "2022年12月起的问题尚未发布" in released.part.sentences[1] and not whole.part.sentences[1]


def test_a_field_of_categories_and_townships_holds_its_own_cases_and_the_rest_those_of_the_others(
    view: View, as_of: dt.date, cases: list[Case]
) -> None:
    judged = matrix_rows(view, "on_time_rate")
    row = judged[(judged["place"] == JIANGSHAN) & (judged["group"] == "complaint")].iloc[0]
    due = [one for one in chosen(cases, DISTRICT, 202201, 202211)
           if one["category"] == "complaint" and is_due(one, as_of)]  # fmt: skip
    here = [one for one in due if one["place"].startswith(JIANGSHAN)]
    assert (row["x"], row["n"]) == (sum(on_time(one, as_of) for one in here), len(here))
    assert (row["rest_x"], row["rest_n"]) == (
        sum(on_time(one, as_of) for one in due) - row["x"], len(due) - len(here),
    )  # fmt: skip
    part = matrix_part(view, "on_time_rate", selected=JIANGSHAN, demonstration=True)
    shown = {one.code: one for one in part.table["rows"]}
    assert shown[JIANGSHAN].cells["complaint"].note == number(len(here))
    assert shown[DISTRICT].cells["complaint"].verdict is None, "the whole is not compared with its parts"


def test_repeats_and_reopened_are_counted_by_township_and_by_category(view: View, cases: list[Case]) -> None:
    mine = chosen(cases, JIANGSHAN, 202201, 202211)
    by_place = repeat_rows(view, "repeat_rate", by="place", within=DISTRICT).set_index("key")
    assert by_place.at[JIANGSHAN, "x"] == sum(bool(one["repeat_of"]) for one in mine)
    assert by_place.at[JIANGSHAN, "n"] == len(mine)
    kinds = repeat_rows(view, "reopen_rate", by="category", within=JIANGSHAN).set_index("key")
    complaints = [one for one in mine if one["category"] == "complaint"]
    assert kinds.at["complaint", "x"] == sum(one["reopened"] for one in complaints)
    assert kinds.at["complaint", "n"] == sum(bool(one["closed_at"]) for one in complaints)


def test_closings_on_the_last_day_and_satisfied_but_unsolved_cases_are_those_of_the_raw_rows(
    view: View, as_of: dt.date, cases: list[Case]
) -> None:
    late = last_day_rows(view).set_index("place")
    mine = [one for one in chosen(cases, BAIZHANG, 202201, 202211) if one["closed_at"] and one["due_at"]]
    punctual = [one for one in mine if one["closed_at"] <= one["due_at"]]
    assert late.at[BAIZHANG, "n"] == len(punctual)
    assert late.at[BAIZHANG, "x"] == sum(one["closed_at"].date() == one["due_at"].date() for one in punctual)
    assert late.at[BAIZHANG, "next_day"] == sum((one["closed_at"].date() - one["due_at"].date()).days == 1
                                                for one in mine)  # fmt: skip
    bars = perfection_part(view, selected=BAIZHANG, as_of=as_of, tone="light").margins.figure
    assert bars is not None
    drawn = [dict(zip(trace["x"], trace["y"], strict=True)) for trace in bars.to_dict()["data"]]
    assert drawn[0][0] == late.at[BAIZHANG, "x"]
    assert drawn[1][15] == sum((one["closed_at"].date() - one["due_at"].date()).days >= 15 for one in mine)
    assert sum(drawn[0].values()) + sum(drawn[1].values()) == len(mine)
    paths = cached_durations.paths(view, within=DISTRICT, first=202201, last=202211, as_of=as_of)
    answers = unsolved_but_satisfied(paths)
    whole = chosen(cases, DISTRICT, 202201, 202211)
    assert answers["unsolved"].sum() == sum(one["satisfied"] == 1 and one["solved"] != 1 for one in whole) > 0
    assert answers["uncalled"].sum() == sum(one["solved"] == 1 and not one["called_back"] for one in whole)


def test_a_planted_faultless_township_is_hinted_at_and_chance_alone_is_not(
    demo_sqlite: Path, tmp_path: Path, as_of: dt.date
) -> None:
    """Everybody reached in 百丈街道 is made satisfied, and every closing on time falls on the day of the deadline."""
    copy = tmp_path / "planted.db"
    with sqlite3.connect(demo_sqlite) as before, sqlite3.connect(copy) as after:
        before.backup(after)
        after.execute("UPDATE issue_monthly SET satisfied = reached, solved_dissatisfied = 0 "
                      "WHERE place_code LIKE ?", (f"{BAIZHANG}%",))  # fmt: skip
        after.execute("UPDATE issue_monthly SET satisfied = max(0, reached - max(1, reached / 20)) "
                      "WHERE place_code NOT LIKE ?", (f"{BAIZHANG}%",))  # fmt: skip
        after.execute("UPDATE issue SET due_at = closed_at WHERE place_code LIKE ? AND closed_at < due_at "
                      "AND accepted_at <= closed_at", (f"{BAIZHANG}%",))  # fmt: skip
    with reading(copy):
        version = current_data_version(create_engine())
        assert version is not None and version.first_month is not None
        planted = View(
            root=DISTRICT, villages_of=None, first=202101, last=202212, township_set="all", version=version.number,
            first_month=version.first_month, provisional_from=202212, lang="zh",
        )  # fmt: skip
        found = perfect_records(planted).rows
        assert set(found["place"]) == {BAIZHANG} and set(found["indicator"]) == {"satisfaction_rate"}
        assert "whole" in set(found["cut"]) and (found["n"] >= found["needed"]).all()
        late = last_day_rows(planted).set_index("place")["verdict"]
        assert late[BAIZHANG] == "much_higher" and (late == "much_higher").sum() == 1
        part = perfection_part(planted, selected=None, as_of=as_of, tone="light")
        assert not part.perfect.empty and "1个镇街到期当天办结的特别多" in part.hints.sentence


def test_months_that_are_not_wholly_due_are_in_the_control_chart_but_not_judged(view: View) -> None:
    rows = signal_rows(view, None, "on_time_rate").set_index("month")
    assert rows.at[202212, "signal"] is None and rows.at[202211, "signal"] is not None
    assert not rows.at[202212, "in_baseline"]


def test_without_a_single_case_every_part_says_so_in_a_sentence(view: View, as_of: dt.date) -> None:
    empty = replace(view, first=201901, last=201901, first_month=201901)
    assert "没有发现问题" in chain_part(empty, DISTRICT, as_of=as_of, tone="light").part.empty
    for dimension in ("category", "channel", "management", "firm_size", "area_type"):
        part = duration_part(empty, DISTRICT, dimension, as_of=as_of, tone="light", expert=True)
        assert part.figure is None and part.empty
    assert matrix_part(empty, "on_time_rate", selected=None, demonstration=True).empty
    assert repeats_part(empty, None, "category", demonstration=True).empty
    assert repeats_part(empty, None, "place", demonstration=True).empty
    assert months_part(empty, None, "on_time_rate", tone="light").empty
    nothing = backlog_part(replace(view, until=201901), None, as_of=as_of, tone="light", demonstration=True)
    assert nothing.part.figure is None and nothing.part.empty
    assert "没有发现问题" in issues_head(empty, None, as_of=as_of, tone="light").title


def test_a_head_of_another_township_gets_its_totals_but_not_its_villages(view: View, as_of: dt.date) -> None:
    head = replace(view, villages_of=(BAIZHANG,))
    board = backlog_part(head, JIANGSHAN, as_of=as_of, tone="light", demonstration=True)
    assert board.open > 0 and board.part.table is not None
    assert board.part.table.empty and not board.part.table.table
    own = backlog_part(head, BAIZHANG, as_of=as_of, tone="light", demonstration=True)
    assert own.part.table is not None and len(own.part.table.table["rows"]) > 1
    with pytest.raises(NotPermitted):
        cached_durations.backlog(head, level="village", within=JIANGSHAN, as_of=as_of)


def test_a_township_set_left_over_from_another_page_does_not_count(view: View, as_of: dt.date) -> None:
    towns = replace(view, township_set="towns")
    assert issue_view(towns) == view


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_can_be_taken_away_as_a_workbook(view: View, as_of: dt.date, lang: str) -> None:
    version, told = current_data_version(create_engine()), replace(view, lang=lang)
    assert version is not None
    days = duration_part(told, DISTRICT, "category", as_of=as_of, tone="light", expert=True).table
    board = backlog_part(told, None, as_of=as_of, tone="light", demonstration=True).part.table
    hints = perfection_part(told, selected=None, as_of=as_of, tone="light").hints
    others = [matrix_part(told, "repeat_rate", selected=None, demonstration=True),
              repeats_part(told, JIANGSHAN, "category", demonstration=True)]  # fmt: skip
    for part in (days, board, hints, *others):
        assert part is not None
        file = table_file(part.table, title=part.title, period=part.period, version=version, lang=lang)
        assert file.startswith(b"PK")


def test_rows_that_open_a_page_are_codes_of_places(view: View, as_of: dt.date) -> None:
    board = backlog_part(view, None, as_of=as_of, tone="light", demonstration=True).part.table
    matrix = matrix_part(view, "on_time_rate", selected=None, demonstration=True)
    repeats = [repeats_part(view, None, by, demonstration=True) for by in ("place", "category")]
    assert [one.opens for one in repeats] == [True, False]
    for part in (board, matrix, repeats[0], perfection_part(view, selected=None, as_of=as_of, tone="light").hints):
        assert part is not None and part.opens
        assert all(row.code.isdigit() and len(row.code) in (6, 9, 12) for row in part.table["rows"])
