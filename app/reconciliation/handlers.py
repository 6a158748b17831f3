"""A student as the employment system has them, taken over: what mends a roster that lacks one or keeps one too many."""

from __future__ import annotations

from app.base.database import session
from app.ems.client import ems
from app.ems.messages import EmsUnavailable, StudentKey
from app.reconciliation.models import Difference
from app.roster.models import RosterCursor
from app.roster.services.pulling import apply_changes
from app.schools.models import School
from app.workflow import delivery
from app.workflow.models import OutboxMessage


@delivery.handler("roster_take_over", outages=(EmsUnavailable,))
def take_over_student(message: OutboxMessage) -> None:
    """Read the one student there and follow; the place up to which the roster has been read stays.

    Run by the delivery, at least once: following twice changes nothing. Raises EmsUnavailable to be tried again.
    """
    row = session.get(Difference, message.payload["difference_id"])
    if row is None:
        return  # a round has found both sides the same in the meantime
    school = session.get_one(School, row.school_id)
    student = ems().student(StudentKey(school.code, row.cohort, row.exam_number))
    place = session.get(RosterCursor, (row.school_id, row.cohort))
    apply_changes(row.school_id, row.cohort, [student], place.cursor if place else 0)
