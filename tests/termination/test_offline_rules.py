"""W5: what a submission needs, how it is settled, what counts, and what the end of it does (R3.4, R7.7, R8.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access.actors import SYSTEM
from app.database import session
from app.documents.attachments import files_of, remove_file
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.roster.models import Claim, Graduate
from app.roster.services import set_roster_presence
from app.termination import limits
from app.termination.offline_models import LETTER, STATEMENT, OfflineTermination
from app.termination.offline_services import (
    begin_offline_termination,
    edit_offline_termination,
    go_on_with_termination,
)
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.ems.standin import Standin
from tests.signing.stage import user
from tests.termination.offline_stage import EXPLANATION, REJECT, RETURN, WHY, Desk, allow, fire

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def desk(fresh_database: str, app_context: Flask) -> Desk:
    """A graduate of 10002, which reviews in one round."""
    return Desk("graduate7", "school10002")


@pytest.fixture
def two_levels(fresh_database: str, app_context: Flask) -> Desk:
    """A graduate of 10001, where the department comes first."""
    return Desk("graduate1", "school10001", "dept10001a")


def _left(desk: Desk) -> int:
    session.expire_all()
    return limits.left(session.get_one(Graduate, desk.graduate.graduate_id))


# A submission ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_checked_for_kinds_and_codes_only(desk: Desk) -> None:
    """Reason and papers may be missing; a code that is not in the list may not."""
    signing = desk.registered()
    about = {"signing_workflow": "supplementary", "signing_id": signing.id}
    case = begin_offline_termination(about, actor=desk.graduate, submit=False)
    assert (case.state, case.reason_code, case.employer.name) == ("draft", None, "华北精密机械制造有限公司")
    with pytest.raises(Invalid) as refusal:
        begin_offline_termination({**about, "reason_code": "77"}, actor=desk.graduate, submit=False)
    assert set(refusal.value.errors) == {"reason_code"}


def test_a_submission_names_everything_that_is_missing(desk: Desk) -> None:
    """The reason and the paper, both at once; the statement does instead of the letter."""
    about = {"signing_workflow": "supplementary", "signing_id": desk.registered().id}
    case = begin_offline_termination(about, actor=desk.graduate, submit=False)
    with pytest.raises(Invalid) as refusal:
        fire(case, "submit", desk.graduate)
    assert set(refusal.value.errors) == {"reason_code", LETTER}
    edit_offline_termination(case.id, {**about, **WHY}, actor=desk.graduate)
    desk.attach(case, STATEMENT)
    assert fire(case, "submit", desk.graduate).state == "school_review"


def test_submitting_at_once_cannot_work_without_papers_and_leaves_nothing(desk: Desk) -> None:
    """`submit` defaults to true; the papers need the record first."""
    body = {"signing_workflow": "supplementary", "signing_id": desk.registered().id, **WHY}
    with pytest.raises(Invalid) as refusal:
        begin_offline_termination(body, actor=desk.graduate)
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
        begin_offline_termination(body, actor=desk.graduate)
    assert set(refusal.value.errors) == fields


def test_somebody_elses_signing_is_not_there(desk: Desk) -> None:
    """Out of scope looks like not there (R1.7)."""
    body = {"signing_workflow": "supplementary", "signing_id": desk.registered().id, **WHY}
    with pytest.raises(NotFound):
        begin_offline_termination(body, actor=user("graduate8"))


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
            text("UPDATE offline_terminations SET state = 'school_review', submitted_at = now() WHERE id = :id"),
            {"id": other.id},
        )
    session.rollback()


def test_going_on_finds_the_unfinished_one(desk: Desk) -> None:
    """The page's button opens what there is, and begins a new one only after the last has ended."""
    signing = desk.registered()
    first = go_on_with_termination("supplementary", signing.id, actor=desk.graduate)
    assert go_on_with_termination("supplementary", signing.id, actor=desk.graduate).id == first.id
    edit_offline_termination(first.id, WHY, actor=desk.graduate)
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
        lambda: edit_offline_termination(case.id, {"reason": "改"}, actor=desk.graduate),
        lambda: desk.attach(case, STATEMENT),
        lambda: remove_file("offline_termination", case.id, file.id, actor=desk.graduate),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "wrong_state"
    fire(case, "withdraw", desk.graduate)
    assert edit_offline_termination(case.id, {"reason": "改"}, actor=desk.graduate).reason == "改"
    edit_offline_termination(case.id, WHY, actor=desk.graduate)
    fire(case, "submit", desk.graduate)
    fire(case, "return", desk.school, **RETURN)
    desk.attach(case, STATEMENT)
    assert edit_offline_termination(case.id, {**WHY, "reason": "再改"}, actor=desk.graduate).reason == "再改"


