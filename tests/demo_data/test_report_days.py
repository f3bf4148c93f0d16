"""When the made-up reports come: mostly in time, some places and offices often late, nothing after the last day."""

import datetime as dt
from collections import defaultdict

import numpy as np

from data_access.demo_data.measurement_plan import DEPARTMENTS
from data_access.demo_data.report_days import LAST_DAY, SLACK_TOWNSHIPS, SLOW_DEPARTMENTS, file_day, report_days
from tests.demo_data.conftest import Written
from tests.demo_data.test_files import _measurement_rows, _month

TOWNSHIPS = 21


def _late() -> np.ndarray:
    days = report_days(np.random.default_rng([330212, 62]), TOWNSHIPS)
    due = (np.datetime64("2020-02") + np.arange(36)).astype("datetime64[D]") + 14
    assert days.min() >= np.datetime64("2020-02-03") and days.max() <= LAST_DAY
    return days > due


def test_most_reports_are_on_time_and_a_few_townships_are_often_late() -> None:
    late = _late()
    assert 0.03 < late.mean() < 0.08
    by_township = np.sort(late.mean(axis=(0, 2)))
    assert (by_township[-SLACK_TOWNSHIPS:] > 0.15).all()
    assert (by_township[:-SLACK_TOWNSHIPS] < 0.08).all()


def test_slow_departments_are_late_more_often_than_the_others() -> None:
    by_department = dict(zip(DEPARTMENTS, _late().mean(axis=(1, 2)), strict=True))
    slow = min(by_department[name] for name in SLOW_DEPARTMENTS)
    assert slow > max(rate for name, rate in by_department.items() if name not in SLOW_DEPARTMENTS)


def test_a_department_sends_all_figures_of_a_township_and_month_on_one_day_after_the_month(written: Written) -> None:
    for sheets in written.measurements.values():
        days = defaultdict(set)
        for sheet in sheets:
            for row in sheet.rows:
                days[str(row["单位代码"])[:9], _month(row)].add(row["报送日期"])
        assert {len(one) for key, one in days.items() if key[1] != "2021-05"} == {1}
    assert all(row["报送日期"] > _month(row) + "-31" for row in _measurement_rows(written))


def test_files_are_received_after_what_they_tell_of(written: Written) -> None:
    assert file_day("演示数据_问题工单_2020年上半年") == dt.date(2020, 7, 8)
    assert file_day("演示数据_防控检查_2022年第4季度") == dt.date(2023, 1, 8)
    received = {file.path.name: file.received_on for file in written.files}
    assert max(received.values()) == LAST_DAY.item()
    assert len({day for name, day in received.items() if "问题工单" in name}) == 6
