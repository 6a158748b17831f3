"""Until when each case waits for somebody, what places set for it, and outages that do not count.

Revision ID: 0034_deadlines
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034_deadlines"
down_revision = "0033_phrases"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)
_CASES = (
    *("online_signings", "offline_signings", "supplementaries", "online_terminations", "offline_terminations"),
    *("destinations", "archives", "hukous", "objections", "employer_verifications"),
)
_STAFF = "waits_for IN ('department', 'school', 'province', 'operator')"


def upgrade() -> None:
    for table in _CASES:
        op.add_column(table, sa.Column("due_at", _TIME))
        op.add_column(table, sa.Column("next_at", _TIME))
        op.add_column(table, sa.Column("reminded", sa.SmallInteger(), server_default="0", nullable=False))
        _begin(table)
        op.create_index(f"ix_{table}_next", table, ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.drop_index("ix_online_signings_due", "online_signings")
    op.create_index("ix_notifications_case", "notifications", ["workflow", "case_id"])
    for place, more in (("province", _OF_PROVINCE), ("school", _OF_SCHOOL)):
        table = f"{place}_seasons"
        op.create_table(
            table,
            sa.Column(f"{place}_id", sa.BigInteger(), nullable=False),
            sa.Column("cohort", sa.Integer(), nullable=False),
            sa.Column("deadlines", JSONB(), nullable=False),
            *more,
            sa.ForeignKeyConstraint(
                [f"{place}_id"], [f"{place}s.id"], name=op.f(f"fk_{table}_{place}_id_{place}s")
            ),
            sa.PrimaryKeyConstraint(f"{place}_id", "cohort", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "pulses",
        sa.Column("system", sa.String(32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_pulses")),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.String(32), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=False),
        sa.Column("noted_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )


_OF_PROVINCE = (
    sa.Column("destination_change", sa.String(8), nullable=False),
    sa.Column("changes_until", sa.Date()),
    sa.CheckConstraint(
        "destination_change IN ('free', 'reviewed')", name=op.f("ck_province_seasons_destination_change")
    ),
)
_OF_SCHOOL = (
    sa.Column("leaving_from", sa.Date()),
    sa.Column("leaving_until", sa.Date()),
    sa.CheckConstraint("(leaving_from IS NULL) = (leaving_until IS NULL)", name=op.f("ck_school_seasons_whole_window")),
    sa.CheckConstraint("leaving_from <= leaving_until", name=op.f("ck_school_seasons_leaving_days")),
)


def _begin(table: str) -> None:
    """What waits has at least two days from now, however long it has waited; invitations as long as they say."""
    if table == "online_signings":
        op.execute("UPDATE online_signings SET due_at = valid_until, next_at = valid_until WHERE stage = 'offered'")
    days = f"CASE WHEN {_STAFF} THEN 5 WHEN '{table}' = 'online_terminations' THEN 10 ELSE 7 END"
    op.execute(
        f"""UPDATE {table} SET due_at = greatest(state_since + {days} * interval '1 day', now() + interval '2 days')
        WHERE waits_for IS NOT NULL AND stage IN ('asked', 'review', 'halfway', 'returned')"""  # noqa: S608
    )
    op.execute(f"UPDATE {table} SET next_at = due_at WHERE due_at IS NOT NULL")  # noqa: S608


def downgrade() -> None:
    for table in ("outages", "pulses", "school_seasons", "province_seasons"):
        op.drop_table(table)
    op.drop_index("ix_notifications_case", "notifications")
    op.create_index(
        "ix_online_signings_due", "online_signings", ["valid_until"], postgresql_where=sa.text("stage IN ('offered')")
    )
    for table in _CASES:
        op.drop_index(f"ix_{table}_next", table)
        for column in ("reminded", "next_at", "due_at"):
            op.drop_column(table, column)
