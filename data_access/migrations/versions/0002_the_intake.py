"""The intake: history of registers, sightings, flags, submissions, confirmed mappings, frozen figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ADDED = {
    "batch": (
        sa.Column("rows_flagged", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("received_on", sa.Date()),
        sa.Column("withdrawn_at", sa.DateTime()),
        sa.Column("withdrawn_by", sa.String(120)),
        sa.Column("withdrawn_because", sa.String(400)),
    ),
    "rejected_row": (
        sa.Column("key_text", sa.String(200)),
        sa.Column("place_code", sa.String(32)),
        sa.Column("month", sa.Integer()),
        sa.Column("cells", sa.JSON()),
        sa.Column("resolved_by", sa.Integer()),
    ),
    "name_alias": (sa.Column("confirmed_by", sa.String(120)), sa.Column("confirmed_at", sa.DateTime())),
    "audit_event": (sa.Column("origin", sa.String(120)),),
    **{
        table: (sa.Column("sheet", sa.String(120)), sa.Column("updated_at", sa.DateTime()))
        for table in ("issue", "inspection_result", "measurement")
    },
}


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column)
    op.drop_column("site", "content_hash")  # the history of registers holds it now
    op.create_index("ix_rejected_row_key_text", "rejected_row", ["key_text"])
    op.create_table(
        "batch_flag",
        sa.Column("id", _key(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("sheet", sa.String(120)),
        sa.Column("row_number", sa.Integer()),
        sa.Column("column_name", sa.String(120)),
        sa.Column("found", sa.String(400)),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("sentence_zh", sa.String(400), nullable=False),
        sa.Column("sentence_en", sa.String(400), nullable=False),
        sa.Column("place_code", sa.String(32)),
        sa.Column("month", sa.Integer()),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_batch_flag_batch_id_batch"),
        sa.PrimaryKeyConstraint("id", name="pk_batch_flag"),
    )
    op.create_index("ix_batch_flag_batch_id", "batch_flag", ["batch_id"])
    op.create_table(
        "row_sighting",
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("row_id", _key(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(120)),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_row_sighting_batch_id_batch"),
        sa.PrimaryKeyConstraint("source", "row_id", "batch_id", name="pk_row_sighting"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_row_sighting_batch_id", "row_sighting", ["batch_id"])
    op.create_table(
        "emptied_result",
        sa.Column("record_no", sa.String(64), nullable=False),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("updated_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_emptied_result_batch_id_batch"),
        sa.PrimaryKeyConstraint("record_no", "item", "batch_id", name="pk_emptied_result"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_emptied_result_batch_id", "emptied_result", ["batch_id"])
    op.create_table(
        "register_row",
        sa.Column("id", _key(), nullable=False),
        sa.Column("content_hash", sa.String(16), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("sheet", sa.String(120)),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("superseded_by", _key()),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.CheckConstraint("source IN ('places', 'estates', 'firms')", name="ck_register_row_source_known"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_register_row_batch_id_batch"),
        sa.ForeignKeyConstraint(["superseded_by"], ["batch.id"], name="fk_register_row_superseded_by_batch"),
        sa.PrimaryKeyConstraint("id", name="pk_register_row"),
    )
    op.create_index("ix_register_row_batch_id", "register_row", ["batch_id"])
    op.create_index(
        "uq_register_row_current",
        "register_row",
        ["source", "code"],
        unique=True,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_table(
        "submission",
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("stream", sa.String(64), nullable=False),
        sa.Column("place_code", sa.String(32), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("rows_taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("rows_taken >= 0", name="ck_submission_rows_taken"),
        sa.CheckConstraint(
            "month BETWEEN 190001 AND 299912 AND month % 100 BETWEEN 1 AND 12", name="ck_submission_month"
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_submission_batch_id_batch"),
        sa.PrimaryKeyConstraint("source", "stream", "place_code", "month", "batch_id", name="pk_submission"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_submission_batch_id", "submission", ["batch_id"])
    op.create_table(
        "heading_answer",
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("heading", sa.String(120), nullable=False),
        sa.Column("field", sa.String(64)),
        sa.Column("confirmed_by", sa.String(120), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "heading", name="pk_heading_answer"),
    )
    op.create_table(
        "release_figure",
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(64), nullable=False),
        sa.Column("place_code", sa.String(32), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["release.month"], name="fk_release_figure_month_release"),
        sa.PrimaryKeyConstraint("month", "indicator", "place_code", name="pk_release_figure"),
    )


def downgrade() -> None:
    for table in ("release_figure", "heading_answer", "submission", "register_row", "emptied_result", "row_sighting",
                  "batch_flag"):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_rejected_row_key_text", "rejected_row")
    op.add_column("site", sa.Column("content_hash", sa.String(16)))
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column.name)
