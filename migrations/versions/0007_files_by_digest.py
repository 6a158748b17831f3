"""Kept files are found by their digest: anybody can check the file of an agreement."""

from __future__ import annotations

from alembic import op

revision = "0007_files_by_digest"
down_revision = "0006_household"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index."""
    op.create_index("ix_stored_files_sha256", "stored_files", ["sha256"])


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_stored_files_sha256", "stored_files")
