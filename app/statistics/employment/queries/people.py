"""The graduates behind a figure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_

from app.access.actors import Actor
from app.roster.models import Graduate
from app.statistics.counting import IN_REVIEW, REGISTERED, UNREGISTERED
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.records import records_of
from app.statistics.employment.words import ALL_SIGNING, BASE, CONFIRM, COUNTS, SIGNING, TOTAL, code_of, metrics
from app.statistics.records import CODE, HAS_LEFT, REVIEWED, held, with_leaving
from app.statistics.records import REGISTERED as HOLDS


def is_figure(name: str) -> bool:
    """Whether there are people to show behind a figure of this name."""
    return name in (*COUNTS, *SIGNING, ALL_SIGNING) or name in metrics() or bool(code_of(name))


def people_behind(figure: str, asked: Asked, *, actor: Actor) -> Select[Any]:
    """(graduate, workflow, case id, code of the current destination) behind a figure, as many as it says.

    Behind a figure of records stands one row a record; behind the others one a graduate, with what binds them.
    """
    if figure in SIGNING or figure == ALL_SIGNING:
        records = records_of(asked.cohort, asked.place, actor)
        query = asked.source(Graduate, records.c.workflow, records.c.case_id, CODE.label("code"))
        query = query.join(records, records.c.graduate_id == Graduate.id)
        wanted = records.c.column == figure if figure in SIGNING else records.c.column.is_not(None)
        order: tuple[Any, ...] = (Graduate.exam_number, records.c.workflow, records.c.case_id)
    else:
        query = with_leaving(asked.source(Graduate, held.workflow, held.case_id, CODE.label("code")))
        wanted, order = _condition(figure, asked), (Graduate.exam_number,)
    query = query.where(*asked.people(actor), wanted).order_by(Graduate.school_id, *order)
    return query.options(*Graduate.eager_options())


def _condition(figure: str, asked: Asked) -> ColumnElement[bool]:
    known = metrics()
    if figure == CONFIRM:
        return and_(asked.in_rates, HAS_LEFT)
    if figure in known:
        return and_(asked.in_rates, known[figure].condition(CODE))
    if code_of(figure):
        return and_(asked.in_rates, code_of(figure) == CODE)
    return {
        TOTAL: Graduate.id.is_not(None),
        REGISTERED: HOLDS,
        IN_REVIEW: REVIEWED,
        UNREGISTERED: held.kind.is_(None),
        BASE: asked.in_rates,
    }[figure]
