"""W5: what a submission needs, and when an application can be changed (R7.7, R7.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.cases.attachments import files_of, remove_file
from app.cases.services import begin_case, edit_case
from app.termination.offline.models import LETTER, STATEMENT, OfflineTermination
from app.termination.offline.services import go_on_with_termination
from tests.signing.stage import user
from tests.termination.offline_stage import REJECT, RETURN, WHY, Desk, fire

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def desk(fresh_database: str, app_context: Flask) -> Desk:
    """A graduate of 10002, which reviews in one round."""
    return Desk("graduate7", "school10002")


@pytest.fixture
def two_levels(fresh_database: str, app_context: Flask) -> Desk:
    """A graduate of 10001, where the department comes first."""
    return Desk("graduate1", "school10001", "dept10001a")


# A submission ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_checked_for_kinds_and_codes_only(desk: Desk) -> None:
    """Reason and papers may be missing; a code that is not in the list may not."""
    signing = desk.registered()
    about = {"signing_workflow": "supplementary", "signing_id": signing.id}
    case = begin_case("offline_termination", about, actor=desk.graduate, submit=False)
    assert (case.state, case.reason_code, case.employer.name) == ("draft", None, "华北精密机械制造有限公司")
    with pytest.raises(Invalid) as refusal:
        begin_case("offline_termination", {**about, "reason_code": "77"}, actor=desk.graduate, submit=False)
    assert set(refusal.value.errors) == {"reason_code"}


def test_a_submission_names_everything_that_is_missing(desk: Desk) -> None:
    """The reason and the paper, both at once; the statement does instead of the letter."""
    about = {"signing_workflow": "supplementary", "signing_id": desk.registered().id}
    case = begin_case("offline_termination", about, actor=desk.graduate, submit=False)
    with pytest.raises(Invalid) as refusal:
        fire(case, "submit", desk.graduate)
    assert set(refusal.value.errors) == {"reason_code", LETTER}
    edit_case("offline_termination", case.id, {**about, **WHY}, actor=desk.graduate)
    desk.attach(case, STATEMENT)
    assert fire(case, "submit", desk.graduate).state == "school_review"


def test_submitting_at_once_cannot_work_without_papers_and_leaves_nothing(desk: Desk) -> None:
    """`submit` defaults to true; the papers need the record first."""
    body = {"signing_workflow": "supplementary", "signing_id": desk.registered().id, **WHY}
    with pytest.raises(Invalid) as refusal:
        begin_case("offline_termination", body, actor=desk.graduate)
    assert set(refusal.value.errors) == {LETTER}
    assert session.scalars(select(OfflineTermination)).all() == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"signing_workflow", "signing_id"}),
        ({"signing_workflow": "online_signing", "signing_id": 1}, {"signing_workflow"}),
        ({"signing_workflow": "supplementary", "signing_id": "1"}, {"signing_id"}),
        ({"signing_workflow": "supplementary", "signing_id": True}, {"signing_id"}),
        ({"signing_workflow": "supplementary", "signing_id": 2**63}, {"signing_id"}),
        ({"signing_workflow": ["supplementary"], "signing_id": 1}, {"signing_workflow"}),
    ],
)
def test_a_body_must_name_a_signing_on_paper(desk: Desk, body: dict[str, Any], fields: set[str]) -> None:
    """Agreements signed online are terminated by W4."""
    with pytest.raises(Invalid) as refusal:
        begin_case("offline_termination", body, actor=desk.graduate)
    assert set(refusal.value.errors) == fields


def test_somebody_elses_signing_is_not_there(desk: Desk) -> None:
    """Out of scope looks like not there (R1.7)."""
    body = {"signing_workflow": "supplementary", "signing_id": desk.registered().id, **WHY}
    with pytest.raises(NotFound):
        begin_case("offline_termination", body, actor=user("graduate8"))


def test_only_what_is_signed_can_be_terminated(desk: Desk) -> None:
    """A signing that is over, or not yet in force, has nothing to terminate."""
    signing = desk.registered()
    draft = desk.draft(signing, LETTER)
    fire(signing, "void", desk.school, reason="单位倒闭")
    for attempt in (lambda: desk.draft(signing), lambda: fire(draft, "submit", desk.graduate)):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "signing_not_in_force"


def test_one_application_at_a_time(desk: Desk) -> None:
    """While one is reviewed or was sent back there is no other; the database says so as well."""
    signing = desk.registered()
    other = desk.draft(signing, LETTER)
    case = desk.submitted(signing)
    for attempt in (lambda: desk.draft(signing), lambda: fire(other, "submit", desk.graduate)):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "termination_open"
    fire(case, "return", desk.school, **RETURN)
    with pytest.raises(Conflict):
        desk.draft(signing)
    with pytest.raises(IntegrityError, match="uq_offline_terminations_open"):
        session.execute(
            text(
                "UPDATE offline_terminations SET state = 'school_review', stage = 'review', submitted_at = now() WHERE id = :id"
            ),
            {"id": other.id},
        )
    session.rollback()


def test_going_on_finds_the_unfinished_one(desk: Desk) -> None:
    """The page's button opens what there is, and begins a new one only after the last has ended."""
    signing = desk.registered()
    first = go_on_with_termination("supplementary", signing.id, actor=desk.graduate)
    assert go_on_with_termination("supplementary", signing.id, actor=desk.graduate).id == first.id
    edit_case("offline_termination", first.id, WHY, actor=desk.graduate)
    desk.attach(first)
    fire(first, "submit", desk.graduate)
    assert go_on_with_termination("supplementary", signing.id, actor=desk.graduate).id == first.id
    fire(first, "reject", desk.school, **REJECT)
    assert go_on_with_termination("supplementary", signing.id, actor=desk.graduate).id != first.id


