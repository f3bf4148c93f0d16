"""Every version of a row of a register, as JSON beside the batch that brought it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import EventWriter
from data_access.ingestion.row_checks import CheckedRows
from data_access.ingestion.row_hashes import content_hashes
from data_access.ingestion.written_rows import Written
from data_access.tables import register_row

_STEP = 500
_DAYS = ("established", "valid_from", "valid_to")


def keep_versions(
    connection: Connection,
    source: str,
    checked: CheckedRows,
    names: Sequence[str],
    *,
    batch_id: int,
    where_said: Sequence[str] = (),
) -> None:
    """Keep what the rows of `checked.frame` say in the columns `names`, unless it is what the register said already.

    Columns of `where_said` stand in a version only where the row has something in them, so that versions of rows that
    never had it stay equal.
    """
    frame = checked.frame
    contents = [
        json.dumps(
            {name: value for name, value in row.items() if value is not None or name not in where_said},
            ensure_ascii=False,
            default=dt.date.isoformat,
        )
        for row in frame[list(names)].astype(object).to_dict("records")
    ]
    versions = frame[["code", "_sheet", "_row"]].assign(source=source, content=pd.Series(contents, frame.index))
    writer = EventWriter(
        connection, register_row, key=["source", "code"], source=source, batch_id=batch_id, heading="编号"
    )
    writer.write(CheckedRows(versions, checked.raw), Written())


def move_versions(connection: Connection, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Let the current versions of sites say `changes` (code → column → value): where a position lies is found out
    here, so a file that brings the same row again brings nothing new."""
    table = register_row
    codes = sorted(changes)
    for start in range(0, len(codes), _STEP):
        current = sa.select(table.c.id, table.c.source, table.c.code, table.c.content).where(
            table.c.source != "places", table.c.superseded_by.is_(None), table.c.code.in_(codes[start : start + _STEP])
        )
        known = pd.DataFrame([tuple(row) for row in connection.execute(current)],
                             columns=["id", "source", "code", "content"])  # fmt: skip
        if known.empty:
            continue
        contents = [before | dict(changes[code]) for code, before in zip(known["code"], known["content"], strict=True)]
        texts = [json.dumps(one, ensure_ascii=False, default=dt.date.isoformat) for one in contents]
        hashes = content_hashes(known.assign(content=texts), table, ["source", "code", "content"])
        mark = table.update().where(table.c.id == sa.bindparam("known"))
        mark = mark.values(content=sa.bindparam("said"), content_hash=sa.bindparam("digest"))
        rows = zip(known["id"], contents, hashes, strict=True)
        connection.execute(mark, [{"known": int(one), "said": said, "digest": digest} for one, said, digest in rows])


def version_values(content: dict[str, Any]) -> dict[str, Any]:
    """The values of a kept version, days as dates."""
    return {
        name: dt.date.fromisoformat(value) if name in _DAYS and value is not None else value
        for name, value in content.items()
    }
