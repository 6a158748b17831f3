"""RQ workers and the clock: `python worker.py notices`, `python worker.py clock`, or several names at once.

A process serves one queue: with several, RQ would pop jobs in a way that loses them in a crash. Given several
names this loads the program once and forks one process for each, which saves start time and memory.
"""

from __future__ import annotations

import gc
import logging
import logging.config
import os
import signal
import sys
import time
from types import FrameType
from typing import Any, NoReturn

from flask import Flask
from redis import Redis
from rq import Queue, Worker
from rq.cron import CronJob, CronScheduler
from rq.job import Job
from rq.serializers import JSONSerializer

from app import create_app
from app.base import logs, reports
from app.base.database import db
from app.base.processes import die_with_parent
from app.schedule import CLOCK_KEY, CLOCK_SECONDS, SCHEDULE, Entry
from app.workflow import queues

CLOCK = "clock"
LOG_LEVEL = os.environ.get("LOG_LEVEL") or "WARNING"
_LONGEST_PAUSE = 30.0
_CLEANING = 60  # seconds that cleaning up after dead workers takes at most
_LEAD = """
if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('pexpire', KEYS[1], ARGV[2])
return 1
"""
log = logging.getLogger("worker")


class QueueWorker(Worker):
    """An RQ worker whose jobs run inside the application and die with it."""

    def __init__(self, app: Flask, queue: str) -> None:
        self.app = app
        super().__init__(
            [queue],
            connection=queues.redis(),
            serializer=JSONSerializer,
            # A job whose worker was killed comes back after about a minute; the outbox sweeper is faster.
            worker_ttl=25,
            maintenance_interval=5,
            job_monitoring_interval=5,
        )

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Report, and where Redis was wiped since the start enter the lists anew: RQ itself does so at birth alone."""
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.delete(self.key)
            self.register_birth()
        super().heartbeat(timeout, pipeline)

    def clean_registries(self) -> None:
        """RQ's, where a worker that dies meanwhile keeps the others from it for a quarter of an hour."""
        for queue in self.queues:
            if self.connection.ttl(queue.registry_cleaning_key) > _CLEANING:
                self.connection.expire(queue.registry_cleaning_key, _CLEANING)
        super().clean_registries()

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run in the forked process: never outlive the worker, which others may take for dead."""
        die_with_parent(signal.SIGKILL)
        if os.getppid() != self.pid:
            os._exit(1)
        super().main_work_horse(job, queue)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Fork without an open database connection: two processes must not share one."""
        with self.app.app_context():
            db.engine.dispose()
        super().execute_job(job, queue)

    def perform_job(self, job: Job, queue: Queue, *args: Any, **kwargs: Any) -> bool:
        """Give each job an application context, hence a database session, of its own, and the number of its request."""
        with self.app.app_context(), logs.belonging_to(job.meta.get("request") or job.id):
            try:
                return super().perform_job(job, queue, *args, **kwargs)
            finally:
                reports.send_what_waits()


class ScheduledJob(CronJob):
    """A row of the schedule; RQ's own class would enqueue with pickle."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.queue, func_name=entry.job, interval=entry.every, result_ttl=0, ttl=600)
        self.entry = entry
        self.last: Job | None = None

    def enqueue(self, connection: Redis) -> Job:
        """Put the job on its queue unless the last one still waits there: a slow queue must not pile up."""
        queue = Queue(self.queue_name, connection=connection, serializer=JSONSerializer)
        if self.last is not None and self._still_waits(self.last, queue):
            return self.last
        self.last = queue.enqueue(self.func_name, job_timeout=self.entry.timeout, failure_ttl=3600, **self.job_options)
        return self.last

    @staticmethod
    def _still_waits(job: Job, queue: Queue) -> bool:
        """Whether it is on its queue: one whose worker died before it began is called queued for a quarter of an hour."""
        return queue.connection.lpos(queue.key, job.id) is not None


class Clock(CronScheduler):
    """RQ's cron over the schedule; of several clocks only the one that holds the key fires."""

    def __init__(self, connection: Redis) -> None:
        super().__init__(connection)
        self._cron_jobs = [ScheduledJob(entry) for entry in SCHEDULE]
        self._lead = connection.register_script(_LEAD)

    def enqueue_jobs(self) -> list[CronJob]:
        """Enqueue what is due, if this is the clock that fires."""
        if not self._lead(keys=[CLOCK_KEY], args=[self.name, CLOCK_SECONDS * 1000]):
            return []
        return super().enqueue_jobs()

    def calculate_sleep_interval(self) -> float:
        """Wake often enough to keep the key, and to take it over when its holder has died."""
        return min(super().calculate_sleep_interval(), CLOCK_SECONDS / 3)

    def register_death(self, pipeline: Any = None) -> None:
        """Hand the key over at once when stopped in order."""
        if self.connection.get(CLOCK_KEY) == self.name.encode():
            self.connection.delete(CLOCK_KEY)
        super().register_death(pipeline)


