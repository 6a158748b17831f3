"""`python run.py` from an empty folder to the last process, as a newcomer meets it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.trial import ROOT, Copy, running
from trial.postgres import Postgres
from trial.supervisor import Trial
from trial.valkey import Valkey

PARTS = {
    "database",
    "redis",
    "worker_notices",
    "worker_ems",
    "worker_documents",
    "worker_bulk",
    "worker_webhooks",
    "clock",
    "ems",
}
pytestmark = pytest.mark.slow


def test_trial_starts_heals_stops_and_starts_again(tmp_path: Path) -> None:
    with running(tmp_path / "var") as copy:
        copy.wait()
        told = copy.health().json()
        assert told.pop("seal_days_left") > 3000  # its own seal, new
        assert told == {"status": "ok", "checks": dict.fromkeys(PARTS, "ok")}
        assert "Preparing the database" in copy.output
        postgres = copy.parts()["postgres"]
        worker = _worker_process(copy)
        worker.kill()
        until(lambda: worker.pid != _worker_process(copy).pid)
        assert copy.end(signal.SIGTERM) == []
        assert copy.process.returncode == 0
        assert not postgres.is_running()
    with running(tmp_path / "var") as again:
        again.wait()
        assert "Preparing the database" not in again.output
        assert again.work < copy.work * 0.8, (again.work, copy.work)
        assert again.end(signal.SIGKILL) == []


def test_copies_run_side_by_side_also_on_given_servers_but_never_on_one_folder(
    tmp_path: Path, postgres: Postgres, valkey: Valkey
) -> None:
    postgres.create_database("outside")
    given = {"DATABASE_URL": postgres.url("outside"), "REDIS_URL": valkey.url}
    with running(tmp_path / "one") as one, running(tmp_path / "two", **given) as two:
        one.wait()
        two.wait()
        assert one.health().status_code == two.health().status_code == 200
        assert set(one.parts()) >= {"postgres", "valkey-server"}
        assert not set(two.parts()) & {"postgres", "valkey-server"}
        assert postgres.has_database("outside_ems")
        with running(tmp_path / "one") as third:
            assert third.process.wait(PATIENCE) == 1
        assert "Another copy is already running" in third.output
        assert one.end(signal.SIGINT) == two.end(signal.SIGINT) == []
    postgres.drop_database("outside")
    postgres.drop_database("outside_ems")


def test_adopted_processes_that_have_ended_are_taken_note_of_and_own_ones_left_alone() -> None:
    program = """
import os, subprocess, sys, time
from trial.processes import adopt_orphans, reap_orphans
adopt_orphans()
orphan = int(subprocess.check_output(["sh", "-c", "sleep 0.2 >/dev/null & echo $!"]))
own = subprocess.Popen(["sh", "-c", "sleep 0.4; exit 7"])
until = time.monotonic() + 60
while os.path.exists(f"/proc/{orphan}") and time.monotonic() < until:
    time.sleep(0.05)
    reap_orphans({own.pid})
time.sleep(0.5)
reap_orphans({own.pid})
sys.exit(own.wait() if not os.path.exists(f"/proc/{orphan}") else 1)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert done.returncode == 7


def test_part_that_dies_is_started_again_each_time_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = Trial({"VAR_DIR": str(tmp_path)})
    trial.settings = {"PATH": os.environ["PATH"]}
    trial._add("part", ["false"])
    part = trial.parts[0]
    pauses = []
    for _ in range(7):
        if part.process is None:
            part.due = 0
            trial._keep()
        assert part.process is not None
        part.process.wait()
        trial._keep()
        pauses.append(part.pause)
    assert pauses == [2, 4, 8, 16, 30, 30, 30]
    assert "part ended; starting it again in 2 s" in capsys.readouterr().out


def _worker_process(copy: Copy) -> psutil.Process:
    """The forked process of one queue: a child of the fleet, which is a child of run.py."""
    fleet = copy.part("worker.py")
    assert fleet is not None
    return min(fleet.children(), key=lambda process: process.create_time(), default=fleet)
