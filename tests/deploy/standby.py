"""Debian's PostgreSQL twice: a primary, and a standby that has every commit before it is acknowledged."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from tests.fixtures.patience import until
from trial.places import free_port
from trial.processes import identity, start, stop, tail, unprivileged_user

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name))
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def binaries() -> Path | None:
    """The folder of the newest server that is installed and can be replicated, or None."""
    return next((place for place in reversed(_PLACES) if (place / "pg_basebackup").exists()), None)


class Server:
    """One of the two, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder.with_suffix(".log")
        self.user = unprivileged_user()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, program: str, *words: str) -> None:
        """One of PostgreSQL's programs, as the server's user."""
        place = binaries()
        assert place is not None
        done = subprocess.run(
            [str(place / program), *words],
            cwd=self.folder.parent,
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            **identity(self.user),
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        place = binaries()
        assert place is not None
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        words = [text for name, value in options.items() for text in ("-c", f"{name}={value}")]
        command = [str(place / "postgres"), "-D", str(self.folder), *words]
        self.process = start(
            command, folder=self.folder, env=_ENVIRONMENT, log=self.log, user=self.user, dies_by=signal.SIGINT
        )
        until(self._answers, lambda: tail(self.log, 20))

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            self.connect().close()
            return True
        return False

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection that commits by itself."""
        address = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def url(self, database: str) -> str:
        """The address of a database of this server, as the settings want it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def tell(self, sign: int) -> None:
        """A signal to all of its processes, e.g. to stand still."""
        assert self.process is not None
        everybody = psutil.Process(self.process.pid)
        for one in (everybody, *everybody.children()):
            one.send_signal(sign)

    def kill(self) -> None:
        """As the power goes."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextmanager
def replicated(*, each_commit: bool = True) -> Iterator[tuple[Server, Server]]:
    """A primary and its standby, `each_commit` on both before it is acknowledged; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="standby-"))
    primary, standby = Server(folder / "primary"), Server(folder / "standby")
    if primary.user is not None:
        shutil.chown(folder, primary.user.pw_uid, primary.user.pw_gid)
    try:
        primary.run("initdb", "-D", str(primary.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        primary.start()
        address = f"host=127.0.0.1 port={primary.port} user=postgres"
        standby.run("pg_basebackup", "-D", str(standby.folder), "-R", "-d", address)
        standby.start()
        with primary.connect() as connection:
            if each_commit:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")
            wanted, state = "sync" if each_commit else "async", "SELECT sync_state FROM pg_stat_replication"
            until(lambda: connection.execute(state).fetchall() == [(wanted,)], "the standby does not follow")
        yield primary, standby
    finally:
        stop([one.process for one in (standby, primary) if one.process is not None], signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)
