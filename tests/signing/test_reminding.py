"""The unit reminds, gives more time and sees when the invitation was read; the record stays where it is (W1)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.base import clock
from app.base.clock import SHANGHAI, end_of_day
from app.base.database import session
from app.base.errors import AppError, Conflict, Invalid
from app.notices.ladder import after_quiet_hours
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import read_signing
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.signing.stage import Stage, fire, invite, letter, user

pytestmark = pytest.mark.usefixtures("undone")


def _invited(**changes: str) -> OnlineSigning:
    return invite(user("employer1"), user("graduate1"), **changes)


def _refusal(case: OnlineSigning, event: str, **data: str) -> AppError:
    with pytest.raises(AppError) as refused:
        fire(case, event, user("employer1"), **data)
    return refused.value


def test_a_reminder_goes_out_once_a_day_and_three_times_in_all() -> None:
    case = _invited(valid_until=(clock.today() + timedelta(days=20)).isoformat())
    unit = user("employer1")
    begin, since = clock.now(), case.state_since
    for day in range(3):
        with time_machine.travel(begin + timedelta(days=day, minutes=5 * day), tick=False):
            assert "remind" in engine.available(case, unit)
            fire(case, "remind", unit)
            assert (case.state, case.reminders, case.state_since) == ("invited", day + 1, since)
            assert "remind" not in engine.available(case, unit)
            refused = _refusal(case, "remind")
            assert (type(refused), refused.code) == (Conflict, "reminded")
    with time_machine.travel(begin + timedelta(days=10)):
        refused = _refusal(case, "remind")
        assert refused.code == "reminded"
        assert "3" in refused.message
    told = [
        message.payload
        for message in session.scalars(select(OutboxMessage).where(OutboxMessage.case_id == case.id))
        if message.payload.get("template") == "invitation_reminder"
    ]
    assert [one["gentle"] for one in told] == [True] * 3


def test_nobody_is_reminded_of_what_is_over() -> None:
    case = _invited()
    with time_machine.travel(clock.now() + timedelta(days=9)):
        assert [_refusal(case, event).code for event in ("remind", "extend")] == ["expired", "expired"]


def test_more_time_and_never_less() -> None:
    case = _invited()
    today, old = clock.today(), case.data["valid_until"]
    for days in (7, 3, -1, 31):
        refused = _refusal(case, "extend", valid_until=(today + timedelta(days=days)).isoformat())
        assert isinstance(refused, Invalid)
        assert list(refused.errors) == ["valid_until"]
    assert list(getattr(_refusal(case, "extend"), "errors", {})) == ["valid_until"]
    new = today + timedelta(days=30)
    fire(case, "extend", user("employer1"), valid_until=new.isoformat())
    assert (case.valid_until, case.data["valid_until"], case.state) == (end_of_day(new), new.isoformat(), "invited")
    step = history.of_case("online_signing", case.id)[-1]
    assert (step.event, step.detail["changes"]) == ("extend", {"valid_until": [old, new.isoformat()]})
    with time_machine.travel(clock.now() + timedelta(days=9)):
        fire(case, "accept", user("graduate1"))


def test_the_unit_sees_when_its_graduate_has_read_the_invitation() -> None:
    case = _invited()
    version = case.version
    assert read_signing(case.id, actor=user("employer1")).opened_at is None
    assert read_signing(case.id, actor=user("school10001")).opened_at is None
    first = read_signing(case.id, actor=user("graduate1")).opened_at
    assert first is not None
    assert read_signing(case.id, actor=user("graduate1")).opened_at == first
    assert case.version == version  # nobody's page is out of date because it was looked at


@pytest.mark.parametrize(
    ("hour", "leaves"),
    [(8, (29, 8)), (20, (29, 20)), (21, (30, 8)), (23, (30, 8)), (0, (29, 8)), (7, (29, 8))],
)
def test_what_is_gentle_waits_for_the_morning(hour: int, leaves: tuple[int, int]) -> None:
    then = after_quiet_hours(datetime(2026, 11, 29, hour, 30, tzinfo=SHANGHAI))
    assert (then.day, then.hour) == leaves
    assert then.minute == (30 if leaves == (29, hour) else 0)


def test_all_of_a_letter_can_be_sent_to_others(stage: Stage) -> None:
    """A letter that was sent is the beginning of the next; only its validity is new."""
    from app.signing.online.pages.letter_fields import letter_again

    case = stage.bring("invited")
    again = letter_again(case)
    assert {**again, "valid_until": ""} == {**case.data, "valid_until": ""}
    assert letter()["position"]["title"] == again["position"]["title"]
