"""Work of many items in the background: each item is done once, whoever dies in between.

A room registers its kind with `kind(...)`; a service starts a job with `start(...)` inside its own checks. Workers take
the items in portions: the effects of a portion, the outcomes of its items and the count are one transaction, under the
lock of the job's row. So a killed worker loses nothing and repeats nothing, and the sweeper lets another go on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, false, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from app.access.actors import Actor
from app.access.api_keys.queries import actor_again
from app.base import clock
from app.base.database import on_commit, savepoint, session, transaction
from app.base.errors import AppError, Forbidden, NotFound
from app.base.sealed import at
from app.workflow import written
from app.workflow.models import Job, JobFile, JobItem

log = logging.getLogger(__name__)

Outcome = dict[str, Any]
Work = Callable[[Job, Sequence[JobItem], Actor], list[Outcome]]
Tell = Callable[[Job, Actor], Outcome]

VIEW = "jobs"
OPEN = ("queued", "running")
_RUN = "app.workflow.jobs.run_job"
_PROGRESS = "job:%d:progress"
_QUIET = timedelta(seconds=20)  # so long a job may stand still before the sweeper takes it up
_STRETCH = 60.0  # seconds that one job may hold a worker while others wait
LONGEST = timedelta(days=1)
_FAULT = _("A mistake of the program stood in the way here. Nothing was changed; please try this one again later.")


@dataclass(frozen=True)
class Kind:
    """What is done with a portion of items, in one transaction; one outcome an item, `{"ok": …, "code", "message"}`.

    `work` may raise AppError: the portion is then repeated item by item, so that only the item at fault is refused.
    `finish` gives the outcome of the whole when all items are done, `tell` tells more than what is stored of it. `sheet`
    says how the results are written down; only doors know what that is.
    """

    name: str
    work: Work
    portion: int
    finish: Callable[[Job], Outcome]
    tell: Tell | None = None
    sheet: Any = None


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    work: Work,
    *,
    finish: Callable[[Job], Outcome],
    portion: int = 25,
    tell: Tell | None = None,
    sheet: Any = None,
) -> None:
    """Register a kind of job; called when a room is loaded."""
    _kinds[name] = Kind(name, work, portion, finish, tell, sheet)


def sheet_of(job: Job) -> Any:
    """How the results of this job are written down; None where its kind says nothing of it, or is no more."""
    declared = _kinds.get(job.kind)
    return declared.sheet if declared else None


def start(
    name: str, items: Sequence[Mapping[str, Any]], *, actor: Actor, payload: Mapping[str, Any], alone: bool = False
) -> Job:
    """Write a job with its items and put it on the queue after the commit. The service has checked that it may be.

    `alone`: it is this user's, not the unit's.
    """
    assert name in _kinds
    assert actor.user_id is not None
    with transaction():
        job = Job(
            kind=name,
            user_id=actor.user_id,
            employer_id=None if alone else actor.employer_id,
            school_id=actor.school_id,
            ip=actor.ip,
            key_id=actor.key.id if actor.key else None,
            total=len(items),
            payload=dict(payload),
        )
        session.add(job)
        session.flush()
        rows = [
            {"job_id": job.id, "position": place, "payload": at(dict(one), job.id, place)}
            for place, one in enumerate(items, start=1)
        ]
        if rows:
            session.execute(insert(JobItem), rows)
        job_id = job.id
        on_commit(lambda: _enqueue(job_id))
    return job


def job_for(job_id: int, *, actor: Actor) -> Job:
    """A job of one's own or, for a unit, of any of its users. Raises NotFound, Forbidden."""
    job = session.scalar(select(Job).where(Job.id == job_id, _own(actor)).execution_options(populate_existing=True))
    if job is None:
        raise NotFound()
    if not actor.may("can_show", VIEW):
        raise Forbidden()
    return job


def items_of(job: Job) -> list[JobItem]:
    """All items of a job in their order, for pages and sheets; the caller has checked the scope."""
    return list(session.scalars(select(JobItem).where(JobItem.job_id == job.id).order_by(JobItem.position)))


def outcome_of(job: Job, actor: Actor) -> Outcome:
    """What became of a job that is done; {} before."""
    if job.state != "done":
        return {}
    tell = _kinds[job.kind].tell
    return tell(job, actor) if tell else job.outcome


