"""Columns and indexes of cases that a graduate hands in and a department and a school review."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, joinedload, mapped_column, relationship

from app.base.crypto import EncryptedJson
from app.roster.models import Graduate
from app.workflow.models import CaseMixin

# Counts by state leave out what is invalid; with this column the index alone answers them.
_COUNTS: dict[str, Any] = {"postgresql_include": ["invalid_since"]}


class StampedMixin(CaseMixin):
    """A case that keeps what held when it was submitted: the mode of the review and the student's data."""

    review_mode: Mapped[str | None] = mapped_column(String(20))  # stamped at submission (R3.3)
    rejected_from: Mapped[str | None] = mapped_column(String(32))
    student: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)  # as submitted (R4.6)

    @declared_attr
    def graduate(cls) -> Mapped[Graduate]:  # noqa: N805 - declared on the class
        """Whose case it is."""
        return relationship(Graduate, lazy="raise")

    @classmethod
    def eager_options(cls) -> tuple[Any, ...]:
        """Graduate (with school, department, claim) with the same statement."""
        return (joinedload(cls.graduate, innerjoin=True).options(*Graduate.eager_options()),)


class ReviewedMixin(StampedMixin):
    """A case that may also be returned for edit: what the reviewer found wrong is kept until the next submission."""

    opinions: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"reason", "fields"} (R7.10)


def scope_indexes(table: str, *, employer: bool = False) -> tuple[Index, ...]:
    """The indexes by which lists and counts of every scope are answered; for `__table_args__`."""
    counted = ("school", "department", "province", *(("employer",) if employer else ()))
    return (
        *(Index(f"ix_{table}_{scope}", f"{scope}_id", "cohort", "state", "id", **_COUNTS) for scope in counted),
        *(Index(f"ix_{table}_{scope}_newest", f"{scope}_id", "cohort", "id") for scope in ("school", "province")),
        Index(f"ix_{table}_graduate", "graduate_id", "id"),
    )