def test_an_application_stays_with_its_signing(desk: Desk) -> None:
    """Another signing needs another application."""
    signing = desk.registered()
    case = desk.draft(signing)
    with pytest.raises(Invalid):
        edit_offline_termination(case.id, {"signing_id": signing.id + 1}, actor=desk.graduate)
    for reader in ("school10002", "province11", "operator"):
        with pytest.raises(Forbidden):
            edit_offline_termination(case.id, {}, actor=user(reader))


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


# The settlement -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("papers", "data", "missing"),
    [
        ([LETTER], {}, "settlement"),
        ([LETTER], {"settlement": "forced"}, "settlement"),
        ([LETTER], {"settlement": "none"}, "settlement"),
        ([STATEMENT], {"settlement": "mutual"}, LETTER),
        ([STATEMENT], {"settlement": "mutual", "explanation": EXPLANATION}, LETTER),
        ([LETTER], {"settlement": "unilateral", "explanation": EXPLANATION}, STATEMENT),
        ([STATEMENT], {"settlement": "unilateral"}, "explanation"),
        ([STATEMENT], {"settlement": "unilateral", "explanation": "  "}, "explanation"),
    ],
)
def test_an_approval_names_what_its_settlement_lacks(
    desk: Desk, papers: list[str], data: dict[str, str], missing: str
) -> None:
    """422 at the missing paper or explanation; nothing has changed then."""
    case = desk.submitted(desk.registered(), *papers)
    with pytest.raises(Invalid) as refusal:
        fire(case, "approve", desk.school, **data)
    assert set(refusal.value.errors) == {missing}
    session.expire_all()
    kept = session.get_one(OfflineTermination, case.id)
    assert (kept.state, kept.settlement) == ("school_review", None)


@pytest.mark.parametrize(
    ("paper", "data"),
    [
        (LETTER, {"settlement": "mutual"}),
        (STATEMENT, {"settlement": "unilateral", "explanation": EXPLANATION}),
    ],
)
def test_an_approval_ends_the_signing_and_frees_the_graduate(desk: Desk, paper: str, data: dict[str, str]) -> None:
    """Terminated in the same transaction, free at once, the settlement kept and told."""
    signing = desk.registered()
    case = fire(desk.submitted(signing, paper), "approve", desk.school, **data)
    session.expire_all()
    assert (case.state, case.settlement) == ("approved", data["settlement"])
    assert case.explanation == data.get("explanation")
    assert case.data["settlement"] == data["settlement"]
    assert session.get_one(type(signing), signing.id).state == "terminated"
    assert session.get(Claim, desk.graduate.graduate_id) is None
    last = history.of_case("supplementary", signing.id)[-1]
    assert (last.event, last.role, last.actor) == ("terminate", "system", SYSTEM.name)
    assert history.of_case("offline_termination", case.id)[-1].detail["settlement"] == data["settlement"]
    assert list(history.broken_links()) == []
    assert desk.registered().state == "signed", "the graduate can sign again at once"


def test_a_department_passes_on_and_never_settles(two_levels: Desk) -> None:
    """Whatever it sends, its approval goes to the school and ends nothing."""
    signing = two_levels.registered()
    case = two_levels.submitted(signing)
    fire(case, "approve", two_levels.department, settlement="unilateral", explanation=EXPLANATION)
    session.expire_all()
    assert (case.state, case.settlement, case.explanation) == ("school_review", None, None)
    assert session.get_one(type(signing), signing.id).state == "signed"


@pytest.mark.parametrize("event", ["reject", "return"])
def test_what_is_not_approved_leaves_the_signing_in_force(desk: Desk, event: str) -> None:
    """A rejected application blocks no new one; the signing still binds."""
    signing = desk.registered()
    fire(desk.submitted(signing), event, desk.school, **(REJECT if event == "reject" else RETURN))
    session.expire_all()
    assert session.get_one(type(signing), signing.id).state == "signed"
    assert session.get_one(Claim, desk.graduate.graduate_id).kind == "in_force"
    if event == "reject":
        assert desk.submitted(signing).state == "school_review"


