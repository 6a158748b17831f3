"""Lines of the audit trail say in which role and about whom, bear a seal, and may go when their time is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_audit"
down_revision = "0011_second_factors"
branch_labels = None
depends_on = None

_PLACES = ("province_id", "school_id", "graduate_id")
_INDEXES = {"province": "province_id", "school": "school_id", "actor": "actor", "action": "action"}
_KEPT = "180 days"


def upgrade() -> None:
    op.alter_column("audit_lines", "ip", new_column_name="source")
    op.add_column("audit_lines", sa.Column("role", sa.String(16)))
    for name in _PLACES:
        op.add_column("audit_lines", sa.Column(name, sa.BigInteger()))
    op.add_column("audit_lines", sa.Column("seal", sa.LargeBinary()))
    for name, column in _INDEXES.items():
        op.create_index(f"ix_audit_lines_{name}", "audit_lines", [column, "id"])
    op.create_index(
        "ix_audit_lines_graduate",
        "audit_lines",
        ["graduate_id", "id"],
        postgresql_where=sa.text("graduate_id IS NOT NULL"),
    )
    op.execute("DROP TRIGGER audit_only_grows ON audit_lines")
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR TRUNCATE ON audit_lines"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit_lines FOR EACH ROW"
        f" WHEN (OLD.at > now() - interval '{_KEPT}') EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_is_kept ON audit_lines")
    op.execute("DROP TRIGGER audit_only_grows ON audit_lines")
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_lines"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    for name in ("graduate", *_INDEXES):
        op.drop_index(f"ix_audit_lines_{name}", "audit_lines")
    for name in ("seal", *_PLACES, "role"):
        op.drop_column("audit_lines", name)
    op.alter_column("audit_lines", "source", new_column_name="ip")
