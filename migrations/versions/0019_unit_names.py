"""Units are found by a part of their name."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0019_unit_names"
down_revision = "0018_objections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_employers_name_characters", "employers", [text("string_to_array(name, NULL)")], postgresql_using="gin"
    )


def downgrade() -> None:
    op.drop_index("ix_employers_name_characters", "employers")
