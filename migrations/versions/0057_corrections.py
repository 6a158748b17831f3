"""生源核对: its days, the corrections that graduates report, and who has checked.

Revision ID: 0057_corrections
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0057_corrections"
down_revision = "0056_departments"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)
_SCOPE = (
    ("province_id", "provinces"),
    ("school_id", "schools"),
    ("department_id", "departments"),
    ("graduate_id", "graduates"),
    ("employer_id", "employers"),
)
_COUNTED = ["invalid_since", "state_since", "updated_at"]
_LISTED = {
    "school": [*_COUNTED, "created_at", "number", "level", "graduate_id", "department_id"],
    "department": _COUNTED,
    "province": [*_COUNTED, "created_at", "number", "level", "graduate_id", "school_id"],
}


def upgrade() -> None:
    for end in ("from", "until"):
        op.add_column("school_seasons", sa.Column(f"checking_{end}", sa.Date()))
    whole = "(checking_from IS NULL) = (checking_until IS NULL)"
    op.create_check_constraint(op.f("ck_school_seasons_whole_checking"), "school_seasons", whole)
    op.create_check_constraint(op.f("ck_school_seasons_checking_days"), "school_seasons", "checking_from <= checking_until")
    _corrections()
    op.create_table(
        "roster_checks",
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", _TIME, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        _reference("roster_checks", "graduate_id", "graduates"),
        sa.PrimaryKeyConstraint("graduate_id", name=op.f("pk_roster_checks")),
    )
    op.execute("SELECT watch_for_undo('corrections')")


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=False),
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
        sa.Column("due_at", _TIME),
        sa.Column("next_at", _TIME),
        sa.Column("reminded", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("invalid_since", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("state_since", _TIME, nullable=False),
        *(_reference("corrections", column, table) for column, table in _SCOPE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    for scope, included in _LISTED.items():
        columns = [f"{scope}_id", "cohort", "state", "id"]
        op.create_index(f"ix_corrections_{scope}", "corrections", columns, postgresql_include=included)
    for scope in ("school", "province"):
        op.create_index(f"ix_corrections_{scope}_newest", "corrections", [f"{scope}_id", "cohort", "id"])
    op.create_index("ix_corrections_graduate", "corrections", ["graduate_id", "id"])
    op.create_index("ix_corrections_next", "corrections", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    moving = sa.text("stage IN ('asked', 'review', 'halfway', 'returned')")
    op.create_index("uq_corrections_open", "corrections", ["graduate_id", "field"], unique=True, postgresql_where=moving)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def downgrade() -> None:
    op.drop_table("roster_checks")
    op.drop_table("corrections")
    for end in ("until", "from"):
        op.drop_column("school_seasons", f"checking_{end}")
