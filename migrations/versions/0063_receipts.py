"""Archives that are on their way have a day by which their receipt is due.

Revision ID: 0063_receipts
"""

from __future__ import annotations

from alembic import op

revision = "0063_receipts"
down_revision = "0061_exchange_waiting"
branch_labels = None
depends_on = None

# Thirty days after the day on which it was sent has ended, in China; none is overdue on the day of the upgrade.
_DUE = """
UPDATE dispatches
SET due_at = told.due_at, next_at = told.due_at
FROM (
    SELECT id, greatest((sent_on + 31)::timestamp AT TIME ZONE 'Asia/Shanghai', now() + interval '7 days') AS due_at
    FROM dispatches
    WHERE state = 'sent' AND due_at IS NULL
) AS told
WHERE told.id = dispatches.id
"""


def upgrade() -> None:
    op.execute(_DUE)


def downgrade() -> None:
    op.execute("UPDATE dispatches SET due_at = NULL, next_at = NULL WHERE state = 'sent'")
