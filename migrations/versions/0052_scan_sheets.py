"""What was read on copies of papers that were handed in.

Revision ID: 0052_scan_sheets
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052_scan_sheets"
down_revision = "0050_hukou_addresses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan_sheets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("number", sa.String(40)),
        sa.Column("page", sa.SmallInteger()),
        sa.Column("pages", sa.SmallInteger()),
        sa.Column("likeness", sa.SmallInteger()),
        sa.Column("differing", sa.SmallInteger()),
        sa.Column("shown", sa.LargeBinary()),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_scan_sheets_file_id_stored_files"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_sheets")),
        sa.UniqueConstraint("file_id", "sheet", name=op.f("uq_scan_sheets_file_id_sheet")),
    )
    op.create_index("ix_scan_sheets_shown", "scan_sheets", ["shown"])


def downgrade() -> None:
    op.drop_table("scan_sheets")
