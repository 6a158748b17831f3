"""The primary goes and its standby takes over: the platform goes on by itself, with everything that was acknowledged."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.people import prepared
from tests.deploy.standby import Server, binaries, replicated
from tests.faults.storm.crowd import Crowd, book_and_history, open_messages, reports
from tests.faults.storm.proof import proven
from tests.fixtures.database import Servers
from tests.fixtures.patience import until
from tests.fixtures.trial import running
from trial.supervisor import PLATFORM

OPERATIONS, THREADS = 60, 4
pytestmark = pytest.mark.slow


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary and its standby; without the programs the test is skipped."""
    if not os.environ.get("SERVERS"):
        pytest.skip("takes a minute: `make servers` runs it")
    if binaries() is None:
        pytest.skip("no PostgreSQL of the system found (apt-get install postgresql; `make servers` does)")
    with replicated() as both:
        yield both


def test_the_standby_takes_over_while_people_work(
    pair: tuple[Server, Server], servers: Servers, environment: dict[str, str], tmp_path: Path
) -> None:
    primary, standby = pair
    with primary.connect() as connection:
        connection.execute(f"CREATE DATABASE {PLATFORM} TEMPLATE template0")  # type: ignore[arg-type]
    both = f"host=127.0.0.1,127.0.0.1&port={primary.port},{standby.port}&target_session_attrs=read-write"
    var_dir = tmp_path / "var"
    var_dir.mkdir()
    settings = {
        "APP_ENV": "trial",
        "DATABASE_URL": f"postgresql://postgres@/{PLATFORM}?{both}&connect_timeout=5",
        "REDIS_URL": servers.valkey.url,
        "VAR_DIR": str(var_dir),
        "SECRET_KEY": environment["SECRET_KEY"],
        "DATA_KEY": environment["DATA_KEY"],
        "WEB_WORKERS": "2",
    }
    people = prepared(settings, OPERATIONS // 5 + 2 * THREADS)
    with running(var_dir, **settings) as copy:
        copy.wait()
        crowd = Crowd(copy.url, people, OPERATIONS, threads=THREADS, seed=7)
        outage = 0.0

        def take_over() -> None:
            nonlocal outage
            until(lambda: crowd.book.operations >= OPERATIONS // 3 or not crowd.works)
            begun = time.monotonic()
            primary.kill()
            with standby.connect() as connection:
                connection.execute("SELECT pg_promote()")
            before = crowd.book.operations
            until(lambda: crowd.book.operations > before or not crowd.works)
            outage = time.monotonic() - begun

        crowd.work(take_over)
        with standby.connect(PLATFORM) as connection:
            until(lambda: not open_messages(connection), lambda: str(open_messages(connection)), pause=0.5)
            wrong = [*crowd.book.complaints, *book_and_history(connection, crowd.book), *proven(copy)]
        with standby.connect(f"{PLATFORM}_ems") as connection:
            wrong += reports(connection, crowd.lives)
        print(f"\n{crowd.book.operations} operations; {outage:.1f} s until the next one: {dict(crowd.book.seen)}")
        assert wrong == []
        assert crowd.book.operations >= OPERATIONS
