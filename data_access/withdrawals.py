"""A batch taken back as a whole: its rows stop counting, what they had replaced counts again, the counts follow.

The rows stay readable in history, marked as withdrawn. A row that a later batch brought as well stays and belongs to
that batch from then on. One transaction, like a load.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.audit_log import record
from data_access.engine import writing
from data_access.errors import UserError
from data_access.headline import HeadlineChange, changes_of, figures_of
from data_access.ingestion.register_withdrawal import put_back_registers
from data_access.ingestion.touched_cells import count_touched
from data_access.ingestion.written_rows import Written
from data_access.releases import DataVersion
from data_access.rollups import inspected_months
from data_access.submissions import refresh_load_indicators
from data_access.tables import (
    batch,
    emptied_result,
    inspection_result,
    issue,
    measurement,
    register_row,
    rejected_row,
    row_sighting,
    site,
    submission,
)

KEYS: dict[str, tuple[sa.Table, tuple[str, ...]]] = {
    "issues": (issue, ("case_no",)),
    "inspections": (inspection_result, ("record_no", "item")),
    "measurements": (measurement, ("indicator", "place_code", "month", "dimension", "value")),
    **{source: (register_row, ("source", "code")) for source in ("places", "estates", "firms")},
}
_STEP = 500


@dataclass(frozen=True)
class WithdrawSummary:
    """What a withdrawal did: rows that count no longer, older rows that count again, rows that later batches brought as
    well and that stay; and the district's headline figures over the months touched."""

    batch_id: int
    source: str
    file_name: str
    rows_withdrawn: int
    rows_revived: int
    rows_kept: int
    headline: tuple[HeadlineChange, ...]
    version: DataVersion


def withdraw_batch(engine: Engine, batch_id: int, *, by: str, because: str, origin: str = "") -> WithdrawSummary:
    """Take one batch back.

    Raises
    ------
    UserError
        When there is no such batch, it was withdrawn before, no reason is given, or what other batches brought rests on
        what this register brought.
    """
    if not because.strip():
        raise UserError(zh="请写明撤回的原因。", en="Say why the batch is withdrawn.")
    with writing(engine) as connection:
        known = connection.execute(sa.select(batch).where(batch.c.id == batch_id)).first()
        if known is None:
            raise UserError(
                zh=f"没有批次 {batch_id}；请查看批次列表。", en=f"There is no batch {batch_id}; see the list."
            )
        if known.withdrawn_at is not None:
            raise UserError(
                zh=f"批次 {batch_id} 已于此前撤回（{known.withdrawn_by}）。",
                en=f"Batch {batch_id} was withdrawn before, by {known.withdrawn_by}.",
            )
        # Marked first: what is looked up below must not take this batch for one that still stands.
        connection.execute(
            batch.update()
            .where(batch.c.id == batch_id)
            .values(
                withdrawn_at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
                withdrawn_by=by[:120],
                withdrawn_because=because.strip()[:400],
            )
        )
        taking = _Withdrawal(connection, known.source, batch_id)
        taking.run()
        months = {month for cells in taking.written.cells.values() for _, month in cells}
        brought = (
            connection.execute(sa.select(submission.c.month).where(submission.c.batch_id == batch_id).distinct())
            .scalars()
            .all()
        )
        before = figures_of(connection, months)
        version = count_touched(connection, taking.written, batch_id=batch_id, demonstration=False)
        refresh_load_indicators(connection, months | set(brought))
        record(
            connection, who=by, action="withdraw", origin=origin,
            subject=f"{known.source} {known.file_name} batch {batch_id}: {because.strip()}",
        )  # fmt: skip
        return WithdrawSummary(
            batch_id, known.source, known.file_name, taking.withdrawn, taking.revived, taking.kept,
            changes_of(before, figures_of(connection, months)), version,
        )  # fmt: skip


