"""The record of one batch: what came, what was set aside and why, what was flagged, and what came in after all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.bulk import insert_rows
from data_access.ingestion.problems import Flag, Problem
from data_access.ingestion.written_rows import Written
from data_access.tables import batch, batch_flag, inspection_result, issue, register_row, rejected_row

_LONGEST_SENTENCE = 400


def known_batch(connection: Connection, *, source: str, digest: str) -> int | None:
    """The newest batch that brought these very bytes and was not withdrawn, or None."""
    same = sa.and_(batch.c.source == source, batch.c.file_hash == digest, batch.c.withdrawn_at.is_(None))
    return connection.execute(sa.select(sa.func.max(batch.c.id)).where(same)).scalar()


def rows_set_aside(connection: Connection, *, source: str, digest: str) -> set[tuple[str, int]]:
    """(sheet, row) of this file that were set aside when it came, other than for standing in it twice."""
    statement = (
        sa.select(rejected_row.c.sheet, rejected_row.c.row_number)
        .join(batch, batch.c.id == rejected_row.c.batch_id)
        .where(
            batch.c.source == source,
            batch.c.file_hash == digest,
            batch.c.withdrawn_at.is_(None),
            rejected_row.c.reason != "duplicate",
        )
    )
    return {(sheet or "", number) for sheet, number in connection.execute(statement)}


def open_batch(
    connection: Connection, *, source: str, name: str, digest: str, by: str, demonstration: bool, received_on: dt.date
) -> int:
    """Begin the record; the number of the new batch.

    Numbers follow each other without gaps: there is one writer at a time, and what is undone gives its number back.
    """
    number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(batch.c.id), 0) + 1)).scalar_one()
    values = {
        "id": number,
        "source": source,
        "file_name": name,
        "file_hash": digest,
        "loaded_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "loaded_by": by[:120],
        "demonstration": demonstration,
        "received_on": received_on,
        **dict.fromkeys(("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected"), 0),
    }
    connection.execute(batch.insert().values(**values))
    return int(number)


def close_batch(
    connection: Connection, batch_id: int, written: Written, problems: Sequence[Problem], flags: Sequence[Flag]
) -> int:
    """Write down what came of the batch; the number of rows read."""
    read = written.new + written.changed + written.unchanged + written.late + len(problems)
    values = {
        "rows_read": read,
        "rows_new": written.new,
        "rows_changed": written.changed,
        "rows_unchanged": written.unchanged + written.late,
        "rows_rejected": len(problems),
        "rows_flagged": len(flags),
        "first_month": written.first_month,
        "last_month": written.last_month,
    }
    connection.execute(batch.update().where(batch.c.id == batch_id).values(**values))
    _keep_problems(connection, batch_id, problems)
    keep_flags(connection, batch_id, flags)
    return read


def _keep_problems(connection: Connection, batch_id: int, problems: Sequence[Problem]) -> None:
    names = ["batch_id", "sheet", "row_number", "column_name", "found", "reason", "sentence_zh", "sentence_en",
             "key_text", "place_code", "month", "cells"]  # fmt: skip
    rows = [
        (batch_id, one.sheet[:120] or None, one.row, one.column, one.found, one.reason, one.zh[:_LONGEST_SENTENCE],
         one.en[:_LONGEST_SENTENCE], one.key_text, one.place_code, one.month, one.cells or None)
        for one in problems
    ]  # fmt: skip
    if rows:
        insert_rows(connection, rejected_row, names, rows)


def keep_flags(connection: Connection, batch_id: int, flags: Iterable[Flag]) -> None:
    """Keep what looked odd."""
    names = ["batch_id", "sheet", "row_number", "column_name", "found", "reason", "sentence_zh", "sentence_en",
             "place_code", "month"]  # fmt: skip
    rows = [
        (batch_id, one.sheet[:120] or None, one.row, one.column[:120], one.found[:400], one.reason,
         one.zh[:_LONGEST_SENTENCE], one.en[:_LONGEST_SENTENCE], one.place_code, one.month)
        for one in flags
    ]  # fmt: skip
    if rows:
        insert_rows(connection, batch_flag, names, rows)


def mark_resolved(
    connection: Connection, *, source: str, batch_id: int, digest: str, again: set[tuple[str, int]]
) -> None:
    """Rows set aside earlier that are in now: by their natural key, or because their own file was read again."""
    r, result = rejected_row.c, inspection_result.c
    key = {
        "issues": sa.and_(issue.c.case_no == r.key_text, issue.c.superseded_by.is_(None)),
        "inspections": sa.and_(result.record_no == r.key_text, result.superseded_by.is_(None)),
        **{
            name: sa.and_(
                register_row.c.source == name, register_row.c.code == r.key_text, register_row.c.superseded_by.is_(None)
            )
            for name in ("places", "estates", "firms")
        },
    }.get(source)
    mine = sa.select(batch.c.id).where(batch.c.source == source)
    waiting = sa.and_(r.resolved_by.is_(None), r.batch_id.in_(mine), r.batch_id != batch_id, r.reason != "duplicate")
    if key is not None:
        here = sa.and_(waiting, r.key_text.is_not(None), sa.exists().where(key))
        connection.execute(rejected_row.update().where(here).values(resolved_by=batch_id))
    if again:
        still = {
            (sheet or "", number)
            for sheet, number in connection.execute(
                sa.select(r.sheet, r.row_number).where(r.batch_id == batch_id, r.reason != "duplicate")
            )
        }
        same = mine.where(batch.c.file_hash == digest)
        for sheet, number in sorted(again - still):
            row = sa.and_(r.row_number == number, sa.func.coalesce(r.sheet, "") == sheet)
            connection.execute(
                rejected_row.update()
                .where(r.resolved_by.is_(None), r.batch_id.in_(same), r.batch_id != batch_id, row)
                .values(resolved_by=batch_id)
            )
