"""Facts: issues, inspection results, measurements; current rows and the versions they replaced.

`updated_at` is when the department last changed the row, where its file says so: an older state that arrives later goes
straight into history.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from data_access.tables.base import CURRENT, Word, metadata, month_check, one_of, position_columns, version_columns
from data_access.words import CAMPAIGNS, CATEGORIES, CHANNELS, ITEMS

issue = Table(
    "issue",
    metadata,
    *version_columns(),
    Column("updated_at", sa.DateTime),
    Column("case_no", sa.String(64), nullable=False),
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("month", sa.Integer, nullable=False),
    Column("channel", Word, nullable=False),
    Column("category", Word, nullable=False),
    Column("campaign", Word, nullable=False),
    Column("estate_code", ForeignKey("estate.code")),
    Column("firm_code", ForeignKey("firm.code")),
    Column("reported_at", sa.DateTime, nullable=False),
    Column("accepted_at", sa.DateTime),
    Column("assigned_at", sa.DateTime),
    Column("first_answered_at", sa.DateTime),
    Column("answer_due_at", sa.DateTime),
    Column("due_at", sa.DateTime),
    Column("closed_at", sa.DateTime),
    Column("solved", sa.Boolean),
    Column("called_back", sa.Boolean, nullable=False),
    Column("reached", sa.Boolean, nullable=False),
    Column("satisfied", sa.Boolean),
    Column("reopened", sa.Boolean, nullable=False),
    Column("repeat_of", sa.String(64)),
    *position_columns(),
    month_check(),
    one_of("channel", CHANNELS),
    one_of("category", CATEGORIES),
    one_of("campaign", CAMPAIGNS),
    CheckConstraint("accepted_at >= reported_at", name="accepted_after_reported"),
    CheckConstraint("closed_at >= reported_at", name="closed_after_reported"),
    CheckConstraint("closed_at IS NULL OR accepted_at IS NOT NULL", name="closed_needs_accepted"),
    CheckConstraint("NOT called_back OR closed_at IS NOT NULL", name="called_back_needs_closed"),
    CheckConstraint("NOT reached OR called_back", name="reached_needs_called_back"),
    CheckConstraint("satisfied IS NULL OR reached", name="satisfied_needs_reached"),
    CheckConstraint("NOT reopened OR closed_at IS NOT NULL", name="reopened_needs_closed"),
    Index("uq_issue_current", "case_no", unique=True, **CURRENT),
    Index("ix_issue_cell", "place_code", "month", **CURRENT),
    Index("ix_issue_due", "due_at", **CURRENT),
)

inspection_result = Table(
    "inspection_result",
    metadata,
    *version_columns(),
    Column("updated_at", sa.DateTime),
    Column("record_no", sa.String(64), nullable=False),
    Column("item", Word, nullable=False),
    Column("site_code", ForeignKey("site.code"), nullable=False),
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("month", sa.Integer, nullable=False),
    Column("inspected_on", sa.Date, nullable=False),
    Column("passed", sa.Boolean, nullable=False),
    Column("recheck", sa.Boolean, nullable=False),
    month_check(),
    one_of("item", ITEMS),
    Index("uq_inspection_result_current", "record_no", "item", unique=True, **CURRENT),
    Index("ix_inspection_result_cell", "place_code", "month", **CURRENT),
)

measurement = Table(
    "measurement",
    metadata,
    *version_columns(),
    Column("updated_at", sa.DateTime),
    Column("indicator", sa.String(64), nullable=False),
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("month", sa.Integer, nullable=False),
    Column("dimension", Word, nullable=False),
    Column("value", Word, nullable=False),
    Column("numerator", sa.Float, nullable=False),
    Column("denominator", sa.Float, nullable=False),
    Column("bounded", sa.Boolean, nullable=False),
    Column("verified_on", sa.Date),
    month_check(),
    CheckConstraint("numerator >= 0 AND denominator >= 0", name="not_negative"),
    CheckConstraint("NOT bounded OR numerator <= denominator", name="part_of_whole"),
    Index("uq_measurement_current", "indicator", "place_code", "month", "dimension", "value", unique=True, **CURRENT),
    Index("ix_measurement_cell", "place_code", "month", **CURRENT),
)
