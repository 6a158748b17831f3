"""Employers, their users' details, and their favourites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import clock
from app.database import Model
from app.roster.models import Graduate
from app.workflow.models import Timestamp


class Employer(Model):
    """A unit (用人单位); one row per credit code."""

    __tablename__ = "employers"
    __table_args__ = (Index("ix_employers_uscc", "uscc", unique=True, postgresql_where=text("uscc IS NOT NULL")),)

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
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    def __str__(self) -> str:
        return self.name


class EmployerUser(Model):
    """The personal details of a unit's user (R5.1)."""

    __tablename__ = "employer_users"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employers.id"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    sex: Mapped[str | None] = mapped_column(String(1))
    department: Mapped[str | None] = mapped_column(String(64))
    post: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(128))
    work_phone: Mapped[str | None] = mapped_column(String(32))
    fax: Mapped[str | None] = mapped_column(String(32))
    mobile: Mapped[str | None] = mapped_column(String(32))


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
