"""The figures of a township's page against a slow recomputation from the raw rows of the demonstration."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from data_access.engine import create_engine
from data_access.releases import current_data_version
from indicators.intervals import newcombe
from ui.measures import View
from ui.payloads.open_case_rows import open_case_table, village_of_case
from ui.payloads.part_figures import part_lists
from ui.payloads.peer_bars import peer_bars
from ui.payloads.peer_groups import similar_townships
from ui.payloads.spine_figure import spines
from ui.payloads.spine_rows import spine_rows
from ui.payloads.township_circle import compared
from ui.payloads.township_parts import township_parts
from ui.payloads.township_sections import township_sections
from ui.payloads.township_standing import township_standing
from ui.texts import number, percent, text

JIANGSHAN, BAIZHANG = "330212110", "330212008"
FIRST, LAST = 202201, 202211
"""The months that are wholly due of those that are asked for."""


@pytest.fixture(scope="module")
def raw(demo_sqlite: Path):
    """Every current issue: township, village that carries it now, month, category, and what was counted."""
    connection = sqlite3.connect(demo_sqlite)
    version = current_data_version(create_engine(f"sqlite:///{demo_sqlite}"))
    assert version is not None and version.as_of is not None
    as_of = version.as_of
    heirs = dict(connection.execute("SELECT code, successor FROM place WHERE successor IS NOT NULL").fetchall())
    frame = pd.read_sql_query("SELECT * FROM issue WHERE superseded_by IS NULL", connection)
    connection.close()
    end = f"{as_of + dt.timedelta(days=1)} 00:00:00"

    def carrier(code: str) -> str:
        while code in heirs:
            code = heirs[code]
        return code

    frame["village"] = frame["place_code"].map(carrier)
    frame["township"] = frame["village"].str[:9]
    frame["due"] = frame["accepted_at"].notna() & (frame["due_at"] < end)
    frame["good"] = frame["due"] & (frame["solved"] == 1)
    frame["open"] = frame["accepted_at"].notna() & (frame["closed_at"].isna() | (frame["closed_at"] >= end))
    frame["overdue"] = frame["open"] & (frame["due_at"] < end)
    return frame, as_of


@pytest.fixture(scope="module")
def view(demo_sqlite: Path):
    """All townships over 2022; the caches hold this database only while this module runs."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    st.cache_data.clear()
    st.cache_resource.clear()
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    yield View(root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
               first_month=version.first_month, provisional_from=version.provisional_from, lang="zh")  # fmt: skip
    patch.undo()
    st.cache_data.clear()
    st.cache_resource.clear()


def solved(raw: pd.DataFrame, by: str) -> dict[str, tuple[int, int]]:
    """(solved, due) of the settled months by a column."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in raw[(raw["month"] >= FIRST) & (raw["month"] <= LAST) & raw["due"]].to_dict("records"):
        counted[row[by]][0] += row["good"]
        counted[row[by]][1] += 1
    return {code: (int(x), int(n)) for code, (x, n) in counted.items()}


def ranked(counts: dict[str, tuple[int, int]], place: str) -> int:
    """1 more than the places with a better rate."""
    own = Fraction(*counts[place])
    return 1 + sum(Fraction(*pair) > own for pair in counts.values())


# Where it stands


@pytest.mark.parametrize("place", [JIANGSHAN, BAIZHANG, "330212106", "330212016"])
def test_rank_the_one_ahead_and_the_cases_to_it_are_those_of_the_raw_rows(view: View, raw, place: str):
    counts = solved(raw[0], "township")
    rank = ranked(counts, place)
    answers = {one.code: one for one in township_standing(view, place, "resolution_rate")}
    assert answers["rank"].answer in (f"第{rank}名", f"并列第{rank}名")
    better = {code: pair for code, pair in counts.items() if Fraction(*pair) > Fraction(*counts[place])}
    x, n = counts[place]
    if not better:
        assert text("standing.next.question_behind", "zh") == answers["next"].question
        assert answers["needed"].lines[-1] == text("standing.needed.first", "zh")
        return
    bar = min(Fraction(*pair) for pair in better.values())
    near = max((pair for pair in better.values() if Fraction(*pair) == bar), key=lambda pair: pair[1])
    assert percent(*near) in answers["next"].lines[0]
    gap = newcombe(x, n, *near)
    alike = gap.low <= 0 <= gap.high
    assert answers["next"].answer == text(f"standing.next.{'alike' if alike else 'apart'}", "zh")
    needed = next(k for k in range(n - x + 1) if Fraction(x + k, n) >= bar)
    frame = raw[0]
    still = frame[(frame["township"] == place) & frame["month"].between(FIRST, LAST) & frame["overdue"]]
    target_rank = ranked(counts, next(code for code, pair in better.items() if pair == near))
    key, facts = ("rank", {"count": number(needed), "unit": "件"}) if needed <= len(still) else ("rank_impossible", {})
    assert text(f"sentences.needed.{key}", "zh", rank=target_rank, **facts) in answers["needed"].lines


def test_cases_short_of_a_target_are_counted_one_by_one(view: View, raw):
    """A target above everybody's rate, so that there is something to miss: on-time closing at its target."""
    frame = raw[0]
    chosen = frame[frame["month"].between(FIRST, LAST) & frame["due"]]
    seen = 0
    for place, rows in chosen.groupby("township"):
        x, n = int((rows["closed_at"] <= rows["due_at"]).sum()), len(rows)
        answer = next(one for one in township_standing(view, place, "on_time_rate") if one.code == "needed")
        short = next(k for k in range(n - x + 1) if Fraction(x + k, n) >= Fraction(95, 100))
        if not short:
            assert answer.answer == text("standing.needed.reached", "zh", target="95%")
            continue
        seen += 1
        assert answer.answer == text("standing.needed.short", "zh", count=number(short), unit="件", target="95%")
        new = next(k for k in range(10_000) if Fraction(x + k, n + k) >= Fraction(95, 100))
        assert answer.lines[0] == text("standing.needed.new", "zh", count=number(new), unit="件", target="95%")
    assert seen >= 2


