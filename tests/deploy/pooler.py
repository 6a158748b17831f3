"""PgBouncer in front of the tests' PostgreSQL, in transaction mode, with fewer connections than the program would open."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.fixtures.patience import until
from trial.places import free_port
from trial.postgres import Postgres
from trial.processes import start, stop, tail, unprivileged_user

# So few that every transaction of a client soon comes to another one than the last.
CONNECTIONS = 4
_SETTINGS = """
[databases]
* = host={host} port={server} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
"""


def pgbouncer() -> str | None:
    """Where the program is, or None."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@contextmanager
def pooled(postgres: Postgres, host: str = "/proc/self/cwd", server: int = 5432) -> Iterator[int]:
    """The port at which the pooler takes connections; for another server at `host` as well."""
    program, port = pgbouncer(), free_port()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="pooler-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # read by the server's user
        settings, log = folder / "pgbouncer.ini", folder / "pgbouncer.log"
        settings.write_text(
            _SETTINGS.format(port=port, connections=CONNECTIONS, host=host, server=server), encoding="ascii"
        )
        # In the server's own folder and as its own user: its socket lies there, for nobody else.
        command, user = [program, str(settings)], unprivileged_user()
        process = start(command, folder=postgres.folder, env=dict(os.environ), log=log, user=user)

        def answers() -> bool:
            assert process.poll() is None, tail(log, 20)
            with suppress(psycopg.OperationalError):
                psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
                return True
            return False

        try:
            until(answers, lambda: tail(log, 20))
            yield port
        finally:
            stop([process])
