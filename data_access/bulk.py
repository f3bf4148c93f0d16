"""Many rows in at once: the driver's executemany on SQLite, COPY on PostgreSQL, inside the open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import sqlalchemy as sa
from sqlalchemy.engine import Connection


def insert_rows(connection: Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows` (tuples in the order of `columns`) into `table`; Python values, None for null.

    Dates and datetimes are given as such; SQLite stores them in SQLAlchemy's text form, so that reads through
    SQLAlchemy give them back.
    """
    names = ", ".join(columns)
    processors = []
    for name in columns:
        processor = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        is_json = isinstance(table.c[name].type, sa.JSON)
        processors.append(processor if is_json or connection.dialect.name != "postgresql" else None)
    needed = [(index, processor) for index, processor in enumerate(processors) if processor is not None]

    def prepared() -> Iterable[tuple[Any, ...]]:
        for row in rows:
            if needed:
                values = list(row)
                for index, processor in needed:
                    values[index] = None if values[index] is None else processor(values[index])
                yield tuple(values)
            else:
                yield tuple(row)

    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in prepared():
                copy.write_row(row)
    else:
        marks = ", ".join("?" for _ in columns)
        cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", prepared())
    cursor.close()


def insert_table(connection: Connection, table: sa.Table, values: pa.Table) -> None:
    """Insert a whole Arrow table (see :func:`arrow_table`) into the columns of its names."""
    names = ", ".join(values.column_names)
    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(values, sink, pyarrow.csv.WriteOptions(include_header=False))
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(sink.getvalue().to_pybytes())
    else:
        lists = [_sqlite_values(column) for column in values.columns]
        marks = ", ".join("?" for _ in lists)
        rows = zip(*lists, strict=True)
        cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
    cursor.close()


def arrow_table(frame: pd.DataFrame, table: sa.Table, columns: Sequence[str]) -> pa.Table:
    """The named columns of a frame in the types of the database's table; None, NaN and NaT become null."""
    return pa.table(
        {name: pa.array(frame[name], type=_arrow_type(table.c[name].type), from_pandas=True) for name in columns}
    )


def _arrow_type(column: sa.types.TypeEngine[Any]) -> pa.DataType:
    if isinstance(column, sa.DateTime):
        return pa.timestamp("us")
    if isinstance(column, sa.Date):
        return pa.date32()
    if isinstance(column, sa.Boolean):
        return pa.bool_()
    if isinstance(column, sa.Float):
        return pa.float64()
    return pa.int64() if isinstance(column, sa.Integer) else pa.string()


def _sqlite_values(column: pa.ChunkedArray) -> list[Any]:
    """As SQLAlchemy would store them: times and dates as text, truth as 1 and 0."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        column = pc.cast(column, pa.string())
    elif pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    return column.to_pylist()
