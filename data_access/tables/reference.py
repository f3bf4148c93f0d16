"""Reference tables: places, their codes and shapes, sites, estates, firms."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table

from data_access.tables.base import Code, Word, metadata, one_of
from data_access.words import FIRM_SIZES, LEVELS, MANAGEMENTS, SITE_KINDS

place = Table(
    "place",
    metadata,
    Column("code", Code, primary_key=True),
    Column("level", Word, nullable=False),
    Column("parent", ForeignKey("place.code"), index=True),
    Column("name", sa.String(120), nullable=False),
    Column("short_name", sa.String(120), nullable=False),
    Column("kind", Word, nullable=False),
    Column("area_type", Word),
    Column("settlement_age", Word),
    Column("established", sa.Date),
    Column("managed_by", Word),
    Column("residents", sa.Integer),
    Column("households", sa.Integer),
    Column("grid_column", sa.Integer),
    Column("grid_row", sa.Integer),
    Column("valid_from", sa.Date, nullable=False),
    Column("valid_to", sa.Date),
    Column("successor", ForeignKey("place.code")),
    one_of("level", LEVELS),
    one_of("area_type", ("urban", "rural")),
    one_of("settlement_age", ("established", "new")),
    CheckConstraint("residents >= 0 AND households >= 0", name="people"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
)

place_code = Table(
    "place_code",
    metadata,
    Column("system", sa.String(8), primary_key=True),
    Column("code", Code, primary_key=True),
    Column("place", ForeignKey("place.code"), nullable=False, index=True),
    one_of("system", ("NBS", "MCA")),
)

boundary = Table(
    "boundary",
    metadata,
    Column("layer", Word, primary_key=True),
    Column("place_code", ForeignKey("place.code"), primary_key=True),
    Column("geometry", sa.LargeBinary, nullable=False),
    Column("label_lon", sa.Float, nullable=False),
    Column("label_lat", sa.Float, nullable=False),
    Column("precision", Word, nullable=False),
    Column("source", sa.String(200), nullable=False),
    Column("licence", sa.String(200), nullable=False),
    Column("valid_from", sa.Date, nullable=False),
    one_of("precision", ("schematic", "surveyed")),
)

site = Table(
    "site",
    metadata,
    Column("code", Code, primary_key=True),
    Column("kind", Word, nullable=False),
    Column("name", sa.String(200), nullable=False),
    Column("place_code", ForeignKey("place.code"), nullable=False, index=True),
    Column("registered_from", sa.Integer),
    Column("registered_to", sa.Integer),
    Column("batch_id", ForeignKey("batch.id"), nullable=False),
    one_of("kind", SITE_KINDS),
)

estate = Table(
    "estate",
    metadata,
    Column("code", ForeignKey("site.code"), primary_key=True),
    Column("management", Word),
    Column("households", sa.Integer),
    Column("company", sa.String(200)),
    one_of("management", MANAGEMENTS),
    CheckConstraint("households >= 0", name="households"),
)

firm = Table(
    "firm",
    metadata,
    Column("code", ForeignKey("site.code"), primary_key=True),
    Column("size", Word),
    Column("employees", sa.Integer),
    Column("industry", sa.String(120)),
    one_of("size", FIRM_SIZES),
    CheckConstraint("employees >= 0", name="employees"),
)
