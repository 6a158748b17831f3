"""Histories are sealed with a key that no table holds; lines of the audit trail are linked in blocks.

Rows that are there keep their hashes; what they end in is sealed as it stands, so that none of them can be changed,
taken away or written anew from now on.
"""

from __future__ import annotations

import hashlib
import hmac
import json

import sqlalchemy as sa
from alembic import op

from app.base.settings import settings

revision = "0015_chain"
down_revision = "0014_proof"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("seal", sa.LargeBinary()))
    op.add_column("history_heads", sa.Column("sealed_from", sa.BigInteger()))
    op.add_column("history_heads", sa.Column("seal", sa.LargeBinary()))
    op.execute("UPDATE history_heads SET sealed_from = seq + 1")
    _seal_heads()
    op.alter_column("history_heads", "sealed_from", nullable=False)
    op.alter_column("history_heads", "seal", nullable=False)
    op.create_table(
        "audit_blocks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_line", sa.BigInteger(), nullable=False),
        sa.Column("last_line", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_blocks"),
    )
    op.execute(
        "CREATE TRIGGER blocks_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_blocks"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _seal_heads() -> None:
    connection, chosen = op.get_bind(), settings()
    key = (chosen.chain_keys or (hmac.digest(chosen.data_key, b"chain", "sha256"),))[0]
    name = hashlib.sha256(b"id" + key).digest()[:4]
    update = sa.text("UPDATE history_heads SET seal = :seal WHERE chain = :chain")
    heads = connection.execute(sa.text("SELECT chain, seq, hash, sealed_from FROM history_heads")).all()
    for chain, seq, link, since in heads:
        told = json.dumps([chain, seq, bytes(link).hex(), since], separators=(",", ":")).encode()
        connection.execute(update, {"chain": chain, "seal": name + hmac.digest(key, b"head|" + told, "sha256")})


def downgrade() -> None:
    op.drop_table("audit_blocks")
    op.drop_column("history_heads", "seal")
    op.drop_column("history_heads", "sealed_from")
    op.drop_column("history", "seal")
