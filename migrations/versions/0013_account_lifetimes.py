"""Accounts of staff have a last day and are confirmed once a year; those that are there count as confirmed now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_account_lifetimes"
down_revision = "0012_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("expires_on", sa.Date()))
    confirmed = sa.Column("confirmed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)
    op.add_column("accounts", confirmed)


def downgrade() -> None:
    op.drop_column("accounts", "confirmed_at")
    op.drop_column("accounts", "expires_on")
