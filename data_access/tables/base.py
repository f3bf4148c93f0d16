"""What all tables share: the metadata with its names for constraints, column types, checks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey

from data_access.words import LOCATED_BY

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


def one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these words, or nothing."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def month_check(column: str = "month") -> CheckConstraint:
    """The column is a month YYYYMM."""
    return CheckConstraint(f"{column} BETWEEN 190001 AND 299912 AND {column} % 100 BETWEEN 1 AND 12", name=column)


def position_columns() -> tuple[Column, ...]:
    """Longitude and latitude in degrees, both or neither, and how the village was found."""
    whole = "lat BETWEEN -90 AND 90 AND (lat IS NULL) = (lon IS NULL)"
    return (
        Column("lon", sa.Float, CheckConstraint("lon BETWEEN -180 AND 180", name="degrees_lon")),
        Column("lat", sa.Float, CheckConstraint(whole, name="degrees_lat")),
        Column("located_by", Word, one_of("located_by", LOCATED_BY)),
    )


def version_columns() -> tuple[Column, ...]:
    """Columns of a row that keeps its history.

    `superseded_by` is empty for the current version of a natural key, else the batch that replaced it; a row of a batch
    that was withdrawn bears its own batch there.
    """
    return (
        Column("id", Key, primary_key=True),
        Column("content_hash", sa.String(16), nullable=False),
        Column("batch_id", ForeignKey("batch.id"), nullable=False, index=True),
        Column("sheet", sa.String(120)),
        Column("row_number", sa.Integer, nullable=False),
        Column("superseded_by", ForeignKey("batch.id")),
    )


CURRENT = {"sqlite_where": sa.text("superseded_by IS NULL"), "postgresql_where": sa.text("superseded_by IS NULL")}
