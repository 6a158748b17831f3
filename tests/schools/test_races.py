"""People who save at the same moment: nothing is lost, nothing is opened or named twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.audit import AuditLine
from app.base.cohorts import current_cohort
from app.base.database import session
from app.base.errors import Conflict
from app.schools.models import ProvinceModule, SchoolSetting
from app.schools.queries import contacts_of, setting_of
from app.schools.services import open_province_module, save_school_setting
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.workflow.models import OutboxMessage
from tests.schools.people import MODULES, contact, open_everything, school
from tests.signing.race import at_once
from tests.signing.stage import fire, invite, keep, letter, user

PEOPLE = 6


@pytest.fixture(autouse=True)
def _own_database(app: Flask, fresh_database: str) -> None:
    """What is opened and named here is for good."""


def _count(app: Flask, query: Any) -> int:
    with app.app_context():
        return session.scalar(query) or 0


def test_two_who_open_a_province_open_it_once(app: Flask) -> None:
    kinds = ["two_party", "three_party"] * (PEOPLE // 2)

    def press(kind: str) -> Any:
        return lambda: open_province_module("employment", kind, actor=user("province44")).agreement_type

    results = at_once(app, [press(kind) for kind in kinds])
    done = [result.value for result in results if result.refusal is None]
    assert len(done) == 1
    assert {result.refusal.code for result in results if result.refusal} == {"already_open"}
    with app.app_context():
        from app.schools.models import Province

        assert session.scalars(select(Province.agreement_type).where(Province.code == "44")).one() == done[0]
        count = select(func.count()).select_from(ProvinceModule).where(ProvinceModule.opened_by == "司徒岭")
        assert session.scalar(count) == 1


def test_modules_are_opened_side_by_side(app: Flask) -> None:
    results = at_once(
        app,
        [
            lambda module=module: open_province_module(module, "two_party", actor=user("province44"))
            for module in MODULES
        ],
    )
    assert not any(result.refusal for result in results)


def test_two_who_submit_first_do_not_lose_each_other(app: Flask) -> None:
    """Each names another field: both hold afterwards, one row, one message to the employment system."""
    with app.app_context():
        open_everything()
    changes: list[dict[str, Any]] = [
        {"open": True},
        {"max_terminations": 7},
        {"contacts": [contact("undergraduate")]},
        {"contacts": [contact("postgraduate")]},
        {"review_mode": "school"},
    ]
    presses = [lambda one=one: save_school_setting(one, actor=user("school10558")) for one in changes]
    results = at_once(app, presses)
    assert not any(result.refusal for result in results)
    with app.app_context():
        setting = setting_of(school().id, current_cohort())
        assert setting is not None
        assert (setting.open, setting.max_terminations, setting.review_mode) == (True, 7, "school")
        assert set(contacts_of(school().id, current_cohort())) == {"undergraduate", "postgraduate"}
        assert (
            session.scalar(
                select(func.count()).select_from(SchoolSetting).where(SchoolSetting.school_id == school().id)
            )
            == 1
        )
        told = session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == "ems"))
        assert [one["school"] for one in told if one["action"] == "switch"].count("10558") == 1
        lines = select(func.count()).where(AuditLine.subject.startswith("school_settings 10558"))
        assert session.scalar(lines) == setting.version


def test_two_who_saw_the_same_page_do_not_overwrite_each_other(app: Flask) -> None:
    with app.app_context():
        setting = setting_of(user("school10001").school_id or 0, current_cohort())
        assert setting is not None
        version = setting.version
    presses = [
        lambda n=n: save_school_setting({"max_terminations": n}, actor=user("school10001"), version=version)
        for n in range(10, 10 + PEOPLE)
    ]
    results = at_once(app, presses)
    assert sum(result.refusal is None for result in results) == 1
    assert {result.refusal.code for result in results if result.refusal} == {"stale"}


def test_contact_is_named_once_and_not_both_ways(app: Flask) -> None:
    with app.app_context():
        open_everything()
    levels = ["all", "undergraduate", "all", "postgraduate", "all", "undergraduate"]
    presses = [
        lambda n=n, level=level: save_school_setting(
            {"contacts": [contact(level, name=f"经办{n}")]}, actor=user("school10558")
        )
        for n, level in enumerate(levels)
    ]
    results = at_once(app, presses)
    refusals = [result.refusal for result in results if result.refusal]
    assert {refusal.code for refusal in refusals} <= {"contact_exists"}
    with app.app_context():
        there = set(contacts_of(school().id, current_cohort()))
    assert there == {"all"} or ("all" not in there and there)
    assert len(there) == PEOPLE - len(refusals)


@pytest.mark.parametrize("_round", range(4))
def test_invitation_and_closing_never_both_succeed(app: Flask, _round: int) -> None:
    with app.app_context():
        employer, graduate = user("employer1"), user("graduate13")
        keep(employer, graduate)
        assert graduate.graduate_id
        graduate_id = graduate.graduate_id
    invited, closed = at_once(
        app,
        [
            lambda: invite_graduates([graduate_id], letter(), actor=user("employer1")),
            lambda: save_school_setting({"open": False}, actor=user("school10284")),
        ],
    )
    created = bool(invited.value.created)
    assert created == (closed.refusal is not None)
    if not created:
        assert [refusal.code for refusal in invited.value.refused] == ["school_not_open"]
    else:
        assert isinstance(closed.refusal, Conflict)


@pytest.mark.parametrize("_round", range(4))
def test_acceptance_and_change_of_mode_see_each_other(app: Flask, _round: int) -> None:
    """Either the mode changes first and the case takes the new one, or the case is in progress and the mode rests."""
    with app.app_context():
        case_id = invite(user("employer1"), user("graduate1")).id
    accepted, changed = at_once(
        app,
        [
            lambda: fire(session.get_one(OnlineSigning, case_id), "accept", user("graduate1")).review_mode,
            lambda: save_school_setting({"review_mode": "school"}, actor=user("school10001")).review_mode,
        ],
    )
    assert accepted.refusal is None
    if changed.refusal is None:
        assert accepted.value == "school"
    else:
        assert changed.refusal.code == "in_progress"
        assert accepted.value == "department_school"
