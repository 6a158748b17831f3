"""A second factor for staff; refresh tokens that hold for one use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_second_factors"
down_revision = "0010_known_devices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", postgresql.JSONB(), nullable=False),
    )
    op.add_column("login_sessions", sa.Column("refresh_id", sa.String(64)))


def downgrade() -> None:
    op.drop_column("login_sessions", "refresh_id")
    op.drop_table("second_factors")
