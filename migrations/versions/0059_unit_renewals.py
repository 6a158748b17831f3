"""A unit's verification holds until a day and is renewed; units answer whether records that name their code are theirs.

Units that were verified before get an end that lies two months to a year ahead, spread by their id: nobody is late on the
day of the upgrade, and not all come to the desk in one week.

Revision ID: 0059_unit_renewals
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0059_unit_renewals"
down_revision = "0055_flag_objections"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_RENEWALS, _ANSWERS = "unit_renewals", "recognitions"
_UNTIL = """
UPDATE employers SET verified_until = greatest(
  date_trunc('day', verified_at AT TIME ZONE 'Asia/Shanghai') + interval '1 year 1 day',
  date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') + (60 + id % 300) * interval '1 day'
) AT TIME ZONE 'Asia/Shanghai' WHERE verified_at IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("employers", sa.Column("verified_until", _MOMENT))
    op.add_column("employers", sa.Column("lapsed_at", _MOMENT))
    op.execute(_UNTIL)
    op.create_index(
        "ix_employers_verified_until", "employers", ["verified_until"], postgresql_where=sa.text("lapsed_at IS NULL")
    )
    op.create_table(
        _RENEWALS,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("waits_for", sa.String(16)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        *(sa.Column(name, _MOMENT) for name in ("invalid_since", "due_at", "next_at")),
        *(sa.Column(name, _MOMENT, nullable=False) for name in ("created_at", "updated_at", "state_since")),
        sa.Column("reminded", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f(f"fk_{_RENEWALS}_employer_id_employers")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_RENEWALS}")),
    )
    op.create_index(
        "uq_unit_renewals_open",
        _RENEWALS,
        ["employer_id"],
        unique=True,
        postgresql_where=sa.text("NOT stage IN ('in_force')"),
    )
    op.create_index("ix_unit_renewals_employer", _RENEWALS, ["employer_id", "id"])
    op.create_index("ix_unit_renewals_state", _RENEWALS, ["state", "id"])
    op.create_index("ix_unit_renewals_next", _RENEWALS, ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.execute(f"SELECT watch_for_undo('{_RENEWALS}')")
    op.create_table(
        _ANSWERS,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("workflow", sa.String(32), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("answered_by", sa.String(64), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger()),
        sa.Column("answered_at", _MOMENT, nullable=False),
        sa.CheckConstraint("ours = (reason IS NULL)", name=op.f(f"ck_{_ANSWERS}_reason")),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f(f"fk_{_ANSWERS}_employer_id_employers")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_ANSWERS}")),
        sa.UniqueConstraint("workflow", "case_id", "employer_id", name=op.f(f"uq_{_ANSWERS}_workflow_case_id_employer_id")),
    )
    op.create_index("ix_recognitions_unit", _ANSWERS, ["employer_id", "cohort", "id"])


def downgrade() -> None:
    op.drop_table(_ANSWERS)
    op.drop_table(_RENEWALS)
    op.drop_index("ix_employers_verified_until", "employers")
    for name in ("lapsed_at", "verified_until"):
        op.drop_column("employers", name)
