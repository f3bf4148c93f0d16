"""Counts by two dimensions: equal to the events counted by hand, and adding up to the monthly counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from data_access.counts import read_counts
from data_access.crossed_counts import CROSSED, read_crossed_counts
from data_access.engine import create_engine
from data_access.permissions import NotPermitted, Scope
from data_access.place_changes import merge_places
from data_access.releases import current_data_version
from data_access.tables import INSPECTION_COUNTERS, ISSUE_COUNTERS
from tests.data_access.place_change_world import BY, FANSHIDU, JIANGSHAN, MAOSHAN, MARCH, load_everything
from tests.data_access.small_district import issue_row, load, open_case, registers, visit, write_issues, write_visits

ALL = Scope(root="330212")
AS_OF = dt.date(2020, 2, 29)
WHOLE = {"issues": ("area_type", "settlement_age", "channel", "category", "campaign"),
         "inspections": ("area_type", "settlement_age")}  # fmt: skip
"""Dimensions that apply to every event: summed over one of them, the crossing gives the other's monthly counts."""


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def crossed(engine: Engine, source: str, *dimensions: str, scope: Scope = ALL, **asked: object) -> pd.DataFrame:
    asked = {"first": 190001, "last": 299912, "as_of": AS_OF} | asked
    return read_crossed_counts(engine, scope=scope, source=source, dimensions=dimensions, **asked)  # type: ignore[arg-type]


def as_of(engine: Engine) -> dt.date:
    version = current_data_version(engine)
    assert version is not None and version.as_of is not None
    return version.as_of


def bring_cases(engine: Engine, folder: Path) -> None:
    rows = [
        issue_row(1, 小区编号="X001"), issue_row(2, 小区编号="X001", 问题类型="投诉", 是否满意="否"),
        open_case(3, 小区编号="X002", 所属村社="东裕社区", 村社代码="330212005002"),
        issue_row(4, 小区编号="X003"),  # an office building: on the register of estates, without a management group
        issue_row(5),
    ]  # fmt: skip
    load(engine, "issues", write_issues(folder / "cases.csv", rows))


def test_issues_are_counted_by_both_values_and_those_a_dimension_does_not_apply_to_are_left_out(
    engine: Engine, tmp_path: Path
) -> None:
    bring_cases(engine, tmp_path)
    found = crossed(engine, "issues", "management", "category").set_index(["management", "category"])
    assert found["reported"].to_dict() == {
        ("managed", "complaint"): 1, ("managed", "livelihood_help"): 1, ("self_governed", "livelihood_help"): 1,
    }  # fmt: skip
    assert found.loc[("managed", "complaint"), "satisfied"] == 0
    assert found.loc[("managed", "livelihood_help"), "satisfied"] == 1
    assert found.loc[("self_governed", "livelihood_help"), ["due", "overdue_open"]].tolist() == [1, 1]


def test_deadlines_are_judged_at_the_day_that_is_asked_for(engine: Engine, tmp_path: Path) -> None:
    bring_cases(engine, tmp_path)
    early = crossed(engine, "issues", "area_type", "category", as_of=dt.date(2020, 2, 9))
    assert early["due"].sum() == 0 and early["reported"].sum() == 5


def test_checklist_items_cross_with_the_size_of_firms(engine: Engine, tmp_path: Path) -> None:
    visits = [
        visit(1, "Q001", "2020-02-03", ("合格", "不合格", "合格")),
        visit(2, "Q002", "2020-02-03", ("合格", "", "合格")),
        visit(3, "Q001", "2020-02-05", ("", "合格", ""), recheck="是"),
    ]
    load(engine, "inspections", write_visits(tmp_path / "visits.xlsx", visits))
    found = crossed(engine, "inspections", "item", "firm_size").set_index(["item", "firm_size"])
    assert found.loc[("temperature_check", "large"), list(INSPECTION_COUNTERS)].tolist() == [1, 0, 1, 1, 1, 0, 1]
    assert found.loc[("gate_control", "micro"), ["items_checked", "items_passed"]].tolist() == [1, 1]
    assert ("temperature_check", "micro") not in found.index


