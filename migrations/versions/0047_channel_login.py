"""Graduates log in by a channel that they have bound; bindings from before open nothing until they are made anew.

Revision ID: 0047_channel_login
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047_channel_login"
down_revision = "0046_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_addresses", sa.Column("address_index", sa.LargeBinary()))
    op.create_index("ix_channel_addresses_index", "channel_addresses", ["address_index", "channel"])


def downgrade() -> None:
    op.drop_index("ix_channel_addresses_index", table_name="channel_addresses")
    op.drop_column("channel_addresses", "address_index")
