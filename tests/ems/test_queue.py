"""The queue to the employment system as operators see it, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from app.base.database import session, transaction
from app.base.failures import told
from app.ems import queue
from app.ems.messages import EmsRefused, EmsUnavailable
from app.workflow import outbox
from app.workflow.delivery import GiveUp
from app.workflow.models import OutboxMessage

_numbers = count(1)


@pytest.fixture
def failed(app_context: Any) -> int:
    """A message that has become a dead letter."""
    with transaction():
        message = outbox.post(
            "ems", {"graduate_id": 1, "destination": {"code": "70"}}, key=f"test:failed:{next(_numbers)}"
        )
        session.flush()
        message.status, message.last_error = "failed", "GiveUp: EmsRefused: invalid: code: wrong"
        message.error_code, message.error_detail = "ems_refused", "invalid: code: wrong"
        return message.id


def test_operators_see_what_failed_in_plain_words_and_retry(api: Callable[..., Any], failed: int) -> None:
    operator = api("operator")
    answer = operator.get("/sync/?q=(filters:!((col:status,opr:eq,value:failed)))")
    assert answer.status_code == 200, answer.text
    row = {row["id"]: row for row in answer.get_json()["result"]}[failed]
    assert "拒绝" in row["error"]
    retried = operator.post(f"/sync/{failed}/retry")
    assert retried.status_code == 200, retried.text
    assert retried.get_json()["result"]["status"] == "queued"
    assert operator.post("/sync/999999/retry").status_code == 404
    assert operator.post("/sync/x/retry").status_code == 404


def test_what_was_delivered_is_not_sent_again(api: Callable[..., Any], failed: int) -> None:
    with transaction():
        row = session.get(OutboxMessage, failed)
        assert row is not None
        row.status = "done"
    answer = api("operator").post(f"/sync/{failed}/retry")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_delivered")


@pytest.mark.parametrize("name", ["school10001", "province11", "dept10001a", "employer1", "graduate1"])
def test_others_may_not_look(api: Callable[..., Any], failed: int, name: str) -> None:
    assert api(name).get("/sync/").status_code == 403
    assert api(name).post(f"/sync/{failed}/retry").status_code == 403


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (EmsUnavailable("no answer within 20 s"), "queued", "自动"),
        (EmsUnavailable("answered 500"), "failed", "重试"),
        (EmsRefused(404, "unknown_student", "x"), "queued", "名单"),
        (EmsRefused(404, "unknown_roster", "no such roster"), "queued", "no such roster"),
        (
            GiveUp("EmsRefused: x", code="ems_refused", detail="invalid: code: wrong"),
            "failed",
            "：invalid: code: wrong",
        ),
        (GiveUp("a later report is held", code="later_report"), "failed", "不是本平台发出的"),
        (KeyError("x"), "failed", "KeyError"),
        # Words that a cause happens to hold are no cause.
        (ValueError("EmsUnavailable: unknown_student, later report"), "failed", "ValueError"),
        (None, "queued", ""),
    ],
)
def test_errors_are_told_in_plain_words(app_context: Any, error: Exception | None, status: str, word: str) -> None:
    code, detail = told(error) if error else (None, None)
    words = queue.explain(OutboxMessage(kind="ems", error_code=code, error_detail=detail, status=status, payload={}))
    assert word in words
    assert bool(words) == bool(error)
