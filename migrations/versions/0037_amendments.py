"""Amendments of agreements signed online (W10), and what the agreement itself shows of them.

Revision ID: 0037_amendments
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037_amendments"
down_revision = "0036_changes"
branch_labels = None
depends_on = None
_OPEN = "stage IN ('asked', 'review', 'halfway', 'returned')"
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("online_signings", sa.Column("amendments", sa.LargeBinary()))
    op.create_table(
        "amendments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("signing_id", sa.BigInteger(), nullable=False),
        sa.Column("started_by", sa.String(8), nullable=False),
        sa.Column("agreement_type", sa.String(16), nullable=False),
        sa.Column("snapshot", sa.LargeBinary()),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.String(24)),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger()),
        sa.Column("review_mode", sa.String(20)),
        sa.Column("rejected_from", sa.String(32)),
        sa.Column("unconfirmed_since", _TIME),
        sa.Column("student", sa.LargeBinary()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("waits_for", sa.String(16)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("invalid_since", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("state_since", _TIME, nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("next_at", _TIME),
        sa.Column("reminded", sa.SmallInteger(), server_default="0", nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_amendments_{column}_{table}"))
            for column, table in (
                ("signing_id", "online_signings"),
                ("province_id", "provinces"),
                ("school_id", "schools"),
                ("department_id", "departments"),
                ("graduate_id", "graduates"),
                ("employer_id", "employers"),
            )
        ),
        sa.CheckConstraint("started_by IN ('graduate', 'employer')", name=op.f("ck_amendments_started_by")),
        sa.CheckConstraint(
            "NOT stage IN ('asked') OR waits_for <> started_by", name=op.f("ck_amendments_other_side_answers")
        ),
        sa.CheckConstraint(
            "NOT stage IN ('in_force') OR (number IS NOT NULL AND snapshot IS NOT NULL)",
            name=op.f("ck_amendments_approved_has_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    op.create_index("uq_amendments_open", "amendments", ["signing_id"], unique=True, postgresql_where=sa.text(_OPEN))
    op.create_index(
        "uq_amendments_number", "amendments", ["number"], unique=True, postgresql_where=sa.text("number IS NOT NULL")
    )
    op.create_index("ix_amendments_signing", "amendments", ["signing_id", "id"])
    for scope in ("school", "department", "province", "employer"):
        op.create_index(
            f"ix_amendments_{scope}",
            "amendments",
            [f"{scope}_id", "cohort", "state", "id"],
            postgresql_include=["invalid_since"],
        )
    for scope in ("school", "province"):
        op.create_index(f"ix_amendments_{scope}_newest", "amendments", [f"{scope}_id", "cohort", "id"])
    op.create_index("ix_amendments_graduate", "amendments", ["graduate_id", "id"])
    op.create_index("ix_amendments_next", "amendments", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.execute("SELECT watch_for_undo('amendments')")


def downgrade() -> None:
    op.drop_table("amendments")
    op.drop_column("online_signings", "amendments")
