"""A unit that does not answer holds nobody for ever: what it was sent has arrived, its time is over, the school decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.access.actors import SYSTEM
from app.base.database import session
from app.base.errors import Conflict
from app.deadlines.services import note_pulse
from app.termination.online.models import OnlineTermination
from app.workflow import engine
from tests.deadlines.people import DAY, look_at, told
from tests.termination.stage import TerminationStage
from tests.termination.stage import fire as answer

pytestmark = pytest.mark.usefixtures("fresh_database")


def _asked(noon: datetime) -> tuple[TerminationStage, OnlineTermination]:
    with time_machine.travel(noon, tick=False):
        note_pulse()
        stage = TerminationStage()
        return stage, stage.bring("waiting_employer")


def test_a_silent_unit_s_case_goes_to_the_school(noon: datetime, drain: Callable[[], Any]) -> None:
    _stage, case = _asked(noon)
    assert case.due_at == noon + timedelta(days=10)
    with time_machine.travel(case.due_at, tick=False), pytest.raises(Conflict) as refused:
        engine.fire("online_termination", case.id, "escalate", actor=SYSTEM)
    assert refused.value.code == "not_delivered"
    drain()
    with time_machine.travel(case.due_at - timedelta(minutes=1), tick=False), pytest.raises(Conflict) as refused:
        engine.fire("online_termination", case.id, "escalate", actor=SYSTEM)
    assert refused.value.code == "not_due"
    due = case.due_at
    look_at(*(noon + day * DAY for day in range(1, 10)), due, due)
    session.refresh(case)
    assert (case.state, case.waits_for) == ("escalated", "school")
    assert len(told("online_termination_escalated", case)) == 1
    assert len(told("waiting_reminder", case)) == 2


@pytest.mark.parametrize(
    ("who", "event", "data", "state"),
    [
        ("school", "force", {"explanation": "单位长期未处理"}, "forced"),
        ("employer", "agree", {}, "dept_review"),
        ("employer", "refuse", {"reason": "请继续履行"}, "refused"),
        ("graduate", "withdraw", {}, "withdrawn"),
    ],
)
def test_who_may_still_act_once_it_is_with_the_school(
    noon: datetime, drain: Callable[[], Any], who: str, event: str, data: dict[str, str], state: str
) -> None:
    stage, case = _asked(noon)
    drain()
    with time_machine.travel(case.due_at, tick=False):
        engine.fire("online_termination", case.id, "escalate", actor=SYSTEM)
        assert answer(case, event, getattr(stage, who), **data).state == state
