"""Jobs of many items: each item once, a fault harms no other, and whoever dies is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.actors import Actor
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, NotFound
from app.workflow import background, queues
from app.workflow.models import Job, JobItem
from tests.signing.stage import user

KIND = "test"


class Power(Exception):
    """The power goes: nothing that follows happens."""


class Work:
    """What the test's kind of job does, and where it goes wrong."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.refused: set[int] = set()
        self.broken: set[int] = set()

    def __call__(self, job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
        for item in items:
            number = item.payload["number"]
            self.seen.append(number)
            if number in self.refused:
                raise Conflict("taken", "taken")
            if number in self.broken:
                raise ZeroDivisionError
        return [{"ok": True} for _item in items]


@pytest.fixture
def work(app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work()
    one = background.Kind(KIND, work, 4, lambda job: {"finished": job.total})
    monkeypatch.setitem(background._kinds, KIND, one)
    queues.redis().flushdb()
    return work


def _start(number: int, who: str = "employer1") -> int:
    items = [{"number": place} for place in range(number)]
    return background.start(KIND, items, actor=user(who), payload={}).id


def _outcomes(job_id: int) -> list[dict[str, Any]]:
    return [item.outcome or {} for item in background.items_of(session.get_one(Job, job_id))]


def test_every_item_is_done_once_in_portions(work: Work) -> None:
    job_id = _start(10)
    assert len(queues.queue("bulk")) == 1
    assert background.run(job_id) is True
    job = background.job_for(job_id, actor=user("employer1"))
    assert (job.state, job.done, job.total, job.outcome) == ("done", 10, 10, {"finished": 10})
    assert work.seen == list(range(10))
    assert background.run(job_id) is True
    assert len(work.seen) == 10


def test_refusals_and_mistakes_stay_at_their_item(work: Work) -> None:
    work.refused, work.broken = {2}, {5, 6}
    job_id = _start(9)
    background.run(job_id)
    codes = [outcome.get("code") for outcome in _outcomes(job_id)]
    assert codes == [None, None, "taken", None, None, "internal", "internal", None, None]
    assert session.get_one(Job, job_id).state == "done"


def test_a_portion_that_was_not_committed_is_done_by_the_next_worker(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = _start(8)
    with monkeypatch.context() as patch:

        def die(*_args: Any) -> list[Any]:
            raise Power

        patch.setattr(background, "_done", die)
        with pytest.raises(Power):
            background.run(job_id)
    job = session.get_one(Job, job_id, populate_existing=True)
    assert (job.state, job.done) == ("queued", 0)
    background.run(job_id)
    assert work.seen == list(range(8))


def test_the_sweeper_takes_up_what_stands_still_and_only_that(work: Work) -> None:
    job_id = _start(3)
    with queues.redis() as connection:
        connection.flushdb()
    assert background.sweep() == 0
    with time_machine.travel(clock.now() + timedelta(seconds=30), tick=True):
        assert background.sweep() == 1
        assert background.sweep() == 0
    assert len(queues.queue("bulk")) == 1
    background.run(job_id)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        assert background.sweep() == 0


def test_a_job_that_never_ends_has_failed_after_a_day(work: Work) -> None:
    job_id = _start(3)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=True):
        background.sweep()
    assert session.get_one(Job, job_id, populate_existing=True).state == "failed"
    assert background.run(job_id) is True
    assert work.seen == []


def test_a_long_job_lets_others_have_their_turn(work: Work) -> None:
    job_id = _start(10)
    queues.redis().flushdb()
    assert background.run(job_id, seconds=0) is False
    assert len(queues.queue("bulk")) == 1


def test_a_job_is_seen_by_its_unit_alone(work: Work) -> None:
    job_id = _start(1)
    assert background.job_for(job_id, actor=user("employer1b")).id == job_id
    for stranger in ("employer2", "school10001", "graduate1", "operator"):
        with pytest.raises(NotFound):
            background.job_for(job_id, actor=user(stranger))


def test_payload_of_items_is_sealed(work: Work) -> None:
    job_id = _start(1)
    raw = session.execute(select(JobItem.__table__.c.payload).where(JobItem.job_id == job_id)).scalar_one()
    assert raw == {"number": 0}
    with transaction():
        from sqlalchemy import text

        stored = session.execute(text("SELECT payload FROM job_items WHERE job_id = :id"), {"id": job_id}).scalar_one()
    assert b"number" not in bytes(stored)
