"""GET /ready says whether this process can serve; GET /metrics how the platform works, to who has the token (B15)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.base import clock
from app.base.database import session, transaction
from app.base.settings import settings
from app.operations import pages
from app.workflow.models import OutboxMessage

TOKEN = "watcher-0123456789abcdef"


def _told(client: FlaskClient, token: str = TOKEN) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, "".join(one.labels.values())): one.value for family in families for one in family.samples}


@pytest.fixture
def watched(change_settings: Callable[..., None], client: FlaskClient) -> FlaskClient:
    """A platform whose figures may be read with TOKEN."""
    change_settings(metrics_token=TOKEN)
    return client


def test_only_with_the_token(client: FlaskClient, change_settings: Callable[..., None]) -> None:
    assert client.get("/metrics").status_code == 404
    change_settings(metrics_token=TOKEN)
    for header in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
    ):
        assert client.get("/metrics", headers=header).status_code == 401, header


def test_parts_jobs_and_messages(watched: FlaskClient, app_context: Any) -> None:
    told = _told(watched)
    assert told["agreements_part_up", "database"] == told["agreements_part_up", "redis"] == 1
    assert told["agreements_part_up", "clock"] == 0
    assert ("agreements_jobs_waiting", "notices") in told
    with transaction():
        for number, status in enumerate(("queued", "queued", "failed", "done")):
            at = clock.now() - timedelta(seconds=90 - number)
            session.add(OutboxMessage(kind="watched", key=f"watched:{number}", status=status, next_attempt_at=at))
    then = _told(watched)
    assert then["agreements_messages_due", "watched"] == 2
    assert then["agreements_messages_failed", "watched"] == 1
    assert 89 < then["agreements_messages_late_seconds", "watched"] < 120


def test_answers_are_counted_by_part_of_the_site_and_nobody_is_named(watched: FlaskClient) -> None:
    before = _told(watched)
    for path, status in (("/login/graduate", 200), ("/graduate/", 302), ("/api/v1/me", 401), ("/nowhere/陈", 404)):
        assert watched.get(path).status_code == status
    told = _told(watched)
    name = "agreements_web_seconds_count"
    new = {key[1]: told[key] - before.get(key, 0) for key in told if key[0] == name}
    assert {key: number for key, number in new.items() if number} == {
        "login2xx": 1,
        "graduate3xx": 1,
        "api4xx": 1,
        "other4xx": 1,
        "other2xx": 1,  # the figures themselves
    }


def test_a_process_without_its_database_its_tables_or_a_key_is_sent_nobody(
    client: FlaskClient, change_settings: Callable[..., None], fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers and other systems that are down keep nobody out."""
    monkeypatch.setattr(pages, "_FRESH", 0.0)
    change_settings(ems_url="http://127.0.0.1:9")
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()) == (200, {"ready": True, "reasons": []})
    with psycopg.connect(settings().psycopg_url, autocommit=True) as connection:
        (now,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        connection.execute("UPDATE alembic_version SET version_num = '9001_later'")
        assert client.get("/ready").status_code == 200  # another host was brought up to date first
        connection.execute("COMMENT ON TABLE alembic_version IS 'serves 9001'")
        assert "flask setup" in _reason(client)
        connection.execute("UPDATE alembic_version SET version_num = %s", [now])
    change_settings(data_keys=[secrets.token_bytes(32)])
    assert "DATA_KEY" in _reason(client)
    with psycopg.connect(settings().psycopg_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001_first'")
    assert "flask setup" in _reason(client)


def test_a_database_that_is_away_is_told_without_its_address(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OSError("could not connect to db.internal:5432")

    monkeypatch.setattr(pages, "_FRESH", 0.0)
    monkeypatch.setattr(session, "scalar", lambda *_args, **_kwargs: away())
    assert "db.internal" not in _reason(client)


def _reason(client: FlaskClient) -> str:
    answer = client.get("/ready")
    assert answer.status_code == 503, answer.text
    (only,) = answer.get_json()["reasons"]
    return str(only["reason"])
