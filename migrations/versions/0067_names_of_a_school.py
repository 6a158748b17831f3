"""A school looks for names in its own index: the letters of the whole country are many.

Revision ID: 0067_names_of_a_school
"""

from __future__ import annotations

from alembic import op

revision = "0067_names_of_a_school"
down_revision = "0066_ladder"
branch_labels = None
depends_on = None

_BEFORE = ["invalid_since", "province_id", "department_id", "level", "education", "major", "student_number"]


def upgrade() -> None:
    _with([*_BEFORE, "name"])


def downgrade() -> None:
    _with(_BEFORE)


def _with(columns: list[str]) -> None:
    op.drop_index("ix_graduates_school", "graduates")
    op.create_index("ix_graduates_school", "graduates", ["school_id", "cohort", "id"], postgresql_include=columns)
