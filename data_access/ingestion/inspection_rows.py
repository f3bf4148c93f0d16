"""Inspection sheets in: one row a visit, unfolded into one result an item."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.cell_values import parse_yes_no
from data_access.ingestion.event_rows import EventWriter, Written, drop_repeated, received_rows
from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.ingestion.source_form import dimension_words, source_form
from data_access.rollups import inspected_months
from data_access.tables import inspection_result, site


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
        """A visit sent again with an item's cell left empty no longer has that item's result."""
        results, written = inspection_result.c, self.written
        empty = {(record, item) for item in items for record in visits.loc[visits[item] == "", "record_no"]}
        when = dict(zip(visits["record_no"], visits["updated_at"], strict=True))
        records = sorted({record for record, _ in empty})
        for start in range(0, len(records), 500):
            known = sa.select(
                results.id, results.record_no, results.item, results.place_code, results.month, results.updated_at
            ).where(results.record_no.in_(records[start : start + 500]), results.superseded_by.is_(None))
            gone = [
                row for row in self._connection.execute(known)
                if (row.record_no, row.item) in empty
                and not (row.updated_at is not None and when[row.record_no] < row.updated_at)
            ]  # fmt: skip
            if gone:
                mark = inspection_result.update().where(results.id == sa.bindparam("old"))
                mark = mark.values(superseded_by=self._batch_id)
                self._connection.execute(mark, [{"old": row.id} for row in gone])
            written.changed += len(gone)
            written.touch("inspections", {(row.place_code, row.month) for row in gone})
