"""The figures of free analysis are those of the raw events, counted anew here one by one."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy import stats

from data_access.engine import create_engine, reading
from data_access.releases import current_data_version
from indicators.catalogue import load_catalogue
from indicators.intervals import newcombe
from indicators.small_numbers import must_hide
from ui.measures import View
from ui.payloads.query_alike import adjustment_options
from ui.payloads.query_choices import (
    NO_GROUPS,
    REST,
    Query,
    crossing_options,
    group_options,
    indicator_options,
    other_options,
    pairing_of,
    quarter_options,
    span_words,
)
from ui.payloads.query_compare import alike_lines, compare_board, compare_file
from ui.payloads.query_cross import cross_board, cross_file, crossed
from ui.payloads.query_figures import adjusted, compared
from ui.payloads.query_hidden import hidden_keys
from ui.payloads.query_scatter import scatter_board, scatter_file, scattered

CATALOGUE = load_catalogue()
SETTLED = (202201, 202211)
JIANGSHAN = "330212110"
GROUPS = Query("compare", "resolution_rate", a="management.self_governed", b="managed")
RAW = """
SELECT i.place_code, p.parent AS township, i.month, i.channel, i.category, i.accepted_at, i.due_at, i.solved, i.reached,
       i.satisfied, p.area_type, e.management, s.kind, s.registered_from
FROM issue i JOIN place p ON p.code = i.place_code
LEFT JOIN estate e ON e.code = i.estate_code LEFT JOIN site s ON s.code = i.estate_code
WHERE i.superseded_by IS NULL AND i.month BETWEEN 202201 AND 202211
"""


@pytest.fixture
def view(demo_sqlite: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> View:
    """All townships over 2022, of which December is not wholly due."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{demo_sqlite}")
    version = current_data_version(create_engine())
    assert version is not None and version.first_month is not None
    made = View(
        root="330212", villages_of=None, first=202201, last=202212, township_set="all", version=version.number,
        first_month=version.first_month, provisional_from=version.provisional_from, lang="zh",
    )  # fmt: skip
    assert made.months("issues") == SETTLED
    return made


@pytest.fixture
def as_of(view: View) -> dt.date:
    version = current_data_version(create_engine())
    assert version is not None and version.as_of is not None
    return version.as_of


@pytest.fixture
def raw(demo_sqlite: Path, as_of: dt.date) -> pd.DataFrame:
    """The issues of the settled months, each with its groups and whether it is due, solved, reached and satisfied."""
    with reading(create_engine(f"sqlite:///{demo_sqlite}")) as connection:
        frame = pd.DataFrame(connection.execute(sa.text(RAW)).mappings().all())
    due = frame["accepted_at"].notna() & (pd.to_datetime(frame["due_at"]) < pd.Timestamp(as_of) + pd.Timedelta(days=1))
    return frame.assign(
        due=due.astype(int),
        solved=(due & frame["solved"].eq(1)).astype(int),
        reached=frame["reached"].eq(1).astype(int),
        satisfied=frame["satisfied"].eq(1).astype(int),
        management=frame["management"].where(frame["kind"].eq("estate") & frame["management"].notna(),
                                             frame["kind"].map({"estate": "unknown"})),
        area_type=frame["area_type"].fillna("unknown"),
        estate_age=pd.cut(frame["registered_from"].fillna(0), [-1, 0, 199999, 200999, 201999, 999999]).astype(str),
    )  # fmt: skip


def sums(frame: pd.DataFrame, keys: Any, x: str = "solved", n: str = "due") -> dict[Any, tuple[int, int]]:
    added = frame.groupby(keys)[[x, n]].sum()
    return {key: (int(row[x]), int(row[n])) for key, row in added.iterrows()}


# Comparing


def test_the_gap_of_every_township_is_that_of_its_own_issues(view: View, raw: pd.DataFrame) -> None:
    sides = {side: sums(raw[raw["management"] == value], "township")
             for side, value in (("a", "self_governed"), ("b", "managed"))}  # fmt: skip
    rows = compared(view, GROUPS).rows.set_index("place")
    assert len(rows) == 25
    judged = 0
    for code, row in rows.iterrows():
        (x1, n1), (x2, n2) = (sides[side].get(code, (0, 0)) for side in "ab")
        if min(n1, n2) < 10:
            assert row["ahead"] is None
            continue
        assert (row["a_x"], row["a_n"], row["b_x"], row["b_n"]) == (x1, n1, x2, n2)
        expected = newcombe(x1, n1, x2, n2)
        assert (row["low"], row["high"]) == pytest.approx((float(expected.low), float(expected.high)))
        judged += 1
    assert judged >= 5
    total = compared(view, GROUPS).total.iloc[0]
    assert (total["a_x"], total["a_n"]) == tuple(np.sum(list(sides["a"].values()), axis=0))


