"""The course of issues counted in the database: every figure by hand on the small district, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import writing
from data_access.issue_durations import (
    DIMENSIONS,
    FLAGS,
    read_backlog,
    read_durations,
    read_margins,
    read_paths,
    read_unheard,
)
from data_access.permissions import NotPermitted, Scope
from data_access.tables import place
from tests.data_access.small_district import issue_row, load, open_case, registers, write_issues

ALL = Scope(root="330212")
ZHONGHE, JIANGSHAN = "330212005", "330212110"
CHENGXING, FANSHIDU, LUJIAYAN = "330212005001", "330212110001", "330212110002"
AS_OF = dt.date(2020, 2, 15)
YEAR = {"first": 202001, "last": 202012}
IN_FANSHIDU = {"所属镇街": "姜山镇", "所属村社": "翻石渡村", "村社代码": FANSHIDU}
IN_LUJIAYAN = {"所属镇街": "姜山镇", "所属村社": "陆家堰村", "村社代码": LUJIAYAN}
UNCALLED = {"是否回访": "否", "是否接通": "否", "是否满意": ""}


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Engine]:
    """The same on SQLite alone."""
    made = registers(f"sqlite:///{tmp_path / 'one.db'}", tmp_path)
    yield made
    made.dispose()


def bring(engine: Engine, folder: Path, rows: list[dict[str, str]], name: str = "issues.csv") -> None:
    load(engine, "issues", write_issues(folder / name, rows))


def course(engine: Engine, **choice: object) -> dict[tuple[str, ...], int]:
    """(place, flags that are true …) → cases."""
    frame = read_paths(engine, **({"scope": ALL, "as_of": AS_OF} | YEAR | choice))  # type: ignore[arg-type]
    return {(row["place"], *(flag for flag in FLAGS if row[flag])): row["cases"] for row in frame.to_dict("records")}


def test_every_path_through_the_steps_is_counted_apart(engine: Engine, tmp_path: Path) -> None:
    unseen = dict.fromkeys(("受理时间", "交办时间", "首次答复时间", "答复时限", "办理时限", "办结时间", "办理结果",
                            "是否回访", "是否接通", "是否满意", "是否退回重办"), "")  # fmt: skip
    bring(engine, tmp_path, [
        issue_row(1), issue_row(2),
        issue_row(3, 办结时间="2020-02-12 09:00", 是否满意="否"),
        issue_row(4, 交办时间="", 办理结果="未解决", **UNCALLED),
        issue_row(5, **unseen),
        open_case(6, 办理时限="2020-02-15 23:59"),
        open_case(7, 办理时限="2020-02-16 00:00", **IN_FANSHIDU),
    ])  # fmt: skip
    whole = ("accepted", "assigned", "due", "on_time", "closed", "solved", "called_back", "reached", "satisfied")
    here = {
        (ZHONGHE, *whole): 2,
        (ZHONGHE, "accepted", "assigned", "due", "closed", "solved", "called_back", "reached"): 1,
        (ZHONGHE, "accepted", "due", "on_time", "closed"): 1,
        (ZHONGHE,): 1,
        (ZHONGHE, "accepted", "assigned", "due"): 1,
    }
    assert course(engine) == here | {(JIANGSHAN, "accepted", "assigned"): 1}
    assert course(engine, within=ZHONGHE) == here
    assert course(engine, first=202003) == {}
    assert course(engine, scope=Scope("330212", until=202001)) == {}
    later = course(engine, within=JIANGSHAN, as_of=dt.date(2020, 2, 16))
    assert later == {(JIANGSHAN, "accepted", "assigned", "due"): 1}


def test_days_run_from_acceptance_to_closing_or_to_the_as_of_day_whatever_the_time_of_day(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, tmp_path, [
        issue_row(1, 受理时间="2020-02-03 23:50", 办结时间="2020-02-04 00:10"),
        issue_row(2, 受理时间="2020-02-03 09:30", 办结时间="2020-02-03 23:59", 问题类型="投诉"),
        issue_row(3, 办结时间="2020-03-01 00:00", 问题类型="投诉"),
        open_case(4), open_case(5, 问题类型="投诉", **IN_FANSHIDU),
    ])  # fmt: skip

    def days(**choice: object) -> list[tuple[str, int, bool, int]]:
        frame = read_durations(
            engine,
            **({"scope": ALL, "as_of": AS_OF, "dimension": "category"} | YEAR | choice),  # type: ignore[arg-type]
        )
        return [tuple(row) for row in frame.itertuples(index=False)]

    assert days() == [
        ("complaint", 0, True, 1), ("complaint", 12, False, 1), ("complaint", 27, True, 1),
        ("livelihood_help", 1, True, 1), ("livelihood_help", 12, False, 1),
    ]  # fmt: skip
    assert days(within=JIANGSHAN) == [("complaint", 12, False, 1)]
    assert days(dimension="channel", within=ZHONGHE, as_of=dt.date(2020, 2, 3))[0] == ("hotline", 0, False, 1)
    assert days(dimension="area_type") == [
        ("rural", 12, False, 1), ("urban", 0, True, 1), ("urban", 1, True, 1), ("urban", 12, False, 1),
        ("urban", 27, True, 1),
    ]  # fmt: skip
    assert days(scope=Scope("330212", until=202001)) == []


def test_only_issues_in_estates_and_firms_have_their_groups_and_an_unknown_group_is_said(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, tmp_path, [
        issue_row(1, 小区编号="X001"), issue_row(2, 小区编号="X003"), issue_row(3, 企业编号="Q003"), issue_row(4),
        issue_row(5, 企业编号="Q001", **IN_FANSHIDU),
    ])  # fmt: skip

    def groups(dimension: str) -> dict[str, int]:
        frame = read_durations(engine, scope=ALL, as_of=AS_OF, dimension=dimension, **YEAR)
        return dict(zip(frame["value"], frame["cases"], strict=True))

    assert groups("management") == {"managed": 1}, "an office building is no estate"
    assert groups("firm_size") == {"large": 1, "unknown": 1}
    assert groups("category") == {"livelihood_help": 5}


def test_issues_closed_before_they_were_accepted_keep_their_sign(one: Engine, tmp_path: Path) -> None:
    bring(one, tmp_path, [issue_row(1, 受理时间="2020-02-08 09:30", 交办时间="", 首次答复时间="", 答复时限="")])
    frame = read_durations(one, scope=ALL, as_of=AS_OF, dimension="category", **YEAR)
    assert frame["days"].tolist() == [-1]


def test_a_group_that_is_not_offered_is_refused(one: Engine) -> None:
    assert "campaign" not in DIMENSIONS
    with pytest.raises(ValueError, match="campaign"):
        read_durations(one, scope=ALL, as_of=AS_OF, dimension="campaign", **YEAR)


def test_the_backlog_is_parted_by_age_and_by_deadline_at_the_end_of_the_day(engine: Engine, tmp_path: Path) -> None:
    accepted = ("2020-02-08", "2020-02-07", "2020-01-31", "2020-01-30", "2020-01-16", "2020-01-15", "2019-11-17",
                "2019-11-16")  # fmt: skip
    due = ("2020-02-15 23:59", "2020-02-16 00:00", "2020-02-22 23:59", "2020-02-23 00:00", "", "2020-01-20 08:00",
           "2020-02-20 08:00", "2020-02-20 08:00")  # fmt: skip
    rows = [
        open_case(number, 诉求时间=f"{day} 08:00", 受理时间=f"{day} 09:30", 交办时间="", 首次答复时间="", 答复时限="",
                  办理时限=deadline)
        for number, (day, deadline) in enumerate(zip(accepted, due, strict=True), 1)
    ]  # fmt: skip
    bring(engine, tmp_path, [*rows, issue_row(9), open_case(10, **IN_FANSHIDU)])
    frame = read_backlog(engine, scope=ALL, level="township", within=ZHONGHE, as_of=AS_OF)
    found = {(row["age"], row["deadline"]): row["cases"] for row in frame.to_dict("records")}
    assert found == {
        (0, "overdue"): 1, (1, "soon"): 2, (2, "later"): 1, (2, "none"): 1, (3, "overdue"): 1, (3, "soon"): 1,
        (4, "soon"): 1,
    }  # fmt: skip
    villages = read_backlog(engine, scope=ALL, level="village", as_of=AS_OF).groupby("place")["cases"].sum()
    assert villages.to_dict() == {CHENGXING: 8, FANSHIDU: 1}
    released = read_backlog(engine, scope=Scope("330212", until=201912), level="township", as_of=AS_OF)
    assert released["cases"].sum() == 2


def test_closings_are_laid_out_by_their_distance_from_the_deadline(engine: Engine, tmp_path: Path) -> None:
    bring(engine, tmp_path, [
        issue_row(1), issue_row(2, 办结时间="2020-02-10 18:00"), issue_row(3, 办结时间="2020-02-10 18:01"),
        issue_row(4, 办结时间="2020-02-11 08:00"), issue_row(5, 办理时限=""), open_case(6),
    ])  # fmt: skip
    frame = read_margins(engine, scope=ALL, **YEAR)
    assert [tuple(row) for row in frame.itertuples(index=False)] == [
        (ZHONGHE, -3, True, 1), (ZHONGHE, 0, False, 1), (ZHONGHE, 0, True, 1), (ZHONGHE, 1, False, 1),
    ]  # fmt: skip
    assert read_margins(engine, scope=ALL, within=JIANGSHAN, **YEAR).empty


def test_answers_of_people_nobody_reached_are_counted_until_the_row_comes_in_mended(
    engine: Engine, tmp_path: Path
) -> None:
    unheard = {"是否回访": "是", "是否接通": "否", "是否满意": "是"}
    bring(engine, tmp_path, [issue_row(1), issue_row(2, **unheard), issue_row(3, **unheard, **IN_FANSHIDU)])
    counted = read_unheard(engine, scope=ALL, **YEAR)
    assert dict(zip(counted["place"], counted["cases"], strict=True)) == {ZHONGHE: 1, JIANGSHAN: 1}
    assert read_unheard(engine, scope=ALL, first=202003, last=202012).empty
    bring(engine, tmp_path, [issue_row(2)], "mended.csv")
    assert read_unheard(engine, scope=ALL, **YEAR)["place"].tolist() == [JIANGSHAN]


def test_only_the_newest_version_of_a_case_counts(one: Engine, tmp_path: Path) -> None:
    bring(one, tmp_path, [open_case(1)])
    bring(one, tmp_path, [issue_row(1, 办理时限="2020-02-20 18:00")], "later.csv")
    assert read_backlog(one, scope=ALL, level="township", as_of=AS_OF).empty
    frame = read_durations(one, scope=ALL, as_of=AS_OF, dimension="category", **YEAR)
    assert frame[["days", "closed", "cases"]].values.tolist() == [[4, True, 1]]


def test_a_village_that_was_closed_counts_under_the_one_that_carries_its_history(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, tmp_path, [open_case(1, **IN_FANSHIDU), open_case(2, **IN_LUJIAYAN)])
    with writing(engine) as connection:
        closed = sa.update(place).where(place.c.code == LUJIAYAN)
        connection.execute(closed.values(valid_to=dt.date(2020, 2, 14), successor=FANSHIDU))
    frame = read_backlog(engine, scope=ALL, level="village", within=JIANGSHAN, as_of=AS_OF)
    assert frame.groupby("place")["cases"].sum().to_dict() == {FANSHIDU: 2}
    assert course(engine) == {(JIANGSHAN, "accepted", "assigned"): 2}


def test_places_outside_the_scope_are_refused(one: Engine) -> None:
    own = Scope(root="330212", villages_of=(ZHONGHE,))
    assert read_backlog(one, scope=own, level="township", within=JIANGSHAN, as_of=AS_OF).empty
    for within in (JIANGSHAN, None):
        with pytest.raises(NotPermitted):
            read_backlog(one, scope=own, level="village", within=within, as_of=AS_OF)
    with pytest.raises(NotPermitted):
        read_paths(one, scope=own, within=FANSHIDU, as_of=AS_OF, **YEAR)
    assert read_paths(one, scope=own, within=CHENGXING, as_of=AS_OF, **YEAR).empty
    for within in ("330203", "330212' OR 1=1"):
        with pytest.raises(NotPermitted):
            read_paths(one, scope=ALL, within=within, as_of=AS_OF, **YEAR)
        with pytest.raises(NotPermitted):
            read_durations(one, scope=ALL, within=within, as_of=AS_OF, dimension="category", **YEAR)
        with pytest.raises(NotPermitted):
            read_margins(one, scope=ALL, within=within, **YEAR)
