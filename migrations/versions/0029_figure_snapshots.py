"""Figures of employment as they stood on a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029_figure_snapshots"
down_revision = "0028_external_id"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_snapshots",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("province_id", sa.BigInteger, sa.ForeignKey("provinces.id")),
        sa.Column("school_id", sa.BigInteger, sa.ForeignKey("schools.id")),
        sa.Column("department_id", sa.BigInteger, sa.ForeignKey("departments.id")),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.Column("formula", sa.String(8), nullable=False),
        sa.Column("completion", sa.Boolean, nullable=False),
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("content", postgresql.JSONB, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(64), nullable=False),
    )
    op.create_index("ix_figure_snapshots_school", "figure_snapshots", ["school_id", "cohort", "id"])
    op.create_index("ix_figure_snapshots_province", "figure_snapshots", ["province_id", "cohort", "id"])


def downgrade() -> None:
    op.drop_table("figure_snapshots")