def test_what_stands_holds_false_alarms_at_five_percent_among_all_rows(view: View) -> None:
    for query in (GROUPS, Query("compare", "prevention_compliance", a="firm_size.small.micro", b="large.medium")):
        rows = compared(view, query).rows
        p = rows["p"].dropna().sort_values()
        limit = max((value for rank, value in enumerate(p, start=1) if value <= 0.05 * rank / len(p)), default=-1.0)
        assert rows["stands"].tolist() == [bool(value <= limit) for value in rows["p"]]
    assert rows["stands"].any()


def test_like_for_like_is_the_weighted_mean_of_the_differences_within_each_class(
    view: View, raw: pd.DataFrame, as_of: dt.date
) -> None:
    for adjust, key in (("township", "township"), ("area_type", "area_type"), ("category", "category"),
                        ("estate_age", "estate_age")):  # fmt: skip
        found = adjusted(view, GROUPS, adjust, as_of=as_of)
        assert found is not None
        one, other = (sums(raw[raw["management"] == value], key) for value in ("self_governed", "managed"))
        weighted = weights = used = 0.0
        for stratum in one.keys() & other.keys():
            (x1, n1), (x2, n2) = one[stratum], other[stratum]
            if n1 and n2:
                weight = n1 * n2 / (n1 + n2)
                weighted, weights, used = weighted + weight * (x1 / n1 - x2 / n2), weights + weight, used + 1
        assert float(found.adjusted.difference) == pytest.approx(weighted / weights)
        assert int(found.adjusted.strata_used) == used
        lines = dict(alike_lines(view, GROUPS, adjust, as_of=as_of))
        assert len(lines) == (2 if adjust == "township" else 3)
    assert alike_lines(view, GROUPS, "none", as_of=as_of) == []


def test_a_group_against_all_others_is_made_of_all_other_known_values(view: View, raw: pd.DataFrame) -> None:
    found = compared(view, Query("compare", "satisfaction_rate", a="category.complaint", b=REST, by="district"))
    row = found.total.iloc[0]
    counted = sums(raw.assign(one=raw["category"].eq("complaint")), "one", "satisfied", "reached")
    assert (row["a_x"], row["a_n"]) == counted[True] and (row["b_x"], row["b_n"]) == counted[False]


def test_places_without_groups_are_compared_with_the_others_and_never_with_themselves(
    view: View, raw: pd.DataFrame
) -> None:
    own = sums(raw, "township")
    whole = np.sum(list(own.values()), axis=0)
    for row in compared(view, Query("compare", "resolution_rate")).rows.to_dict("records"):
        assert (row["x"], row["n"]) == own[row["place"]]
        assert (row["rest_x"], row["rest_n"]) == tuple(whole - own[row["place"]])


def test_villages_are_those_of_one_township_and_carry_no_rank(view: View, raw: pd.DataFrame) -> None:
    query = Query("compare", "resolution_rate", by="village", township=JIANGSHAN)
    rows = compared(view, query).rows
    assert set(rows["place"].str[:9]) == {JIANGSHAN}
    counted = sums(raw[raw["township"] == JIANGSHAN], "place_code")
    for row in rows[rows["n"] > 0].to_dict("records"):
        assert (row["x"], row["n"]) == counted[row["place"]]
    table = compare_board(view, query, tone="light").table
    assert table is not None
    assert not {"index", "rank"} & {column.kind for column in table["columns"]}


def test_months_are_listed_one_by_one_and_the_unfinished_one_is_marked_and_not_tested(
    view: View, raw: pd.DataFrame
) -> None:
    query = Query("compare", "satisfaction_rate", a="category.complaint", b=REST, by="month")
    rows = compared(view, query).rows.set_index("month")
    counted = sums(raw[raw["category"] == "complaint"], "month", "satisfied", "reached")
    assert list(rows.index) == list(range(202201, 202213))
    assert {month: (row["a_x"], row["a_n"]) for month, row in rows.iterrows() if month < 202212} == counted
    assert not rows.loc[202212, "stands"]
    table = compare_board(view, query, tone="light").table
    assert table is not None
    assert {row.code: row.cells["name"].note for row in table["rows"] if row.cells["name"].note} == {"202212": "暂定"}


# Crossing


