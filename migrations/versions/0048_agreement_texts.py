"""Provinces' own versions of the agreement's text, and which version a signing was begun with.

Revision ID: 0048_agreement_texts
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048_agreement_texts"
down_revision = "0047_channel_login"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)
_SIGNINGS = ("online_signings", "offline_signings", "supplementaries")


def upgrade() -> None:
    op.create_table(
        "agreement_texts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("agreement_type", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("author_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("written_by", sa.String(64), nullable=False),
        sa.Column("written_at", _TIME, nullable=False),
        sa.Column("signed_off_by_id", sa.BigInteger()),
        sa.Column("signed_off_by", sa.String(64)),
        sa.Column("signed_off_at", _TIME),
        sa.CheckConstraint("NOT signed_off_by_id = ANY (author_ids)", name=op.f("ck_agreement_texts_two_people")),
        sa.CheckConstraint(
            "(signed_off_at IS NULL) = (signed_off_by IS NULL)", name=op.f("ck_agreement_texts_signed_off_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["province_id"], ["provinces.id"], name=op.f("fk_agreement_texts_province_id_provinces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_texts")),
        sa.UniqueConstraint("version", name=op.f("uq_agreement_texts_version")),
        sa.UniqueConstraint("province_id", "serial", name=op.f("uq_agreement_texts_province_id_serial")),
    )
    op.create_index("ix_agreement_texts_province", "agreement_texts", ["province_id", "valid_from"])
    op.execute(
        "CREATE TRIGGER signed_off_for_ever BEFORE UPDATE OR DELETE ON agreement_texts FOR EACH ROW"
        " WHEN (OLD.signed_off_at IS NOT NULL) EXECUTE FUNCTION refuse_change()"
    )
    for table in _SIGNINGS:
        op.add_column(table, sa.Column("wording", sa.String(40)))


def downgrade() -> None:
    for table in _SIGNINGS:
        op.drop_column(table, "wording")
    op.drop_table("agreement_texts")
