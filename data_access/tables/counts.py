"""Monthly counts per place, for every level, dimension and value."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from data_access.tables.base import Word, metadata, month_check

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
        month_check(),
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
    month_check(),
    CheckConstraint("numerator >= 0 AND denominator >= 0 AND places_counted > 0", name="not_negative"),
    Index("ix_measurement_monthly_place", "place_code", "dimension", "month"),
    sqlite_with_rowid=False,
)