def test_every_cell_holds_its_own_issues_and_is_compared_with_all_the_others(
    view: View, raw: pd.DataFrame, as_of: dt.date
) -> None:
    query = Query("cross", "resolution_rate", dimensions=("category", "management"))
    found = crossed(view, query, as_of=as_of)
    counted = sums(raw[raw["management"].notna()], ["category", "management"])
    cells = found.cells[found.cells["n"] > 0].to_dict("records")
    assert {(row["row"], row["column"]): (row["x"], row["n"]) for row in cells} == {
        key: pair for key, pair in counted.items() if pair[1]
    }
    whole = np.sum(list(counted.values()), axis=0)
    assert all((row["rest_x"], row["rest_n"]) == (whole[0] - row["x"], whole[1] - row["n"]) for row in cells)
    board = cross_board(view, query, as_of=as_of)
    assert board.table is not None
    shown = {row.code: row.cells for row in board.table["rows"]}
    assert shown["total"]["resolution_rate"].note == f"{whole[1]:,}"
    for (one, other), (_, n) in counted.items():
        if n >= 10:
            assert shown[f"r_{one}"][f"v_{other}"].note == f"{n:,}"


def test_the_dimension_with_more_values_makes_the_rows_whichever_is_named_first(view: View, as_of: dt.date) -> None:
    one, other = (
        crossed(view, Query("cross", "prevention_compliance", dimensions=pair), as_of=as_of)
        for pair in (("management", "item"), ("item", "management"))
    )
    assert one.dimensions == other.dimensions == ("item", "management")
    kinds = ["row", "column"]
    first, second = (found.cells.sort_values(kinds, ignore_index=True) for found in (one, other))
    pd.testing.assert_frame_equal(first, second)


# Correlating


def test_the_correlation_is_that_of_the_places_with_enough_cases(view: View, raw: pd.DataFrame) -> None:
    found = scattered(view, Query("scatter", "resolution_rate", other="satisfaction_rate"))
    solved, satisfied = sums(raw, "township"), sums(raw, "township", "satisfied", "reached")
    places = [code for code in solved if solved[code][1] >= 10 and satisfied[code][1] >= 10]
    rates = [[counted[code][0] / counted[code][1] for code in places] for counted in (solved, satisfied)]
    assert found.correlation.rho == pytest.approx(stats.spearmanr(*rates).statistic)
    assert found.correlation.areas == len(places)
    rows = found.rows.set_index("place")
    assert rows.loc[places, "cases"].tolist() == [min(solved[code][1], satisfied[code][1]) for code in places]
    board = scatter_board(view, Query("scatter", "resolution_rate", other="satisfaction_rate"), tone="dark")
    assert "不等于因果" in dict(board.lines)["怎么读"]
    assert board.figure is not None
    assert set(board.figure.to_dict()["data"][0]["customdata"]) == set(rows.index[rows["a_value"].notna()])


# Taking away


def cells_of(table: Mapping[str, Any], code: str, of: str) -> dict[str, str]:
    return {row.code: row.cells[of].text for row in table["rows"] if of in row.cells and row.code != code}


