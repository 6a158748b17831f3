"""Accounts: what kind of user a FAB user is and where its scope lies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, false, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.access.actors import KINDS
from app.access.unit_roles import UNIT_ROLES
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import Model
from app.base.sealed import EncryptedText
from app.workflow.models import Timestamp


class Account(Model):
    """One of the six kinds of account (R1.3) with its scope columns and module permissions (R1.4)."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("kind <> 'province' OR province_id IS NOT NULL", name="province_scope"),
        CheckConstraint("kind <> 'school' OR (school_id IS NOT NULL AND level IS NOT NULL)", name="school_scope"),
        CheckConstraint(
            "kind <> 'department' OR (school_id IS NOT NULL AND department_id IS NOT NULL)",
            name="department_scope",
        ),
        CheckConstraint("kind <> 'graduate' OR person IS NOT NULL", name="graduate_person"),
        CheckConstraint(f"(employer_id IS NULL) = (unit_role IS NULL) AND unit_role IN {UNIT_ROLES}", name="unit_role"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(64))
    province_id: Mapped[int | None] = mapped_column(ForeignKey("provinces.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("schools.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    level: Mapped[str | None] = mapped_column(String(16))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employers.id"), index=True)
    unit_role: Mapped[str | None] = mapped_column(String(8))  # what a unit's user may do there (unit_roles.py)
    person: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)  # blind index of the ID number
    modules: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    # What the person has confirmed as the own address (R1.10); the roster's only serves the activation.
    mobile: Mapped[str | None] = mapped_column(EncryptedText)
    mobile_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, index=True
    )  # blind; of accounts before it at a log-in
    email: Mapped[str | None] = mapped_column(EncryptedText)
    # Since when this number is the person's by a code, and when an identity provider named the same number.
    mobile_since: Mapped[datetime | None] = mapped_column(Timestamp)
    mobile_vouched_at: Mapped[datetime | None] = mapped_column(Timestamp)
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    expires_on: Mapped[date | None] = mapped_column(Date)  # the last day of an account of staff
    # When the level above last said that the account of staff is still needed (lifetimes.py).
    confirmed_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now, server_default=func.now())
    toured_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when the tour of the first entry was put away
    language: Mapped[str | None] = mapped_column(
        String(8)
    )  # in which the person reads pages, where several are offered
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    user: Mapped[User] = relationship(User, lazy="joined", innerjoin=True)
    # Tables of upper rooms, by name.
    province: Mapped[Any] = relationship("Province", lazy="raise")
    school: Mapped[Any] = relationship("School", lazy="raise")
    department: Mapped[Any] = relationship("Department", lazy="raise")

    @validates("mobile")
    def _indexed(self, _name: str, value: str | None) -> str | None:
        """Whoever writes the number writes its index."""
        self.mobile_index = blind_index(value) if value else None
        return value


# User names that differ in capitals alone would be taken for one another.
Index("ix_ab_user_username_lower", func.lower(User.__table__.c.username), unique=True)
