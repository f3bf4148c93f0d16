"""Punctuality and validity from the record of loads: by hand, against the slow twin, and after withdrawals."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.engine import reading, writing
from data_access.load_record_check import recount_load_indicators
from data_access.rollups import recount
from data_access.submissions import due_on, record_submissions, refresh_all_load_indicators, refresh_load_indicators
from data_access.tables import (
    batch,
    inspection_monthly,
    issue_monthly,
    measurement,
    measurement_monthly,
    submission,
)
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


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with three_townships(database_url) as engine:
        yield engine


def add_issues(connection: Connection, township: str, month: int, reported: int) -> None:
    counters = {column.name: 0 for column in issue_monthly.c if column.name not in issue_monthly.primary_key.columns}
    values = {"level": "township", "dimension": "all", "value": "all", "place_code": township, "month": month}
    connection.execute(issue_monthly.insert().values(**(counters | values | {"reported": reported})))


def figures(connection: Connection, indicator: str) -> dict[tuple[str, int], tuple[float, float, int]]:
    m = measurement_monthly.c
    statement = sa.select(m.place_code, m.month, m.numerator, m.denominator, m.places_counted)
    return {
        (code, month): (x, n, places)
        for code, month, x, n, places in connection.execute(statement.where(m.indicator == indicator))
    }


def test_a_report_is_due_in_the_following_month_also_over_the_turn_of_the_year() -> None:
    assert due_on(202211, day=15) == dt.date(2022, 12, 15)
    assert due_on(202212, day=15) == dt.date(2023, 1, 15)


def test_reports_are_on_time_late_or_missing(engine: Engine) -> None:
    with writing(engine) as connection:
        send(connection, {
            ("drills_done", TOWN, 202202): dt.date(2022, 3, 15), ("drills_done", OTHER, 202202): dt.date(2022, 3, 16),
            ("drills_done", TOWN, 202203): dt.date(2022, 4, 1),
        })  # fmt: skip
        refresh_load_indicators(connection, {202202, 202203})
    with reading(engine) as connection:
        found = figures(connection, "reports_on_time")
    # The third township was founded in March: nothing was expected from it in February.
    assert found[TOWN, 202202] == (1, 1, 1)
    assert found[OTHER, 202202] == (0, 1, 1)
    assert (THIRD, 202202) not in found
    assert found["330212", 202202] == (1, 2, 2)
    # Seen from 1 April, March's reports are not due before the 15th: those that have not come are not late yet.
    assert found["330212", 202203] == (1, 1, 1)


def test_a_report_that_never_came_counts_once_its_day_has_passed(engine: Engine) -> None:
    with writing(engine) as connection:
        send(connection, {("drills_done", TOWN, 202203): dt.date(2022, 4, 1)})
        refresh_load_indicators(connection, {202203})
        send(connection, {("drills_done", TOWN, 202206): dt.date(2022, 7, 1)})
        refresh_load_indicators(connection, {202206})
    with reading(engine) as connection:
        found = figures(connection, "reports_on_time")
    assert found[OTHER, 202203] == (0, 1, 1)
    assert found["330212", 202203] == (1, 3, 3)


def test_the_earliest_receipt_counts_and_a_correction_does_not_make_a_report_late(engine: Engine) -> None:
    key = ("drills_done", TOWN, 202202)
    with writing(engine) as connection:
        first = send(connection, {key: dt.date(2022, 3, 10)})
        send(connection, {key: dt.date(2022, 6, 1)})
        refresh_load_indicators(connection, {202202})
        assert figures(connection, "reports_on_time")[TOWN, 202202][:2] == (1, 1)
        connection.execute(batch.update().where(batch.c.id == first).values(withdrawn_at=LOADED))
        refresh_load_indicators(connection, {202202})
        assert figures(connection, "reports_on_time")[TOWN, 202202][:2] == (0, 1)


def test_the_day_of_the_batch_counts_where_rows_do_not_say_when_they_were_reported(engine: Engine) -> None:
    with writing(engine) as connection:
        for received, expected in ((dt.date(2022, 3, 9), dt.date(2022, 3, 9)), (None, LOADED.date())):
            number = add_batch(connection, received=received)
            record_submissions(
                connection, source="measurements", batch_id=number, received={("drills_done", TOWN, 202202): 4}
            )
            statement = sa.select(submission.c.received_on, submission.c.rows_taken)
            assert connection.execute(statement.where(submission.c.batch_id == number)).one() == (expected, 4)


def test_sources_without_a_day_to_report_by_are_never_late(engine: Engine) -> None:
    with writing(engine) as connection:
        send(connection, {("", TOWN, 202202): dt.date(2022, 9, 1)}, source="issues")
        refresh_load_indicators(connection, {202202})
        assert figures(connection, "reports_on_time") == {}


def test_records_set_aside_count_once_however_often_they_are_sent(engine: Engine) -> None:
    with writing(engine) as connection:
        add_issues(connection, OTHER, 202202, 97)
        for _ in range(2):
            number = add_batch(connection, "issues")
            set_aside(connection, number, code=VILLAGE, month=202202, key="G1")
            set_aside(connection, number, code=OTHER, month=202202, key="G2")
        set_aside(connection, number, code=OTHER, month=202202)  # without a number: a record of its own
        set_aside(connection, number, code=None, month=202202)  # nobody can be told it is theirs
        set_aside(connection, number, code=OTHER, month=None)
        refresh_load_indicators(connection, {202202})
        assert figures(connection, "records_valid") == {
            (OTHER, 202202): (97, 100, 1), ("330212", 202202): (97, 100, 1),
        }  # fmt: skip
        connection.execute(batch.update().values(withdrawn_at=LOADED))
        refresh_load_indicators(connection, {202202})
        assert figures(connection, "records_valid")[OTHER, 202202] == (97, 97, 1)


def test_only_the_named_months_of_records_are_counted_anew(engine: Engine) -> None:
    with writing(engine) as connection:
        add_issues(connection, TOWN, 202201, 10)
        add_issues(connection, TOWN, 202202, 20)
        refresh_load_indicators(connection, {202201})
        assert set(figures(connection, "records_valid")) == {(TOWN, 202201), ("330212", 202201)}
        refresh_all_load_indicators(connection)
        assert figures(connection, "records_valid")[TOWN, 202202] == (20, 20, 1)


def test_a_recount_of_measured_values_leaves_the_two_indicators_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        add_issues(connection, OTHER, 202202, 5)
        send(connection, {("drills_done", OTHER, 202202): dt.date(2022, 3, 1)})
        refresh_all_load_indicators(connection)
        before = figures(connection, "records_valid"), figures(connection, "reports_on_time")
        recount(connection, "measurements", {(VILLAGE, 202202), (OTHER, 202202)}, as_of=LOADED.date())
        assert (figures(connection, "records_valid"), figures(connection, "reports_on_time")) == before


@pytest.mark.parametrize("seed", range(4))
def test_figures_equal_those_of_the_slow_twin(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    months = [202111, 202112, 202201, 202202, 202203, 202204]
    with writing(engine) as connection:
        for _ in range(12):
            keys = {
                (chance.choice(("drills_done", "plans_current")), chance.choice((TOWN, OTHER, THIRD)), month)
                for month in chance.sample(months, 4)
            }
            days = {key: due_on(key[2], day=15) + dt.timedelta(days=chance.randint(-9, 60)) for key in keys}
            number = send(connection, days, taken=chance.randint(0, 5))
            for _ in range(chance.randint(0, 4)):
                code = chance.choice((TOWN, OTHER, VILLAGE, "330212", None))
                key = chance.choice((None, "A", "B", "C"))
                set_aside(connection, number, code=code, month=chance.choice([*months, None]), key=key)
            if chance.random() < 0.3:
                connection.execute(batch.update().where(batch.c.id == number).values(withdrawn_at=LOADED))
            for code, level_key in ((OTHER, "x"), (VILLAGE, "y")):
                if chance.random() < 0.5:
                    connection.execute(
                        measurement.insert().values(
                            content_hash=f"{number}", batch_id=number, row_number=1, indicator=level_key + str(number),
                            place_code=code, month=chance.choice(months), dimension="all", value="all", numerator=1,
                            denominator=1, bounded=True,
                        )
                    )  # fmt: skip
        refresh_all_load_indicators(connection)
    with reading(engine) as connection:
        for indicator in ("reports_on_time", "records_valid"):
            frame = recount_load_indicators(connection)
            frame = frame.loc[frame["indicator"] == indicator]
            expected = {
                (one["place_code"], one["month"]): (one["numerator"], one["denominator"], one["places_counted"])
                for one in frame.to_dict("records")
            }
            assert figures(connection, indicator) == expected
            assert expected


def test_results_of_inspections_are_records_too(engine: Engine) -> None:
    counters = {
        name.name: 0 for name in inspection_monthly.c if name.name not in inspection_monthly.primary_key.columns
    }
    counters |= {"items_checked": 8, "items_passed": 6, "rechecked": 2, "rectified": 1}
    with writing(engine) as connection:
        values = {"level": "township", "dimension": "all", "value": "all", "place_code": TOWN, "month": 202202}
        connection.execute(inspection_monthly.insert().values(**(counters | values)))
        refresh_load_indicators(connection, {202202})
        assert figures(connection, "records_valid")[TOWN, 202202] == (10, 10, 1)
