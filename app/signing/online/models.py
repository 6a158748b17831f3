"""Tables of the signings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.access.actors import Actor
from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedJson, PersonalJson
from app.cases.models import PERSONAL, CaseMixin, scope_indexes
from app.employers.models import Employer
from app.workflow.models import Timestamp
from app.workflow.stages import BINDING, LIVE, Stage, sql_in

# What an agreement in force shows of its newest termination (W4): in progress, or refused or rejected.
TERMINATION_OPEN, TERMINATION_FAILED = "open", "failed"


class OnlineSigning(CaseMixin, Model):
    """W1: one invitation of one unit to one graduate and what became of it."""

    __tablename__ = "online_signings"
    __table_args__ = (
        Index(
            "uq_online_signings_live", "employer_id", "graduate_id", unique=True, postgresql_where=text(sql_in(*LIVE))
        ),
        Index("uq_online_signings_binding", "graduate_id", unique=True, postgresql_where=text(sql_in(*BINDING))),
        Index("uq_online_signings_number", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
        *scope_indexes("online_signings", employer=True),
        Index(
            "ix_online_signings_external",
            *("employer_id", "external_id"),
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index(
            "ix_online_signings_termination",
            *("employer_id", "cohort", "termination", "id"),
            postgresql_where=text("termination IS NOT NULL"),
        ),
        CheckConstraint(f"termination IN {(TERMINATION_OPEN, TERMINATION_FAILED)}", name="termination"),
        CheckConstraint(
            f"NOT {sql_in(Stage.IN_FORCE)} OR (number IS NOT NULL AND snapshot IS NOT NULL)", name="signed_has_number"
        ),
    )
    workflow_name = "online_signing"
    employer_may_see = True

    agreement_type: Mapped[str] = mapped_column(String(16))
    wording: Mapped[str | None] = mapped_column(String(40))  # version of the text that it was begun with
    valid_until: Mapped[datetime] = mapped_column(Timestamp)  # the first moment at which it is over
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)  # everything on the agreement, frozen (R9.1)
    signed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    external_id: Mapped[str | None] = mapped_column(String(64))  # what the unit's own system calls it
    # Kept by the events of the termination on this row itself: who holds the row knows it, and no list needs a join.
    termination: Mapped[str | None] = mapped_column(String(8))
    reminders: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    reminded_at: Mapped[datetime | None] = mapped_column(Timestamp)
    opened_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when the graduate first read it

    # What was amended since it was signed, the oldest first: {"id", "number", "at", "changes"}; `data` has it in it.
    amendments: Mapped[list[dict[str, Any]] | None] = mapped_column(EncryptedJson)

    employer: Mapped[Employer] = relationship(lazy="raise")
    limits = ("due_at", "valid_until")

    def carried(self, actor: Actor) -> dict[str, Any]:
        """What a case about this agreement has from it, and from who starts it."""
        return {
            "signing": self,
            "signing_id": self.id,
            "employer": self.employer,
            "employer_id": self.employer_id,
            "started_by": actor.kind,
            "agreement_type": self.agreement_type,
        }

    def moment_due(self, limit: str, at: datetime) -> datetime:
        """An invitation says itself until when it holds."""
        return self.valid_until if self.stage == Stage.OFFERED else super().moment_due(limit, at)

    @property
    def is_being_terminated(self) -> bool:
        """Whether a termination of this agreement is in progress."""
        return self.stage == Stage.IN_FORCE and self.termination == TERMINATION_OPEN

    @classmethod
    def eager_options(cls) -> tuple[Any, ...]:
        """Graduate (with school, department, claim) and unit with the same statement."""
        return (*super().eager_options(), joinedload(OnlineSigning.employer, innerjoin=True))


LETTER_PARTS = ("position", "archive", "hukou", "letter")  # the last one holds all of it


class LetterTemplate(Model):
    """邀请函信息管理: a named part of the invitation letter, shared by all users of a unit (R6.5)."""

    __tablename__ = "letter_templates"
    __table_args__ = (
        UniqueConstraint("employer_id", "kind", "name"),
        CheckConstraint(f"kind IN {LETTER_PARTS}", name="kind"),
    )
    employer_may_see = True

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(PersonalJson(*PERSONAL))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_by: Mapped[str] = mapped_column(String(64))


class LetterTemplateChange(Model):
    """查看编辑记录: who changed what and when; stays when the template is deleted."""

    __tablename__ = "letter_template_changes"
    __table_args__ = (Index("ix_letter_template_changes_template", "employer_id", "template_id", "id"),)
    employer_may_see = True

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    template_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    event: Mapped[str] = mapped_column(String(8))  # created, changed, deleted
    before: Mapped[dict[str, Any] | None] = mapped_column(PersonalJson(*PERSONAL))
    after: Mapped[dict[str, Any] | None] = mapped_column(PersonalJson(*PERSONAL))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
