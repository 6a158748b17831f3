"""People at work while everything around them is killed, wiped, slowed and lied to: nothing is lost, nothing comes twice.

Short here; `make storm N=1000` (STORM, SEED) for a long one, with every kind of fault again and again.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from random import Random

import psutil
import pytest
from flask import Flask

from tests.faults.storm import moved
from tests.faults.storm.crowd import Crowd, book_and_history, open_messages, reports
from tests.faults.storm.faults import Faults
from tests.faults.storm.place import Person, prepared, settle
from tests.faults.storm.proof import proven
from tests.fixtures.database import Servers
from tests.fixtures.patience import until
from tests.fixtures.standin import Standin
from tests.fixtures.trial import Copy, running
from trial.supervisor import PLATFORM

SHORT = 40
OPERATIONS = int(os.environ.get("STORM") or SHORT)
SEED = int(os.environ.get("SEED") or 2027)
LONG = OPERATIONS > SHORT
THREADS = 8 if LONG else 4
_OPERATIONS_A_LIFE = 5  # at the least
_LATER = 3 * 3600  # seconds; whatever waits for another try is due then
_KEPT = ("SECRET_KEY", "DATA_KEY", "EMS_TOKEN")
pytestmark = pytest.mark.slow


@pytest.fixture
def people(app: Flask, standin_service: Standin) -> list[Person]:
    """More than enough for the operations."""
    standin_service.stop()
    made = settle(app, OPERATIONS // _OPERATIONS_A_LIFE + 2 * THREADS)
    with app.app_context():
        from app.base.database import db

        db.engine.dispose()
    return made


@pytest.fixture
def copy(people: list[Person], servers: Servers, environment: dict[str, str]) -> Iterator[tuple[Copy, Faults]]:
    """A running trial for these people, and what can befall it."""
    with prepared(servers) as var_dir:
        settings = {
            **{name: environment[name] for name in _KEPT},
            "WEB_WORKERS": "2",
            "EMS_STANDIN_FAULTS": "1",
            "EXTENSIONS": "trial.extension tests.faults.storm.moved",
            moved.NAME: str(var_dir.parent / "clock"),
        }
        with running(var_dir, **settings) as copy:
            copy.wait()
            yield copy, Faults(copy, var_dir, Random(SEED))


def test_a_storm_loses_nothing_and_doubles_nothing(copy: tuple[Copy, Faults], people: list[Person]) -> None:
    running, faults = copy
    begun, cpu = time.monotonic(), running.cpu()
    crowd = Crowd(running.url, people, OPERATIONS, threads=THREADS, seed=SEED)
    _weather(crowd, faults)
    stormed = time.monotonic() - begun
    _settle(running, faults)
    settled = time.monotonic() - begun - stormed
    wrong = list(_wrong(running, faults, crowd))
    zombies = _zombies(running)
    cpu = running.cpu() - cpu  # of those who are still there; killed ones have taken theirs with them
    left = running.end(signal.SIGTERM)
    print(
        f"\n{crowd.book.operations} operations in {len(crowd.lives)} lives, {stormed:.0f} s, settled in {settled:.0f} s,"
        f" {cpu:.0f} s of processor time; answers and failures: {dict(sorted(crowd.book.seen.items()))}"
    )
    assert wrong == []
    assert zombies == []
    assert left == []
    assert crowd.book.operations >= OPERATIONS


# The storm --------------------------------------------------------------------------------------------------------------


def _schedule(kinds: Sequence[str]) -> dict[int, str]:
    """After how many operations which fault comes: each kind once in a short storm's turn, all again and again in a long one."""
    number = max(len(kinds), OPERATIONS // 30) if LONG else 5
    order = [kinds[place % len(kinds)] for place in range(number)]
    if LONG:
        Random(SEED).shuffle(order)
    return {(place + 1) * OPERATIONS // (number + 2): name for place, name in enumerate(order)}


def _weather(crowd: Crowd, faults: Faults) -> None:
    """Let everybody work until there were enough operations, and the faults come in between."""

    def storm() -> None:
        for after, name in _schedule(list(faults.kinds)).items():
            while crowd.book.operations < after and crowd.works:
                time.sleep(0.05)
            crowd.book.note(f"fault: {name}")
            faults.do(name)

    crowd.work(storm)


def _settle(running: Copy, faults: Faults) -> None:
    """Wait until all is well again and nothing waits any more; what would be tried again in an hour is tried now."""
    until(lambda: running.health().status_code == 200, lambda: running.health().text, pause=0.5)
    moved.move(faults.clock, _LATER)
    with faults.sql() as connection:
        until(lambda: not open_messages(connection), lambda: str(open_messages(connection)), pause=0.3)
        jobs = "SELECT kind, state FROM jobs WHERE state IN ('queued', 'running')"
        until(
            lambda: not connection.execute(jobs).fetchall(), lambda: str(connection.execute(jobs).fetchall()), pause=0.3
        )


# What has to hold -------------------------------------------------------------------------------------------------------


def _wrong(running: Copy, faults: Faults, crowd: Crowd) -> Iterator[str]:
    yield from crowd.book.complaints
    with faults.sql() as connection:
        yield from book_and_history(connection, crowd.book)
    with faults.sql(f"{PLATFORM}_ems") as connection:
        yield from reports(connection, crowd.lives)
    yield from proven(running)


def _zombies(running: Copy) -> list[str]:
    """What has died and nobody has taken note of."""
    family = psutil.Process(running.process.pid).children(recursive=True)
    time.sleep(1)  # some have died just now
    return [str(one) for one in family if one.is_running() and one.status() == psutil.STATUS_ZOMBIE]
