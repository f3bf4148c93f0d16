"""Every version of a row of a register, as JSON beside the batch that brought it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from data_access.ingestion.event_rows import EventWriter
from data_access.ingestion.row_checks import CheckedRows
from data_access.ingestion.written_rows import Written
from data_access.tables import register_row

_DAYS = ("established", "valid_from", "valid_to")


def keep_versions(
    connection: Connection, source: str, checked: CheckedRows, names: Sequence[str], *, batch_id: int
) -> None:
    """Keep what the rows of `checked.frame` say in the columns `names`, unless it is what the register said already."""
    frame = checked.frame
    contents = [
        json.dumps(row, ensure_ascii=False, default=dt.date.isoformat)
        for row in frame[list(names)].astype(object).to_dict("records")
    ]
    versions = frame[["code", "_sheet", "_row"]].assign(source=source, content=pd.Series(contents, frame.index))
    writer = EventWriter(
        connection, register_row, key=["source", "code"], source=source, batch_id=batch_id, heading="编号"
    )
    writer.write(CheckedRows(versions, checked.raw), Written())


def version_values(content: dict[str, Any]) -> dict[str, Any]:
    """The values of a kept version, days as dates."""
    return {
        name: dt.date.fromisoformat(value) if name in _DAYS and value is not None else value
        for name, value in content.items()
    }
