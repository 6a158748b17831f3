"""Objections of graduates to records in their name (W9); a signing on paper may be void that has never been in force.

Revision ID: 0018_objections
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018_objections"
down_revision = "0017_at_rest"
branch_labels = None
depends_on = None
_OPEN = "stage IN ('asked', 'review', 'halfway', 'returned')"
_TIME = sa.DateTime(timezone=True)
# Table, name of the check, what stands for every signing that has been in force.
_HAS_HELD = (
    ("offline_signings", "signed_has_time", "number IS NOT NULL AND signed_at IS NOT NULL"),
    ("supplementaries", "signed_is_frozen", "signed_at IS NOT NULL AND snapshot IS NOT NULL"),
)


def upgrade() -> None:
    _check("'in_force', 'ended'")
    op.create_table(
        "objections",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(32), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", _TIME),
        sa.Column("number", sa.String(18)),
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
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("invalid_since", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("state_since", _TIME, nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_objections_{column}_{table}"))
            for column, table in (
                ("province_id", "provinces"),
                ("school_id", "schools"),
                ("department_id", "departments"),
                ("graduate_id", "graduates"),
                ("employer_id", "employers"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(
        "uq_objections_open", "objections", ["about", "about_id"], unique=True, postgresql_where=sa.text(_OPEN)
    )
    op.create_index("ix_objections_about", "objections", ["about", "about_id", "id"])
    for scope in ("school", "department", "province"):
        op.create_index(
            f"ix_objections_{scope}",
            "objections",
            [f"{scope}_id", "cohort", "state", "id"],
            postgresql_include=["invalid_since"],
        )
    for scope in ("school", "province"):
        op.create_index(f"ix_objections_{scope}_newest", "objections", [f"{scope}_id", "cohort", "id"])
    op.create_index("ix_objections_graduate", "objections", ["graduate_id", "id"])


def downgrade() -> None:
    op.drop_table("objections")
    _check("'in_force', 'ended', 'voided'")


def _check(stages: str) -> None:
    for table, name, kept in _HAS_HELD:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"NOT stage IN ({stages}) OR ({kept})")
