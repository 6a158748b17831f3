"""Starts everything in order, keeps it running, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from trial.environment import keep_environment
from trial.places import LIFE_PENDING, TrialError, only_copy, private_folder
from trial.postgres import Postgres
from trial.processes import adopt_orphans, reap_orphans, start, stop, stop_descendants, tail
from trial.settings import ROOT, base_settings, register_settings, standin_settings, var_dir_from
from trial.texts import compile_catalogues
from trial.valkey import Valkey

PLATFORM = "platform"
# One process of each: RQ workers serve one queue, and one clock fires.
CREW = ("notices", "ems", "documents", "bulk", "webhooks", "clock")
# Served as in production, but stopped within the time that `stop` gives.
WEB = ("-m", "gunicorn", "-c", "deploy/gunicorn_conf.py", "--graceful-timeout", "8", "app:create_app()")
_READY_SECONDS = 240.0
_LONGEST_PAUSE = 30.0
_OLD_LOG_BYTES = 10_000_000


class Stopped(Exception):
    """Someone asked us to stop: Ctrl-C, SIGTERM, or the terminal was closed."""


@dataclass
class Part:
    """A child that is started again when it dies, each time after a longer pause."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    pause: float = 1.0
    due: float = 0.0
    once: bool = False  # it has something to do and is done then


