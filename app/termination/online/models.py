"""Tables of the terminations: W4, of an agreement signed online. W5 has a file of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.access.actors import EMPLOYER, GRADUATE
from app.base.database import Model
from app.cases.models import CaseMixin, scope_indexes
from app.employers.models import Employer
from app.signing.online.models import OnlineSigning
from app.workflow.stages import MOVING, Stage, sql_in


class OnlineTermination(CaseMixin, Model):
    """W4: one application to end one agreement, by the graduate or by the unit, and what became of it."""

    __tablename__ = "online_terminations"
    __table_args__ = (
        Index("uq_online_terminations_open", "signing_id", unique=True, postgresql_where=text(sql_in(*MOVING))),
        Index("ix_online_terminations_signing", "signing_id", "id"),
        *scope_indexes("online_terminations", employer=True),
        CheckConstraint(f"started_by IN {(GRADUATE, EMPLOYER)}", name="started_by"),
        CheckConstraint(f"NOT {sql_in(Stage.ASKED)} OR waits_for <> started_by", name="other_side_answers"),
    )
    workflow_name = "online_termination"
    employer_may_see = True

    signing_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("online_signings.id"))
    started_by: Mapped[str] = mapped_column(String(8))  # the kind of account; `data` holds the reason as it was given
    agreement_type: Mapped[str] = mapped_column(String(16))

    signing: Mapped[OnlineSigning] = relationship(lazy="raise")
    employer: Mapped[Employer] = relationship(lazy="raise")

    @property
    def snapshot(self) -> dict[str, Any] | None:
        """The agreement as it was signed: what the unit is called here, whatever it is called now (R5.7)."""
        return self.signing.snapshot

    @classmethod
    def eager_options(cls) -> tuple[Any, ...]:
        """Graduate (with school, department, claim), unit, and agreement with its unit, with the same statement."""
        return (
            *super().eager_options(),
            joinedload(cls.employer, innerjoin=True),
            joinedload(cls.signing, innerjoin=True).options(joinedload(OnlineSigning.employer, innerjoin=True)),
        )
