"""获取最新学生信息: exactly the fields of R4.5, at the final approval, into the roster and the case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.access.actors import Actor
from app.base.database import db, session
from app.base.errors import Conflict, NotFound
from app.ems.queries import ems_view
from app.roster.models import Graduate
from app.roster.snapshots import REFRESHABLE
from app.signing.online.models import OnlineSigning
from app.workflow import engine, history
from tests.fixtures.standin import Standin
from tests.roster.sheets import id_number
from tests.signing.stage import Stage, fire

# What school staff change in the employment system: all that may be taken over, and all that must not.
MAY = {
    "ethnicity": "08",
    "political_status": "13",
    "department": "城市与环境学院",
    "duration": "5",
    "student_number": "X99",
    "graduated_on": "2027-07-15",
}
MUST_NOT = {"name": "另一个人", "education": "41", "major": "另一专业", "id_number": id_number(500)}


@pytest.fixture
def stage(app_context: Flask, ems: Standin, drain: Callable[..., int]) -> Iterator[Stage]:
    """employer1 and graduate1 with their reviewers; the employment system answers."""
    from app.ems.client import ems as client

    client().channel.breaker.succeeded()
    drain(failures=True)
    yield Stage("employer1", "graduate1", "dept10001a", "school10001")
    ems.fault("none")
    client().channel.breaker.succeeded()


def graduate_of(case: OnlineSigning) -> Graduate:
    query = select(Graduate).where(Graduate.id == case.graduate_id).options(*Graduate.eager_options())
    return session.scalars(query.execution_options(populate_existing=True)).one()


def correct(ems: Standin, graduate: Graduate, fields: dict[str, Any]) -> None:
    address = f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    ems.http.patch(address, json=fields).raise_for_status()


def end(case: OnlineSigning, stage: Stage, ems: Standin, before: dict[str, Any]) -> None:
    """Everything as it was, for the next test."""
    session.refresh(case)
    if case.state == "signed":
        fire(case, "void", stage.school, reason="测试")
    elif case.state in ("dept_review", "school_review"):
        fire(case, "abort" if case.state == "dept_review" else "reject", *_ending(case, stage))
    correct(ems, graduate_of(case), before)
    from app.roster.services.pulling import pull_rosters

    pull_rosters()


def _ending(case: OnlineSigning, stage: Stage) -> tuple[Actor]:
    return (stage.graduate if case.state == "dept_review" else stage.school,)


def as_told(graduate: Graduate) -> dict[str, Any]:
    fields = (*MAY, *MUST_NOT)
    told = {name: getattr(graduate, name) for name in fields if name not in ("department", "graduated_on")}
    return {**told, "department": graduate.department.name, "graduated_on": graduate.graduated_on.isoformat()}


def test_final_approval_takes_over_exactly_these_fields(stage: Stage, ems: Standin) -> None:
    case = stage.bring("school_review")
    graduate = graduate_of(case)
    before, kept = as_told(graduate), dict(case.student or {})
    correct(ems, graduate, {**MAY, **MUST_NOT})
    fire(case, "approve", stage.school, refresh_student=True)
    session.refresh(case)
    after = graduate_of(case)
    assert {name: as_told(after)[name] for name in MAY} == MAY
    assert {name: as_told(after)[name] for name in MUST_NOT} == {name: before[name] for name in MUST_NOT}
    assert {name: case.student[name] for name in MAY} == MAY  # type: ignore[index]
    assert {name: value for name, value in (case.student or {}).items() if name not in REFRESHABLE} == {
        name: value for name, value in kept.items() if name not in REFRESHABLE
    }
    printed = (case.snapshot or {})["graduate"]
    assert (printed["department"], printed["student_number"]) == (MAY["department"], MAY["student_number"])
    assert (printed["graduated_on"], printed["duration"]) == (MAY["graduated_on"], MAY["duration"])
    assert printed["name"] == before["name"]
    assert printed["id_number"] == before["id_number"]
    assert printed["major"] == before["major"]
    assert case.department_id == after.department_id
    changes = history.of_case("online_signing", case.id)[-1].detail["changes"]["student"]
    assert set(changes) == set(MAY)
    assert changes["department"] == [kept["department"], MAY["department"]]
    end(case, stage, ems, before)


def test_without_asking_nothing_is_taken_over(stage: Stage, ems: Standin) -> None:
    case = stage.bring("school_review")
    graduate = graduate_of(case)
    before, kept = as_told(graduate), dict(case.student or {})
    correct(ems, graduate, MAY)
    fire(case, "approve", stage.school)
    session.refresh(case)
    assert case.student == kept
    assert (case.snapshot or {})["graduate"]["department"] == kept["department"]
    assert as_told(graduate_of(case)) == before
    end(case, stage, ems, before)


def test_agreement_keeps_the_data_of_the_submission_when_the_roster_moves(stage: Stage, ems: Standin) -> None:
    """The pull has brought the correction here; the case that was submitted before keeps its own (R4.6)."""
    from app.roster.services.pulling import pull_rosters

    case = stage.bring("school_review")
    graduate = graduate_of(case)
    before, kept = as_told(graduate), dict(case.student or {})
    correct(ems, graduate, {**MAY, **MUST_NOT})
    pull_rosters()
    assert graduate_of(case).name == MUST_NOT["name"]
    view = ems_view(graduate_of(case), case.student)
    differing = {row["field"]: row["refreshable"] for row in view["differences"]}
    assert differing == {**dict.fromkeys(MAY, True), **dict.fromkeys(MUST_NOT, False)}
    fire(case, "approve", stage.school, refresh_student=True)
    session.refresh(case)
    printed = (case.snapshot or {})["graduate"]
    assert (printed["name"], printed["id_number"]) == (kept["name"], kept["id_number"])
    assert printed["major"] == kept["major"]
    assert printed["department"] == MAY["department"]
    assert (case.number or "")[9] == "3", "the number carries the level of the submission"
    end(case, stage, ems, before)


def test_unavailable_system_refuses_only_the_approval_that_asks(stage: Stage, ems: Standin) -> None:
    case = stage.bring("school_review")
    before = as_told(graduate_of(case))
    ems.fault("down")
    with pytest.raises(Conflict) as refusal:
        fire(case, "approve", stage.school, refresh_student=True)
    assert refusal.value.code == "ems_unavailable"
    assert "就业管理系统" in refusal.value.message
    session.expire_all()
    assert engine.load(engine.registry.get("online_signing"), case.id, actor=stage.school).state == "school_review"
    fire(case, "approve", stage.school)
    ems.fault("none")
    from app.ems.client import ems as client

    client().channel.breaker.succeeded()
    end(case, stage, ems, before)


def test_student_removed_there_is_not_taken_over(stage: Stage, ems: Standin) -> None:
    case = stage.bring("school_review")
    graduate = graduate_of(case)
    before = as_told(graduate)
    address = f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    ems.http.delete(address).raise_for_status()
    with pytest.raises(Conflict) as refusal:
        fire(case, "approve", stage.school, refresh_student=True)
    assert refusal.value.code == "invalid"
    ems.http.post(f"{address}/restore").raise_for_status()
    fire(case, "reject", stage.school, reason_code="9", reason="测试")
    end(case, stage, ems, before)


def test_department_approval_takes_nothing_over(stage: Stage, ems: Standin) -> None:
    case = stage.bring("dept_review")
    graduate = graduate_of(case)
    before, kept = as_told(graduate), dict(case.student or {})
    correct(ems, graduate, MAY)
    fire(case, "approve", stage.department, refresh_student=True)
    session.refresh(case)
    assert (case.state, case.student) == ("school_review", kept)
    fire(case, "reject", stage.school, reason_code="9", reason="测试")
    end(case, stage, ems, before)


def test_stranger_never_makes_the_platform_ask(stage: Stage, ems: Standin, actor_of: Callable[[str], Actor]) -> None:
    case = stage.bring("school_review")
    calls = ems.calls()
    with pytest.raises(NotFound):
        fire(case, "approve", actor_of("school10284"), refresh_student=True)
    assert ems.calls() == calls
    fire(case, "reject", stage.school, reason_code="9", reason="测试")


def test_other_system_is_asked_while_no_row_is_held(
    stage: Stage, ems: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.cases import refreshing

    case = stage.bring("school_review")
    locked: list[bool] = []
    seen: list[str] = []
    fetch = refreshing.ems

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def asked() -> Any:
        locked.append(any("FOR UPDATE" in statement or "FOR NO KEY" in statement for statement in seen))
        assert not session().in_transaction(), "the connection has been given back"
        return fetch()

    monkeypatch.setattr(refreshing, "ems", asked)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        fire(case, "approve", stage.school, refresh_student=True)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert locked == [False]
    fire(case, "void", stage.school, reason="测试")


@pytest.mark.parametrize("value", ["false", False, 0, "", None, [], {}, "maybe"])
def test_only_a_yes_asks(stage: Stage, ems: Standin, value: Any) -> None:
    from app.workflow.engine import _fetch

    workflow = engine.registry.get("online_signing")
    assert _fetch(workflow, 1, "approve", stage.school, {"refresh_student": value}) == {}
