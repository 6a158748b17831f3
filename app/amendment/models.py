"""The table of W10: a change of an agreement signed online, which both sides agree on and the school reviews."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.access.actors import EMPLOYER, GRADUATE
from app.base.database import Model
from app.base.sealed import EncryptedJson
from app.cases.models import CaseMixin, scope_indexes
from app.employers.models import Employer
from app.signing.online.models import OnlineSigning
from app.workflow.stages import MOVING, Stage, sql_in


class Amendment(CaseMixin, Model):
    """One proposal to change some terms of one agreement, by the graduate or by the unit, and what became of it."""

    __tablename__ = "amendments"
    __table_args__ = (
        Index("uq_amendments_open", "signing_id", unique=True, postgresql_where=text(sql_in(*MOVING))),
        Index("uq_amendments_number", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
        Index("ix_amendments_signing", "signing_id", "id"),
        *scope_indexes("amendments", employer=True),
        CheckConstraint(f"started_by IN {(GRADUATE, EMPLOYER)}", name="started_by"),
        CheckConstraint(f"NOT {sql_in(Stage.ASKED)} OR waits_for <> started_by", name="other_side_answers"),
        CheckConstraint(
            f"NOT {sql_in(Stage.IN_FORCE)} OR (number IS NOT NULL AND snapshot IS NOT NULL)", name="approved_has_number"
        ),
    )
    workflow_name = "amendment"
    employer_may_see = True

    # {"signing_id", "changes": {field: {"from", "to"}}, "reason"}; terms name people and their telephones.
    data: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    number: Mapped[str | None] = mapped_column(String(24))  # of the supplement
    signing_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("online_signings.id"))
    started_by: Mapped[str] = mapped_column(String(8))  # the kind of account
    agreement_type: Mapped[str] = mapped_column(String(16))
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)  # everything on the supplement, frozen

    signing: Mapped[OnlineSigning] = relationship(lazy="raise")
    employer: Mapped[Employer] = relationship(lazy="raise")

    @property
    def belongs_to(self) -> OnlineSigning:
        """The supplement is worth something as long as its agreement is in force."""
        return self.signing

    @property
    def changes(self) -> dict[str, dict[str, Any]]:
        """What is proposed: field → {"from", "to"}."""
        return self.data.get("changes") or {}

    @classmethod
    def eager_options(cls) -> tuple[Any, ...]:
        """Graduate (with school, department, claim), unit, and all of the agreement, with the same statement."""
        return (
            *super().eager_options(),
            joinedload(cls.employer, innerjoin=True),
            joinedload(cls.signing, innerjoin=True).options(*OnlineSigning.eager_options()),
        )
