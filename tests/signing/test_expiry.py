"""An invitation ends at 24:00 of its last day, at use as well as by the clock's job."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict
from app.deadlines.jobs import pass_time_job
from app.deadlines.queries import due_cases
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.signing.stage import Stage, fire, invite, user


def _expired() -> int:
    """How many invitations the clock's job lets expire."""
    before = _count()
    pass_time_job()
    return _count() - before


def _count() -> int:
    query = select(func.count()).select_from(OnlineSigning).where(OnlineSigning.state == "expired")
    return session.scalar(query) or 0


pytestmark = pytest.mark.usefixtures("undone")


@pytest.fixture
def case(undone: None, stage: Stage) -> OnlineSigning:
    """An invitation that is valid for one day."""
    return invite(stage.employer, stage.graduate, valid_until=(clock.today() + timedelta(days=1)).isoformat())


def test_accepted_in_the_last_minute(stage: Stage, case: OnlineSigning) -> None:
    with time_machine.travel(case.valid_until - timedelta(minutes=1)):
        assert "accept" in engine.available(case, stage.graduate)
        assert fire(case, "accept", stage.graduate).state == "dept_review"


@pytest.mark.parametrize("event", ["accept", "decline"])
def test_refused_from_midnight_on_however_late_the_job_is(stage: Stage, case: OnlineSigning, event: str) -> None:
    with time_machine.travel(case.valid_until, tick=False):
        assert engine.available(case, stage.graduate) == []
        with pytest.raises(Conflict) as refusal:
            fire(case, event, stage.graduate)
        assert refusal.value.code == "expired"
        assert case.state == "invited"


def test_overdue_invitation_can_still_be_withdrawn(stage: Stage, case: OnlineSigning) -> None:
    """The unit need not wait for the job to invite again."""
    with time_machine.travel(case.valid_until + timedelta(hours=1)):
        assert fire(case, "withdraw", stage.employer, reason="重新邀请").state == "withdrawn"


def test_job_leaves_valid_invitations_alone(stage: Stage, case: OnlineSigning) -> None:
    with time_machine.travel(case.valid_until - timedelta(seconds=1), tick=False):
        assert case.id not in due_cases(ONLINE_SIGNING, 500)
        _expired()
        with pytest.raises(Conflict) as refusal:
            fire(case, "expire", SYSTEM)
        assert refusal.value.code == "still_valid"
    assert case.state == "invited"


def test_job_expires_once_and_tells_both(case: OnlineSigning) -> None:
    with time_machine.travel(case.valid_until + timedelta(seconds=1), tick=False):
        assert _expired() == 1
        assert _expired() == 0
        assert case.state == "expired"
        last = history.of_case("online_signing", case.id)[-1]
        assert (last.event, last.role, last.actor, last.actor_id) == ("expire", "system", "系统", None)
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.case_id == case.id)).all()[-1]
        assert (told.payload["template"], set(told.payload["to"])) == ("invitation_expired", {"graduate", "employer"})


def test_job_passes_over_removed_graduates_and_expires_them_when_they_are_back(case: OnlineSigning) -> None:
    """失效 keeps the state; after the restoring the clock takes it up again (R4.7, R4.8)."""
    with time_machine.travel(case.valid_until + timedelta(hours=1)):
        set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
        assert _expired() == 0
        set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)
        assert _expired() == 1


def test_nobody_but_the_program_expires(stage: Stage, case: OnlineSigning) -> None:
    with time_machine.travel(case.valid_until + timedelta(hours=1)):
        for account in ("operator", "employer1", "graduate1", "school10001"):
            with pytest.raises(Exception, match="权限"):
                fire(case, "expire", user(account))


@pytest.mark.parametrize(("days", "hours"), [(1, 24), (30, 24 * 30)])
def test_validity_is_counted_to_the_end_of_the_day_in_china(stage: Stage, days: int, hours: int) -> None:
    """Also for who writes the letter in the last or the first minute of a day there."""
    midnight = clock.end_of_day(clock.today())
    for moment, left in (
        (midnight - timedelta(minutes=1), timedelta(hours=hours, minutes=1)),
        (midnight, timedelta(hours=hours + 24)),
    ):
        with time_machine.travel(moment, tick=False):
            until = (clock.today() + timedelta(days=days)).isoformat()
            case = invite(stage.employer, stage.graduate, valid_until=until)
            assert case.valid_until - clock.now() == left
            fire(case, "withdraw", stage.employer, reason="测试")