def test_a_site_on_the_register_that_nobody_inspected_counts_as_registered(engine: Engine, tmp_path: Path) -> None:
    load(engine, "inspections", write_visits(tmp_path / "v.xlsx", [visit(1, "X001", "2020-02-03", ("合格", "", ""))]))
    found = crossed(engine, "inspections", "management", "area_type").set_index(["management", "area_type"])
    columns = ["sites_registered", "sites_inspected"]
    assert found.loc[("self_governed", "urban"), columns].tolist() == [1, 0]
    assert found.loc[("managed", "urban"), columns].tolist() == [1, 1]


@pytest.mark.parametrize("source", ["issues", "inspections"])
def test_sums_are_the_monthly_counts_also_after_a_village_was_merged(
    engine: Engine, tmp_path: Path, source: str
) -> None:
    load_everything(engine, tmp_path)
    merge_places(engine, before=[FANSHIDU], into=MAOSHAN, on=MARCH, **BY)
    counters = list(ISSUE_COUNTERS if source == "issues" else INSPECTION_COUNTERS)
    for whole, other in permutations(WHOLE[source], 2):
        for within in ("330212", JIANGSHAN):
            found = crossed(engine, source, whole, other, within=within, as_of=as_of(engine))
            level = "district" if within == "330212" else "township"
            stored = read_counts(engine, scope=ALL, source=source, level=level, within=within, first=190001,
                                 last=299912, dimension=other).set_index("value")[counters]  # fmt: skip
            summed = found.groupby(other)[counters].sum()
            assert summed.sort_index().to_dict() == stored.sort_index().to_dict(), (whole, other, within)


@pytest.mark.parametrize("source", ["issues", "inspections"])
def test_sums_of_the_demonstration_are_its_monthly_counts(demo_sqlite: Path, source: str) -> None:
    engine = create_engine(f"sqlite:///{demo_sqlite}")
    counters = list(ISSUE_COUNTERS if source == "issues" else INSPECTION_COUNTERS)
    for whole, other in permutations(WHOLE[source], 2):
        found = crossed(engine, source, whole, other, first=202206, last=202212, as_of=as_of(engine))
        stored = read_counts(engine, scope=ALL, source=source, level="district", first=202206, last=202212,
                             dimension=other).set_index("value")[counters]  # fmt: skip
        assert found.groupby(other)[counters].sum().sort_index().to_dict() == stored.sort_index().to_dict()
    by_group = crossed(engine, source, "area_type", "management", first=202206, last=202212, as_of=as_of(engine))
    stored = read_counts(engine, scope=ALL, source=source, level="district", first=202206, last=202212,
                         dimension="management").set_index("value")[counters]  # fmt: skip
    assert by_group.groupby("management")[counters].sum().sort_index().to_dict() == stored.sort_index().to_dict()


def test_every_two_dimensions_can_be_crossed_and_give_each_pair_once(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    for source, dimensions in CROSSED.items():
        for one, other in combinations(dimensions, 2):
            found = crossed(engine, source, one, other)
            assert not found.duplicated([one, other]).any()
            turned = crossed(engine, source, other, one)
            assert (
                found.sort_values([other, one])[list(turned.columns)].to_numpy().tolist() == turned.to_numpy().tolist()
            )


def test_only_the_chosen_townships_are_counted(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    chosen = crossed(engine, "issues", "area_type", "channel", townships=(JIANGSHAN,))
    within = crossed(engine, "issues", "area_type", "channel", within=JIANGSHAN)
    pd.testing.assert_frame_equal(chosen, within)
    assert crossed(engine, "issues", "area_type", "channel", townships=()).empty


def test_months_after_the_last_that_may_be_read_are_left_out(engine: Engine, tmp_path: Path) -> None:
    load_everything(engine, tmp_path)
    until = crossed(engine, "issues", "area_type", "channel", scope=Scope(root="330212", until=202002))
    assert until["reported"].sum() == crossed(engine, "issues", "area_type", "channel", last=202002)["reported"].sum()
    assert 0 < until["reported"].sum() < crossed(engine, "issues", "area_type", "channel")["reported"].sum()


def test_what_lies_outside_the_scope_is_refused(engine: Engine) -> None:
    with pytest.raises(NotPermitted):
        crossed(engine, "issues", "area_type", "channel", within="330203")


@pytest.mark.parametrize("dimensions", [("channel", "channel"), ("item", "channel"), ("channel", "nothing")])
def test_dimensions_that_cannot_be_crossed_are_named(engine: Engine, dimensions: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be crossed"):
        crossed(engine, "issues", *dimensions)
