"""Shortfalls by object and estates by age: counted by hand in the small district, one by one in the demonstration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import create_engine
from data_access.estate_ages import read_estate_ages
from data_access.permissions import NotPermitted, Scope
from data_access.shortfalls import read_shortfalls
from tests.data_access.small_district import issue_row, load, registers, visit, write_issues, write_visits

ALL = Scope(root="330212")
DAY = dt.date(2020, 3, 31)
IN_DONGYU = {"所属村社": "东裕社区", "村社代码": "330212005002"}
UNSOLVED = {"办理结果": "未解决", "是否满意": "否"}


def cases() -> list[dict[str, str]]:
    """Owner-governed 乙苑: two unsolved of three. Managed 甲苑: one of two. The office building 丙楼: one of one."""
    return [
        issue_row(1, 小区编号="X002", **IN_DONGYU, **UNSOLVED),
        issue_row(2, 小区编号="X002", **IN_DONGYU, **UNSOLVED),
        issue_row(3, 小区编号="X002", **IN_DONGYU),
        issue_row(4, 小区编号="X001", **UNSOLVED),
        issue_row(5, 小区编号="X001", 重复工单号="G00004"),
        issue_row(6, 小区编号="X003", **UNSOLVED),
        issue_row(7),
    ]


VISITS = [
    visit(1, "Q001", "2020-02-05", ("合格", "合格", "合格")),
    visit(2, "Q002", "2020-02-05", ("不合格", "不合格", "合格")),
    visit(3, "Q002", "2020-02-12", ("合格", "不合格", ""), recheck="是"),
    visit(4, "Q002", "2020-03-05", ("合格", "不合格", "合格")),
]


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = registers(database_url, tmp_path)
    load(made, "issues", write_issues(tmp_path / "cases.csv", cases()))
    load(made, "inspections", write_visits(tmp_path / "visits.xlsx", VISITS))
    yield made
    made.dispose()


def held(engine: Engine, scope: Scope = ALL, **changes: Any) -> list[tuple[str, int, int]]:
    given: dict[str, Any] = {
        "source": "issues", "dimension": "management", "values": ["self_governed"], "numerator": "verified_solved",
        "denominator": "due", "first": 202001, "last": 202012, "as_of": DAY,
    } | changes  # fmt: skip
    return list(read_shortfalls(engine, scope=scope, **given).itertuples(index=False, name=None))


def test_objects_are_counted_by_how_many_cases_went_wrong(engine: Engine) -> None:
    assert held(engine) == [("330212005", 2, 1)]
    assert held(engine, values=["managed"]) == [("330212005", 1, 1)]  # the office building has no management
    assert held(engine, values=["managed"], numerator="repeats", denominator="reported", events=True) == [
        ("330212005", 1, 1)
    ]
    assert held(engine, dimension="area_type", values=["urban"]) == [("330212005", 2, 2)]
    assert held(engine, townships=["330212110"]) == []
    assert held(engine, first=202003) == []
    firms = {"source": "inspections", "dimension": "firm_size", "values": ["small", "micro"]}
    assert held(engine, **firms, numerator="items_passed", denominator="items_checked") == [("330212110", 3, 1)]
    assert held(engine, **firms, numerator="rectified", denominator="rechecked") == [("330212110", 1, 1)]
    assert held(engine, **firms, numerator="sites_fully_passed", denominator="sites_inspected") == [("330212110", 2, 1)]
    until = Scope(root="330212", until=202002)
    assert held(engine, until, **firms, numerator="items_passed", denominator="items_checked") == [("330212110", 2, 1)]


def test_estates_are_counted_by_management_and_age(engine: Engine) -> None:
    counts = read_estate_ages(engine, scope=ALL, source="issues", first=202001, last=202012, as_of=DAY)
    rows = {
        (row["management"], row["estate_age"]): (row["verified_solved"], row["due"])
        for row in counts.to_dict("records")
    }
    assert rows == {("self_governed", "before_2000"): (1, 3), ("managed", "from_2000"): (1, 2)}
    none = read_estate_ages(
        engine, scope=ALL, source="issues", townships=["330212110"], first=202001, last=202012, as_of=DAY
    )
    assert none.empty


def test_the_root_of_a_scope_must_be_a_place_and_objects_must_hold_the_shortfalls(engine: Engine) -> None:
    with pytest.raises(NotPermitted):
        held(engine, Scope(root="3302x2"))
    with pytest.raises(NotPermitted):
        read_estate_ages(engine, scope=Scope(root="3302x2"), source="issues", first=202001, last=202012, as_of=DAY)
    with pytest.raises(ValueError, match="no objects"):
        held(engine, dimension="channel")
    with pytest.raises(ValueError, match="no objects"):
        held(engine, source="inspections", numerator="sites_inspected", denominator="sites_registered")


def test_in_the_demonstration_both_equal_counting_every_row_by_itself(demo_sqlite: Path) -> None:
    made = create_engine(f"sqlite:///{demo_sqlite}")
    with made.connect() as connection:
        looks = pd.read_sql(
            sa.text(
                "select i.site_code, i.month, i.passed, i.recheck, p.parent, e.management, s.registered_from "
                "from inspection_result i join site s on s.code = i.site_code and s.kind = 'estate' "
                "join estate e on e.code = s.code join place q on q.code = i.place_code "
                "join place p on p.code = coalesce(q.successor, q.code) "
                "where i.superseded_by is null and i.month between 202201 and 202212"
            ),
            connection,
        )
    first = looks[looks["recheck"] == 0]
    own = first[first["management"] == "self_governed"]
    missed = (1 - own["passed"]).groupby([own["parent"], own["site_code"]]).sum()
    expected = missed[missed > 0].reset_index().groupby(["parent", "passed"]).size()
    found = read_shortfalls(
        made, scope=ALL, source="inspections", dimension="management", values=["self_governed"],
        numerator="items_passed", denominator="items_checked", first=202201, last=202212, as_of=DAY,
    )  # fmt: skip
    assert len(found) > 20
    assert {(row.township, row.missed): row.objects for row in found.itertuples()} == expected.to_dict()
    ages = read_estate_ages(made, scope=ALL, source="inspections", first=202201, last=202212, as_of=DAY)
    year = first["registered_from"] // 100
    band = pd.cut(year, [0, 1999, 2009, 2019, 9999], labels=["before_2000", "from_2000", "from_2010", "from_2020"])
    sums = first.groupby([first["management"].fillna("unknown"), band.astype(str)])["passed"].agg(["sum", "size"])
    got = {(row.management, row.estate_age): (row.items_passed, row.items_checked) for row in ages.itertuples()}
    assert got == {key: (int(row["sum"]), int(row["size"])) for key, row in sums.iterrows()}
    made.dispose()
