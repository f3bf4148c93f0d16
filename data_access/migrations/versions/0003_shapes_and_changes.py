"""Shapes and changes: boundary layers with their origin, changes of places, positions of sites and issues"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_POSITIONS = (
    ("lon", "FLOAT", "degrees_lon", "lon BETWEEN -180 AND 180"),
    ("lat", "FLOAT", "degrees_lat", "lat BETWEEN -90 AND 90 AND (lat IS NULL) = (lon IS NULL)"),
    ("located_by", "VARCHAR(32)", "located_by_known", "located_by IN ('stated', 'inside', 'nearest')"),
)


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("site", "issue"):
        for column, kind, name, check in _POSITIONS:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT ck_{table}_{name} CHECK ({check})")
    op.create_table(
        "place_change",
        sa.Column("id", _key(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(200), nullable=False, server_default=""),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("entered_by", sa.String(120), nullable=False),
        sa.Column("undone_at", sa.DateTime()),
        sa.Column("undone_by", sa.String(120)),
        sa.CheckConstraint("kind IN ('merge', 'split', 'rename')", name="ck_place_change_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_place_change"),
    )
    op.create_table(
        "place_change_part",
        sa.Column("change_id", _key(), nullable=False),
        sa.Column("before_code", sa.String(32), nullable=False),
        sa.Column("after_code", sa.String(32), nullable=False),
        sa.Column("name_before", sa.String(120), nullable=False),
        sa.Column("name_after", sa.String(120), nullable=False),
        sa.Column("carries_history", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["place_change.id"], name="fk_place_change_part_change_id_place_change"),
        sa.ForeignKeyConstraint(["before_code"], ["place.code"], name="fk_place_change_part_before_code_place"),
        sa.ForeignKeyConstraint(["after_code"], ["place.code"], name="fk_place_change_part_after_code_place"),
        sa.PrimaryKeyConstraint("change_id", "before_code", "after_code", name="pk_place_change_part"),
    )
    op.create_index("ix_place_change_part_after_code", "place_change_part", ["after_code"])
    layers = op.create_table(
        "boundary_layer",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("precision", sa.String(32), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(200), nullable=False, server_default=""),
        sa.Column("review_number", sa.String(120), nullable=False, server_default=""),
        sa.Column("attribution", sa.String(200), nullable=False, server_default=""),
        sa.Column("reference_system", sa.String(200), nullable=False, server_default=""),
        sa.Column("datum", sa.String(16), nullable=False, server_default="CGCS2000"),
        sa.Column("file_name", sa.String(255), nullable=False, server_default=""),
        sa.Column("file_hash", sa.String(64), nullable=False, server_default=""),
        sa.Column("report", sa.JSON()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("brought_at", sa.DateTime(), nullable=False),
        sa.Column("brought_by", sa.String(120), nullable=False),
        sa.Column("accepted_at", sa.DateTime()),
        sa.Column("accepted_by", sa.String(120)),
        sa.CheckConstraint("precision IN ('schematic', 'surveyed')", name="ck_boundary_layer_precision_known"),
        sa.CheckConstraint("datum IN ('CGCS2000', 'GCJ-02', 'BD-09')", name="ck_boundary_layer_datum_known"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_boundary_layer_validity"),
        sa.PrimaryKeyConstraint("id", name="pk_boundary_layer"),
    )
    shapes = op.create_table(
        "boundary_shape",
        sa.Column("layer_id", _key(), nullable=False),
        sa.Column("place_code", sa.String(32), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("label_lon", sa.Float()),
        sa.Column("label_lat", sa.Float()),
        sa.ForeignKeyConstraint(["layer_id"], ["boundary_layer.id"], name="fk_boundary_shape_layer_id_boundary_layer"),
        sa.ForeignKeyConstraint(["place_code"], ["place.code"], name="fk_boundary_shape_place_code_place"),
        sa.PrimaryKeyConstraint("layer_id", "place_code", name="pk_boundary_shape"),
    )
    _carry_over(op.get_bind(), layers, shapes)
    op.drop_table("boundary")


def _carry_over(connection: sa.Connection, layers: sa.Table, shapes: sa.Table) -> None:
    """The shapes there were, each layer as one that was accepted when it was loaded."""
    names = (
        "layer",
        "place_code",
        "geometry",
        "label_lon",
        "label_lat",
        "precision",
        "source",
        "licence",
        "valid_from",
    )
    old = sa.table("boundary", *(sa.column(name) for name in names[:-1]), sa.column("valid_from", sa.Date()))
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    about = sa.select(old.c.layer, *(sa.func.min(old.c[name]) for name in names[5:])).group_by(old.c.layer)
    for number, (layer, precision, source, licence, since) in enumerate(connection.execute(about).all(), start=1):
        connection.execute(
            layers.insert().values(
                id=number,
                name=layer,
                precision=precision,
                source=source,
                licence=licence,
                valid_from=since,
                brought_at=now,
                brought_by="migration",
                accepted_at=now,
                accepted_by="migration",
            )
        )
        mine = sa.select(sa.literal(number), *(old.c[name] for name in names[1:5])).where(old.c.layer == layer)
        columns = ["layer_id", *names[1:5]]
        connection.execute(shapes.insert().from_select(columns, mine))
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('boundary_layer', 'id'), GREATEST(MAX(id), 1)) FROM boundary_layer"
            )
        )


def downgrade() -> None:
    raise NotImplementedError("boundary layers hold more than the table before them; restore a backup instead")
