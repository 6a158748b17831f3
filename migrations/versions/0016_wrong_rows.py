"""A refused sheet says how many of its rows are wrong, beside the number of errors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_wrong_rows"
down_revision = "0015_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roster_batches", sa.Column("wrong_rows", sa.Integer(), nullable=False, server_default="0"))
    # What was wrong is encrypted: of older sheets only the number of errors is known.
    op.execute("UPDATE roster_batches SET wrong_rows = error_count")
    op.alter_column("roster_batches", "wrong_rows", server_default=None)


def downgrade() -> None:
    op.drop_column("roster_batches", "wrong_rows")
