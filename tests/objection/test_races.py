"""People press at the same moment around an objection: one success, clear refusals, nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.base.database import session
from app.base.errors import AppError
from app.cases.services import begin_case
from app.objection.models import Objection
from app.workflow import engine
from tests.house.promises import check_promises
from tests.objection.stage import FINDING, TEXT, object_to, signing
from tests.signing.race import Result, at_once
from tests.signing.stage import user
from tests.termination.stage import allow_terminations, ask

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")


def _codes(results: list[Result]) -> list[str]:
    refusals: list[AppError] = [one.refusal for one in results if one.refusal is not None]
    return [one.code for one in refusals]


def test_two_starts_at_once_make_one_objection(app: Flask) -> None:
    record, me = signing(), user("graduate1")
    body = {"workflow": record.workflow_name, "case_id": record.id, "text": TEXT}
    results = at_once(app, [lambda: begin_case("objection", body, actor=me).id] * 6)
    refused = _codes(results)
    assert len(refused) == 5
    assert set(refused) <= {"raced", "already_objected", "invalid"}  # the last: another press has used the code
    assert session.scalar(select(func.count()).select_from(Objection)) == 1
    check_promises()


def test_upholding_meets_everything_else_on_the_signing(app: Flask) -> None:
    """The unit answers or withdraws, the school forces, the province upholds: whoever is first, the signing ends once."""
    allow_terminations(99)
    for event, who, data in (
        ("force", "school10001", {"explanation": "单位长期未处理"}),
        ("agree", "employer1", {}),
        ("withdraw", "graduate1", {}),
    ):
        record = signing()
        case, application = object_to(record), ask(record, user("graduate1"))
        presses: list[Callable[[], Any]] = [
            _press("objection", case.id, "uphold", "province11", FINDING),
            _press("objection", case.id, "uphold", "province11", FINDING),
            _press("online_termination", application.id, event, who, data),
        ]
        results = at_once(app, presses)
        assert sum(one.refusal is None for one in results[:2]) == 1, _codes(results)
        session.rollback()
        session.refresh(record)
        assert record.state in ("voided", "terminated"), record.state
        session.refresh(application)
        assert application.stage not in ("asked", "review")
        check_promises()


def _press(workflow: str, case_id: int, event: str, who: str, data: dict[str, Any]) -> Callable[[], Any]:
    actor = user(who)
    return lambda: engine.fire(workflow, case_id, event, actor=actor, data=data).state
