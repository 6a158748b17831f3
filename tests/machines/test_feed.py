"""The feed: whoever goes on from a cursor loses nothing and gets nothing twice, in whatever order transactions commit."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.access.actors import OPERATOR, Actor
from app.base import clock
from app.base.database import session, transaction
from app.machines.webhooks import queries, services
from app.workflow import delivery, events, outbox, registry
from app.workflow.models import OutboxMessage


@pytest.fixture
def reader(fresh_database: str, app_context: Flask) -> Actor:
    """Somebody who hears everything; nothing else happens meanwhile."""
    with transaction():
        session.execute(text("DELETE FROM outbox"))
    pairs = frozenset(("can_list", one.name) for one in registry.all_workflows())
    return Actor(kind=OPERATOR, permissions=pairs)


def happens(case_id: int, version: int = 1) -> None:
    """What the engine leaves of a transition, in the running transaction."""
    told = {"at": clock.now().isoformat(), "workflow": "online_signing", "case_id": case_id, "event": "x"}
    told |= {"state": "invited", "version": version}
    outbox.post(events.KIND, told, key=f"x:{case_id}:{version}", order_key=f"event:online_signing:{case_id}")


def read_on(reader: Actor, after: int) -> tuple[list[tuple[int, int]], int]:
    found, cursor = queries.feed(reader, after, 10_000)
    return [(event.case_id, event.version) for event in found], cursor


class Slow(threading.Thread):
    """A transaction of its own that stays open until it is told to end."""

    def __init__(self, app: Flask, case_id: int) -> None:
        super().__init__()
        self.app, self.case_id = app, case_id
        self.written, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        with self.app.app_context(), transaction():
            happens(self.case_id)
            session.flush()
            self.written.set()
            self.may_end.wait(30)


def test_what_commits_late_comes_late_and_comes(app: Flask, reader: Actor) -> None:
    _seen, start = read_on(reader, 0)
    slow = Slow(app, 901)
    slow.start()
    assert slow.written.wait(30)
    with transaction():
        happens(902)
    services.publish_waiting()
    seen, cursor = read_on(reader, start)
    assert seen == [(902, 1)]
    assert read_on(reader, cursor) == ([], cursor)
    slow.may_end.set()
    slow.join(30)
    session.rollback()
    services.publish_waiting()
    seen, cursor = read_on(reader, cursor)
    assert seen == [(901, 1)]
    assert read_on(reader, cursor) == ([], cursor)


def test_none_is_lost_none_comes_twice_while_many_write_and_many_tell(app: Flask, reader: Actor) -> None:
    _seen, cursor = read_on(reader, 0)
    places, each = 4, 25
    over = threading.Event()

    def write(place: int) -> None:
        chance = random.Random(place)
        for turn in range(each):
            with app.app_context(), transaction():
                happens(place, turn)
                session.flush()
                time.sleep(chance.random() / 100)

    def tell() -> None:
        while not over.is_set():
            with app.app_context():
                query = select(OutboxMessage.id).where(OutboxMessage.status == "queued").order_by(OutboxMessage.id)
                waiting = session.scalars(query.limit(20)).all()
                session.rollback()
                for number in waiting:
                    delivery.deliver(number)

    writers = [threading.Thread(target=write, args=(place,)) for place in range(1000, 1000 + places)]
    tellers = [threading.Thread(target=tell) for _ in range(3)]
    for one in (*writers, *tellers):
        one.start()
    seen: list[tuple[int, int]] = []
    until = time.monotonic() + 60
    while len(seen) < places * each and time.monotonic() < until:
        found, cursor = read_on(reader, cursor)
        seen += found
    over.set()
    for one in (*writers, *tellers):
        one.join(30)
    found, cursor = read_on(reader, cursor)
    seen += found
    assert len(seen) == len(set(seen)) == places * each
    for place in range(1000, 1000 + places):  # in the order in which it happened
        assert [turn for case, turn in seen if case == place] == list(range(each))


def test_pages_and_wrong_cursors(fresh_database: str, api: Any) -> None:
    """Two at a time say the same as all at once."""
    from tests.signing.stage import invite, user

    operator = api("operator")
    with operator.client.application.app_context():
        for name in ("graduate1", "graduate2", "graduate7"):
            invite(user("employer1"), user(name))
    whole = operator.get("/events?limit=1000").get_json()
    assert len(whole["result"]) >= 3
    pages, cursor = [], "0"
    while True:
        page = operator.get(f"/events?after={cursor}&limit=2").get_json()
        pages, cursor = pages + page["result"], page["cursor"]
        if not page["result"]:
            break
    assert pages == whole["result"]
    assert cursor == whole["cursor"]
    for wrong in ("after=x", "after=-1", "limit=0.5", "limit=5000", "after=99999999999999999999"):
        assert operator.get(f"/events?{wrong}").status_code == 400, wrong
    assert api("graduate1").get("/events").status_code == 403
