"""Messages delivered by the portion: one transaction for many, and each alone where one of them fails."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from app.base.database import session, transaction
from app.workflow import delivery, outbox
from app.workflow.jobs import deliver_job
from app.workflow.models import OutboxMessage

_numbers = itertools.count(1)


class Portions:
    """Takes messages of the kind "portion"; each writes a message of its own, so that one sees what was undone."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.refused: BaseException | None = None

    def __call__(self, messages: Sequence[OutboxMessage]) -> None:
        self.sizes.append(len(messages))
        for message in messages:
            if self.refused is not None and message.payload["name"] == "bad":
                raise self.refused
            outbox.post("told", {}, key=f"told:{message.id}")
        session.flush()


@pytest.fixture
def portions(undone: None, app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> Portions:
    taker = Portions()
    monkeypatch.setattr(delivery, "_handlers", dict(delivery._handlers))
    delivery.together("portion")(taker)
    return taker


def posted(*names: str, order_key: str | None = None) -> list[int]:
    with transaction():
        messages = [
            OutboxMessage(kind="portion", payload={"name": one}, key=f"p:{next(_numbers)}", order_key=order_key)
            for one in names
        ]
        outbox.post_all(messages)
        session.flush()
    return [one.id for one in messages]


def standing(ids: Sequence[int]) -> list[tuple[str, int]]:
    query = select(OutboxMessage.status, OutboxMessage.attempts).where(OutboxMessage.id.in_(ids))
    return [(row.status, row.attempts) for row in session.execute(query.order_by(OutboxMessage.id))]


def told(ids: Sequence[int]) -> int:
    keys = [f"told:{one}" for one in ids]
    return len(session.scalars(select(OutboxMessage.id).where(OutboxMessage.key.in_(keys))).all())


def test_many_are_one_transaction(portions: Portions) -> None:
    ids = posted("a", "b", "c")
    deliver_job([(one, 0) for one in ids])
    deliver_job([(one, 0) for one in ids])  # an old ticket changes nothing
    assert portions.sizes == [3]
    assert standing(ids) == [("done", 1)] * 3
    assert told(ids) == 3


def test_one_that_fails_harms_no_other(portions: Portions) -> None:
    portions.refused = ValueError("no")
    ids = posted("a", "bad", "c")
    deliver_job([(one, 0) for one in ids])
    assert portions.sizes == [3, 1, 1, 1]
    assert standing(ids) == [("done", 1), ("queued", 1), ("done", 1)]
    assert told(ids) == 2


def test_whoever_dies_midway_leaves_all_as_it_was(portions: Portions) -> None:
    portions.refused = KeyboardInterrupt()
    ids = posted("a", "bad")
    with pytest.raises(KeyboardInterrupt):
        deliver_job([(one, 0) for one in ids])
    assert standing(ids) == [("queued", 0)] * 2
    assert told(ids) == 0
    portions.refused = None
    deliver_job([(one, 0) for one in ids])
    assert standing(ids) == [("done", 1)] * 2


def test_order_is_kept(portions: Portions) -> None:
    ids = posted("a", "b", order_key="portion:1")
    deliver_job([(one, 0) for one in ids])
    assert standing(ids) == [("done", 1), ("queued", 0)]
    deliver_job([(one, 0) for one in ids])
    assert standing(ids) == [("done", 1)] * 2


def test_a_notice_to_nobody_s_record_stands_alone(
    undone: None, app_context: Flask, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real handler: what is told of a record that is gone becomes a dead letter."""
    payload = {"event": "approve", "workflow": "online_signing", "case_id": 0, "template": "signed", "to": []}
    with transaction():
        gone = outbox.post("notice", payload, key="test:gone")
        session.flush()
    deliver_job([(gone.id, 0)])
    assert standing([gone.id]) == [("failed", 1)]