def file_of(job: Job) -> JobFile | None:
    """The file that the job has made; None before, and once its time is over. The caller has checked the scope."""
    return session.scalar(select(JobFile).where(JobFile.job_id == job.id))


def note_progress(job_id: int, done: int, total: int) -> None:
    """Tell how far a single long item is: its effects are one transaction, so nobody sees them before the end."""
    from app.workflow import queues

    with suppress(RedisError):
        queues.redis().setex(_PROGRESS % job_id, LONGEST, f"{done}/{total}")


def progress_of(job: Job) -> tuple[int, int]:
    """How many of how many are done."""
    from app.workflow import queues

    if job.state in OPEN:
        with suppress(RedisError):
            noted = queues.redis().get(_PROGRESS % job.id)
            if isinstance(noted, bytes):
                done, _slash, total = noted.decode().partition("/")
                return int(done), int(total)
    return job.done, job.total


def latest(name: str, actor: Actor) -> Job | None:
    """The newest job of a kind in the actor's scope, for a page that leads to it."""
    return session.scalar(select(Job).where(Job.kind == name, _own(actor)).order_by(Job.id.desc()).limit(1))


def run(job_id: int, *, seconds: float = _STRETCH) -> bool:
    """Get on with a job for a while; returns whether it is finished. Called by workers, any number at a time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        going = _portion(job_id)
        session.expunge_all()
        if not going:
            return True
    _enqueue(job_id)
    return False


def sweep() -> int:
    """Put jobs that stand still on the queue again, e.g. after a worker was killed; run by the clock.

    A job that is still open after a day has failed: what was done stays and is shown.
    """
    with transaction():
        session.execute(
            update(Job)
            .where(Job.state.in_(OPEN), Job.created_at < clock.now() - LONGEST)
            .values(state="failed", finished_at=clock.now())
        )
        rows = session.execute(
            update(Job)
            .where(Job.state.in_(OPEN), Job.touched_at < clock.now() - _QUIET)
            .values(touched_at=clock.now())
            .returning(Job.id)
        ).all()
    for row in rows:
        _enqueue(row.id)
    return len(rows)


def _own(actor: Actor) -> ColumnElement[bool]:
    mine = Job.user_id == actor.user_id if actor.user_id is not None else false()
    return mine if actor.employer_id is None else or_(mine, Job.employer_id == actor.employer_id)


def _portion(job_id: int) -> bool:
    """One portion; returns whether there may be more to do. Whoever finds the job in other hands leaves it there."""
    with transaction():
        query = select(Job).where(Job.id == job_id, Job.state.in_(OPEN)).with_for_update(skip_locked=True)
        job = session.scalar(query.execution_options(populate_existing=True))
        if job is None:
            return False
        one = _kinds[job.kind]
        items = _open_items(job, one.portion)
        job.touched_at = clock.now()
        if items:
            for item, outcome in zip(items, _done(one, job, items), strict=True):
                item.outcome = outcome
            job.state, job.done = "running", job.done + len(items)
        if job.done >= job.total:
            session.flush()
            job.outcome, job.state, job.finished_at = one.finish(job), "done", clock.now()
        user_id, going = job.user_id, job.state != "done"
    written.note(user_id)
    return going


def _open_items(job: Job, most: int) -> list[JobItem]:
    query = select(JobItem).where(JobItem.job_id == job.id, JobItem.outcome.is_(None))
    return list(session.scalars(query.order_by(JobItem.position).limit(most)))


def _done(one: Kind, job: Job, items: Sequence[JobItem]) -> list[Outcome]:
    """The outcomes of a portion; a fault in one item is told at that item and harms no other."""
    try:
        actor = actor_again(job.user_id, job.key_id, ip=job.ip)
        with savepoint():
            return one.work(job, items, actor)
    except OperationalError:
        raise  # the database went away: another worker will go on
    except AppError as error:
        if len(items) == 1:
            return [{"ok": False, "code": error.code, "message": error.message}]
    except Exception:
        log.exception("job %s of kind %s failed at items %s", job.id, job.kind, [item.position for item in items])
        if len(items) == 1:
            return [{"ok": False, "code": "internal", "message": str(_FAULT)}]
    return [outcome for item in items for outcome in _done(one, job, [item])]


def _enqueue(job_id: int) -> None:
    from app.workflow import queues

    try:
        queues.enqueue_job("bulk", _RUN, job_id, timeout=300)
    except RedisError:
        log.warning("queue unreachable; the sweeper will start job %d", job_id)
