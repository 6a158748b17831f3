"""What happens to the parts of a running trial: each fault by name, on a random victim of its kind."""

from __future__ import annotations

import contextlib
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import httpx
import psutil
import psycopg
import redis

from tests.faults.storm import moved
from tests.fixtures.trial import Copy
from trial.supervisor import PLATFORM

# Of the employment system: what its stand-in does to the next calls, and for how long each.
_LIES = {"500": 0.0, "slow": 2.0, "lost": 0.0, "garbage": 0.0, "down": 0.0, "timeout": 12.0, "drip": 0.2}
_LONG = 4.0  # seconds for which what is no kill lasts


class Faults:
    """Everything that can go wrong with this copy."""

    def __init__(self, copy: Copy, var_dir: Path, rng: Random) -> None:
        self.copy, self.var_dir, self.rng = copy, var_dir, rng
        self.clock = var_dir.parent / "clock"
        self.kinds: dict[str, Callable[[], object]] = {
            "web worker killed": lambda: self._kill(self._children("gunicorn")),
            "work horse or queue worker killed": lambda: self._kill(self._children("worker.py", deep=True)),
            "Redis wiped": lambda: self.valkey().flushall(),
            "database backend killed": lambda: self._kill(self._backends()),
            "employment system lies": self._lie,
            "clock ahead": lambda: self._clock_moved(45 * 60),
            "web server killed": lambda: self._kill(self._part("gunicorn")),
            "database connections ended": self._end_connections,
            "disk full": self._disk_full,
            "all workers killed": lambda: self._kill(self._part("worker.py")),
            "Redis killed": lambda: self._kill(self._part("valkey-server")),
            "database stopped at once": lambda: self._kill(self._part("postgres -D"), signal.SIGQUIT),
            "employment system killed": lambda: self._kill(self._part("trial.ems")),
            "postmaster killed": lambda: self._kill(self._part("postgres -D")),
            "employment system stands still": self._stand_still,
            "clock behind": lambda: self._clock_moved(-10 * 60),
        }

    def do(self, name: str) -> None:
        """Let it happen; returns when what lasts is over."""
        self.kinds[name]()

    def sql(self, database: str = PLATFORM) -> psycopg.Connection:
        """A connection beside the program."""
        return psycopg.connect(
            host=str(self.var_dir / "postgres"), user="postgres", dbname=database, autocommit=True, connect_timeout=5
        )

    def valkey(self) -> redis.Redis:
        """A connection to the queues."""
        return redis.Redis(unix_socket_path=str(self.var_dir / "valkey" / "valkey.sock"))

    # Victims --------------------------------------------------------------------------------------------------------

    def _part(self, told: str) -> Iterator[psutil.Process]:
        found = self.copy.part(told)
        if found is not None:
            yield found

    def _children(self, told: str, *, deep: bool = False) -> Iterator[psutil.Process]:
        for parent in self._part(told):
            yield from parent.children(recursive=deep)

    def _backends(self) -> Iterator[psutil.Process]:
        return (one for one in self._children("postgres -D") if f" {PLATFORM} " in " ".join(one.cmdline()))

    def _kill(self, victims: Iterator[psutil.Process], how: int = signal.SIGKILL) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # gone by itself in between
            found = list(victims)
            if found:
                self.rng.choice(found).send_signal(how)

    # What lasts -----------------------------------------------------------------------------------------------------

    def _end_connections(self) -> None:
        with contextlib.suppress(psycopg.OperationalError), self.sql() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (PLATFORM,),
            )

    def _lie(self) -> None:
        mode = self.rng.choice(list(_LIES))
        with contextlib.suppress(httpx.HTTPError):
            address = f"http://127.0.0.1:{(self.var_dir / 'ems_port').read_text()}/_faults"
            told = {"mode": mode, "count": self.rng.randint(2, 6), "seconds": _LIES[mode]}
            httpx.put(address, json=told, timeout=5).raise_for_status()

    def _stand_still(self) -> None:
        for one in self._part("trial.ems"):
            family = [one, *one.children(recursive=True)]
            for process in family:
                process.suspend()
            time.sleep(_LONG)
            for process in family:
                process.resume()

    def _disk_full(self) -> None:
        """No process of the platform can write a byte into any file."""
        family = [one for told in ("worker.py", "gunicorn") for part in self._part(told) for one in _family(part)]
        for process in family:
            _limit(process, 0)
        time.sleep(_LONG)
        for part in (one for told in ("worker.py", "gunicorn") for one in self._part(told)):
            for process in _family(part):
                _limit(process, resource.RLIM_INFINITY)

    def _clock_moved(self, seconds: float) -> None:
        moved.move(self.clock, seconds)
        time.sleep(_LONG)
        moved.move(self.clock, 0)


def _family(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def _limit(process: psutil.Process, most: int) -> None:
    with contextlib.suppress(psutil.Error, OSError):
        process.rlimit(psutil.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
