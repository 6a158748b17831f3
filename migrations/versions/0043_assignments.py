"""Records that wait are assigned to a colleague; what reviewers have decided is found by who they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043_assignments"
down_revision = "0042_sealed_by"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("workflow", sa.String(32), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("assigned_by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("workflow", "case_id", "kind"),
    )
    op.create_index("ix_assignments_user", "assignments", ["user_id", "workflow", "case_id"])
    op.create_index(
        "ix_history_reviewer",
        "history",
        ["actor_id", "at"],
        postgresql_where=sa.text("role IN ('province', 'school', 'department')"),
    )


def downgrade() -> None:
    op.drop_index("ix_history_reviewer", "history")
    op.drop_table("assignments")
