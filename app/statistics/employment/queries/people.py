"""The graduates behind a figure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_

from app.access.actors import Actor
from app.roster.models import Graduate
from app.statistics.counting import IN_REVIEW, REGISTERED, UNREGISTERED
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.records import records_of
from app.statistics.employment.words import ALL_SIGNING, BASE, COUNTS, SIGNING, TOTAL, code_of, metrics
from app.statistics.records import CODE, REVIEWED, held
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
        query = query.join(records, records.c.graduate_id == Graduate.id).order_by(Graduate.school_id)
        wanted = records.c.column == figure if figure in SIGNING else records.c.column.is_not(None)
        order: tuple[Any, ...] = (Graduate.exam_number, records.c.workflow, records.c.case_id)
    else:
        query = asked.source(Graduate, held.workflow, held.case_id, CODE.label("code")).order_by(Graduate.school_id)
        wanted, order = _condition(figure, asked), (Graduate.exam_number,)
    return query.where(*asked.people(actor), wanted).order_by(*order).options(*Graduate.eager_options())


def _condition(figure: str, asked: Asked) -> ColumnElement[bool]:
    known = metrics()
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
