from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.base.settings import settings
from tests.machines.receiver import Receiver, receiving


@pytest.fixture
def receiver(change_settings: Callable[..., None]) -> Iterator[Receiver]:
    """A running receiver, whose address is opened as trials open it."""
    change_settings(environ={**settings().environ, "WEBHOOK_ALLOW": "127.0.0.1/32"})
    with receiving() as found:
        yield found


@pytest.fixture
def hooked(api: Any, receiver: Receiver) -> Callable[..., int]:
    """A function that sets up a webhook of an account to the receiver and gives its id."""

    def set_up(username: str, *events: str) -> int:
        answer = api(username).post("/webhooks/", {"url": receiver.url, "events": list(events)})
        assert answer.status_code == 201, answer.text
        receiver.secret = answer.get_json()["result"]["secret"]
        return int(answer.get_json()["id"])

    return set_up
