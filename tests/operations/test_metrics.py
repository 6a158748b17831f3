"""GET /metrics tells how the platform works, to who has the token and nobody else (B15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.base import clock
from app.base.database import session, transaction
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
