"""A notice may go by one channel after another: its template says so, its deliveries what they stand in for, and whether they arrived.

Revision ID: 0066_ladder
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066_ladder"
down_revision = "0064_begun"
branch_labels = None
depends_on = None

_TIMES = ("ask_at", "go_on_at")


def upgrade() -> None:
    op.add_column("notice_templates", sa.Column("ladder", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("notice_templates", sa.Column("silence_hours", sa.Integer, nullable=False, server_default="0"))
    op.add_column("notice_deliveries", sa.Column("cause", sa.String(16)))
    op.add_column("notice_deliveries", sa.Column("gentle", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("notice_deliveries", sa.Column("go_on_at", sa.DateTime(timezone=True)))
    op.add_column("notice_deliveries", sa.Column("delivered_at", sa.DateTime(timezone=True)))
    op.add_column("notice_deliveries", sa.Column("ask_at", sa.DateTime(timezone=True)))
    op.add_column("notice_deliveries", sa.Column("round", sa.Integer, nullable=False, server_default="1"))
    for name in _TIMES:
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_notice_deliveries_{name}", "notice_deliveries", [name], postgresql_where=where)


def downgrade() -> None:
    for name in _TIMES:
        op.drop_index(f"ix_notice_deliveries_{name}", "notice_deliveries")
    for name in ("round", "ask_at", "delivered_at", "go_on_at", "gentle", "cause"):
        op.drop_column("notice_deliveries", name)
    for name in ("silence_hours", "ladder"):
        op.drop_column("notice_templates", name)