def test_a_signing_is_not_voided_under_an_application(desk: Desk) -> None:
    """请先处理解约申请: while it is reviewed; what lies with the graduate hinders nobody."""
    signing = desk.registered()
    case = desk.submitted(signing)
    with pytest.raises(Conflict) as refusal:
        fire(signing, "void", desk.school, reason="单位倒闭")
    assert refusal.value.code == "termination_open"
    fire(case, "return", desk.school, **RETURN)
    assert fire(signing, "void", desk.school, reason="单位倒闭").state == "voided"


def test_the_database_keeps_the_settlement_as_well(desk: Desk) -> None:
    """Nothing is approved without it, nothing one-sided without an explanation."""
    case = desk.submitted(desk.registered(), STATEMENT)
    for change in ("state = 'approved'", "state = 'approved', settlement = 'unilateral'", "settlement = 'forced'"):
        with pytest.raises(IntegrityError, match="ck_offline_terminations"):
            session.execute(text(f"UPDATE offline_terminations SET {change} WHERE id = :id"), {"id": case.id})
        session.rollback()


def test_the_end_is_told_to_graduate_and_employment_system(
    desk: Desk, ems: Standin, drain: Callable[..., int], app: Flask
) -> None:
    """待就业 there (R4.9), a notice of each verdict here (R10.1)."""
    case = desk.submitted(desk.registered())
    fire(case, "return", desk.school, **RETURN)
    fire(case, "submit", desk.graduate)
    fire(case, "approve", desk.school, settlement="mutual")
    query = select(OutboxMessage).where(OutboxMessage.workflow == "offline_termination").order_by(OutboxMessage.id)
    told = [message.payload["template"] for message in session.scalars(query) if message.kind == "notice"]
    assert told == ["offline_termination_returned", "offline_termination_approved"]
    last = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "ems").order_by(OutboxMessage.id)).all()[
        -1
    ]
    assert (last.workflow, last.payload["destination"]["code"]) == ("supplementary", "70")


# What counts ----------------------------------------------------------------------------------------------------------


def test_an_application_counts_once_whatever_becomes_of_it(desk: Desk) -> None:
    """Not as a draft, not again after a return or a withdrawal; a rejected one stays counted (R3.4)."""
    signing = desk.registered()
    assert _left(desk) == 2
    case = desk.draft(signing, LETTER)
    assert _left(desk) == 2
    fire(case, "submit", desk.graduate)
    assert _left(desk) == 1
    fire(case, "withdraw", desk.graduate)
    fire(case, "submit", desk.graduate)
    fire(case, "return", desk.school, **RETURN)
    fire(case, "submit", desk.graduate)
    assert _left(desk) == 1
    fire(case, "reject", desk.school, **REJECT)
    desk.submitted(signing)
    assert _left(desk) == 0


def test_beyond_the_limit_a_draft_stays_a_draft(desk: Desk) -> None:
    """The refusal says how many there were; what was counted before may still be corrected and handed in again."""
    signing = desk.registered()
    allow(desk.graduate, 1)
    case = desk.submitted(signing)
    allow(desk.graduate, 0)
    fire(case, "return", desk.school, **RETURN)
    assert fire(case, "submit", desk.graduate).state == "school_review"
    fire(case, "reject", desk.school, **REJECT)
    draft = desk.draft(signing, LETTER)
    with pytest.raises(Conflict) as refusal:
        fire(draft, "submit", desk.graduate)
    assert refusal.value.code == "termination_limit"
    assert "submit" not in engine.available(draft, desk.graduate)


# The roster -----------------------------------------------------------------------------------------------------------


def test_a_removed_graduates_application_is_frozen(desk: Desk) -> None:
    """失效: the state is kept, every event is refused, and all goes on after the return to the roster."""
    case = desk.submitted(desk.registered())
    set_roster_presence(desk.graduate.graduate_id, present=False, actor=SYSTEM)
    session.expire_all()
    for event, actor, data in (("withdraw", desk.graduate, {}), ("approve", desk.school, {"settlement": "mutual"})):
        with pytest.raises(Conflict) as refusal:
            fire(case, event, actor, **data)
        assert refusal.value.code == "invalid"
    set_roster_presence(desk.graduate.graduate_id, present=True, actor=SYSTEM)
    session.expire_all()
    assert fire(case, "approve", desk.school, settlement="mutual").state == "approved"
