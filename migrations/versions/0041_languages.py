"""The language of an account, and the words of notices in others than the first.

Revision ID: 0041_languages
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041_languages"
down_revision = "0040_leaving"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("language", sa.String(8)))
    op.add_column("notice_templates", sa.Column("words", JSONB, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("notice_templates", "words")
    op.drop_column("accounts", "language")
