"""Files for employment systems without an interface, and what was answered to their messages.

Revision ID: 0049_exchange_files
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049_exchange_files"
down_revision = "0048_agreement_texts"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exchange_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.CheckConstraint(
            "kind IN ('students', 'destination', 'archive', 'hukou')", name=op.f("ck_exchange_files_kind")
        ),
        sa.ForeignKeyConstraint(
            ["province_id"], ["provinces.id"], name=op.f("fk_exchange_files_province_id_provinces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_files")),
    )
    op.create_index("ix_exchange_files_province", "exchange_files", ["province_id", "id"])
    op.create_table(
        "exchange_lines",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.Boolean()),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["exchange_files.id"],
            name=op.f("fk_exchange_lines_file_id_exchange_files"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", "message_id", name=op.f("pk_exchange_lines")),
    )
    op.create_index(
        "uq_exchange_lines_open", "exchange_lines", ["message_id"], unique=True, postgresql_where=sa.text("open")
    )


def downgrade() -> None:
    op.drop_table("exchange_lines")
    op.drop_table("exchange_files")
