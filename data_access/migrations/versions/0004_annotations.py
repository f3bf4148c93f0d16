"""Annotations: a note may belong to a campaign and cover a stretch of months"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CAMPAIGNS = (
    "'property_governance', 'community_nuisance', 'office_building', 'rental_housing', 'scattered_industry', 'none'"
)


def upgrade() -> None:
    op.execute(
        "ALTER TABLE annotation ADD COLUMN campaign VARCHAR(32) "
        f"CONSTRAINT ck_annotation_campaign_known CHECK (campaign IN ({_CAMPAIGNS}))"
    )
    op.execute("ALTER TABLE annotation ADD COLUMN until_month INTEGER")
    op.create_index("ix_annotation_place_code", "annotation", ["place_code"])
