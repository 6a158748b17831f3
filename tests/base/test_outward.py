"""One call outwards against real sockets: whatever the other side does, an answer or a plain word, in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.base.breaker import Breaker
from app.base.outward import Answer, Outward, OutwardError
from tests.fixtures.patience import ends_within
from trial.places import free_port

SECONDS = 0.6
Talk = Callable[[socket.socket], None]


def head(status: int, *lines: str, length: int | None = None) -> bytes:
    """It says that the connection ends with the answer, as it does: a caller who keeps it would meet its end."""
    told = [
        f"HTTP/1.1 {status} X",
        "Connection: close",
        *lines,
        *([] if length is None else [f"Content-Length: {length}"]),
        "",
        "",
    ]
    return "\r\n".join(told).encode()


def whole(status: int, body: bytes, *lines: str) -> bytes:
    return head(status, *lines, length=len(body)) + body


class Other:
    """The other side: what it does with each connection, the last one again and again."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.heard: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def says(self, *answers: bytes | Talk) -> None:
        """Bytes to send, or something to do with the connection."""
        self.talks = [one if callable(one) else self._sender(one) for one in answers]

    @staticmethod
    def _sender(content: bytes) -> Talk:
        return lambda connection: connection.sendall(content)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.server.accept()
            except OSError:
                return
            talk = self.talks.pop(0) if len(self.talks) > 1 else self.talks[0]
            threading.Thread(target=self._talk, args=(connection, talk), daemon=True).start()

    def _talk(self, connection: socket.socket, talk: Talk) -> None:
        with connection:
            try:
                heard = b""
                while b"\r\n\r\n" not in heard and (more := connection.recv(65536)):
                    heard += more
                self.heard.append(heard)
                talk(connection)
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(5)
                while connection.recv(65536):
                    """A body that comes after its head: closing before it has come would reset the connection."""
            except OSError:
                """They have gone."""


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    made = Other()
    yield made
    made.server.close()


def way(url: str, **options: object) -> Outward:
    return Outward(url, **{"seconds": SECONDS, "longest": 1000, "breaker": Breaker(limit=99), **options})  # type: ignore[arg-type]


def drips(content: bytes) -> Talk:
    def drip(connection: socket.socket) -> None:
        for place in range(len(content)):
            connection.sendall(content[place : place + 1])
            time.sleep(0.05)

    return drip


def silent(connection: socket.socket) -> None:
    time.sleep(3)


BODY = b'{"a": 1}'
FAULTS = {
    "silent": (silent, "timeout"),
    "drips its head": (drips(whole(200, BODY)), "timeout"),
    "drips its body": (drips(head(200, length=400) + b" " * 400), "timeout"),
    "hangs up": (lambda connection: connection.shutdown(socket.SHUT_RDWR), "unreachable"),
    "ends too early": (head(200, length=900) + b"{", "unreachable"),
    "speaks no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "unreachable"),
    "busy": (whole(503, BODY), "busy"),
    "moved": (whole(302, b"", "Location: /elsewhere"), "moved"),
    "too long": (whole(200, b"{" + b" " * 2000), "too_long"),
    "without end": (head(200, "Transfer-Encoding: chunked") + b"200\r\n" + b" " * 512 + b"\r\n" * 9, "unreachable"),
    "packed": (whole(200, b"\x1f\x8b", "Content-Encoding: gzip"), "not_understood"),
    "a list": (whole(200, b"[]"), "not_understood"),
    "a page": (whole(200, b"<html>"), "not_understood"),
    "no text": (whole(200, b"\xff\xfe\x00"), "not_understood"),
    "nested": (whole(200, b'{"a":' + b"[" * 900), "not_understood"),
}


@pytest.mark.parametrize(("answer", "code"), FAULTS.values(), ids=FAULTS.keys())
def test_what_is_no_answer_is_told_in_time(other: Other, answer: bytes | Talk, code: str) -> None:
    other.says(answer)
    with ends_within(SECONDS), pytest.raises(OutwardError) as error:
        way(other.url).call("GET", "/x", Answer.json)
    assert error.value.code == code, error.value


