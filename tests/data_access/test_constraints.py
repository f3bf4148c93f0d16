"""The database itself refuses nonsense, whatever program writes to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from data_access import schema
from data_access.engine import reading, writing
from data_access.tables import (
    INSPECTION_COUNTERS,
    ISSUE_COUNTERS,
    estate,
    firm,
    inspection_monthly,
    inspection_result,
    issue,
    issue_monthly,
    measurement,
    person,
    place,
    site,
)
from tests.data_access.small_district import registers

MORNING = dt.datetime(2020, 2, 3, 9)
GOOD_ISSUE = {
    "content_hash": "0" * 16, "batch_id": 1, "row_number": 2, "case_no": "G1", "place_code": "330212005001",
    "month": 202002, "channel": "hotline", "category": "complaint", "campaign": "none", "reported_at": MORNING,
    "accepted_at": MORNING, "called_back": False, "reached": False, "reopened": False,
}  # fmt: skip
GOOD_RESULT = {
    "content_hash": "0" * 16, "batch_id": 1, "row_number": 2, "record_no": "J1", "item": "gate_control",
    "site_code": "Q001", "place_code": "330212110001", "month": 202002, "inspected_on": dt.date(2020, 2, 3),
    "passed": True, "recheck": False,
}  # fmt: skip
GOOD_MEASUREMENT = {
    "content_hash": "0" * 16, "batch_id": 1, "row_number": 2, "indicator": "plans_current", "place_code": "330212110",
    "month": 202002, "dimension": "all", "value": "all", "numerator": 3, "denominator": 4, "bounded": True,
}  # fmt: skip
CELL = {"level": "village", "dimension": "all", "month": 202002, "place_code": "330212005001", "value": "all"}
GOOD_COUNTS = CELL | dict.fromkeys(ISSUE_COUNTERS, 0)
GOOD_CHECKS = CELL | dict.fromkeys(INSPECTION_COUNTERS, 0)


@pytest.fixture
def engine(database_url: str, tmp_path: Path):
    made = registers(database_url, tmp_path)
    yield made
    made.dispose()


def insert(engine: Engine, table: sa.Table, values: dict) -> None:
    with writing(engine) as connection:
        connection.execute(table.insert().values(**values))


@pytest.mark.parametrize(
    ("table", "good", "wrong"),
    [
        (issue, GOOD_ISSUE, {"place_code": "330212999999"}),
        (issue, GOOD_ISSUE, {"channel": "pigeon"}),
        (issue, GOOD_ISSUE, {"category": "gossip"}),
        (issue, GOOD_ISSUE, {"campaign": "other"}),
        (issue, GOOD_ISSUE, {"month": 202013}),
        (issue, GOOD_ISSUE, {"estate_code": "X999"}),
        (issue, GOOD_ISSUE, {"closed_at": MORNING - dt.timedelta(days=1)}),
        (issue, GOOD_ISSUE, {"accepted_at": MORNING - dt.timedelta(days=1)}),
        (issue, GOOD_ISSUE, {"called_back": True}),
        (issue, GOOD_ISSUE, {"reached": True}),
        (issue, GOOD_ISSUE, {"satisfied": True}),
        (issue, GOOD_ISSUE, {"batch_id": 999}),
        (inspection_result, GOOD_RESULT, {"site_code": "Q999"}),
        (inspection_result, GOOD_RESULT, {"item": "smell"}),
        (measurement, GOOD_MEASUREMENT, {"numerator": 5}),
        (measurement, GOOD_MEASUREMENT, {"numerator": -1}),
        (measurement, GOOD_MEASUREMENT, {"place_code": "330212998"}),
        (issue_monthly, GOOD_COUNTS, {"reported": -1}),
        (issue_monthly, GOOD_COUNTS, {"accepted": 1}),
        (issue_monthly, GOOD_COUNTS, {"reported": 2, "accepted": 2, "due": 1, "verified_solved": 2}),
        (issue_monthly, GOOD_COUNTS, {"place_code": "330212999999"}),
        (inspection_monthly, GOOD_CHECKS, {"items_passed": 1}),
        (inspection_monthly, GOOD_CHECKS, {"sites_inspected": 1}),
        (place, {"code": "330212111", "level": "township", "parent": "330212", "name": "新镇", "short_name": "新镇",
                 "kind": "town", "valid_from": dt.date(2020, 1, 1)}, {"parent": "999999"}),
        (place, {"code": "330212111", "level": "township", "parent": "330212", "name": "新镇", "short_name": "新镇",
                 "kind": "town", "valid_from": dt.date(2020, 1, 1)}, {"level": "planet"}),
        (person, {"email": "a@b", "name": "甲", "role": "head", "township": "330212110", "active": True},
         {"township": None}),
        (person, {"email": "a@b", "name": "甲", "role": "leader", "active": True}, {"role": "emperor"}),
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_refused_and_its_sound_twin_taken(
    engine: Engine, table: sa.Table, good: dict, wrong: dict
) -> None:
    with pytest.raises(IntegrityError):
        insert(engine, table, good | wrong)
    insert(engine, table, good)


def test_a_case_number_is_current_only_once(engine: Engine) -> None:
    insert(engine, issue, GOOD_ISSUE)
    with pytest.raises(IntegrityError):
        insert(engine, issue, GOOD_ISSUE)
    insert(engine, issue, GOOD_ISSUE | {"superseded_by": 1})


@pytest.mark.parametrize(
    ("table", "key", "wrong"),
    [(estate, "X001", {"management": "anarchy"}), (firm, "Q001", {"size": "gigantic"}), (site, "Q001", {"kind": "x"})],
)
def test_register_words_are_closed(engine: Engine, table: sa.Table, key: str, wrong: dict) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(table.update().where(table.c.code == key).values(**wrong))


def test_sqlite_runs_in_wal_mode_with_foreign_keys_on(tmp_path: Path) -> None:
    made = registers(f"sqlite:///{tmp_path / 'a.db'}", tmp_path)
    with reading(made) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    made.dispose()


def test_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from data_access.tables import metadata

    assert schema.is_current(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_an_undone_transaction_leaves_nothing(engine: Engine) -> None:
    class Stop(Exception):
        pass

    with pytest.raises(Stop), writing(engine) as connection:
        connection.execute(issue.insert().values(**GOOD_ISSUE))
        raise Stop
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(issue)).scalar_one() == 0
