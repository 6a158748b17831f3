"""Who is warned of a unit: readers of a school that has marked it, and everybody once many schools have (R7.2, R8.11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Date, bindparam, false, func, or_, select

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL, Actor
from app.access.audit import AuditLine
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session
from app.base.errors import NotFound
from app.base.kept import Kept
from app.codes import queries as codes
from app.flags.models import UnitWarning

# The name under which roles are given the pages and calls, and the module they belong to.
VIEW, MODULE = "warnings", "employment"
# From so many schools on a warning is for every graduate, school and department.
SCHOOLS_FOR_ALL: Final = 5
MOST_REASONS: Final = 10
# Units see their own marks on a page of theirs; provinces and operators neither review nor sign.
READERS: Final = (GRADUATE, SCHOOL, DEPARTMENT)


@dataclass(frozen=True)
class Shown:
    """A warning as its reader sees it."""

    kinds: tuple[str, ...]  # codes of warning_reason
    reasons: tuple[str, ...]  # the own school's first; other schools are not named
    own: bool  # whether the reader's school has marked the unit
    schools: int  # how many schools have, told only once it is for all

    @property
    def labels(self) -> list[str]:
        """The kinds in words."""
        return [codes.label("warning_reason", kind) for kind in self.kinds]


def warning_for(uscc: str | None, actor: Actor, school_id: int | None) -> Shown | None:
    """The warning about a unit that this reader gets, or None; `school_id` is the school of the graduate concerned.

    For graduates, schools and departments; anybody else gets None. One statement, answered by the index.
    """
    return warnings_for([uscc], actor, school_id).get(uscc or "")


def warnings_for(usccs: Collection[str | None], actor: Actor, school_id: int | None) -> dict[str, Shown]:
    """The same for many units with one statement, by credit code."""
    wanted = {code for code in usccs if code}
    if actor.kind not in READERS or not wanted:
        return {}
    by_code: dict[str, list[Any]] = {}
    for row in _marks().rows({"codes": [*wanted], "school": school_id, "today": clock.today()}):
        by_code.setdefault(row.uscc, []).append(row)
    found = {code: _shown(rows) for code, rows in by_code.items()}
    return {code: shown for code, shown in found.items() if shown is not None}


@cache
def _marks() -> Kept:
    """Put together once: every page that names a unit asks."""
    own = func.coalesce(UnitWarning.school_id == bindparam("school", type_=BigInteger), false()).label("own")
    place = func.row_number().over(partition_by=UnitWarning.uscc, order_by=[own.desc(), UnitWarning.id]).label("place")
    count = func.count().over(partition_by=UnitWarning.uscc).label("schools")
    ranked = (
        select(UnitWarning.uscc, UnitWarning.kinds, UnitWarning.reason, own, place, count)
        .where(UnitWarning.uscc.in_(bindparam("codes", expanding=True)), _holds_on(bindparam("today", type_=Date)))
        .subquery()
    )
    return Kept(select(ranked).where(ranked.c.place <= MOST_REASONS).order_by(ranked.c.uscc, ranked.c.place))


def holds() -> ColumnElement[bool]:
    """Whether a mark is in force today: past the day that its school has named it stops by itself."""
    return _holds_on(clock.today())


def _holds_on(day: Any) -> ColumnElement[bool]:
    return or_(UnitWarning.until.is_(None), UnitWarning.until >= day)


def _shown(rows: list[Any]) -> Shown | None:
    own, schools = bool(rows[0].own), rows[0].schools
    for_all = schools >= SCHOOLS_FOR_ALL
    told = rows if for_all else [row for row in rows if row.own]
    if not told:
        return None
    kinds = tuple(sorted({kind for row in told for kind in row.kinds}))
    reasons = tuple(dict.fromkeys(row.reason for row in told))
    return Shown(kinds, reasons, own, schools if for_all else 1)


def warning_visible_to(actor: Actor, warning_id: int) -> UnitWarning:
    """A mark of the reader's own school; raises NotFound."""
    query = select(UnitWarning).where(UnitWarning.id == warning_id, in_scope(UnitWarning, actor))
    marked = session.scalar(query)
    if marked is None:
        raise NotFound()
    return marked


def subject_of(marked: UnitWarning) -> str:
    """What the audit trail calls a mark."""
    return f"{VIEW} {marked.id}"


def changes_of(marked: UnitWarning) -> list[AuditLine]:
    """Who did what to a mark, newest first."""
    query = select(AuditLine).where(AuditLine.subject == subject_of(marked))
    return list(session.scalars(query.order_by(AuditLine.id.desc()).limit(50)))
