"""Open issues one by one: which are open, in what order, and who may read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import writing
from data_access.open_issues import COLUMNS, OpenTotals, count_open_issues, read_open_issues
from data_access.permissions import NotPermitted, Scope
from data_access.tables import place
from tests.data_access.small_district import issue_row, load, open_case, registers, write_issues

ALL = Scope(root="330212")
ZHONGHE, JIANGSHAN = "330212005", "330212110"
CHENGXING, DONGYU, FANSHIDU = "330212005001", "330212005002", "330212110001"
DAY = dt.date(2020, 2, 20)
AT_FANSHIDU = {"所属镇街": "姜山镇", "所属村社": "翻石渡村", "村社代码": FANSHIDU}


def cases() -> list[dict[str, str]]:
    """Six open in 中河街道 on 20 February 2020, one in 姜山镇, and four that are not."""
    return [
        open_case(1, 办理时限="2020-02-10 18:00", 小区编号="X001"),  # ten days overdue
        open_case(2, 办理时限="2020-02-20 18:00"),  # due that very day
        open_case(3, 办理时限="2020-02-27 23:59"),  # the last moment of the seventh day
        open_case(4, 办理时限="2020-02-28 00:00", 问题类型="投诉"),  # the first moment after
        open_case(5, 办理时限="", 专项行动="物居业综合治理"),  # no deadline on record
        issue_row(6, 办结时间="2020-02-21 00:00"),  # closed the day after: still open on the 20th
        open_case(7, 办理时限="2020-02-01 18:00", 诉求时间="2020-01-10 09:00", 受理时间="2020-01-10 09:30",
                  交办时间="2020-01-10 10:00", 首次答复时间="2020-01-10 15:00", 企业编号="Q001", **AT_FANSHIDU),
        issue_row(8, 办结时间="2020-02-20 23:59"),  # closed that day
        open_case(9, 受理时间="", 交办时间="", 首次答复时间="", 答复时限="", 办理时限=""),  # not accepted
        open_case(10, 受理时间="2020-02-21 00:00", 交办时间="", 首次答复时间="", 办理时限="2020-02-28 18:00"),  # later
        issue_row(11),  # closed long before
    ]  # fmt: skip


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    load(made, "issues", write_issues(tmp_path / "cases.csv", cases()))
    yield made
    made.dispose()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Engine]:
    """The same on SQLite alone."""
    made = registers(f"sqlite:///{tmp_path / 'one.db'}", tmp_path)
    load(made, "issues", write_issues(tmp_path / "cases.csv", cases()))
    yield made
    made.dispose()


def numbers(frame: pd.DataFrame) -> list[int]:
    """The numbers of the cases in the order given."""
    return [int(case.removeprefix("G")) for case in frame["case_no"]]


def test_open_issues_come_most_overdue_first_and_those_without_a_deadline_last(engine: Engine) -> None:
    frame = read_open_issues(engine, scope=ALL, within="330212", as_of=DAY)
    assert tuple(frame.columns) == COLUMNS
    assert numbers(frame) == [7, 1, 6, 2, 3, 4, 5]
    rows = {int(row["case_no"].removeprefix("G")): row for row in frame.to_dict("records")}
    assert [rows[one]["days_overdue"] for one in (7, 1, 6, 2, 3, 4)] == [19, 10, 10, 0, -7, -8]
    assert pd.isna(rows[5]["days_overdue"]) and pd.isna(rows[5]["due_at"])
    assert rows[1]["site"] == "甲苑" and rows[7]["site"] == "甲厂" and rows[2]["site"] is None
    assert (rows[7]["place"], rows[7]["village"]) == (FANSHIDU, "翻石渡村")
    assert (rows[4]["category"], rows[5]["campaign"], rows[2]["campaign"]) == (
        "complaint", "property_governance", "none",
    )  # fmt: skip
    assert rows[1]["reported_at"] == pd.Timestamp("2020-02-03 09:00") and rows[2]["channel"] == "hotline"
    totals = count_open_issues(engine, scope=ALL, within="330212", as_of=DAY)
    assert totals == OpenTotals(overdue=4, soon=1, later=1, no_deadline=1) and totals.total == len(frame)


def test_open_issues_are_those_of_the_place_that_was_asked_for(one: Engine) -> None:
    assert numbers(read_open_issues(one, scope=ALL, within=JIANGSHAN, as_of=DAY)) == [7]
    assert numbers(read_open_issues(one, scope=ALL, within=CHENGXING, as_of=DAY)) == [1, 6, 2, 3, 4, 5]
    nothing = read_open_issues(one, scope=ALL, within=DONGYU, as_of=DAY)
    assert nothing.empty and tuple(nothing.columns) == COLUMNS
    assert count_open_issues(one, scope=ALL, within=DONGYU, as_of=DAY) == OpenTotals(0, 0, 0, 0)


def test_an_earlier_day_shows_what_was_open_then(one: Engine) -> None:
    early = dt.date(2020, 2, 5)
    frame = read_open_issues(one, scope=ALL, within=CHENGXING, as_of=early)
    assert sorted(numbers(frame)) == [1, 2, 3, 4, 5, 6, 8, 11]
    assert set(frame.loc[frame["case_no"].isin(["G00006", "G00011"]), "days_overdue"]) == {-5.0}


def test_the_list_stops_at_its_limit_and_the_total_does_not(one: Engine) -> None:
    assert numbers(read_open_issues(one, scope=ALL, within="330212", as_of=DAY, limit=2)) == [7, 1]
    assert count_open_issues(one, scope=ALL, within="330212", as_of=DAY).total == 7
    with pytest.raises(ValueError, match="ask for 1 or more"):
        read_open_issues(one, scope=ALL, within="330212", as_of=DAY, limit=0)


def test_months_of_report_limit_the_list_and_so_does_the_scope(one: Engine) -> None:
    january = read_open_issues(one, scope=ALL, within="330212", as_of=DAY, last=202001)
    february = read_open_issues(one, scope=ALL, within="330212", as_of=DAY, first=202002)
    assert numbers(january) == [7] and numbers(february) == [1, 6, 2, 3, 4, 5]
    released = Scope("330212", until=202001)
    assert numbers(read_open_issues(one, scope=released, within="330212", as_of=DAY)) == [7]
    assert numbers(read_open_issues(one, scope=released, within="330212", as_of=DAY, last=202012)) == [7]
    assert count_open_issues(one, scope=released, within="330212", as_of=DAY) == OpenTotals(1, 0, 0, 0)
    assert read_open_issues(one, scope=Scope("330212", until=0), within="330212", as_of=DAY).empty


def test_a_head_reads_the_open_issues_of_the_own_township_only(one: Engine) -> None:
    head = Scope("330212", villages_of=(JIANGSHAN,))
    assert numbers(read_open_issues(one, scope=head, within=JIANGSHAN, as_of=DAY)) == [7]
    for within in ("330212", ZHONGHE, CHENGXING, "330203", "3302121' OR 1=1 --"):
        with pytest.raises(NotPermitted):
            read_open_issues(one, scope=head, within=within, as_of=DAY)
        with pytest.raises(NotPermitted):
            count_open_issues(one, scope=head, within=within, as_of=DAY)


def test_an_issue_of_a_closed_village_is_under_the_one_that_carries_its_history(engine: Engine) -> None:
    with writing(engine) as connection:
        heir = sa.update(place).where(place.c.code == CHENGXING)
        connection.execute(heir.values(successor=FANSHIDU, valid_to=dt.date(2020, 3, 1)))
    assert read_open_issues(engine, scope=ALL, within=ZHONGHE, as_of=DAY).empty
    assert read_open_issues(engine, scope=ALL, within=CHENGXING, as_of=DAY).empty
    moved = read_open_issues(engine, scope=ALL, within=JIANGSHAN, as_of=DAY)
    assert numbers(moved) == [7, 1, 6, 2, 3, 4, 5] and set(moved["place"]) == {FANSHIDU}
    assert set(moved["village"]) == {"翻石渡村"}
    assert count_open_issues(engine, scope=ALL, within=FANSHIDU, as_of=DAY).total == 7
    assert count_open_issues(engine, scope=ALL, within="330212", as_of=DAY).total == 7
