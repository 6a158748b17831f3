"""Which words a reviewer is offered for a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from app.access.actors import DEPARTMENT, SCHOOL, STAFF, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.base.kept import Kept
from app.cases.phrases.models import Phrase
from app.codes import queries as codes
from app.workflow import registry
from app.workflow.table import Workflow

VIEW = "phrases"  # the name under which roles are given the pages and calls
MOST = 30  # phrases that a school keeps for one verdict
SHIPPED = {"return": "return_reason"}  # verdict → table of the words that every school is offered


@dataclass(frozen=True)
class Offered:
    """Words that can be taken over; `field` is the path of the field beside which they stand."""

    text: str
    field: str = ""
    label: str = ""


def verdicts() -> list[tuple[Workflow, str]]:
    """Every verdict of schools and departments for which a reason is written, by workflow and event."""
    found = []
    for workflow in registry.all_workflows():
        rows = [row for row in workflow.transitions if {SCHOOL, DEPARTMENT} & set(row.who) & set(STAFF)]
        names = [row.event for row in rows if "reason" in row.asks]
        found += [(workflow, event) for event in dict.fromkeys(names)]
    return found


def offered(workflow: str, events: Sequence[str], actor: Actor) -> dict[str, list[Offered]]:
    """By event the words of the reader's school and the shipped ones, the school's first; one statement."""
    found = {event: list[Offered]() for event in events}
    if not events:
        return found
    if actor.kind in (SCHOOL, DEPARTMENT):
        for row in _offered().rows({"school": actor.school_id, "of": workflow, "events": [*events]}):
            found[row.event].append(Offered(row.text, row.field, row.label))
    for event, words in found.items():
        words += [one for one in shipped(event) if one not in words]
    return found


@cache
def _offered() -> Kept:
    """Put together once: every review page asks."""
    own = (Phrase.school_id == bindparam("school"), Phrase.workflow == bindparam("of"))
    query = select(Phrase).where(*own, Phrase.event.in_(bindparam("events", expanding=True)))
    return Kept(query.order_by(Phrase.id))


def shipped(event: str) -> list[Offered]:
    """The words that every school is offered, as operators keep them."""
    return [Offered(text) for _code, text in codes.choices(SHIPPED[event])] if event in SHIPPED else []


def own_phrases(actor: Actor) -> list[Phrase]:
    """All phrases of the reader's school, by verdict and in the order of their making."""
    query = select(Phrase).where(in_scope(Phrase, actor))
    return list(session.scalars(query.order_by(Phrase.workflow, Phrase.event, Phrase.id)))


def phrase_visible_to(actor: Actor, phrase_id: int, *, lock: bool = False) -> Phrase:
    """A phrase of the reader's own school; raises NotFound."""
    query: Any = select(Phrase).where(Phrase.id == phrase_id, in_scope(Phrase, actor))
    found = session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise NotFound()
    return found
