"""The clock: fires what is due, never twice, never with pickle, and does not pile up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from app.schedule import CLOCK_KEY, SCHEDULE
from trial.valkey import Valkey
from worker import Clock, QueueWorker


@pytest.fixture
def redis(valkey: Valkey) -> Iterator[Redis]:
    """An empty Valkey."""
    with valkey.connect() as client:
        client.flushall()
        yield client


def _waiting(redis: Redis) -> list[str]:
    """The jobs that wait on the queues."""
    names = {entry.queue for entry in SCHEDULE}
    jobs = [job for name in names for job in Queue(name, connection=redis, serializer=JSONSerializer).jobs]
    return sorted(job.func_name for job in jobs)


EACH_ONCE = sorted(entry.job for entry in SCHEDULE)


def test_every_scheduled_job_exists_and_has_its_queue() -> None:
    from importlib import import_module

    from app.workflow.queues import QUEUES

    for entry in SCHEDULE:
        module, _, name = entry.job.rpartition(".")
        assert callable(getattr(import_module(module), name))
        assert entry.queue in QUEUES


def test_first_tick_enqueues_each_job_as_json(redis: Redis) -> None:
    Clock(redis).enqueue_jobs()
    assert _waiting(redis) == EACH_ONCE


def test_of_two_clocks_only_one_fires(redis: Redis) -> None:
    first, second = Clock(redis), Clock(redis)
    assert len(first.enqueue_jobs()) == len(SCHEDULE)
    assert second.enqueue_jobs() == []
    assert _waiting(redis) == EACH_ONCE


def test_second_clock_takes_over_when_the_first_has_gone(redis: Redis) -> None:
    first, second = Clock(redis), Clock(redis)
    first.register_birth()
    first.enqueue_jobs()
    first.register_death()
    assert len(second.enqueue_jobs()) == len(SCHEDULE)
    assert redis.get(CLOCK_KEY) == second.name.encode()


def test_job_that_still_waits_is_not_enqueued_again(redis: Redis) -> None:
    clock = Clock(redis)
    clock.enqueue_jobs()
    for job in clock.get_jobs():
        job.latest_enqueue_time = None
    clock.enqueue_jobs()
    assert _waiting(redis) == EACH_ONCE


def test_job_that_was_done_is_enqueued_again(redis: Redis) -> None:
    clock = Clock(redis)
    clock.enqueue_jobs()
    for entry in SCHEDULE:
        Queue(entry.queue, connection=redis, serializer=JSONSerializer).empty()
    for job in clock.get_jobs():
        job.latest_enqueue_time = None
    clock.enqueue_jobs()
    assert _waiting(redis) == EACH_ONCE


def test_job_that_was_taken_by_a_worker_which_died_before_it_began_is_enqueued_again(redis: Redis) -> None:
    """RQ calls it queued still, and only a worker that cleans up, after a minute or fifteen, finds it elsewhere."""
    clock = Clock(redis)
    clock.enqueue_jobs()
    for name in {entry.queue for entry in SCHEDULE}:
        queue = Queue(name, connection=redis, serializer=JSONSerializer)
        while redis.lmove(queue.key, queue.intermediate_queue_key):
            pass
    assert _waiting(redis) == []
    for job in clock.get_jobs():
        job.latest_enqueue_time = None
    clock.enqueue_jobs()
    assert _waiting(redis) == EACH_ONCE


def test_whoever_dies_while_cleaning_up_keeps_others_from_it_for_a_minute_only(redis: Redis, app: Flask) -> None:
    worker = QueueWorker(app, "notices")
    queue = worker.queues[0]
    assert queue.acquire_maintenance_lock()
    assert redis.ttl(queue.registry_cleaning_key) > 800, "as RQ has it"
    worker.clean_registries()
    assert 50 < redis.ttl(queue.registry_cleaning_key) <= 60
    redis.expire(queue.registry_cleaning_key, 10)
    worker.clean_registries()
    assert redis.ttl(queue.registry_cleaning_key) <= 10, "and the minute ends"


def test_clock_wakes_often_enough_to_keep_its_key(redis: Redis) -> None:
    clock = Clock(redis)
    clock.enqueue_jobs()
    assert clock.calculate_sleep_interval() <= 5
    assert 0 < redis.pttl(CLOCK_KEY) <= 15_000
