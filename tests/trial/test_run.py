"""`python run.py` from an empty folder to the last process, as a newcomer meets it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.fixtures.patience import PATIENCE, until
from trial.places import free_port
from trial.postgres import Postgres
from trial.supervisor import Trial
from trial.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
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


class Copy:
    """One running `python run.py`."""

    def __init__(self, var_dir: Path, **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = var_dir.with_name(f"{var_dir.name}-{port}.out")
        own = {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}
        env = {**own, "VAR_DIR": str(var_dir), "PORT": str(port), **settings}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "run.py"], cwd=ROOT, env=env, stdout=out, stderr=out)
        self.work = 0.0

    def wait(self) -> None:
        """Wait until it says that it is ready."""

        def ready() -> bool:
            assert self.process.poll() is None, self.output
            return "Ready" in self.output

        until(ready, lambda: self.output)
        self.work = self._work()

    def _work(self) -> float:
        """Seconds of processor time that it took so far, which no other program on the machine can lengthen much."""
        own = psutil.Process(self.process.pid)
        total = 0.0
        for process in (own, *own.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):  # those of single jobs come and go
                total += sum(process.cpu_times()[:4])
        return total

    @property
    def output(self) -> str:
        """What it has printed."""
        return self.log.read_text(encoding="utf-8")

    def parts(self) -> dict[str, psutil.Process]:
        """Its own children by name; those that come and go belong to the workers."""
        return {process.name(): process for process in psutil.Process(self.process.pid).children()}

    def health(self) -> httpx.Response:
        """The answer of the health check."""
        return httpx.get(f"{self.url}/health", timeout=PATIENCE)

    def end(self, how: int) -> list[psutil.Process]:
        """Send the signal and return the processes that never end."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        self.process.wait(PATIENCE)
        return psutil.wait_procs(family, timeout=PATIENCE)[1]


_OF_THE_TESTS = {
    "DATABASE_URL",
    "REDIS_URL",
    "EMS_URL",
    "EMS_PUBLIC_URL",
    "EMS_TOKEN",
    "SECRET_KEY",
    "DATA_KEY",
    "APP_ENV",
}


@contextmanager
def running(var_dir: Path, **settings: str) -> Iterator[Copy]:
    """A copy that does not outlive the block."""
    copy = Copy(var_dir, **settings)
    try:
        yield copy
    finally:
        if copy.process.poll() is None:
            copy.process.kill()
            copy.process.wait()


def test_trial_starts_heals_stops_and_starts_again(tmp_path: Path) -> None:
    with running(tmp_path / "var") as copy:
        copy.wait()
        told = copy.health().json()
        assert told.pop("seal_days_left") > 3000  # its own seal, new
        assert told == {"status": "ok", "checks": dict.fromkeys(PARTS, "ok")}
        assert "Preparing the database" in copy.output
        assert copy.work < 60, copy.work
        postgres = copy.parts()["postgres"]
        worker = _worker_process(copy)
        worker.kill()
        until(lambda: worker.pid != _worker_process(copy).pid)
        assert copy.end(signal.SIGTERM) == []
        assert copy.process.returncode == 0
        assert not postgres.is_running()
    with running(tmp_path / "var") as again:
        again.wait()
        # What makes the second start ten times as quick as the first; on an idle machine it takes ten seconds.
        assert "Preparing the database" not in again.output
        assert again.work < 20, again.work
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
    fleet = next(
        child for child in psutil.Process(copy.process.pid).children() if "worker.py" in " ".join(child.cmdline())
    )
    return min(fleet.children(), key=lambda process: process.create_time(), default=fleet)
