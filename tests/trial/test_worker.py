"""A worker process: one queue, jobs die with it, and it leaves when told."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from flask import Flask
from rq import Queue

ROOT = Path(__file__).resolve().parents[2]
Begin = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def queue(app: Flask) -> Queue:
    """The queue "bulk"."""
    from app.workflow import queues

    return queues.queue("bulk")


def _child(worker: subprocess.Popen[bytes]) -> psutil.Process:
    """The process in which the worker runs its job, once there is one."""
    for _ in range(600):
        children = psutil.Process(worker.pid).children()
        if children:
            return children[0]
        time.sleep(0.05)
    raise AssertionError("no job was taken up")


def test_job_does_not_outlive_its_killed_worker(queue: Queue, start_worker: Begin) -> None:
    queue.enqueue("time.sleep", 60)
    worker = start_worker("bulk")
    job = _child(worker)
    worker.send_signal(signal.SIGKILL)
    assert psutil.wait_procs([job], timeout=5)[1] == []


def test_worker_told_to_stop_finishes_the_job_in_hand(queue: Queue, start_worker: Begin) -> None:
    job = queue.enqueue("time.sleep", 2)
    worker = start_worker("bulk")
    _child(worker)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert job.get_status() == "finished"


def test_unknown_queue_is_refused_with_the_known_names() -> None:
    done = subprocess.run(
        [sys.executable, "worker.py", "nowhere"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "notices|ems|documents|bulk|clock" in done.stderr
