"""Rows with a longitude and a latitude: how they are read, and which village they get."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from data_access.engine import reading, writing
from data_access.ingestion.degree_columns import parse_degree, parse_degrees
from data_access.ingestion.load_summary import LoadSummary
from data_access.ingestion.position_flags import MOST_SHOWN
from data_access.tables import issue, place, register_row, site
from data_access.withdrawals import withdraw_batch
from geo.coordinates import wgs84_to_bd09, wgs84_to_gcj02
from tests.data_access.intake_model import pieces_of, prepared_registers
from tests.data_access.small_district import agree, counted, issue_row, load, registers, write_issues
from tests.data_access.surveyed_district import (
    CHENGXING,
    DONGYU,
    FANSHIDU,
    LUJIAYAN,
    MAOSHAN,
    SOUTH,
    STEP,
    VILLAGES,
    WEST,
    case_at,
    firm_at,
    middle,
    survey,
    write_rows,
)


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def one(tmp_path: Path):
    """The same on SQLite alone, for what the database has no part in."""
    made = registers(f"sqlite:///{tmp_path / 'one.db'}", tmp_path)
    yield made
    made.dispose()


def cases(engine: Engine) -> dict[str, tuple]:
    """Case number → village, longitude, latitude, how located, of the current rows."""
    c = issue.c
    with reading(engine) as connection:
        rows = connection.execute(
            sa.select(c.case_no, c.place_code, c.lon, c.lat, c.located_by).where(c.superseded_by.is_(None))
        )
        return {row[0]: tuple(row[1:]) for row in rows}


def sites(engine: Engine) -> dict[str, tuple]:
    c = site.c
    with reading(engine) as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(
            sa.select(c.code, c.place_code, c.lon, c.lat, c.located_by).where(c.kind != "village_gate"))}  # fmt: skip


def versions(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(register_row)).scalar_one()


def reasons(summary: LoadSummary) -> list[str]:
    return [flag.reason for flag in summary.flags]


def bring(engine: Engine, folder: Path, rows: list[dict[str, str]], source: str = "issues") -> LoadSummary:
    bring.number += 1
    return load(engine, source, write_rows(folder / f"{source}{bring.number}.csv", rows))


bring.number = 0


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        ("121.5532", 121.5532), ("121.5532E", 121.5532), ("E 121.5532", 121.5532), ("东经121.5532°", 121.5532),
        ("121°33′12″", 121 + 33 / 60 + 12 / 3600), ("121°33'12\" E", 121 + 33 / 60 + 12 / 3600),
        ("121度33分12秒", 121 + 33 / 60 + 12 / 3600), ("121°33.2′", 121 + 33.2 / 60), ("１２１．５", 121.5),
        ("29°48′N", 29.8), ("29.8S", -29.8), ("-29.8", -29.8), ("+121.5", 121.5), ("0", 0.0),
        ("181", None), ("3296000", None), ("121°61′", None), ("121.5°30′", None), ("12 1", None), ("121,5", None),
        ("-121.5E", None), ("西", None), ("E121.5E", None), ("nan", None), ("1e2", None),
    ],
)  # fmt: skip
def test_degrees_are_understood_as_people_write_them(cell: str, degrees: float | None) -> None:
    assert parse_degree(cell) == (None if degrees is None else pytest.approx(degrees, abs=1e-12))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.one_of(
    st.sampled_from(["", "121.55", "29.8N", "x", "999", "-0.5", "121°33′", "180", "180.1", "+7"]),
    st.floats(-200, 200).map(str),
), max_size=8))  # fmt: skip
def test_a_column_of_degrees_is_read_as_cell_by_cell(cells: list[str]) -> None:
    values, understood = parse_degrees(pd.Series(cells, dtype="str"))
    slow = [parse_degree(cell) for cell in cells]
    assert understood.tolist() == [one is not None for one in slow]
    assert [None if np.isnan(one) else one for one in values] == slow


def test_a_case_without_a_village_gets_the_one_its_position_lies_in(engine: Engine, tmp_path: Path) -> None:
    survey(engine)
    outside = (middle(MAOSHAN)[0], f"{SOUTH - 0.0009:.5f}")  # 100 m south of the village
    rows = [case_at(1, middle(DONGYU), named=False), case_at(2, outside, named=False), case_at(3, ("", ""))]
    summary = bring(engine, tmp_path, rows)
    assert (summary.rows_new, summary.problems, reasons(summary)) == (3, (), ["nearest_village"])
    found = cases(engine)
    assert found["G00001"] == (DONGYU, *map(float, middle(DONGYU)), "inside")
    assert found["G00002"][0] == MAOSHAN and found["G00002"][3] == "nearest"
    assert found["G00003"] == (CHENGXING, None, None, None)
    assert counted(engine, DONGYU)["all"]["reported"] == 1
    assert agree(engine)


def test_a_file_may_have_positions_and_no_columns_of_places_at_all(one: Engine, tmp_path: Path) -> None:
    survey(one)
    row = {
        name: cell for name, cell in case_at(1, middle(FANSHIDU)).items() if "所属" not in name and "村社" not in name
    }
    summary = bring(one, tmp_path, [row, row | {"工单编号": "G00002", "经度": "", "纬度": ""}])
    assert [(problem.row, problem.reason) for problem in summary.problems] == [(3, "empty")]
    assert {name: found[0] for name, found in cases(one).items()} == {"G00001": FANSHIDU}


@pytest.mark.parametrize("layer", ["none", "schematic"])
def test_a_row_without_a_village_waits_while_boundaries_are_schematic(one: Engine, tmp_path: Path, layer: str) -> None:
    if layer == "schematic":
        survey(one, precision="schematic")
    rows = [case_at(1, middle(DONGYU), named=False), case_at(2, middle(DONGYU))]
    summary = bring(one, tmp_path, rows)
    assert [(problem.row, problem.reason) for problem in summary.problems] == [(2, "position_unusable")]
    assert "示意图" in summary.problems[0].zh and "schematic" in summary.problems[0].en
    assert reasons(summary) == [], "nothing is compared with a schematic layer"
    assert cases(one)["G00002"] == (CHENGXING, *map(float, middle(DONGYU)), "stated")
    survey(one, since="2020-02-01")
    again = load(one, "issues", next(tmp_path.glob(f"issues{bring.number}.csv")))
    assert (again.rows_new, again.problems) == (1, ()), "the row that waited can be taken now"
    assert cases(one)["G00001"][0] == DONGYU


def test_the_village_that_a_row_names_counts_and_a_position_elsewhere_is_flagged(one: Engine, tmp_path: Path) -> None:
    survey(one)
    beside = (f"{WEST + STEP + 0.0015:.5f}", middle(DONGYU)[1])  # 145 m inside the neighbour: within what maps differ
    summary = bring(one, tmp_path, [case_at(1, middle(MAOSHAN)), case_at(2, beside), case_at(3, middle(CHENGXING))])
    assert summary.problems == ()
    (flag,) = summary.flags
    assert (flag.reason, flag.row, flag.place_code) == ("point_elsewhere", 2, CHENGXING[:9])
    assert "茅山村" in flag.zh and "城兴社区" in flag.zh and "茅山村" in flag.en
    found = cases(one)
    assert {found[name][0] for name in found} == {CHENGXING}
    assert {found[name][3] for name in found} == {"stated"}


def test_a_closed_village_is_compared_where_the_one_that_carries_its_history_lies(one: Engine, tmp_path: Path) -> None:
    with writing(one) as connection:
        closing = place.update().where(place.c.code == LUJIAYAN)
        connection.execute(closing.values(valid_to=dt.date(2021, 6, 30), successor=MAOSHAN))
    survey(one, [code for code in VILLAGES if code != LUJIAYAN])
    named = {"所属镇街": "姜山镇", "所属村社": "陆家堰村", "村社代码": LUJIAYAN}
    order = [code for code in VILLAGES if code != LUJIAYAN]
    rows = [case_at(1, middle(MAOSHAN, order=order), **named), case_at(2, middle(DONGYU, order=order), **named)]
    summary = bring(one, tmp_path, rows)
    assert (summary.rows_new, [(flag.reason, flag.row) for flag in summary.flags]) == (2, [("point_elsewhere", 3)])
    assert {row[0] for row in cases(one).values()} == {LUJIAYAN}


def test_a_position_outside_the_district_is_flagged_and_not_kept(one: Engine, tmp_path: Path) -> None:
    survey(one)
    away, zero = ("121.9", "29.81"), ("0", "0")
    rows = [case_at(1, away), case_at(2, zero), case_at(3, away, named=False), case_at(4, zero, named=False)]
    summary = bring(one, tmp_path, rows)
    assert [(problem.row, problem.reason) for problem in summary.problems] == [
        (4, "position_outside"), (5, "position_outside")
    ]  # fmt: skip
    assert sorted((flag.reason, flag.row) for flag in summary.flags) == [
        ("position_outside", 2),
        ("position_outside", 3),
    ]
    assert cases(one) == {name: (CHENGXING, None, None, None) for name in ("G00001", "G00002")}


def test_a_layer_that_draws_only_some_villages_takes_no_position_away(one: Engine, tmp_path: Path) -> None:
    survey(one, VILLAGES[:3])
    summary = bring(
        one, tmp_path, [case_at(1, middle(MAOSHAN), 所属镇街="姜山镇", 所属村社="茅山村", 村社代码=MAOSHAN)]
    )
    assert (summary.problems, summary.flags) == ((), ())
    assert cases(one)["G00001"] == (MAOSHAN, *map(float, middle(MAOSHAN)), "stated")


def test_positions_of_web_maps_are_converted_and_counted(one: Engine, tmp_path: Path) -> None:
    survey(one)
    true = np.array([[float(cell) for cell in middle(DONGYU)]])
    shifted = {"高德": wgs84_to_gcj02(true)[0], "百度地图": wgs84_to_bd09(true)[0], "WGS84": true[0], "": true[0]}
    rows = [
        case_at(number, (f"{lon:.9f}", f"{lat:.9f}"), named=False, 坐标系=word)
        for number, (word, (lon, lat)) in enumerate(shifted.items(), 1)
    ]
    summary = bring(one, tmp_path, rows)
    assert [(flag.reason, flag.found) for flag in summary.flags] == [
        ("converted_position", "BD-09"), ("converted_position", "GCJ-02")
    ]  # fmt: skip
    for village, lon, lat, how in cases(one).values():
        assert (village, how) == (DONGYU, "inside")
        assert (lon, lat) == pytest.approx(true[0], abs=2e-7)
    strange = [case_at(9, middle(DONGYU), 坐标系="北京54"), case_at(8, ("", ""), 坐标系="")]
    assert [problem.reason for problem in bring(one, tmp_path, strange).problems] == ["not_understood"]


def test_a_swapped_row_is_set_aside_and_a_swapped_column_is_put_right(one: Engine, tmp_path: Path) -> None:
    lon, lat = middle(DONGYU)
    mixed = bring(one, tmp_path, [case_at(1, (lat, lon)), case_at(2, (lon, lat))])
    assert [(problem.row, problem.reason) for problem in mixed.problems] == [(2, "swapped_position")]
    rows = [case_at(number, (lat, lon)) for number in range(10, 25)]
    whole = bring(one, tmp_path, rows)
    assert (whole.rows_new, whole.problems) == (15, ())
    assert [(flag.reason, flag.found) for flag in whole.flags] == [("swapped_position", "15")]
    assert cases(one)["G00012"][1:3] == (float(lon), float(lat))


def test_half_a_position_and_what_is_no_degree_are_set_aside(one: Engine, tmp_path: Path) -> None:
    lon, lat = middle(DONGYU)
    rows = [
        case_at(1, (lon, "")), case_at(2, ("", lat)), case_at(3, ("3296000", lat)), case_at(4, (lon, "那边")),
        case_at(5, (lon, lat), 所属镇街="", 村社代码=""), case_at(6, ("", ""), named=False), case_at(7, (lon, lat)),
    ]  # fmt: skip
    summary = bring(one, tmp_path, rows)
    assert [(problem.row, problem.reason) for problem in summary.problems] == [
        (2, "half_position"), (3, "half_position"), (4, "not_understood"), (5, "not_understood"), (6, "empty"),
        (7, "empty"),
    ]  # fmt: skip
    assert "121°33′12″" in summary.problems[2].zh and "degrees" in summary.problems[2].en


def test_a_file_with_one_of_the_two_columns_is_taken_without_positions(one: Engine, tmp_path: Path) -> None:
    row = {name: cell for name, cell in case_at(1, middle(DONGYU)).items() if name != "纬度"}
    summary = bring(one, tmp_path, [row])
    assert (summary.rows_new, [(flag.reason, flag.column) for flag in summary.flags]) == (
        1,
        [("half_position", "经度")],
    )
    assert cases(one)["G00001"] == (CHENGXING, None, None, None)


def test_a_position_that_contradicts_the_township_waits(one: Engine, tmp_path: Path) -> None:
    survey(one)
    rows = [
        case_at(1, middle(MAOSHAN), named=False, 所属镇街="中河街道"),
        case_at(2, middle(MAOSHAN), named=False, 所属镇街="姜山镇"),
    ]  # fmt: skip
    summary = bring(one, tmp_path, rows)
    assert [(problem.row, problem.reason) for problem in summary.problems] == [(2, "point_elsewhere")]
    assert cases(one)["G00002"][0] == MAOSHAN


def test_many_positions_elsewhere_are_counted_and_only_the_first_are_named(one: Engine, tmp_path: Path) -> None:
    survey(one)
    rows = [case_at(number, middle(MAOSHAN)) for number in range(1, MOST_SHOWN + 6)]
    flags = [flag for flag in bring(one, tmp_path, rows).flags if flag.reason == "point_elsewhere"]
    assert len(flags) == MOST_SHOWN + 1
    assert (flags[0].row, flags[0].found) == (None, str(MOST_SHOWN + 5))


def test_an_export_without_the_columns_is_no_change_and_takes_no_position_away(engine: Engine, tmp_path: Path) -> None:
    position = middle(CHENGXING)
    bring(engine, tmp_path, [case_at(1, position), case_at(2, position), issue_row(3) | {"经度": "", "纬度": ""}])
    plain = load(
        engine,
        "issues",
        write_issues(tmp_path / "plain.csv", [issue_row(1), issue_row(2, 是否满意="否"), issue_row(3)]),
    )
    assert (plain.rows_new, plain.rows_changed, plain.rows_unchanged) == (0, 1, 2)
    at = (CHENGXING, *map(float, position), "stated")
    assert cases(engine) == {"G00001": at, "G00002": at, "G00003": (CHENGXING, None, None, None)}
    emptied = bring(engine, tmp_path, [case_at(1, ("", ""))])
    assert emptied.rows_changed == 1, "an empty cell says that there is none"
    assert cases(engine)["G00001"] == (CHENGXING, None, None, None)
    withdraw_batch(engine, emptied.batch_id, by="tester", because="误传")
    assert cases(engine)["G00001"] == at
    assert agree(engine)


def test_columns_that_come_empty_do_not_change_rows_that_never_had_them(one: Engine, tmp_path: Path) -> None:
    load(one, "issues", write_issues(tmp_path / "plain.csv", [issue_row(1), issue_row(2)]))
    later = bring(one, tmp_path, [case_at(1, ("", "")), case_at(2, middle(CHENGXING))])
    assert (later.rows_changed, later.rows_unchanged) == (1, 1)


def test_a_late_row_does_not_borrow_the_position_of_a_newer_one(one: Engine, tmp_path: Path) -> None:
    newer = bring(one, tmp_path, [case_at(1, middle(CHENGXING), 更新时间="2020-04-02 10:00")])
    late = bring(one, tmp_path, [issue_row(1) | {"更新时间": "2020-04-01 10:00"}])
    assert late.rows_late == 1
    withdraw_batch(one, newer.batch_id, by="tester", because="误传")
    assert cases(one)["G00001"] == (CHENGXING, None, None, None)


def test_where_a_position_lies_is_not_what_a_row_says(one: Engine, tmp_path: Path) -> None:
    survey(one)
    bring(one, tmp_path, [case_at(1, middle(DONGYU), named=False), case_at(2, middle(DONGYU), named=False)])
    survey(one, VILLAGES[::-1], since="2021-01-01")
    rows = [case_at(1, middle(DONGYU), named=False), case_at(2, middle(DONGYU), named=False, 是否满意="否")]
    again = bring(one, tmp_path, rows)
    assert (again.rows_changed, again.rows_unchanged) == (1, 1)
    assert agree(one)


def test_a_register_of_firms_gets_villages_and_keeps_positions(engine: Engine, tmp_path: Path) -> None:
    survey(engine)
    named = {"所属镇街": "姜山镇", "所属村社": "茅山村"}
    rows = [
        firm_at("Q010", middle(DONGYU)),
        firm_at("Q011", middle(MAOSHAN), **named),
        firm_at("Q012", ("", ""), **named),
    ]
    first = bring(engine, tmp_path, rows, "firms")
    assert (first.rows_new, first.problems, first.flags) == (3, (), ())
    expected = {
        "Q010": (DONGYU, *map(float, middle(DONGYU)), "inside"),
        "Q011": (MAOSHAN, *map(float, middle(MAOSHAN)), "stated"),
        "Q012": (MAOSHAN, None, None, None),
    }
    assert {code: row for code, row in sites(engine).items() if code > "Q009" and code[0] == "Q"} == expected
    kept = versions(engine)
    again = bring(engine, tmp_path, rows[::-1], "firms")
    assert (again.rows_unchanged, versions(engine)) == (3, kept), "the same rows are no new versions"
    plain = [{name: row[name] for name in row if name not in ("经度", "纬度")} | named for row in rows[1:]]
    without = bring(engine, tmp_path, plain, "firms")
    assert (without.rows_unchanged, versions(engine)) == (2, kept)
    assert sites(engine)["Q011"] == expected["Q011"]
    moved = bring(engine, tmp_path, [firm_at("Q011", ("", ""), **named)], "firms")
    assert moved.rows_changed == 1 and sites(engine)["Q011"] == (MAOSHAN, None, None, None)
    withdraw_batch(engine, moved.batch_id, by="tester", because="误传")
    assert sites(engine)["Q011"] == expected["Q011"]
    assert agree(engine)


def test_rows_without_a_position_have_the_hashes_they_always_had(one: Engine, tmp_path: Path) -> None:
    load(one, "issues", write_issues(tmp_path / "plain.csv", [issue_row(1)]))
    bring(one, tmp_path, [issue_row(2) | {"经度": "", "纬度": ""}])
    with reading(one) as connection:
        issues = dict(map(tuple, connection.execute(sa.select(issue.c.case_no, issue.c.content_hash))))
        wanted = register_row.c.code.in_(["Q001", "X001"])
        registered = connection.execute(sa.select(register_row.c.code, register_row.c.content_hash).where(wanted))
        assert dict(map(tuple, registered)) == {"Q001": "6a29cd76d7944752", "X001": "ac7b3a79503f2394"}
    assert issues["G00001"] == "59c058225708be81", "as version 0.1 wrote it, before there were positions"
    again = load(one, "issues", write_issues(tmp_path / "again.csv", [issue_row(2), issue_row(1)]))
    assert again.rows_unchanged == 2


def test_a_register_without_positions_says_what_it_said_before_there_were_any(one: Engine, tmp_path: Path) -> None:
    with reading(one) as connection:
        contents = connection.execute(sa.select(register_row.c.content).where(register_row.c.source == "firms"))
        assert all("lon" not in content for content in contents.scalars())
    kept = versions(one)
    text = (tmp_path / "firms.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "again.csv").write_text(text, encoding="utf-8")
    assert load(one, "firms", tmp_path / "again.csv").rows_unchanged == 3
    assert versions(one) == kept


@st.composite
def some_files(draw: st.DrawFn) -> list[tuple[bool, list[tuple[int, str, str]]]]:
    """Files with or without the columns of positions; rows are (number, whether satisfied, village of the position)."""
    row = st.tuples(st.integers(1, 3), st.sampled_from(("是", "否")), st.sampled_from(("", CHENGXING, DONGYU)))
    return draw(st.lists(st.tuples(st.booleans(), st.lists(row, min_size=1, max_size=5)), min_size=1, max_size=4))


def test_after_any_files_with_and_without_positions_what_was_said_last_stands(tmp_path: Path) -> None:
    with prepared_registers("sqlite", tmp_path, None) as prepared:

        @settings(deadline=None, derandomize=True, max_examples=4, database=None)
        @given(files=some_files(), piece=st.sampled_from((2, 50_000)))
        def check(files: list[tuple[bool, list[tuple[int, str, str]]]], piece: int) -> None:
            told: dict[int, str] = {}
            with prepared.engine() as engine, pieces_of(piece):
                for with_positions, rows in files:
                    written = []
                    for number, satisfied, village in rows:
                        plain = issue_row(number, 是否满意=satisfied, 办理时限="")
                        position = middle(village) if village else ("", "")
                        written.append(case_at(number, position, 是否满意=satisfied) if with_positions else plain)
                    last = {number: village for number, _, village in rows}
                    told |= last if with_positions else {number: told.get(number, "") for number in last}
                    bring(engine, tmp_path, [row | {"备注": str(bring.number)} for row in written])
                expected = {
                    f"G{number:05d}": tuple(map(float, middle(village))) if village else (None, None)
                    for number, village in told.items()
                }
                assert {name: row[1:3] for name, row in cases(engine).items()} == expected
                assert agree(engine)

        check()
