"""Invitations know how often was reminded and when they were read; a template may hold the whole letter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_unit_desk"
down_revision = "0020_id_types"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("online_signings", sa.Column("reminders", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("online_signings", sa.Column("reminded_at", _TIME))
    op.add_column("online_signings", sa.Column("opened_at", _TIME))
    _kinds("('position', 'archive', 'hukou', 'letter')")


def downgrade() -> None:
    _kinds("('position', 'archive', 'hukou')")
    for name in ("reminders", "reminded_at", "opened_at"):
        op.drop_column("online_signings", name)


def _kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_letter_templates_kind"), "letter_templates")
    op.create_check_constraint(op.f("ck_letter_templates_kind"), "letter_templates", f"kind IN {kinds}")
