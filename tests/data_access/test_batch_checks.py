"""Batches as a whole: what is told to the steward about volumes, times, columns and answers, and what is not."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import writing
from data_access.ingestion import batch_checks, batch_picture
from data_access.ingestion.batch_checks import batch_flags
from data_access.ingestion.load_summary import LoadSummary
from data_access.ingestion.problems import Flag
from data_access.rollups import recount_everything
from data_access.tables import batch, issue
from tests.data_access.small_district import issue_row, load, registers, visit, write_issues, write_visits

HISTORY = ("2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06")
ZHONGHE = {"所属镇街": "中河街道", "所属村社": "城兴社区", "村社代码": "330212005001"}
JIANGSHAN = {"所属镇街": "姜山镇", "所属村社": "翻石渡村", "村社代码": "330212110001"}
_NUMBERS = iter(range(1, 10**6))


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def cases(month: str, number: int, *, first: int = 1, last: int = 0, **changes: str) -> list[dict[str, str]]:
    """`number` cases of a month, spread evenly from day `first` to day `last` (0: the month's end), each closed three
    days later at a minute of its own; `changes` are cells by heading."""
    year, of_year = int(month[:4]), int(month[5:])
    days = (last or calendar.monthrange(year, of_year)[1]) - first + 1
    rows = []
    for one in range(number):
        start = dt.datetime(year, of_year, first) + dt.timedelta(minutes=(2 * one + 1) * days * 1440 // number // 2)
        times = {
            "诉求时间": 0,
            "受理时间": 1,
            "交办时间": 2,
            "首次答复时间": 5,
            "办结时间": 72,
            "办理时限": 120,
            "答复时限": 24,
        }
        cells = {name: f"{start + dt.timedelta(hours=hours):%Y-%m-%d %H:%M}" for name, hours in times.items()}
        rows.append(issue_row(next(_NUMBERS), **(cells | changes)))
    return rows


def load_cases(engine: Engine, folder: Path, rows: list[dict[str, str]]) -> LoadSummary:
    """Load the rows as a file of their own."""
    return load(engine, "issues", write_issues(folder / f"cases-{next(_NUMBERS)}.csv", rows))


def past(engine: Engine, folder: Path, number: int = 60, **changes: str) -> None:
    """Six months with `number` cases each in 中河街道 and half as many in 姜山镇; one in 25 is dissatisfied."""
    rows = []
    for month in HISTORY:
        rows += cases(month, number, **(ZHONGHE | changes)) + cases(month, number // 2, **(JIANGSHAN | changes))
    for row in rows[::25]:
        row["是否满意"] = "否"
    assert load_cases(engine, folder, rows).flags == ()


def reasons(summary: LoadSummary) -> list[tuple[str, str | None, int | None]]:
    """(reason, place, month) of each flag."""
    return [(flag.reason, flag.place_code, flag.month) for flag in summary.flags]


def test_a_month_with_less_than_half_of_the_usual_cases_is_told_and_a_running_month_is_not(
    engine: Engine, tmp_path: Path
) -> None:
    past(engine, tmp_path)
    running = load_cases(engine, tmp_path, cases("2020-07", 18, last=8) + cases("2020-07", 9, last=8, **JIANGSHAN))
    assert running.flags == ()
    short = load_cases(engine, tmp_path, cases("2020-07", 8, first=9, last=30))
    assert short.flags == (), "the month is still mostly of the other batch"
    next_month = load_cases(engine, tmp_path, cases("2020-08", 20) + cases("2020-08", 10, **JIANGSHAN))
    assert reasons(next_month) == [("month_shrank", "330212", 202007), ("month_shrank", "330212", 202008)]
    zh, en = next_month.flags[0].zh, next_month.flags[0].en
    assert "2020年7月只有 35 件工单" in zh and "补载" in zh
    assert "2020-07 has 35 cases, less than half of the usual 90 a month" in en
    after = load_cases(engine, tmp_path, cases("2020-09", 60) + cases("2020-09", 30, **JIANGSHAN))
    assert after.flags == (), "what was told of August is not told again with September"


def test_a_township_that_always_reported_and_has_no_case_now_is_told(engine: Engine, tmp_path: Path) -> None:
    past(engine, tmp_path)
    summary = load_cases(engine, tmp_path, cases("2020-07", 90))
    assert reasons(summary) == [("place_silent", "330212110", 202007)]
    assert summary.flags[0].zh.startswith("姜山镇2020年7月没有一件工单，此前六个月每月一般有 30 件")


def test_a_file_of_one_channel_or_of_one_small_township_is_compared_with_its_like(
    engine: Engine, tmp_path: Path
) -> None:
    past(engine, tmp_path)
    past(engine, tmp_path, 80, 渠道来源="网格巡查")
    hotline = load_cases(engine, tmp_path, cases("2020-07", 60) + cases("2020-07", 30, **JIANGSHAN))
    assert hotline.flags == ()
    township = load_cases(engine, tmp_path, cases("2020-07", 40, **(JIANGSHAN | {"渠道来源": "网格巡查"})))
    assert township.flags == ()
    rest = load_cases(engine, tmp_path, cases("2020-07", 80, **(ZHONGHE | {"渠道来源": "网格巡查"})))
    assert rest.flags == ()
    short = load_cases(engine, tmp_path, cases("2020-08", 20) + cases("2020-08", 10, **JIANGSHAN))
    assert reasons(short) == [("month_shrank", "330212", 202008)]
    assert short.flags[0].zh.startswith("在本批次所涉的渠道和镇街，2020年8月只有 30 件工单，此前六个月每月一般有 90 件")


def test_corrections_that_carry_a_month_away_are_told(engine: Engine, tmp_path: Path) -> None:
    rows = cases("2020-02", 60)
    load_cases(engine, tmp_path, rows)
    moved = [row | {name: cell.replace("2020-0", "2021-0") for name, cell in row.items()} for row in rows[:40]]
    summary = load_cases(engine, tmp_path, moved)
    assert reasons(summary) == [("month_lost_rows", "330212", 202002)]
    assert "2020年2月原有 60 件工单，本批次更正后只剩 20 件" in summary.flags[0].zh


def test_a_month_that_comes_twice_under_new_numbers_is_told(engine: Engine, tmp_path: Path) -> None:
    past(engine, tmp_path)
    twice = cases("2020-07", 130) + cases("2020-07", 80, **JIANGSHAN)
    twice[0]["是否满意"] = "否"
    summary = load_cases(engine, tmp_path, twice)
    assert reasons(summary) == [("month_grew", "330212", 202007)]


def test_days_without_a_case_are_told_also_between_two_files(engine: Engine, tmp_path: Path) -> None:
    past(engine, tmp_path, 120)
    july = cases("2020-07", 120, last=20) + cases("2020-07", 60, last=20, **JIANGSHAN)
    assert load_cases(engine, tmp_path, july).flags == (), "the month may still be running"
    summary = load_cases(engine, tmp_path, cases("2020-08", 120) + cases("2020-08", 60, **JIANGSHAN))
    assert reasons(summary) == [("days_missing", "330212", 202007)]
    assert summary.flags[0].zh.startswith("2020-07-21 至 2020-07-31 没有一件工单，平时每天约 6 件")
    holed = cases("2020-09", 120, last=10) + cases("2020-09", 60, first=20, **JIANGSHAN)
    assert reasons(load_cases(engine, tmp_path, holed)) == [("days_missing", "330212", 202009)]


def test_times_without_an_hour_and_cases_closed_in_one_minute_are_told(engine: Engine, tmp_path: Path) -> None:
    day_only = [
        row | {"办结时间": row["办结时间"][:10]}
        for row in cases("2020-02", 60, 是否回访="否", 是否接通="否", 是否满意="")
    ]
    summary = load_cases(engine, tmp_path, day_only)
    assert [(flag.reason, flag.column, flag.found) for flag in summary.flags] == [
        ("one_time_of_day", "办结时间", "00:00")
    ]
    at_once = [row | {"办结时间": "2020-03-31 23:59"} for row in cases("2020-03", 40, last=20)]
    summary = load_cases(engine, tmp_path, at_once + cases("2020-03", 40))
    assert reasons(summary) == [("closed_at_once", "330212005", 202003)]
    assert "中河街道有 40 件工单都在 2020-03-31 23:59 这一分钟办结" in summary.flags[0].zh


def test_a_column_that_used_to_be_filled_and_comes_empty_is_told_but_not_of_young_cases(
    engine: Engine, tmp_path: Path
) -> None:
    past(engine, tmp_path)
    open_ended = {"办结时间": "", "办理结果": "", "是否回访": "", "是否接通": "", "是否满意": "", "是否退回重办": ""}
    young = cases("2020-07", 60, last=12, **open_ended) + cases("2020-07", 30, last=12, **(JIANGSHAN | open_ended))
    assert load_cases(engine, tmp_path, young).flags == (), "they are not closed because they are new"
    rest = load_cases(engine, tmp_path, cases("2020-07", 40, first=13) + cases("2020-07", 20, first=13, **JIANGSHAN))
    assert rest.flags == ()
    renamed = cases("2020-08", 60, 办理时限="") + cases("2020-08", 30, **(JIANGSHAN | {"办理时限": ""}))
    summary = load_cases(engine, tmp_path, renamed)
    assert [(flag.reason, flag.column) for flag in summary.flags] == [("columns_emptied", "办理时限")]
    never_closed = cases("2020-09", 60, **open_ended) + cases("2020-09", 30, **(JIANGSHAN | open_ended))
    summary = load_cases(engine, tmp_path, never_closed)
    assert [flag.reason for flag in summary.flags] == ["columns_emptied"]
    assert all(name in summary.flags[0].zh for name in ("办结时间", "办理结果", "是否回访", "是否接通", "是否满意"))


def test_a_township_where_suddenly_everybody_is_happy_is_told_and_ordinary_luck_is_not(
    engine: Engine, tmp_path: Path
) -> None:
    past(engine, tmp_path)
    lucky = load_cases(engine, tmp_path, cases("2020-07", 60) + cases("2020-07", 30, **JIANGSHAN))
    assert lucky.flags == ()
    rows = cases("2020-08", 90) + cases("2020-09", 90) + cases("2020-10", 90)
    rest = [row | {"是否满意": "否"} for row in cases("2020-08", 2, **JIANGSHAN)]
    rest += cases("2020-08", 30, **JIANGSHAN) + cases("2020-09", 30, **JIANGSHAN) + cases("2020-10", 30, **JIANGSHAN)
    summary = load_cases(engine, tmp_path, rows + rest)
    assert reasons(summary) == [("nobody_unhappy", "330212005", None)]
    assert "中河街道回访接通的 270 人全部满意" in summary.flags[0].zh


def test_a_large_batch_is_looked_at_by_samples_and_says_exact_figures(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(engine, tmp_path, 120)
    rows = cases("2020-08", 120) + cases("2020-08", 60, **JIANGSHAN)  # July is missing and so is its last day
    rows += [row | {"办结时间": "2020-09-30 23:59"} for row in cases("2020-09", 60, last=9)]
    rows += (
        cases("2020-09", 160, first=10)
        + cases("2020-10", 120)
        + cases("2020-09", 1, **(JIANGSHAN | {"是否满意": "否"}))
    )
    path = write_issues(tmp_path / "large.csv", rows)
    load(engine, "issues", path)
    with writing(engine) as connection:
        newest = connection.execute(sa.select(sa.func.max(batch.c.id))).scalar_one()
        # As if the batch were being loaded: the counts are those before it.
        kept = issue.c.batch_id == newest
        connection.execute(issue.update().where(kept).values(superseded_by=newest))
        recount_everything(connection, as_of=dt.date(2020, 7, 5))
        connection.execute(issue.update().where(kept).values(superseded_by=None))
        asked = {"source": "issues", "batch_id": newest, "first_month": 202008, "last_month": 202010}
        whole = batch_flags(connection, **asked)
        monkeypatch.setattr(batch_picture, "SAMPLE_ROWS", 100)
        sampled = batch_flags(connection, **asked)
        connection.rollback()
    assert {"month_shrank", "place_silent", "days_missing", "closed_at_once"} <= {flag.reason for flag in whole}
    assert sampled == whole


def test_months_that_differ_by_chance_raise_nothing(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(330212)
    for month in ("2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06", "2020-07", "2020-08", "2020-09"):
        rows = cases(month, int(rng.poisson(50))) + cases(month, int(rng.poisson(18)), **JIANGSHAN)
        for row in rows:
            if rng.random() < 0.02:
                row["是否满意"] = "否"
        assert load_cases(engine, tmp_path, rows).flags == ()


def test_inspections_may_come_in_campaigns_but_a_month_that_nearly_vanishes_is_told(
    engine: Engine, tmp_path: Path
) -> None:
    def sheet(month: int, number: int) -> LoadSummary:
        visits = [
            visit(
                next(_NUMBERS),
                ("Q001", "Q003")[one % 2],
                f"2020-{month:02d}-{one * 28 // number + 1:02d}",
                ("合格", "不合格", "合格"),
            )
            for one in range(number)
        ]
        return load(engine, "inspections", write_visits(tmp_path / f"v{month}.xlsx", visits))

    for month, number in enumerate((600, 500, 300, 220, 180, 170, 165), start=1):
        assert sheet(month, number).flags == (), "after a campaign fewer are usual"
    summary = sheet(8, 20)
    assert reasons(summary) == [("month_shrank", "330212", 202008)]
    assert "条检查结果" in summary.flags[0].zh


def test_registers_and_files_without_rows_of_their_own_have_no_flags(engine: Engine, tmp_path: Path) -> None:
    rows = cases("2020-02", 60)
    load_cases(engine, tmp_path, rows)
    again = load(engine, "issues", write_issues(tmp_path / "again.csv", rows, encoding="utf-8"))
    assert again.rows_unchanged == 60 and again.flags == ()
    with engine.connect() as connection:
        assert batch_flags(connection, source="places", batch_id=1, first_month=None, last_month=None) == []


def test_no_more_than_200_flags_are_kept_and_the_last_one_says_how_many_are_left() -> None:
    many = [Flag("place_silent", f"{one}", f"{one}") for one in range(250)]
    kept = batch_checks._bounded(many)
    assert len(kept) == 200
    assert (kept[-1].reason, kept[-1].found) == ("more_flags", "51")
    assert Counter(flag.reason for flag in kept)["place_silent"] == 199
