"""Many rows in at once: the driver's executemany on SQLite, COPY on PostgreSQL, inside the open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def insert_rows(connection: Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows` (tuples in the order of `columns`) into `table`; Python values, None for null.

    Dates and datetimes are given as such; SQLite stores them in SQLAlchemy's text form, so that reads through
    SQLAlchemy give them back.
    """
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.close()
        return
    processors = []
    for name in columns:
        processor = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        processors.append(processor)
    needed = [(index, processor) for index, processor in enumerate(processors) if processor is not None]

    def prepared() -> Iterable[tuple[Any, ...]]:
        for row in rows:
            if needed:
                values = list(row)
                for index, processor in needed:
                    values[index] = processor(values[index])
                yield tuple(values)
            else:
                yield tuple(row)

    marks = ", ".join("?" for _ in columns)
    cursor = connection.connection.cursor()
    cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", prepared())
    cursor.close()
