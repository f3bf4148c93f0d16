"""Who sent what for which month, and when; and the two indicators that follow from it.

Every load leaves, for each township and month it brought rows of, a line in `submission`. From these lines and from the
rows that were set aside the system computes two indicators itself, as departments compute theirs, into
`measurement_monthly` at the township and every place above it:

reports_on_time
    Of the reports expected from a township for a month, those received by their day. A stream (an indicator of
    measurements) is expected from every township as soon as any township has reported it for that month. The day is
    the source's `due_day` of the following month; sources without one have no day to be late for. A report that has
    not come counts against the township once its day has passed, seen from the newest day on which anything was
    received: the figures depend on the record of loads alone, never on the clock.
records_valid
    Of the records of a month that were received, those that stand. A record that was set aside counts once, however
    often it was sent again, and also when it was mended later; records whose township or month could not be told, and
    registers, which have no months, are left out.

What a township that was closed had to send counts for the one that carries its history. Withdrawn batches count for
neither.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.bulk import insert_rows
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from data_access.lineage import final_successors
from data_access.tables import (
    batch,
    inspection_monthly,
    issue_monthly,
    measurement,
    measurement_monthly,
    place,
    rejected_row,
    submission,
)
from data_access.words import LEVELS

LOAD_INDICATORS = ("reports_on_time", "records_valid")
Key = tuple[str, str, int]
"""Stream, township, month YYYYMM."""
Pairs = dict[tuple[str, int], tuple[int, int]]
"""(Place, month) → numerator and denominator."""
_ABOVE_TOWNSHIP = LEVELS[: LEVELS.index("township") + 1]


def record_submissions(
    connection: Connection,
    *,
    source: str,
    batch_id: int,
    received: Mapping[Key, int],
    reported_on: Mapping[Key, dt.date] | None = None,
) -> None:
    """Note what a batch brought; once a batch, in the loading transaction.

    Parameters
    ----------
    received
        Rows that were taken, by stream (the indicator's code for measurements, "" for issues and inspections),
        township and month.
    reported_on
        The latest day the rows of a key say they were reported on; keys left out were received on the batch's day.
    """
    statement = sa.select(batch.c.received_on, batch.c.loaded_at).where(batch.c.id == batch_id)
    received_on, loaded_at = connection.execute(statement).one()
    day, own_days = received_on or loaded_at.date(), reported_on or {}
    rows = [
        (source, stream, township, month, batch_id, own_days.get((stream, township, month), day), taken)
        for (stream, township, month), taken in received.items()
    ]
    names = ["source", "stream", "place_code", "month", "batch_id", "received_on", "rows_taken"]
    if rows:
        insert_rows(connection, submission, names, rows)


def due_day(source: str) -> int | None:
    """The day of the following month by which a month's report is due; None where the source has none."""
    form = source_form(source).submission
    return form.due_day if form is not None else None


def due_on(month: int, *, day: int) -> dt.date:
    """The date `day` of the month that follows `month` (YYYYMM)."""
    year, number = divmod(month, 100)
    return dt.date(year + number // 12, number % 12 + 1, day)


def refresh_load_indicators(connection: Connection, months: Iterable[int]) -> None:
    """Bring the two indicators up to date after a load, a withdrawal or a recount, inside its transaction.

    `months` are those (YYYYMM) of which anything was loaded or withdrawn; months of which rows were set aside are
    always counted anew. Punctuality is judged anew for every month, because a newer day of receipt makes missing
    reports late. Counts of the events must be done before.
    """
    set_aside = connection.execute(sa.select(rejected_row.c.month).distinct())
    touched = sorted({*months, *(month for (month,) in set_aside if month is not None)})
    townships = _townships(connection)
    m = measurement_monthly.c
    own = sa.and_(m.level.in_(_ABOVE_TOWNSHIP), m.dimension == "all")
    connection.execute(measurement_monthly.delete().where(own, m.indicator == "reports_on_time"))
    rows = [*_as_rows(connection, "reports_on_time", punctuality(connection, townships))]
    if touched:
        connection.execute(
            measurement_monthly.delete().where(own, m.indicator == "records_valid", m.month.in_(touched))
        )
        rows += _as_rows(connection, "records_valid", validity(connection, touched))
    names = ["level", "indicator", "dimension", "month", "place_code", "value", "numerator", "denominator",
             "verified_on", "places_counted"]  # fmt: skip
    if rows:
        insert_rows(connection, measurement_monthly, names, rows)


def refresh_all_load_indicators(connection: Connection) -> None:
    """Both indicators of every month there is anything of."""
    months: set[int] = set()
    for table in (issue_monthly, inspection_monthly, measurement, rejected_row, submission):
        months |= {month for (month,) in connection.execute(sa.select(table.c.month).distinct()) if month is not None}
    refresh_load_indicators(connection, months)


def punctuality(connection: Connection, townships: Mapping[str, tuple[dt.date, dt.date | None]]) -> Pairs:
    """Reports on time and reports expected of each township and month; `townships` with the days they existed."""
    days = {source: day for source in LOAD_ORDER if (day := due_day(source)) is not None}
    s = submission.c
    statement = (
        sa.select(s.source, s.stream, s.place_code, s.month, sa.func.min(s.received_on))
        .join(batch, batch.c.id == s.batch_id)
        .where(batch.c.withdrawn_at.is_(None), s.source.in_(list(days)))
        .group_by(s.source, s.stream, s.place_code, s.month)
    )
    came: dict[tuple[str, str, int], dict[str, dt.date]] = {}
    for source, stream, township, month, first in connection.execute(statement):
        came.setdefault((source, stream, month), {})[township] = first
    seen_from = newest_receipt(connection)
    pairs: dict[tuple[str, int], list[int]] = {}
    for (source, _, month), first_days in came.items():
        due = due_on(month, day=days[source])
        passed = seen_from is not None and seen_from > due
        for township in first_days.keys() | (_existing(townships, month) if passed else set()):
            pair = pairs.setdefault((township, month), [0, 0])
            pair[0] += township in first_days and first_days[township] <= due
            pair[1] += 1
    return {key: (on_time, expected) for key, (on_time, expected) in pairs.items()}


def newest_receipt(connection: Connection) -> dt.date | None:
    """The newest day on which anything was received, withdrawn batches aside; None before anything was."""
    statement = sa.select(sa.func.max(submission.c.received_on)).join(batch, batch.c.id == submission.c.batch_id)
    return connection.execute(statement.where(batch.c.withdrawn_at.is_(None))).scalar()


def validity(connection: Connection, months: list[int]) -> Pairs:
    """Records that stand and records received of each township and month."""
    homes = township_of(connection)
    stand = _standing(connection, months, homes)
    refused = _set_aside(connection, months, homes)
    return {key: (stand[key], stand[key] + refused[key]) for key in stand.keys() | refused.keys()}


def township_of(connection: Connection) -> dict[str, str]:
    """Every township and village mapped to its township; closed ones to that of the place that carries on."""
    statement = sa.select(place.c.code, place.c.level, place.c.parent).where(place.c.level.in_(("township", "village")))
    homes = {code: code if level == "township" else parent for code, level, parent in connection.execute(statement)}
    return homes | {code: homes[end] for code, end in final_successors(connection).items() if code in homes}


def _standing(connection: Connection, months: list[int], homes: Mapping[str, str]) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    results = inspection_monthly.c.items_checked + inspection_monthly.c.rechecked
    for table, counted in ((issue_monthly, issue_monthly.c.reported), (inspection_monthly, results)):
        statement = sa.select(table.c.place_code, table.c.month, counted).where(
            table.c.level == "township", table.c.dimension == "all", table.c.month.in_(months)
        )
        for township, month, rows in connection.execute(statement):
            found[township, month] += rows
    m = measurement.c
    measured = (
        sa.select(m.place_code, m.month, sa.func.count())
        .where(m.superseded_by.is_(None), m.month.in_(months))
        .group_by(m.place_code, m.month)
    )
    for code, month, rows in connection.execute(measured):
        if code in homes:
            found[homes[code], month] += rows
    return +found


def _set_aside(connection: Connection, months: list[int], homes: Mapping[str, str]) -> Counter[tuple[str, int]]:
    r = rejected_row.c
    statement = (
        sa.select(batch.c.source, r.place_code, r.month, r.key_text, sa.func.count())
        .join(batch, batch.c.id == r.batch_id)
        .where(batch.c.withdrawn_at.is_(None), r.place_code.is_not(None), r.month.in_(months))
        .group_by(batch.c.source, r.place_code, r.month, r.key_text)
    )
    found: Counter[tuple[str, int]] = Counter()
    known = set()
    for source, code, month, key, rows in connection.execute(statement):
        if code not in homes:
            continue
        record = (source, homes[code], month, key)
        found[homes[code], month] += rows if key is None else int(record not in known)
        known.add(record)
    return found


def _as_rows(connection: Connection, indicator: str, pairs: Pairs) -> Iterator[tuple[object, ...]]:
    """The rows of `measurement_monthly` of the townships and of every place above them."""
    statement = sa.select(place.c.code, place.c.level, place.c.parent).where(place.c.level.in_(_ABOVE_TOWNSHIP))
    register = {code: (level, parent) for code, level, parent in connection.execute(statement)}
    heirs = final_successors(connection)
    carried: dict[tuple[str, int], tuple[int, int]] = {}
    for (township, month), (numerator, denominator) in pairs.items():
        key = (heirs.get(township, township), month)
        before = carried.get(key, (0, 0))
        carried[key] = (before[0] + numerator, before[1] + denominator)
    sums: dict[tuple[str, int], list[int]] = {}
    for (township, month), pair in carried.items():
        code: str | None = township
        while code in register:
            total = sums.setdefault((code, month), [0, 0, 0])
            for index, amount in enumerate((*pair, 1)):
                total[index] += amount
            code = register[code][1]
    for (code, month), (of_them, all_of_them, townships) in sums.items():
        level = register[code][0]
        yield (level, indicator, "all", month, code, "all", float(of_them), float(all_of_them), None, townships)


def _townships(connection: Connection) -> dict[str, tuple[dt.date, dt.date | None]]:
    statement = sa.select(place.c.code, place.c.valid_from, place.c.valid_to).where(place.c.level == "township")
    return {code: (start, end) for code, start, end in connection.execute(statement)}


def _existing(townships: Mapping[str, tuple[dt.date, dt.date | None]], month: int) -> set[str]:
    """The townships that existed at the end of the month."""
    end = due_on(month, day=1) - dt.timedelta(days=1)
    return {code for code, (start, stop) in townships.items() if start <= end and (stop is None or stop >= end)}
