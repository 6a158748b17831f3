"""GET /health names what is down, and nothing more."""

from __future__ import annotations

import httpx
from flask.testing import FlaskClient

from tests.fixtures.servers import LiveServer
from tests.fixtures.standin import Standin

WORKERS = {"worker_notices", "worker_ems", "worker_documents", "worker_bulk"}


def test_health_without_workers_is_503_and_names_them(client: FlaskClient, ems: Standin) -> None:
    answer = client.get("/health")
    assert answer.status_code == 503
    checks = answer.get_json()["checks"]
    assert {name for name, state in checks.items() if state == "down"} == WORKERS | {"clock"}
    assert answer.get_json()["status"] == "down"


def test_health_of_a_whole_platform_is_200(live_server: LiveServer) -> None:
    answer = httpx.get(f"{live_server.url}/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_health_names_an_employment_system_that_does_not_answer(
    client: FlaskClient, standin_service: Standin, ems: Standin
) -> None:
    standin_service.stop()
    answer = client.get("/health")
    standin_service.start()
    assert answer.get_json()["checks"]["ems"] == "down"
    assert standin_service.url not in answer.text
