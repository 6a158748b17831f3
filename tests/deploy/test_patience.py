"""Whoever sends slowly, or half a request, waits alone: real sockets on the server as it is deployed."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from config import flask_config, settings_from
from deploy import gunicorn_conf, patience
from tests.fixtures.patience import ends_within, until
from tests.fixtures.servers import LiveServer
from trial.places import free_port
from trial.settings import ROOT

HALVES = (
    b"POST /login/graduate HTTP/1.1\r\nHost: x\r\n",
    b"POST /login/graduate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na",
    b"POST /login/graduate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n",
    b"",
)
# A busy machine may be slow to send what the server waits for when it stops.
ECHO = """
    from gunicorn.workers import gthread

    from deploy import patience

    gthread.STOP_KEEPALIVE_LINGER = patience.STOP_KEEPALIVE_LINGER = 30.0

    def app(environ, start_response):
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]
"""


# Each answer takes its time.
SLOW = """
    import time

    from deploy import patience

    patience.LONGEST_WAIT = 0.5

    def app(environ, start_response):
        time.sleep(float(environ["QUERY_STRING"] or 0))
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]
"""


def _open(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), parts.port or 80), timeout=30)


def test_half_requests_stop_nobody(live_server: LiveServer) -> None:
    """Twenty of each kind are more than there are threads."""
    with ExitStack() as held:
        for half in HALVES * 20:
            connection = held.enter_context(_open(live_server.url))
            connection.sendall(half)
        with ends_within(10):
            for _n in range(5):
                assert httpx.get(f"{live_server.url}/login/graduate", timeout=30).status_code == 200


def test_the_pool_has_connections_for_all_threads() -> None:
    options = flask_config(settings_from({"APP_ENV": "test", "DATABASE_URL": "postgresql://x/y"}))
    pool = options["SQLALCHEMY_ENGINE_OPTIONS"]
    assert isinstance(pool, dict)
    assert pool["pool_size"] + pool["max_overflow"] >= 2 * gunicorn_conf.threads


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the settings of deploy/ that sends back what it gets."""
    process, url = _started(tmp_path_factory.mktemp("echo"), workers=1)
    yield url
    process.terminate()
    assert process.wait(30) == 0


def _started(folder: Path, *, workers: int, program: str = ECHO) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    (folder / "echo.py").write_text(textwrap.dedent(program))
    options = ("--worker-class", "deploy.patience.PatientWorker", "--threads", "2", "--workers", str(workers))
    command = [sys.executable, "-m", "gunicorn", *options, "--keep-alive", "60", "--bind", f"127.0.0.1:{port}"]
    env = {"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([*command, "echo:app"], cwd=ROOT, env=env)
    url = f"http://127.0.0.1:{port}"
    until(lambda: process.poll() is not None or _answers(url))
    return process, url


def test_who_stops_closes_the_door_and_answers_what_is_on_its_way(tmp_path: Path) -> None:
    """A balancer turns to another server at once, and no request that was begun is lost."""
    process, url = _started(tmp_path, workers=2)
    with ExitStack() as open_ones:
        kept, begun = (open_ones.enter_context(_open(url)) for _n in range(2))
        kept.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
        assert b"200 OK" in _answer(kept, b"a")
        begun.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
        time.sleep(0.3)  # it waits for the rest
        process.terminate()
        until(lambda: _is_closed(url), pause=0.01)
        kept.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb")
        begun.sendall(b"b")
        assert b"Connection: close" in _answer(kept, b"b")
        assert b"200 OK" in _answer(begun, b"ab")
    assert process.wait(30) == 0


def test_while_somebody_waits_too_long_who_comes_is_told_to_try_again(tmp_path: Path) -> None:
    """Those who are in are answered, watchers too; afterwards everybody is let in again."""
    process, url = _started(tmp_path, workers=1, program=SLOW)
    with ThreadPoolExecutor(12) as people, httpx.Client(timeout=30) as client:
        inside = [people.submit(httpx.get, f"{url}/?2", timeout=30) for _n in range(4)]
        time.sleep(1.2)  # two are answered by the two threads, two wait
        page, program = client.get(f"{url}/graduate/"), client.post(f"{url}/api/v1/x", json={})
        watcher = people.submit(httpx.get, f"{url}/health", timeout=30)
        for answer in (page, program):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        assert set(program.json()) == {"message", "code", "errors"}
        assert program.json()["code"] == "unavailable"
        assert "请等" in page.text
        assert [one.result().status_code for one in (*inside, watcher)] == [200] * 5
        assert client.get(f"{url}/graduate/").status_code == 200
    process.terminate()
    assert process.wait(30) == 0


def _answer(connection: socket.socket, body: bytes) -> bytes:
    """All of it: head and body may come apart."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n" + body):
        piece = connection.recv(4096)
        assert piece, answer
        answer += piece
    return answer


def _is_closed(url: str) -> bool:
    try:
        _open(url).close()
    except ConnectionRefusedError:
        return True
    return False


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_bodies_arrive_whole(echo: str) -> None:
    """Small and large, in one piece or in chunks, over one connection again and again."""
    with httpx.Client(timeout=30) as client:
        for size in (0, 1, 70_000, 5_000_000, 12 * 1024 * 1024):
            body = b"x" * size
            assert client.post(echo, content=body).content == body
            assert client.post(echo, content=iter([body[:10], body[10:]])).content == body


def test_requests_sent_in_one_go_are_all_answered(echo: str) -> None:
    one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
    with _open(echo) as connection:
        connection.sendall(one * 3 + one[:30])
        time.sleep(0.5)
        connection.sendall(one[30:])
        answers = b""
        while answers.count(b"\r\n\r\nab") < 4:
            piece = connection.recv(65536)
            assert piece, answers
            answers += piece


def test_who_waits_for_a_word_gets_it(echo: str) -> None:
    with _open(echo) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"ab")
        answer = b""
        while b"\r\n\r\nab" not in answer:
            answer += connection.recv(65536) or pytest.fail(str(answer))


def test_what_takes_too_long_is_ended() -> None:
    coming = patience.Request()
    coming.add(b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 800_000)
    assert coming.deadline - coming.began == pytest.approx(patience.SECONDS + 800_046 / patience.SLOWEST, abs=1)
    assert not coming.complete


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"x" * 70_000,
        b"POST / HTTP/1.1\r\ncontent-LENGTH:2 \r\n\r\nab",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",  # refused without being read
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ],
)
def test_what_is_whole_is_handed_over(sent: bytes) -> None:
    coming = patience.Request()
    for sign in sent:
        assert not coming.complete or len(sent) == 70_000 or b"99999999" in sent
        coming.add(bytes([sign]))
    assert coming.complete


def test_nothing_sleeps_in_a_request() -> None:
    """A door that waits holds a thread; who waits for a worker is answered 202 and asks again."""
    for file in (ROOT / "app").rglob("*.py"):
        if file != ROOT / "app" / "base" / "deadline.py":  # the interface of the library's network has a sleep
            assert "sleep(" not in file.read_text(encoding="utf-8"), Path(file).relative_to(ROOT)
