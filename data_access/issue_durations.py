"""Reads of the course of issues, grouped in the database: how far they came, how long they took, which are open.

Monthly counts hold no assignment, no path through the steps and no days. These reads count the events themselves and
give some hundreds of rows, never the cases one by one. A place that was closed counts under the one that carries its
history. "Open" is accepted and not closed; days are whole days between calendar days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql import ColumnElement

from data_access.engine import count_rows_read, reading
from data_access.issue_counts import counter_conditions
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.tables import batch, estate, firm, issue, place, rejected_row, site
from data_access.village_counts import end_of
from data_access.words import CODE_LENGTHS, UNKNOWN
from geo.place_codes import level_of

FLAGS: Final = (
    "accepted", "assigned", "due", "on_time", "closed", "solved", "called_back", "reached", "satisfied",
)  # fmt: skip
"""What is told of an issue: the steps it went through, and whether its deadline had passed."""
DIMENSIONS: Final = ("category", "channel", "management", "firm_size", "area_type")
AGES: Final = (7, 15, 30, 90)
"""Last day of each class of age but the open one at the end."""
SOON: Final = 7
DEADLINES: Final = ("overdue", "soon", "later", "none")
"""Whether the deadline of an open issue has passed, lies in the next seven days, lies later, or is not on record."""
UNHEARD: Final = "Satisfaction is given although nobody was reached."
"""The sentence of the rule in ``ingestion.issue_rows`` that sets such rows aside."""


def read_paths(
    engine: Engine, *, scope: Scope, within: str | None = None, first: int, last: int, as_of: dt.date
) -> pd.DataFrame:
    """How far the issues reported from month `first` to `last` came, by township.

    Returns
    -------
    DataFrame
        place (township), the columns of `FLAGS` (true or false) and cases: one row for every combination that occurs.
        "due" and "on_time" are judged at the end of `as_of`, as in the monthly counts; "solved" is verified as solved.

    Raises
    ------
    NotPermitted
        When the scope does not reach these townships.
    """
    conditions = counter_conditions(as_of)
    named: Mapping[str, ColumnElement[bool]] = {
        "accepted": conditions["accepted"],
        "assigned": issue.c.assigned_at.is_not(None),
        "due": conditions["due"],
        "on_time": conditions["closed_on_time"],
        "closed": conditions["closed"],
        "solved": issue.c.solved.is_(True),
        "called_back": conditions["called_back"],
        "reached": conditions["reached"],
        "satisfied": conditions["satisfied"],
    }
    carrier, chosen = _chosen(scope, level="township", within=within, first=first, last=last)
    bits: ColumnElement[int] = sa.literal(0)
    for number, flag in enumerate(FLAGS):
        bits = bits + sa.case((named[flag], 1 << number), else_=0)
    rows = (
        sa.select(_township(carrier.c.place).label("place"), bits.label("pattern"))
        .join(carrier, carrier.c.code == issue.c.place_code)
        .where(*chosen)
        .subquery()
    )
    with reading(engine) as connection:
        frame = _counted(connection, rows, ["place", "pattern"])
    pattern = frame.pop("pattern").to_numpy(dtype=np.int64)
    for number, flag in enumerate(FLAGS):
        frame.insert(1 + number, flag, (pattern >> number & 1).astype(bool))
    return frame


def read_durations(
    engine: Engine, *, scope: Scope, within: str | None = None, first: int, last: int, as_of: dt.date, dimension: str
) -> pd.DataFrame:
    """Days from acceptance to closing, or to `as_of` where an issue is open, by a value of one of `DIMENSIONS`.

    Returns
    -------
    DataFrame
        value ("unknown" where the register does not say), days (≥ 0), closed (true or false), cases. Issues that lie
        in no estate (or firm) are absent with the dimension management (or firm_size), and those that were never
        accepted always; issues whose dates contradict each other (closed before accepted) have days below 0.

    Raises
    ------
    NotPermitted
        When the scope does not reach these townships.
    """
    if dimension not in DIMENSIONS:
        raise ValueError(f"{dimension!r} is none of {', '.join(DIMENSIONS)}.")
    i = issue.c
    carrier, chosen = _chosen(scope, level="township", within=within, first=first, last=last)
    start = issue.join(carrier, carrier.c.code == i.place_code)
    unknown = sa.literal(UNKNOWN)
    if dimension == "management":
        start = start.join(site, sa.and_(site.c.code == i.estate_code, site.c.kind == "estate"))
        start = start.join(estate, estate.c.code == site.c.code)
        value: ColumnElement[Any] = sa.func.coalesce(estate.c.management, unknown)
    elif dimension == "firm_size":
        start = start.join(firm, firm.c.code == i.firm_code)
        value = sa.func.coalesce(firm.c.size, unknown)
    elif dimension == "area_type":
        start = start.join(place, place.c.code == carrier.c.place)
        value = sa.func.coalesce(place.c.area_type, unknown)
    else:
        value = i[dimension]
    with reading(engine) as connection:
        until = sa.func.coalesce(i.closed_at, sa.literal(dt.datetime.combine(as_of, dt.time()), sa.DateTime))
        rows = (
            sa.select(
                value.label("value"),
                _days(connection, until, i.accepted_at).label("days"),
                sa.case((i.closed_at.is_not(None), 1), else_=0).label("closed"),
            )
            .select_from(start)
            .where(*chosen, i.accepted_at.is_not(None))
            .subquery()
        )
        frame = _counted(connection, rows, ["value", "days", "closed"])
    return frame.astype({"days": "int64", "closed": bool})


def read_backlog(
    engine: Engine, *, scope: Scope, level: str, within: str | None = None, as_of: dt.date
) -> pd.DataFrame:
    """The issues that are open at the end of `as_of`, of all months that may be read, by place of `level`.

    Returns
    -------
    DataFrame
        place, age (0 to 4: class of the days since acceptance, see `AGES`), deadline (of `DEADLINES`), cases.

    Raises
    ------
    NotPermitted
        When the scope does not reach these places.
    """
    i = issue.c
    carrier, chosen = _chosen(scope, level=level, within=within, first=0, last=999912)
    with reading(engine) as connection:
        days = _days(connection, sa.literal(dt.datetime.combine(as_of, dt.time()), sa.DateTime), i.accepted_at)
        soon = end_of(as_of + dt.timedelta(days=SOON))
        rows = (
            sa.select(
                (carrier.c.place if level == "village" else _township(carrier.c.place)).label("place"),
                sa.case(*((days <= limit, number) for number, limit in enumerate(AGES)), else_=len(AGES)).label("age"),
                sa.case(
                    (i.due_at.is_(None), "none"), (i.due_at < end_of(as_of), "overdue"), (i.due_at < soon, "soon"),
                    else_="later",
                ).label("deadline"),
            )
            .join(carrier, carrier.c.code == i.place_code)
            .where(*chosen, i.accepted_at.is_not(None), i.closed_at.is_(None))
            .subquery()
        )  # fmt: skip
        frame = _counted(connection, rows, ["place", "age", "deadline"])
    return frame.astype({"age": "int64"})


def read_margins(engine: Engine, *, scope: Scope, within: str | None = None, first: int, last: int) -> pd.DataFrame:
    """How many days before (negative) or after their deadline issues were closed, by township.

    Returns
    -------
    DataFrame
        place, days (closing day minus the day of the deadline), on_time (closed by the minute of the deadline), cases.
        Issues without a deadline or still open are absent.

    Raises
    ------
    NotPermitted
        When the scope does not reach these townships.
    """
    i = issue.c
    carrier, chosen = _chosen(scope, level="township", within=within, first=first, last=last)
    with reading(engine) as connection:
        rows = (
            sa.select(
                _township(carrier.c.place).label("place"),
                _days(connection, i.closed_at, i.due_at).label("days"),
                sa.case((i.closed_at <= i.due_at, 1), else_=0).label("on_time"),
            )
            .join(carrier, carrier.c.code == i.place_code)
            .where(*chosen, i.closed_at.is_not(None), i.due_at.is_not(None))
            .subquery()
        )
        frame = _counted(connection, rows, ["place", "days", "on_time"])
    return frame.astype({"days": "int64", "on_time": bool})


def read_unheard(engine: Engine, *, scope: Scope, first: int, last: int) -> pd.DataFrame:
    """Rows set aside because they say whether somebody was satisfied whom nobody had reached: place (township), cases.

    Rows of withdrawn batches, rows that came in mended, and rows whose township or month could not be told are absent.
    """
    r = rejected_row.c
    rows = (
        sa.select(_township(r.place_code).label("place"))
        .join(batch, batch.c.id == r.batch_id)
        .where(
            batch.c.source == "issues", batch.c.withdrawn_at.is_(None), r.resolved_by.is_(None),
            r.reason == "contradiction", r.sentence_en == UNHEARD, r.place_code.startswith(scope.root),
            r.month.between(first, scope.last_month(last)),
        )
        .subquery()
    )  # fmt: skip
    with reading(engine) as connection:
        return _counted(connection, rows, ["place"])


def _chosen(
    scope: Scope, *, level: str, within: str | None, first: int, last: int
) -> tuple[sa.CTE, list[ColumnElement[bool]]]:
    within = within or scope.root
    scope.check(level=level, within=within)
    if level_of(within) == "village":  # a village's own figures, whatever level was asked for
        scope.check(level="village", within=within)
    start = sa.select(place.c.code, place.c.code.label("place")).where(
        place.c.successor.is_(None), is_below(place.c.code, level="village", within=within)
    )
    known = start.cte("carrier", recursive=True)
    carrier = known.union_all(sa.select(place.c.code, known.c.place).join(known, place.c.successor == known.c.code))
    return carrier, [issue.c.superseded_by.is_(None), issue.c.month.between(first, scope.last_month(last))]


def _township(code: ColumnElement[str]) -> ColumnElement[str]:
    return sa.func.substr(code, 1, sa.literal_column(str(CODE_LENGTHS["township"])))


def _days(connection: Connection, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[int]:
    """Whole days between the calendar days of two times."""
    if connection.dialect.name == "postgresql":
        return sa.cast(later, sa.Date) - sa.cast(earlier, sa.Date)
    julian = (sa.func.julianday(sa.func.date(one)) for one in (later, earlier))
    return sa.cast(next(julian) - next(julian), sa.Integer)


def _counted(connection: Connection, rows: sa.Subquery, keys: list[str]) -> pd.DataFrame:
    """The rows of a subquery counted by `keys`, in their order."""
    columns = [rows.c[name] for name in keys]
    statement = sa.select(*columns, sa.func.count()).group_by(*columns).order_by(*columns)
    frame = pd.DataFrame(connection.execute(statement).all(), columns=[*keys, "cases"])
    count_rows_read(len(frame))
    return frame.astype({"cases": "int64"})
