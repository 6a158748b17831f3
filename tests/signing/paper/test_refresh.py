"""获取最新学生信息 in W2 and W3: at the school's approvals alone, never into a paper that is printed already (R4.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.base.database import session
from app.base.errors import Conflict
from app.roster.models import Graduate
from tests.fixtures.standin import Standin
from tests.signing.paper.stage import PaperStage

NEW = {"student_number": "X99", "political_status": "13"}


@pytest.fixture
def stage(fresh_database: str, app_context: Flask, ems: Standin, drain: Callable[..., int]) -> PaperStage:
    """graduate1 and the reviewers; the employment system answers."""
    from app.ems.client import ems as client

    client().channel.breaker.succeeded()
    return PaperStage()


def correct(ems: Standin, case: Any) -> None:
    """School staff change the student in the employment system."""
    query = select(Graduate).where(Graduate.id == case.graduate_id).options(*Graduate.eager_options())
    graduate = session.scalars(query).one()
    address = f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    ems.http.patch(address, json=NEW).raise_for_status()


def test_first_round_prints_the_latest_data(stage: PaperStage, ems: Standin) -> None:
    case = stage.offline("agreement_school_review")
    correct(ems, case)
    stage.fire(case, "approve", "school", refresh_student=True)
    session.refresh(case)
    assert case.student["student_number"] == "X99"
    assert case.snapshot["graduate"]["student_number"] == "X99"


def test_second_round_leaves_the_printed_paper_alone(stage: PaperStage, ems: Standin) -> None:
    case = stage.offline("school_review")
    printed = case.snapshot["graduate"]["student_number"]
    correct(ems, case)
    stage.fire(case, "approve", "school", refresh_student=True)
    session.refresh(case)
    assert case.student["student_number"] == "X99"
    assert case.snapshot["graduate"]["student_number"] == printed != "X99"


def test_registration_takes_them_at_its_approval(stage: PaperStage, ems: Standin) -> None:
    case = stage.supplementary("school_review")
    correct(ems, case)
    stage.fire(case, "approve", "school", refresh_student=True)
    session.refresh(case)
    assert case.snapshot["graduate"]["student_number"] == "X99"


def test_without_answer_nothing_is_approved(stage: PaperStage, ems: Standin) -> None:
    case = stage.offline("agreement_school_review")
    ems.fault("down")
    with pytest.raises(Conflict) as refusal:
        stage.fire(case, "approve", "school", refresh_student=True)
    assert refusal.value.code == "ems_unavailable"
    session.refresh(case)
    assert (case.state, case.number) == ("agreement_school_review", None)
    stage.fire(case, "approve", "school")
