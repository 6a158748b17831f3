"""学习形式 of a graduate; of those imported before it is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_study_form"
down_revision = "0023_phone_login"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("graduates", sa.Column("study_form", sa.String(1)))


def downgrade() -> None:
    op.drop_column("graduates", "study_form")
