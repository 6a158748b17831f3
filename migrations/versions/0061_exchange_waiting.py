"""What waits for a file can be counted and chosen by a statement; files count their answers.

Revision ID: 0061_exchange_waiting
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061_exchange_waiting"
down_revision = "0060_dispatches"
branch_labels = None
depends_on = None

_COUNTS = """
UPDATE exchange_files SET messages = told.messages, taken = told.taken, refused = told.refused, fetched_at = made_at
FROM (
    SELECT file_id, count(*) AS messages, count(*) FILTER (WHERE taken) AS taken, count(*) FILTER (WHERE NOT taken) AS refused
    FROM exchange_lines GROUP BY file_id
) AS told
WHERE told.file_id = exchange_files.id
"""
_IN_FILES = """
INSERT INTO ems_waiting_for_file (message_id, province_id, kind, rows, since, file_id)
SELECT lines.message_id, files.province_id, files.kind, lines.rows, outbox.created_at, files.id
FROM exchange_lines AS lines
JOIN exchange_files AS files ON files.id = lines.file_id
JOIN outbox ON outbox.id = lines.message_id
WHERE lines.open
"""
# What they say is encrypted: the workers look at the others once more and write them down.
_LOOK_AGAIN = "UPDATE outbox SET next_attempt_at = now() WHERE kind = 'ems' AND status = 'queued' AND error_code = 'by_file'"


def upgrade() -> None:
    for name in ("messages", "taken", "refused"):
        op.add_column("exchange_files", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("exchange_files", sa.Column("fetched_at", sa.DateTime(timezone=True)))
    op.add_column("exchange_files", sa.Column("answers", sa.LargeBinary()))
    op.add_column("exchange_files", sa.Column("answers_at", sa.DateTime(timezone=True)))
    op.create_table(
        "ems_waiting_for_file",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox.id"], name=op.f("fk_ems_waiting_for_file_message_id_outbox"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["province_id"], ["provinces.id"], name=op.f("fk_ems_waiting_for_file_province_id_provinces")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_ems_waiting_for_file")),
    )
    op.create_index(
        "ix_ems_waiting_for_file_next",
        "ems_waiting_for_file",
        ["province_id", "kind", "message_id"],
        postgresql_where=sa.text("file_id IS NULL"),
    )
    op.create_index(
        "ix_ems_waiting_for_file_file",
        "ems_waiting_for_file",
        ["file_id"],
        postgresql_where=sa.text("file_id IS NOT NULL"),
    )
    for statement in (_COUNTS, _IN_FILES, _LOOK_AGAIN):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("ems_waiting_for_file")
    for name in ("answers_at", "answers", "fetched_at", "refused", "taken", "messages"):
        op.drop_column("exchange_files", name)
