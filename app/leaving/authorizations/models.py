"""Tables of the authorizations to check, and of each use of one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class Authorization(Model):
    """Who may see which parts until when; it rests while the confirmation is open again."""

    __tablename__ = "authorizations"
    __table_args__ = (Index("ix_authorizations_graduate", "graduate_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    leaving_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("leavings.id"), index=True)
    graduate_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("graduates.id"))
    recipient: Mapped[str] = mapped_column(String(64))
    fields: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    until: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    revoked_at: Mapped[datetime | None] = mapped_column(Timestamp)

    uses: Mapped[list[AuthorizationUse]] = relationship(order_by="AuthorizationUse.id", lazy="selectin")

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed."""
        return self.until < clock.today()


class AuthorizationUse(Model):
    """One check by which its parts were shown."""

    __tablename__ = "authorization_uses"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    authorization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("authorizations.id"), index=True)
    at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    source: Mapped[str | None] = mapped_column(String(64))  # the address from which it was checked
