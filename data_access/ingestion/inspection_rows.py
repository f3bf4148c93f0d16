"""Inspection sheets in: one row a visit, unfolded into one result an item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.bulk import insert_rows
from data_access.ingestion.cell_values import parse_yes_no
from data_access.ingestion.event_rows import EventWriter
from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.repeated_rows import drop_repeated
from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.ingestion.source_form import dimension_words, source_form
from data_access.ingestion.written_rows import Written, received_rows
from data_access.rollups import inspected_months
from data_access.tables import batch, emptied_result, inspection_result, site

_STEP = 500


class InspectionWriter:
    """Visits unfolded into one result an item; the place is that of the inspected site."""

    def __init__(self, connection: Connection, finder: PlaceFinder, *, batch_id: int) -> None:
        self.written = Written()
        self._connection, self._batch_id = connection, batch_id
        rows = connection.execute(sa.select(site.c.code, site.c.place_code))
        self._places = {row.code: row.place_code for row in rows}
        self._months_before = set(connection.execute(inspected_months()).scalars())
        self._events = EventWriter(
            connection, inspection_result, key=["record_no", "item"], source="inspections", batch_id=batch_id,
            heading="检查编号",
            unsaid=["place_code"],  # where a site lies is said by the register, and may change there
            ends=lambda rows: standing_ends(connection, rows["record_no"]),
        )  # fmt: skip

    def take(self, checked: CheckedRows) -> None:
        """Check and write one piece of a file."""
        words = dimension_words("item")
        items = [item for item in words.values() if item in checked.frame]
        self._check_visits(checked, items)
        visits = checked.frame
        keep = ["record_no", "inspected_on", "site_code", "recheck", "updated_at", "_sheet", "_row"]
        long = visits.assign(_origin=visits.index).melt(
            id_vars=[*keep, "_origin"], value_vars=items, var_name="item", value_name="result"
        )
        long = long.loc[long["result"] != ""].reset_index(drop=True)
        passed = {cell: parse_yes_no(cell) for cell in long["result"].unique()}
        long = long.assign(
            item=long["item"].astype(object), passed=pd.Series([passed[cell] for cell in long["result"]], dtype=object)
        )
        results = CheckedRows(long, checked.raw, checked.headings, checked.problems, identify=checked.identify)
        for heading, item in words.items():
            left = results.frame
            results.reject(
                (left["item"] == item) & left["passed"].isna(), column=heading, found=left["result"],
                reason="not_understood",
                zh="“{column}”中的“{found}”无法识别；应为“合格”或“不合格”，未检查则留空。",
                en="'{found}' in '{column}' is not understood; write 合格 or 不合格, or leave it empty if unseen.",
            )  # fmt: skip
        months = {day: day.year * 100 + day.month for day in results.frame["inspected_on"].unique()}
        results.frame = results.frame.assign(
            place_code=results.frame["site_code"].map(self._places), month=results.frame["inspected_on"].map(months)
        )
        validate_frame("inspections", results.frame, source_form("inspections"))
        self.written.received.update(received_rows(results.frame))
        self._events.write(results, self.written)
        self._withdraw_emptied(visits, items)

    def finish(self) -> None:
        """A month in which somebody inspected for the first time counts every register."""
        now = set(self._connection.execute(inspected_months()).scalars())
        villages = set(self._places.values())
        changed = self._months_before ^ now
        self.written.touch("inspections", {(village, month) for village in villages for month in changed})

    def _check_visits(self, checked: CheckedRows, items: list[str]) -> None:
        reject_future(checked, {"inspected_on": "检查日期", "updated_at": "更新时间"})
        frame = checked.frame
        checked.reject(
            ~frame["site_code"].isin(self._places), column="对象编号", found=frame["site_code"],
            reason="not_on_register",
            zh="“{found}”不在名录中；请先载入名录或更正编号。",
            en="'{found}' is not on the register; load the register first or correct the number.",
        )  # fmt: skip
        drop_repeated(checked, ["record_no"], heading="检查编号")
        frame = checked.frame
        checked.reject(
            (frame[items] == "").all(axis=1), column="检查项目", found=frame["record_no"], reason="empty",
            zh="检查“{found}”没有填写任何项目的结果；请补填。",
            en="Visit '{found}' has no result of any item; fill them in.",
        )  # fmt: skip

    def _withdraw_emptied(self, visits: pd.DataFrame, items: list[str]) -> None:
        """A visit sent again with an item's cell left empty no longer has that item's result.

        That it was left empty is kept where it ended something, where it was so before, and where the sheet says when
        it was changed: an older state may come later.
        """
        results, written, connection = inspection_result.c, self.written, self._connection
        empty = {(record, item) for item in items for record in visits.loc[visits[item] == "", "record_no"]}
        when = dict(zip(visits["record_no"], visits["updated_at"], strict=True))
        kept = {key for key in empty if not pd.isna(when[key[0]])}
        self._forget_earlier_ends(when)
        records = sorted({record for record, _ in empty})
        for start in range(0, len(records), _STEP):
            part = records[start : start + _STEP]
            before = sa.select(emptied_result.c.record_no, emptied_result.c.item)
            kept |= empty & {
                tuple(row) for row in connection.execute(before.where(emptied_result.c.record_no.in_(part)))
            }
            known = sa.select(
                results.id, results.record_no, results.item, results.place_code, results.month, results.updated_at
            ).where(results.record_no.in_(part), results.superseded_by.is_(None))
            gone = [
                row for row in connection.execute(known)
                if (row.record_no, row.item) in empty
                and not (row.updated_at is not None and when[row.record_no] < row.updated_at)
            ]  # fmt: skip
            if gone:
                mark = inspection_result.update().where(results.id == sa.bindparam("old"))
                mark = mark.values(superseded_by=self._batch_id)
                connection.execute(mark, [{"old": row.id} for row in gone])
            kept |= {(row.record_no, row.item) for row in gone}
            written.changed += len(gone)
            written.touch("inspections", {(row.place_code, row.month) for row in gone})
        kept -= self._ends_of_this_file(when)
        said = {record: None if pd.isna(at) else at.to_pydatetime() for record, at in when.items()}
        rows = [(record, item, self._batch_id, said[record]) for record, item in sorted(kept)]
        insert_rows(connection, emptied_result, ["record_no", "item", "batch_id", "updated_at"], rows)

    def _ends_of_this_file(self, when: dict[str, pd.Timestamp]) -> set[tuple[str, str]]:
        """(visit, item) that an earlier piece of this file left empty, for the visits in `when`."""
        e, found, wanted = emptied_result.c, set(), sorted(when)
        for start in range(0, len(wanted), _STEP):
            mine = sa.and_(e.batch_id == self._batch_id, e.record_no.in_(wanted[start : start + _STEP]))
            found |= {tuple(row) for row in self._connection.execute(sa.select(e.record_no, e.item).where(mine))}
        return found

    def _forget_earlier_ends(self, when: dict[str, pd.Timestamp]) -> None:
        """A visit that stands again further down gives way, unless it was changed later."""
        e = emptied_result.c
        for record in sorted({record for record, _ in self._ends_of_this_file(when)}):
            mine = sa.and_(e.batch_id == self._batch_id, e.record_no == record)
            if not pd.isna(when[record]):
                mine = sa.and_(mine, sa.or_(e.updated_at.is_(None), e.updated_at <= when[record].to_pydatetime()))
            self._connection.execute(emptied_result.delete().where(mine))


def standing_ends(
    connection: Connection, records: Iterable[str]
) -> dict[tuple[str, ...], tuple[int, dt.datetime | None]]:
    """For each (visit, item) left empty by sheets that stand: the batch whose word it is, and when it was changed."""
    e, found = emptied_result.c, {}
    wanted = sorted(set(records))
    for start in range(0, len(wanted), _STEP):
        statement = (
            sa.select(e.record_no, e.item, e.batch_id, e.updated_at)
            .join(batch, batch.c.id == e.batch_id)
            .where(batch.c.withdrawn_at.is_(None), e.record_no.in_(wanted[start : start + _STEP]))
            .order_by(e.batch_id)
        )
        for record, item, number, at in connection.execute(statement):
            _, last = found.get((record, item), (0, None))
            if last is None or at is None or at >= last:
                found[record, item] = (number, at)
    return found
