"""Cohorts, settings and training modes: who may begin, who may still decide (R3.2, R4.3, R4.4)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.base.clock import SHANGHAI
from app.base.database import session
from app.base.errors import AppError, Conflict
from app.cases.services import begin_case, edit_case
from app.roster.models import Graduate
from app.workflow import engine
from tests.signing.paper.stage import REJECT, RETURN, VOID, PaperStage, application, registration
from tests.signing.stage import user

BEGIN: dict[str, Any] = {
    "offline_signing": lambda who: begin_case("offline_signing", application(), actor=user(who), submit=False),
    "supplementary": lambda who: begin_case("supplementary", registration(), actor=user(who), submit=False),
}
# The cohort 2027 ends with 31 January 2028.
AFTER = datetime(2028, 2, 1, 0, 0, 1, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str, app_context: Flask) -> None:
    """Each test has its own cases."""


def refusal_of(call: Any) -> str:
    """The code of the Conflict."""
    with pytest.raises(Conflict) as refusal:
        call()
    return refusal.value.code


@pytest.mark.parametrize("workflow", list(BEGIN))
def test_who_cannot_begin(workflow: str) -> None:
    """17: training mode 21. 19: an older cohort. 20: removed. Of 10558: nothing opened."""
    begin = BEGIN[workflow]
    assert refusal_of(lambda: begin("graduate17")) == "not_signable"
    assert refusal_of(lambda: begin("graduate19")) == "cohort_closed"
    assert refusal_of(lambda: begin("graduate20")) == "invalid"
    assert begin("graduate18").cohort == 2026  # last year's cohort still acts


@pytest.mark.parametrize("workflow", list(BEGIN))
def test_school_that_has_not_opened_signing(workflow: str) -> None:
    """线下 and 补登 open with the switch of signing (R3.2)."""
    session.execute(text("UPDATE school_settings SET open = false"))
    session.commit()
    assert refusal_of(lambda: BEGIN[workflow]("graduate1")) == "school_not_open"


@pytest.mark.parametrize("workflow", list(BEGIN))
def test_basic_information_first(workflow: str) -> None:
    """Until it is confirmed nothing else can be done (R1.9)."""
    session.get_one(Graduate, user("graduate1").graduate_id).confirmed_at = None
    session.commit()
    assert refusal_of(lambda: BEGIN[workflow]("graduate1")) == "not_confirmed"


@pytest.mark.parametrize("workflow", list(BEGIN))
def test_training_mode_that_changed_meanwhile(workflow: str) -> None:
    """A draft begun before cannot be submitted any more (R4.4)."""
    stage = PaperStage()
    case = stage.bring(workflow, "draft")
    session.get_one(Graduate, case.graduate_id).training_mode = "41"
    session.commit()
    assert refusal_of(lambda: stage.fire(case, "submit", "graduate")) == "not_signable"


@pytest.mark.parametrize("workflow", list(BEGIN))
def test_after_the_season_only_reviewers_decide(workflow: str) -> None:
    """They approve or reject, not return; the school still edits and voids."""
    stage, second = PaperStage(), PaperStage("graduate2")
    case, other = stage.bring(workflow, "dept_review"), second.bring(workflow, "dept_review")
    draft = stage.bring(workflow, "draft")
    with time_machine.travel(AFTER, tick=True):
        for call in (
            lambda: stage.fire(case, "withdraw", "graduate"),
            lambda: stage.fire(draft, "submit", "graduate"),
            lambda: edit_case(workflow, draft.id, application(), actor=stage.graduate),
            lambda: BEGIN[workflow]("graduate1"),
            lambda: stage.fire(case, "return", "department", **RETURN),
        ):
            assert refusal_of(call) == "cohort_closed"
        assert "return" not in engine.available(case, stage.department)
        assert second.fire(other, "reject", "department", **REJECT).state == "rejected"
        stage.fire(case, "approve", "department")
        assert stage.fire(case, "approve", "school").state == "signed"
        stage.fire(case, "edit_category", "school", category="21")
        assert stage.fire(case, "void", "school", **VOID).state == "voided"


def test_termination_in_progress_stops_the_void(monkeypatch: pytest.MonkeyPatch) -> None:
    """请先处理解约申请 (R8.9)."""
    from app.termination.offline.queries import OfflineEnd

    stage = PaperStage()
    case = stage.offline("signed")
    monkeypatch.setattr(OfflineEnd, "is_open", lambda self, one: one.workflow_name == "offline_signing")
    assert refusal_of(lambda: stage.fire(case, "void", "school", **VOID)) == "termination_open"


def test_review_mode_is_that_of_the_submission() -> None:
    """Stamped when it is submitted; a school that reviews alone never waits for a department."""
    stage = PaperStage("graduate7", school="school10002")
    case = begin_case("offline_signing", application(), actor=stage.graduate)
    assert (case.state, case.review_mode) == ("agreement_school_review", "school")


@pytest.mark.parametrize("workflow", list(BEGIN))
def test_student_data_are_those_of_the_submission(workflow: str) -> None:
    """A later change of the roster changes neither the record nor the paper (R4.6)."""
    stage = PaperStage()
    state = "agreement_approved" if workflow == "offline_signing" else "school_review"
    case = stage.bring(workflow, state)
    session.get_one(Graduate, case.graduate_id).student_number = "NEW-1"
    session.commit()
    assert case.student["student_number"] != "NEW-1"
    if case.snapshot:
        assert case.snapshot["graduate"]["student_number"] == case.student["student_number"]


def test_snapshot_has_everything_for_the_paper() -> None:
    """The keys of the online agreement's snapshot, the unit as typed, who confirmed (R9.1)."""
    case = PaperStage().offline("agreement_approved")
    snapshot = case.snapshot
    assert snapshot is not None
    assert {"number", "agreement_type", "employer", "graduate", "school", "position", "archive", "hukou"} <= set(
        snapshot
    )
    assert snapshot["number"] == case.number
    assert (snapshot["employer"]["contact"], snapshot["employer"]["nature_code"]) == ("王平", "39")
    assert snapshot["employer"]["address"].startswith("河北省")
    assert [row["role"] for row in snapshot["confirmations"]] == ["graduate", "department", "school"]
    assert case.number in snapshot["verify_url"]


def test_page_of_the_check_says_that_it_is_not_in_force_yet(client: FlaskClient) -> None:
    """A printed agreement with a number is no proof before the school has approved the stamped copy."""
    case = PaperStage().offline("agreement_approved")
    name = session.get_one(Graduate, case.graduate_id).name
    page = client.get(f"/verify?number={case.number}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer = client.post("/verify", data={"number": case.number, "name": name, "csrf_token": token[1]})
    assert answer.status_code == 200
    assert "尚未生效" in answer.text


def test_number_is_checked_by_anybody(app: Flask) -> None:
    """Not in force before the second review; then valid; voided afterwards (R9.4)."""
    from app.signing.queries import verify_agreement

    found = {}
    for graduate, state in (("graduate1", "agreement_approved"), ("graduate2", "signed"), ("graduate3", "voided")):
        stage = PaperStage(graduate)
        case = stage.offline(state)
        name = session.get_one(Graduate, case.graduate_id).name
        try:
            told = verify_agreement(case.number, name, ip="203.0.113.1")
        except AppError as refusal:
            pytest.fail(refusal.message)
        found[state] = told.standing.state
        assert told.facts is not None
        assert "清河木器厂" not in told.facts["unit"]
    assert found == {"agreement_approved": "pending", "signed": "valid", "voided": "void"}