# What makes the distance


@pytest.mark.parametrize("place", [JIANGSHAN, BAIZHANG])
def test_contributions_of_villages_and_types_are_those_of_the_raw_rows_and_add_up(view: View, raw, place: str):
    frame = raw[0]
    townships = solved(frame, "township")
    x, n = townships[place]
    rest = Fraction(sum(a for c, (a, _) in townships.items() if c != place),
                    sum(b for c, (_, b) in townships.items() if c != place))  # fmt: skip
    parts = township_parts(view, place, "resolution_rate")
    assert parts is not None and (parts.x, parts.n, parts.reference) == (x, n, rest)
    own = frame[frame["township"] == place]
    for table, by in ((parts.villages, "village"), (parts.groups, "category")):
        expected = {code: float(a - b * rest) for code, (a, b) in solved(own, by).items() if b}
        assert dict(zip(table["code"], table["cases"], strict=True)) == pytest.approx(expected)
        assert table["cases"].sum() == pytest.approx(float(x - n * rest)) == pytest.approx(parts.cases)
        assert table["cases"].is_monotonic_increasing


def test_the_listed_bars_add_up_to_the_distance_and_lead_with_what_pulls_down(view: View):
    parts = township_parts(view, JIANGSHAN, "resolution_rate")
    lists = part_lists(view, JIANGSHAN, "resolution_rate", name="姜山镇", tone="light")
    for figure, table in ((lists.villages, parts.villages), (lists.groups, parts.groups)):
        bars = figure.to_dict()["data"][0]
        *rows, total = bars["x"]
        assert sum(rows) == pytest.approx(total, abs=1e-4) and total == pytest.approx(parts.cases, abs=1e-4)
        assert rows[0] == pytest.approx(table["cases"].min(), abs=1e-4)
    answer = next(one for one in township_standing(view, JIANGSHAN, "resolution_rate") if one.code == "villages")
    assert answer.answer.split("、") == list(parts.villages["name"].head(3))


def test_a_village_short_by_less_than_one_case_is_not_said_to_pull_down(view: View, raw):
    """The shortfall of every village against the rate of the other townships, from the raw rows."""
    frame, place = raw[0], "330212001"
    townships = solved(frame, "township")
    rest = Fraction(sum(a for c, (a, _) in townships.items() if c != place),
                    sum(b for c, (_, b) in townships.items() if c != place))  # fmt: skip
    short = max(float(b * rest - a) for a, b in solved(frame[frame["township"] == place], "village").values())
    assert 0.05 <= short < 0.95
    answer = next(one for one in township_standing(view, place, "resolution_rate") if one.code == "villages")
    assert answer.answer == text("standing.villages.none_fewer", "zh", unit="件")
    assert f"少{number(short, decimals=1)}件" in answer.lines[0]


