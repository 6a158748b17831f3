"""A kept view of a list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class SavedView(Model):
    """Filter, order and columns of a list under a name; `shared` with accounts of the same kind and place."""

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("user_id", "listing", "name"),
        Index("ix_saved_views_shared", "kind", "place_id", "listing"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    place_id: Mapped[int] = mapped_column(BigInteger)  # of the maker's province, school or department; 0: the platform
    listing: Mapped[str] = mapped_column(String(32))  # the workflow
    name: Mapped[str] = mapped_column(String(32))
    query: Mapped[str] = mapped_column(String(1000))
    shared: Mapped[bool] = mapped_column(Boolean, default=False)
    made_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
