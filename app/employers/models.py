"""Employers, their users' details, and their favorites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, validates

from app.access.actors import EMPLOYER, OPERATOR
from app.access.unit_roles import UNIT_ROLES
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import Model
from app.base.sealed import EncryptedText
from app.roster.models import Graduate
from app.workflow.models import BareCaseMixin, Timestamp
from app.workflow.stages import Stage, sql_in


class Employer(Model):
    """A unit (用人单位); one row per credit code."""

    __tablename__ = "employers"
    __table_args__ = (
        Index("ix_employers_uscc", "uscc", unique=True, postgresql_where=text("uscc IS NOT NULL")),
        Index("ix_employers_address", "region", "address"),
        Index("ix_employers_verified_until", "verified_until", postgresql_where=text("lapsed_at IS NULL")),
        Index("ix_employers_name_characters", text("string_to_array(name, NULL)"), postgresql_using="gin"),
    )
    employer_may_see = True
    employer_scope_column = "id"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    short_name: Mapped[str | None] = mapped_column(String(32))
    uscc: Mapped[str | None] = mapped_column(String(18))
    type: Mapped[str] = mapped_column(String(4))
    nature: Mapped[str] = mapped_column(String(4))
    industry: Mapped[str] = mapped_column(String(4))
    job_industry: Mapped[str | None] = mapped_column(String(64))
    business_scope: Mapped[str | None] = mapped_column(String(128))
    size: Mapped[str] = mapped_column(String(4))
    region: Mapped[str] = mapped_column(String(6))
    address: Mapped[str] = mapped_column(String(128))
    website: Mapped[str | None] = mapped_column(String(256))
    welfare: Mapped[str | None] = mapped_column(Text)
    intro: Mapped[str | None] = mapped_column(Text)
    verified_at: Mapped[datetime | None] = mapped_column(Timestamp)
    # Until when the verification holds, and since when it is overdue: then nobody new is invited.
    verified_until: Mapped[datetime | None] = mapped_column(Timestamp)
    lapsed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    def __str__(self) -> str:
        return self.name


class EmployerUser(Model):
    """The personal details of a unit's user, and how far the first log-in has come (R5.1).

    `employer_id` is the unit that the user works for or asks to join; what the account may do hangs on the account's
    own unit, which is set when the unit is registered or the request to join has been approved.
    """

    __tablename__ = "employer_users"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employers.id"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    sex: Mapped[str | None] = mapped_column(String(1))
    department: Mapped[str | None] = mapped_column(String(64))
    post: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(EncryptedText)
    work_phone: Mapped[str | None] = mapped_column(EncryptedText)
    fax: Mapped[str | None] = mapped_column(EncryptedText)
    mobile: Mapped[str | None] = mapped_column(EncryptedText)
    # By which a person is found again; they follow e-mail and mobile by themselves.
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    mobile_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    # What was typed about a unit that another user has registered; taken over if that unit was never verified.
    unit: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    @validates("email", "mobile")
    def _index(self, name: str, value: str | None) -> str | None:
        setattr(self, f"{name}_index", blind_index(value) if value else None)
        return value


class Favorite(Model):
    """A graduate in a unit's 学生收藏夹 (R6.2); shared by all users of the unit."""

    __tablename__ = "favorites"
    __table_args__ = (
        UniqueConstraint("employer_id", "graduate_id"),
        Index("ix_favorites_list", "employer_id", "cohort", "id"),
    )
    employer_may_see = True

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduates.id"), index=True)
    cohort: Mapped[int] = mapped_column(Integer)
    added_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    graduate: Mapped[Graduate] = relationship(lazy="raise")

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The graduate (with school, department, claim) with the same statement."""
        return (joinedload(Favorite.graduate, innerjoin=True).options(*Graduate.eager_options()),)


class ColleagueInvitation(Model):
    """What an owner sends to a colleague who is to join the unit; the code in it is kept as its digest alone."""

    __tablename__ = "colleague_invitations"
    __table_args__ = (
        Index("ix_colleague_invitations_unit", "employer_id", "id"),
        CheckConstraint(f"role IN {UNIT_ROLES}", name="role"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    role: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(EncryptedText)  # a mobile number or an e-mail address
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[str] = mapped_column(String(64))
    invited_by_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)  # accepted or withdrawn
    joined_id: Mapped[int | None] = mapped_column(BigInteger)  # whom it brought

    employer: Mapped[Employer] = relationship(lazy="raise")


METHODS = ("remittance", "materials", "known_unit", "join")


class EmployerVerification(BareCaseMixin, Model):
    """One user's proof that they may act for a unit (R5.3-R5.5, R5.8); theirs alone until it is verified."""

    __tablename__ = "employer_verifications"
    __table_args__ = (
        Index(
            "uq_employer_verifications_open",
            "applicant_id",
            unique=True,
            postgresql_where=text(f"NOT {sql_in(Stage.IN_FORCE)}"),
        ),
        Index("ix_employer_verifications_state", "state", "id"),
        Index("ix_employer_verifications_employer", "employer_id", "id"),
        Index("ix_employer_verifications_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        CheckConstraint(f"method IN {METHODS}", name="method"),
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
    )
    workflow_name = "verification"
    employer_may_see = True
    employer_scope_column = None  # the applicant's alone
    readers = (OPERATOR, EMPLOYER)

    applicant_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    method: Mapped[str] = mapped_column(String(12))
    account: Mapped[str | None] = mapped_column(EncryptedText)
    amount: Mapped[str | None] = mapped_column(EncryptedText)  # yuan such as 1.78; told by the bank alone
    tries: Mapped[int] = mapped_column(Integer, default=0)
    remittances: Mapped[int] = mapped_column(Integer, default=0)
    unit: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # the unit as typed when it was submitted
    opinions: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # field: what the operator says of it
    remitted_at: Mapped[datetime | None] = mapped_column(Timestamp)

    employer: Mapped[Employer] = relationship(lazy="raise")

    @property
    def snapshot(self) -> dict[str, Any] | None:
        """Name and code as this applicant typed them; another's unit tells nothing of itself."""
        return {"employer": self.unit} if self.unit else None

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The unit with the same statement."""
        return (joinedload(EmployerVerification.employer, innerjoin=True),)


class UnitChange(Model):
    """One change of 单位信息 with the values before and after (R5.7); rows are only added."""

    __tablename__ = "unit_changes"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)  # field: [before, after]
