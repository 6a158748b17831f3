"""What the unit's own system calls an invitation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_external_id"
down_revision = "0027_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("online_signings", sa.Column("external_id", sa.String(64)))
    op.create_index(
        "ix_online_signings_external",
        "online_signings",
        ["employer_id", "external_id"],
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_online_signings_external", "online_signings")
    op.drop_column("online_signings", "external_id")
