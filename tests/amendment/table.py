"""What W10 promises: a change of an agreement, agreed by both sides."""

from __future__ import annotations

from typing import Any

from app.amendment.models import Amendment
from app.base.database import session
from app.cases.services import begin_case
from app.workflow import engine
from tests.house.tables import Expected
from tests.termination.stage import TerminationStage

STATES = (
    *("waiting_graduate", "waiting_employer", "dept_review", "school_review"),
    *("approved", "rejected", "refused", "withdrawn", "lapsed"),
)
CHANGES = {"position.title": "高级软件工程师"}
REJECT = {"reason_code": "9", "reason": "与协议不符"}
OPEN = STATES[:4]


def bring(state: str) -> Amendment:
    """An amendment in `state`, started by the unit unless it is one that the unit answers."""
    stage = TerminationStage()
    signing = stage.sign()
    unit, graduate, department, school = stage.employer, stage.graduate, stage.department, stage.school
    first, other = (graduate, unit) if state == "waiting_employer" else (unit, graduate)
    body = {"signing_id": signing.id, "changes": CHANGES, "reason": "岗位调整"}
    case: Amendment = begin_case("amendment", body, actor=first)
    reviewed = [("agree", other, {}), ("approve", department, {})]
    steps: dict[str, list[tuple[str, Any, dict[str, Any]]]] = {
        "refused": [("refuse", other, {"reason": "不同意"})],
        "withdrawn": [("withdraw", first, {})],
        "dept_review": reviewed[:1],
        "school_review": reviewed,
        "approved": [*reviewed, ("approve", school, {})],
        "rejected": [*reviewed[:1], ("reject", department, REJECT)],
    }
    for event, actor, data in steps.get(state, []):
        engine.fire("amendment", case.id, event, actor=actor, data=data)
    if state == "lapsed":
        engine.fire("online_signing", signing.id, "void", actor=school, data={"reason": "双方协商一致"})
    session.refresh(case)
    assert case.state == state
    return case


TABLES = (
    Expected(
        "amendment",
        STATES,
        {
            ("waiting_graduate", "agree", "graduate"): "dept_review",
            ("waiting_graduate", "refuse", "graduate"): "refused",
            ("waiting_graduate", "withdraw", "employer"): "withdrawn",
            ("waiting_employer", "agree", "employer"): "dept_review",
            ("waiting_employer", "refuse", "employer"): "refused",
            ("waiting_employer", "withdraw", "graduate"): "withdrawn",
            ("dept_review", "approve", "department"): "school_review",
            ("dept_review", "reject", "department"): "rejected",
            ("school_review", "approve", "school"): "approved",
            ("school_review", "reject", "school"): "rejected",
            **{(state, "lapse", "system"): "lapsed" for state in OPEN},
        },
        bring=bring,
        begins="start",
        begun_by=frozenset({"graduate", "employer"}),
        data={"refuse": {"reason": "不同意"}, "reject": REJECT},
        brings_along={"approved": (("online_signing", "amend"),)},
    ),
)