def test_files_hide_counts_that_point_at_persons_and_the_screen_shows_them(view: View) -> None:
    query = Query("compare", "satisfaction_rate", a="management.self_governed", b="managed")
    rows = compared(view, query).rows.set_index("place")
    board = compare_board(view, query, tone="light")
    assert board.table is not None and board.exported is not None
    small = rows.index[must_hide(rows["a_x"].fillna(0), rows["a_n"].fillna(0))]
    assert len(small) >= 3
    shown, exported = (cells_of(table, "district", "satisfaction_rate") for table in (board.table, board.exported))
    assert all("%" in shown[code] for code in small)
    assert all(exported[code] == "✱" for code in small)
    file = compare_file(view, query, "none", as_of=None, demonstration=True).decode("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(file[file.index("place,name") :])))
    by_code = {row["place"]: row for row in listed if row["place"] and row["place"][0] == "3"}
    assert len(by_code) == 25
    assert all(by_code[code]["a_n"] == by_code[code]["difference"] == "" for code in small)
    assert {row["state"] for code, row in by_code.items() if code in small} == {"hidden"}


def test_a_single_hidden_cell_cannot_be_worked_out_from_the_sums() -> None:
    rows = pd.DataFrame({"place": list("abcd"), "x": [50, 38, 60, 70], "n": [60, 40, 80, 100]})
    hidden = hidden_keys(rows, CATALOGUE["satisfaction_rate"], keys=("place",))
    assert ("b",) in hidden and len(hidden) >= 2
    assert hidden_keys(rows, CATALOGUE["prevention_compliance"], keys=("place",)) == frozenset()
    large = rows.assign(x=[50, 30, 60, 70])
    assert hidden_keys(large, CATALOGUE["satisfaction_rate"], keys=("place",)) == frozenset()


def test_the_crossed_file_hides_what_its_table_hides(view: View, as_of: dt.date) -> None:
    query = Query("cross", "satisfaction_rate", dimensions=("category", "channel"))
    file = cross_file(view, query, as_of=as_of, demonstration=True).decode("utf-8-sig")
    listed = [row for row in csv.DictReader(io.StringIO(file[file.index("row,row_name") :])) if row["state"]]
    small = [row for row in crossed(view, query, as_of=as_of).cells.to_dict("records")
             if bool(must_hide(row["x"], row["n"]))]  # fmt: skip
    assert small
    kept = {(row["row"], row["column"]): row for row in listed}
    assert all(kept[(row["row"], row["column"])]["n"] == "" for row in small)


def test_a_file_names_question_version_and_the_meaning_of_every_figure(view: View, as_of: dt.date) -> None:
    query = Query("scatter", "resolution_rate", other="prevention_compliance")
    file = scatter_file(view, query, as_of=as_of, demonstration=True).decode("utf-8-sig")
    assert file.startswith("演示数据")
    for code in ("resolution_rate", "prevention_compliance"):
        for words in (CATALOGUE[code].numerator_text, CATALOGUE[code].denominator_text, CATALOGUE[code].description):
            assert words["zh"] in file
    assert f"数据版本,{view.version}" in file
    assert "不等于因果" in file
    groups = compare_file(view, GROUPS, "township", as_of=as_of, demonstration=False).decode("utf-8-sig")
    assert not groups.startswith("演示数据")
    assert (
        "第一组（a）,业主自治小区,management,self_governed" in groups and "Newcombe" in groups and "同一镇街" in groups
    )


# What can be asked


def test_no_group_is_ever_offered_against_itself_or_a_part_of_itself() -> None:
    for indicator in CATALOGUE.values():
        for first in group_options(CATALOGUE, indicator, "zh"):
            if first == NO_GROUPS:
                continue
            for second in other_options(CATALOGUE, first, "zh"):
                pairing = pairing_of(CATALOGUE, indicator, first, second)  # refuses groups that share a value
                assert pairing.dimension in indicator.dimensions


def test_the_first_thing_asked_is_about_the_management_of_estates_where_that_is_counted() -> None:
    first = next(iter(group_options(CATALOGUE, CATALOGUE["resolution_rate"], "zh")))
    assert first == "management.self_governed"
    assert next(iter(other_options(CATALOGUE, first, "zh"))) == "managed"
    assert next(iter(group_options(CATALOGUE, CATALOGUE["supplies_standard"], "zh"))) == NO_GROUPS


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_what_can_be_computed_is_offered(lang: str) -> None:
    offered = indicator_options(CATALOGUE, lang)
    assert set(offered) == {code for code, one in CATALOGUE.items() if one.available and one.kind != "duration"}
    crossable = indicator_options(CATALOGUE, lang, crossed=True)
    assert all(len(crossing_options(CATALOGUE, CATALOGUE[code], lang)) > 1 for code in crossable)
    assert "officials_per_1000" not in crossable
    pairing = pairing_of(CATALOGUE, CATALOGUE["resolution_rate"], "area_type.urban", "rural")
    assert "area_type" not in adjustment_options(CATALOGUE["resolution_rate"], pairing, lang)
    measured = adjustment_options(CATALOGUE["officials_per_1000"], pairing, lang)
    assert list(measured) == ["township", "none"]
    managed = pairing_of(CATALOGUE, CATALOGUE["resolution_rate"], "management.self_governed", "managed")
    assert "estate_age" in adjustment_options(CATALOGUE["resolution_rate"], managed, lang)
    assert "estate_age" not in adjustment_options(CATALOGUE["resolution_rate"], pairing, lang)


def test_quarters_and_years_are_offered_only_where_all_their_months_are_known() -> None:
    offered = quarter_options(202002, 202109, "zh")
    assert list(offered.values()) == ["2021年第3季度", "2021年第2季度", "2021年第1季度", "2020年第4季度",
                                      "2020年第3季度", "2020年第2季度"]  # fmt: skip
    assert (202001, 202012) in quarter_options(202001, 202012, "en")
    assert span_words(202107, 202109, "en") == "Q3 2021" and span_words(202108, 202110, "en") == "Aug–Oct 2021"


def test_a_question_without_data_says_so_instead_of_a_figure(view: View, as_of: dt.date) -> None:
    from dataclasses import replace

    before = replace(view, first=201901, last=201903, first_month=201901)
    board = compare_board(before, GROUPS, tone="light")
    assert board.table is None and "没有“问题解决率”这样分的数据" in board.empty
    empty = cross_board(before, Query("cross", "resolution_rate", dimensions=("category", "channel")), as_of=as_of)
    assert empty.table is None and "交叉" in empty.empty
    lone = scatter_board(before, Query("scatter", "resolution_rate", other="satisfaction_rate"), tone="light")
    assert lone.table is None and "没有一个地方同时有" in lone.empty


def test_an_indicator_of_townships_has_no_villages_and_says_what_to_ask_instead(view: View) -> None:
    query = Query("compare", "supplies_standard", by="village", township=JIANGSHAN)
    assert "请改按各镇街" in compare_board(view, query, tone="light").empty
