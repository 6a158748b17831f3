"""The days that a school sets for a cohort.

Revision ID: 0034_school_calendars
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034_school_calendars"
down_revision = "0033_phrases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "school_calendars",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("leaving_from", sa.Date()),
        sa.Column("leaving_until", sa.Date()),
        sa.CheckConstraint(
            "(leaving_from IS NULL) = (leaving_until IS NULL)", name=op.f("ck_school_calendars_whole_window")
        ),
        sa.CheckConstraint("leaving_from <= leaving_until", name=op.f("ck_school_calendars_leaving_days")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_school_calendars_school_id_schools")),
        sa.PrimaryKeyConstraint("school_id", "cohort", name=op.f("pk_school_calendars")),
    )


def downgrade() -> None:
    op.drop_table("school_calendars")
