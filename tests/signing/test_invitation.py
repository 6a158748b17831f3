"""Who may invite whom: every guard of `invite`, each graduate judged on its own (R5.6, R6.4, R6.8, R4.3, R4.4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.access.actors import SYSTEM, Actor
from app.base.clock import SHANGHAI, end_of_day
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid
from app.employers.favorites.services import add_favorite
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.schools.models import SchoolSetting
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.signing.stage import ARCHIVE, Stage, fire, invite, keep, letter, user
from trial.demo.country import GRADUATES

pytestmark = pytest.mark.usefixtures("undone")


def _refused(employer: str, *graduate_ids: int, **changes: object) -> list[str]:
    outcome = invite_graduates(list(graduate_ids), letter(**changes), actor=user(employer))
    assert [case.graduate_id for case in outcome.created] == []
    assert all(refusal.message and "%" not in refusal.message for refusal in outcome.refused)
    return [refusal.code for refusal in outcome.refused]


def _kept(employer: str, graduate: str) -> int:
    keep(user(employer), user(graduate))
    return int(user(graduate).graduate_id or 0)


def _cases() -> int:
    return session.scalar(select(func.count()).select_from(OnlineSigning)) or 0


def test_invitation_is_a_case_with_history_and_notice() -> None:
    graduate_id = _kept("employer1", "graduate1")
    (case,) = invite_graduates([graduate_id], letter(), actor=user("employer1")).created
    assert (case.state, case.version, case.number) == ("invited", 1, None)
    assert case.valid_until == end_of_day(date.fromisoformat(case.data["valid_until"]))
    assert case.valid_until.astimezone(SHANGHAI).hour == 0
    (step,) = history.of_case("online_signing", case.id)
    assert (step.event, step.from_state, step.to_state, step.role) == ("invite", None, "invited", "employer")
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.case_id == case.id)).one()
    assert (message.kind, message.payload["template"]) == ("notice", "invitation_received")


def test_unverified_unit_is_refused() -> None:
    with pytest.raises(Conflict) as refusal:
        invite_graduates([1], letter(), actor=user("employer3"))
    assert refusal.value.code == "unverified"


@pytest.mark.parametrize("account", ["operator", "province11", "school10001", "dept10001a", "graduate1"])
def test_nobody_but_units_invites(account: str) -> None:
    with pytest.raises(Forbidden):
        invite_graduates([1], letter(), actor=user(account))


def test_graduate_outside_the_favorites_is_refused() -> None:
    """Knowing an id is not enough; a graduate who does not exist looks the same."""
    assert _refused("employer2", user("graduate1").graduate_id or 0, 10**12) == ["not_in_favorites"] * 2


def test_training_mode_without_signing_is_refused() -> None:
    assert _refused("employer1", _kept("employer1", "graduate17")) == ["not_signable"]


def test_cohort_before_the_last_is_refused() -> None:
    assert _refused("employer1", _kept("employer1", "graduate19")) == ["cohort_closed"]


def test_last_cohort_may_act_until_the_end_of_january() -> None:
    """2026届 until 2027-01-31 inclusive, by the clock in China."""
    graduate_id = _kept("employer1", "graduate18")
    cohort = session.get_one(Graduate, graduate_id).cohort
    last_moment = datetime(cohort + 1, 1, 31, 23, 59, tzinfo=SHANGHAI)
    with time_machine.travel(last_moment + timedelta(minutes=1)):
        assert _refused("employer1", graduate_id) == ["cohort_closed"]
    with time_machine.travel(last_moment):
        (case,) = invite_graduates([graduate_id], letter(), actor=user("employer1")).created
        assert "accept" in engine.available(case, user("graduate18"))
    with time_machine.travel(last_moment + timedelta(minutes=1)):
        for event, actor in (("accept", "graduate18"), ("decline", "graduate18"), ("withdraw", "employer1")):
            with pytest.raises(Conflict) as refusal:
                fire(case, event, user(actor), reason="岗位取消")
            assert refusal.value.code == "cohort_closed"


def test_reviewers_still_decide_on_a_closed_cohort() -> None:
    """What was submitted in time is judged, and the school may void and mend it."""
    graduate_id = _kept("employer1", "graduate18")
    cohort, school = session.get_one(Graduate, graduate_id).cohort, user("school10002")
    with time_machine.travel(datetime(cohort + 1, 1, 20, tzinfo=SHANGHAI)):
        (case,) = invite_graduates([graduate_id], letter(), actor=user("employer1")).created
        fire(case, "accept", user("graduate18"))
    with time_machine.travel(datetime(cohort + 1, 3, 1, tzinfo=SHANGHAI)):
        with pytest.raises(Conflict):
            fire(case, "abort", user("graduate18"))
        assert fire(case, "approve", school).state == "signed"
        fire(case, "edit_category", school, category="21")
        assert fire(case, "void", school, reason="双方协商一致").state == "voided"


def test_removed_graduate_cannot_be_found_nor_invited() -> None:
    removed = next(data for data in GRADUATES if data.removed)
    search = {"name": removed.name, "id_number": removed.id_number, "school": "中国人民大学"}
    with pytest.raises(Exception, match="姓名"):
        add_favorite(search, actor=user("employer1"))
    graduate_id = _kept("employer1", "graduate8")
    set_roster_presence(graduate_id, present=False, actor=SYSTEM)
    assert _refused("employer1", graduate_id) == ["invalid"]


def test_school_that_has_not_opened_is_refused_by_name() -> None:
    data = next(data for data in GRADUATES if data.school == "10558")
    search = {"name": data.name, "id_number": data.id_number, "school": "中山大学"}
    favorite, _new = add_favorite(search, actor=user("employer1"))
    outcome = invite_graduates([favorite.graduate_id], letter(), actor=user("employer1"))
    assert outcome.refused[0].code == "school_not_open"
    assert "中山大学" in outcome.refused[0].message


def test_school_that_has_closed_the_switch_is_refused() -> None:
    graduate_id = _kept("employer1", "graduate1")
    graduate = session.get_one(Graduate, graduate_id)
    session.get_one(SchoolSetting, (graduate.school_id, graduate.cohort, "employment")).open = False
    assert _refused("employer1", graduate_id) == ["school_not_open"]


@pytest.mark.parametrize("state", ["invited", "dept_review", "school_review", "signed"])
def test_second_live_invitation_is_refused_for_every_user_of_the_unit(stage: Stage, state: str) -> None:
    case = stage.bring(state)
    assert _refused("employer1", case.graduate_id) == ["already_invited"]
    assert _refused("employer1b", case.graduate_id) == ["already_invited"]


@pytest.mark.parametrize("state", ["declined", "expired", "withdrawn", "aborted", "rejected", "terminated", "voided"])
def test_graduate_can_be_invited_again_after_every_end(stage: Stage, state: str) -> None:
    case = stage.bring(state)
    (again,) = invite_graduates([case.graduate_id], letter(), actor=user("employer1b")).created
    assert again.id != case.id
    assert again.state == "invited"


def test_being_signed_does_not_stop_others_from_inviting(stage: Stage) -> None:
    """The other invitation is read only while the graduate is bound (R7.1)."""
    ours = stage.bring("signed")
    theirs = invite(user("employer2"), stage.graduate)
    assert engine.available(theirs, stage.graduate) == []
    for event in ("accept", "decline"):
        with pytest.raises(Conflict) as refusal:
            fire(theirs, event, stage.graduate)
        assert refusal.value.code == "already_signed"
    fire(ours, "void", stage.school, reason="双方协商一致")
    session.expire_all()
    assert fire(theirs, "accept", stage.graduate).state == "dept_review"


def test_while_one_is_reviewed_another_can_be_declined_but_not_accepted(stage: Stage) -> None:
    ours, theirs = stage.bring("dept_review"), invite(user("employer2"), stage.graduate)
    with pytest.raises(Conflict) as refusal:
        fire(theirs, "accept", stage.graduate)
    assert refusal.value.code == "in_review_elsewhere"
    assert engine.available(theirs, stage.graduate) == ["decline"]
    assert fire(theirs, "decline", stage.graduate).state == "declined"
    assert fire(ours, "abort", stage.graduate).state == "aborted"


def test_each_graduate_is_judged_on_its_own() -> None:
    good, bad = _kept("employer1", "graduate7"), _kept("employer1", "graduate17")
    outcome = invite_graduates([bad, good, 10**12, good], letter(), actor=user("employer1"))
    assert [case.graduate_id for case in outcome.created] == [good]
    assert [(one.graduate_id, one.code) for one in outcome.refused] == [
        (bad, "not_signable"),
        (10**12, "not_in_favorites"),
    ]


def test_rule_is_told_before_the_letter_is_read() -> None:
    """409 comes before 422; with one who can be invited the letter's mistakes are told, and nobody is."""
    bad, good = _kept("employer1", "graduate17"), _kept("employer1", "graduate7")
    assert _refused("employer1", bad, position={}) == ["not_signable"]
    before = _cases()
    with pytest.raises(Invalid):
        invite_graduates([bad, good], letter(position={}), actor=user("employer1"))
    assert _cases() == before


