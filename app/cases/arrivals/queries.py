"""Which messages to the employment system are still open, within the scope of a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, case, cast, exists, func, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.ems import queue
from app.roster.models import Graduate
from app.schools.models import Department, School
from app.workflow import registry
from app.workflow.models import OutboxMessage

VIEW: Final = "arrivals"


@dataclass(frozen=True)
class Student:
    """Whom a message is about, as the list names them."""

    name: str
    exam_number: str
    student_number: str
    school: str
    department: str


def graduate_of() -> ColumnElement[Any]:
    """The graduate whose record a message tells of, by the order in which it is sent; null for rosters."""
    key = OutboxMessage.order_key
    return case((key.like("graduate:%"), cast(func.split_part(key, ":", 2), BigInteger)))


def not_arrived(actor: Actor) -> list[ColumnElement[bool]]:
    """The conditions of an open message about a graduate in scope, in a module that the actor reads."""
    flows = [flow.name for flow in registry.all_workflows() if actor.reads(flow.module)]
    own = exists(select(Graduate.id).where(Graduate.id == graduate_of(), in_scope(Graduate, actor)))
    keyed = OutboxMessage.order_key.is_not(None)  # what the index over open messages holds
    return [queue.is_sync(), OutboxMessage.status != "done", keyed, OutboxMessage.workflow.in_(flows), own]


def students_of(messages: Sequence[OutboxMessage]) -> dict[int, Student]:
    """Whom these messages are about, by message; one statement. The caller has checked the scope."""
    query = (
        select(
            OutboxMessage.id, Graduate.name, Graduate.exam_number, Graduate.student_number, School.name, Department.name
        )
        .join(Graduate, Graduate.id == graduate_of())
        .join(School, School.id == Graduate.school_id)
        .join(Department, Department.id == Graduate.department_id)
        .where(OutboxMessage.id.in_([one.id for one in messages]))
    )
    return {number: Student(*told) for number, *told in session.execute(query)} if messages else {}