def run(name: str, app: Flask) -> None:
    """Serve one queue, or be the clock, until told to stop."""
    if name == CLOCK:
        Clock(queues.redis()).start()
    else:
        QueueWorker(app, name).work(logging_level=LOG_LEVEL)


class Fleet:
    """One forked process for each name, started again when it dies.

    RQ's own WorkerPool does not do: its workers all serve the same queues, live on when the pool is killed, bring a
    scheduler each, and one that dies at once is started again without a pause.
    """

    def __init__(self, app: Flask, names: list[str]) -> None:
        self.app = app
        self.names = names
        self.running: dict[int, tuple[str, float]] = {}
        self.due = dict.fromkeys(names, 0.0)
        self.pause = dict.fromkeys(names, 1.0)
        self.stopping = False

    def serve(self) -> None:
        """Keep all of them running until SIGTERM or SIGINT; then wait for their jobs in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        gc.freeze()
        while not self.stopping:
            self._start_due()
            self._collect()
            time.sleep(0.2)
        for pid in self.running:
            os.kill(pid, signal.SIGTERM)
        while self.running:
            self._collect()
            time.sleep(0.05)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start_due(self) -> None:
        alive = {name for name, _ in self.running.values()}
        for name in self.names:
            if name in alive or self.due[name] > time.monotonic():
                continue
            parent = os.getpid()
            pid = os.fork()
            if pid == 0:
                self._be(name, parent)
            self.running[pid] = (name, time.monotonic())

    def _be(self, name: str, parent: int) -> NoReturn:
        """The life of a forked process."""
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            die_with_parent(signal.SIGTERM)
            if os.getppid() == parent:
                run(name, self.app)
                code = 0
        except BaseException:
            log.exception("%s ended", name)
        finally:
            os._exit(code)

    def _collect(self) -> None:
        """Take note of ended processes; one that dies at once waits longer each time."""
        while self.running:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            name, since = self.running.pop(pid, ("", 0.0))
            if not name or self.stopping:
                continue
            lived = time.monotonic() - since
            self.pause[name] = 1.0 if lived > 60 else min(self.pause[name] * 2, _LONGEST_PAUSE)
            self.due[name] = time.monotonic() + self.pause[name]
            log.warning("%s ended after %.0f s; starting it again in %.0f s", name, lived, self.pause[name])


def main(names: list[str]) -> int:
    """Serve the named queues; returns the exit code."""
    known = (*queues.QUEUES, CLOCK)
    if not names or set(names) - set(known):
        print(f"usage: python worker.py {'|'.join(known)} …", file=sys.stderr)  # noqa: T201
        return 2
    return serve(names, create_app())


def serve(names: list[str], app: Flask) -> int:
    """Serve the named queues with this program until told to stop; returns the exit code."""
    logging.config.dictConfig(logs.configuration(os.environ))
    with app.app_context():
        db.engine.dispose()
    if len(names) == 1:
        run(names[0], app)
    else:
        Fleet(app, names).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
