"""Facts in: new rows inserted, corrected rows superseding their older version, known rows left alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.bulk import insert_rows
from data_access.ingestion.row_checks import CheckedRows


@dataclass
class Written:
    """What a load changed: row numbers by fate, and the cells of the counts it touched, by source of counts.

    `indicators` are the measured indicators touched; None where the source has none.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    cells: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    first_month: int | None = None
    last_month: int | None = None
    indicators: set[str] | None = None


def content_hashes(frame: pd.DataFrame, columns: list[str]) -> list[str]:
    """One 16-digit hash a row over the text form of `columns`; equal content gives equal hashes on any machine."""
    parts = [["" if value is None else str(value) for value in frame[name]] for name in columns]
    return [
        hashlib.blake2b("\x1f".join(row).encode(), digest_size=8).hexdigest() for row in zip(*parts, strict=True)
    ]  # fmt: skip


def drop_repeated(checked: CheckedRows, key: list[str], *, heading: str) -> None:
    """Inside one file the last row of a natural key counts; the earlier ones are set aside as duplicates."""
    repeated = checked.frame.duplicated(key, keep="last")
    checked.reject(
        repeated, column=heading, found=checked.frame[key[0]], reason="duplicate",
        zh="“{found}”在本文件中重复出现；以最后一行为准。",
        en="'{found}' stands in this file more than once; the last row counts.",
    )  # fmt: skip


def write_events(
    connection: Connection, table: sa.Table, frame: pd.DataFrame, *, key: list[str], batch_id: int
) -> Written:
    """Write checked rows of one source into its fact table.

    Parameters
    ----------
    frame
        Columns are the table's own (without id, batch, hash, superseded_by) plus `_row`; None for empty; unique in
        `key`; has `place_code` and `month`.

    Returns
    -------
    Written
        Counts and the cells of new rows, of corrected rows and of the versions they replaced.
    """
    columns = [name for name in table.c.keys() if name in frame.columns]  # noqa: SIM118 - columns, not a dict
    # Where a site lies is not said by the row but by the register, and may change there.
    said = [name for name in columns if name != "place_code" or "site_code" not in columns]
    frame = frame.assign(content_hash=content_hashes(frame, said))
    known = _known_rows(connection, table, frame, key)
    before = frame[key].merge(known, on=key, how="left")
    old_hash = before["old_hash"].to_numpy(dtype=object)
    is_new = pd.isna(old_hash)
    is_same = ~is_new & (old_hash == frame["content_hash"].to_numpy(dtype=object))
    changed_ids = before.loc[~is_new & ~is_same, ["old_id", "old_place", "old_month"]]
    cells: set[tuple[str, int]] = set()
    if len(changed_ids):
        mark = table.update().where(table.c.id == sa.bindparam("old")).values(superseded_by=batch_id)
        connection.execute(mark, [{"old": int(one)} for one in changed_ids["old_id"]])
        cells |= {(place, int(month)) for _, place, month in changed_ids.itertuples(index=False)}
    fresh = frame.loc[~is_same]
    stored = [*columns, "content_hash"]
    values = [list(fresh[name]) for name in stored]
    rows = zip(*values, [batch_id] * len(fresh), [int(one) for one in fresh["_row"]], strict=True)
    insert_rows(connection, table, [*stored, "batch_id", "row_number"], rows)
    cells |= set(zip(fresh["place_code"], (int(one) for one in fresh["month"]), strict=True))
    return Written(
        new=int(is_new.sum()),
        changed=len(changed_ids),
        unchanged=int(is_same.sum()),
        cells={_counts_of(table): cells},
        first_month=int(frame["month"].min()) if len(frame) else None,
        last_month=int(frame["month"].max()) if len(frame) else None,
    )


def _counts_of(table: sa.Table) -> str:
    return {"issue": "issues", "inspection_result": "inspections", "measurement": "measurements"}[table.name]


def _known_rows(connection: Connection, table: sa.Table, frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The stored current versions of the rows in `frame`: key, old_id, old_hash, old_place, old_month."""
    incoming = sa.Table(
        "incoming_key",
        sa.MetaData(),
        *(sa.Column(name, table.c[name].type, primary_key=True) for name in key),
        prefixes=["TEMPORARY"],
    )
    incoming.create(connection)  # undone with the transaction when anything below fails
    insert_rows(connection, incoming, key, frame[key].itertuples(index=False, name=None))
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("ANALYZE incoming_key"))
    statement = sa.select(
        *(incoming.c[name] for name in key),
        table.c.id.label("old_id"),
        table.c.content_hash.label("old_hash"),
        table.c.place_code.label("old_place"),
        table.c.month.label("old_month"),
    ).select_from(
        incoming.join(
            table, sa.and_(table.c.superseded_by.is_(None), *(table.c[name] == incoming.c[name] for name in key))
        )
    )
    rows = connection.execute(statement).all()
    incoming.drop(connection)
    names = [*key, "old_id", "old_hash", "old_place", "old_month"]
    return pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object)
