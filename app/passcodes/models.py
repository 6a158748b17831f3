"""Codes that prove that somebody holds a mobile number or an e-mail address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedText
from app.notices.models import Sending
from app.workflow.models import Timestamp

ACTIVATION, REGISTRATION, RECOVERY, CONTACT = "activation", "registration", "recovery", "contact"
LOGIN = "login"  # of a graduate, in place of the password
BINDING = "binding"  # an act that binds a graduate (acts.py)
PURPOSES = (ACTIVATION, REGISTRATION, RECOVERY, CONTACT, BINDING, LOGIN)


class VerificationCode(Sending, Model):
    """One code for one purpose. What is kept for comparing is a keyed digest; the code itself goes once it is sent."""

    __tablename__ = "verification_codes"
    __table_args__ = (
        CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"),
        Index("ix_verification_codes_subject", "subject", "purpose"),
        Index("ix_verification_codes_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    subject: Mapped[bytes] = mapped_column(LargeBinary)  # blind index of the person, account or address it is about
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    about: Mapped[str | None] = mapped_column(String(128))  # what the message calls it; by its purpose where empty
    reader: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(EncryptedText)  # none: nobody is there to get it, which is not told
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[str | None] = mapped_column(EncryptedText)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    used_at: Mapped[datetime | None] = mapped_column(Timestamp)

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"
