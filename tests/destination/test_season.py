"""After the season of a cohort reviewers still decide what came in time, and nobody edits anything (R4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from app.access.actors import Actor
from app.base.errors import AppError, Conflict
from app.destination.models import Destination
from tests.destination.stage import REJECT, RETURN, Stage, draft, fire, ready

pytestmark = pytest.mark.usefixtures("undone")
AFTER = datetime(2030, 3, 1, tzinfo=UTC)


@pytest.fixture
def late(stage: Stage) -> Iterator[tuple[Destination, Stage]]:
    """A registration that waits for the department when the season is over."""
    case = stage.bring("dept_review")
    with time_machine.travel(AFTER, tick=True):
        yield case, stage


def _refused(case: Destination, event: str, actor: Actor, **data: object) -> str:
    with pytest.raises(AppError) as refusal:
        fire(case, event, actor, **data)
    return refusal.value.code


def test_what_came_in_time_is_approved(late: tuple[Destination, Stage]) -> None:
    case, stage = late
    fire(case, "approve", stage.department)
    assert fire(case, "approve", stage.school).state == "approved"


def test_or_rejected_but_neither_returned_nor_corrected(late: tuple[Destination, Stage]) -> None:
    case, stage = late
    assert _refused(case, "return", stage.department, **RETURN) == "cohort_closed"
    assert _refused(case, "amend", stage.department, **{**case.data, "type": "12"}) == "cohort_closed"
    assert _refused(case, "withdraw", stage.graduate) == "cohort_closed"
    assert fire(case, "reject", stage.department, **REJECT).state == "rejected"


def test_graduates_begin_nothing(stage: Stage) -> None:
    case = ready(stage.graduate)
    with time_machine.travel(AFTER, tick=True):
        assert _refused(case, "submit", stage.graduate) == "cohort_closed"
        with pytest.raises(Conflict):
            draft(stage.graduate)
