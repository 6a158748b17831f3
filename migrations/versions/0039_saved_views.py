"""Views of lists that people keep under a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039_saved_views"
down_revision = "0038_outbox_failed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("listing", sa.String(32), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "listing", "name"),
    )
    op.create_index("ix_saved_views_shared", "saved_views", ["kind", "place_id", "listing"])


def downgrade() -> None:
    op.drop_table("saved_views")
