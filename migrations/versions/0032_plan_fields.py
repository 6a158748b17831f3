"""What 就业方案 asks of a graduate besides; of those imported before it is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_plan_fields"
down_revision = "0031_mobile_index"
branch_labels = None
depends_on = None

_FIELDS = {"origin_kind": 1, "direction": 64, "major_code": 16, "enrolled_in": 7, "commissioned_by": 128}


def upgrade() -> None:
    for name, length in _FIELDS.items():
        op.add_column("graduates", sa.Column(name, sa.String(length)))


def downgrade() -> None:
    for name in _FIELDS:
        op.drop_column("graduates", name)
