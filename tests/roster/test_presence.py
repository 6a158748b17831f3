"""A graduate confirms the basic information, leaves the roster and comes back (R1.9, R4.7, R4.8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import Conflict, Forbidden, NotFound
from app.roster.models import Claim, Graduate
from app.roster.services.graduates import confirm_basic_information, report_wrong_information, set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from tests.signing.stage import STATES, Stage, fire, user

Undone = Callable[[], None]


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


def _unconfirmed(name: str) -> Actor:
    actor = user(name)
    session.execute(update(Graduate).where(Graduate.id == actor.graduate_id).values(confirmed_at=None))
    return actor


def test_confirming_twice_changes_nothing(app_context: Flask) -> None:
    actor = _unconfirmed("graduate2")
    first = confirm_basic_information(actor=actor).confirmed_at
    assert first is not None
    assert confirm_basic_information(actor=actor).confirmed_at == first


def test_wrong_information_is_remembered_until_confirmed(app_context: Flask) -> None:
    actor = _unconfirmed("graduate2")
    assert report_wrong_information(actor=actor).reported_wrong_at is not None
    graduate = confirm_basic_information(actor=actor)
    assert (graduate.reported_wrong_at, graduate.confirmed_at is None) == (None, False)
    with pytest.raises(Conflict):
        report_wrong_information(actor=actor)


@pytest.mark.parametrize("account", ["operator", "school10001", "employer1"])
def test_nobody_confirms_for_a_graduate(app_context: Flask, account: str) -> None:
    for service in (confirm_basic_information, report_wrong_information):
        with pytest.raises(Forbidden):
            service(actor=user(account))


def test_removed_graduate_cannot_confirm(app_context: Flask) -> None:
    actor = _unconfirmed("graduate20")
    with pytest.raises(Conflict) as refusal:
        confirm_basic_information(actor=actor)
    assert refusal.value.code == "invalid"


@pytest.mark.parametrize("state", STATES)
def test_removal_keeps_the_state_and_refuses_every_event(stage: Stage, state: str) -> None:
    """Also for reviewers; restoring gives back what was (R4.8)."""
    case_id = stage.bring(state).id
    claim = _claim(stage)
    set_roster_presence(stage.graduate.graduate_id or 0, present=False, actor=SYSTEM)
    readers = (stage.employer, stage.graduate, stage.department, stage.school)
    session.expire_all()
    case = engine.load(ONLINE_SIGNING, case_id, actor=SYSTEM)
    assert case.state == state
    assert [engine.available(case, reader) for reader in readers] == [[], [], [], []]
    for row in ONLINE_SIGNING.transitions:
        if row.anyhow:
            continue  # a finding that the record is untrue stops at no roster
        actor = {"system": SYSTEM, **{one.kind: one for one in readers}}[row.who[0]]
        with pytest.raises(Conflict) as refusal:
            fire(case, row.event, actor, reason="x", reason_code="9", category="21")
        assert refusal.value.code == "invalid"
    assert _claim(stage) == claim
    set_roster_presence(stage.graduate.graduate_id or 0, present=True, actor=SYSTEM)
    session.expire_all()
    case = engine.load(ONLINE_SIGNING, case_id, actor=SYSTEM)
    assert (case.state, case.invalid_since) == (state, None)
    _release(case, stage)


def _claim(stage: Stage) -> tuple[str, int, str] | None:
    query = select(Claim.workflow, Claim.case_id, Claim.kind).where(Claim.graduate_id == stage.graduate.graduate_id)
    row = session.execute(query).one_or_none()
    return tuple(row) if row else None


def _release(case: OnlineSigning, stage: Stage) -> None:
    ends = {"invited": "decline", "dept_review": "abort"}
    if case.state in ends:
        fire(case, ends[case.state], stage.graduate)
    elif case.state == "school_review":
        fire(case, "reject", stage.school, reason_code="9", reason="测试")
    elif case.state == "signed":
        fire(case, "void", stage.school, reason="测试")


def test_removing_twice_keeps_the_first_moment(app_context: Flask) -> None:
    graduate_id = user("graduate3").graduate_id or 0
    first = set_roster_presence(graduate_id, present=False, actor=SYSTEM).invalid_since
    assert first is not None
    assert set_roster_presence(graduate_id, present=False, actor=SYSTEM).invalid_since == first
    assert set_roster_presence(graduate_id, present=True, actor=SYSTEM).invalid_since is None


@pytest.mark.parametrize(
    ("account", "refusal"),
    [
        ("employer1", NotFound),
        ("school10002", NotFound),
        ("dept10001b", NotFound),
        ("province32", NotFound),
        ("graduate2", NotFound),
        ("graduate1", Forbidden),
    ],
)
def test_only_the_own_school_removes(app_context: Flask, account: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        set_roster_presence(user("graduate1").graduate_id or 0, present=False, actor=user(account))
