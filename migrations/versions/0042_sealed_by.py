"""By which certificate a paper was sealed stands beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042_sealed_by"
down_revision = "0041_languages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_files", sa.Column("sealed_by", sa.String(64)))


def downgrade() -> None:
    op.drop_column("stored_files", "sealed_by")
