"""Registered destinations, their types as operators edit them, and the minimum wages they are compared with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0002_destinations"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("opinions", postgresql.JSONB(astext_type=Text()), nullable=True),
        sa.Column("review_mode", sa.String(length=20), nullable=True),
        sa.Column("rejected_from", sa.String(length=32), nullable=True),
        sa.Column("student", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.String(length=18), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.Column("invalid_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_destinations_department_id_departments")
        ),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_destinations_employer_id_employers")),
        sa.ForeignKeyConstraint(["graduate_id"], ["graduates.id"], name=op.f("fk_destinations_graduate_id_graduates")),
        sa.ForeignKeyConstraint(["province_id"], ["provinces.id"], name=op.f("fk_destinations_province_id_provinces")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_destinations_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destinations")),
    )
    op.create_index(
        "ix_destinations_department",
        "destinations",
        ["department_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index("ix_destinations_graduate", "destinations", ["graduate_id", "id"], unique=False)
    op.create_index(
        "ix_destinations_province",
        "destinations",
        ["province_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index("ix_destinations_province_newest", "destinations", ["province_id", "cohort", "id"], unique=False)
    op.create_index(
        "ix_destinations_school",
        "destinations",
        ["school_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index("ix_destinations_school_newest", "destinations", ["school_id", "cohort", "id"], unique=False)
    op.create_index("ix_destinations_type", "destinations", ["school_id", "cohort", "type", "state"], unique=False)
    op.create_index(
        "uq_destinations_binding",
        "destinations",
        ["graduate_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('dept_review', 'school_review', 'approved')"),
    )
    op.create_table(
        "destination_types",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("code <> '' AND label <> ''", name=op.f("ck_destination_types_filled")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_destination_types_days")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_destination_types")),
    )
    op.create_table(
        "minimum_wages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("monthly", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("hourly", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("monthly > 0 AND hourly > 0", name=op.f("ck_minimum_wages_amounts")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_minimum_wages_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minimum_wages")),
        sa.UniqueConstraint(
            "region", "valid_from", name=op.f("uq_minimum_wages_region_valid_from"), postgresql_nulls_not_distinct=True
        ),
    )


def downgrade() -> None:
    for table in ("minimum_wages", "destination_types", "destinations"):
        op.drop_table(table)
