"""Archives on their way from schools to their receivers.

Revision ID: 0060_dispatches
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0060_dispatches"
down_revision = "0059_unit_renewals"
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
    op.create_table(
        "dispatches",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(8)),
        sa.Column("sent_on", sa.Date()),
        sa.Column("tracking_number", sa.String(32)),
        sa.Column("received_on", sa.Date()),
        sa.Column("returned_on", sa.Date()),
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
        sa.CheckConstraint("(sent_on IS NULL) = (way IS NULL)", name=op.f("ck_dispatches_sent_by_a_way")),
        sa.CheckConstraint("received_on >= sent_on", name=op.f("ck_dispatches_received_after_sent")),
        *(_reference(column, table) for column, table in _SCOPE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatches")),
    )
    for scope, included in _LISTED.items():
        columns = [f"{scope}_id", "cohort", "state", "id"]
        op.create_index(f"ix_dispatches_{scope}", "dispatches", columns, postgresql_include=included)
    for scope in ("school", "province"):
        op.create_index(f"ix_dispatches_{scope}_newest", "dispatches", [f"{scope}_id", "cohort", "id"])
    op.create_index("ix_dispatches_graduate", "dispatches", ["graduate_id", "id"])
    op.create_index("ix_dispatches_number", "dispatches", ["number"])
    op.create_index("ix_dispatches_next", "dispatches", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.create_index("uq_dispatches_graduate", "dispatches", ["graduate_id"], unique=True)
    op.execute("SELECT watch_for_undo('dispatches')")


def _reference(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_dispatches_{column}_{other}"))


def downgrade() -> None:
    op.drop_table("dispatches")
