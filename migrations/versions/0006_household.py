"""Archive and hukou registrations, and how far the employment system's changes of them have been read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_household"
down_revision = "0005_online_terminations"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('draft', 'dept_review', 'school_review', 'returned')")
COUNTED = {"postgresql_include": ["invalid_since"]}


def upgrade() -> None:
    for table in ("archives", "hukous"):
        _registrations(table)
    op.create_table(
        "household_cursors",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held", postgresql.JSONB(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name="fk_household_cursors_school_id_schools"),
        sa.PrimaryKeyConstraint("school_id", "cohort", name="pk_household_cursors"),
    )


def _registrations(table: str) -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("copied", postgresql.ARRAY(sa.String(16)), server_default="{}", nullable=False),
        sa.Column("opinions", postgresql.JSONB(), nullable=True),
        sa.Column("review_mode", sa.String(20), nullable=True),
        sa.Column("rejected_from", sa.String(32), nullable=True),
        sa.Column("student", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.String(18), nullable=True),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("invalid_since", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("state_since", moment, nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}s.id"], name=f"fk_{table}_{one}_id_{one}s")
            for one in ("province", "school", "department", "graduate", "employer")
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    # One record in force and one on its way for each graduate.
    in_force = sa.text("state = 'approved'")
    op.create_index(f"uq_{table}_approved", table, ["graduate_id"], unique=True, postgresql_where=in_force)
    op.create_index(f"uq_{table}_open", table, ["graduate_id"], unique=True, postgresql_where=OPEN)
    for scope in ("school", "department", "province"):
        op.create_index(f"ix_{table}_{scope}", table, [f"{scope}_id", "cohort", "state", "id"], **COUNTED)
    for scope in ("school", "province"):
        op.create_index(f"ix_{table}_{scope}_newest", table, [f"{scope}_id", "cohort", "id"])
    op.create_index(f"ix_{table}_graduate", table, ["graduate_id", "id"])


def downgrade() -> None:
    for table in ("household_cursors", "hukous", "archives"):
        op.drop_table(table)
