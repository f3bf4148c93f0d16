"""Data versions: every committed load makes a new one, and every read names the one it used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.engine import reading
from data_access.tables import batch, data_version, inspection_result, issue, measurement

TIMES = ("reported_at", "accepted_at", "assigned_at", "first_answered_at", "closed_at")
"""The times of an issue at which something happened; the latest of them all is the as-of day."""


@dataclass(frozen=True)
class DataVersion:
    """State of the data after one load.

    Attributes
    ----------
    number
        Rises by one with every load.
    as_of
        Latest day on which anything happened to an issue; deadlines are judged at its end. Before any issue the latest
        day of an inspection; None before either.
    first_month, last_month
        YYYYMM of the earliest and latest event; None before any event.
    provisional_from
        First month with accepted issues whose deadline had not passed at `as_of`; None when all are due.
    demonstration
        True as soon as any batch holds made-up figures.
    released_until
        The newest month that is public, for marking later ones; 0 where none is, None where nobody asked.
    """

    number: int
    created_at: dt.datetime
    as_of: dt.date | None
    first_month: int | None
    last_month: int | None
    provisional_from: int | None
    demonstration: bool
    released_until: int | None = None


def current_data_version(engine: Engine) -> DataVersion | None:
    """The newest version, or None when nothing has been loaded."""
    with reading(engine) as connection:
        return current_version(connection)


def current_version(connection: Connection) -> DataVersion | None:
    """The newest version as seen by an open connection, or None."""
    row = connection.execute(sa.select(data_version).order_by(data_version.c.number.desc()).limit(1)).first()
    if row is None:
        return None
    return DataVersion(
        row.number, row.created_at, row.as_of, row.first_month, row.last_month, row.provisional_from, row.demonstration
    )


@dataclass(frozen=True)
class Added:
    """What a load put in, given only when it replaced nothing: the days and months known before can only widen.

    `latest_day` is the latest day in the issues it brought (None: it brought none), the months those of all its rows.
    """

    latest_day: dt.date | None
    first_month: int | None
    last_month: int | None


def next_version(
    connection: Connection, *, batch_id: int | None, demonstration: bool, added: Added | None = None
) -> DataVersion:
    """Make the version that follows a load or a withdrawal. Days and months are those of the events as they stand now,
    so that they move back as well when a mistaken date was corrected; with `added` they need not be read anew."""
    before = current_version(connection)
    if added is not None and before is not None and _had_issues(connection, batch_id):
        as_of = max(day for day in (before.as_of, added.latest_day) if day is not None)
        first = min((m for m in (before.first_month, added.first_month) if m is not None), default=None)
        last = max((m for m in (before.last_month, added.last_month) if m is not None), default=None)
    else:
        as_of = _latest_day(connection)
        first, last = _months(connection)
    made_up = sa.select(batch.c.id).where(batch.c.demonstration, batch.c.withdrawn_at.is_(None)).limit(1)
    values = {
        "number": before.number + 1 if before else 1,
        "created_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "as_of": as_of,
        "first_month": first,
        "last_month": last,
        "provisional_from": _provisional_from(connection, as_of),
        "demonstration": demonstration or connection.execute(made_up).first() is not None,
    }
    connection.execute(data_version.insert().values(batch_id=batch_id, **values))
    return DataVersion(**values)


def _had_issues(connection: Connection, batch_id: int | None) -> bool:
    """Whether there were issues before this batch: the as-of day is theirs as soon as there are any."""
    others = sa.select(issue.c.id).where(issue.c.superseded_by.is_(None), issue.c.batch_id != batch_id).limit(1)
    return connection.execute(others).first() is not None


def _latest_day(connection: Connection) -> dt.date | None:
    statement = sa.select(*(sa.func.max(issue.c[name]) for name in TIMES)).where(issue.c.superseded_by.is_(None))
    latest = [moment for moment in connection.execute(statement).one() if moment is not None]
    if latest:
        return max(latest).date()
    inspected = sa.select(sa.func.max(inspection_result.c.inspected_on))
    return connection.execute(inspected.where(inspection_result.c.superseded_by.is_(None))).scalar()


def _months(connection: Connection) -> tuple[int | None, int | None]:
    """The first and the last month of any event, YYYYMM."""
    ends = []
    for table in (issue, inspection_result, measurement):
        statement = sa.select(sa.func.min(table.c.month), sa.func.max(table.c.month))
        ends += connection.execute(statement.where(table.c.superseded_by.is_(None))).one()
    months = [month for month in ends if month is not None]
    return min(months, default=None), max(months, default=None)


def _provisional_from(connection: Connection, as_of: dt.date | None) -> int | None:
    if as_of is None:
        return None
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    statement = sa.select(sa.func.min(issue.c.month)).where(
        issue.c.superseded_by.is_(None), issue.c.due_at >= end, issue.c.accepted_at.is_not(None)
    )
    return connection.execute(statement).scalar()
