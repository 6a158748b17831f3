"""The table of W9: an objection of a graduate to one record of theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Index, String, false, or_, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actors import GRADUATE, OPERATOR, PROVINCE, SCHOOL
from app.base.database import Model
from app.cases.models import CaseMixin, scope_indexes
from app.workflow.models import Timestamp
from app.workflow.stages import MOVING, Stage, sql_in


class Objection(CaseMixin, Model):
    """What a graduate says of one record, in which the department has no part and the school one only when asked."""

    __tablename__ = "objections"
    __table_args__ = (
        Index("uq_objections_open", "about", "about_id", unique=True, postgresql_where=text(sql_in(*MOVING))),
        Index("ix_objections_about", "about", "about_id", "id"),
        *scope_indexes("objections"),
    )
    workflow_name = "objection"
    readers = (OPERATOR, PROVINCE, SCHOOL, GRADUATE)
    follows_roster = False  # who was removed may object too, and is answered

    about: Mapped[str] = mapped_column(String(32))  # the workflow of the record
    about_id: Mapped[int] = mapped_column(BigInteger)
    asked_at: Mapped[datetime | None] = mapped_column(Timestamp)  # since when the school knows of it

    @classmethod
    def shown_to(cls, kind: str) -> ColumnElement[bool]:
        """The school sees it once it was asked, or the record is void; departments and units never."""
        if kind == SCHOOL:
            return or_(cls.asked_at.is_not(None), cls.stage == Stage.IN_FORCE)
        return true() if kind in cls.readers else false()
