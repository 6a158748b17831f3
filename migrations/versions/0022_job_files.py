"""Files that workers make for who asked for them: large downloads, one's own data on paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_job_files"
down_revision = "0021_unit_desk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("mime", sa.String(128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_files_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_files")),
        sa.UniqueConstraint("job_id", name=op.f("uq_job_files_job_id")),
    )
    op.create_index(op.f("ix_job_files_created_at"), "job_files", ["created_at"])


def downgrade() -> None:
    op.drop_table("job_files")
