"""What time brings about: reminders, what follows a due moment, the daily word to reviewers, and outages that do not count."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case as either
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from app.access.actors import EMPLOYER, GRADUATE, SYSTEM
from app.base import clock
from app.base.cohorts import is_operable
from app.base.database import apart, session, transaction
from app.base.errors import AppError, Invalid
from app.cases.models import CaseMixin
from app.deadlines.models import PLATFORM, Outage, Pulse
from app.deadlines.queries import covered, due_cases, held_case, held_cases, overdue_reviews, people_behind
from app.notices.ladder import after_quiet_hours
from app.workflow import engine, outbox, registry
from app.workflow.models import OutboxMessage
from app.workflow.table import Workflow
from app.workflow.waiting import Due, Then, aim

_SILENCE = timedelta(minutes=10)  # of the clock; longer is an outage
_PORTION = 25  # cases that one transaction holds
_LATER = timedelta(minutes=10)  # when what is due cannot follow yet


def pass_time(limit: int = 500, *, seconds: float = 0) -> int:
    """Remind, and let follow what follows where nobody has acted in time; run by the clock. Returns how many cases.

    A portion of cases is one transaction with its messages: whatever dies between two of them, none is told twice and
    none is forgotten. Where one of a portion is refused, each stands alone. An outage is put on record first, so that
    nothing ends that ran out in it. `limit` cases of each workflow at once, and more of them as long as there are so
    many and the `seconds` last.
    """
    note_pulse()
    until, done = time.monotonic() + seconds, 0
    waiting = list(registry.all_workflows())
    while waiting:
        found = [(flow, due_cases(flow, limit)) for flow in waiting]
        for flow, cases in found:
            done += sum(_look_at_portion(flow, cases[at : at + _PORTION]) for at in range(0, len(cases), _PORTION))
        waiting = [flow for flow, cases in found if len(cases) == limit] if time.monotonic() < until else []
    return done


def _look_at_portion(workflow: Workflow, case_ids: Sequence[int]) -> int:
    try:
        with apart():
            cases = held_cases(workflow, case_ids)
            ending: defaultdict[str, list[CaseMixin]] = defaultdict(list)
            for case in cases:
                ending[_ending(workflow, case) or ""].append(case)
            others = ending.pop("", [])
            for event, several in ending.items():
                engine.fire_together(workflow.name, several, event, actor=SYSTEM)
            return len(cases) - len(others) + sum(_act(workflow, case) for case in others)
    except (AppError, DBAPIError):
        return sum(_look_at(workflow, case_id) for case_id in case_ids)


def _ending(workflow: Workflow, case: CaseMixin) -> str | None:
    """The event that follows now for the case; None where there is only something to be told, or not even that."""
    due = workflow.state(case.state).due
    if due is None or case.due_at is None or case.due_at > clock.now() or due.then is Then.TELL:
        return None
    return str(due.then)


def _look_at(workflow: Workflow, case_id: int) -> bool:
    try:
        with transaction():
            case = held_case(workflow, case_id)
            return case is not None and _act(workflow, case)
    except AppError:  # a rule refuses it for now, e.g. what was sent has not arrived
        with transaction():
            case = held_case(workflow, case_id)
            if case is not None:
                case.next_at = clock.now() + _LATER
        return False


def _act(workflow: Workflow, case: CaseMixin) -> bool:
    due, now = workflow.state(case.state).due, clock.now()
    if due is None or case.due_at is None:
        case.next_at = None
        return False
    event, is_over = _ending(workflow, case), case.due_at <= now
    if event is not None:
        engine.fire(workflow.name, case.id, event, actor=SYSTEM)
        return True
    if case.waits_for not in (GRADUATE, EMPLOYER) or not (case.cohort is None or is_operable(case.cohort)):
        case.next_at = None  # reviewers get one word a day for all
        return False
    if after_quiet_hours(now) > now:
        case.next_at = after_quiet_hours(now)
        return False
    _tell(case, due.overdue if is_over else due.reminder)
    _aim(case, due, now, is_over=is_over)
    return True


def _aim(case: CaseMixin, due: Due, now: datetime, *, is_over: bool) -> None:
    if is_over:
        case.next_at = None
        return
    case.reminded += 1
    aim(case, due, now + due.reminders.every if due.reminders else None)


def _tell(case: CaseMixin, template: str) -> None:
    name = case.workflow_name
    outbox.post(
        "notice",
        {"event": template, "workflow": name, "case_id": case.id, "template": template, "to": [case.waits_for]},
        key=f"{template}:{name}:{case.id}:{case.version}:{case.reminded}",
        workflow=name,
        case_id=case.id,
    )


def tell_reviewers() -> int:
    """Once a day tell offices, and who stands above them, how much waits too long; run by the clock. How many people."""
    now = clock.now()
    if after_quiet_hours(now) > now:
        return 0
    with transaction():
        people = {f"overdue:{user}:{clock.today()}": (user, kind, count) for user, kind, count in _behind()}
        known = set(session.scalars(select(OutboxMessage.key).where(OutboxMessage.key.in_(people))))
        for key, (user, kind, count) in people.items():
            if key not in known:
                payload = {
                    "user_id": user,
                    "template": "overdue_reviews",
                    "reader": kind,
                    "facts": {"count": str(count)},
                }
                outbox.post("personal", payload, key=key)
    return len(people) - len(known)


def _behind() -> list[tuple[int, str, int]]:
    return [(user, kind, count) for (user, kind), count in people_behind(overdue_reviews()).items()]


def note_pulse() -> None:
    """The platform is there. If its clock was silent for long, that was an outage."""
    with transaction():
        now = clock.now()
        pulse = session.get(Pulse, PLATFORM, with_for_update=True, populate_existing=True)
        if pulse is None:
            session.add(Pulse(system=PLATFORM, at=now))
            return
        if now - pulse.at > _SILENCE:
            _note(PLATFORM, pulse.at, now)
        pulse.at = max(now, pulse.at)


def note_outage(system: str, began: datetime, ended: datetime) -> Outage:
    """Put on record that a system which people need to act was not there; for operators. Raises Invalid."""
    with transaction():
        if not began < ended <= clock.now() or covered(system, began, ended):
            raise Invalid({"began": ["The time must have passed, and not be on record already."]})
        return _note(system, began, ended)


def _note(system: str, began: datetime, ended: datetime) -> Outage:
    """What ran out meanwhile, or soon after, gets as much time after it as it had left when it began."""
    outage = Outage(system=system, began_at=began, ended_at=ended, noted_at=clock.now())
    session.add(outage)
    for workflow in registry.all_workflows():
        model: Any = workflow.model
        left = func.least(model.due_at - began, ended - began)
        new = func.greatest(model.due_at, ended + left)
        values: dict[str, Any] = dict.fromkeys(model.limits, new)
        values["next_at"] = either((model.next_at == model.due_at, new), else_=model.next_at)
        waits = (model.due_at > began, model.due_at < ended + (ended - began), model.next_at.is_not(None))
        session.execute(update(model).where(*waits).values(values), execution_options={"synchronize_session": False})
    session.flush()
    session.expire_all()
    return outage
