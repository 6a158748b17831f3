"""Messages that have failed for good are counted without reading those that have not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038_outbox_failed"
down_revision = "0037_amendments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_failed", "outbox", ["kind", "id"], postgresql_where=sa.text("status = 'failed'"))


def downgrade() -> None:
    op.drop_index("ix_outbox_failed", "outbox")
