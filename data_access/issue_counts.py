"""The counts of issues of single villages: read once, event by event, and counted for all dimensions in one pass.

Eight `INSERT … SELECT` over a million issues read the same rows eight times; here the database says of each row which
counters it belongs to, as bits of one number, and numpy counts. Memory grows with the cells, not with the events.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy import and_, case, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from data_access.bulk import arrow_table, insert_table
from data_access.tables import ISSUE_COUNTERS, estate, firm, issue, issue_monthly, place, site
from data_access.village_counts import affected_cell, end_of
from data_access.words import UNKNOWN

CELLS_AT_ONCE = 8_000
ROWS_AT_ONCE = 50_000
_OF_ROWS = ("channel", "category", "campaign")
_OF_SITES = ("management", "firm_size")
_OF_PLACES = ("area_type", "settlement_age")


def count_villages(connection: Connection, as_of: dt.date) -> None:
    """Fill `issue_monthly` for the villages in `affected_cell` from the current issues; deadlines judged at the end of
    `as_of`."""
    cells = connection.execute(
        select(affected_cell.c.place_code, affected_cell.c.month)
        .join(place, place.c.code == affected_cell.c.place_code)
        .where(place.c.level == "village", affected_cell.c.source_code == affected_cell.c.place_code)
        .order_by(affected_cell.c.place_code, affected_cell.c.month)
    ).all()
    if not cells:
        return
    sites = _Sites(connection)
    groups = {
        name: dict(connection.execute(select(place.c.code, sa.func.coalesce(place.c[name], UNKNOWN))).all())
        for name in _OF_PLACES
    }
    for part in _parts([tuple(cell) for cell in cells]):
        counted = _count_part(connection, part, sites, as_of)
        for frame in _as_rows(part, counted, groups):
            names = ["level", "dimension", "month", "place_code", "value", *ISSUE_COUNTERS]
            insert_table(connection, issue_monthly, arrow_table(frame, issue_monthly, names))


def counter_conditions(as_of: dt.date) -> dict[str, ColumnElement[bool]]:
    """Which issues each counter counts, by the names of ISSUE_COUNTERS."""
    i = issue.c
    due = and_(i.accepted_at.is_not(None), i.due_at < end_of(as_of))
    solved = i.solved.is_(True)
    return {
        "reported": sa.true(),
        "accepted": i.accepted_at.is_not(None),
        "answered_in_time": and_(i.accepted_at.is_not(None), i.first_answered_at <= i.answer_due_at),
        "due": due,
        "verified_solved": and_(due, solved),
        "closed_on_time": and_(due, i.closed_at <= i.due_at),
        "overdue_open": and_(due, i.closed_at.is_(None)),
        "closed": i.closed_at.is_not(None),
        "reopened": i.reopened.is_(True),
        "repeats": i.repeat_of.is_not(None),
        "called_back": i.called_back.is_(True),
        "reached": i.reached.is_(True),
        "satisfied": i.satisfied.is_(True),
        "solved_reached": and_(i.reached.is_(True), solved),
        "solved_dissatisfied": and_(i.reached.is_(True), solved, i.satisfied.is_(False)),
    }


class _Sites:
    """Which group an estate or a firm belongs to now; office buildings stand on the register of estates without one."""

    def __init__(self, connection: Connection) -> None:
        homes = select(estate.c.code, sa.func.coalesce(estate.c.management, UNKNOWN))
        homes = homes.join(site, site.c.code == estate.c.code).where(site.c.kind == "estate")
        firms = select(firm.c.code, sa.func.coalesce(firm.c.size, UNKNOWN))
        self.groups = {
            "management": pd.Series(dict(connection.execute(homes).all()), dtype=object),
            "firm_size": pd.Series(dict(connection.execute(firms).all()), dtype=object),
        }

    def of(self, name: str, codes: np.ndarray) -> np.ndarray:
        """The group of each code (None: no site), None where there is none."""
        places, distinct = pd.factorize(codes)
        known = self.groups[name].reindex(distinct)
        values = np.append(known.astype(object).where(known.notna(), None).to_numpy(object), None)
        return values[places]


@dataclass(frozen=True)
class _Tally:
    """Counts of one dimension: array (cells, values, counters) and the values' names."""

    counts: np.ndarray
    values: list[str]


