"""Data versions: every committed load makes a new one, and every read names the one it used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.engine import reading
from data_access.tables import data_version, issue


@dataclass(frozen=True)
class DataVersion:
    """State of the data after one load.

    Attributes
    ----------
    number
        Rises by one with every load.
    as_of
        Latest day on which anything happened in the data; deadlines are judged at its end. None before any event.
    first_month, last_month
        YYYYMM of the earliest and latest event; None before any event.
    provisional_from
        First month with accepted issues whose deadline had not passed at `as_of`; None when all are due.
    demonstration
        True as soon as any batch holds made-up figures.
    """

    number: int
    created_at: dt.datetime
    as_of: dt.date | None
    first_month: int | None
    last_month: int | None
    provisional_from: int | None
    demonstration: bool


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


def next_version(
    connection: Connection,
    *,
    batch_id: int,
    as_of: dt.date | None,
    first_month: int | None,
    last_month: int | None,
    demonstration: bool,
) -> DataVersion:
    """Make the version that follows a load; dates and months widen what the version before knew."""
    before = current_version(connection)
    days = [day for day in (as_of, before.as_of if before else None) if day]
    firsts = [month for month in (first_month, before.first_month if before else None) if month]
    lasts = [month for month in (last_month, before.last_month if before else None) if month]
    latest = max(days, default=None)
    values = {
        "number": before.number + 1 if before else 1,
        "created_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "as_of": latest,
        "first_month": min(firsts, default=None),
        "last_month": max(lasts, default=None),
        "provisional_from": _provisional_from(connection, latest),
        "demonstration": demonstration or bool(before and before.demonstration),
    }
    connection.execute(data_version.insert().values(batch_id=batch_id, **values))
    return DataVersion(**values)


def _provisional_from(connection: Connection, as_of: dt.date | None) -> int | None:
    if as_of is None:
        return None
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    statement = sa.select(sa.func.min(issue.c.month)).where(
        issue.c.superseded_by.is_(None), issue.c.due_at >= end, issue.c.accepted_at.is_not(None)
    )
    return connection.execute(statement).scalar()
