"""Registers of sites in: estates and office buildings, firms.

What the registers say now stands in `site`, `estate` and `firm`; every version that a file brought is kept in
`register_row`, so that a withdrawn batch gives way to what was known before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.frame_schemas import validate_frame
from data_access.ingestion.place_names import PlaceFinder
from data_access.ingestion.problems import Flag
from data_access.ingestion.register_history import keep_versions
from data_access.ingestion.repeated_rows import drop_repeated
from data_access.ingestion.row_checks import CheckedRows
from data_access.ingestion.row_positions import POSITION_FIELDS, RowPositions
from data_access.ingestion.source_form import source_form
from data_access.ingestion.written_rows import Written
from data_access.tables import estate, firm, inspection_monthly, inspection_result, issue, site

KINDS = {"estates": ("estate", "office_building"), "firms": ("firm",)}
COUNTED_FIELDS = ("code", "kind", "name", "place_code", "registered_from", "registered_to")
SITE_FIELDS = (*COUNTED_FIELDS, *POSITION_FIELDS)
DETAILS: dict[str, tuple[sa.Table, tuple[str, ...]]] = {
    "estates": (estate, ("management", "households", "company")),
    "firms": (firm, ("size", "employees", "industry")),
}
# Which columns of `site` hold what a column of the file says.
_STORED_AS = {"registered": "registered_from", "deregistered": "registered_to"}


def reject_unknown_villages(checked: CheckedRows, finder: PlaceFinder) -> None:
    """Give every row its `place_code`; set aside rows whose village cannot be told."""
    frame = checked.frame
    given = frame["village_code"].to_numpy(object)
    codes = pd.Series([code if finder.levels.get(code) == "village" else None for code in given], frame.index, object)
    reasons = pd.Series("", frame.index, dtype=object)
    named = codes.isna()
    if named.any():
        codes.loc[named], reasons.loc[named] = finder.villages(frame.loc[named])
    checked.frame = frame.assign(place_code=codes)
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


class SiteWriter:
    """A register of sites; `source` is "estates" (residential estates and office buildings) or "firms"."""

    def __init__(self, connection: Connection, finder: PlaceFinder, *, source: str, batch_id: int) -> None:
        self.written = Written()
        self._connection, self._finder, self._source, self._batch_id = connection, finder, source, batch_id
        self._positions = RowPositions(connection.engine, finder)

    def take(self, checked: CheckedRows) -> None:
        """Check and write the whole register of a file."""
        if self._source == "firms":
            _reject_early_ends(checked)
        frame = checked.frame
        kinds = [kind or "estate" for kind in frame["kind"]] if self._source == "estates" else "firm"
        ends = _months_of(frame["deregistered"]) if self._source == "firms" else None
        checked.frame = frame.assign(kind=kinds, registered_from=_months_of(frame["registered"]), registered_to=ends)
        self._positions.read(checked)
        reject_unknown_villages(checked, self._finder)
        self._positions.compare(checked)
        drop_repeated(checked, ["code"], heading="编号")
        stored = stored_sites(self._connection, self._source)
        taken = {code: kind for code, kind in self._connection.execute(sa.select(site.c.code, site.c.kind))}
        kinds_here = KINDS[self._source]
        checked.reject(
            checked.frame["code"].map(lambda code: taken.get(code, kinds_here[0]) not in kinds_here).astype(bool),
            column="编号", found=checked.frame["code"], reason="code_taken",
            zh="编号“{found}”已用于另一种检查对象；请更正编号。",
            en="The number '{found}' already belongs to a site of another kind; correct it.",
        )  # fmt: skip
        names = [*SITE_FIELDS, *DETAILS[self._source][1]]
        absent = {_STORED_AS.get(name, name) for name in checked.absent} & set(names) & set(checked.frame)
        checked.frame = _positions_kept(kept_where_absent(checked.frame, stored, absent), stored)
        validate_frame(self._source, checked.frame, source_form(self._source))
        project_sites(
            self._connection, self._source, checked.frame.assign(batch_id=self._batch_id), stored, self.written
        )
        keep_versions(
            self._connection, self._source, checked, names, batch_id=self._batch_id, where_said=POSITION_FIELDS
        )

    def position_flags(self) -> list[Flag]:
        """What looked odd about the positions."""
        return self._positions.flags.all()

    def finish(self) -> None:
        """Nothing waits for the end of the file."""


def _positions_kept(frame: pd.DataFrame, stored: Mapping[str, Any]) -> pd.DataFrame:
    """The positions as values of the register: None for none; those already known where the file has no such columns.

    Whose position is kept so has its village from this file.
    """
    if "lon" not in frame:
        frame = kept_where_absent(frame.assign(lon=None, lat=None), stored, ("lon", "lat"))
        frame = frame.assign(located_by=frame["lon"].map(lambda lon: None if lon is None else "stated"))
    values = {name: frame[name].astype(object).where(frame[name].notna(), None) for name in POSITION_FIELDS}
    return frame.assign(**values)


def _reject_early_ends(checked: CheckedRows) -> None:
    early = pd.Series(
        [end is not None and start is not None and end < start
         for start, end in zip(checked.frame["registered"], checked.frame["deregistered"], strict=True)],
        checked.frame.index, dtype=bool,
    )  # fmt: skip
    checked.reject(
        early, column="注销日期", found=checked.frame["deregistered"], reason="order_of_dates",
        zh="注销日期“{found}”早于登记日期；请更正。", en="The firm was struck off ({found}) before it was registered.",
    )  # fmt: skip


def _months_of(days: pd.Series) -> pd.Series:
    return pd.Series([None if day is None else day.year * 100 + day.month for day in days], days.index, dtype=object)


def stored_sites(connection: Connection, source: str) -> dict[str, Any]:
    """What the register says now: code → row with the columns of `SITE_FIELDS` and of the source's details."""
    details, fields = DETAILS[source]
    columns = [*site.c, *(details.c[name] for name in fields)]
    origin = site.join(details, details.c.code == site.c.code)
    return {row.code: row for row in connection.execute(sa.select(*columns).select_from(origin))}


