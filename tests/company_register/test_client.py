"""The real client against the real stand-in: states, an unknown unit, slow and failing answers."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from app.base.breaker import Breaker
from app.company_register.client import Entry, RegisterClient, RegisterUnavailable
from tests.fixtures.patience import ends_within
from trial.places import free_port

Code = Callable[[str], str]


@pytest.fixture
def client(register_url: str) -> Iterator[RegisterClient]:
    """A client with a breaker that nobody has tripped."""
    made = RegisterClient(register_url)
    yield made
    made.close()


@pytest.mark.parametrize(("last", "state"), [("8", "存续"), ("3", "存续"), ("1", "注销"), ("5", "吊销"), ("7", "迁出")])
def test_the_state_and_since_when(client: RegisterClient, code_ending: Code, last: str, state: str) -> None:
    entry = client.ask(code_ending(last))
    assert isinstance(entry, Entry)
    assert entry.state == state
    assert isinstance(entry.since, date)


def test_a_unit_that_the_register_does_not_know(client: RegisterClient, code_ending: Code) -> None:
    assert client.ask(code_ending("T")) is None


def test_a_slow_answer_is_waited_for_two_seconds(client: RegisterClient, code_ending: Code) -> None:
    with ends_within(2), pytest.raises(RegisterUnavailable):
        client.ask(code_ending("9"))


def test_after_three_failures_nobody_waits(register_url: str, code_ending: Code) -> None:
    client = RegisterClient(register_url, Breaker(limit=3, rest=0.2))
    for _ in range(3):
        with pytest.raises(RegisterUnavailable):
            client.ask(code_ending("E"))
    with pytest.raises(RegisterUnavailable, match="not tried"):
        client.ask(code_ending("8"))
    time.sleep(0.25)
    assert client.ask(code_ending("8")) is not None


def test_a_register_that_is_not_there(code_ending: Code) -> None:
    with pytest.raises(RegisterUnavailable):
        RegisterClient(f"http://127.0.0.1:{free_port()}").ask(code_ending("8"))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"state": 5}',
        b'{"state": ""}',
        b'{"state": "a\\u0000b"}',
        b'{"state": "x", "since": "?"}',
        b'{"state": "x", "since": 7}',
        b'{"state": "' + b"x" * 100 + b'"}',
        b'{"state": "' + b"x" * 100_000 + b'"}',
    ],
)
def test_answers_without_sense_count_as_none(body: bytes, code_ending: Code) -> None:
    class Odd(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Odd) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(RegisterUnavailable):
            RegisterClient(f"http://127.0.0.1:{server.server_port}").ask(code_ending("8"))
