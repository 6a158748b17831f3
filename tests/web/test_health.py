"""GET /health names what is down, and nothing more."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from flask.testing import FlaskClient

from app.web import health
from app.workflow import queues
from tests.fixtures.patience import PATIENCE, ends_within, until
from tests.fixtures.servers import LiveServer
from tests.fixtures.standin import Standin

WORKERS = {"worker_notices", "worker_ems", "worker_documents", "worker_bulk", "worker_webhooks"}


@pytest.fixture(autouse=True)
def _looks_again(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is a look of its own, except where that is the matter."""
    if "kept" not in request.node.name:
        monkeypatch.setattr(health, "_FRESH", 0.0)


def test_a_look_is_kept_for_those_who_ask_soon_after(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, change_settings: Callable[..., None]
) -> None:
    """However many strangers ask, the employment system is asked once in a few seconds."""
    asked: list[int] = []
    change_settings(ems_url="http://127.0.0.1:9")  # looks of its own
    monkeypatch.setattr(health, "_ems", lambda: asked.append(1))
    for _again in range(20):
        assert client.get("/health").get_json()["checks"]["ems"] == "ok"
    assert len(asked) == 1


def test_health_without_workers_is_503_and_names_them(client: FlaskClient, ems: Standin) -> None:
    answer = client.get("/health")
    assert answer.status_code == 503
    checks = answer.get_json()["checks"]
    assert {name for name, state in checks.items() if state == "down"} == WORKERS | {"clock"}
    assert answer.get_json()["status"] == "down"


def test_health_of_a_whole_platform_is_200(live_server: LiveServer) -> None:
    answer = _asked_until(live_server, lambda found: set(found.json()["checks"].values()) == {"ok"})
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_health_names_an_employment_system_that_does_not_answer(
    live_server: LiveServer, standin_service: Standin, ems: Standin
) -> None:
    """And does not take the platform out of service for it: a balancer follows the status."""
    standin_service.stop()
    try:
        answer = _asked_until(live_server, lambda found: found.json()["checks"]["ems"] == "down")
    finally:
        standin_service.start()
    assert answer.json()["checks"]["ems"] == "down"
    assert answer.status_code == 200
    assert standin_service.url not in answer.text


def test_workers_are_known_again_after_redis_was_wiped(live_server: LiveServer) -> None:
    """They enter the lists anew with their next report, without being started again."""
    queues.redis().flushall()
    answer = _asked_until(live_server, lambda found: found.status_code == 200)
    assert answer.json()["status"] == "ok", answer.text


def test_nothing_outside_holds_up_who_asks(client: FlaskClient, change_settings: Callable[..., None]) -> None:
    """An address that drips its answer, byte by byte, for ever; anybody may ask for the health."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip_for_ever, args=(server,), daemon=True).start()
        change_settings(ems_url=f"http://127.0.0.1:{server.getsockname()[1]}")
        for again in range(3):
            with ends_within(0.1 if again else 1.0):  # only who asks first waits for a first look
                answer = client.get("/health")
            assert answer.get_json()["checks"]["ems"] == "down"
            assert answer.get_json()["checks"]["database"] == "ok"


def test_a_part_that_hangs_is_down_and_not_asked_again_and_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        release.wait(30)

    monkeypatch.setattr(health, "_redis", hang)
    for _again in range(3):
        with ends_within(1.0):
            assert client.get("/health").get_json()["checks"]["redis"] == "down"
    assert len(asked) == 1
    release.set()
    until(lambda: client.get("/health").get_json()["checks"]["redis"] == "ok")


def _asked_until(server: LiveServer, wanted: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The first answer that is as wanted: looks are kept for some seconds, and a busy machine answers late."""
    answers: list[httpx.Response] = []

    def asked() -> bool:
        answers.append(httpx.get(f"{server.url}/health", timeout=PATIENCE))
        return wanted(answers[-1])

    until(asked, lambda: answers[-1].text, pause=0.5)
    return answers[-1]


def _drip_for_ever(server: socket.socket) -> None:
    connections = []
    with contextlib.suppress(OSError):
        while True:
            connection, _address = server.accept()
            connections.append(connection)
            threading.Thread(target=_drip, args=(connection,), daemon=True).start()


def _drip(connection: socket.socket) -> None:
    with contextlib.suppress(OSError), connection:
        while True:
            connection.sendall(b"H")
            time.sleep(0.1)
