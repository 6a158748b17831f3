"""W2 offline signings, W3 supplementary registrations, upload links, and one register of all agreement numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_paper_signings"
down_revision = "0003_offline_terminations"
branch_labels = None
depends_on = None


# A number is given once over all kinds of signings, and never used again: the triggers write it down.
PROMISES = (
    """
    INSERT INTO agreement_numbers (number, workflow, case_id)
    SELECT number, 'online_signing', id FROM online_signings WHERE number IS NOT NULL
    """,
    """
    CREATE FUNCTION keep_agreement_number() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO agreement_numbers (number, workflow, case_id) VALUES (NEW.number, TG_ARGV[0], NEW.id);
        RETURN NULL;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER number_{when} AFTER {event} ON {table} FOR EACH ROW
        WHEN (NEW.number IS NOT NULL {condition}) EXECUTE FUNCTION keep_agreement_number('{workflow}')
        """
        for table, workflow in (("online_signings", "online_signing"), ("offline_signings", "offline_signing"))
        for when, event, condition in (
            ("at_once", "INSERT", ""),
            ("later", "UPDATE OF number", "AND NEW.number IS DISTINCT FROM OLD.number"),
        )
    ),
)


def upgrade() -> None:
    op.create_table(
        "agreement_numbers",
        sa.Column("number", sa.String(length=18), nullable=False),
        sa.Column("workflow", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreement_numbers")),
    )
    op.create_table(
        "offline_signings",
        sa.Column("agreement_type", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "unit_name", sa.String(), sa.Computed("(data -> 'employer' ->> 'name')", persisted=True), nullable=True
        ),
        sa.Column(
            "unit_uscc", sa.String(), sa.Computed("(data -> 'employer' ->> 'uscc')", persisted=True), nullable=True
        ),
        sa.Column("opinions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("review_mode", sa.String(length=20), nullable=True),
        sa.Column("rejected_from", sa.String(length=32), nullable=True),
        sa.Column("student", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.String(length=18), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("invalid_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'signed' OR signed_at IS NOT NULL", name=op.f("ck_offline_signings_signed_has_time")
        ),
        sa.CheckConstraint(
            "state NOT IN ('agreement_approved', 'dept_review', 'school_review', 'returned', 'rejected', 'signed', 'terminated', 'voided') OR (number IS NOT NULL AND snapshot IS NOT NULL)",
            name=op.f("ck_offline_signings_approved_has_number"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_offline_signings_department_id_departments")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_offline_signings_employer_id_employers")
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduates.id"], name=op.f("fk_offline_signings_graduate_id_graduates")
        ),
        sa.ForeignKeyConstraint(
            ["province_id"], ["provinces.id"], name=op.f("fk_offline_signings_province_id_provinces")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_offline_signings_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_signings")),
    )
    op.create_index(
        "ix_offline_signings_department",
        "offline_signings",
        ["department_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index("ix_offline_signings_graduate", "offline_signings", ["graduate_id", "id"], unique=False)
    op.create_index(
        "ix_offline_signings_province",
        "offline_signings",
        ["province_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index(
        "ix_offline_signings_province_newest", "offline_signings", ["province_id", "cohort", "id"], unique=False
    )
    op.create_index(
        "ix_offline_signings_school",
        "offline_signings",
        ["school_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index(
        "ix_offline_signings_school_newest", "offline_signings", ["school_id", "cohort", "id"], unique=False
    )
    op.create_index(
        "ix_offline_signings_unit",
        "offline_signings",
        ["unit_uscc"],
        unique=False,
        postgresql_where=sa.text("unit_uscc IS NOT NULL"),
    )
    op.create_index(
        "uq_offline_signings_binding",
        "offline_signings",
        ["graduate_id"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('agreement_dept_review', 'agreement_school_review', 'dept_review', 'school_review', 'signed')"
        ),
    )
    op.create_index(
        "uq_offline_signings_number",
        "offline_signings",
        ["number"],
        unique=True,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "supplementaries",
        sa.Column("agreement_type", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "unit_name", sa.String(), sa.Computed("(data -> 'employer' ->> 'name')", persisted=True), nullable=True
        ),
        sa.Column(
            "unit_uscc", sa.String(), sa.Computed("(data -> 'employer' ->> 'uscc')", persisted=True), nullable=True
        ),
        sa.Column("opinions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("review_mode", sa.String(length=20), nullable=True),
        sa.Column("rejected_from", sa.String(length=32), nullable=True),
        sa.Column("student", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.String(length=18), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("graduate_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("invalid_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'signed' OR (signed_at IS NOT NULL AND snapshot IS NOT NULL)",
            name=op.f("ck_supplementaries_signed_is_frozen"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_supplementaries_department_id_departments")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_supplementaries_employer_id_employers")
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduates.id"], name=op.f("fk_supplementaries_graduate_id_graduates")
        ),
        sa.ForeignKeyConstraint(
            ["province_id"], ["provinces.id"], name=op.f("fk_supplementaries_province_id_provinces")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_supplementaries_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplementaries")),
    )
    op.create_index(
        "ix_supplementaries_department",
        "supplementaries",
        ["department_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index("ix_supplementaries_graduate", "supplementaries", ["graduate_id", "id"], unique=False)
    op.create_index(
        "ix_supplementaries_province",
        "supplementaries",
        ["province_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index(
        "ix_supplementaries_province_newest", "supplementaries", ["province_id", "cohort", "id"], unique=False
    )
    op.create_index(
        "ix_supplementaries_school",
        "supplementaries",
        ["school_id", "cohort", "state", "id"],
        unique=False,
        postgresql_include=["invalid_since"],
    )
    op.create_index("ix_supplementaries_school_newest", "supplementaries", ["school_id", "cohort", "id"], unique=False)
    op.create_index(
        "ix_supplementaries_unit",
        "supplementaries",
        ["unit_uscc"],
        unique=False,
        postgresql_where=sa.text("unit_uscc IS NOT NULL"),
    )
    op.create_index(
        "uq_supplementaries_binding",
        "supplementaries",
        ["graduate_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('dept_review', 'school_review', 'signed')"),
    )
    op.create_table(
        "upload_links",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_to", sa.String(length=160), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["offline_signings.id"], name=op.f("fk_upload_links_case_id_offline_signings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_upload_links_token_hash")),
    )
    op.create_index("ix_upload_links_case", "upload_links", ["case_id", "id"], unique=False)
    op.create_index(
        "uq_upload_links_open",
        "upload_links",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND used_at IS NULL"),
    )
    for statement in PROMISES:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Agreements would be lost; restore a backup instead.")
