"""Registers of sites in: estates and office buildings, firms. A known code is brought up to date in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import Written, content_hashes, drop_repeated
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.row_checks import CheckedRows
from data_access.tables import estate, firm, inspection_monthly, inspection_result, issue, site

# Which columns of `site` hold what a column of the file says.
_STORED_AS = {"registered": "registered_from", "deregistered": "registered_to"}


def reject_unknown_villages(checked: CheckedRows, finder: PlaceFinder) -> None:
    """Give every row its `place_code`; set aside rows whose village cannot be told."""
    codes, reasons = finder.villages(checked.frame)
    checked.frame = checked.frame.assign(place_code=codes)
    said = {
        "unknown_township": (
            "没有名为“{found}”的镇街；请核对名称。",
            "There is no township '{found}'; check the name.",
        ),
        "unknown_village": (
            "在所属镇街找不到“{found}”；请填写村社代码或更正名称。",
            "'{found}' is not found in its township; give the village code or correct the name.",
        ),
        "ambiguous_village": (
            "“{found}”可能指不止一个村社；请填写村社代码。",
            "'{found}' may mean more than one village; give the village code.",
        ),
    }
    for reason, (zh, en) in said.items():
        about = "township" if reason == "unknown_township" else "village"
        left = reasons.loc[checked.frame.index]
        column = "所属镇街" if about == "township" else "所属村社"
        checked.reject(left == reason, column=column, found=checked.frame[about], reason=reason, zh=zh, en=en)


def kept_where_absent(frame: pd.DataFrame, stored: Mapping[str, Any], absent: Iterable[str]) -> pd.DataFrame:
    """What the register already says, in the columns that a file does not have; an empty cell, in contrast, empties."""
    for name in absent:
        values = [
            getattr(stored[code], name) if code in stored else value
            for code, value in zip(frame["code"], frame[name], strict=True)
        ]
        frame = frame.assign(**{name: pd.Series(values, frame.index, dtype=object)})
    return frame


def open_months(connection: Connection, villages: set[str]) -> set[tuple[str, int]]:
    """The cells of `villages` in every month in which anything was inspected anywhere."""
    months = connection.execute(sa.select(inspection_monthly.c.month).distinct()).scalars().all()
    return {(village, month) for village in villages for month in months}


def write_estates(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Residential estates and office buildings, by their register number."""
    checked.frame = checked.frame.assign(
        kind=[kind or "estate" for kind in checked.frame["kind"]],
        registered_from=_months_of(checked.frame["registered"]),
        registered_to=None,
    )
    kinds = ("estate", "office_building")
    fields = ["management", "households", "company"]
    return _write_sites(connection, checked, estate, fields, kinds=kinds, batch_id=batch_id)


def write_firms(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Firms, by their register number."""
    early = pd.Series(
        [end is not None and start is not None and end < start
         for start, end in zip(checked.frame["registered"], checked.frame["deregistered"], strict=True)],
        checked.frame.index, dtype=bool,
    )  # fmt: skip
    checked.reject(
        early, column="注销日期", found=checked.frame["deregistered"], reason="order_of_dates",
        zh="注销日期“{found}”早于登记日期；请更正。", en="The firm was struck off ({found}) before it was registered.",
    )  # fmt: skip
    checked.frame = checked.frame.assign(
        kind="firm",
        registered_from=_months_of(checked.frame["registered"]),
        registered_to=_months_of(checked.frame["deregistered"]),
    )
    fields = ["size", "employees", "industry"]
    return _write_sites(connection, checked, firm, fields, kinds=("firm",), batch_id=batch_id)


def _months_of(days: pd.Series) -> pd.Series:
    return pd.Series([None if day is None else day.year * 100 + day.month for day in days], days.index, dtype=object)


def _write_sites(
    connection: Connection,
    checked: CheckedRows,
    details: sa.Table,
    fields: list[str],
    *,
    kinds: tuple[str, ...],
    batch_id: int,
) -> Written:
    reject_unknown_villages(checked, PlaceFinder(connection))
    drop_repeated(checked, ["code"], heading="编号")
    columns = [*site.c, *(details.c[name] for name in fields)]
    origin = site.outerjoin(details, details.c.code == site.c.code)
    stored = {row.code: row for row in connection.execute(sa.select(*columns).select_from(origin))}
    frame = checked.frame
    checked.reject(
        frame["code"].map(lambda code: code in stored and stored[code].kind not in kinds).astype(bool),
        column="编号", found=frame["code"], reason="code_taken",
        zh="编号“{found}”已用于另一种检查对象；请更正编号。",
        en="The number '{found}' already belongs to a site of another kind; correct it.",
    )  # fmt: skip
    site_fields = ["code", "kind", "name", "place_code", "registered_from", "registered_to"]
    absent = {_STORED_AS.get(name, name) for name in checked.absent} & {*site_fields, *fields}
    frame = kept_where_absent(checked.frame, stored, absent)
    frame = frame.assign(content_hash=content_hashes(frame, [*site_fields, *fields]))
    written = Written()
    inserts, updates = [], []
    touched: set[str] = set()
    moved: list[str] = []
    for row in frame.to_dict("records"):
        before = stored.get(row["code"])
        if before is None:
            inserts.append(row)
            touched.add(row["place_code"])
        elif before.content_hash != row["content_hash"]:
            updates.append(row)
            touched |= {row["place_code"], before.place_code}
            moved.append(row["code"])
        else:
            written.unchanged += 1
    stamp = {"batch_id": batch_id}
    if inserts:
        names = [*site_fields, "content_hash"]
        connection.execute(site.insert(), [{name: row[name] for name in names} | stamp for row in inserts])
        connection.execute(details.insert(), [{name: row[name] for name in ["code", *fields]} for row in inserts])
    for row in updates:
        values = {name: row[name] for name in [*site_fields[1:], "content_hash"]} | stamp
        connection.execute(site.update().where(site.c.code == row["code"]).values(**values))
        connection.execute(
            details.update().where(details.c.code == row["code"]).values(**{name: row[name] for name in fields})
        )
    written.new, written.changed = len(inserts), len(updates)
    written.cells = {"inspections": open_months(connection, touched)}
    if moved:
        _move_results(connection, moved)
        key = issue.c.estate_code if details is estate else issue.c.firm_code
        written.cells["issues"] = _cells_where(connection, issue, key, moved)
    return written


def _move_results(connection: Connection, codes: list[str]) -> None:
    """Results lie where the register says that their site lies, the older ones too."""
    where = sa.select(site.c.place_code).where(site.c.code == inspection_result.c.site_code).scalar_subquery()
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        mine = sa.and_(inspection_result.c.site_code.in_(part), inspection_result.c.superseded_by.is_(None))
        connection.execute(
            inspection_result.update().where(mine, inspection_result.c.place_code != where).values(place_code=where)
        )


def _cells_where(
    connection: Connection, table: sa.Table, column: sa.Column[str], codes: list[str]
) -> set[tuple[str, int]]:
    cells: set[tuple[str, int]] = set()
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        statement = sa.select(table.c.place_code, table.c.month).where(
            column.in_(part), table.c.superseded_by.is_(None)
        )
        cells |= {(code, month) for code, month in connection.execute(statement.distinct())}
    return cells
