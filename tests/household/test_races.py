"""Several press at once: one success, clear refusals, and never two records in force."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.base.database import session
from app.base.errors import AppError
from app.cases.services import begin_case
from app.household.models import model_of
from app.workflow.models import History
from tests.household.stage import Stage, body
from tests.signing.race import Press, Result, at_once


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each race has its own records."""


def _settled(results: list[Result]) -> tuple[int, set[str]]:
    return (
        sum(1 for one in results if one.refusal is None),
        {one.refusal.code for one in results if isinstance(one.refusal, AppError)},
    )


def test_two_approvals_of_one_change(app: Flask, stage: Stage) -> None:
    """Eight press approve on a change: it takes the place of the old one once."""
    old = stage.approve(stage.create("3"))
    change = stage.create("9")
    stage.fire(change, "approve", stage.department)
    session.remove()
    press: Press = lambda: stage.fire(change, "approve", stage.school)  # noqa: E731
    wins, codes = _settled(at_once(app, [press] * 8))
    assert (wins, codes) == (1, {"wrong_state"})
    model = model_of(stage.kind)
    states = dict(session.execute(select(model.id, model.state)).tuples().all())
    assert states == {old.id: "replaced", change.id: "approved"}
    query = select(func.count()).where(History.workflow == stage.kind, History.event == "replace")
    assert session.scalar(query) == 1


def test_approval_against_withdrawal_and_return(app: Flask, stage: Stage) -> None:
    """Whoever is first wins; the old record is in force exactly when the change is not."""
    stage.approve(stage.create("3"))
    change = stage.create("9")
    stage.fire(change, "approve", stage.department)
    session.remove()
    presses: list[Press] = [
        lambda: stage.fire(change, "approve", stage.school),
        lambda: stage.fire(change, "return", stage.school, reason="x"),
        lambda: stage.fire(change, "reject", stage.school, reason_code="9", reason="x"),
    ]
    wins, _codes = _settled(at_once(app, presses))
    assert wins == 1
    model = model_of(stage.kind)
    assert session.scalar(select(func.count()).where(model.state == "approved")) == 1


def test_two_records_begun_at_once(app: Flask, stage: Stage, stage_of: Callable[..., Stage]) -> None:
    """Two phones of one graduate: one record."""
    del stage_of
    kind, graduate = stage.kind, stage.graduate
    session.remove()
    press: Press = lambda: begin_case(kind, body(kind), actor=graduate)  # noqa: E731
    wins, codes = _settled(at_once(app, [press] * 6))
    assert wins == 1
    assert codes <= {"raced", "open_record"}