def test_where_low_is_good_too_many_cases_pull_down(view: View):
    parts = township_parts(view, JIANGSHAN, "overdue_open_rate")
    down = parts.pulling_down(parts.villages)
    assert len(down) and (down["cases"] > 0).all() and parts.villages["cases"].is_monotonic_decreasing


def test_checks_are_taken_apart_by_checklist_item(view: View):
    parts = township_parts(view, JIANGSHAN, "prevention_compliance")
    assert parts.dimension == "item" and len(parts.groups) > 5
    assert parts.groups["n"].sum() == parts.n and parts.villages["n"].sum() == parts.n


# Open issues


@pytest.mark.parametrize("within", [JIANGSHAN, "330212110214"])
def test_open_issues_are_those_of_the_raw_rows_most_overdue_first(view: View, raw, within: str):
    frame, as_of = raw
    own = frame[frame["village"].str.startswith(within) & frame["open"]]
    title, table = open_case_table(view, within, as_of, True)
    if own.empty:
        assert table is None and title == text("open_cases.none", "zh", date="2022年12月31日")
        return
    assert number(len(own)) in title and number(int(own["overdue"].sum())) in title
    order = own.sort_values(["due_at", "case_no"], na_position="last")["case_no"].tolist()
    assert [row.cells["case_no"].text for row in table["rows"]] == order[:200]
    assert {village_of_case(row.code) for row in table["rows"]} <= set(own["village"])
    worst = own.sort_values(["due_at", "case_no"]).iloc[0]
    days = (as_of - dt.date.fromisoformat(worst["due_at"][:10])).days
    assert table["rows"][0].cells["days_overdue"].sort == days


def test_a_view_that_ends_earlier_looks_at_the_open_issues_of_its_last_day(view: View, raw):
    frame, as_of = raw
    title, _ = open_case_table(replace(view, until=202206, last=202206), JIANGSHAN, as_of, True)
    end = "2022-07-01 00:00:00"
    then = frame[(frame["township"] == JIANGSHAN) & (frame["month"] <= 202206) & (frame["accepted_at"] < end)]
    still = then[then["closed_at"].isna() | (then["closed_at"] >= end)]
    assert title.startswith(f"未结{number(len(still))}件") and len(still)


# All indicators


def test_the_spine_of_an_indicator_is_that_of_the_raw_rows(view: View, raw):
    frame = raw[0]
    rows = spine_rows(view, JIANGSHAN, 202212).set_index("indicator")
    chosen = frame[frame["month"].between(FIRST, LAST)]
    closed = chosen[chosen["closed_at"].notna()].groupby("township")
    pairs = {
        "resolution_rate": solved(frame, "township"),
        "reopen_rate": {code: (int((part["reopened"] == 1).sum()), len(part)) for code, part in closed},
    }
    near = similar_townships("330212", None, 202212, view.version)
    peers = set(near.loc[near["place"] == JIANGSHAN, "peer"])
    assert len(peers) == 5 and JIANGSHAN not in peers
    for code, counts in pairs.items():
        row, lower = rows.loc[code], code == "reopen_rate"
        shares = {place: x / n for place, (x, n) in counts.items()}
        enough = [share for place, share in shares.items() if counts[place][1] >= 10]
        assert row["value"] == pytest.approx(shares[JIANGSHAN])
        assert (row["worst"], row["best"]) == pytest.approx(
            (max(enough), min(enough)) if lower else (min(enough), max(enough))
        )
        assert [row["quartile_low"], row["quartile_high"]] == pytest.approx(list(np.percentile(enough, [25, 75])))
        others = [pair for place, pair in counts.items() if place != JIANGSHAN]
        assert row["rest_value"] == pytest.approx(sum(x for x, _ in others) / sum(n for _, n in others))
        alike = [counts[place] for place in peers]
        assert row["peer_value"] == pytest.approx(sum(x for x, _ in alike) / sum(n for _, n in alike))
        assert (row["with_figure"], row["left_out"]) == (len(enough), len(counts) - len(enough))


