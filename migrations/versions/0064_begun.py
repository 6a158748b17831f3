"""A message that goes outside says that a try has begun: one that was cut off is known by it.

Revision ID: 0064_begun
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064_begun"
down_revision = "0063_receipts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("begun", sa.String(32)))


def downgrade() -> None:
    op.drop_column("outbox", "begun")