@pytest.mark.parametrize("ids", [None, [], "1", 1, {"1": 1}, [True], ["1"], [1.0], [[1]], [0], [-1], [2**63]])
def test_odd_list_of_graduates_is_refused_at_its_field(ids: object) -> None:
    with pytest.raises(Invalid) as refusal:
        invite_graduates(ids, letter(), actor=user("employer1"))  # type: ignore[arg-type]
    assert list(refusal.value.errors) == ["graduate_ids"]


def test_hundred_graduates_at_once_are_the_limit() -> None:
    with pytest.raises(Invalid) as refusal:
        invite_graduates(list(range(1, 102)), letter(), actor=user("employer1"))
    assert "100" in str(refusal.value.errors["graduate_ids"][0])


def test_graduate_who_has_not_confirmed_can_be_invited_but_not_act(stage: Stage) -> None:
    """The unit need not wait; the graduate confirms the basic information first (R1.9)."""
    session.execute(update(Graduate).where(Graduate.id == stage.graduate.graduate_id).values(confirmed_at=None))
    case = invite(stage.employer, stage.graduate)
    assert engine.available(case, stage.graduate) == []
    with pytest.raises(Conflict) as refusal:
        fire(case, "accept", stage.graduate)
    assert refusal.value.code == "not_confirmed"


def test_person_with_two_studies_acts_with_the_newest_row(app_context: Flask) -> None:
    """The older row's invitation can be read, not answered (R1.10)."""
    case = invite(user("employer1"), user("graduate1"))
    actor = user("graduate1")
    newest = Actor(**{**vars(actor), "graduate_id": 10**12, "graduate_ids": (10**12, actor.graduate_id or 0)})
    assert engine.load(ONLINE_SIGNING, case.id, actor=newest).id == case.id
    assert engine.available(case, newest) == []
    with pytest.raises(Conflict) as refusal:
        fire(case, "accept", newest)
    assert refusal.value.code == "older_studies"


def test_letter_of_the_case_is_what_was_written() -> None:
    graduate_id = _kept("employer1", "graduate1")
    sent = letter(archive=ARCHIVE, hukou={"accept": True, "optional": True, "address": "集体户"})
    (case,) = invite_graduates([graduate_id], sent, actor=user("employer1")).created
    assert case.data == sent
