"""What platform and employment system have not the same, found by rounds of comparing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0035_reconciliation"
down_revision = "0034_deadlines"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ems_comparisons",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("part", sa.String(8), nullable=False),
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text()),
    )
    op.create_table(
        "ems_differences",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("comparison_id", sa.Integer(), sa.ForeignKey("ems_comparisons.id"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), sa.ForeignKey("schools.id"), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("exam_number", sa.String(20), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), sa.ForeignKey("graduates.id", ondelete="CASCADE")),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("problem", sa.String(16), nullable=False),
        sa.Column("fields", ARRAY(sa.String(32)), nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("mended_at", _MOMENT),
        sa.UniqueConstraint("school_id", "cohort", "exam_number", "kind"),
    )
    op.create_index("ix_ems_differences_graduate_id", "ems_differences", ["graduate_id"])


def downgrade() -> None:
    op.drop_table("ems_differences")
    op.drop_table("ems_comparisons")
