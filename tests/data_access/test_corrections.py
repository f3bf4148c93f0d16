"""After any correction of events the counts are those of the events as they stand now."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.counts import read_measurements
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.permissions import Scope
from data_access.releases import current_data_version
from data_access.rollup_check import differences
from data_access.tables import inspection_result, measurement_monthly
from tests.data_access.small_district import (
    agree,
    counted,
    issue_row,
    load,
    open_case,
    registers,
    visit,
    write_issues,
    write_measurements,
    write_visits,
)

ALL = Scope(root="330212")
CHENGXING, DONGYU, FANSHIDU = "330212005001", "330212005002", "330212110001"


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def test_a_mistaken_late_date_that_is_corrected_takes_the_as_of_day_back(engine: Engine, tmp_path: Path) -> None:
    rows = [issue_row(1), open_case(2, 办理时限="2020-02-12 18:00")]
    load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert counted(engine, "330212")["all"]["due"] == 0
    load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(3, 办结时间="2021-02-07 17:00")]))
    assert counted(engine, "330212")["all"]["due"] == 3
    load(engine, "issues", write_issues(tmp_path / "c.csv", [issue_row(3)]))
    version = current_data_version(engine)
    assert (version.as_of.isoformat(), version.provisional_from) == ("2020-02-07", 202002)
    assert counted(engine, "330212")["all"]["due"] == 0
    assert agree(engine)


def test_a_mistaken_early_month_that_is_corrected_is_forgotten(engine: Engine, tmp_path: Path) -> None:
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), issue_row(2, 诉求时间="2015-02-03 09:00")]))
    assert current_data_version(engine).first_month == 201502
    load(engine, "issues", write_issues(tmp_path / "b.csv", [issue_row(2)]))
    assert (current_data_version(engine).first_month, current_data_version(engine).last_month) == (202002, 202002)
    assert agree(engine)


def test_later_inspections_do_not_make_cases_overdue_that_nobody_has_reported_on(
    engine: Engine, tmp_path: Path
) -> None:
    visits = write_visits(tmp_path / "v.xlsx", [visit(1, "Q001", "2020-03-31", ("合格", "", ""))])
    load(engine, "inspections", visits)
    assert current_data_version(engine).as_of.isoformat() == "2020-03-31"
    load(engine, "issues", write_issues(tmp_path / "a.csv", [issue_row(1), open_case(2)]))
    assert current_data_version(engine).as_of.isoformat() == "2020-02-07"
    assert counted(engine, "330212")["all"]["overdue_open"] == 0
    later = write_visits(tmp_path / "w.xlsx", [visit(2, "Q001", "2020-04-30", ("合格", "", ""))])
    load(engine, "inspections", later)
    assert counted(engine, "330212")["all"]["overdue_open"] == 0
    assert current_data_version(engine).last_month == 202004
    assert agree(engine)


def test_an_item_left_empty_in_a_visit_sent_again_is_withdrawn(engine: Engine, tmp_path: Path) -> None:
    visits = [
        visit(1, "Q001", "2020-02-05", ("合格", "不合格", "合格")),
        visit(2, "Q002", "2020-02-05", ("合格", "", "")),
    ]
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", visits))
    again = [visit(1, "Q001", "2020-02-05", ("合格", "", "合格"))]
    summary = load(engine, "inspections", write_visits(tmp_path / "w.xlsx", again))
    assert (summary.rows_changed, summary.rows_unchanged) == (1, 2)
    assert counted(engine, FANSHIDU, source="inspections")["all"]["items_checked"] == 2
    assert counted(engine, FANSHIDU, source="inspections")["all"]["sites_fully_passed"] == 1
    with reading(engine) as connection:
        kept = sa.select(sa.func.count()).select_from(inspection_result)
        assert connection.execute(kept).scalar_one() == 4, "the withdrawn result stays readable"
    assert agree(engine)


def test_a_month_whose_only_visit_is_corrected_away_has_no_counts_anywhere(engine: Engine, tmp_path: Path) -> None:
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", [visit(1, "Q001", "2020-05-05", ("合格", "", ""))]))
    assert counted(engine, "330212", source="inspections", month=202005)["all"]["sites_registered"] == 12
    load(engine, "inspections", write_visits(tmp_path / "w.xlsx", [visit(1, "Q001", "2020-02-05", ("合格", "", ""))]))
    assert counted(engine, "330212", source="inspections", month=202005) == {}
    assert counted(engine, "330212", source="inspections", month=202002)["all"]["sites_inspected"] == 1
    assert agree(engine)


def test_somebody_reached_who_gave_no_answer_is_not_dissatisfied(engine: Engine, tmp_path: Path) -> None:
    rows = [issue_row(1, 是否满意=""), issue_row(2, 是否满意="否"), issue_row(3)]
    load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    all_cases = counted(engine, "330212005")["all"]
    assert (all_cases["reached"], all_cases["satisfied"], all_cases["solved_dissatisfied"]) == (3, 1, 1)
    assert agree(engine)


def test_cases_that_contradict_themselves_are_set_aside(engine: Engine, tmp_path: Path) -> None:
    rows = [
        issue_row(1),
        open_case(2, 办理结果="已解决"),
        issue_row(3, 是否回访="否", 是否满意=""),
        open_case(4, 办理时限="9999-12-31"),
    ]
    summary = load(engine, "issues", write_issues(tmp_path / "a.csv", rows))
    assert [(one.row, one.reason) for one in summary.problems] == [
        (3, "contradiction"), (4, "contradiction"), (5, "order_of_dates"),
    ]  # fmt: skip
    assert current_data_version(engine).provisional_from == 202002


def test_groups_that_the_register_decides_are_not_reported_as_parts(engine: Engine, tmp_path: Path) -> None:
    rows = [
        ("officials_per_1000", FANSHIDU, "2020-03", "", "6", "1200"),
        ("officials_per_1000", FANSHIDU, "2020-03", "农村", "6", "1200"),
        ("officials_per_1000", FANSHIDU, "2020-03", "老村社", "6", "1200"),
    ]
    summary = load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    assert (summary.rows_new, [one.reason for one in summary.problems]) == (1, ["unknown_part", "unknown_part"])
    assert agree(engine)


def test_measurements_of_the_future_are_set_aside(engine: Engine, tmp_path: Path) -> None:
    rows = [
        ("plans_current", "330212110", "2020-03", "", "9", "10", "2020-02-01"),
        ("plans_current", "330212110", "2098-03", "", "9", "10"),
        ("plans_current", "330212110", "2020-04", "", "9", "10", "2098-02-01"),
    ]
    summary = load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    assert [one.reason for one in summary.problems] == ["in_the_future", "in_the_future"]
    assert current_data_version(engine).last_month == 202003
    read = read_measurements(
        engine, scope=ALL, indicators=["plans_current"], level="township", first=202001, last=299912
    )
    assert read["month"].tolist() == [202003]


def test_a_visit_without_any_result_is_set_aside_with_its_row(engine: Engine, tmp_path: Path) -> None:
    visits = [visit(1, "Q001", "2020-02-05", ("", "", "")), visit(2, "Q001", "2020-02-06", ("合格", "一般", "1"))]
    summary = load(engine, "inspections", write_visits(tmp_path / "v.xlsx", visits))
    assert [(one.row, one.column, one.reason) for one in summary.problems] == [
        (3, "检查项目", "empty"), (4, "测温验码", "not_understood"),
    ]  # fmt: skip
    assert summary.rows_new == 2
    with pytest.raises(UserError, match="没有填写任何项目"):
        load(engine, "inspections", write_visits(tmp_path / "w.xlsx", visits[:1]))


def test_verifying_looks_at_the_dates_and_the_number_of_places_behind_a_measurement(
    engine: Engine, tmp_path: Path
) -> None:
    rows = [
        ("officials_per_1000", FANSHIDU, "2020-03", "", "6", "1200", "2020-02-01"),
        ("officials_per_1000", "330212110004", "2020-03", "", "6", "1500", "2020-01-01"),
        ("cogovernance_bodies", "330212110", "2020-03", "党建+社会组织", "3", "4", "2020-01-05"),
        ("plans_current", "330212110", "2020-03", "", "9", "10"),
    ]
    load(engine, "measurements", write_measurements(tmp_path / "m.xlsx", rows))
    assert agree(engine)
    with writing(engine) as connection:
        at = measurement_monthly.c.level == "district"
        connection.execute(measurement_monthly.update().where(at).values(places_counted=7, verified_on=None))
    with reading(engine) as connection:
        found = differences(connection)
    assert sum("places_counted is 7, the events say 2" in line for line in found) >= 3
    assert sum("verified_on is 0" in line for line in found) >= 2


def test_an_empty_database_agrees_with_itself(engine: Engine) -> None:
    assert agree(engine)
