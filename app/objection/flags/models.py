"""The table of a unit's objections to schools' marks on it (预警异议)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.access.actors import EMPLOYER, OPERATOR, PROVINCE, SCHOOL
from app.base.database import Model
from app.employers.models import Employer
from app.workflow.models import BareCaseMixin


class FlagObjection(BareCaseMixin, Model):
    """What a unit says of one mark on it, once for each; it keeps the mark as it was, which may be gone by then."""

    __tablename__ = "flag_objections"
    __table_args__ = (
        Index("uq_flag_objections_warning", "warning_id", unique=True),
        *(Index(f"ix_flag_objections_{one}", f"{one}_id", "state", "id") for one in ("school", "province", "employer")),
        Index("ix_flag_objections_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )
    workflow_name = "flag_objection"
    employer_may_see = True
    readers = (OPERATOR, PROVINCE, SCHOOL, EMPLOYER)

    warning_id: Mapped[int] = mapped_column(BigInteger)
    uscc: Mapped[str] = mapped_column(String(18))
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))

    employer: Mapped[Employer] = relationship(lazy="raise")

    @property
    def chain(self) -> int:
        """Steps stand in the chain of the school that has set the mark."""
        return self.school_id

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The unit with the same statement."""
        return (joinedload(FlagObjection.employer, innerjoin=True),)