class Trial:
    """One running copy on one folder."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.var_dir = private_folder(var_dir_from(environ))
        self.logs = private_folder(self.var_dir / "log")
        self.servers: list[Postgres | Valkey] = []
        self.parts: list[Part] = []
        self.settings: dict[str, str] = {}

    def serve(self) -> None:
        """Start, say when everything is ready, and run until told to stop; raises TrialError."""
        adopt_orphans()
        with only_copy(self.var_dir), self._stopping_everything(), contextlib.suppress(Stopped):
            self._listen_for_signals()
            self._start()
            self._say_ready()
            self._bring_to_life()
            while True:
                self._keep()
                time.sleep(0.5)

    def _start(self) -> None:
        self.settings = base_settings(self.environ, self.var_dir)
        compile_catalogues(ROOT)
        self._start_servers()
        standin = standin_settings(self.settings, self.var_dir)
        self.settings |= standin
        if standin:
            self._add("ems", [sys.executable, "-m", "trial.ems"])
        register = register_settings(self.settings, self.var_dir)
        self.settings |= register
        if register:
            self._add("register", [sys.executable, "-m", "trial.company_register"])
        self._prepare()
        self._add("web", [sys.executable, *WEB])
        self._add("workers", [sys.executable, str(ROOT / "worker.py"), *CREW])
        self._wait_until_ready()
        keep_environment(self.var_dir, self.settings)

    def _start_servers(self) -> None:
        """The embedded database and queue, where the environment names none."""
        if "DATABASE_URL" not in self.settings:
            postgres = Postgres(self.var_dir / "postgres", log=self._log("postgres"))
            self.servers.append(postgres)
            postgres.start()
            if not postgres.has_database(PLATFORM):
                postgres.create_database(PLATFORM)
            self.settings["DATABASE_URL"] = postgres.url(PLATFORM)
        if "REDIS_URL" not in self.settings:
            valkey = Valkey(self.var_dir / "valkey", log=self._log("valkey"))
            self.servers.append(valkey)
            valkey.start()
            self.settings["REDIS_URL"] = valkey.url

    def _prepare(self) -> None:
        """Bring our own database up to date, unless this very program has done so before."""
        mark = self.var_dir / "prepared"
        embedded = "DATABASE_URL" not in self.environ
        program = fingerprint(ROOT)
        if embedded and mark.exists() and mark.read_text(encoding="ascii") == program:
            return
        say("正在准备数据库，第一次约需半分钟…… Preparing the database…")
        log = self._log("prepare")
        command = [sys.executable, "-m", "trial.prepare"]
        process = start(command, folder=ROOT, env=self.settings, log=log)
        if process.wait() != 0:
            raise TrialError(f"The database could not be prepared (see {log}):\n{tail(log)}")
        if embedded:
            mark.write_text(program, encoding="ascii")

    def _bring_to_life(self) -> None:
        """The records of the last weeks are added to a first start's demonstration while people look at it."""
        if (self.var_dir / LIFE_PENDING).exists():
            say("正在补充近几周的演示记录，几分钟内完成…… Adding records of the last weeks in the background…")
            self._add("life", [sys.executable, "-m", "trial.prepare", "life"], once=True)

    def _add(self, name: str, command: list[str], *, once: bool = False) -> None:
        part = Part(name, command, once=once)
        self.parts.append(part)
        self._run(part)

    def _run(self, part: Part) -> None:
        part.since = time.monotonic()
        part.process = start(part.command, folder=ROOT, env=self.settings, log=self._log(part.name))

    def _keep(self) -> None:
        """Start again what has died."""
        for server in self.servers:
            if server.process is not None and server.process.poll() is not None:
                say(f"{type(server).__name__} ended; starting it again.")
                server.start()
        for part in list(self.parts):
            if part.once and part.process is not None and part.process.poll() == 0:
                self.parts.remove(part)
                say("演示记录已补充完毕。 The records of the last weeks are there.")
            elif part.process is None:
                if time.monotonic() >= part.due:
                    self._run(part)
            elif part.process.poll() is not None:
                lived = time.monotonic() - part.since
                part.pause = 1.0 if lived > 60 else min(part.pause * 2, _LONGEST_PAUSE)
                part.due, part.process = time.monotonic() + part.pause, None
                say(f"{part.name} ended; starting it again in {part.pause:.0f} s (see {self._log(part.name)}).")
        started = [one.process for one in (*self.servers, *self.parts)]
        reap_orphans({process.pid for process in started if process is not None})

    def _wait_until_ready(self) -> None:
        """Wait until the health check is content; a part that dies ends the waiting at once."""
        answer = "no answer"
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            for part in self.parts:
                if part.process is not None and part.process.poll() is not None:
                    raise TrialError(f"{part.name} did not start:\n{tail(self._log(part.name))}")
            with contextlib.suppress(httpx.HTTPError):
                reply = httpx.get(f"{web_address(self.settings)}/health", timeout=30)
                answer = reply.text.strip()
                if reply.status_code == 200:
                    return
            time.sleep(0.1)
        raise TrialError(f"Not ready in time; the health check says: {answer} (logs: {self.logs})")

    def _say_ready(self) -> None:
        url, ems = self.settings["PUBLIC_URL"], self.settings.get("EMS_PUBLIC_URL", self.settings["EMS_URL"])
        say(f"已就绪 Ready: {url}  ·  就业管理系统 employment system: {ems}  ·  Ctrl-C 停止 to stop")

    def _log(self, name: str) -> Path:
        """The log file of a part; one that has grown large makes room."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > _OLD_LOG_BYTES:
            path.replace(path.with_suffix(".log.old"))
        return path

    def _listen_for_signals(self) -> None:
        def leave(number: int, frame: FrameType | None) -> None:
            _ignore_signals()
            raise Stopped

        signal.signal(signal.SIGINT, leave)
        signal.signal(signal.SIGTERM, leave)
        # Under nohup it is ignored, and stays so.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, leave)

    @contextlib.contextmanager
    def _stopping_everything(self) -> Iterator[None]:
        """However the block ends: doors first, then the workers' jobs in hand, the database last."""
        try:
            yield
        finally:
            _ignore_signals()
            stop([part.process for part in self.parts if part.process is not None])
            for server in reversed(self.servers):
                server.stop()
            stop_descendants()


def _ignore_signals() -> None:
    """A second Ctrl-C must not interrupt the stopping."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def web_address(settings: Mapping[str, str]) -> str:
    """Where the web server can be reached from here."""
    host = settings.get("HOST", "127.0.0.1")
    return f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{settings['PORT']}"  # noqa: S104


def say(text: str) -> None:
    """Tell the person at the console."""
    print(text, flush=True)


def fingerprint(root: Path) -> str:
    """A number of the program's own files: tables, roles and demonstration data depend on nothing else."""
    digest = hashlib.sha256()
    names = ["config.py", "requirements.txt"]
    for folder in ("app", "migrations", "trial"):
        for where, inner, files in os.walk(root / folder):
            inner[:] = sorted(name for name in inner if name not in {"__pycache__", "static", "templates"})
            names += [os.path.join(where, name) for name in sorted(files) if not name.endswith((".pyc", ".ttf"))]
    for name in names:
        digest.update(name.encode() + b"\0" + (root / name).read_bytes())
    return digest.hexdigest()
