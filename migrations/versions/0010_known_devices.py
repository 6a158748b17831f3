"""By what a device of an account is known again: known ones are not held up at the log-in, new ones are told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_known_devices"
down_revision = "0009_stages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_devices",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "mark", name="uq_known_devices_user_id_mark"),
    )


def downgrade() -> None:
    op.drop_table("known_devices")
