"""Tables that keep the house running: data versions, releases and the figures they froze, people, the audit, notes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table

from data_access.tables.base import Code, Key, Word, metadata, month_check, one_of
from data_access.words import CAMPAIGNS

data_version = Table(
    "data_version",
    metadata,
    Column("number", Key, primary_key=True),
    Column("created_at", sa.DateTime, nullable=False),
    Column("batch_id", ForeignKey("batch.id")),
    Column("as_of", sa.Date),
    Column("first_month", sa.Integer),
    Column("last_month", sa.Integer),
    Column("provisional_from", sa.Integer),
    Column("demonstration", sa.Boolean, nullable=False),
)

release = Table(
    "release",
    metadata,
    Column("month", sa.Integer, primary_key=True, autoincrement=False),
    Column("released_at", sa.DateTime, nullable=False),
    Column("embargo_until", sa.DateTime),
    Column("data_version", ForeignKey("data_version.number"), nullable=False),
    Column("catalogue_hash", sa.String(64), nullable=False),
    Column("released_by", sa.String(120), nullable=False),
    month_check(),
)

person = Table(
    "person",
    metadata,
    Column("email", sa.String(200), primary_key=True),
    Column("name", sa.String(120), nullable=False),
    Column("role", Word, nullable=False),
    Column("township", ForeignKey("place.code")),
    Column("active", sa.Boolean, nullable=False, default=True),
    one_of("role", ("leader", "researcher", "head", "steward")),
    CheckConstraint("role <> 'head' OR township IS NOT NULL", name="head_has_township"),
)

release_figure = Table(
    "release_figure",
    metadata,
    Column("month", ForeignKey("release.month"), primary_key=True),
    Column("indicator", sa.String(64), primary_key=True),
    Column("place_code", Code, primary_key=True),
    Column("numerator", sa.Float, nullable=False),
    Column("denominator", sa.Float, nullable=False),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", sa.DateTime, nullable=False),
    Column("who", sa.String(120), nullable=False),
    Column("action", Word, nullable=False),
    Column("subject", sa.String(255), nullable=False),
    Column("origin", sa.String(120)),
)

briefing = Table(
    "briefing",
    metadata,
    Column("id", Key, primary_key=True),
    Column("title", sa.String(200), nullable=False),
    Column("data_version", ForeignKey("data_version.number"), nullable=False),
    Column("content", sa.JSON, nullable=False),
    Column("created_at", sa.DateTime, nullable=False),
    Column("created_by", sa.String(120), nullable=False),
)

annotation = Table(
    "annotation",
    metadata,
    Column("id", Key, primary_key=True),
    Column("place_code", ForeignKey("place.code"), nullable=False, index=True),
    Column("indicator", Word),
    Column("month", sa.Integer),
    Column("text", sa.String(1000), nullable=False),
    Column("created_at", sa.DateTime, nullable=False),
    Column("created_by", sa.String(120), nullable=False),
    Column("campaign", Word, one_of("campaign", CAMPAIGNS)),
    Column("until_month", sa.Integer),
)