def test_nested_beyond_reading_is_no_answer(other: Other) -> None:
    other.says(whole(200, b'{"a":' + b"[" * 200_000))
    with pytest.raises(OutwardError) as error:
        way(other.url, longest=10**6).call("GET", "/x", Answer.json)
    assert error.value.code == "not_understood"


def test_answers_and_refusals_are_read_by_who_asks(other: Other) -> None:
    other.says(whole(200, BODY), whole(404, b"nothing"))
    outward = way(other.url)
    assert outward.call("GET", "/x", Answer.json) == {"a": 1}
    assert outward.call("GET", "/x", lambda answer: answer) == Answer(404, b"nothing")
    assert b"accept-encoding: identity" in other.heard[-1].lower()


def test_only_what_may_be_done_twice_is_tried_again(other: Other) -> None:
    other.says(FAULTS["hangs up"][0], whole(200, BODY))
    assert way(other.url).call("GET", "/x", Answer.json, tries=2) == {"a": 1}
    other.says(FAULTS["hangs up"][0], whole(200, BODY))
    with pytest.raises(OutwardError):
        way(other.url).call("POST", "/x", Answer.json, json={})


def test_all_tries_share_one_limit(other: Other) -> None:
    def slow_end(connection: socket.socket) -> None:
        time.sleep(SECONDS * 0.7)

    other.says(slow_end)
    heard = len(other.heard)
    with ends_within(SECONDS), pytest.raises(OutwardError):
        way(other.url).call("GET", "/x", Answer.json, tries=9)
    assert len(other.heard) <= heard + 2


def test_after_some_failures_nobody_waits(other: Other) -> None:
    outward = way(other.url, breaker=Breaker(limit=3, rest=0.2))
    other.says(whole(500, b""))
    heard = len(other.heard)
    for code in ("busy", "busy", "busy", "resting", "resting"):
        with pytest.raises(OutwardError) as error:
            outward.call("GET", "/x", Answer.json)
        assert error.value.code == code
    assert len(other.heard) == heard + 3
    time.sleep(0.25)
    other.says(whole(200, BODY))
    assert outward.call("GET", "/x", Answer.json) == {"a": 1}


def test_refusals_do_not_close_the_way(other: Other) -> None:
    outward = way(other.url, breaker=Breaker(limit=1, rest=60))
    other.says(whole(400, b'{"error": "invalid_grant"}'))
    for _again in range(3):
        assert outward.call("POST", "/token", lambda answer: answer.status) == 400


def test_the_status_alone_waits_for_no_body(other: Other) -> None:
    outward = way(other.url, longest=0)
    other.says(head(302, "Location: /login", length=10**9), drips(head(503, length=10**9)))
    with ends_within(SECONDS):
        assert outward.status_of("") == 302
    with ends_within(SECONDS), pytest.raises(OutwardError):
        outward.status_of("")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nobody.invalid", "http://[", "ftp://127.0.0.1/"])
def test_addresses_that_lead_nowhere(url: str) -> None:
    with pytest.raises(OutwardError) as error:
        way("").call("GET", url, Answer.json)
    assert error.value.code == "unreachable"


def test_a_proxy_of_the_environment_is_gone_through_if_wanted(other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", other.url)
    other.says(whole(200, BODY))
    assert way("http://provider.invalid", by_proxy=True).call("GET", "/x", Answer.json) == {"a": 1}
    assert other.heard[-1].startswith(b"GET http://provider.invalid/x ")
    for options in ({}, {"by_proxy": True}):
        if options:
            monkeypatch.setenv("no_proxy", "127.0.0.1")
        with pytest.raises(OutwardError):
            way(f"http://127.0.0.1:{free_port()}", **options).call("GET", "/x", Answer.json)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_an_answer_or_a_plain_word(other: Other, junk: bytes, as_body: bool) -> None:
    other.says(whole(200, junk) if as_body else junk)
    try:
        told = way(other.url).call("GET", "/x", Answer.json)
    except OutwardError as error:
        told = {"code": error.code}
    assert isinstance(told, dict)
