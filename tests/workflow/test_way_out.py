"""Messages that go outside: several in hand, each with an end of its own, and a mark where no end was written down."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from app.base.database import session, transaction
from app.workflow import delivery, outbox, outside, queues
from app.workflow.delivery import GiveUp
from app.workflow.jobs import deliver_job
from app.workflow.models import OutboxMessage

_numbers = itertools.count(1)
_KIND = "outside"


class Killed(BaseException):
    """As the power goes."""


class Provider:
    """Takes messages two by two; fails by name."""

    def __init__(self) -> None:
        self.parts: list[list[str]] = []
        self.earlier: list[bool] = []
        self.marked: list[bool] = []
        self.failing: dict[str, BaseException] = {}
        self.rested = 0

    def split(self, messages: Sequence[OutboxMessage]) -> list[list[int]]:
        ids = [one.id for one in messages]
        return [ids[start : start + 2] for start in range(0, len(ids), 2)]

    def send(self, messages: Sequence[OutboxMessage], mark: str) -> Mapping[int, Exception]:
        names = [one.payload["name"] for one in messages]
        self.parts.append(names)
        self.earlier += [one.begun != mark for one in messages]
        self.marked += [bool(one.begun) for one in messages]
        failed = {one.id: self.failing.get(one.payload["name"]) for one in messages}
        for error in failed.values():
            if error is not None and not isinstance(error, (GiveUp, outside.Unsure, OSError)):
                raise error
        return {number: error for number, error in failed.items() if isinstance(error, Exception)}

    def rest(self) -> None:
        self.rested += 1


@pytest.fixture
def provider(undone: None, app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr(delivery, "_handlers", dict(delivery._handlers))
    outside.handler(_KIND, parts=made.split, rest=made.rest)(made.send)
    return made


def posted(*names: str) -> list[int]:
    with transaction():
        messages = [OutboxMessage(kind=_KIND, payload={"name": one}, key=f"o:{next(_numbers)}") for one in names]
        outbox.post_all(messages)
        session.flush()
    return [one.id for one in messages]


def rows(ids: Sequence[int]) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.id.in_(ids)).order_by(OutboxMessage.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_parts_go_one_after_the_other(provider: Provider) -> None:
    ids = posted("a", "b", "c")
    deliver_job([(one, 0) for one in ids])
    deliver_job([(one, 0) for one in ids])  # an old ticket sends nothing
    assert provider.parts == [["a", "b"], ["c"]]
    assert [(one.status, one.attempts, one.begun) for one in rows(ids)] == [("done", 1, None)] * 3
    assert all(provider.marked)
    assert not any(provider.earlier)
    assert provider.rested >= 1


def test_each_has_an_end_of_its_own(provider: Provider) -> None:
    provider.failing = {
        "b": OSError("down"),
        "c": GiveUp("never"),
        "d": outside.Unsure("no answer", code="unreachable"),
    }
    ids = posted("a", "b", "c", "d")
    deliver_job([(one, 0) for one in ids])
    assert [one.status for one in rows(ids)] == ["done", "queued", "failed", "queued"]
    assert [one.attempts for one in rows(ids)] == [1] * 4
    assert [bool(one.begun) for one in rows(ids)] == [False, False, False, True], "what may have arrived keeps its mark"
    provider.failing = {}
    assert delivery.deliver(ids[1], attempts=1)
    assert delivery.deliver(ids[3])
    assert provider.earlier == [False, False, False, False, False, True]
    assert rows(ids)[3].begun is None


def test_what_was_cut_off_is_known_by_its_mark(provider: Provider) -> None:
    ids = posted("a", "b")
    provider.failing = {"b": Killed()}
    with pytest.raises(Killed):
        deliver_job([(one, 0) for one in ids])
    assert [(one.status, one.attempts, bool(one.begun)) for one in rows(ids)] == [("queued", 0, True)] * 2
    marks = [one.begun for one in rows(ids)]
    provider.failing = {"b": outside.Unsure("no answer", code="unreachable")}
    deliver_job([(one, 0) for one in ids])
    assert provider.earlier == [False, False, True, True]
    assert rows(ids)[1].begun == marks[1], "the mark is that of the first try"


def test_an_error_nobody_foresaw_is_one_of_each(provider: Provider) -> None:
    ids = posted("a", "b", "c")
    provider.failing = {"b": ValueError("no")}
    deliver_job([(one, 0) for one in ids])
    assert [(one.status, one.attempts, bool(one.begun)) for one in rows(ids)] == [
        ("queued", 1, True),
        ("queued", 1, True),
        ("done", 1, False),
    ]


def test_a_code_overtakes_what_waits(app: Flask, app_context: Flask, undone: None) -> None:
    queue = queues.queue("notices")
    queue.empty()
    queues.enqueue_delivery([(1, "notice", 0), (2, "code", 0), (3, "channel", 0)])
    assert [job.args[0] for job in queue.jobs] == [[[2, 0]], [[1, 0], [3, 0]]]
    queue.empty()


def test_a_job_of_notices_is_large(app_context: Flask, undone: None) -> None:
    made: Callable[[str], int] = queues.tickets_a_job
    assert made("notices") > made("documents")
