"""Provinces, schools, departments and what they have set for a season."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actors import MODULES
from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp

LEVELS = ("undergraduate", "postgraduate")
WHOLE_SCHOOL = "all"  # an agreement contact for every level
TWO_PARTY, THREE_PARTY = "two_party", "three_party"
SCHOOL_ONLY, DEPARTMENT_FIRST = "school", "department_school"
MOST_TERMINATIONS = 99


class Province(Model):
    """A province; `code` is the first two digits of its region code. The agreement type is set once (R2.2)."""

    __tablename__ = "provinces"
    __table_args__ = (CheckConstraint(f"agreement_type IN {(TWO_PARTY, THREE_PARTY)}", name="agreement_type"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[str] = mapped_column(String(32))
    agreement_type: Mapped[str | None] = mapped_column(String(16))

    modules: Mapped[list[ProvinceModule]] = relationship(back_populates="province", lazy="raise")

    def __str__(self) -> str:
        return self.name


class ProvinceModule(Model):
    """A module that the province has opened; there is no closing, so there is no way to remove a row (R2.2)."""

    __tablename__ = "province_modules"
    __table_args__ = (
        UniqueConstraint("province_id", "module"),
        CheckConstraint(f"module IN {MODULES}", name="module"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    module: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    opened_by: Mapped[str] = mapped_column(String(64))

    province: Mapped[Province] = relationship(back_populates="modules")


class School(Model):
    """An institution; `code` is the five-digit 院校代码."""

    __tablename__ = "schools"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code: Mapped[str] = mapped_column(String(5), unique=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"), index=True)

    province: Mapped[Province] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.name


class Department(Model):
    """A department (院系): an id inside, a name at the door; a former or other name and a code lead to it as well."""

    __tablename__ = "departments"
    __table_args__ = (
        UniqueConstraint("school_id", "name"),
        UniqueConstraint("school_id", "code"),
        Index("ix_departments_unsettled", "school_id", postgresql_where=text("unsettled_since IS NOT NULL")),
        UniqueConstraint("id", "school_id", "province_id"),  # what a roster row refers to
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    name: Mapped[str] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(String(16))
    # A name that an import brought and that nobody has assigned to a department yet; its graduates wait with it.
    unsettled_since: Mapped[datetime | None] = mapped_column(Timestamp)

    school: Mapped[School] = relationship(lazy="raise")
    aliases: Mapped[list[DepartmentAlias]] = relationship(lazy="raise", viewonly=True, order_by="DepartmentAlias.name")

    def __str__(self) -> str:
        return self.name


class DepartmentAlias(Model):
    """A former or other name by which sheets may call a department."""

    __tablename__ = "department_aliases"
    __table_args__ = (UniqueConstraint("school_id", "name"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))


class SchoolSetting(Model):
    """What a school has set for one cohort and module (R3.1–R3.4, R3.6)."""

    __tablename__ = "school_settings"
    __table_args__ = (
        CheckConstraint(f"module IN {MODULES}", name="module"),
        CheckConstraint(f"review_mode IN {(SCHOOL_ONLY, DEPARTMENT_FIRST)}", name="review_mode"),
        CheckConstraint(f"max_terminations BETWEEN 0 AND {MOST_TERMINATIONS}", name="max_terminations"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    module: Mapped[str] = mapped_column(String(16), primary_key=True)
    open: Mapped[bool] = mapped_column(Boolean, default=False)
    review_mode: Mapped[str] = mapped_column(String(20), default=SCHOOL_ONLY)
    max_terminations: Mapped[int] = mapped_column(SmallInteger, default=0)
    types: Mapped[list[str]] = mapped_column(ARRAY(String(8)), default=list)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    submitted_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)


class AgreementContact(Model):
    """协议经办人 of a school for a level of a cohort; printed on the agreement, set once (R3.5)."""

    __tablename__ = "agreement_contacts"
    __table_args__ = (
        CheckConstraint(f"level IN {(WHOLE_SCHOOL, *LEVELS)}", name="level"),
        CheckConstraint("postcode ~ '^[0-9]{6}$'", name="postcode"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    level: Mapped[str] = mapped_column(String(16), primary_key=True)  # WHOLE_SCHOOL or one of LEVELS
    name: Mapped[str] = mapped_column(String(32))
    phone: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128))
    postcode: Mapped[str] = mapped_column(String(6))
