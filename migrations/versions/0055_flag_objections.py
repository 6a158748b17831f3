"""Marks on units have evidence and a last day; the unit can object to each once.

Revision ID: 0055_flag_objections
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0055_flag_objections"
down_revision = "0058_roster_reminders"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_TABLE = "flag_objections"
_PLACES = ("employer", "school", "province")


def upgrade() -> None:
    op.add_column("unit_warnings", sa.Column("evidence", sa.String(1000)))
    op.add_column("unit_warnings", sa.Column("until", sa.Date()))
    op.create_table(
        _TABLE,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("waits_for", sa.String(16)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        *(sa.Column(name, _MOMENT) for name in ("invalid_since", "due_at", "next_at")),
        *(sa.Column(name, _MOMENT, nullable=False) for name in ("created_at", "updated_at", "state_since")),
        sa.Column("reminded", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("warning_id", sa.BigInteger(), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        *(sa.Column(f"{one}_id", sa.BigInteger(), nullable=False) for one in _PLACES),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_{_TABLE}_{one}_id_{one}s"))
            for one in _PLACES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index("uq_flag_objections_warning", _TABLE, ["warning_id"], unique=True)
    for one in _PLACES:
        op.create_index(f"ix_{_TABLE}_{one}", _TABLE, [f"{one}_id", "state", "id"])
    op.create_index("ix_flag_objections_next", _TABLE, ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.execute(f"SELECT watch_for_undo('{_TABLE}')")


def downgrade() -> None:
    op.drop_table(_TABLE)
    for name in ("until", "evidence"):
        op.drop_column("unit_warnings", name)
