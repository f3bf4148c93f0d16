"""Reads of what was set aside, came twice or looks odd, for judging the data.

Withdrawn batches are left out, and months after the scope's `until`. A row whose month could not be told belongs to the
months of its batch.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql import ColumnElement

from data_access.engine import count_rows_read, reading
from data_access.ingestion.source_form import LOAD_ORDER
from data_access.permissions import NotPermitted, Scope
from data_access.tables import batch, batch_flag, place, rejected_row

Condition = Callable[[ColumnElement], ColumnElement[bool]]
"""What a column must fulfil."""
DUPLICATE = "duplicate"
"""Why a row that repeats another row of its own file is set aside."""
MOST_FLAGS = 200
MOST_OPEN_ROWS = 20_000


def read_set_aside(engine: Engine, *, scope: Scope, first: int, last: int) -> pd.DataFrame:
    """Rows that were set aside, counted.

    Returns
    -------
    DataFrame
        source, reason, place (code of the township or village, None where it could not be told), month (NaN where it
        could not be told; such rows count where their batch reaches into the months), open, resolved (rows that are
        still outside; rows a later batch brought in).
    """
    r = rejected_row.c
    done = sa.func.sum(sa.case((r.resolved_by.is_not(None), 1), else_=0))
    statement = (
        sa.select(batch.c.source, r.reason, r.place_code, r.month, sa.func.count() - done, done)
        .join(batch, batch.c.id == r.batch_id)
        .where(batch.c.withdrawn_at.is_(None), _in_months(scope, first, last)(r.month))
        .group_by(batch.c.source, r.reason, r.place_code, r.month)
        .order_by(batch.c.source, r.reason, r.place_code, r.month)
    )
    columns = ["source", "reason", "place", "month", "open", "resolved"]
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement).all(), columns=columns, dtype=object)
    count_rows_read(len(frame))
    return frame.astype({"month": float, "open": int, "resolved": int})


def read_open_rows(engine: Engine, *, scope: Scope, first: int, last: int, source: str) -> pd.DataFrame:
    """The rows of one source that wait to be mended, as they stood; newest batch first, at most `MOST_OPEN_ROWS`.

    Rows that only repeat another row of their file are left out: the last one counted, there is nothing to mend. For
    stewards: the cells hold what the department wrote.

    Returns
    -------
    DataFrame
        batch_id, file_name, sheet ("" in a text file), row, column, found, reason, zh, en, cells (heading → text),
        key_text, place, month (None where they could not be told).

    Raises
    ------
    NotPermitted
        When the scope does not reach all villages.
    """
    if scope.villages_of is not None:
        raise NotPermitted
    r = rejected_row.c
    statement = (
        sa.select(
            r.batch_id, batch.c.file_name, r.sheet, r.row_number, r.column_name, r.found, r.reason, r.sentence_zh,
            r.sentence_en, r.cells, r.key_text, r.place_code, r.month,
        )
        .join(batch, batch.c.id == r.batch_id)
        .where(
            batch.c.withdrawn_at.is_(None), batch.c.source == source, r.resolved_by.is_(None),
            r.reason != DUPLICATE,
            _in_months(scope, first, last)(r.month),
        )
        .order_by(r.batch_id.desc(), r.id)
        .limit(MOST_OPEN_ROWS)
    )  # fmt: skip
    columns = ["batch_id", "file_name", "sheet", "row", "column", "found", "reason", "zh", "en", "cells", "key_text",
               "place", "month"]  # fmt: skip
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement).all(), columns=columns, dtype=object)
    count_rows_read(len(frame))
    for name in ("sheet", "column", "found"):
        frame[name] = [cell or "" for cell in frame[name]]
    return frame


def read_repeats(engine: Engine, *, scope: Scope, first: int, last: int) -> pd.DataFrame:
    """Records that came more than once, by source, from batches that reach into the months.

    Returns
    -------
    DataFrame
        source, read, again (rows an earlier batch had brought already, unchanged), corrected (rows that replaced an
        older version), doubled (rows set aside because their own file holds the record twice).
    """
    b, until = batch.c, scope.last_month(last)
    reaches = sa.and_(
        b.withdrawn_at.is_(None), sa.func.coalesce(b.first_month, first) <= until,
        sa.func.coalesce(b.last_month, until) >= first,
    )  # fmt: skip
    doubled = (
        sa.select(rejected_row.c.batch_id, sa.func.count().label("rows"))
        .where(rejected_row.c.reason == DUPLICATE)
        .group_by(rejected_row.c.batch_id)
        .subquery("doubled")
    )
    statement = (
        sa.select(
            b.source, sa.func.sum(b.rows_read), sa.func.sum(b.rows_unchanged), sa.func.sum(b.rows_changed),
            sa.func.sum(sa.func.coalesce(doubled.c.rows, 0)),
        )
        .select_from(batch.outerjoin(doubled, doubled.c.batch_id == b.id))
        .where(reaches)
        .group_by(b.source)
    )  # fmt: skip
    with reading(engine) as connection:
        rows = {row[0]: tuple(int(figure) for figure in row[1:]) for row in connection.execute(statement)}
    columns = ["source", "read", "again", "corrected", "doubled"]
    return pd.DataFrame([(source, *rows[source]) for source in LOAD_ORDER if source in rows], columns=columns)


def read_flags(engine: Engine, *, scope: Scope, first: int, last: int) -> pd.DataFrame:
    """What looks odd in batches that were taken; newest batch first, at most `MOST_FLAGS`.

    Flags about a village that the scope does not reach are left out.

    Returns
    -------
    DataFrame
        batch_id, source, file_name, row (NaN for the batch as a whole), reason, zh, en, place (None for all places),
        month (NaN for all months).
    """
    f = batch_flag.c
    statement = (
        sa.select(
            f.batch_id, batch.c.source, batch.c.file_name, f.row_number, f.reason, f.sentence_zh, f.sentence_en,
            f.place_code, f.month,
        )
        .join(batch, batch.c.id == f.batch_id)
        .where(batch.c.withdrawn_at.is_(None), _in_months(scope, first, last)(f.month))
        .order_by(f.batch_id.desc(), f.id)
    )  # fmt: skip
    if scope.villages_of is not None:
        village = sa.select(place.c.code).where(place.c.level == "village", place.c.parent.not_in(scope.villages_of))
        statement = statement.where(sa.or_(f.place_code.is_(None), f.place_code.not_in(village)))
    columns = ["batch_id", "source", "file_name", "row", "reason", "zh", "en", "place", "month"]
    with reading(engine) as connection:
        frame = pd.DataFrame(connection.execute(statement.limit(MOST_FLAGS)).all(), columns=columns, dtype=object)
    count_rows_read(len(frame))
    return frame.astype({"row": float, "month": float})


def _in_months(scope: Scope, first: int, last: int) -> Condition:
    """Rows set aside or flagged that belong to the months: their own, or those of their batch where it is unknown."""
    until = scope.last_month(last)

    def within(month: ColumnElement[int]) -> ColumnElement[bool]:
        unknown = sa.and_(month.is_(None), sa.func.coalesce(batch.c.first_month, first) <= until,
                          sa.func.coalesce(batch.c.last_month, until) >= first)  # fmt: skip
        return sa.or_(month.between(first, until), unknown)

    return within
