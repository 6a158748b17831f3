"""W4: online terminations, and what an agreement shows of its newest one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_online_terminations"
down_revision = "0004_paper_signings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("online_signings", sa.Column("termination", sa.String(length=8), nullable=True))
    op.create_check_constraint(
        op.f("ck_online_signings_termination"), "online_signings", "termination IN ('open', 'failed')"
    )
    op.create_index(
        "ix_online_signings_termination",
        "online_signings",
        ["employer_id", "cohort", "termination", "id"],
        unique=False,
        postgresql_where=sa.text("termination IS NOT NULL"),
    )
    op.create_table('online_terminations',
    sa.Column('signing_id', sa.BigInteger(), nullable=False),
    sa.Column('started_by', sa.String(length=8), nullable=False),
    sa.Column('agreement_type', sa.String(length=16), nullable=False),
    sa.Column('review_mode', sa.String(length=20), nullable=True),
    sa.Column('rejected_from', sa.String(length=32), nullable=True),
    sa.Column('student', sa.LargeBinary(), nullable=True),
    sa.Column('number', sa.String(length=18), nullable=True),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('cohort', sa.Integer(), nullable=False),
    sa.Column('province_id', sa.BigInteger(), nullable=False),
    sa.Column('school_id', sa.BigInteger(), nullable=False),
    sa.Column('department_id', sa.BigInteger(), nullable=False),
    sa.Column('graduate_id', sa.BigInteger(), nullable=False),
    sa.Column('employer_id', sa.BigInteger(), nullable=True),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('invalid_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("started_by IN ('graduate', 'employer')", name=op.f('ck_online_terminations_started_by')),
    sa.CheckConstraint("state <> 'waiting_employer' OR started_by = 'graduate'", name=op.f('ck_online_terminations_unit_answers_graduate')),
    sa.CheckConstraint("state <> 'waiting_graduate' OR started_by = 'employer'", name=op.f('ck_online_terminations_graduate_answers_unit')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_online_terminations_department_id_departments')),
    sa.ForeignKeyConstraint(['employer_id'], ['employers.id'], name=op.f('fk_online_terminations_employer_id_employers')),
    sa.ForeignKeyConstraint(['graduate_id'], ['graduates.id'], name=op.f('fk_online_terminations_graduate_id_graduates')),
    sa.ForeignKeyConstraint(['province_id'], ['provinces.id'], name=op.f('fk_online_terminations_province_id_provinces')),
    sa.ForeignKeyConstraint(['school_id'], ['schools.id'], name=op.f('fk_online_terminations_school_id_schools')),
    sa.ForeignKeyConstraint(['signing_id'], ['online_signings.id'], name=op.f('fk_online_terminations_signing_id_online_signings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_online_terminations'))
    )
    op.create_index('ix_online_terminations_department', 'online_terminations', ['department_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_online_terminations_employer', 'online_terminations', ['employer_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_online_terminations_graduate', 'online_terminations', ['graduate_id', 'id'], unique=False)
    op.create_index('ix_online_terminations_province', 'online_terminations', ['province_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_online_terminations_province_newest', 'online_terminations', ['province_id', 'cohort', 'id'], unique=False)
    op.create_index('ix_online_terminations_school', 'online_terminations', ['school_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_online_terminations_school_newest', 'online_terminations', ['school_id', 'cohort', 'id'], unique=False)
    op.create_index('ix_online_terminations_signing', 'online_terminations', ['signing_id', 'id'], unique=False)
    op.create_index('uq_online_terminations_open', 'online_terminations', ['signing_id'], unique=True, postgresql_where=sa.text("state IN ('waiting_employer', 'waiting_graduate', 'dept_review', 'school_review')"))


def downgrade() -> None:
    op.drop_table("online_terminations")
    op.drop_column("online_signings", "termination")
