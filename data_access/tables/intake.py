"""Tables of the intake: batches, what was set aside or flagged, who vouches for a row, what stewards confirmed.

`batch.received_on` is the day the file reached the district (the load's day unless the steward says otherwise). A batch
that was withdrawn keeps its record. `rejected_row` holds rows that were not taken, with their cells as they stood
(heading → text) and, once a later batch brought the row in, `resolved_by`. `batch_flag` holds what was taken but looks
odd; without a row number it is about the whole batch. `row_sighting` says that a batch brought a row that an earlier
batch had brought already: when the earlier one is withdrawn, the row stays and belongs to the later one.
`emptied_result` says that an inspection sheet left the cell of an item empty that it or another sheet had filled, or
may yet. `register_row` keeps every version of a row of a register. `submission` says how many rows of a township and
month a batch brought, by stream (an indicator of measurements, or "").
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from data_access.tables.base import CURRENT, Code, Key, Word, metadata, month_check, one_of, version_columns

batch = Table(
    "batch",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", Word, nullable=False),
    Column("file_name", sa.String(255), nullable=False),
    Column("file_hash", sa.String(64), nullable=False),
    Column("loaded_at", sa.DateTime, nullable=False),
    Column("loaded_by", sa.String(120), nullable=False),
    Column("demonstration", sa.Boolean, nullable=False),
    Column("rows_read", sa.Integer, nullable=False),
    Column("rows_new", sa.Integer, nullable=False),
    Column("rows_changed", sa.Integer, nullable=False),
    Column("rows_unchanged", sa.Integer, nullable=False),
    Column("rows_rejected", sa.Integer, nullable=False),
    Column("rows_flagged", sa.Integer, nullable=False, server_default="0"),
    Column("first_month", sa.Integer),
    Column("last_month", sa.Integer),
    Column("received_on", sa.Date),
    Column("withdrawn_at", sa.DateTime),
    Column("withdrawn_by", sa.String(120)),
    Column("withdrawn_because", sa.String(400)),
    Index("ix_batch_file", "source", "file_hash"),
    *(
        CheckConstraint(f"{name} >= 0", name=name)
        for name in ("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected")
    ),
)

rejected_row = Table(
    "rejected_row",
    metadata,
    Column("id", Key, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), nullable=False, index=True),
    Column("sheet", sa.String(120)),
    Column("row_number", sa.Integer, nullable=False),
    Column("column_name", sa.String(120)),
    Column("found", sa.String(400)),
    Column("reason", Word, nullable=False),
    Column("sentence_zh", sa.String(400), nullable=False),
    Column("sentence_en", sa.String(400), nullable=False),
    Column("key_text", sa.String(200), index=True),
    Column("place_code", Code),
    Column("month", sa.Integer),
    Column("cells", sa.JSON),
    Column("resolved_by", sa.Integer),
)

batch_flag = Table(
    "batch_flag",
    metadata,
    Column("id", Key, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), nullable=False, index=True),
    Column("sheet", sa.String(120)),
    Column("row_number", sa.Integer),
    Column("column_name", sa.String(120)),
    Column("found", sa.String(400)),
    Column("reason", Word, nullable=False),
    Column("sentence_zh", sa.String(400), nullable=False),
    Column("sentence_en", sa.String(400), nullable=False),
    Column("place_code", Code),
    Column("month", sa.Integer),
)

row_sighting = Table(
    "row_sighting",
    metadata,
    Column("source", Word, primary_key=True),
    Column("row_id", Key, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), primary_key=True, index=True),
    Column("row_number", sa.Integer, nullable=False),
    Column("sheet", sa.String(120)),
    sqlite_with_rowid=False,
)

emptied_result = Table(
    "emptied_result",
    metadata,
    Column("record_no", sa.String(64), primary_key=True),
    Column("item", Word, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), primary_key=True, index=True),
    Column("updated_at", sa.DateTime),
    sqlite_with_rowid=False,
)

register_row = Table(
    "register_row",
    metadata,
    *version_columns(),
    Column("source", Word, nullable=False),
    Column("code", Code, nullable=False),
    Column("content", sa.JSON, nullable=False),
    one_of("source", ("places", "estates", "firms")),
    Index("uq_register_row_current", "source", "code", unique=True, **CURRENT),
)

submission = Table(
    "submission",
    metadata,
    Column("source", Word, primary_key=True),
    Column("stream", sa.String(64), primary_key=True),
    Column("place_code", Code, primary_key=True),
    Column("month", sa.Integer, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), primary_key=True, index=True),
    Column("received_on", sa.Date, nullable=False),
    Column("rows_taken", sa.Integer, nullable=False),
    CheckConstraint("rows_taken >= 0", name="rows_taken"),
    month_check(),
    sqlite_with_rowid=False,
)

heading_answer = Table(
    "heading_answer",
    metadata,
    Column("source", Word, primary_key=True),
    Column("heading", sa.String(120), primary_key=True),
    Column("field", sa.String(64)),
    Column("confirmed_by", sa.String(120), nullable=False),
    Column("confirmed_at", sa.DateTime, nullable=False),
)

name_alias = Table(
    "name_alias",
    metadata,
    Column("township", ForeignKey("place.code"), primary_key=True),
    Column("name", sa.String(120), primary_key=True),
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("confirmed_by", sa.String(120)),
    Column("confirmed_at", sa.DateTime),
)
