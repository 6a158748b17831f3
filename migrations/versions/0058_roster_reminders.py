"""When graduates were last reminded to register their destination.

Revision ID: 0058_roster_reminders
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058_roster_reminders"
down_revision = "0057_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_reminders",
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduates.id"], name=op.f("fk_roster_reminders_graduate_id_graduates")
        ),
        sa.PrimaryKeyConstraint("graduate_id", name=op.f("pk_roster_reminders")),
    )


def downgrade() -> None:
    op.drop_table("roster_reminders")
