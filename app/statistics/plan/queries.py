"""Whose lines stand in the file, with what each has in force; some statements for some hundred graduates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.actors import Actor
from app.base.replicas import shown
from app.roster.models import IN_FORCE, Graduate
from app.statistics.counting import people_of
from app.workflow import registry

_TOGETHER: Final = 500


def graduates_with_destinations(cohort: int, *, actor: Actor) -> Iterator[tuple[Graduate, Any]]:
    """(graduate, what they have in force or None) of all on the roster of the cohort in the actor's scope."""
    last = 0
    query = select(Graduate).where(*people_of(cohort, actor, ())).options(joinedload(Graduate.claim))
    while rows := shown.scalars(query.where(Graduate.id > last).order_by(Graduate.id).limit(_TOGETHER)).unique().all():
        last = rows[-1].id
        cases = _held(rows)
        for row in rows:
            yield row, cases.get(row.id)
        for one in (*rows, *cases.values()):  # many in all, a few at a time in memory
            shown.expunge(one)


def _held(rows: Any) -> dict[int, Any]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.claim is not None and row.claim.kind == IN_FORCE:
            wanted[row.claim.workflow].append(row.claim.case_id)
    found: dict[int, Any] = {}
    for workflow, ids in wanted.items():
        model: Any = registry.get(workflow).model
        found |= {case.graduate_id: case for case in shown.scalars(select(model).where(model.id.in_(ids)))}
    return found
