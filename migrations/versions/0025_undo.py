"""Verdicts can be taken back for a while; what calls with an Idempotency-Key were answered is sealed.

Revision ID: 0025_undo
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025_undo"
down_revision = "0024_study_form"
branch_labels = None
depends_on = None


_TIME = sa.DateTime(timezone=True)
# Rows of these tables are kept as they were while a verdict changes them; later migrations say watch_for_undo too.
WATCHED = (
    *("employers", "employer_users", "favorites", "employer_verifications", "unit_changes", "offline_signings"),
    *("supplementaries", "upload_links", "online_signings", "letter_templates", "letter_template_changes"),
    *("online_terminations", "offline_terminations", "graduates", "claims", "accounts", "archives", "hukous"),
    *("destinations", "unit_warnings", "objections", "payment_orders", "stored_files", "channel_addresses"),
)
_FUNCTIONS = (
    """
    CREATE FUNCTION keep_undo_image() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO undo_images (undo_id, place, before, after) VALUES (
            current_setting('app.undo')::bigint, TG_TABLE_NAME,
            CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
        );
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION watch_for_undo(place text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format(
            $made$
            CREATE TRIGGER keep_undo_image AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW
            WHEN (coalesce(current_setting('app.undo', true), '') <> '') EXECUTE FUNCTION keep_undo_image()
            $made$, place
        );
    END $$
    """,
)


def upgrade() -> None:
    _answers_as(sa.LargeBinary())
    op.create_table(
        "undos",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("workflow", sa.String(32), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_undos_user_id_ab_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undos")),
    )
    op.create_index("ix_undos_case", "undos", ["workflow", "case_id", "id"])
    op.create_index(op.f("ix_undos_until"), "undos", ["until"])
    op.create_table(
        "undo_images",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("undo_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB()),
        sa.ForeignKeyConstraint(
            ["undo_id"], ["undos.id"], name=op.f("fk_undo_images_undo_id_undos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undo_images")),
    )
    op.create_index(op.f("ix_undo_images_undo_id"), "undo_images", ["undo_id"])
    op.add_column("outbox", sa.Column("not_before", _TIME))
    op.add_column("outbox", sa.Column("undo_id", sa.BigInteger()))
    op.create_index("ix_outbox_undo", "outbox", ["undo_id"], postgresql_where=sa.text("undo_id IS NOT NULL"))
    for statement in _FUNCTIONS:
        op.execute(statement)
    for table in WATCHED:
        op.execute(f"SELECT watch_for_undo('{table}')")  # noqa: S608


def downgrade() -> None:
    for table in WATCHED:
        op.execute(f"DROP TRIGGER keep_undo_image ON {table}")
    op.execute("DROP FUNCTION watch_for_undo(text)")
    op.execute("DROP FUNCTION keep_undo_image()")
    op.drop_index("ix_outbox_undo", "outbox")
    op.drop_column("outbox", "undo_id")
    op.drop_column("outbox", "not_before")
    op.drop_table("undo_images")
    op.drop_table("undos")
    _answers_as(JSONB())


def _answers_as(kind: sa.types.TypeEngine[object]) -> None:
    """What is kept for two days is given up: whoever repeats a call in this hour is answered anew."""
    op.execute("DELETE FROM idempotency_keys")
    op.drop_column("idempotency_keys", "answer")
    op.add_column("idempotency_keys", sa.Column("answer", kind, nullable=True))