# Editing --------------------------------------------------------------------------------------------------------------


def test_what_was_submitted_cannot_be_changed_until_it_comes_back(desk: Desk) -> None:
    """Words and files alike; after a return and after a withdrawal they can (R7.10)."""
    case = desk.submitted(desk.registered())
    file = files_of(case)[0]
    attempts: list[Callable[[], Any]] = [
        lambda: edit_case("offline_termination", case.id, {"reason": "改"}, actor=desk.graduate),
        lambda: desk.attach(case, STATEMENT),
        lambda: remove_file("offline_termination", case.id, file.id, actor=desk.graduate),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "wrong_state"
    fire(case, "withdraw", desk.graduate)
    assert edit_case("offline_termination", case.id, {"reason": "改"}, actor=desk.graduate).reason == "改"
    edit_case("offline_termination", case.id, WHY, actor=desk.graduate)
    fire(case, "submit", desk.graduate)
    fire(case, "return", desk.school, **RETURN)
    desk.attach(case, STATEMENT)
    assert edit_case("offline_termination", case.id, {**WHY, "reason": "再改"}, actor=desk.graduate).reason == "再改"


def test_an_application_stays_with_its_signing(desk: Desk) -> None:
    """Another signing needs another application."""
    signing = desk.registered()
    case = desk.draft(signing)
    with pytest.raises(Invalid):
        edit_case("offline_termination", case.id, {"signing_id": signing.id + 1}, actor=desk.graduate)
    for reader in ("school10002", "province11", "operator"):
        with pytest.raises(Forbidden):
            edit_case("offline_termination", case.id, {}, actor=user(reader))


def test_opinions_are_kept_until_the_next_submission(desk: Desk) -> None:
    """What the reviewer wrote stands at the fields, and is forgotten with the corrected one."""
    case = desk.submitted(desk.registered())
    assert fire(case, "return", desk.school, **RETURN).opinions == RETURN
    assert fire(case, "submit", desk.graduate).opinions is None


def test_nobody_withdraws_what_the_department_has_passed(two_levels: Desk) -> None:
    """Before any decision of that round only."""
    case = two_levels.submitted(two_levels.registered())
    fire(case, "approve", two_levels.department)
    with pytest.raises(Conflict) as refusal:
        fire(case, "withdraw", two_levels.graduate)
    assert refusal.value.code == "already_decided"
