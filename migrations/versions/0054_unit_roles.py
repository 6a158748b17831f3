"""What a user of a unit may do there, and invitations of colleagues.

Of the users that a unit has the first who was verified is its owner, the others keep what they could do.

Revision ID: 0054_unit_roles
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054_unit_roles"
down_revision = "0053_orphaned_files"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_OWNERS = """
UPDATE accounts SET unit_role = 'owner' WHERE id IN (
  SELECT DISTINCT ON (a.employer_id) a.id FROM accounts a JOIN ab_user u ON u.id = a.user_id
  LEFT JOIN employer_verifications v
    ON v.applicant_id = a.user_id AND v.employer_id = a.employer_id AND v.state = 'verified'
  WHERE a.kind = 'employer' AND a.employer_id IS NOT NULL
  ORDER BY a.employer_id, u.active DESC NULLS LAST, v.state_since NULLS LAST, a.id
)
"""
_RULE = "(employer_id IS NULL) = (unit_role IS NULL) AND unit_role IN ('owner', 'hr', 'viewer')"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("unit_role", sa.String(8)))
    op.execute("UPDATE accounts SET unit_role = 'hr' WHERE employer_id IS NOT NULL")
    op.execute(_OWNERS)
    op.create_check_constraint(op.f("ck_accounts_unit_role"), "accounts", _RULE)
    op.create_table(
        "colleague_invitations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.String(64), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("joined_id", sa.BigInteger()),
        sa.CheckConstraint("role IN ('owner', 'hr', 'viewer')", name=op.f("ck_colleague_invitations_role")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_colleague_invitations_employer_id_employers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_colleague_invitations_digest")),
    )
    op.create_index("ix_colleague_invitations_unit", "colleague_invitations", ["employer_id", "id"])


def downgrade() -> None:
    op.drop_table("colleague_invitations")
    op.drop_constraint(op.f("ck_accounts_unit_role"), "accounts", type_="check")
    op.drop_column("accounts", "unit_role")
