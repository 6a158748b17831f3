"""离校确认: confirmations, their sheets, authorizations to check and their uses.

Revision ID: 0040_leaving
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0040_leaving"
down_revision = "0039_saved_views"
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
_WATCHED = ("leavings", "leaving_sheets", "authorizations")


def upgrade() -> None:
    _leavings()
    op.create_table(
        "leaving_sheets",
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("leaving_id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_number", sa.String(18)),
        sa.Column("archive_id", sa.BigInteger()),
        sa.Column("confirmed_at", _TIME, nullable=False),
        _reference("leaving_sheets", "leaving_id", "leavings"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_leaving_sheets")),
    )
    op.create_index(op.f("ix_leaving_sheets_leaving_id"), "leaving_sheets", ["leaving_id"])
    op.create_index("ix_leaving_sheets_transfer_number", "leaving_sheets", ["transfer_number"])
    _authorizations()
    for table in _WATCHED:
        op.execute(f"SELECT watch_for_undo('{table}')")  # noqa: S608


def _leavings() -> None:
    op.create_table(
        "leavings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_number", sa.String(18)),
        sa.Column("snapshot", sa.LargeBinary()),
        sa.Column("confirmed_at", _TIME),
        sa.Column("reopened_at", _TIME),
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
        sa.CheckConstraint(
            "NOT stage IN ('in_force') OR number IS NOT NULL", name=op.f("ck_leavings_confirmed_has_number")
        ),
        *(_reference("leavings", column, table) for column, table in _SCOPE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leavings")),
    )
    op.create_index("uq_leavings_graduate", "leavings", ["graduate_id"], unique=True)
    for scope in ("school", "department", "province"):
        columns = [f"{scope}_id", "cohort", "state", "id"]
        op.create_index(f"ix_leavings_{scope}", "leavings", columns, postgresql_include=["invalid_since"])
    for scope in ("school", "province"):
        op.create_index(f"ix_leavings_{scope}_newest", "leavings", [f"{scope}_id", "cohort", "id"])
    op.create_index("ix_leavings_graduate", "leavings", ["graduate_id", "id"])
    op.create_index("ix_leavings_next", "leavings", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))


def _authorizations() -> None:
    op.create_table(
        "authorizations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("leaving_id", sa.BigInteger(), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("fields", ARRAY(sa.String(16)), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
        _reference("authorizations", "leaving_id", "leavings"),
        _reference("authorizations", "graduate_id", "graduates"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorizations")),
        sa.UniqueConstraint("number", name=op.f("uq_authorizations_number")),
    )
    op.create_index(op.f("ix_authorizations_leaving_id"), "authorizations", ["leaving_id"])
    op.create_index("ix_authorizations_graduate", "authorizations", ["graduate_id", "id"])
    op.create_table(
        "authorization_uses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("authorization_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("source", sa.String(64)),
        _reference("authorization_uses", "authorization_id", "authorizations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_uses")),
    )
    op.create_index(op.f("ix_authorization_uses_authorization_id"), "authorization_uses", ["authorization_id"])


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def downgrade() -> None:
    for table in ("authorization_uses", "authorizations", "leaving_sheets", "leavings"):
        op.drop_table(table)
