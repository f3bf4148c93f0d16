"""Reference tables: places, their codes, changes and shapes, sites, estates, firms.

A place that was merged, split or given another code is closed by `place.valid_to` (its last day) and names in
`place.successor` the one under which its history is counted; `place_change` says what happened, and its parts which
places were before and after. A boundary layer counts once it is accepted; without `accepted_at` it waits for somebody
to look at it. Positions are longitude and latitude in degrees (CGCS2000); `located_by` says how the village was found:
"stated" by the file, "inside" a polygon, "nearest" to one.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table

from data_access.tables.base import Code, Key, Word, metadata, one_of, position_columns
from data_access.words import FIRM_SIZES, LEVELS, MANAGEMENTS, PLACE_CHANGES, SITE_KINDS

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

place_change = Table(
    "place_change",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", Word, nullable=False),
    Column("happened_on", sa.Date, nullable=False),
    Column("document", sa.String(200), nullable=False, server_default=""),
    Column("entered_at", sa.DateTime, nullable=False),
    Column("entered_by", sa.String(120), nullable=False),
    Column("undone_at", sa.DateTime),
    Column("undone_by", sa.String(120)),
    one_of("kind", PLACE_CHANGES),
)

place_change_part = Table(
    "place_change_part",
    metadata,
    Column("change_id", ForeignKey("place_change.id"), primary_key=True),
    Column("before_code", ForeignKey("place.code"), primary_key=True),
    Column("after_code", ForeignKey("place.code"), primary_key=True, index=True),
    Column("name_before", sa.String(120), nullable=False),
    Column("name_after", sa.String(120), nullable=False),
    Column("carries_history", sa.Boolean, nullable=False),
)

boundary_layer = Table(
    "boundary_layer",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", sa.String(120), nullable=False),
    Column("precision", Word, nullable=False),
    Column("source", sa.String(200), nullable=False),
    Column("licence", sa.String(200), nullable=False, server_default=""),
    Column("review_number", sa.String(120), nullable=False, server_default=""),
    Column("attribution", sa.String(200), nullable=False, server_default=""),
    Column("reference_system", sa.String(200), nullable=False, server_default=""),
    Column("datum", sa.String(16), nullable=False, server_default="CGCS2000"),
    Column("file_name", sa.String(255), nullable=False, server_default=""),
    Column("file_hash", sa.String(64), nullable=False, server_default=""),
    Column("report", sa.JSON),
    Column("valid_from", sa.Date, nullable=False),
    Column("valid_to", sa.Date),
    Column("brought_at", sa.DateTime, nullable=False),
    Column("brought_by", sa.String(120), nullable=False),
    Column("accepted_at", sa.DateTime),
    Column("accepted_by", sa.String(120)),
    one_of("precision", ("schematic", "surveyed")),
    one_of("datum", ("CGCS2000", "GCJ-02", "BD-09")),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
)

boundary_shape = Table(
    "boundary_shape",
    metadata,
    Column("layer_id", ForeignKey("boundary_layer.id"), primary_key=True),
    Column("place_code", ForeignKey("place.code"), primary_key=True),
    Column("geometry", sa.LargeBinary, nullable=False),
    Column("label_lon", sa.Float),
    Column("label_lat", sa.Float),
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
    *position_columns(),
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
