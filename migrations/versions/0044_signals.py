"""Signals: what rules find odd, the records that show it and offices' marks.

Revision ID: 0044_signals
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0044_signals"
down_revision = "0043_assignments"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("known_devices", sa.Column("by_cookie", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_known_devices_mark"), "known_devices", ["mark"])
    op.create_index("ix_destinations_unit", "destinations", [sa.text("((data -> 'data') ->> 'uscc')")])
    op.create_index("ix_employers_address", "employers", ["region", "address"])
    op.create_table(
        "signals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("units", ARRAY(sa.String(24)), nullable=False),
        sa.Column("found_at", _TIME, nullable=False),
        sa.Column("looked_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint("rule", "subject", name=op.f("uq_signals_rule_subject")),
    )
    op.create_index("ix_signals_units", "signals", ["units"], postgresql_using="gin")
    op.create_index("ix_signals_open", "signals", ["looked_at"], postgresql_where=sa.text("closed_at IS NULL"))
    _records()
    _marks()
    op.create_table(
        "signal_cursors",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_cursors")),
    )


def _records() -> None:
    op.create_table(
        "signal_records",
        sa.Column("signal_id", sa.BigInteger(), nullable=False),
        sa.Column("workflow", sa.String(32), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        _of_signal("signal_records"),
        sa.PrimaryKeyConstraint("signal_id", "workflow", "case_id", name=op.f("pk_signal_records")),
    )
    op.create_index("ix_signal_records_case", "signal_records", ["workflow", "case_id"])
    for scope in ("school", "department", "province"):
        op.create_index(f"ix_signal_records_{scope}", "signal_records", [f"{scope}_id", "signal_id"])


def _marks() -> None:
    op.create_table(
        "signal_marks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("signal_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("province_id", sa.BigInteger()),
        sa.Column("school_id", sa.BigInteger()),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("marked_by", sa.String(64), nullable=False),
        sa.Column("marked_at", _TIME, nullable=False),
        _of_signal("signal_marks"),
        sa.CheckConstraint("verdict IN ('confirmed', 'false', 'pending')", name=op.f("ck_signal_marks_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_marks")),
        sa.UniqueConstraint(
            *("signal_id", "province_id", "school_id"),
            name=op.f("uq_signal_marks_signal_id_province_id_school_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _of_signal(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_signal_id_signals")
    return sa.ForeignKeyConstraint(["signal_id"], ["signals.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("signal_cursors", "signal_marks", "signal_records", "signals"):
        op.drop_table(table)
    op.drop_index("ix_employers_address", "employers")
    op.drop_index("ix_destinations_unit", "destinations")
    op.drop_index(op.f("ix_known_devices_mark"), "known_devices")
    op.drop_column("known_devices", "by_cookie")
