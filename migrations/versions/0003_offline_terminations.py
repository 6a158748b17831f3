"""W5: applications to be released from signings on paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_offline_terminations"
down_revision = "0002_destinations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('offline_terminations',
    sa.Column('signing_workflow', sa.String(length=32), nullable=False),
    sa.Column('signing_id', sa.BigInteger(), nullable=False),
    sa.Column('agreement_type', sa.String(length=16), nullable=False),
    sa.Column('unit', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason_code', sa.String(length=4), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settlement', sa.String(length=12), nullable=True),
    sa.Column('explanation', sa.Text(), nullable=True),
    sa.Column('opinions', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
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
    sa.CheckConstraint("settlement IS NULL OR settlement IN ('mutual', 'unilateral')", name=op.f('ck_offline_terminations_settlement')),
    sa.CheckConstraint("signing_workflow IN ('offline_signing', 'supplementary')", name=op.f('ck_offline_terminations_signing_workflow')),
    sa.CheckConstraint("state <> 'approved' OR settlement <> 'unilateral' OR explanation IS NOT NULL", name=op.f('ck_offline_terminations_unilateral_is_explained')),
    sa.CheckConstraint("state <> 'approved' OR settlement IS NOT NULL", name=op.f('ck_offline_terminations_approved_is_settled')),
    sa.CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name=op.f('ck_offline_terminations_submitted')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_offline_terminations_department_id_departments')),
    sa.ForeignKeyConstraint(['employer_id'], ['employers.id'], name=op.f('fk_offline_terminations_employer_id_employers')),
    sa.ForeignKeyConstraint(['graduate_id'], ['graduates.id'], name=op.f('fk_offline_terminations_graduate_id_graduates')),
    sa.ForeignKeyConstraint(['province_id'], ['provinces.id'], name=op.f('fk_offline_terminations_province_id_provinces')),
    sa.ForeignKeyConstraint(['school_id'], ['schools.id'], name=op.f('fk_offline_terminations_school_id_schools')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offline_terminations'))
    )
    op.create_index('ix_offline_terminations_department', 'offline_terminations', ['department_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_offline_terminations_graduate', 'offline_terminations', ['graduate_id', 'id'], unique=False)
    op.create_index('ix_offline_terminations_province', 'offline_terminations', ['province_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_offline_terminations_province_newest', 'offline_terminations', ['province_id', 'cohort', 'id'], unique=False)
    op.create_index('ix_offline_terminations_school', 'offline_terminations', ['school_id', 'cohort', 'state', 'id'], unique=False, postgresql_include=['invalid_since'])
    op.create_index('ix_offline_terminations_school_newest', 'offline_terminations', ['school_id', 'cohort', 'id'], unique=False)
    op.create_index('ix_offline_terminations_signing', 'offline_terminations', ['signing_workflow', 'signing_id'], unique=False)
    op.create_index('uq_offline_terminations_open', 'offline_terminations', ['signing_workflow', 'signing_id'], unique=True, postgresql_where=sa.text("state IN ('dept_review', 'school_review', 'returned')"))


def downgrade() -> None:
    op.drop_table("offline_terminations")
