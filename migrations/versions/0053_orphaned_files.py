"""Content in the store that no kept file names, and since when this is known.

Revision ID: 0053_orphaned_files
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053_orphaned_files"
down_revision = "0052_scan_sheets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orphaned_files",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_orphaned_files")),
    )
    op.create_index("ix_orphaned_files_since", "orphaned_files", ["since"])


def downgrade() -> None:
    op.drop_table("orphaned_files")
