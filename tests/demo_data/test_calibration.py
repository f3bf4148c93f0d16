"""The figures a reader meets are those the district was held to, counted from the written files by plain loops."""

import pytest

from data_access.demo_data.calibration import TARGETS
from tests.demo_data.conftest import Written
from tests.demo_data.reading import WINDOW, count_issues, count_items, refused_issue, share


def _held(name: str, value: float) -> None:
    target = TARGETS[name]
    assert target.holds(value), f"{name} is {value}, meant to lie in {target.low} … {target.high}"


def test_the_spring_of_2020_has_the_papers_figures(written: Written) -> None:
    total = count_issues(row for row in written.issues if WINDOW[0] <= row["诉求时间"] <= WINDOW[1])
    _held("window_reported", total["reported"])
    _held("window_resolution_rate", share(total, "verified_solved", "due"))
    _held("window_satisfaction_rate", share(total, "satisfied", "reached"))


def test_the_three_years_have_the_meant_rates(written: Written) -> None:
    total = count_issues(written.issues)
    _held("reported", total["reported"])
    _held("resolution_rate", share(total, "verified_solved", "due"))
    _held("satisfaction_rate", share(total, "satisfied", "reached"))
    _held("on_time_rate", share(total, "closed_on_time", "due"))
    _held("first_response_rate", share(total, "answered_in_time", "accepted"))
    _held("callback_coverage", share(total, "called_back", "closed"))
    _held("callback_reach_rate", share(total, "reached", "called_back"))
    _held("reopen_rate", share(total, "reopened", "closed"))
    _held("repeat_rate", share(total, "repeats", "reported"))


def test_the_inspections_have_the_meant_size_and_rate(written: Written) -> None:
    items = written.inspections[0].heading[8:]
    _held("visits", sum(len(sheet.rows) for sheet in written.inspections))
    every = count_items((visit for sheet in written.inspections for visit in sheet.rows), items)
    _held("item_results", every["checked"])
    first = count_items(written.first_visits(), items)
    _held("prevention_compliance", first["passed"] / first["checked"])


def test_the_registers_have_the_meant_size_and_mix(written: Written) -> None:
    every = [row for row in written.places.values() if row["层级"] == "村社"]
    villages = [row for row in every if row["终止日期"] == ""]
    assert (len(written.places), len(villages), len(every)) == (1 + 25 + 407 + 2, 407, 409)
    assert sum(int(row["常住人口"]) for row in villages) == pytest.approx(1_600_000, rel=0.03)
    for row in villages:
        people, bounds = int(row["常住人口"]), (600, 3000) if row["类别"] == "村" else (3000, 9000)
        assert bounds[0] <= people <= bounds[1], row
    assert sum("2016-01-01" <= row["成立日期"] <= "2021-12-31" for row in villages) == 35
    homes = [row for row in written.estates.values() if row["类别"] == "住宅小区"]
    assert len(homes) == 1100 and len(written.estates) - len(homes) == 60
    assert sum(row["管理方式"] == "业主自治" for row in homes) / len(homes) == pytest.approx(0.38, abs=0.04)
    sizes = [row["企业规模"] for row in written.firms.values()]
    for size, meant in (("微型", 0.55), ("小型", 0.33), ("中型", 0.09), ("大型", 0.03)):
        assert sizes.count(size) / len(sizes) == pytest.approx(meant, abs=0.03), size


def test_a_townships_figures_are_the_sums_of_its_villages(written: Written) -> None:
    for column in ("常住人口", "户数"):
        for code, row in written.places.items():
            below = [r for r in written.places.values() if r["上级代码"] == code and r["终止日期"] == ""]
            parts = [int(r[column]) for r in below]
            if parts:
                assert int(row[column]) == sum(parts), (code, column)


def test_refused_rows_are_few_and_outside_the_figures(written: Written) -> None:
    refused = [row for rows in written.issue_files for row in rows if refused_issue(row)]
    good = {row["工单编号"] for row in written.issues}
    assert 15 <= len(refused) <= 22
    assert not {row["工单编号"] for row in refused} & good
