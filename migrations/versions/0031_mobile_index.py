"""Graduates are found by their proven mobile number; of numbers proven before, the index is filled at the next log-in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_mobile_index"
down_revision = "0030_tours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("mobile_index", sa.LargeBinary()))
    op.create_index(op.f("ix_accounts_mobile_index"), "accounts", ["mobile_index"])


def downgrade() -> None:
    op.drop_column("accounts", "mobile_index")
