"""What binds a graduate is proven by a code to the own number: since when it is theirs, and what the history keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014_proof"
down_revision = "0013_account_lifetimes"
branch_labels = None
depends_on = None

_CASES = (
    *("online_signings", "offline_signings", "supplementaries", "online_terminations", "offline_terminations"),
    *("destinations", "archives", "hukous"),
)
_MOMENT = sa.DateTime(timezone=True)
_PURPOSES = ("activation", "registration", "recovery", "contact", "binding")


def upgrade() -> None:
    op.add_column("history", sa.Column("proof", JSONB(none_as_null=True)))
    op.add_column("accounts", sa.Column("mobile_since", _MOMENT))
    op.add_column("accounts", sa.Column("mobile_vouched_at", _MOMENT))
    # A number that an account holds came there by a code, at the latest when the account was made known with it.
    op.execute("UPDATE accounts SET mobile_since = created_at WHERE mobile IS NOT NULL")
    for table in _CASES:
        op.add_column(table, sa.Column("unconfirmed_since", _MOMENT))
    op.add_column("verification_codes", sa.Column("about", sa.String(128)))
    op.drop_constraint("ck_verification_codes_purpose", "verification_codes")
    op.create_check_constraint("purpose", "verification_codes", f"purpose IN {_PURPOSES}")


def downgrade() -> None:
    op.drop_constraint("ck_verification_codes_purpose", "verification_codes")
    op.execute("DELETE FROM verification_codes WHERE purpose = 'binding'")
    op.create_check_constraint("purpose", "verification_codes", f"purpose IN {_PURPOSES[:-1]}")
    op.drop_column("verification_codes", "about")
    for table in _CASES:
        op.drop_column(table, "unconfirmed_since")
    op.drop_column("accounts", "mobile_vouched_at")
    op.drop_column("accounts", "mobile_since")
    op.drop_column("history", "proof")
