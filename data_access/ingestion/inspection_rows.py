"""Inspection sheets in: one row a visit, unfolded into one result an item."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.cell_values import parse_yes_no
from data_access.ingestion.event_rows import Written, drop_repeated, write_events
from data_access.ingestion.row_checks import CheckedRows, reject_future
from data_access.ingestion.source_form import dimension_words
from data_access.rollups import inspected_months
from data_access.tables import inspection_result, site


def write_inspections(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Visits unfolded into one result an item; the place is that of the inspected site."""
    words = dimension_words("item")
    items = [item for item in words.values() if item in checked.frame]
    reject_future(checked, {"inspected_on": "检查日期"})
    frame = checked.frame
    places = {row.code: row.place_code for row in connection.execute(sa.select(site.c.code, site.c.place_code))}
    checked.reject(
        ~frame["site_code"].isin(places), column="对象编号", found=frame["site_code"], reason="not_on_register",
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
    frame = checked.frame
    long = frame.melt(
        id_vars=["record_no", "inspected_on", "site_code", "recheck", "_sheet", "_row"],
        value_vars=items, var_name="item", value_name="result",
    )  # fmt: skip
    long = long.loc[long["result"] != ""].reset_index(drop=True)
    long = long.assign(passed=pd.Series([parse_yes_no(cell) for cell in long["result"]], long.index, dtype=object))
    checked_items = CheckedRows(long, checked.problems)
    for heading, item in words.items():
        left = checked_items.frame
        checked_items.reject(
            (left["item"] == item) & left["passed"].isna(), column=heading, found=left["result"],
            reason="not_understood",
            zh="“{column}”中的“{found}”无法识别；应为“合格”或“不合格”，未检查则留空。",
            en="'{found}' in '{column}' is not understood; write 合格 or 不合格, or leave it empty if not looked at.",
        )  # fmt: skip
    long = checked_items.frame
    long = long.assign(
        place_code=long["site_code"].map(places),
        month=[day.year * 100 + day.month for day in long["inspected_on"]],
    )
    months_before = set(connection.execute(inspected_months()).scalars())
    written = write_events(connection, inspection_result, long, key=["record_no", "item"], batch_id=batch_id)
    _withdraw_emptied(connection, frame, items, written, batch_id=batch_id)
    months_now = set(connection.execute(inspected_months()).scalars())
    written.cells["inspections"] |= {
        (village, month) for village in set(places.values()) for month in months_before ^ months_now
    }
    return written


def _withdraw_emptied(
    connection: Connection, visits: pd.DataFrame, items: list[str], written: Written, *, batch_id: int
) -> None:
    """A visit sent again with an item's cell left empty no longer has that item's result."""
    results = inspection_result.c
    empty = {(record, item) for item in items for record in visits.loc[visits[item] == "", "record_no"]}
    records = sorted({record for record, _ in empty})
    for start in range(0, len(records), 500):
        known = sa.select(results.id, results.record_no, results.item, results.place_code, results.month).where(
            results.record_no.in_(records[start : start + 500]), results.superseded_by.is_(None)
        )
        gone = [row for row in connection.execute(known) if (row.record_no, row.item) in empty]
        if gone:
            mark = inspection_result.update().where(results.id == sa.bindparam("old")).values(superseded_by=batch_id)
            connection.execute(mark, [{"old": row.id} for row in gone])
        written.changed += len(gone)
        written.cells["inspections"] |= {(row.place_code, row.month) for row in gone}
