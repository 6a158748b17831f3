"""Spot checks: records drawn by lot, and what a look at the originals has shown.

Revision ID: 0045_spot_checks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045_spot_checks"
down_revision = "0044_signals"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "spot_checks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("province_id", sa.BigInteger()),
        sa.Column("school_id", sa.BigInteger()),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
    )
    for scope in ("school", "province"):
        op.create_index(f"ix_spot_checks_{scope}", "spot_checks", [f"{scope}_id", "id"])
    op.create_table(
        "checked_records",
        sa.Column("spot_check_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workflow", sa.String(32), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(12)),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("checked_by", sa.String(64)),
        sa.Column("checked_at", _TIME),
        sa.CheckConstraint("result IN ('same', 'different')", name=op.f("ck_checked_records_result")),
        sa.ForeignKeyConstraint(
            ["spot_check_id"],
            ["spot_checks.id"],
            name=op.f("fk_checked_records_spot_check_id_spot_checks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("spot_check_id", "position", name=op.f("pk_checked_records")),
    )


def downgrade() -> None:
    op.drop_table("checked_records")
    op.drop_table("spot_checks")
