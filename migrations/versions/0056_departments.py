"""Departments by code, with other names, and names that wait to be assigned to one.

Revision ID: 0056_departments
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056_departments"
down_revision = "0054_unit_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("departments", sa.Column("code", sa.String(length=16)))
    op.add_column("departments", sa.Column("unsettled_since", sa.DateTime(timezone=True)))
    op.create_unique_constraint(op.f("uq_departments_school_id_code"), "departments", ["school_id", "code"])
    waiting = sa.text("unsettled_since IS NOT NULL")
    op.create_index("ix_departments_unsettled", "departments", ["school_id"], postgresql_where=waiting)
    op.create_table(
        "department_aliases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_department_aliases_school_id_schools")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_department_aliases_department_id_departments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_aliases")),
        sa.UniqueConstraint("school_id", "name", name=op.f("uq_department_aliases_school_id_name")),
    )
    op.create_index(op.f("ix_department_aliases_department_id"), "department_aliases", ["department_id"])


def downgrade() -> None:
    op.drop_table("department_aliases")
    op.drop_index("ix_departments_unsettled", "departments")
    op.drop_constraint(op.f("uq_departments_school_id_code"), "departments")
    op.drop_column("departments", "unsettled_since")
    op.drop_column("departments", "code")
