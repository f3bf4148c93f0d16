"""What the data quality page reads: reports by state, freshness, rows set aside, flags, coverage, on both databases."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import Connection, Engine

from data_access.data_quality import (
    read_coverage,
    read_freshness,
    read_newest_receipt,
    read_reports,
    read_stream_freshness,
    read_village_reports,
)
from data_access.engine import writing
from data_access.open_rows_file import open_rows_file
from data_access.permissions import NotPermitted, Scope
from data_access.rejected_rows import read_flags, read_open_rows, read_repeats, read_set_aside
from data_access.submissions import due_on
from data_access.tables import batch, batch_flag, issue_monthly, measurement_monthly
from tests.data_access.load_records import (
    LOADED,
    OTHER,
    THIRD,
    TOWN,
    VILLAGE,
    add_batch,
    send,
    set_aside,
    three_townships,
)

EVERYTHING = Scope(root="330212")
HEAD_OF_TOWN = Scope(root="330212", villages_of=(TOWN,))
YEAR = {"first": 202201, "last": 202212}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with three_townships(database_url) as engine:
        yield engine


def withdraw(connection: Connection, number: int) -> None:
    connection.execute(batch.update().where(batch.c.id == number).values(withdrawn_at=LOADED))


def states(frame: pd.DataFrame) -> dict[tuple[str, str, int], str]:
    return {(one["stream"], one["place"], one["month"]): one["state"] for one in frame.to_dict("records")}


def test_every_expected_report_has_one_state(engine: Engine) -> None:
    with writing(engine) as connection:
        send(connection, {("drills_done", TOWN, 202202): dt.date(2022, 3, 15),
                          ("drills_done", OTHER, 202202): dt.date(2022, 3, 18),
                          ("drills_done", TOWN, 202203): dt.date(2022, 4, 15)}, taken=7)  # fmt: skip
    frame = read_reports(engine, scope=EVERYTHING, **YEAR)
    assert states(frame) == {
        ("drills_done", TOWN, 202202): "received", ("drills_done", OTHER, 202202): "late",
        ("drills_done", TOWN, 202203): "received", ("drills_done", OTHER, 202203): "not_due",
        ("drills_done", THIRD, 202203): "not_due",
    }  # fmt: skip
    late = frame.loc[frame["state"] == "late"].iloc[0]
    assert (late["days_late"], late["received_on"], late["rows"]) == (3, dt.date(2022, 3, 18), 7)
    waiting = frame.loc[frame["state"] == "not_due"].iloc[0]
    assert (waiting["received_on"], waiting["rows"], waiting["days_late"]) == (None, 0, 0)
    with writing(engine) as connection:
        send(connection, {("plans_current", TOWN, 202204): dt.date(2022, 4, 16)})
    assert states(read_reports(engine, scope=EVERYTHING, **YEAR))["drills_done", THIRD, 202203] == "missing"


def test_sources_without_a_day_are_received_or_missing(engine: Engine) -> None:
    with writing(engine) as connection:
        send(connection, {("", TOWN, 202204): dt.date(2022, 12, 1)}, source="issues")
    found = states(read_reports(engine, scope=EVERYTHING, **YEAR))
    assert found == {("", TOWN, 202204): "received", ("", OTHER, 202204): "missing", ("", THIRD, 202204): "missing"}


def test_months_that_may_not_be_read_and_withdrawn_batches_are_left_out(engine: Engine) -> None:
    with writing(engine) as connection:
        send(connection, {("drills_done", TOWN, month): dt.date(2022, 5, 1) for month in (202201, 202203)})
        gone = send(connection, {("drills_done", TOWN, 202202): dt.date(2022, 5, 1)})
        withdraw(connection, gone)
    released = Scope(root="330212", until=202202)
    assert set(read_reports(engine, scope=released, **YEAR)["month"]) == {202201}
    assert set(read_reports(engine, scope=EVERYTHING, **YEAR)["month"]) == {202201, 202203}
    assert read_reports(engine, scope=EVERYTHING, first=202301, last=202312).empty
    assert list(read_stream_freshness(engine)["newest_month"]) == [202203]


@pytest.mark.parametrize("seed", range(3))
def test_reports_equal_a_slow_count(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    months, towns = [202112, 202201, 202202, 202203], [TOWN, OTHER, THIRD]
    kept: list[tuple[str, str, int, dt.date, int]] = []
    with writing(engine) as connection:
        for _ in range(10):
            days = {}
            for stream, town, month in {
                (chance.choice(("drills_done", "fund_paid")), chance.choice(towns), chance.choice(months))
                for _ in range(5)
            }:
                days[stream, town, month] = due_on(month, day=15) + dt.timedelta(days=chance.randint(-12, 40))
            taken = chance.randint(0, 9)
            number = send(connection, days, taken=taken)
            if chance.random() < 0.3:
                withdraw(connection, number)
            else:
                kept += [(*key, day, taken) for key, day in days.items()]
    newest = max(row[3] for row in kept)
    expected = Counter()
    for stream in ("drills_done", "fund_paid"):
        for month in months:
            if not any(row[0] == stream and row[2] == month for row in kept):
                continue
            for town in towns:
                own = [row for row in kept if row[:3] == (stream, town, month)]
                if town == THIRD and month < 202203 and not own:
                    continue
                due = dt.date(2022, month % 100 + 1, 15) if month > 202200 else dt.date(2022, 1, 15)
                arrived = min((row[3] for row in own), default=None)
                if arrived is None:
                    state = "missing" if newest > due else "not_due"
                else:
                    state = "late" if arrived > due else "received"
                expected[stream, town, month, state, sum(row[4] for row in own)] += 1
    frame = read_reports(engine, scope=EVERYTHING, first=202112, last=202212)
    found = Counter(frame[["stream", "place", "month", "state", "rows"]].itertuples(index=False, name=None))
    assert found == expected


def test_freshness_of_each_source_and_stream(engine: Engine) -> None:
    assert read_newest_receipt(engine) is None
    empty = read_freshness(engine)
    assert list(empty["source"])[-1] == "measurements" and (empty["batches"] == 0).all()
    with writing(engine) as connection:
        for month, last in ((1, 202112), (4, 202203), (7, 202206)):
            add_batch(connection, "issues", received=dt.date(2022, month, 8), last_month=last, file_name=f"{month}.csv")
        withdraw(connection, add_batch(connection, "issues", received=dt.date(2022, 12, 1)))
        add_batch(connection, "firms")
        send(connection, {("drills_done", TOWN, month): dt.date(2022, 7, 9) for month in (202112, 202203, 202206)})
        send(connection, {("fund_paid", OTHER, 202206): dt.date(2022, 7, 10)})
    rows = {one["source"]: one for one in read_freshness(engine).to_dict("records")}
    issues = rows["issues"]
    assert (issues["batches"], issues["received_on"], issues["newest_month"]) == (3, dt.date(2022, 7, 8), 202206)
    assert (issues["usual_gap"], issues["loaded_by"], issues["file_name"]) == (90.5, "tester", "7.csv")
    assert rows["firms"]["received_on"] == LOADED.date() and pd.isna(rows["firms"]["newest_month"])
    streams = {one["stream"]: one for one in read_stream_freshness(engine).to_dict("records")}
    drills, fund = streams["drills_done"], streams["fund_paid"]
    assert (drills["newest_month"], drills["usual_step"], drills["next_due"]) == (202206, 3, dt.date(2022, 10, 15))
    assert (fund["usual_step"], fund["next_due"]) == (1, dt.date(2022, 8, 15))
    assert read_newest_receipt(engine) == dt.date(2022, 7, 10)


def test_rows_set_aside_are_counted_by_source_reason_place_and_month(engine: Engine) -> None:
    with writing(engine) as connection:
        number = add_batch(connection, "issues", first_month=202201, last_month=202206)
        for resolved in (None, None, number):
            set_aside(connection, number, code=VILLAGE, month=202202, key="A", resolved_by=resolved)
        set_aside(connection, number, code=None, month=None)
        set_aside(connection, number, code=TOWN, month=202112)
        gone = add_batch(connection, "issues", first_month=202201, last_month=202206)
        set_aside(connection, gone, code=TOWN, month=202202)
        withdraw(connection, gone)
    frame = read_set_aside(engine, scope=EVERYTHING, **YEAR)
    known = frame.loc[frame["month"] == 202202].iloc[0]
    assert (known["source"], known["reason"], known["place"]) == ("issues", "empty", VILLAGE)
    assert (known["open"], known["resolved"]) == (2, 1)
    unknown = frame.loc[frame["month"].isna()].iloc[0]
    assert (unknown["open"], unknown["place"]) == (1, None)
    assert len(frame) == 2
    assert len(read_set_aside(engine, scope=EVERYTHING, first=202101, last=202112)) == 1
    assert read_set_aside(engine, scope=Scope(root="330212", until=202112), **YEAR).empty


def test_open_rows_are_for_those_who_may_see_all_villages_and_hold_the_cells(engine: Engine) -> None:
    cells = {"工单编号": "=1+1", "所属村社": "不存在村"}
    with writing(engine) as connection:
        number = add_batch(connection, "issues", first_month=202201, last_month=202206)
        set_aside(connection, number, code=TOWN, month=202202, key="A", cells=cells, sheet="表", found="不存在村")
        set_aside(connection, number, code=TOWN, month=202202, key="B", reason="duplicate")
        set_aside(connection, number, code=TOWN, month=202202, key="C", resolved_by=number)
    rows = read_open_rows(engine, scope=EVERYTHING, **YEAR, source="issues")
    assert list(rows["key_text"]) == ["A"] and rows["cells"].iloc[0] == cells
    with pytest.raises(NotPermitted):
        read_open_rows(engine, scope=HEAD_OF_TOWN, **YEAR, source="issues")
    book = open_rows_file(engine, scope=EVERYTHING, **YEAR, source="issues", lang="zh")
    written = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert any("=1+1" in row for row in written) and any("空" in str(cell) for row in written for cell in row)


def test_repeated_records_are_counted_by_source(engine: Engine) -> None:
    with writing(engine) as connection:
        number = add_batch(connection, "issues", rows_read=10, rows_unchanged=4, rows_changed=2, first_month=202201,
                           last_month=202206)  # fmt: skip
        set_aside(connection, number, code=None, month=None, reason="duplicate")
        set_aside(connection, number, code=None, month=None)
        add_batch(connection, "issues", rows_read=5, first_month=202012, last_month=202112)
        add_batch(connection, "firms", rows_read=3)
    rows = {one["source"]: one for one in read_repeats(engine, scope=EVERYTHING, **YEAR).to_dict("records")}
    assert rows["issues"] == {"source": "issues", "read": 10, "again": 4, "corrected": 2, "doubled": 1}
    assert rows["firms"]["read"] == 3


def test_flags_about_villages_out_of_reach_are_kept_back(engine: Engine) -> None:
    with writing(engine) as connection:
        number = add_batch(connection, first_month=202201, last_month=202206)
        for code in (None, TOWN, OTHER, VILLAGE):
            connection.execute(
                batch_flag.insert().values(
                    batch_id=number, reason="shrank", sentence_zh=f"少 {code}", sentence_en=f"fewer {code}",
                    place_code=code, month=202202,
                )
            )  # fmt: skip
    assert list(read_flags(engine, scope=EVERYTHING, **YEAR)["place"]) == [None, TOWN, OTHER, VILLAGE]
    assert list(read_flags(engine, scope=HEAD_OF_TOWN, **YEAR)["zh"]) == ["少 None", f"少 {TOWN}", f"少 {OTHER}"]
    assert read_flags(engine, scope=Scope(root="330212", until=202201), **YEAR).empty


def test_coverage_counts_places_with_any_figure(engine: Engine) -> None:
    def measured(code: str, level: str, indicator: str, month: int) -> dict:
        return {"level": level, "indicator": indicator, "dimension": "all", "month": month, "place_code": code,
                "value": "all", "numerator": 1, "denominator": 2, "places_counted": 1}  # fmt: skip

    counters = {column.name: 0 for column in issue_monthly.c if column.name not in issue_monthly.primary_key.columns}
    with writing(engine) as connection:
        for code, level, indicator, month in (
            (TOWN, "township", "drills_done", 202202), (TOWN, "township", "drills_done", 202203),
            (OTHER, "township", "drills_done", 202203), (VILLAGE, "village", "post_vacancy", 202203),
        ):  # fmt: skip
            row = measured(code, level, indicator, month)
            connection.execute(measurement_monthly.insert().values(**row))
        for code, reported in ((TOWN, 4), (OTHER, 0)):
            values = {"level": "township", "dimension": "all", "value": "all", "place_code": code, "month": 202203}
            connection.execute(issue_monthly.insert().values(**(counters | values | {"reported": reported})))
    frame = read_coverage(engine, scope=EVERYTHING, **YEAR, levels=("township", "village"))
    found = {(one["of"], one["level"]): one["places"] for one in frame.to_dict("records")}
    assert found["drills_done", "township"] == 2 and found["post_vacancy", "village"] == 1
    assert found["issues", "township"] == 1 and found["inspections", "village"] == 0
    villages = read_village_reports(engine, scope=EVERYTHING, township=OTHER, **YEAR)
    assert villages.to_dict("records") == [{"place": VILLAGE, "month": 202203, "have": 1, "expected": 1}]
    with pytest.raises(NotPermitted):
        read_village_reports(engine, scope=HEAD_OF_TOWN, township=OTHER, **YEAR)
