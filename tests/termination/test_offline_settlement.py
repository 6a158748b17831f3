"""W5: how an application is settled, what the end of it does, and what counts (R3.4, R4.9, R8.7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access.actors import SYSTEM
from app.base.database import session
from app.base.errors import Conflict, Invalid
from app.roster.models import Claim, Graduate
from app.roster.services.graduates import set_roster_presence
from app.termination import guards
from app.termination.offline.models import LETTER, STATEMENT, OfflineTermination
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.fixtures.standin import Standin
from tests.signing.stage import Stage, user
from tests.termination.offline_stage import EXPLANATION, REJECT, RETURN, WHY, Desk, allow, fire
from tests.termination.stage import start_termination

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
    return guards.left(session.get_one(Graduate, desk.graduate.graduate_id))


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


def test_an_agreement_made_here_ends_the_same_way(two_levels: Desk) -> None:
    """W2, department first: its number stands on the application, and a new signing is possible afterwards."""
    signing = two_levels.printed()
    case = two_levels.submitted(signing)
    assert (case.signing_workflow, case.number) == ("offline_signing", signing.number)
    assert case.agreement_type == signing.agreement_type
    two_levels.approve(case, settlement="mutual")
    session.expire_all()
    assert session.get_one(type(signing), signing.id).state == "terminated"
    assert two_levels.printed().number != case.number


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
    for change in (
        "state = 'approved', stage = 'in_force'",
        "state = 'approved', stage = 'in_force', settlement = 'unilateral'",
        "settlement = 'forced'",
    ):
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


def test_both_kinds_of_termination_are_counted_together(two_levels: Desk) -> None:
    """W4 by the graduate and W5 share one number (R3.4)."""
    signing = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    case = start_termination(signing.id, WHY, actor=two_levels.graduate)
    fire(case, "agree", user("employer1"))
    two_levels.approve(case)
    assert _left(two_levels) == 1
    paper = two_levels.registered()
    fire(two_levels.submitted(paper), "reject", two_levels.department, **REJECT)
    assert _left(two_levels) == 0
    with pytest.raises(Conflict) as refusal:
        two_levels.submitted(paper)
    assert refusal.value.code == "termination_limit"


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
