"""Registers in: places, estates and office buildings, firms. A known code is brought up to date in place."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import Written, content_hashes, drop_repeated
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.row_checks import CheckedRows
from data_access.settings import read_settings
from data_access.tables import (
    estate,
    firm,
    inspection_monthly,
    inspection_result,
    issue,
    measurement,
    name_alias,
    place,
    place_code,
    site,
)
from data_access.words import LEVELS

SETTLEMENT_REFERENCE = dt.date(2020, 1, 1)
NEW_WITHIN_YEARS = 5
_FIRST_DAY = dt.date(1949, 10, 1)


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


def write_places(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """The register of places, with its codes in both systems, former names, and one gate a village to inspect."""
    drop_repeated(checked, ["code"], heading="区划代码")
    frame = checked.frame
    order = {level: position for position, level in enumerate(LEVELS)}
    frame = frame.assign(_order=frame["level"].map(order)).sort_values(["_order", "code"])
    stored = {row.code: row._asdict() for row in connection.execute(sa.select(place))}
    known = set(stored)
    top = read_settings().root_place
    parents, orphans = [], []
    for code, parent in zip(frame["code"], frame["parent"], strict=True):
        is_top = code == top and parent not in known  # what lies above the installation's own root is not kept here
        parents.append(None if is_top else parent)
        orphans.append(not is_top and parent is not None and parent not in known)
        if not orphans[-1]:
            known.add(code)
    orphan = pd.Series(orphans, frame.index, dtype=bool)
    frame = frame.assign(parent=pd.Series(parents, frame.index, dtype=object))
    checked.frame = frame
    checked.reject(
        orphan, column="上级代码", found=frame["parent"], reason="unknown_parent",
        zh="上级“{found}”不在名录中；请先载入上级单位。",
        en="The parent '{found}' is not on the register; load it first.",
    )  # fmt: skip
    written = Written()
    touched: set[str] = set()
    for row in checked.frame.to_dict("records"):
        values = _place_values(row)
        before = stored.get(row["code"])
        if before is None:
            connection.execute(place.insert().values(**values))
            written.new += 1
        elif any(before[name] != value for name, value in values.items()):
            connection.execute(place.update().where(place.c.code == row["code"]).values(**values))
            written.changed += 1
            if any(before[name] != values[name] for name in ("area_type", "settlement_age", "parent")):
                touched.add(row["code"])
        else:
            written.unchanged += 1
        _write_codes(connection, row)
        if row["level"] == "village" and before is None:
            gate = {"code": row["code"], "kind": "village_gate", "name": values["name"], "place_code": row["code"]}
            connection.execute(site.insert().values(**gate, batch_id=batch_id))
            touched.add(row["code"])
    written.cells = _cells_of_places(connection, touched)
    return written


def _place_values(row: dict[str, Any]) -> dict[str, Any]:
    established = row["established"]
    age = None
    if row["level"] == "village" and established is not None:
        start = SETTLEMENT_REFERENCE.replace(year=SETTLEMENT_REFERENCE.year - NEW_WITHIN_YEARS)
        age = "new" if established >= start else "established"
    names = ("code", "level", "parent", "name", "kind", "area_type", "managed_by", "residents", "households",
             "grid_column", "grid_row", "established")  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "short_name": row["short_name"] or row["name"],
        "settlement_age": age,
        "valid_from": row["valid_from"] or established or _FIRST_DAY,
    }


def _write_codes(connection: Connection, row: dict[str, Any]) -> None:
    for system, code in (("NBS", row["code"]), ("MCA", row["code_mca"])):
        if not code:
            continue
        there = sa.and_(place_code.c.system == system, place_code.c.code == code)
        connection.execute(place_code.delete().where(there))
        connection.execute(place_code.insert().values(system=system, code=code, place=row["code"]))
    if row["former_name"] and row["parent"]:
        for name in row["former_name"].replace("、", " ").split():
            same = sa.and_(name_alias.c.township == row["parent"], name_alias.c.name == name)
            connection.execute(name_alias.delete().where(same))
            connection.execute(name_alias.insert().values(township=row["parent"], name=name, place_code=row["code"]))


def _cells_of_places(connection: Connection, codes: set[str]) -> dict[str, set[tuple[str, int]]]:
    if not codes:
        return {}
    cells: dict[str, set[tuple[str, int]]] = {"inspections": _open_months(connection, codes)}
    for source, table in (("issues", issue), ("measurements", measurement)):
        statement = sa.select(table.c.place_code, table.c.month).where(table.c.superseded_by.is_(None)).distinct()
        cells[source] = {(code, month) for code, month in connection.execute(statement) if code in codes}
    return cells


def _open_months(connection: Connection, villages: set[str]) -> set[tuple[str, int]]:
    months = connection.execute(sa.select(inspection_monthly.c.month).distinct()).scalars().all()
    return {(village, month) for village in villages for month in months}


def write_estates(connection: Connection, checked: CheckedRows, *, batch_id: int) -> Written:
    """Residential estates and office buildings, by their register number."""
    checked.frame = checked.frame.assign(
        kind=[kind or "estate" for kind in checked.frame["kind"]],
        registered_from=_months_of(checked.frame["registered"]),
        registered_to=None,
    )
    return _write_sites(connection, checked, estate, ["management", "households", "company"], batch_id=batch_id)


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
    return _write_sites(connection, checked, firm, ["size", "employees", "industry"], batch_id=batch_id)


def _months_of(days: pd.Series) -> pd.Series:
    return pd.Series([None if day is None else day.year * 100 + day.month for day in days], days.index, dtype=object)


def _write_sites(
    connection: Connection, checked: CheckedRows, details: sa.Table, fields: list[str], *, batch_id: int
) -> Written:
    reject_unknown_villages(checked, PlaceFinder(connection))
    drop_repeated(checked, ["code"], heading="编号")
    frame = checked.frame
    site_fields = ["code", "kind", "name", "place_code", "registered_from", "registered_to"]
    frame = frame.assign(content_hash=content_hashes(frame, [*site_fields, *fields]))
    stored = {row.code: row for row in connection.execute(sa.select(site))}
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
    written.cells = {"inspections": _open_months(connection, touched) | _visited(connection, moved)}
    if moved:
        key = issue.c.estate_code if details is estate else issue.c.firm_code
        written.cells["issues"] = _cells_where(connection, issue, key, moved)
    return written


def _visited(connection: Connection, codes: list[str]) -> set[tuple[str, int]]:
    return _cells_where(connection, inspection_result, inspection_result.c.site_code, codes)


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
