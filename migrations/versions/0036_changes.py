"""A new version of an approved destination, or a signing, may wait for the place of what stays in force until then.

Revision ID: 0036_changes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036_changes"
down_revision = "0035_reconciliation"
branch_labels = None
depends_on = None
_BINDING = "stage IN ('review', 'in_force')"
_OPEN = "stage IN ('draft', 'asked', 'review', 'halfway', 'returned')"


def upgrade() -> None:
    op.add_column("claims", sa.Column("next_workflow", sa.String(32)))
    op.add_column("claims", sa.Column("next_id", sa.BigInteger()))
    op.add_column("destinations", sa.Column("change_of", sa.BigInteger()))
    op.create_foreign_key(
        op.f("fk_destinations_change_of_destinations"), "destinations", "destinations", ["change_of"], ["id"]
    )
    _bind(f"{_BINDING} AND change_of IS NULL")
    op.create_index(
        "uq_destinations_change",
        "destinations",
        ["change_of"],
        unique=True,
        postgresql_where=sa.text(f"{_OPEN} AND change_of IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_destinations_change", "destinations")
    _bind(_BINDING)
    op.drop_column("destinations", "change_of")
    op.drop_column("claims", "next_id")
    op.drop_column("claims", "next_workflow")


def _bind(where: str) -> None:
    op.drop_index("uq_destinations_binding", "destinations")
    op.create_index(
        "uq_destinations_binding", "destinations", ["graduate_id"], unique=True, postgresql_where=sa.text(where)
    )
