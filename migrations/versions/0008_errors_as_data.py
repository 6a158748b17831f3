"""What went wrong with a message is a code and a detail instead of a text that readers have to take apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_errors_as_data"
down_revision = "0007_files_by_digest"
branch_labels = None
depends_on = None

TRIES = ("notice_deliveries", "verification_codes")
# The codes that channels had by then; what begins with none of them was not foreseen.
CODES = (
    "no_address, too_late, bad_address, bad_number, not_following, declined, no_template, bad_template, bad_fields, "
    "bad_link, bad_signature_name, forbidden_words, bad_credentials, address_not_allowed, no_credit, limit_reached, "
    "provider_busy, provider_refused, not_understood, unreachable, not_configured, bad_code"
).split(", ")
# Beginning of what was written in the outbox -> code; what follows it is the detail.
BEGINNINGS = (
    ("EmsUnavailable: ", "ems_unavailable"),
    ("GiveUp: EmsRefused: ", "ems_refused"),
    ("GiveUp: a later report is held there", "later_report"),
    ("GiveUp: the graduate of this message does not exist", "no_graduate"),
    ("GiveUp: ", "given_up"),
)


def upgrade() -> None:
    """New columns, filled from the old text."""
    for table in ("outbox", *TRIES):
        op.add_column(table, sa.Column("error_code", sa.String(length=48), nullable=True))
        op.add_column(table, sa.Column("error_detail", sa.Text(), nullable=True))
    _fill_outbox()
    for table in TRIES:
        _take_apart(table, "last_error", "last_error IS NOT NULL")
        op.drop_column(table, "last_error")


def _fill_outbox() -> None:
    for beginning, code in BEGINNINGS:
        op.execute(
            sa.text(
                "UPDATE outbox SET error_code = :code, error_detail = "
                "CASE WHEN :cut THEN substr(last_error, :length) ELSE substr(last_error, 9) END "
                "WHERE error_code IS NULL AND starts_with(last_error, :beginning)"
            ).bindparams(code=code, cut=beginning.endswith(": "), length=len(beginning) + 1, beginning=beginning)
        )
    op.execute(
        "UPDATE outbox SET error_code = left(split_part(substr(last_error, 13), ':', 1), 48), "
        "error_detail = substr(last_error, 13) WHERE error_code IS NULL AND starts_with(last_error, 'EmsRefused: ')"
    )
    for kind in ("Refused: ", "Unavailable: "):
        _take_apart(
            "outbox",
            f"substr(last_error, {len(kind) + 1})",
            f"error_code IS NULL AND starts_with(last_error, '{kind}')",
        )
    op.execute(
        "UPDATE outbox SET error_code = 'unexpected', error_detail = last_error "
        "WHERE error_code IS NULL AND last_error IS NOT NULL"
    )


def _take_apart(table: str, text: str, where: str) -> None:
    """`code: detail`, or the code alone."""
    known = ", ".join(f"'{code}'" for code in CODES)
    begin = f"split_part({text}, ': ', 1)"
    op.execute(
        f"UPDATE {table} SET "  # noqa: S608 - names of our own
        f"error_code = CASE WHEN {begin} IN ({known}) THEN {begin} ELSE 'unexpected' END, "
        f"error_detail = CASE WHEN {begin} IN ({known}) THEN substr({text}, length({begin}) + 3) ELSE {text} END "
        f"WHERE {where}"
    )


def downgrade() -> None:
    """The old text again."""
    for table in TRIES:
        op.add_column(table, sa.Column("last_error", sa.Text(), nullable=True))
        op.execute(
            f"UPDATE {table} SET last_error = CASE WHEN error_code = 'unexpected' THEN error_detail "  # noqa: S608
            "ELSE error_code || COALESCE(': ' || NULLIF(error_detail, ''), '') END WHERE error_code IS NOT NULL"
        )
    for table in ("outbox", *TRIES):
        op.drop_column(table, "error_detail")
        op.drop_column(table, "error_code")
