"""Who has seen the tour of the first entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_tours"
down_revision = "0029_figure_snapshots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("toured_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("accounts", "toured_at")
