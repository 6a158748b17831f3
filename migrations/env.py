"""Alembic's environment: FAB's tables and ours are one metadata; two servers starting at once wait for each other."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import text

# The program of these tables, or of later ones, may go on while a newer one is installed host by host: what came after
# only adds (tests/migrations/test_additive.py). A migration that takes something away raises it to its own number, and so
# does a program whose rows an older one cannot read: since 66 documents are packed before they are sealed.
OLDEST = 66
_UPGRADE_LOCK = 728_301_553  # any number that nothing else uses


def _plain_type(kind: str, item: Any, _autogenerate: Any) -> Any:
    from app.base.sealed import EncryptedBytes, EncryptedJson, EncryptedText, PersonalJson

    if kind == "type" and isinstance(item, EncryptedText | EncryptedJson | EncryptedBytes):
        return "sa.LargeBinary()"
    return "JSONB()" if kind == "type" and isinstance(item, PersonalJson) else False


def run() -> None:
    """Run the migrations in one transaction under an advisory lock."""
    migrate = current_app.extensions["migrate"]
    with migrate.db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=migrate.configure_args["metadata"],
            compare_type=True,
            render_item=_plain_type,
        )
        with context.begin_transaction():
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
            context.run_migrations()
            if connection.scalar(text("SELECT to_regclass('alembic_version')")) is not None:
                connection.execute(text(f"COMMENT ON TABLE alembic_version IS 'serves {OLDEST:04}'"))


run()
