"""Who may take figures away, and keeping those of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, func, insert, select

from app.access import audit
from app.access.actors import Actor, module_refusal
from app.base.database import session, transaction
from app.base.errors import Forbidden
from app.statistics.employment.models import LARGEST, FigureChange, FigureSnapshot
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.snapshots import content_of, digest_of
from app.statistics.employment.queries.table import employment_table

MODULE = "employment"
EXPORTERS = ("online_signing", "destination")


def may_export(actor: Actor) -> bool:
    """Whether the actor may take figures and lists of employment away."""
    return any(actor.may("can_export", name) for name in EXPORTERS)


def refuse_export(actor: Actor) -> None:
    """Raise Forbidden where role or module do not allow it."""
    if not actor.reads(MODULE):
        raise module_refusal(actor, MODULE)
    if not may_export(actor):
        raise Forbidden()


def take_snapshot(asked: Asked, formula: str, place: str, args: Mapping[str, str], *, actor: Actor) -> FigureSnapshot:
    """Keep the figures as they are now: who, when, by which formula, under a digest.

    `args` are the parameters by which they are asked for again, whoever asks.
    """
    refuse_export(actor)
    with transaction():
        content = content_of(employment_table(asked, actor=actor), args)
        row = FigureSnapshot(
            province_id=actor.province_id,
            school_id=actor.school_id,
            department_id=actor.department_id,
            level=actor.level or "all",
            cohort=asked.cohort,
            formula=formula,
            completion=asked.completion,
            place=place,
            content=content,
            digest=digest_of(content),
            taken_by=actor.name,
        )
        session.add(row)
        session.flush()
        audit.record(audit.EXPORT, actor=actor, subject=f"figure_snapshots {row.id}", detail={"cohort": asked.cohort})
        return row


def fold_changes() -> int:
    """Put the noted changes of each school together in one row, so that their sum stays quick to read.

    Readers see all of a school's old rows or the new one, the same sum either way. Returns how many rows went.
    """
    with transaction():
        gone = delete(FigureChange).returning(FigureChange.school_id, FigureChange.mark)
        marks: Counter[int | None] = Counter()
        rows = session.execute(gone.where(_several())).all()
        for school_id, mark in rows:
            marks[school_id] += mark
        if marks:
            folded = [{"school_id": school_id, "mark": mark % LARGEST} for school_id, mark in marks.items()]
            session.execute(insert(FigureChange), folded)
    return len(rows) - len(marks)


def _several() -> ColumnElement[bool]:
    """Of a place that was noted more than once; those of all schools stand together."""
    place = func.coalesce(FigureChange.school_id, 0)
    return place.in_(select(place).group_by(place).having(func.count() > 1))
