"""Sets terminations of agreements signed online on the stage in any state, through the services alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.access.actors import SYSTEM, Actor
from app.base import clock
from app.base.database import session
from app.cases.services import begin_case
from app.notices.models import Notification
from app.signing.online.models import OnlineSigning
from app.termination.online.models import OnlineTermination
from app.workflow import engine
from tests.signing.stage import Stage, user

STATES = (
    *("waiting_employer", "waiting_graduate", "dept_review", "school_review", "escalated"),
    *("approved", "rejected", "refused", "withdrawn", "forced"),
)
OPEN = STATES[:5]
BY_GRADUATE = {"reason_code": "16", "reason": "另有去向"}
BY_UNIT = {"reason": "岗位取消"}
REJECT = {"reason_code": "9", "reason": "双方尚未协商一致"}
FORCE = {"explanation": "单位长期未处理，已电话核实"}


def start_termination(signing_id: Any, data: Mapping[str, Any], *, actor: Actor) -> OnlineTermination:
    """Ask for the end of an agreement, as every door does."""
    case: OnlineTermination = begin_case("online_termination", {"signing_id": signing_id, **data}, actor=actor)
    return case


def ask(signing: OnlineSigning, actor: Actor, **data: Any) -> OnlineTermination:
    """One side asks for the end of the agreement."""
    usual = BY_GRADUATE if actor.kind == "graduate" else BY_UNIT
    return start_termination(signing.id, data or usual, actor=actor)


def fire(case: OnlineTermination, event: str, actor: Actor, **data: Any) -> OnlineTermination:
    """One event with its data."""
    return engine.fire("online_termination", case.id, event, actor=actor, data=data)


def department_of(graduate: str) -> str:
    """The reviewing department of a graduate of 10001."""
    return "dept10001a" if graduate in ("graduate1", "graduate2", "graduate3") else "dept10001b"


class TerminationStage:
    """A signed agreement of employer1 with a graduate of 10001, and the people around it."""

    def __init__(self, graduate: str = "graduate1") -> None:
        self.people = Stage("employer1", graduate, department_of(graduate), "school10001")
        self.employer, self.graduate = self.people.employer, self.people.graduate
        self.department, self.school = self.people.department, self.people.school

    def sign(self) -> OnlineSigning:
        """The agreement."""
        return self.people.bring("signed")

    def bring(self, state: str, signing: OnlineSigning | None = None, by: str = "") -> OnlineTermination:
        """A termination in `state`, started by the graduate unless it is one that the graduate answers."""
        signing = signing or self.sign()
        starter = by or ("employer" if state == "waiting_graduate" else "graduate")
        first, other = (self.graduate, self.employer) if starter == "graduate" else (self.employer, self.graduate)
        case = ask(signing, first)
        steps: dict[str, list[tuple[str, Actor, dict[str, Any]]]] = {
            "refused": [("refuse", other, {"reason": "请继续履行"})],
            "withdrawn": [("withdraw", first, {})],
            "forced": [("force", self.school, FORCE)],
            "dept_review": [("agree", other, {})],
            "school_review": [("agree", other, {}), ("approve", self.department, {})],
            "approved": [("agree", other, {}), ("approve", self.department, {}), ("approve", self.school, {})],
            "rejected": [("agree", other, {}), ("reject", self.department, REJECT)],
        }
        if state == "escalated":
            _escalate(case, self.employer)
        for event, actor, data in steps.get(state, []):
            fire(case, event, actor, **data)
        session.refresh(case)
        assert case.state == state
        return case


def _escalate(case: OnlineTermination, unit: Actor) -> None:
    """The unit was told, and its time is over."""
    told = {
        "template": "online_termination_asked",
        "reader": "employer",
        "event": "start",
        "title": "解约",
        "text": "解约",
    }
    session.add(Notification(user_id=unit.user_id, workflow="online_termination", case_id=case.id, **told))
    case.due_at = clock.now()
    session.flush()
    engine.fire("online_termination", case.id, "escalate", actor=SYSTEM)


def allow_terminations(number: int, school: str = "school10001") -> None:
    """The school sets how many applications it allows, as on its settings page (R3.4)."""
    from app.schools.services import save_school_setting

    save_school_setting({"max_terminations": number}, actor=user(school))
