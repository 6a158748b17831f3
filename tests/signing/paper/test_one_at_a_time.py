"""A graduate holds at most one claim among signings of any kind and destinations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.base.database import session
from app.base.errors import Conflict
from app.destination.models import Destination
from app.roster.models import Claim
from app.signing.paper.models import OfflineSigning
from app.workflow import engine
from tests.destination.stage import Stage as DestinationStage
from tests.signing.paper.stage import VOID, PaperStage
from tests.signing.stage import Stage, fire

HOLDERS = {
    "online_signing": ("dept_review", "school_review", "signed"),
    "offline_signing": ("agreement_dept_review", "agreement_school_review", "dept_review", "school_review", "signed"),
    "supplementary": ("dept_review", "school_review", "signed"),
    "destination": ("dept_review", "school_review"),
}
FREE = {
    "online_signing": ("declined", "rejected", "voided", "invited"),
    "offline_signing": (
        *("draft", "agreement_returned", "agreement_rejected", "agreement_approved", "returned", "rejected", "voided"),
    ),
    "supplementary": ("draft", "returned", "rejected", "terminated", "voided"),
    "destination": ("draft", "returned", "rejected", "voided"),
}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def stage(app_context: Flask) -> PaperStage:
    """graduate1 and the reviewers."""
    return PaperStage()


def bring(workflow: str, state: str) -> Any:
    """A case of graduate1 in this state."""
    if workflow == "online_signing":
        return Stage("employer1", "graduate1", "dept10001a", "school10001").bring(state)
    if workflow == "destination":
        return DestinationStage().bring(state)
    return PaperStage().bring(workflow, state)


def takers(stage: PaperStage) -> dict[str, Callable[[], Any]]:
    """Everything that takes the claim, prepared so far that one press is missing."""
    offline, copy, paper = stage.offline("draft"), stage.offline("agreement_approved"), stage.supplementary("draft")
    stage.attach(copy, "stamped_agreement")
    unit = Stage("employer2", "graduate1", "dept10001a", "school10001")
    invited = unit.bring("invited")
    return {
        "accept": lambda: fire(invited, "accept", stage.graduate),
        "submit of an agreement": lambda: stage.fire(offline, "submit", "graduate"),
        "upload of a copy": lambda: stage.fire(copy, "upload", "graduate"),
        "submit of a registration": lambda: stage.fire(paper, "submit", "graduate"),
    }


def test_whatever_holds_the_graduate_stops_everything_else(stage: PaperStage) -> None:
    """One graduate in each holding state; each of the four events that would take the claim is refused."""
    presses = takers(stage)
    for workflow, states in HOLDERS.items():
        for state in states:
            case = bring(workflow, state)
            for name, press in presses.items():
                with pytest.raises(Conflict) as refusal:
                    press()
                code = "already_signed" if state == "signed" else "in_review_elsewhere"
                assert refusal.value.code == code, (workflow, state, name)
            _end(stage, case)


def _end(stage: PaperStage, case: Any) -> None:
    """By whatever way the case can end."""
    session.refresh(case)
    if case.state == "signed":
        engine.fire(case.workflow_name, case.id, "void", actor=stage.school, data=VOID)
    else:
        who = stage.department if "dept" in case.state else stage.school
        data = {"reason_code": "9", "reason": "信息有误"}
        engine.fire(case.workflow_name, case.id, "reject", actor=who, data=data)
    assert session.get(Claim, case.graduate_id) is None


def test_whatever_holds_nothing_stops_nothing(stage: PaperStage) -> None:
    """Drafts, invitations, returned and ended cases leave the graduate free to begin anew (R7.10)."""
    for workflow, states in FREE.items():
        for state in states:
            bring(workflow, state)
            assert session.get(Claim, stage.graduate.graduate_id) is None, (workflow, state)
    case = stage.supplementary("dept_review")
    claim = session.get_one(Claim, stage.graduate.graduate_id, populate_existing=True)
    assert (claim.workflow, claim.case_id, claim.kind) == ("supplementary", case.id, "review")


@pytest.mark.parametrize("begin", ["submit of an agreement", "upload of a copy", "submit of a registration"])
def test_a_signing_voids_the_approved_destination(stage: PaperStage, begin: str) -> None:
    """An approved destination is voided by itself when the graduate starts a signing (R7.11)."""
    press = takers(stage)[begin]
    destination = DestinationStage().bring("approved")
    press()
    session.expire_all()
    assert session.get_one(Destination, destination.id).state == "voided"
    assert session.get_one(Claim, stage.graduate.graduate_id).kind == "review"


def test_a_signed_graduate_may_write_drafts_but_not_submit(stage: PaperStage) -> None:
    """Many drafts, one agreement."""
    stage.offline("signed")
    draft = stage.offline("draft")
    with pytest.raises(Conflict):
        stage.fire(draft, "submit", "graduate")


def test_the_database_holds_the_rule_too(stage: PaperStage) -> None:
    """Neither two binding cases of one table nor one number for two agreements, whatever the program does."""
    first, second = stage.offline("agreement_dept_review"), stage.offline("draft")
    number = PaperStage("graduate2").offline("agreement_approved").number
    for statement in (
        f"UPDATE offline_signings SET state = 'agreement_dept_review', stage = 'review' WHERE id = {second.id}",
        f"UPDATE offline_signings SET state = 'agreement_approved', stage = 'halfway' WHERE id = {first.id}",
        "UPDATE offline_signings one SET number = other.number, snapshot = other.snapshot FROM offline_signings other "
        f"WHERE one.id = {first.id} AND other.number = '{number}'",
        f"INSERT INTO claims SELECT graduate_id, 'supplementary', 1, 'review' FROM claims WHERE case_id = {first.id}",
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()


def test_a_number_is_given_once_over_all_kinds(stage: PaperStage) -> None:
    """The register of numbers is written by the database itself, online and on paper."""
    online = Stage("employer1", "graduate3", "dept10001a", "school10001").bring("signed")
    paper = stage.offline("agreement_approved")
    rows = session.execute(text("SELECT number, workflow, case_id FROM agreement_numbers")).all()
    assert {tuple(row) for row in rows} >= {
        (online.number, "online_signing", online.id),
        (paper.number, "offline_signing", paper.id),
    }
    with pytest.raises(IntegrityError):
        session.execute(
            text("UPDATE offline_signings SET number = :number WHERE id = :id"),
            {"number": online.number, "id": stage.offline("draft").id},
        )
    session.rollback()


def test_a_new_number_for_each_agreement(stage: PaperStage) -> None:
    """A rejected or voided agreement keeps its number, the next one gets another."""
    numbers = [stage.offline(state).number for state in ("rejected", "voided", "agreement_approved")]
    assert len(set(numbers)) == 3
    assert session.query(OfflineSigning).filter(OfflineSigning.number.in_(numbers)).count() == 3
