"""The kind of document by which a graduate is known; so far all numbers were those of ID cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_id_types"
down_revision = "0019_unit_names"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("graduates", sa.Column("id_type", sa.String(1), nullable=False, server_default="1"))
    op.alter_column("graduates", "id_type", server_default=None)


def downgrade() -> None:
    op.drop_column("graduates", "id_type")
