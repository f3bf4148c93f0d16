"""Reads of the load history: batches, what was set aside or flagged in one, every version of one row."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.errors import UserError
from data_access.ingestion.problems import Flag, Problem
from data_access.tables import batch, batch_flag, rejected_row
from data_access.withdrawals import KEYS

_BATCH = ("id", "source", "file_name", "file_hash", "loaded_at", "loaded_by", "received_on", "rows_read", "rows_new",
          "rows_changed", "rows_unchanged", "rows_rejected", "rows_flagged", "first_month", "last_month",
          "demonstration", "withdrawn_at", "withdrawn_by", "withdrawn_because")  # fmt: skip
_VERSION = ("batch_id", "file_name", "file_hash", "sheet", "row_number", "loaded_at", "loaded_by", "state",
            "replaced_by")  # fmt: skip


def read_batches(engine: Engine, *, limit: int = 200, source: str | None = None) -> pd.DataFrame:
    """The newest batches, newest first; times in UTC without zone, months YYYYMM, None where there is nothing.

    For data stewards.
    """
    statement = sa.select(*(batch.c[name] for name in _BATCH)).order_by(batch.c.id.desc()).limit(limit)
    if source is not None:
        statement = statement.where(batch.c.source == source)
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=list(_BATCH), dtype=object)


def read_history(engine: Engine, *, source: str, key: str) -> pd.DataFrame:
    """Every version of the row with this natural key (case number, visit number, code, or indicator|place|month).

    Returns
    -------
    DataFrame
        batch_id, file_name, file_hash, sheet, row_number, loaded_at, loaded_by, state ("current", "replaced" or
        "withdrawn"), replaced_by (batch or None), then the columns of the row; oldest first; empty when unknown. For
        data stewards.
    """
    if source not in KEYS:
        raise UserError(zh=f"没有名为“{source}”的数据来源。", en=f"There is no source '{source}'.")
    table, names = KEYS[source]
    c = table.c
    parts = key.split("|") if source == "measurements" else [key]
    fields = {"places": ["code"], "estates": ["code"], "firms": ["code"]}.get(source, list(names))
    asked = [c[name] == _typed(c[name], part) for name, part in zip(fields, parts, strict=False)]
    if "source" in c:
        asked.append(c.source == source)
    hidden = {"id", "batch_id", "sheet", "row_number", "superseded_by", "content_hash", "source"}
    said = [column for column in c if column.name not in hidden]
    statement = (
        sa.select(
            c.batch_id, batch.c.file_name, batch.c.file_hash, c.sheet, c.row_number, batch.c.loaded_at,
            batch.c.loaded_by, c.superseded_by, *said,
        )
        .join_from(table, batch, batch.c.id == c.batch_id)
        .where(*asked)
        .order_by(c.batch_id, c.id)
        .limit(2000)
    )  # fmt: skip
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    return pd.DataFrame([_version(row, said) for row in rows], columns=[*_VERSION, *_names(said, rows)], dtype=object)


def _typed(column: sa.Column[Any], part: str) -> Any:
    if isinstance(column.type, sa.Integer):
        digits = part.replace("-", "")
        return int(digits) if digits.isascii() and digits.isdigit() else -1
    return part.strip()


def _version(row: Any, said: list[sa.Column[Any]]) -> dict[str, Any]:
    state = "current" if row.superseded_by is None else "replaced"
    if row.superseded_by == row.batch_id:
        state = "withdrawn"
    first = {name: getattr(row, name) for name in _VERSION if name not in ("state", "replaced_by")}
    content = {column.name: getattr(row, column.name) for column in said}
    content |= content.pop("content", {})
    return {**first, "state": state, "replaced_by": row.superseded_by if state == "replaced" else None, **content}


def _names(said: list[sa.Column[Any]], rows: Any) -> list[str]:
    names = [column.name for column in said if column.name != "content"]
    if len(names) < len(said) and rows:
        names += [name for name in rows[0].content if name not in names]
    return names


def read_problems(engine: Engine, batch_id: int, *, open_only: bool = False) -> tuple[Problem, ...]:
    """The rows that were set aside when this batch came, in the order of the file; `open_only` leaves out those that
    came in later. For data stewards: the cells may hold what departments wrote about people."""
    r = rejected_row.c
    statement = sa.select(rejected_row).where(r.batch_id == batch_id).order_by(r.sheet, r.row_number, r.id)
    if open_only:
        statement = statement.where(r.resolved_by.is_(None))
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    return tuple(
        Problem(row.sheet or "", row.row_number, row.column_name or "", row.found or "", row.reason, row.sentence_zh,
                row.sentence_en, row.cells or {}, row.key_text, row.place_code, row.month)
        for row in rows
    )  # fmt: skip


def read_flags(engine: Engine, batch_id: int) -> tuple[Flag, ...]:
    """What looked odd in this batch."""
    f = batch_flag.c
    with reading(engine) as connection:
        rows = connection.execute(sa.select(batch_flag).where(f.batch_id == batch_id).order_by(f.id)).all()
    return tuple(
        Flag(row.reason, row.sentence_zh, row.sentence_en, row.sheet or "", row.row_number, row.column_name or "",
             row.found or "", row.place_code, row.month)
        for row in rows
    )  # fmt: skip