def project_sites(
    connection: Connection, source: str, frame: pd.DataFrame, stored: Mapping[str, Any], written: Written
) -> None:
    """Make the register say what `frame` says: columns of `SITE_FIELDS`, of the details, and batch_id."""
    details, fields = DETAILS[source]
    inserts, updates = [], []
    touched: set[str] = set()
    moved: list[str] = []
    for row in frame.to_dict("records"):
        before = stored.get(row["code"])
        if before is None:
            inserts.append(row)
            touched.add(row["place_code"])
        elif any(getattr(before, name) != row[name] for name in (*SITE_FIELDS, *fields)):
            updates.append(row)
            if any(getattr(before, name) != row[name] for name in (*COUNTED_FIELDS, *fields)):
                touched |= {row["place_code"], before.place_code}
                moved.append(row["code"])
        else:
            written.unchanged += 1
    if inserts:
        names = [*SITE_FIELDS, "batch_id"]
        connection.execute(site.insert(), [{name: row[name] for name in names} for row in inserts])
        connection.execute(details.insert(), [{name: row[name] for name in ["code", *fields]} for row in inserts])
    for row in updates:
        values = {name: row[name] for name in [*SITE_FIELDS[1:], "batch_id"]}
        connection.execute(site.update().where(site.c.code == row["code"]).values(**values))
        connection.execute(
            details.update().where(details.c.code == row["code"]).values(**{name: row[name] for name in fields})
        )
    written.new += len(inserts)
    written.changed += len(updates)
    written.touch("inspections", open_months(connection, touched))
    if moved:
        move_results(connection, moved)
        key = issue.c.estate_code if source == "estates" else issue.c.firm_code
        written.touch("issues", _cells_where(connection, issue, key, moved))


def move_results(connection: Connection, codes: Sequence[str]) -> None:
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
