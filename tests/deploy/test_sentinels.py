"""Redis is lost twice while people work, and each time its replica takes over: everybody goes on, nothing is forgotten."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from app.base.redisaddress import link_to, sentinels_of
from tests.deploy.people import prepared
from tests.deploy.sentinels import Watched, watched
from tests.faults.storm.crowd import Crowd, book_and_history, open_messages, reports
from tests.faults.storm.proof import proven
from tests.fixtures.database import Servers
from tests.fixtures.patience import until
from tests.fixtures.trial import running
from trial.supervisor import PLATFORM

OPERATIONS, THREADS = 90, 4
pytestmark = pytest.mark.slow


@pytest.fixture
def every() -> Iterator[Watched]:
    """The servers and who watches them."""
    if not os.environ.get("SERVERS"):
        pytest.skip("takes a minute: `make servers` runs it")
    with watched() as all_of_them:
        yield all_of_them


def test_a_client_follows_the_master(every: Watched) -> None:
    client = link_to(every.url)
    client.set("kept", "1")
    first = every.master()
    until(lambda: all(one.connect().get("kept") == "1" for one in every.servers), "the replica does not follow")
    assert sorted(sentinels_of(client).values()) == [False, True, True, True]
    first.kill()

    def writes() -> bool:
        with suppress(RedisConnectionError):
            return bool(client.set("kept", "2"))
        return False

    until(writes, "nobody took over", pause=0.2)
    assert every.master() is not first
    assert every.master().connect().get("kept") == "2"


def test_the_replica_takes_over_while_people_work(
    every: Watched, servers: Servers, environment: dict[str, str], tmp_path: Path
) -> None:
    servers.postgres.create_database(PLATFORM)
    var_dir = tmp_path / "var"
    var_dir.mkdir()
    settings = {
        "APP_ENV": "trial",
        "DATABASE_URL": servers.postgres.url(PLATFORM),
        "REDIS_URL": every.url,
        "VAR_DIR": str(var_dir),
        "SECRET_KEY": environment["SECRET_KEY"],
        "DATA_KEY": environment["DATA_KEY"],
        "WEB_WORKERS": "2",
    }
    people = prepared(settings, OPERATIONS // 5 + 2 * THREADS)
    with running(var_dir, **settings) as copy:
        copy.wait()
        crowd = Crowd(copy.url, people, OPERATIONS, threads=THREADS, seed=11)
        outages = []

        def take_over() -> None:
            for share in (3, 1.5):
                until(lambda share=share: crowd.book.operations >= OPERATIONS / share or not crowd.works)
                until(every.settled, "the one that was killed does not follow", pause=0.2)
                lost, begun = every.master(), time.monotonic()
                lost.kill()
                until(lambda lost=lost: every.master() is not lost and every.master().role == "master", pause=0.1)
                until(lambda: copy.health().json()["checks"]["redis"] == "ok", pause=0.1)
                outages.append(time.monotonic() - begun)
                lost.start()

        crowd.work(take_over)
        until(lambda: copy.health().status_code == 200, lambda: copy.health().text, pause=0.5)
        with servers.postgres.connect(PLATFORM) as connection:
            until(lambda: not open_messages(connection), lambda: str(open_messages(connection)), pause=0.5)
            wrong = [*crowd.book.complaints, *book_and_history(connection, crowd.book), *proven(copy)]
        with servers.postgres.connect(f"{PLATFORM}_ems") as connection:
            wrong += reports(connection, crowd.lives)
        seen = dict(crowd.book.seen)
        print(f"\n{crowd.book.operations} operations; new master after {outages} s: {seen}")
        assert wrong == []
        assert crowd.book.operations >= OPERATIONS
        assert len(outages) == 2
        assert "starting it again" not in copy.output