def test_a_smaller_set_spans_its_own_range_and_keeps_the_same_peers(view: View):
    towns = spine_rows(replace(view, township_set="towns"), JIANGSHAN, 202212).set_index("indicator")
    every = spine_rows(view, JIANGSHAN, 202212).set_index("indicator")
    pd.testing.assert_series_equal(towns["peer_value"], every["peer_value"].loc[towns.index])
    assert towns.at["resolution_rate", "with_figure"] < every.at["resolution_rate", "with_figure"]
    assert not towns["rest_n"].equals(every["rest_n"].loc[towns.index])


def test_the_table_of_all_indicators_says_what_the_figure_shows_in_both_languages(view: View):
    for lang in ("zh", "en"):
        page = spines(replace(view, lang=lang), JIANGSHAN, tone="light", last_month=202212, demonstration=True)
        rows = spine_rows(replace(view, lang=lang), JIANGSHAN, 202212)
        assert [row.code for row in page.table["rows"]] == rows["indicator"].tolist()
        dots = page.figure.to_dict()["data"][4]
        assert set(dots["customdata"]) <= set(rows["indicator"])
        better = int(rows["verdict"].isin(["better", "much_better"]).sum())
        assert text("spine.counts.better", lang, count=better) in page.title
        assert all(cell.title for row in page.table["rows"] for code, cell in row.cells.items() if code == "value")


def test_peers_are_compared_with_what_they_reach_together(view: View, raw):
    counts = solved(raw[0], "township")
    near = similar_townships("330212", None, 202212, view.version)
    peers = [counts[place] for place in near.loc[near["place"] == JIANGSHAN, "peer"]]
    x, n = (sum(pair[at] for pair in peers) for at in (0, 1))
    bars = peer_bars(view, JIANGSHAN, "resolution_rate", last_month=202212, tone="dark")
    assert percent(x, n) in bars.title and percent(*counts[JIANGSHAN]) in bars.title
    gap = newcombe(*counts[JIANGSHAN], x, n)
    assert ("分不出高低" in bars.title) == (gap.low <= 0 <= gap.high)
    shown = bars.figure.to_dict()["data"][2]["customdata"]
    assert len(shown) == 6 and JIANGSHAN in shown
    values = [counts[place][0] / counts[place][1] for place in shown]
    assert values == sorted(values, reverse=True)


# Who may see what, and what there is when there is nothing


def test_without_the_right_to_its_villages_no_village_and_no_case_is_named(view: View, raw):
    page = township_sections(
        replace(view, villages_of=(BAIZHANG,)), JIANGSHAN, "resolution_rate", True, raw[1], 202212, "light"
    )
    assert page.cases.table is None and page.cases.said == text("open_cases.not_permitted", "zh")
    assert page.parts.villages is None and page.parts.groups is not None
    assert page.parts.villages_empty == text("parts.empty.not_permitted", "zh")
    answer = next(one for one in page.standing if one.code == "villages")
    assert answer.answer == "—" and answer.lines == (text("standing.villages.not_permitted", "zh"),)
    own = township_sections(
        replace(view, villages_of=(BAIZHANG,)), BAIZHANG, "resolution_rate", True, raw[1], 202212, "light"
    )
    assert own.parts.villages is not None and own.cases.ready is not None


def test_neither_good_nor_bad_has_a_rank_but_no_target_and_no_villages_that_pull_down(view: View):
    answers = township_standing(view, JIANGSHAN, "issues_per_1000")
    assert [one.code for one in answers] == ["rank", "next"] and answers[0].answer.startswith("由高到低")
    lists = part_lists(view, JIANGSHAN, "issues_per_1000", name="姜山镇", tone="light")
    assert lists.villages is None and "没有好坏之分" in lists.empty
    assert peer_bars(view, JIANGSHAN, "issues_per_1000", last_month=202212, tone="light").figure is None


def test_months_without_data_say_so_and_rank_nobody(view: View, raw):
    early = replace(view, first=201901, last=201902, first_month=201901)
    assert township_standing(early, JIANGSHAN, "resolution_rate") == ()
    page = township_sections(early, JIANGSHAN, "resolution_rate", True, None, None, "light")
    assert page.spines is None and page.parts.empty and page.peers.empty
    assert page.cases.said == text("open_cases.no_data", "zh") and page.cases.ready is None


def test_a_township_outside_the_chosen_set_is_compared_with_all_of_them(view: View):
    found = compared(replace(view, township_set="subdistricts"), JIANGSHAN, "resolution_rate")
    assert found.view.township_set == "all" and len(found.ranks) == 25
