"""The stand-in of the employment system as its own process, for tests that need it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from trial import processes
from trial.places import free_port

ROOT = Path(__file__).resolve().parents[2]


class Standin:
    """A running stand-in; `http` speaks to it as the platform would."""

    def __init__(self, database_url: str, folder: Path, token: str, **extra: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = token
        self.log = folder / f"ems-{self.port}.log"
        self.environment = {
            **os.environ,
            "EMS_STANDIN_DATABASE_URL": database_url,
            "EMS_STANDIN_PORT": str(self.port),
            "EMS_STANDIN_FAULTS": "1",
            "EMS_TOKEN": token,
            **extra,
        }
        self.process: Any = None
        self.http = httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=10
        )

    def start(self) -> None:
        """Start the process and wait until it is healthy."""
        command = [sys.executable, "-m", "trial.ems"]
        self.process = processes.start(command, folder=ROOT, env=self.environment, log=self.log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError(f"the stand-in did not start:\n{processes.tail(self.log, 20)}")

    def stop(self) -> None:
        """Stop the process; its data stay."""
        if self.process is not None:
            processes.stop([self.process])
            self.process = None

    def fault(self, mode: str, count: int | None = None, seconds: float | None = None) -> None:
        """Put a fault in force for the next `count` calls."""
        told = {"mode": mode, "count": count, "seconds": seconds}
        httpx.put(f"{self.url}/_faults", json=told).raise_for_status()

    def calls(self) -> int:
        """How many calls of the interface arrived since the fault was last set."""
        return int(httpx.get(f"{self.url}/_faults").json()["seen"])


@contextmanager
def running(standin: Standin) -> Iterator[Standin]:
    """Start it, and stop it however the block ends."""
    try:
        standin.start()
        yield standin
    finally:
        standin.stop()
        standin.http.close()