class _Withdrawal:
    def __init__(self, connection: Connection, source: str, batch_id: int) -> None:
        self.connection, self.source, self.batch_id = connection, source, batch_id
        self.table, self.key = KEYS[source]
        self.written = Written(indicators=set() if source == "measurements" else None)
        self.withdrawn = self.revived = self.kept = 0

    def run(self) -> None:
        """Mark, revive, pass on; the cells to count anew stand in `written`."""
        if self.source not in ("issues", "inspections", "measurements"):
            self._registers()
            return
        months = set(self.connection.execute(inspected_months()).scalars()) if self.source == "inspections" else set()
        self._touch(self.table.c.batch_id == self.batch_id)
        self._touch(self.table.c.superseded_by == self.batch_id)
        self._rows()
        if self.source == "inspections":
            changed = months ^ set(self.connection.execute(inspected_months()).scalars())
            villages = set(self.connection.execute(sa.select(site.c.place_code).distinct()).scalars())
            self.written.touch("inspections", {(village, month) for village in villages for month in changed})
        self.connection.execute(
            rejected_row.update().where(rejected_row.c.resolved_by == self.batch_id).values(resolved_by=None)
        )

    def _registers(self) -> None:
        mine = sa.or_(self.table.c.batch_id == self.batch_id, self.table.c.superseded_by == self.batch_id)
        where = sa.and_(self.table.c.source == self.source, mine)
        codes = set(self.connection.execute(sa.select(self.table.c.code).where(where)).scalars())
        if not codes:
            raise UserError(
                zh=f"批次 {self.batch_id} 没有留存历史版本（升级之前载入），不能撤回；请载入更正后的名录。",
                en=f"Batch {self.batch_id} was loaded before versions were kept and cannot be withdrawn; load a "
                "corrected register instead.",
            )
        self._rows()
        put_back_registers(self.connection, self.source, codes, self.written)

    def _touch(self, condition: sa.ColumnElement[bool]) -> None:
        c = self.table.c
        columns = [c.place_code, c.month, *([c.indicator] if self.source == "measurements" else [])]
        for place, month, *indicator in self.connection.execute(sa.select(*columns).where(condition).distinct()):
            self.written.touch(self.source, {(place, month)})
            if self.written.indicators is not None:
                self.written.indicators.update(indicator)

    def _rows(self) -> None:
        c, connection = self.table.c, self.connection
        self._pass_on()
        connection.execute(
            row_sighting.delete().where(row_sighting.c.source == self.source, row_sighting.c.batch_id == self.batch_id)
        )
        replaced_here = sa.and_(c.superseded_by == self.batch_id, c.batch_id != self.batch_id)
        brought_here = sa.and_(c.batch_id == self.batch_id, c.superseded_by.is_not(None))
        entangled = {self._key_of(row) for row in connection.execute(self._versions(replaced_here | brought_here))}
        lines = self._lines(entangled)
        mine = sa.and_(c.batch_id == self.batch_id, sa.func.coalesce(c.superseded_by, 0) != self.batch_id)
        self.withdrawn = connection.execute(
            self.table.update().where(mine).values(superseded_by=self.batch_id)
        ).rowcount  # fmt: skip
        self._put_in_line(lines)

    def _pass_on(self) -> None:
        """Rows of this batch that another batch brought too go over to the first of those that still stand."""
        c, s = self.table.c, row_sighting.c
        standing = sa.select(batch.c.id).where(batch.c.withdrawn_at.is_(None))
        statement = (
            sa.select(c.id, s.batch_id, s.row_number, s.sheet, *(c[name] for name in self.key))
            .join_from(self.table, row_sighting, sa.and_(s.source == self.source, s.row_id == c.id))
            .where(c.batch_id == self.batch_id, s.batch_id != self.batch_id, s.batch_id.in_(standing))
            .order_by(c.id, s.batch_id)
        )
        heirs: dict[int, Any] = {}
        for row in self.connection.execute(statement):
            heirs.setdefault(row.id, row)
        for row in heirs.values():
            same = sa.and_(*(c[name] == getattr(row, name) for name in self.key))
            values = {"batch_id": row.batch_id, "row_number": row.row_number, "sheet": row.sheet}
            self.connection.execute(self.table.update().where(c.id == row.id).values(**values))
            earlier = sa.and_(same, c.superseded_by == self.batch_id, c.id != row.id)
            self.connection.execute(self.table.update().where(earlier).values(superseded_by=row.batch_id))
            used = sa.and_(s.source == self.source, s.row_id == row.id, s.batch_id == row.batch_id)
            self.connection.execute(row_sighting.delete().where(used))
        self.kept = len(heirs)

    def _versions(self, *conditions: sa.ColumnElement[bool]) -> sa.Select:
        c = self.table.c
        columns = [c.id, c.batch_id, c.superseded_by, *(c[name] for name in self.key)]
        columns.append(c.updated_at if "updated_at" in c else sa.null().label("updated_at"))
        return sa.select(*columns).where(*conditions)

    def _key_of(self, row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in self.key)

    def _lines(self, keys: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[Any]]:
        """Every version of the keys that was not withdrawn before, those of this batch among them."""
        lines: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        if not keys:
            return lines
        c = self.table.c
        # What was replaced has no index by key: it is read once; what is current is looked up.
        for row in self.connection.execute(self._versions(c.superseded_by.is_not(None), c.superseded_by != c.batch_id)):
            if self._key_of(row) in keys:
                lines[self._key_of(row)].append(row)
        first = 1 if self.key[0] == "source" else 0
        values = sorted({key[first] for key in keys})
        for start in range(0, len(values), _STEP):
            near = c[self.key[first]].in_(values[start : start + _STEP])
            for row in self.connection.execute(self._versions(c.superseded_by.is_(None), near)):
                if self._key_of(row) in keys:
                    lines[self._key_of(row)].append(row)
        return lines

    def _put_in_line(self, lines: dict[tuple[Any, ...], list[Any]]) -> None:
        """What follows what, as if this batch had never come: the loads of the others are gone through once more."""
        ends = self._ends({row.record_no for line in lines.values() for row in line} if "item" in self.key else set())
        wanted: list[dict[str, Any]] = []
        for key, line in lines.items():
            mine = [row for row in line if row.batch_id != self.batch_id]
            follower: dict[int, int | None] = {}
            current: Any = None
            for one in sorted([*mine, *ends[key]], key=lambda one: (one.batch_id, one.id or 0)):
                if current is not None and _is_older(one, current):
                    follower[one.id] = current.batch_id
                    continue
                if current is not None:
                    follower[current.id] = one.batch_id
                current = one
            if current is not None:
                follower[current.id] = None
            for row in mine:
                if row.superseded_by != follower[row.id]:
                    wanted.append({"row": row.id, "follower": follower[row.id]})
                    self.revived += follower[row.id] is None
        # What is replaced first, what becomes current after it: a key has one current row at any moment.
        wanted.sort(key=lambda one: one["follower"] is None)
        if wanted:
            mark = self.table.update().where(self.table.c.id == sa.bindparam("row"))
            self.connection.execute(mark.values(superseded_by=sa.bindparam("follower")), wanted)

    def _ends(self, records: set[str]) -> dict[tuple[Any, ...], list[Any]]:
        """Where a sheet that stands left the cell of an item empty: (visit, item) → batch, updated_at; id is None."""
        e = emptied_result.c
        found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        wanted = sorted(records)
        for start in range(0, len(wanted), _STEP):
            statement = (
                sa.select(sa.null().label("id"), e.record_no, e.item, e.batch_id, e.updated_at)
                .join_from(emptied_result, batch, batch.c.id == e.batch_id)
                .where(batch.c.withdrawn_at.is_(None), e.record_no.in_(wanted[start : start + _STEP]))
            )
            for row in self.connection.execute(statement):
                found[row.record_no, row.item].append(row)
        return found


def _is_older(row: Any, current: Any) -> bool:
    return row.updated_at is not None and current.updated_at is not None and row.updated_at < current.updated_at
