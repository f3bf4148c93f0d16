"""A record of loads written straight into the tables: three townships, batches, submissions, rows set aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from data_access import schema
from data_access.engine import create_engine, writing
from data_access.submissions import record_submissions
from data_access.tables import batch, place, rejected_row

TOWN, OTHER, THIRD = "330212005", "330212110", "330212111"
VILLAGE = "330212110001"
LOADED = dt.datetime(2023, 1, 5, 8)


@contextmanager
def three_townships(database_url: str) -> Iterator[Engine]:
    """A district with three townships (one founded in March 2022) and a village, no events."""
    engine = create_engine(database_url)
    schema.upgrade(engine)
    rows = [
        ("330212", "district", None, dt.date(1949, 1, 1)), (TOWN, "township", "330212", dt.date(1949, 1, 1)),
        (OTHER, "township", "330212", dt.date(1949, 1, 1)), (THIRD, "township", "330212", dt.date(2022, 3, 1)),
        (VILLAGE, "village", OTHER, dt.date(1949, 1, 1)),
    ]  # fmt: skip
    with writing(engine) as connection:
        for code, level, parent, start in rows:
            values = {"code": code, "level": level, "parent": parent, "name": code, "short_name": code, "kind": level}
            connection.execute(place.insert().values(**values, valid_from=start))
    yield engine
    engine.dispose()


def add_batch(
    connection: Connection, source: str = "measurements", *, received: dt.date | None = None, **more: object
) -> int:
    counts = dict.fromkeys(("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected"), 0)
    values = counts | {
        "source": source, "file_name": "f.xlsx", "file_hash": "0" * 64, "loaded_at": LOADED, "loaded_by": "tester",
        "demonstration": False, "received_on": received,
    }  # fmt: skip
    made = connection.execute(batch.insert().values(**(values | more)))
    return int(made.inserted_primary_key[0])


def send(
    connection: Connection, rows: dict[tuple[str, str, int], dt.date], *, source: str = "measurements", taken: int = 1
) -> int:
    number = add_batch(connection, source, received=dt.date(2023, 1, 1))
    record_submissions(
        connection, source=source, batch_id=number, received=dict.fromkeys(rows, taken), reported_on=rows
    )
    return number


def set_aside(
    connection: Connection,
    number: int,
    *,
    code: str | None,
    month: int | None,
    key: str | None = None,
    **more: object,
) -> None:
    values = {"row_number": 1, "reason": "empty", "sentence_zh": "空", "sentence_en": "empty"} | more
    connection.execute(
        rejected_row.insert().values(batch_id=number, place_code=code, month=month, key_text=key, **values)
    )
