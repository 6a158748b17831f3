"""A worker process: one queue, jobs die with it, and it leaves when told."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from flask import Flask
from rq import Queue
from rq.job import Job, JobStatus

from tests.fixtures.patience import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]
Begin = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def queue(app: Flask) -> Queue:
    """The queue "bulk"."""
    from app.workflow import queues

    return queues.queue("bulk")


def _child(worker: subprocess.Popen[bytes]) -> psutil.Process:
    """The process in which the worker runs its job, once there is one."""

    def found() -> list[psutil.Process]:
        assert worker.poll() is None, "the worker ended"
        return psutil.Process(worker.pid).children()

    return until(found, "no job was taken up")[0]


def _taken_up(job: Job) -> bool:
    return job.get_status(refresh=True) in {JobStatus.STARTED, JobStatus.FINISHED}


def test_job_does_not_outlive_its_killed_worker(queue: Queue, start_worker: Begin) -> None:
    job = queue.enqueue("time.sleep", 2 * PATIENCE)
    worker = start_worker("bulk")
    until(lambda: _taken_up(job), "no job was taken up")
    child = _child(worker)
    worker.send_signal(signal.SIGKILL)
    assert psutil.wait_procs([child], timeout=PATIENCE)[1] == []


def test_worker_told_to_stop_finishes_the_job_in_hand(queue: Queue, start_worker: Begin) -> None:
    job = queue.enqueue("time.sleep", 2)
    worker = start_worker("bulk")
    # Only then it has a job in hand: a child may also be a helper of the start, before anybody listens to signals.
    until(lambda: _taken_up(job), "no job was taken up")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert job.get_status() == JobStatus.FINISHED


def test_unknown_queue_is_refused_with_the_known_names() -> None:
    done = subprocess.run(
        [sys.executable, "worker.py", "nowhere"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "notices|ems|documents|bulk|webhooks|clock" in done.stderr
