"""The schema: reference tables, facts, counts, and the tables that keep the house running.

Constraints refuse nonsense at the last door: counts below zero, numerators above denominators, cases closed before they
were reported, codes and words that do not exist. Months are integers YYYYMM; codes are the national statistical codes.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from data_access.words import CAMPAIGNS, CATEGORIES, CHANNELS, FIRM_SIZES, ITEMS, LEVELS, MANAGEMENTS, SITE_KINDS

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Code = sa.String(32)
Word = sa.String(32)
Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _month(column: str = "month") -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN 190001 AND 299912 AND {column} % 100 BETWEEN 1 AND 12", name=column)


# ---- running the house ---------------------------------------------------------------------------------------------

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
    Column("first_month", sa.Integer),
    Column("last_month", sa.Integer),
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
)

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
    _month(),
)

person = Table(
    "person",
    metadata,
    Column("email", sa.String(200), primary_key=True),
    Column("name", sa.String(120), nullable=False),
    Column("role", Word, nullable=False),
    Column("township", ForeignKey("place.code")),
    Column("active", sa.Boolean, nullable=False, default=True),
    _one_of("role", ("leader", "researcher", "head", "steward")),
    CheckConstraint("role <> 'head' OR township IS NOT NULL", name="head_has_township"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", sa.DateTime, nullable=False),
    Column("who", sa.String(120), nullable=False),
    Column("action", Word, nullable=False),
    Column("subject", sa.String(255), nullable=False),
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
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("indicator", Word),
    Column("month", sa.Integer),
    Column("text", sa.String(1000), nullable=False),
    Column("created_at", sa.DateTime, nullable=False),
    Column("created_by", sa.String(120), nullable=False),
)

name_alias = Table(
    "name_alias",
    metadata,
    Column("township", ForeignKey("place.code"), primary_key=True),
    Column("name", sa.String(120), primary_key=True),
    Column("place_code", ForeignKey("place.code"), nullable=False),
)

# ---- reference -----------------------------------------------------------------------------------------------------

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
    _one_of("level", LEVELS),
    _one_of("area_type", ("urban", "rural")),
    _one_of("settlement_age", ("established", "new")),
    CheckConstraint("residents >= 0 AND households >= 0", name="people"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
)

place_code = Table(
    "place_code",
    metadata,
    Column("system", sa.String(8), primary_key=True),
    Column("code", Code, primary_key=True),
    Column("place", ForeignKey("place.code"), nullable=False, index=True),
    _one_of("system", ("NBS", "MCA")),
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
    _one_of("precision", ("schematic", "surveyed")),
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
    Column("content_hash", sa.String(16)),
    Column("batch_id", ForeignKey("batch.id"), nullable=False),
    _one_of("kind", SITE_KINDS),
)

estate = Table(
    "estate",
    metadata,
    Column("code", ForeignKey("site.code"), primary_key=True),
    Column("management", Word),
    Column("households", sa.Integer),
    Column("company", sa.String(200)),
    _one_of("management", MANAGEMENTS),
    CheckConstraint("households >= 0", name="households"),
)

firm = Table(
    "firm",
    metadata,
    Column("code", ForeignKey("site.code"), primary_key=True),
    Column("size", Word),
    Column("employees", sa.Integer),
    Column("industry", sa.String(120)),
    _one_of("size", FIRM_SIZES),
    CheckConstraint("employees >= 0", name="employees"),
)

# ---- facts ---------------------------------------------------------------------------------------------------------


def _event_columns() -> tuple[Column, ...]:
    return (
        Column("id", Key, primary_key=True),
        Column("content_hash", sa.String(16), nullable=False),
        Column("batch_id", ForeignKey("batch.id"), nullable=False, index=True),
        Column("row_number", sa.Integer, nullable=False),
        Column("superseded_by", ForeignKey("batch.id")),
    )


_CURRENT = {"sqlite_where": sa.text("superseded_by IS NULL"), "postgresql_where": sa.text("superseded_by IS NULL")}

issue = Table(
    "issue",
    metadata,
    *_event_columns(),
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
    _month(),
    _one_of("channel", CHANNELS),
    _one_of("category", CATEGORIES),
    _one_of("campaign", CAMPAIGNS),
    CheckConstraint("accepted_at >= reported_at", name="accepted_after_reported"),
    CheckConstraint("closed_at >= reported_at", name="closed_after_reported"),
    CheckConstraint("closed_at IS NULL OR accepted_at IS NOT NULL", name="closed_needs_accepted"),
    CheckConstraint("NOT called_back OR closed_at IS NOT NULL", name="called_back_needs_closed"),
    CheckConstraint("NOT reached OR called_back", name="reached_needs_called_back"),
    CheckConstraint("satisfied IS NULL OR reached", name="satisfied_needs_reached"),
    CheckConstraint("NOT reopened OR closed_at IS NOT NULL", name="reopened_needs_closed"),
    Index("uq_issue_current", "case_no", unique=True, **_CURRENT),
    Index("ix_issue_cell", "place_code", "month", **_CURRENT),
    Index("ix_issue_due", "due_at", **_CURRENT),
)

inspection_result = Table(
    "inspection_result",
    metadata,
    *_event_columns(),
    Column("record_no", sa.String(64), nullable=False),
    Column("item", Word, nullable=False),
    Column("site_code", ForeignKey("site.code"), nullable=False),
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("month", sa.Integer, nullable=False),
    Column("inspected_on", sa.Date, nullable=False),
    Column("passed", sa.Boolean, nullable=False),
    Column("recheck", sa.Boolean, nullable=False),
    _month(),
    _one_of("item", ITEMS),
    Index("uq_inspection_result_current", "record_no", "item", unique=True, **_CURRENT),
    Index("ix_inspection_result_cell", "place_code", "month", **_CURRENT),
)

measurement = Table(
    "measurement",
    metadata,
    *_event_columns(),
    Column("indicator", sa.String(64), nullable=False),
    Column("place_code", ForeignKey("place.code"), nullable=False),
    Column("month", sa.Integer, nullable=False),
    Column("dimension", Word, nullable=False),
    Column("value", Word, nullable=False),
    Column("numerator", sa.Float, nullable=False),
    Column("denominator", sa.Float, nullable=False),
    Column("bounded", sa.Boolean, nullable=False),
    Column("verified_on", sa.Date),
    _month(),
    CheckConstraint("numerator >= 0 AND denominator >= 0", name="not_negative"),
    CheckConstraint("NOT bounded OR numerator <= denominator", name="part_of_whole"),
    Index("uq_measurement_current", "indicator", "place_code", "month", "dimension", "value", unique=True, **_CURRENT),
    Index("ix_measurement_cell", "place_code", "month", **_CURRENT),
)

# ---- counts --------------------------------------------------------------------------------------------------------

ISSUE_COUNTERS = (
    "reported", "accepted", "answered_in_time", "due", "verified_solved", "closed_on_time", "overdue_open", "closed",
    "reopened", "repeats", "called_back", "reached", "satisfied", "solved_reached", "solved_dissatisfied",
)  # fmt: skip
INSPECTION_COUNTERS = (
    "items_checked", "items_passed", "rechecked", "rectified", "sites_inspected", "sites_fully_passed",
    "sites_registered",
)  # fmt: skip


def _counts(name: str, counters: tuple[str, ...], parts: tuple[tuple[str, str], ...]) -> Table:
    """A table of counts; `parts` lists (part, whole) pairs whose first can never exceed the second."""
    return Table(
        name,
        metadata,
        Column("level", Word, primary_key=True),
        Column("dimension", Word, primary_key=True),
        Column("month", sa.Integer, primary_key=True),
        Column("place_code", ForeignKey("place.code"), primary_key=True),
        Column("value", Word, primary_key=True),
        *(Column(counter, sa.Integer, nullable=False) for counter in counters),
        *(CheckConstraint(f"{counter} >= 0", name=f"{counter}_not_negative") for counter in counters),
        *(CheckConstraint(f"{part} <= {whole}", name=f"{part}_within_{whole}") for part, whole in parts),
        _month(),
        Index(f"ix_{name}_place", "place_code", "dimension", "month"),
        sqlite_with_rowid=False,
    )


issue_monthly = _counts(
    "issue_monthly",
    ISSUE_COUNTERS,
    (("accepted", "reported"), ("answered_in_time", "accepted"), ("due", "accepted"), ("verified_solved", "due"),
     ("closed_on_time", "due"), ("overdue_open", "due"), ("closed", "accepted"), ("reopened", "closed"),
     ("repeats", "reported"), ("called_back", "closed"), ("reached", "called_back"), ("satisfied", "reached"),
     ("solved_reached", "reached"), ("solved_dissatisfied", "solved_reached")),
)  # fmt: skip
inspection_monthly = _counts(
    "inspection_monthly",
    INSPECTION_COUNTERS,
    (("items_passed", "items_checked"), ("rectified", "rechecked"), ("sites_inspected", "sites_registered"),
     ("sites_fully_passed", "sites_inspected")),
)  # fmt: skip

measurement_monthly = Table(
    "measurement_monthly",
    metadata,
    Column("level", Word, primary_key=True),
    Column("indicator", sa.String(64), primary_key=True),
    Column("dimension", Word, primary_key=True),
    Column("month", sa.Integer, primary_key=True),
    Column("place_code", ForeignKey("place.code"), primary_key=True),
    Column("value", Word, primary_key=True),
    Column("numerator", sa.Float, nullable=False),
    Column("denominator", sa.Float, nullable=False),
    Column("verified_on", sa.Date),
    Column("places_counted", sa.Integer, nullable=False),
    _month(),
    CheckConstraint("numerator >= 0 AND denominator >= 0 AND places_counted > 0", name="not_negative"),
    Index("ix_measurement_monthly_place", "place_code", "dimension", "month"),
    sqlite_with_rowid=False,
)
