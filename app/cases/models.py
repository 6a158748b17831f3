"""Columns and indexes of cases that a graduate hands in and a department and a school review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, joinedload, mapped_column, relationship

from app.base.sealed import EncryptedJson, PersonalJson
from app.roster.models import Graduate
from app.schools.seasons.queries import limits_for
from app.workflow.models import BareCaseMixin, Timestamp

# Under these names a case's data hold somebody's own address; the rest is looked into by lists and searches.
PERSONAL = ("phone", "mobile", "email")
AT_HOME = (*PERSONAL, "address")  # of records whose address is where a person lives
# Counts by state leave out what is invalid, lists are ordered by the days: with these columns an index answers alone.
_COUNTED = ("invalid_since", "state_since", "updated_at")
# Schools and provinces read long lists, which they narrow and order by all of this.
_LISTED = {
    scope: (*_COUNTED, "created_at", "number", "level", "graduate_id", f"{below}_id")
    for scope, below in (("school", "department"), ("province", "school"))
}


def _reference(table: str, **options: Any) -> Any:
    return declared_attr(lambda cls: mapped_column(ForeignKey(f"{table}.id"), **options))


class CaseMixin(BareCaseMixin):
    """A case of a graduate: in whose scope it lies stands on itself (R1.7), so that no list needs a join.

    It keeps what held when it was submitted: the mode of the review and the student's data.
    """

    data: Mapped[dict[str, Any]] = mapped_column(PersonalJson(*PERSONAL), default=dict)
    number: Mapped[str | None] = mapped_column(String(18))
    level: Mapped[str] = mapped_column(String(16))
    cohort: Mapped[int] = mapped_column(Integer)

    province_id: Mapped[int] = _reference("provinces", nullable=False)
    school_id: Mapped[int] = _reference("schools", nullable=False)
    department_id: Mapped[int] = _reference("departments", nullable=False)
    graduate_id: Mapped[int] = _reference("graduates", nullable=False)
    employer_id: Mapped[int | None] = _reference("employers", nullable=True)

    review_mode: Mapped[str | None] = mapped_column(String(20))  # stamped at submission (R3.3)
    rejected_from: Mapped[str | None] = mapped_column(String(32))
    # Handed in by an account whose number was not settled (cases/proof.py): nobody approves it before it is.
    unconfirmed_since: Mapped[datetime | None] = mapped_column(Timestamp)
    student: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)  # as submitted (R4.6)

    @declared_attr
    def graduate(cls) -> Mapped[Graduate]:  # noqa: N805 - declared on the class
        """Whose case it is."""
        return relationship(Graduate, lazy="raise")

    @property
    def chain(self) -> int:
        """Steps stand in the chain of the graduate's school."""
        return self.school_id

    def moment_due(self, limit: str, at: datetime) -> datetime:
        """By what the school, else its province, has set for the cohort."""
        limits = limits_for(self.school_id, self.province_id, self.cohort)
        return at + timedelta(days=int(getattr(limits, limit)))

    @classmethod
    def of(cls, graduate: Graduate, **values: Any) -> Any:
        """A new case of this graduate in the scope of the roster row; not yet begun (cases/services.py begins it)."""
        new: Callable[..., Any] = cls
        return new(
            graduate=graduate,
            graduate_id=graduate.id,
            province_id=graduate.province_id,
            school_id=graduate.school_id,
            department_id=graduate.department_id,
            level=graduate.level,
            cohort=graduate.cohort,
            invalid_since=graduate.invalid_since,
            version=1,
            **{"data": {}, **values},
        )

    @classmethod
    def eager_options(cls) -> tuple[Any, ...]:
        """Graduate (with school, department, claim) with the same statement."""
        return (joinedload(cls.graduate, innerjoin=True).options(*Graduate.eager_options()),)


class ReviewedMixin(CaseMixin):
    """A case that may also be returned for edit: what the reviewer found wrong is kept until the next submission."""

    opinions: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"reason", "fields"} (R7.10)


def scope_indexes(table: str, *, employer: bool = False) -> tuple[Index, ...]:
    """The indexes by which lists and counts of every scope are answered; for `__table_args__`."""
    scopes = ("school", "department", "province", *(("employer",) if employer else ()))
    return (
        *(_list_index(table, scope) for scope in scopes),
        *(Index(f"ix_{table}_{scope}_newest", f"{scope}_id", "cohort", "id") for scope in ("school", "province")),
        Index(f"ix_{table}_graduate", "graduate_id", "id"),
        clock_index(table),
    )


def _list_index(table: str, scope: str) -> Index:
    included = list(_LISTED.get(scope, _COUNTED))
    return Index(f"ix_{table}_{scope}", f"{scope}_id", "cohort", "state", "id", postgresql_include=included)


def clock_index(table: str) -> Index:
    """By which the clock finds what it has to look at."""
    return Index(f"ix_{table}_next", "next_at", postgresql_where=text("next_at IS NOT NULL"))