class _Tallies:
    """Counts of one dimension while the rows come in; new values widen it."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._at: dict[str, int] = {}
        self._counts = np.zeros((0, cells, len(ISSUE_COUNTERS)), dtype=np.int64)

    def add(self, cell: np.ndarray, values: np.ndarray, flags: np.ndarray) -> None:
        """Count rows: their cell, their value (None: none) and their counters (array rows × counters of 0 and 1)."""
        codes, distinct = pd.factorize(values)
        for value in distinct:
            self._at.setdefault(value, len(self._at))
        if len(self._at) > len(self._counts):
            more = np.zeros((len(self._at) - len(self._counts), *self._counts.shape[1:]), dtype=np.int64)
            self._counts = np.concatenate([self._counts, more])
        positions = np.array([self._at[value] for value in distinct] + [-1], dtype=np.int64)[codes]
        there = positions >= 0
        key = positions[there] * self._cells + cell[there]
        size = len(self._counts) * self._cells
        for number in range(len(ISSUE_COUNTERS)):
            counted = np.bincount(key, weights=flags[there, number], minlength=size).astype(np.int64)
            self._counts[:, :, number] += counted.reshape(len(self._counts), self._cells)

    def done(self) -> _Tally:
        """What was counted."""
        return _Tally(self._counts.transpose(1, 0, 2), list(self._at))


def _parts(cells: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """The cells in parts of some thousands; a place is never in two of them."""
    part: list[tuple[str, int]] = []
    for cell in cells:
        if len(part) >= CELLS_AT_ONCE and cell[0] != part[-1][0]:
            yield part
            part = []
        part.append(cell)
    yield part


def _count_part(
    connection: Connection, cells: list[tuple[str, int]], sites: _Sites, as_of: dt.date
) -> dict[str, _Tally]:
    """The rows of one part: dimension → its tally, "all" among them."""
    i = issue.c
    bits = sum(
        (case((condition, 1 << number), else_=0) for number, condition in enumerate(_in_order(as_of))),
        start=sa.literal(0),
    )
    rows = (
        select(affected_cell.c.place_code, i.month, bits, i.estate_code, i.firm_code, *(i[name] for name in _OF_ROWS))
        .select_from(
            affected_cell.join(issue, and_(i.place_code == affected_cell.c.source_code,
                                           i.month == affected_cell.c.month))
        )
        .where(i.superseded_by.is_(None), affected_cell.c.place_code.between(cells[0][0], cells[-1][0]))
    )  # fmt: skip
    at = {cell: number for number, cell in enumerate(cells)}
    tallies = {name: _Tallies(len(cells)) for name in ("all", *_OF_SITES, *_OF_ROWS)}
    places = list(dict.fromkeys(code for code, _ in cells))
    months = sorted({month for _, month in cells})
    lookup = np.full((len(places), len(months)), -1)
    for row, code in enumerate(places):
        for column, month in enumerate(months):
            lookup[row, column] = at.get((code, month), -1)
    row_of = pd.Index(places)
    column_of = pd.Index(months)
    shifts = np.arange(len(ISSUE_COUNTERS))
    for piece in _pieces(connection, rows):
        code, month, pattern, estates, firms, *words = (np.array(column, dtype=object) for column in zip(*piece))  # noqa: B905
        cell = lookup[_positions(row_of, code), column_of.get_indexer(month.astype(np.int64))]
        flags = (pattern.astype(np.int64)[:, None] >> shifts) & 1
        tallies["all"].add(cell, np.full(len(cell), "all", dtype=object), flags)
        for name, codes in zip(_OF_SITES, (estates, firms), strict=True):
            tallies[name].add(cell, sites.of(name, codes), flags)
        for name, values in zip(_OF_ROWS, words, strict=True):
            tallies[name].add(cell, values, flags)
    return {name: tally.done() for name, tally in tallies.items()}


def _in_order(as_of: dt.date) -> list[ColumnElement[bool]]:
    conditions = counter_conditions(as_of)
    return [conditions[name] for name in ISSUE_COUNTERS]


def _positions(index: pd.Index, values: np.ndarray) -> np.ndarray:
    codes, distinct = pd.factorize(values)
    return index.get_indexer(distinct)[codes]


def _pieces(connection: Connection, rows: sa.Select) -> Iterator[Sequence[Sequence[object]]]:
    """The rows of a statement some at a time, never all of them in memory."""
    with connection.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)) as result:
        yield from result.partitions()


def _as_rows(
    cells: list[tuple[str, int]], counted: dict[str, _Tally], groups: dict[str, dict[str, str]]
) -> Iterator[pd.DataFrame]:
    """Rows of `issue_monthly`, one frame a dimension; only cells and values that something was reported of."""
    for dimension, tally in counted.items():
        cell, value = np.nonzero(tally.counts[:, :, 0])
        values = np.array([*tally.values, None], dtype=object)[value]
        yield _frame(dimension, cells, cell, values, tally.counts[cell, value])
    whole = counted["all"].counts
    if whole.shape[1]:
        cell = np.flatnonzero(whole[:, 0, 0])
        for dimension, of in groups.items():
            values = np.array([of[cells[number][0]] for number in cell], dtype=object)
            yield _frame(dimension, cells, cell, values, whole[cell, 0])


def _frame(
    dimension: str, cells: list[tuple[str, int]], cell: np.ndarray, values: np.ndarray, counts: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "level": "village",
            "dimension": dimension,
            "month": [cells[number][1] for number in cell],
            "place_code": [cells[number][0] for number in cell],
            "value": values,
            **{name: counts[:, number] for number, name in enumerate(ISSUE_COUNTERS)},
        }
    )
