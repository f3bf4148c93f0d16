"""From events to monthly counts, for every place level, in the transaction that loads the events.

A count is a function of the events, the registers and the as-of date alone. A load names the cells (village × month)
whose events or registers it touched; those cells are counted anew from the events and their ancestors summed anew from
below, so that what is stored never depends on the order in which files came. What was filed under a closed place counts
for the place that carries its history; nothing is stored under the closed one. `verify` counts everything a second time
from the events with pandas, by different code, and lists every difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from data_access.bulk import insert_rows
from data_access.issue_counts import count_villages
from data_access.lineage import final_successors, predecessors_by_place
from data_access.submissions import LOAD_INDICATORS, refresh_all_load_indicators
from data_access.tables import (
    inspection_monthly,
    inspection_result,
    issue,
    issue_monthly,
    measurement,
    measurement_monthly,
    place,
    site,
)
from data_access.village_counts import affected_cell, end_of, village_statements
from data_access.words import CODE_LENGTHS, LEVELS

Cells = Iterable[tuple[str, int]]

_EVENT_TABLES = {"issues": issue, "inspections": inspection_result, "measurements": measurement}
_COUNT_TABLES = {"issues": issue_monthly, "inspections": inspection_monthly, "measurements": measurement_monthly}


def recount(
    connection: Connection, source: str, cells: Cells, *, as_of: dt.date, indicators: Iterable[str] | None = None
) -> int:
    """Count the named cells and all their ancestors anew.

    Parameters
    ----------
    connection
        The loading transaction.
    source
        "issues", "inspections" or "measurements".
    cells
        Pairs (place code, month YYYYMM) whose events or registers changed; a closed place means its successor too.
    as_of
        The day at which deadlines are judged: an issue is due when its deadline lies before the end of that day.

    indicators
        For measurements: the codes whose counts changed; None counts all of them.

    Returns
    -------
    int
        Number of distinct cells counted.
    """
    touched = set(cells)
    if not touched:
        return 0
    heirs = final_successors(connection)
    changed = touched | {(heirs.get(code, code), month) for code, month in touched}
    wanted = changed | _ancestors(connection, changed)
    affected_cell.create(connection)  # undone with the transaction when anything below fails
    names = ["place_code", "month", "source_code"]
    insert_rows(connection, affected_cell, names, sorted((code, month, code) for code, month in wanted))
    table = _COUNT_TABLES[source]
    if connection.dialect.name == "postgresql":  # its planner has not seen the rows of this transaction yet
        for name in ("affected_cell", _EVENT_TABLES[source].name, table.name):
            connection.execute(sa.text(f"ANALYZE {name}"))
    only = sorted(indicators) if indicators is not None else None
    _forget(connection, table, only)
    before = predecessors_by_place(heirs)
    if heirs:
        connection.execute(affected_cell.delete().where(affected_cell.c.place_code.in_(sorted(heirs))))
        carried = [(code, month, one) for code, month in sorted(wanted) for one in before.get(code, ())]
        insert_rows(connection, affected_cell, names, carried)
    if source == "inspections":  # a register of sites has a count only in months in which somebody inspected
        connection.execute(affected_cell.delete().where(affected_cell.c.month.not_in(inspected_months())))
    if source == "issues":
        count_villages(connection, as_of)
    else:
        for statement in village_statements(source, only):
            connection.execute(statement)
    for level in reversed(LEVELS[:-1]):
        connection.execute(_sum_of_parts(table, level, only, before))
    affected_cell.drop(connection)
    return len(touched)


def recount_everything(connection: Connection, *, as_of: dt.date) -> None:
    """Empty the three count tables and fill them from the events; for repairs and for a moved as-of date."""
    for source, table in _COUNT_TABLES.items():
        connection.execute(table.delete())
        recount(connection, source, all_cells(connection, source), as_of=as_of)
    refresh_all_load_indicators(connection)


def all_cells(connection: Connection, source: str) -> set[tuple[str, int]]:
    """Every cell the counts of `source` must hold: those with events; for inspections every village with a
    registered site, in every month in which anything was inspected anywhere."""
    if source == "issues":
        statement = select(issue.c.place_code, issue.c.month).where(issue.c.superseded_by.is_(None)).distinct()
    elif source == "measurements":
        statement = (
            select(measurement.c.place_code, measurement.c.month)
            .where(measurement.c.superseded_by.is_(None))
            .distinct()
        )
    else:
        villages = select(site.c.place_code).distinct()
        month, village = inspected_months().subquery(), villages.subquery()
        statement = select(village.c.place_code, month.c.month).select_from(village.join(month, sa.true()))
    return {(code, month) for code, month in connection.execute(statement)}


def inspected_months() -> sa.Select[tuple[int]]:
    """The months in which anything was inspected anywhere."""
    return select(inspection_result.c.month).where(inspection_result.c.superseded_by.is_(None)).distinct()


def cells_falling_due(connection: Connection, *, after: dt.date, until: dt.date) -> set[tuple[str, int]]:
    """Cells of issues whose deadline lies after the end of the day `after` and not after that of `until`."""
    statement = (
        select(issue.c.place_code, issue.c.month)
        .where(issue.c.superseded_by.is_(None), issue.c.due_at >= end_of(after), issue.c.due_at < end_of(until))
        .distinct()
    )
    return {(code, month) for code, month in connection.execute(statement)}


def _forget(connection: Connection, table: sa.Table, indicators: list[str] | None) -> None:
    touched = sa.exists().where(
        affected_cell.c.place_code == table.c.place_code, affected_cell.c.month == table.c.month
    )
    statement = table.delete().where(touched)
    if "indicator" in table.c:
        statement = statement.where(_counted(table, indicators))
    connection.execute(statement)


def _counted(table: sa.Table, indicators: list[str] | None) -> ColumnElement[bool]:
    """The rows of measured indicators that are counted here: the named ones, or all but those of the load history."""
    if indicators is not None:
        return table.c.indicator.in_(indicators)
    return table.c.indicator.not_in(LOAD_INDICATORS)


def _ancestors(connection: Connection, cells: set[tuple[str, int]]) -> set[tuple[str, int]]:
    parents = {code: parent for code, parent in connection.execute(select(place.c.code, place.c.parent))}
    above = set()
    for code, month in cells:
        parent = parents.get(code)
        while parent is not None and (parent, month) not in above:
            above.add((parent, month))
            parent = parents.get(parent)
    return above


def _sum_of_parts(
    table: sa.Table, level: str, indicators: list[str] | None, before: Mapping[str, Sequence[str]]
) -> sa.Insert:
    """The counts of the affected places of `level`, summed from the places right below them.

    `before` are the closed places whose history a place carries: what they reported themselves is its own report."""
    child, parent = place.alias("child"), place.alias("parent")
    by_indicator = "indicator" in table.c
    keys = ["indicator", "dimension", "month", "value"] if by_indicator else ["dimension", "month", "value"]
    own_columns = {*keys, "level", "place_code", "verified_on"}
    names = ["level", "place_code", *keys, *(column.name for column in table.c if column.name not in own_columns)]
    columns = [
        parent.c.level,
        parent.c.code,
        *(table.c[key] for key in keys),
        *(func.sum(table.c[name]) for name in names[2 + len(keys) :]),
    ]
    if by_indicator:
        names.append("verified_on")
        columns.append(func.min(table.c.verified_on))
    statement = (
        select(*columns)
        .select_from(
            affected_cell.join(parent, parent.c.code == affected_cell.c.place_code)
            .join(child, child.c.parent == parent.c.code)
            .join(table, and_(table.c.place_code == child.c.code, table.c.month == affected_cell.c.month))
        )
        .where(parent.c.level == level, affected_cell.c.source_code == affected_cell.c.place_code)
        .group_by(parent.c.level, parent.c.code, *(table.c[key] for key in keys))
    )
    if by_indicator:  # what a place reported itself is not replaced by the sum of its parts
        carried = [(code, sources) for code, sources in before.items() if len(code) == CODE_LENGTHS[level]]
        reported = [_reported(table, parent.c.code == code, sources) for code, sources in carried]
        reported.append(_reported(table, sa.true(), parent.c.code))
        statement = statement.where(_counted(table, indicators), ~sa.or_(*reported))
    return table.insert().from_select(names, statement)


def _reported(
    table: sa.Table, which: ColumnElement[bool], filed_under: ColumnElement[str] | Sequence[str]
) -> ColumnElement[bool]:
    """Whether there is a measurement of the counted indicator and month that was filed under one of these places."""
    own = measurement.alias("own")
    is_place = (
        own.c.place_code.in_(filed_under) if isinstance(filed_under, Sequence) else own.c.place_code == filed_under
    )
    return and_(
        which,
        sa.exists().where(
            is_place, own.c.superseded_by.is_(None), own.c.month == affected_cell.c.month,
            own.c.indicator == table.c.indicator,
        ),
    )  # fmt: skip
