"""Beside the state of every case stands what kind of place it is, and who has to act: indexes and checks ask for these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_stages"
down_revision = "0008_errors_as_data"
branch_labels = None
depends_on = None

# Table → state → stage and who has to act, as the workflows said when this was written.
STATES = {
    "online_signings": {
        "invited": ("offered", "graduate"),
        "dept_review": ("review", "department"),
        "school_review": ("review", "school"),
        "signed": ("in_force", None),
        "declined": ("failed", None),
        "expired": ("failed", None),
        "withdrawn": ("failed", None),
        "aborted": ("failed", None),
        "rejected": ("failed", None),
        "terminated": ("ended", None),
        "voided": ("voided", None),
    },
    "offline_signings": {
        "draft": ("draft", "graduate"),
        "agreement_dept_review": ("review", "department"),
        "agreement_school_review": ("review", "school"),
        "agreement_returned": ("returned", "graduate"),
        "agreement_rejected": ("failed", None),
        "agreement_approved": ("halfway", "graduate"),
        "dept_review": ("review", "department"),
        "school_review": ("review", "school"),
        "returned": ("returned", "graduate"),
        "rejected": ("failed", None),
        "signed": ("in_force", None),
        "terminated": ("ended", None),
        "voided": ("voided", None),
    },
    "supplementaries": {
        "draft": ("draft", "graduate"),
        "dept_review": ("review", "department"),
        "school_review": ("review", "school"),
        "returned": ("returned", "graduate"),
        "rejected": ("failed", None),
        "signed": ("in_force", None),
        "terminated": ("ended", None),
        "voided": ("voided", None),
    },
    "online_terminations": {
        "waiting_employer": ("asked", "employer"),
        "waiting_graduate": ("asked", "graduate"),
        "dept_review": ("review", "department"),
        "school_review": ("review", "school"),
        "approved": ("in_force", None),
        "rejected": ("failed", None),
        "refused": ("failed", None),
        "withdrawn": ("ended", None),
        "forced": ("in_force", None),
    },
    "offline_terminations": {
        "draft": ("draft", "graduate"),
        "dept_review": ("review", "department"),
        "school_review": ("review", "school"),
        "returned": ("returned", "graduate"),
        "rejected": ("failed", None),
        "approved": ("in_force", None),
    },
    "destinations": {
        "draft": ("draft", "graduate"),
        "dept_review": ("review", "department"),
        "school_review": ("review", "school"),
        "returned": ("returned", "graduate"),
        "rejected": ("failed", None),
        "approved": ("in_force", None),
        "voided": ("voided", None),
    },
    "employer_verifications": {
        "draft": ("draft", None),
        "remitting": ("review", None),
        "awaiting_amount": ("asked", None),
        "in_review": ("review", "operator"),
        "returned": ("returned", None),
        "verified": ("in_force", None),
    },
}
STATES["archives"] = STATES["hukous"] = {
    "draft": ("draft", "graduate"),
    "dept_review": ("review", "department"),
    "school_review": ("review", "school"),
    "returned": ("returned", "graduate"),
    "rejected": ("failed", None),
    "approved": ("in_force", None),
    "replaced": ("ended", None),
}

# Table, index, columns, unique, condition before, condition now.
_BINDING = "stage IN ('review', 'in_force')"
_MOVING = "stage IN ('asked', 'review', 'halfway', 'returned')"
_OPEN = "stage IN ('draft', 'returned', 'review')"
_OPEN_BEFORE = "state IN ('draft', 'dept_review', 'school_review', 'returned')"
INDEXES = (
    (
        *("online_signings", "uq_online_signings_live", ["employer_id", "graduate_id"], True),
        "state IN ('invited', 'dept_review', 'school_review', 'signed')",
        "stage IN ('offered', 'review', 'in_force')",
    ),
    (
        *("online_signings", "uq_online_signings_binding", ["graduate_id"], True),
        "state IN ('dept_review', 'school_review', 'signed')",
        _BINDING,
    ),
    (
        *("online_signings", "ix_online_signings_due", ["valid_until"], False),
        "state = 'invited'",
        "stage IN ('offered')",
    ),
    (
        *("offline_signings", "uq_offline_signings_binding", ["graduate_id"], True),
        "state IN ('agreement_dept_review', 'agreement_school_review', 'dept_review', 'school_review', 'signed')",
        _BINDING,
    ),
    (
        *("supplementaries", "uq_supplementaries_binding", ["graduate_id"], True),
        "state IN ('dept_review', 'school_review', 'signed')",
        _BINDING,
    ),
    (
        *("online_terminations", "uq_online_terminations_open", ["signing_id"], True),
        "state IN ('waiting_employer', 'waiting_graduate', 'dept_review', 'school_review')",
        _MOVING,
    ),
    (
        *("offline_terminations", "uq_offline_terminations_open", ["signing_workflow", "signing_id"], True),
        "state IN ('dept_review', 'school_review', 'returned')",
        _MOVING,
    ),
    (
        *("destinations", "uq_destinations_binding", ["graduate_id"], True),
        "state IN ('dept_review', 'school_review', 'approved')",
        _BINDING,
    ),
    ("archives", "uq_archives_approved", ["graduate_id"], True, "state = 'approved'", "stage IN ('in_force')"),
    ("archives", "uq_archives_open", ["graduate_id"], True, _OPEN_BEFORE, _OPEN),
    ("hukous", "uq_hukous_approved", ["graduate_id"], True, "state = 'approved'", "stage IN ('in_force')"),
    ("hukous", "uq_hukous_open", ["graduate_id"], True, _OPEN_BEFORE, _OPEN),
    (
        *("employer_verifications", "uq_employer_verifications_open", ["applicant_id"], True),
        "state <> 'verified'",
        "NOT stage IN ('in_force')",
    ),
)

# Table, check, condition before (None: it is new), condition now (None: it goes).
_HAS_HELD = "NOT stage IN ('in_force', 'ended', 'voided')"
CHECKS = (
    (
        *("online_signings", "signed_has_number"),
        "state <> 'signed' OR (number IS NOT NULL AND snapshot IS NOT NULL)",
        "NOT stage IN ('in_force') OR (number IS NOT NULL AND snapshot IS NOT NULL)",
    ),
    (
        *("offline_signings", "approved_has_number"),
        "state NOT IN ('agreement_approved', 'dept_review', 'school_review', 'returned', 'rejected', 'signed', "
        "'terminated', 'voided') OR (number IS NOT NULL AND snapshot IS NOT NULL)",
        "NOT stage IN ('halfway') OR number IS NOT NULL",
    ),
    ("offline_signings", "number_is_frozen", None, "(number IS NULL) = (snapshot IS NULL)"),
    (
        *("offline_signings", "signed_has_time"),
        "state <> 'signed' OR signed_at IS NOT NULL",
        f"{_HAS_HELD} OR (number IS NOT NULL AND signed_at IS NOT NULL)",
    ),
    (
        *("supplementaries", "signed_is_frozen"),
        "state <> 'signed' OR (signed_at IS NOT NULL AND snapshot IS NOT NULL)",
        f"{_HAS_HELD} OR (signed_at IS NOT NULL AND snapshot IS NOT NULL)",
    ),
    (
        *("online_terminations", "unit_answers_graduate"),
        "state <> 'waiting_employer' OR started_by = 'graduate'",
        None,
    ),
    (
        *("online_terminations", "graduate_answers_unit"),
        "state <> 'waiting_graduate' OR started_by = 'employer'",
        None,
    ),
    ("online_terminations", "other_side_answers", None, "NOT stage IN ('asked') OR waits_for <> started_by"),
    (
        *("offline_terminations", "approved_is_settled"),
        "state <> 'approved' OR settlement IS NOT NULL",
        "NOT stage IN ('in_force') OR settlement IS NOT NULL",
    ),
    (
        *("offline_terminations", "unilateral_is_explained"),
        "state <> 'approved' OR settlement <> 'unilateral' OR explanation IS NOT NULL",
        "NOT stage IN ('in_force') OR settlement <> 'unilateral' OR explanation IS NOT NULL",
    ),
    (
        *("offline_terminations", "submitted"),
        "state = 'draft' OR submitted_at IS NOT NULL",
        "stage IN ('draft') OR submitted_at IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Two columns a table, filled in from the states; then indexes and checks over them."""
    for table, states in STATES.items():
        op.add_column(table, sa.Column("stage", sa.String(8), nullable=True))
        op.add_column(table, sa.Column("waits_for", sa.String(16), nullable=True))
        stages = " ".join(f"WHEN '{state}' THEN '{stage}'" for state, (stage, _kind) in states.items())
        kinds = " ".join(f"WHEN '{state}' THEN '{kind}'" for state, (_stage, kind) in states.items() if kind)
        op.execute(f"UPDATE {table} SET stage = CASE state {stages} END, waits_for = CASE state {kinds} END")
        op.alter_column(table, "stage", nullable=False)
    for table, name, columns, unique, _before, now in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, columns, unique=unique, postgresql_where=sa.text(now))
    for table, name, before, now in CHECKS:
        _check(table, name, before, now)


def downgrade() -> None:
    """By the names of the states again."""
    for table, name, before, now in CHECKS:
        _check(table, name, now, before)
    for table, name, columns, unique, before, _now in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, columns, unique=unique, postgresql_where=sa.text(before))
    for table in STATES:
        op.drop_column(table, "waits_for")
        op.drop_column(table, "stage")


def _check(table: str, name: str, old: str | None, new: str | None) -> None:
    full = op.f(f"ck_{table}_{name}")
    if old is not None:
        op.drop_constraint(full, table, type_="check")
    if new is not None:
        op.create_check_constraint(full, table, new)
