"""Reads for judging the data: what came and when, how recent it is, who reports nothing.

All of it is the record of loads (`submission`, `batch`) and the monthly counts. Withdrawn batches are left out. What
takes a scope leaves out the months after its `until`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql import ColumnElement

from data_access.engine import count_rows_read, reading
from data_access.ingestion.source_form import LOAD_ORDER
from data_access.permissions import Scope
from data_access.places import is_below
from data_access.submissions import due_day, due_on, newest_receipt
from data_access.tables import (
    batch,
    inspection_monthly,
    issue_monthly,
    measurement_monthly,
    place,
    submission,
)

Condition = Callable[[ColumnElement], ColumnElement[bool]]
"""What a column must fulfil."""
RECEIVED, LATE, MISSING, NOT_DUE = STATES = ("received", "late", "missing", "not_due")


def read_reports(engine: Engine, *, scope: Scope, first: int, last: int) -> pd.DataFrame:
    """Every report expected of a township for the months first..last, and what became of it.

    A stream (an indicator of measurements; "" for the cases and the inspections as a whole) is expected of every
    township for a month as soon as any township has sent it for that month.

    Returns
    -------
    DataFrame
        source, stream, place, month, state, received_on, days_late, rows. state: "received" (by its day, or at all
        where the source has no day), "late", "missing", "not_due" (not come, and its day has not passed on the newest
        day on which anything was received). received_on (date, None where nothing came) is the earliest receipt;
        days_late is 0 unless late; rows is how many rows the batches brought.
    """
    s, below = submission.c, is_below(submission.c.place_code, level="township", within=scope.root)
    statement = (
        sa.select(s.source, s.stream, s.place_code, s.month, sa.func.min(s.received_on), sa.func.sum(s.rows_taken))
        .join(batch, batch.c.id == s.batch_id)
        .where(batch.c.withdrawn_at.is_(None), below, s.month.between(first, scope.last_month(last)))
        .group_by(s.source, s.stream, s.place_code, s.month)
    )
    towns = sa.select(place.c.code, place.c.valid_from, place.c.valid_to).where(
        place.c.level == "township", is_below(place.c.code, level="township", within=scope.root)
    )
    key = ["source", "stream", "place", "month"]
    with reading(engine) as connection:
        came = pd.DataFrame(connection.execute(statement).all(), columns=[*key, "received_on", "rows"])
        townships = pd.DataFrame(connection.execute(towns).all(), columns=["place", "valid_from", "valid_to"])
        seen_from = newest_receipt(connection)
    count_rows_read(len(came))
    expected = came[["source", "stream", "month"]].drop_duplicates().merge(townships, how="cross")
    ends = {month: due_on(month, day=1) - dt.timedelta(days=1) for month in expected["month"].unique()}
    end = expected["month"].map(ends)
    there = (expected["valid_from"] <= end) & (expected["valid_to"].isna() | (expected["valid_to"] >= end))
    reports = expected.loc[there, key].merge(came, on=key, how="outer")
    days = {source: due_day(source) for source in reports["source"].unique()}
    due = [None if days[source] is None else due_on(month, day=days[source])
           for source, month in zip(reports["source"], reports["month"], strict=True)]  # fmt: skip
    arrived = [None if pd.isna(day) else day for day in reports["received_on"]]
    reports["state"] = [_state(day, limit, seen_from) for day, limit in zip(arrived, due, strict=True)]
    reports["received_on"] = pd.Series(arrived, reports.index, dtype=object)
    reports["days_late"] = [
        (day - limit).days if day is not None and limit is not None and day > limit else 0
        for day, limit in zip(arrived, due, strict=True)
    ]
    reports["rows"] = reports["rows"].fillna(0).astype(int)
    return reports.sort_values(key, ignore_index=True)


def _state(arrived: dt.date | None, due: dt.date | None, seen_from: dt.date | None) -> str:
    if arrived is not None:
        return LATE if due is not None and arrived > due else RECEIVED
    return NOT_DUE if due is not None and (seen_from is None or seen_from <= due) else MISSING


def read_freshness(engine: Engine) -> pd.DataFrame:
    """How recent each source is: one row a source, in the order of loading, also for sources without any batch.

    Returns
    -------
    DataFrame
        source, batches, received_on (newest day of receipt), first_received, loaded_at, loaded_by and file_name of the
        newest batch, newest_month (of its events; NaN for registers), usual_gap (median days between days of receipt;
        NaN before the third), demonstration.
    """
    b = batch.c
    statement = sa.select(
        b.source, b.received_on, b.loaded_at, b.loaded_by, b.file_name, b.last_month, b.demonstration
    ).where(b.withdrawn_at.is_(None))
    columns = ["source", "received_on", "loaded_at", "loaded_by", "file_name", "last_month", "demonstration"]
    with reading(engine) as connection:
        batches = pd.DataFrame(connection.execute(statement.order_by(b.id)).all(), columns=columns)
    rows = []
    for source in LOAD_ORDER:
        own = batches.loc[batches["source"] == source]
        days = sorted({day or moment.date() for day, moment in zip(own["received_on"], own["loaded_at"], strict=True)})
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        newest = own.iloc[-1] if len(own) else None
        rows.append(
            {
                "source": source,
                "batches": len(own),
                "received_on": days[-1] if days else None,
                "first_received": days[0] if days else None,
                "loaded_at": None if newest is None else newest["loaded_at"],
                "loaded_by": None if newest is None else newest["loaded_by"],
                "file_name": None if newest is None else newest["file_name"],
                "newest_month": own["last_month"].max() if len(own) else np.nan,
                "usual_gap": float(np.median(gaps)) if len(gaps) > 1 else np.nan,
                "demonstration": bool(own["demonstration"].any()),
            }
        )
    return pd.DataFrame(rows)


def read_stream_freshness(engine: Engine) -> pd.DataFrame:
    """How recent each stream of reports is: one row a source and stream, by code.

    That something was received is no figure: months that are not public yet count here as well, else every office
    would look overdue until its months are released.

    Returns
    -------
    DataFrame
        source, stream, newest_month, received_on (newest day of receipt), loaded_by (of the newest batch), usual_step
        (median months between its months; 1 where there is only one), next_due (date by which the next one is to be
        there; None where the source has no day).
    """
    s = submission.c
    statement = (
        sa.select(s.source, s.stream, s.month, sa.func.max(s.received_on), sa.func.max(s.batch_id))
        .join(batch, batch.c.id == s.batch_id)
        .where(batch.c.withdrawn_at.is_(None))
        .group_by(s.source, s.stream, s.month)
    )
    columns = ["source", "stream", "month", "received_on", "batch_id"]
    with reading(engine) as connection:
        months = pd.DataFrame(connection.execute(statement).all(), columns=columns)
        loaders = {number: who for number, who in connection.execute(sa.select(batch.c.id, batch.c.loaded_by))}
    rows = []
    for (source, stream), own in months.groupby(["source", "stream"]):
        numbers = sorted(month // 100 * 12 + month % 100 - 1 for month in own["month"])
        step = int(np.median([later - earlier for earlier, later in pairwise(numbers)])) if len(numbers) > 1 else 1
        day, following = due_day(source), numbers[-1] + max(step, 1)
        due = None if day is None else due_on(following // 12 * 100 + following % 12 + 1, day=day)
        newest = own.loc[own["batch_id"].idxmax()]
        rows.append((source, stream, int(own["month"].max()), own["received_on"].max(), loaders[newest["batch_id"]],
                     max(step, 1), due))  # fmt: skip
    names = ["source", "stream", "newest_month", "received_on", "loaded_by", "usual_step", "next_due"]
    return pd.DataFrame(rows, columns=names)


def read_newest_receipt(engine: Engine) -> dt.date | None:
    """The newest day on which anything was received; None before anything was."""
    with reading(engine) as connection:
        return newest_receipt(connection)


def read_coverage(engine: Engine, *, scope: Scope, first: int, last: int, levels: Sequence[str]) -> pd.DataFrame:
    """How many places have any data in the months, by indicator or source and level.

    Returns
    -------
    DataFrame
        of (code of a measured indicator, "issues" or "inspections"), level, places: distinct places of `levels` below
        the root with data in at least one of the months.
    """
    m, until = measurement_monthly.c, scope.last_month(last)
    rows: list[tuple[str, str, int]] = []
    with reading(engine) as connection:
        for level in levels:
            below = _below(scope, level)
            measured = (
                sa.select(m.indicator, sa.func.count(m.place_code.distinct()))
                .where(m.level == level, m.dimension == "all", m.month.between(first, until), below(m.place_code))
                .group_by(m.indicator)
            )
            rows += [(code, level, int(count)) for code, count in connection.execute(measured)]
            for source, table, counted in (
                ("issues", issue_monthly, issue_monthly.c.reported),
                ("inspections", inspection_monthly, inspection_monthly.c.items_checked),
            ):
                statement = sa.select(sa.func.count(table.c.place_code.distinct())).where(
                    table.c.level == level, table.c.dimension == "all", table.c.month.between(first, until),
                    counted > 0, below(table.c.place_code),
                )  # fmt: skip
                rows.append((source, level, int(connection.execute(statement).scalar() or 0)))
    return pd.DataFrame(rows, columns=["of", "level", "places"])


def _below(scope: Scope, level: str) -> Condition:
    def below(column: ColumnElement[str]) -> ColumnElement[bool]:
        return is_below(column, level=level, within=scope.root)

    return below


def read_village_reports(engine: Engine, *, scope: Scope, township: str, first: int, last: int) -> pd.DataFrame:
    """What the villages of a township are reported for: one row a village and month.

    Returns
    -------
    DataFrame
        place, month, have, expected: indicators with a figure for the village; indicators that any village of the
        district has for that month. Only months in which any has.

    Raises
    ------
    NotPermitted
        When the scope does not reach the township's villages.
    """
    scope.check(level="village", within=township)
    m = measurement_monthly.c
    common = (m.level == "village", m.dimension == "all", m.month.between(first, scope.last_month(last)))
    in_district = is_below(m.place_code, level="village", within=scope.root)
    expected = sa.select(m.month, sa.func.count(m.indicator.distinct())).where(*common, in_district).group_by(m.month)
    have = (
        sa.select(m.place_code, m.month, sa.func.count(m.indicator.distinct()))
        .where(*common, is_below(m.place_code, level="village", within=township))
        .group_by(m.place_code, m.month)
    )
    villages = sa.select(place.c.code).where(
        place.c.level == "village", place.c.parent == township, place.c.valid_to.is_(None)
    )
    with reading(engine) as connection:
        wanted = {month: int(count) for month, count in connection.execute(expected)}
        known = {(code, month): int(count) for code, month, count in connection.execute(have)}
        codes = sorted(code for (code,) in connection.execute(villages))
    rows = [(code, month, known.get((code, month), 0), count) for code in codes for month, count in
            sorted(wanted.items())]  # fmt: skip
    return pd.DataFrame(rows, columns=["place", "month", "have", "expected"])
