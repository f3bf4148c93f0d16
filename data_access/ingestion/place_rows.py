"""The register of places in: districts, townships, villages; their codes in both systems and their former names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.place_closings import (
    CLOSING_FIELDS,
    gate_until,
    keep_entered_changes,
    reject_wrong_closings,
)
from data_access.ingestion.register_history import keep_versions
from data_access.ingestion.register_rows import kept_where_absent, open_months
from data_access.ingestion.repeated_rows import drop_repeated
from data_access.ingestion.row_checks import CheckedRows
from data_access.ingestion.source_form import source_form
from data_access.ingestion.written_rows import Written
from data_access.lineage import Cells, cells_moved, final_successors
from data_access.settings import read_settings
from data_access.tables import issue, measurement, name_alias, place, place_code, site
from data_access.words import CODE_LENGTHS, LEVELS

SETTLEMENT_REFERENCE = dt.date(2020, 1, 1)
NEW_WITHIN_YEARS = 5
_FIRST_DAY = dt.date(1949, 10, 1)
PLACE_FIELDS = ("code", "code_mca", "name", "short_name", "level", "parent", "kind", "area_type", "established",
                "residents", "households", "managed_by", "grid_column", "grid_row", "former_name",
                "valid_from", *CLOSING_FIELDS)  # fmt: skip


class PlaceWriter:
    """The register of places, with its codes in both systems, former names, and one gate a village to inspect."""

    def __init__(self, connection: Connection, *, batch_id: int) -> None:
        self.written = Written()
        self._connection, self._batch_id = connection, batch_id

    def take(self, checked: CheckedRows) -> None:
        """Check and write the whole register of a file."""
        drop_repeated(checked, ["code"], heading="区划代码")
        stored = stored_places(self._connection)
        checked.frame = kept_where_absent(checked.frame, stored, checked.absent & set(place.c.keys()))
        _reject_impossible_codes(checked)
        _reject_orphans(checked, set(stored))
        keep_entered_changes(self._connection, checked, stored)
        checked.frame = _filled(checked.frame)
        reject_wrong_closings(checked, stored)
        validate_frame("places", checked.frame, source_form("places"))
        project_places(self._connection, checked.frame.assign(batch_id=self._batch_id), stored, self.written)
        keep_versions(
            self._connection, "places", checked, PLACE_FIELDS, batch_id=self._batch_id, where_said=CLOSING_FIELDS
        )

    def finish(self) -> None:
        """Nothing waits for the end of the file."""


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """A place without a short name is called by its name; one without a first day began when it was set up."""
    short = [short or name for short, name in zip(frame["short_name"], frame["name"], strict=True)]
    since = [day or start or _FIRST_DAY for day, start in zip(frame["valid_from"], frame["established"], strict=True)]
    return frame.assign(
        short_name=pd.Series(short, frame.index, dtype=object), valid_from=pd.Series(since, frame.index, dtype=object)
    )


def _reject_orphans(checked: CheckedRows, known: set[str]) -> None:
    order = {level: position for position, level in enumerate(LEVELS)}
    frame = checked.frame
    frame = frame.assign(_order=frame["level"].map(order)).sort_values(["_order", "code"])
    top = read_settings().root_place
    parents, orphans = [], []
    for code, parent in zip(frame["code"], frame["parent"], strict=True):
        is_top = code == top and parent not in known  # what lies above the installation's own root is not kept here
        parents.append(None if is_top else parent)
        orphans.append(not is_top and parent is not None and parent not in known)
        if not orphans[-1]:
            known.add(code)
    orphan = pd.Series(orphans, frame.index, dtype=bool)
    frame = frame.assign(parent=pd.Series(parents, frame.index, dtype=object)).drop(columns="_order")
    checked.frame = frame
    checked.reject(
        orphan, column="上级代码", found=frame["parent"], reason="unknown_parent",
        zh="上级“{found}”不在名录中；请先载入上级单位。",
        en="The parent '{found}' is not on the register; load it first.",
    )  # fmt: skip


def stored_places(connection: Connection) -> dict[str, Any]:
    """What the register says now: code → row of `place`."""
    return {row.code: row for row in connection.execute(sa.select(place))}


def project_places(connection: Connection, frame: pd.DataFrame, stored: dict[str, Any], written: Written) -> None:
    """Make the register say what `frame` says: the columns of `PLACE_FIELDS`, and batch_id; parents stand first."""
    heirs_before = final_successors(connection)
    touched: set[str] = set()
    for row in frame.to_dict("records"):
        values = _place_values(row)
        before = stored[row["code"]]._asdict() if row["code"] in stored else None
        if before is None:
            connection.execute(place.insert().values(**values))
            written.new += 1
        elif any(before[name] != value for name, value in {**values, "successor": row["successor"]}.items()):
            connection.execute(place.update().where(place.c.code == row["code"]).values(**values))
            written.changed += 1
            gate = sa.and_(site.c.code == row["code"], site.c.kind == "village_gate")
            connection.execute(site.update().where(gate).values(name=values["name"]))
            if before["valid_to"] != values["valid_to"]:
                connection.execute(site.update().where(gate).values(registered_to=gate_until(values["valid_to"])))
            if any(before[name] != values[name] for name in ("area_type", "settlement_age", "parent", "valid_to")):
                touched.add(row["code"])
        else:
            written.unchanged += 1
        _write_codes(connection, row)
        if row["level"] == "village" and before is None:
            gate = {"code": row["code"], "kind": "village_gate", "name": values["name"], "place_code": row["code"],
                    "registered_to": gate_until(values["valid_to"])}  # fmt: skip
            connection.execute(site.insert().values(**gate, batch_id=row["batch_id"]))
            touched.add(row["code"])
    for code, heir in zip(frame["code"], frame["successor"], strict=True):  # all of them stand on the register now
        if heir != (stored[code].successor if code in stored else None):
            connection.execute(place.update().where(place.c.code == code).values(successor=heir))
    heirs = final_successors(connection)
    for cells in (_cells_of_places(connection, touched, heirs), cells_moved(connection, heirs_before, heirs)):
        for source, those in cells.items():
            written.touch(source, those)


def _reject_impossible_codes(checked: CheckedRows) -> None:
    """A code has the length of its level and begins with the code of its parent; reads and rights rely on both."""
    frame = checked.frame
    shapeless = [
        not (code.isascii() and code.isdigit() and len(code) == CODE_LENGTHS[level])
        for code, level in zip(frame["code"], frame["level"], strict=True)
    ]
    checked.reject(
        pd.Series(shapeless, frame.index, dtype=bool), column="区划代码", found=frame["code"], reason="bad_code",
        zh="“{found}”不是该层级的统计代码；区县 6 位、镇街 9 位、村社 12 位数字。",
        en="'{found}' is no statistical code of this level: 6 digits a district, 9 a township, 12 a village.",
    )  # fmt: skip
    frame = checked.frame
    above = dict(zip(LEVELS[1:], LEVELS[:-1], strict=True))
    misplaced = [
        level in ("township", "village") if parent is None else
        level not in above or parent != code[: CODE_LENGTHS[above[level]]]
        for code, level, parent in zip(frame["code"], frame["level"], frame["parent"], strict=True)
    ]  # fmt: skip
    checked.reject(
        pd.Series(misplaced, frame.index, dtype=bool), column="上级代码", found=frame["parent"], reason="wrong_parent",
        zh="上级代码“{found}”不是该单位代码的前几位；改隶的单位应以新代码登记。",
        en="The parent '{found}' is not how this code begins; a place that moved is registered under its new code.",
    )  # fmt: skip


def settlement_age(established: dt.date | None) -> str | None:
    """Whether a village set up on that day is "new" or "established"; None where the day is not known."""
    if established is None:
        return None
    start = SETTLEMENT_REFERENCE.replace(year=SETTLEMENT_REFERENCE.year - NEW_WITHIN_YEARS)
    return "new" if established >= start else "established"


def _place_values(row: dict[str, Any]) -> dict[str, Any]:
    names = ("code", "level", "parent", "name", "short_name", "kind", "area_type", "managed_by", "residents",
             "households", "grid_column", "grid_row", "established", "valid_from", "valid_to")  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "settlement_age": settlement_age(row["established"]) if row["level"] == "village" else None,
    }


def _write_codes(connection: Connection, row: dict[str, Any]) -> None:
    for system, code in (("NBS", row["code"]), ("MCA", row["code_mca"])):
        if not code:
            continue
        same = sa.or_(place_code.c.code == code, place_code.c.place == row["code"])
        there = sa.and_(place_code.c.system == system, same)
        connection.execute(place_code.delete().where(there))
        connection.execute(place_code.insert().values(system=system, code=code, place=row["code"]))
    if row["former_name"] and row["parent"]:
        for name in row["former_name"].replace("、", " ").split():
            same = sa.and_(name_alias.c.township == row["parent"], name_alias.c.name == name)
            connection.execute(name_alias.delete().where(same))
            connection.execute(name_alias.insert().values(township=row["parent"], name=name, place_code=row["code"]))


def _cells_of_places(connection: Connection, codes: set[str], heirs: Mapping[str, str]) -> Cells:
    """The cells of the places and of all below them; with the months of the closed places they carry on."""
    if not codes:
        return {}
    below = tuple(codes)  # a district that gets a parent brings along all its villages
    villages = set(connection.execute(sa.select(site.c.place_code).distinct()).scalars())
    inspected = {code for code in villages if code.startswith(below) or heirs.get(code, "").startswith(below)}
    cells: Cells = {"inspections": open_months(connection, inspected)}
    for source, table in (("issues", issue), ("measurements", measurement)):
        statement = sa.select(table.c.place_code, table.c.month).where(table.c.superseded_by.is_(None)).distinct()
        cells[source] = {
            (code, month)
            for code, month in connection.execute(statement)
            if code.startswith(below) or heirs.get(code, "").startswith(below)
        }
    return cells
