"""The platform behind PgBouncer in transaction mode: nothing in it needs a connection for longer than a transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import settings_from
from tests.deploy.pooler import pgbouncer, pooled
from tests.faults.storm.crowd import Crowd, book_and_history, open_messages, reports
from tests.faults.storm.place import settle
from tests.faults.storm.proof import proven
from tests.fixtures.application import EMS
from tests.fixtures.database import TEST, Servers
from tests.fixtures.patience import until
from tests.fixtures.standin import Standin
from tests.fixtures.trial import running

OPERATIONS, THREADS = 40, 6
_KEPT = ("SECRET_KEY", "DATA_KEY", "EMS_TOKEN", "EMS_URL", "EMS_PUBLIC_URL", "REDIS_URL")


@pytest.fixture
def pooler(servers: Servers) -> Iterator[int]:
    """The port of a PgBouncer before the tests' server; without the program the test is skipped."""
    if not os.environ.get("SERVERS"):
        pytest.skip("takes a minute: `make servers` runs it")
    if pgbouncer() is None:
        pytest.skip("no pgbouncer found (apt-get install pgbouncer; `make servers` does)")
    with pooled(servers.postgres) as port:
        yield port


@pytest.mark.slow
def test_people_work_through_a_pooler(
    app: Flask, servers: Servers, environment: dict[str, str], ems: Standin, pooler: int, tmp_path: Path
) -> None:
    people = settle(app, OPERATIONS // 5 + 2 * THREADS)
    settings = {
        **{name: environment[name] for name in _KEPT},
        "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{pooler}/{TEST}",
        "DATABASE_DIRECT_URL": servers.postgres.url(TEST),
        "WEB_WORKERS": "2",
        "UNDO_SECONDS": "0",
    }
    with running(tmp_path / "var", **settings) as copy:
        copy.wait()
        crowd = Crowd(copy.url, people, OPERATIONS, threads=THREADS, seed=7)
        crowd.work()
        with servers.postgres.connect(TEST) as connection:
            until(lambda: not open_messages(connection), lambda: str(open_messages(connection)))
            used = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND client_addr IS NULL AND pid <> pg_backend_pid()"
            row = connection.execute(used, (TEST,)).fetchone()
            wrong = [*crowd.book.complaints, *book_and_history(connection, crowd.book), *proven(copy)]
        with servers.postgres.connect(EMS) as connection:
            wrong += reports(connection, crowd.lives)
        print(f"\n{crowd.book.operations} operations over {row} connections: {dict(crowd.book.seen)}")
        assert wrong == []
        assert crowd.book.operations >= OPERATIONS


def test_behind_a_pooler_no_statement_is_prepared_and_dumps_go_past_it() -> None:
    given = {**os.environ, "APP_ENV": "test", "DATABASE_URL": "postgresql://pooler/x"}
    from config import flask_config

    plain, behind = (
        settings_from({**given, **more}) for more in ({}, {"DATABASE_DIRECT_URL": "postgresql://server/x"})
    )
    assert "connect_args" not in flask_config(plain)["SQLALCHEMY_ENGINE_OPTIONS"]
    assert flask_config(behind)["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"] == {"prepare_threshold": None}
    assert plain.direct_psycopg_url == "postgresql://pooler/x"
    assert behind.direct_psycopg_url == "postgresql://server/x"
