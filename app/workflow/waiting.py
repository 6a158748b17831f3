"""How long a case may wait where it is: the limit, what follows then, and who is reminded how often meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.access.actors import EMPLOYER, GRADUATE
from app.workflow.stages import Stage

# In whole days, where neither the province nor the school has set anything.
PLATFORM = {
    "answer_min": 1,
    "answer_days": 7,
    "review_days": 5,
    "termination_days": 10,
    "dispatch_days": 30,
    "receipt_days": 30,  # the season of archives is long
}


class Then(StrEnum):
    """What follows when nobody has acted in time; the first two are events of the table."""

    EXPIRE = "expire"
    ESCALATE = "escalate"
    TELL = "tell"


@dataclass(frozen=True)
class Reminders:
    """After how long somebody is reminded, how often again, and how often in all."""

    first: timedelta
    every: timedelta
    most: int


@dataclass(frozen=True)
class Due:
    """The limit of a waiting state, by its name among those that places set, and what follows; by which notices people
    are reminded, and told when the time is over.
    """

    limit: str
    then: Then = Then.TELL
    reminders: Reminders | None = None
    reminder: str = "waiting_reminder"
    overdue: str = "waiting_overdue"


ANSWER = Reminders(timedelta(days=3), timedelta(days=3), most=2)
GO_ON = Reminders(timedelta(days=3), timedelta(days=4), most=2)
_PEOPLE = {
    Stage.OFFERED: Due("answer_days", reminders=ANSWER),
    Stage.ASKED: Due("answer_days", reminders=ANSWER),
    Stage.REVIEW: Due("answer_days", reminders=ANSWER),
    Stage.HALFWAY: Due("answer_days", reminders=GO_ON),
    Stage.RETURNED: Due("answer_days", reminders=GO_ON),
}


def usual(stage: Stage, waits_for: str | None) -> Due | None:
    """The limit of a state whose table says none: people answer, offices review; what is with its author has none."""
    if waits_for is None or stage not in _PEOPLE:
        return None
    return _PEOPLE[stage] if waits_for in (GRADUATE, EMPLOYER) else Due("review_days")


def enter(case: Any, due: Due | None, at: datetime) -> None:
    """The case has come to a state with this limit; called by the engine alone."""
    case.reminded = 0
    case.due_at = case.moment_due(due.limit, at) if due is not None else None
    aim(case, due, case.state_since + due.reminders.first if due and due.reminders else None)


def aim(case: Any, due: Due | None, reminder: datetime | None) -> None:
    """When the clock has to look at the case again: at the next reminder, if one is left before the due moment."""
    case.next_at = case.due_at
    if due and due.reminders and reminder and case.reminded < due.reminders.most and reminder < case.due_at:
        case.next_at = reminder


def lengthen(case: Any, until: datetime) -> None:
    """A person has given more time."""
    if case.next_at == case.due_at:
        case.next_at = until
    case.due_at = until
