"""The outbox: written with the change or not at all, delivered in order, tried again, never twice."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.base import clock
from app.base.database import savepoint, session, transaction
from app.base.settings import settings
from app.workflow import delivery, outbox, queues
from app.workflow.delivery import MAX_ATTEMPTS, GiveUp
from app.workflow.jobs import deliver_job
from app.workflow.models import OutboxMessage
from tests.fixtures.outbox import run_jobs

_numbers = itertools.count(1)


class Recorder:
    """A handler of its own kind of message: notes what it delivers, and fails when it is told to."""

    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.failing: Exception | None = None
        self.gate: threading.Event | None = None

    def __call__(self, message: OutboxMessage) -> None:
        if self.gate is not None:
            self.gate.wait(10)
        if self.failing is not None:
            raise self.failing
        self.delivered.append(message.payload["name"])


@pytest.fixture
def recorder(app_context: Flask, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """The handler of the kind "test"; an outbox without anything else to do."""
    drain()
    recorder = Recorder()
    monkeypatch.setitem(delivery._handlers, "test", (recorder, None, ()))
    yield recorder
    with transaction():
        session.execute(
            update(OutboxMessage).where(OutboxMessage.kind == "test").values(status="done", last_error=None)
        )
    with queues.redis() as connection:
        connection.flushall()


def post(name: str, *, order_key: str | None = None) -> int:
    """One message of the kind "test" in a transaction of its own; returns its id."""
    with transaction():
        message = outbox.post("test", {"name": name}, key=f"test:{next(_numbers)}", order_key=order_key)
        session.flush()
    return message.id


def row(message_id: int) -> OutboxMessage:
    """The message as it stands in the database."""
    with transaction():
        return session.scalars(
            select(OutboxMessage).where(OutboxMessage.id == message_id).execution_options(populate_existing=True)
        ).one()


def waiting_jobs() -> int:
    """How many jobs stand on the queue of the kind "test"."""
    return len(queues.queue("bulk"))


def test_a_message_is_delivered_by_the_job_that_the_commit_enqueued(app: Flask, recorder: Recorder) -> None:
    message_id = post("a")
    assert waiting_jobs() == 1
    run_jobs(app)
    assert recorder.delivered == ["a"]
    assert (row(message_id).status, row(message_id).attempts) == ("done", 1)
    assert row(message_id).done_at is not None


def test_messages_of_one_change_share_a_job(app: Flask, recorder: Recorder) -> None:
    with transaction():
        for name in "abc":
            post(name)
    assert waiting_jobs() == 1
    run_jobs(app)
    assert recorder.delivered == ["a", "b", "c"]


def test_what_is_undone_alone_is_not_put_on_the_queue(app: Flask, recorder: Recorder) -> None:
    with transaction():
        post("a")
        with contextlib.suppress(ValueError), savepoint():
            post("undone")
            raise ValueError("no")
        post("b")
    run_jobs(app)
    assert recorder.delivered == ["a", "b"]


def test_what_a_batch_leaves_to_others_shares_a_job(
    app: Flask, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(delivery._handlers, "first", (lambda message: post(message.payload["name"]), None, ()))
    with transaction():
        for name in "abc":
            outbox.post("first", {"name": name}, key=f"test:{next(_numbers)}")
    ids = session.scalars(select(OutboxMessage.id).where(OutboxMessage.kind == "first")).all()
    with queues.redis() as connection:
        connection.flushall()
    deliver_job([(number, 0) for number in ids])
    assert waiting_jobs() == 1
    run_jobs(app)
    assert recorder.delivered == ["a", "b", "c"]


def test_nothing_is_posted_when_the_change_is_undone(recorder: Recorder) -> None:
    def change() -> None:
        with transaction():
            outbox.post("test", {"name": "a"}, key="test:undone")
            session.flush()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        change()
    assert waiting_jobs() == 0
    assert session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == "test:undone")) is None
    session.rollback()


def test_a_done_message_is_not_delivered_again(recorder: Recorder) -> None:
    message_id = post("a")
    assert delivery.deliver(message_id)
    assert not delivery.deliver(message_id)
    assert recorder.delivered == ["a"]


def test_two_workers_at_once_deliver_once(app: Flask, recorder: Recorder) -> None:
    message_id = post("a")
    recorder.gate = threading.Event()
    outcomes: list[bool] = []

    def work() -> None:
        with app.app_context():
            outcomes.append(delivery.deliver(message_id))
            session.remove()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers[:-1]:
        worker.join(0.5)
    recorder.gate.set()
    for worker in workers:
        worker.join(10)
    assert sorted(outcomes) == [False, False, False, True]
    assert recorder.delivered == ["a"]


def test_messages_of_one_order_go_one_after_the_other(app: Flask, recorder: Recorder) -> None:
    first, second, third = (post(name, order_key="graduate:1") for name in "abc")
    other = post("x", order_key="graduate:2")
    assert not delivery.deliver(third)
    assert not delivery.deliver(second)
    assert delivery.deliver(other)
    recorder.failing = ConnectionError("down")
    assert not delivery.deliver(first)
    recorder.failing = None
    assert not delivery.deliver(second), "the first has failed and is still open"
    assert delivery.deliver(first)
    run_jobs(app)
    assert recorder.delivered == ["x", "a", "b", "c"]
    assert row(third).status == "done"


def test_what_waits_for_its_turn_is_not_swept(recorder: Recorder) -> None:
    ids = [post(name, order_key="graduate:1") for name in "ab"]
    with transaction():
        session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(ids)).values(next_attempt_at=clock.now()))
    assert [ticket[0] for ticket in delivery.due()] == ids[:1]


def test_failures_back_off_and_end_as_a_dead_letter_that_can_be_retried(app: Flask, recorder: Recorder) -> None:
    message_id = post("a")
    recorder.failing = ConnectionError("down")
    pauses = []
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        for _ in range(MAX_ATTEMPTS):
            assert not delivery.deliver(message_id)
            pauses.append(int((row(message_id).next_attempt_at - clock.now()).total_seconds()))
    assert pauses[:6] == [5, 10, 20, 40, 80, 160]
    assert pauses == sorted(pauses)
    assert max(pauses) == 3600
    dead = row(message_id)
    assert (dead.status, dead.attempts, dead.last_error) == ("failed", MAX_ATTEMPTS, "ConnectionError: down")
    assert not delivery.deliver(message_id)
    recorder.failing = None
    assert delivery.retry([message_id]) == 1
    run_jobs(app)
    assert recorder.delivered == ["a"]
    assert row(message_id).last_error is None


def test_a_handler_can_give_up_at_once(recorder: Recorder) -> None:
    message_id = post("a")
    recorder.failing = GiveUp("no such reader")
    assert not delivery.deliver(message_id)
    assert (row(message_id).status, row(message_id).attempts) == ("failed", 1)


def test_a_dead_letter_holds_up_those_behind_it(recorder: Recorder) -> None:
    first, second = (post(name, order_key="graduate:1") for name in "ab")
    recorder.failing = GiveUp("refused")
    delivery.deliver(first)
    recorder.failing = None
    assert not delivery.deliver(second)
    delivery.retry([first])
    assert delivery.deliver(first)
    assert delivery.deliver(second)
    assert recorder.delivered == ["a", "b"]


def test_tickets_that_piled_up_do_not_use_up_the_tries(app: Flask, recorder: Recorder) -> None:
    message_id = post("a")
    for _ in range(MAX_ATTEMPTS):
        queues.enqueue_delivery([(message_id, "test", 0)])
    recorder.failing = ConnectionError("down")
    run_jobs(app)
    assert (row(message_id).status, row(message_id).attempts) == ("queued", 1)


def test_the_sweeper_takes_up_what_is_overdue_and_nothing_else(app: Flask, recorder: Recorder) -> None:
    lost, fresh = post("lost"), post("fresh")
    with queues.redis() as connection:
        connection.flushall()
    with transaction():
        past = clock.now() - timedelta(seconds=1)
        session.execute(update(OutboxMessage).where(OutboxMessage.id == lost).values(next_attempt_at=past))
    assert delivery.sweep() == 1
    assert delivery.sweep() == 0, "it stands on the queue already"
    run_jobs(app)
    assert recorder.delivered == ["lost"]
    assert row(fresh).status == "queued"


def test_a_commit_without_redis_loses_nothing(
    app: Flask, recorder: Recorder, change_settings: Callable[..., None]
) -> None:
    there = settings().redis_url
    change_settings(redis_url="unix:///nonexistent/redis.sock")
    message_id = post("a")
    change_settings(redis_url=there)
    assert waiting_jobs() == 0
    with time_machine.travel(clock.now() + outbox.GRACE + timedelta(seconds=1)):
        assert delivery.sweep() == 1
        run_jobs(app)
    assert recorder.delivered == ["a"]
    assert row(message_id).status == "done"


def test_one_failure_harms_no_other(app: Flask, recorder: Recorder) -> None:
    bad = post("bad")
    good = post("good")
    with transaction():
        session.get_one(OutboxMessage, bad).payload = {}
    run_jobs(app)
    assert recorder.delivered == ["good"]
    assert (row(bad).status, row(bad).last_error) == ("queued", "KeyError: 'name'")
    assert row(good).status == "done"


def test_a_message_of_an_unknown_kind_stays_visible(recorder: Recorder) -> None:
    with transaction():
        message = outbox.post("nobody", {}, key=f"test:{next(_numbers)}")
        session.flush()
    assert not delivery.deliver(message.id)
    assert row(message.id).last_error == "KeyError: 'nobody'"
    with transaction():
        session.delete(session.get_one(OutboxMessage, message.id))


def test_the_failure_of_a_kind_is_recorded_with_the_message(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []

    def note(message: OutboxMessage, error: Exception) -> None:
        seen.append((message.status, str(error)))

    handler, _none, outages = delivery._handlers["test"]
    monkeypatch.setitem(delivery._handlers, "test", (handler, note, outages))
    message_id = post("a")
    recorder.failing = ConnectionError("down")
    delivery.deliver(message_id)
    recorder.failing = GiveUp("never")
    delivery.deliver(message_id)
    assert seen == [("queued", "down"), ("failed", "never")]


def test_an_outage_of_another_system_makes_no_dead_letter(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it lasts: hourly tries, and the first after its end delivers."""
    monkeypatch.setitem(delivery._handlers, "test", (recorder, None, (ConnectionError,)))
    message_id = post("a")
    recorder.failing = ConnectionError("down")
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        for _hour in range(100):
            assert not delivery.deliver(message_id)
        assert row(message_id).next_attempt_at - clock.now() == timedelta(hours=1)
    assert row(message_id).status == "queued"
    recorder.failing = None
    assert delivery.deliver(message_id)
