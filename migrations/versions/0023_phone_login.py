"""Log-in by a code to the own phone, and sessions that work in one browser alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_phone_login"
down_revision = "0022_job_files"
branch_labels = None
depends_on = None
_BEFORE = ("activation", "registration", "recovery", "contact", "binding")


def upgrade() -> None:
    op.add_column("login_sessions", sa.Column("device", sa.LargeBinary()))
    _purposes((*_BEFORE, "login"))


def downgrade() -> None:
    op.execute("DELETE FROM verification_codes WHERE purpose = 'login'")
    _purposes(_BEFORE)
    op.execute("DELETE FROM login_sessions WHERE device IS NOT NULL")
    op.drop_column("login_sessions", "device")


def _purposes(names: tuple[str, ...]) -> None:
    name = op.f("ck_verification_codes_purpose")
    op.drop_constraint(name, "verification_codes", type_="check")
    op.create_check_constraint(name, "verification_codes", f"purpose IN {names}")
