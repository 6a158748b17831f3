"""API keys, by which programs act in the place of an account; long jobs remember the key that began them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026_api_keys"
down_revision = "0025_undo"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("old_digest", sa.LargeBinary()),
        sa.Column("old_until", _TIME),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("addresses", JSONB(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME),
        sa.Column("used_from", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_api_keys_user_id_ab_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
        sa.UniqueConstraint("old_digest", name=op.f("uq_api_keys_old_digest")),
    )
    op.create_index("ix_api_keys_user", "api_keys", ["user_id", "id"])
    op.add_column("jobs", sa.Column("key_id", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("jobs", "key_id")
    op.drop_table("api_keys")
